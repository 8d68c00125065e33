"""ground

The tables of identity, customers, people, the catalogue, events and audit.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import ddl

revision = "0002_ground"
down_revision = "0001_foundation"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "account_phases",
    "account_refs",
    "account_standing",
    "account_team",
    "accounts",
    "assignment_policies",
    "contact_stakes",
    "contacts",
    "credentials",
    "custom_fields",
    "events",
    "field_values",
    "idempotency_keys",
    "invitations",
    "passwords",
    "primary_contact_changes",
    "products",
    "refresh_tokens",
    "saved_views",
    "segment_versions",
    "segments",
    "success_overrides",
    "users",
    "workspaces",
)
SEARCHABLE = ("accounts", "contacts", "products")

# These start with no workspace known, so they run as the owner, who alone may read the tables.
DIRECTORY_SIGNATURES = (
    "find_login(text)",
    "claim_login(text, uuid, uuid)",
    "release_login(text, uuid)",
    "enter_workspace(uuid)",
    "find_credential(uuid, uuid)",
)
DIRECTORY_FUNCTIONS = (
    """
    CREATE FUNCTION find_login(address text) RETURNS TABLE (workspace_id uuid, user_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT logins.workspace_id, logins.user_id FROM logins WHERE logins.email = address
    $$
    """,
    """
    CREATE FUNCTION claim_login(address text, workspace uuid, person uuid) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public AS $$
        WITH claimed AS (
            INSERT INTO logins (email, workspace_id, user_id) VALUES (address, workspace, person)
            ON CONFLICT (email) DO NOTHING RETURNING 1
        )
        SELECT EXISTS (SELECT FROM claimed)
    $$
    """,
    """
    CREATE FUNCTION release_login(address text, person uuid) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public AS $$
        DELETE FROM logins WHERE logins.email = address AND logins.user_id = person
    $$
    """,
    """
    CREATE FUNCTION enter_workspace(workspace uuid) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public AS $$
        INSERT INTO workspace_directory (workspace_id, created_at) VALUES (workspace, now()) ON CONFLICT DO NOTHING
    $$
    """,
    # This one runs as its caller, inside the workspace; a function for the sake of its plan, which is kept.
    """
    CREATE FUNCTION find_credential(workspace uuid, credential uuid) RETURNS json
    LANGUAGE plpgsql STABLE AS $$
    BEGIN
        RETURN (
            SELECT row_to_json(held) FROM (
                SELECT c.kind, encode(c.secret_hash, 'hex') AS secret_hash, c.scopes,
                    extract(epoch FROM c.expires_at) AS expires_at, c.user_id, u.role
                FROM credentials c LEFT JOIN users u ON u.workspace_id = c.workspace_id AND u.id = c.user_id
                WHERE c.workspace_id = workspace AND c.id = credential
                    AND c.revoked_at IS NULL AND c.archived_at IS NULL
                    AND u.suspended_at IS NULL AND u.archived_at IS NULL
            ) AS held
        );
    END $$
    """,
)


def upgrade() -> None:
    op.create_table(
        "logins",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_logins")),
        info={"citus": "local"},
    )
    op.create_table(
        "outbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_outbox")),
        info={"citus": "local"},
    )
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
        info={"citus": "local"},
    )
    op.create_table(
        "workspace_directory",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_workspace_directory")),
        info={"citus": "local"},
    )
    op.create_table(
        "workspaces",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("base_currency", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("week_starts_on", sa.Integer(), nullable=False),
        sa.Column("fiscal_year_starts_in", sa.Integer(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("id = workspace_id", name=op.f("ck_workspaces_is_its_own_workspace")),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_workspaces")),
        sa.UniqueConstraint("workspace_id", name=op.f("uq_workspaces_workspace_id")),
        info={"citus": "distributed"},
    )
    op.create_table(
        "assignment_policies",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("score", sa.String(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('size', 'phase', 'two_axes')", name=op.f("ck_assignment_policies_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_assignment_policies_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_assignment_policies")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_assignment_policies_workspace_id_name_id"),
        "assignment_policies",
        ["workspace_id", "name", "id"],
        unique=False,
    )
    op.create_table(
        "audit_log",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_audit_log_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_audit_log")),
        info={"citus": "distributed"},
    )
    op.create_index(op.f("ix_audit_log_workspace_id_at_id"), "audit_log", ["workspace_id", "at", "id"], unique=False)
    op.create_index(
        op.f("ix_audit_log_workspace_id_resource_id_at"),
        "audit_log",
        ["workspace_id", "resource_id", "at"],
        unique=False,
    )
    op.create_table(
        "custom_fields",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "type IN ('text', 'number', 'boolean', 'date', 'option')", name=op.f("ck_custom_fields_type")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_custom_fields_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_custom_fields")),
        sa.UniqueConstraint("workspace_id", "resource", "key", name=op.f("uq_custom_fields_workspace_id_resource_key")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_custom_fields_workspace_id_key_id"), "custom_fields", ["workspace_id", "key", "id"], unique=False
    )
    op.create_table(
        "events",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_events_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_events")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_events_workspace_id_position"),
        "events",
        ["workspace_id", "position"],
        unique=True,
        postgresql_where=sa.text("position IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_events_workspace_id_resource_id_occurred_at"),
        "events",
        ["workspace_id", "resource_id", "occurred_at"],
        unique=False,
    )
    op.create_table(
        "field_values",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_field_values_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "resource", "field", "value", "row_id", name=op.f("pk_field_values")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_field_values_workspace_id_resource_row_id"),
        "field_values",
        ["workspace_id", "resource", "row_id"],
        unique=False,
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_idempotency_keys_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "principal", "route", "key", name=op.f("pk_idempotency_keys")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_idempotency_keys_workspace_id_created_at"),
        "idempotency_keys",
        ["workspace_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "products",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("sellable", sa.Boolean(), nullable=False),
        sa.Column("success_statement", sa.String(), nullable=True),
        sa.Column("value_milestone", sa.String(), nullable=True),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(
                "perennial_fold(coalesce(name, '') || E'\\n' || coalesce(family, '') || E'\\n' || coalesce(description, '') || E'\\n' || coalesce(external_id, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_products_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_products")),
        sa.UniqueConstraint("workspace_id", "external_id", name=op.f("uq_products_workspace_id_external_id")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_products_search",
        "products",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(op.f("ix_products_workspace_id_name_id"), "products", ["workspace_id", "name", "id"], unique=False)
    op.create_table(
        "segments",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("filter_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_segments_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_segments")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_segments_workspace_id_name")),
        info={"citus": "distributed"},
    )
    op.create_index(op.f("ix_segments_workspace_id_name_id"), "segments", ["workspace_id", "name", "id"], unique=False)
    op.create_table(
        "users",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('admin', 'manager', 'csm', 'sales', 'product', 'viewer')", name=op.f("ck_users_role")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_users_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_users")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_users_workspace_id_email"),
        "users",
        ["workspace_id", "email"],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_index(op.f("ix_users_workspace_id_name_id"), "users", ["workspace_id", "name", "id"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("legal_name", sa.String(), nullable=True),
        sa.Column("kana", sa.String(), nullable=True),
        sa.Column("corporate_number", sa.String(), nullable=True),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("employee_count", sa.Integer(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("phase_since", sa.Date(), nullable=False),
        sa.Column("onboarding_completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("onboarding_criteria_met", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_first_renewal", sa.Boolean(), nullable=False),
        sa.Column("touch_model_override", sa.String(), nullable=True),
        sa.Column("sources", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("custom", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(
                "perennial_fold(coalesce(name, '') || E'\\n' || coalesce(legal_name, '') || E'\\n' || coalesce(kana, '') || E'\\n' || coalesce(domain, '') || E'\\n' || coalesce(external_id, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("phase IN ('onboarding', 'adoption', 'renewal', 'churned')", name=op.f("ck_accounts_phase")),
        sa.CheckConstraint(
            "touch_model_override IN ('high', 'low', 'tech')", name=op.f("ck_accounts_touch_model_override")
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_accounts_is_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "merged_into_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_accounts_workspace_id_merged_into_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_accounts_workspace_id_owner_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "parent_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_accounts_workspace_id_parent_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_accounts_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("workspace_id", "external_id", name=op.f("uq_accounts_workspace_id_external_id")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_accounts_search",
        "accounts",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_accounts_workspace_id_created_at_id"), "accounts", ["workspace_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_accounts_workspace_id_industry_name_id"),
        "accounts",
        ["workspace_id", "industry", "name", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_accounts_workspace_id_name_id"), "accounts", ["workspace_id", "name", "id"], unique=False)
    op.create_index(
        op.f("ix_accounts_workspace_id_owner_id_name_id"),
        "accounts",
        ["workspace_id", "owner_id", "name", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_accounts_workspace_id_parent_id"), "accounts", ["workspace_id", "parent_id"], unique=False)
    op.create_index(
        op.f("ix_accounts_workspace_id_phase_name_id"),
        "accounts",
        ["workspace_id", "phase", "name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_accounts_workspace_id_updated_at_id"), "accounts", ["workspace_id", "updated_at", "id"], unique=False
    )
    op.create_table(
        "credentials",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('session', 'api_key')", name=op.f("ck_credentials_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "created_by"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_credentials_workspace_id_created_by_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_credentials_workspace_id_user_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_credentials_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_credentials")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_credentials_workspace_id_kind_created_at_id"),
        "credentials",
        ["workspace_id", "kind", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "invitations",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "role IN ('admin', 'manager', 'csm', 'sales', 'product', 'viewer')", name=op.f("ck_invitations_role")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "invited_by"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_invitations_workspace_id_invited_by_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_invitations_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_invitations")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_invitations_workspace_id_created_at_id"),
        "invitations",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "passwords",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_passwords_workspace_id_user_id_users"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name=op.f("pk_passwords")),
        info={"citus": "distributed"},
    )
    op.create_table(
        "saved_views",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_saved_views_workspace_id_user_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_saved_views_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("workspace_id", "user_id", "name", name=op.f("uq_saved_views_workspace_id_user_id_name")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_saved_views_workspace_id_name_id"), "saved_views", ["workspace_id", "name", "id"], unique=False
    )
    op.create_table(
        "segment_versions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("filter_version", sa.Integer(), nullable=False),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "segment_id"],
            ["segments.workspace_id", "segments.id"],
            name=op.f("fk_segment_versions_workspace_id_segment_id_segments"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_segment_versions")),
        sa.UniqueConstraint(
            "workspace_id",
            "segment_id",
            "filter_version",
            name=op.f("uq_segment_versions_workspace_id_segment_id_filter_version"),
        ),
        info={"citus": "distributed"},
    )
    op.create_table(
        "success_overrides",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("segment_id", sa.Uuid(), nullable=False),
        sa.Column("success_statement", sa.String(), nullable=False),
        sa.Column("value_milestone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "product_id"],
            ["products.workspace_id", "products.id"],
            name=op.f("fk_success_overrides_workspace_id_product_id_products"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "segment_id"],
            ["segments.workspace_id", "segments.id"],
            name=op.f("fk_success_overrides_workspace_id_segment_id_segments"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_success_overrides_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_success_overrides")),
        sa.UniqueConstraint(
            "workspace_id",
            "product_id",
            "segment_id",
            name=op.f("uq_success_overrides_workspace_id_product_id_segment_id"),
        ),
        info={"citus": "distributed"},
    )
    op.create_table(
        "account_phases",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "phase IN ('onboarding', 'adoption', 'renewal', 'churned')", name=op.f("ck_account_phases_phase")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_account_phases_workspace_id_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_account_phases")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_account_phases_workspace_id_account_id_starts_on_id"),
        "account_phases",
        ["workspace_id", "account_id", "starts_on", "id"],
        unique=False,
    )
    op.create_table(
        "account_refs",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_account_refs_workspace_id_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_account_refs")),
        sa.UniqueConstraint("workspace_id", "source", "ref", name=op.f("uq_account_refs_workspace_id_source_ref")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_account_refs_workspace_id_account_id"), "account_refs", ["workspace_id", "account_id"], unique=False
    )
    op.create_table(
        "account_standing",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("mrr_minor", sa.BigInteger(), nullable=True),
        sa.Column("arr_minor", sa.BigInteger(), nullable=True),
        sa.Column("acv_minor", sa.BigInteger(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("contract_months", sa.Integer(), nullable=True),
        sa.Column("first_paid_on", sa.Date(), nullable=True),
        sa.Column("renewal_on", sa.Date(), nullable=True),
        sa.Column("notice_deadline", sa.Date(), nullable=True),
        sa.Column("health_score", sa.Float(), nullable=True),
        sa.Column("health_band", sa.String(), nullable=True),
        sa.Column("health_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("usage_status", sa.String(), nullable=True),
        sa.Column("case_willingness", sa.Float(), nullable=True),
        sa.Column("expansion_likelihood", sa.Float(), nullable=True),
        sa.Column("touch_model", sa.String(), nullable=True),
        sa.Column("icp_fit", sa.Float(), nullable=True),
        sa.Column("icp_fit_reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("importance", sa.Float(), nullable=True),
        sa.Column("importance_reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mrr_sort", sa.BigInteger(), sa.Computed("coalesce(mrr_minor, -1)", persisted=True), nullable=False),
        sa.Column(
            "health_sort", sa.Double(), sa.Computed("coalesce(health_score, -1)", persisted=True), nullable=False
        ),
        sa.Column(
            "importance_sort", sa.Double(), sa.Computed("coalesce(importance, -1)", persisted=True), nullable=False
        ),
        sa.Column("icp_fit_sort", sa.Double(), sa.Computed("coalesce(icp_fit, -1)", persisted=True), nullable=False),
        sa.Column(
            "renewal_sort",
            sa.Date(),
            sa.Computed("coalesce(renewal_on, '9999-12-31'::date)", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_account_standing_workspace_id_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "account_id", name=op.f("pk_account_standing")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_account_standing_workspace_id_health_sort_account_id"),
        "account_standing",
        ["workspace_id", "health_sort", "account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_standing_workspace_id_icp_fit_sort_account_id"),
        "account_standing",
        ["workspace_id", "icp_fit_sort", "account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_standing_workspace_id_importance_sort_account_id"),
        "account_standing",
        ["workspace_id", "importance_sort", "account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_standing_workspace_id_mrr_sort_account_id"),
        "account_standing",
        ["workspace_id", "mrr_sort", "account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_standing_workspace_id_renewal_sort_account_id"),
        "account_standing",
        ["workspace_id", "renewal_sort", "account_id"],
        unique=False,
    )
    op.create_table(
        "account_team",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "role IN ('csm', 'onboarding_specialist', 'success_partner', 'success_planner', 'technical_account_manager', 'executive_sponsor', 'account_executive', 'sales_engineer', 'support')",
            name=op.f("ck_account_team_role"),
        ),
        sa.CheckConstraint(
            "ends_before IS NULL OR ends_before >= starts_on", name=op.f("ck_account_team_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_account_team_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_account_team_workspace_id_user_id_users"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_account_team")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_account_team_workspace_id_account_id_role_starts_on"),
        "account_team",
        ["workspace_id", "account_id", "role", "starts_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_team_workspace_id_starts_on_id"),
        "account_team",
        ["workspace_id", "starts_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_team_workspace_id_user_id_role"),
        "account_team",
        ["workspace_id", "user_id", "role"],
        unique=False,
    )
    op.create_index(
        "uq_account_team_current",
        "account_team",
        ["workspace_id", "account_id", "role", "user_id"],
        unique=True,
        postgresql_where=sa.text("ends_before IS NULL AND archived_at IS NULL"),
    )
    op.create_table(
        "contacts",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kana", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("stakeholder_role", sa.String(), nullable=True),
        sa.Column("influence", sa.Integer(), nullable=True),
        sa.Column("stance", sa.String(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("custom", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(
                "perennial_fold(coalesce(name, '') || E'\\n' || coalesce(kana, '') || E'\\n' || coalesce(email, '') || E'\\n' || coalesce(title, '') || E'\\n' || coalesce(department, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "stakeholder_role IN ('decision_maker', 'champion', 'influencer', 'user', 'blocker')",
            name=op.f("ck_contacts_stakeholder_role"),
        ),
        sa.CheckConstraint("stance IN ('supportive', 'neutral', 'opposed')", name=op.f("ck_contacts_stance")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_contacts_workspace_id_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("workspace_id", "external_id", name=op.f("uq_contacts_workspace_id_external_id")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_contacts_search",
        "contacts",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_contacts_workspace_id_account_id_name_id"),
        "contacts",
        ["workspace_id", "account_id", "name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contacts_workspace_id_created_at_id"), "contacts", ["workspace_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_contacts_workspace_id_email"), "contacts", ["workspace_id", "email"], unique=False)
    op.create_index(op.f("ix_contacts_workspace_id_name_id"), "contacts", ["workspace_id", "name", "id"], unique=False)
    op.create_index(
        "uq_contacts_primary",
        "contacts",
        ["workspace_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("is_primary AND archived_at IS NULL"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "session_id"],
            ["credentials.workspace_id", "credentials.id"],
            name=op.f("fk_refresh_tokens_workspace_id_session_id_credentials"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_refresh_tokens")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_refresh_tokens_workspace_id_session_id"),
        "refresh_tokens",
        ["workspace_id", "session_id"],
        unique=False,
    )
    op.create_table(
        "contact_stakes",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_contact_stakes_workspace_id_contact_id_contacts"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_contact_stakes")),
        sa.UniqueConstraint("workspace_id", "contact_id", name=op.f("uq_contact_stakes_workspace_id_contact_id")),
        info={"citus": "distributed"},
    )
    op.create_table(
        "primary_contact_changes",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("from_contact_id", sa.Uuid(), nullable=True),
        sa.Column("to_contact_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reverted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_primary_contact_changes_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "from_contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_primary_contact_changes_workspace_id_from_contact_id_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "to_contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_primary_contact_changes_workspace_id_to_contact_id_contacts"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_primary_contact_changes")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_primary_contact_changes_workspace_id_account_id_changed_at"),
        "primary_contact_changes",
        ["workspace_id", "account_id", "changed_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_primary_contact_changes_workspace_id_changed_at_id"),
        "primary_contact_changes",
        ["workspace_id", "changed_at", "id"],
        unique=False,
    )
    for table in TENANT_TABLES:
        ddl.tenant_table(table)
    ddl.tenant_table("audit_log", grants="SELECT, INSERT")
    for table in SEARCHABLE:
        ddl.searchable(table)
    ddl.local_table("outbox", app="INSERT", worker="SELECT, DELETE")
    ddl.local_table("workspace_directory", worker="SELECT")
    ddl.local_table("signing_keys", app="SELECT, INSERT, UPDATE")
    ddl.local_table("logins")
    ddl.local_table("alembic_version", app="SELECT")
    for function in DIRECTORY_FUNCTIONS:
        op.execute(function)
    for signature in DIRECTORY_SIGNATURES:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO perennial_app")


def downgrade() -> None:
    for signature in DIRECTORY_SIGNATURES:
        op.execute(f"DROP FUNCTION {signature}")
    for table in SEARCHABLE:
        ddl.not_searchable(table)
    op.drop_index(op.f("ix_primary_contact_changes_workspace_id_changed_at_id"), table_name="primary_contact_changes")
    op.drop_index(
        op.f("ix_primary_contact_changes_workspace_id_account_id_changed_at"), table_name="primary_contact_changes"
    )
    op.drop_table("primary_contact_changes")
    op.drop_table("contact_stakes")
    op.drop_index(op.f("ix_refresh_tokens_workspace_id_session_id"), table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index(
        "uq_contacts_primary", table_name="contacts", postgresql_where=sa.text("is_primary AND archived_at IS NULL")
    )
    op.drop_index(op.f("ix_contacts_workspace_id_name_id"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_workspace_id_email"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_workspace_id_created_at_id"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_workspace_id_account_id_name_id"), table_name="contacts")
    op.drop_index("ix_contacts_search", table_name="contacts", postgresql_using="gin")
    op.drop_table("contacts")
    op.drop_index(
        "uq_account_team_current",
        table_name="account_team",
        postgresql_where=sa.text("ends_before IS NULL AND archived_at IS NULL"),
    )
    op.drop_index(op.f("ix_account_team_workspace_id_user_id_role"), table_name="account_team")
    op.drop_index(op.f("ix_account_team_workspace_id_starts_on_id"), table_name="account_team")
    op.drop_index(op.f("ix_account_team_workspace_id_account_id_role_starts_on"), table_name="account_team")
    op.drop_table("account_team")
    op.drop_index(op.f("ix_account_standing_workspace_id_renewal_sort_account_id"), table_name="account_standing")
    op.drop_index(op.f("ix_account_standing_workspace_id_mrr_sort_account_id"), table_name="account_standing")
    op.drop_index(op.f("ix_account_standing_workspace_id_importance_sort_account_id"), table_name="account_standing")
    op.drop_index(op.f("ix_account_standing_workspace_id_icp_fit_sort_account_id"), table_name="account_standing")
    op.drop_index(op.f("ix_account_standing_workspace_id_health_sort_account_id"), table_name="account_standing")
    op.drop_table("account_standing")
    op.drop_index(op.f("ix_account_refs_workspace_id_account_id"), table_name="account_refs")
    op.drop_table("account_refs")
    op.drop_index(op.f("ix_account_phases_workspace_id_account_id_starts_on_id"), table_name="account_phases")
    op.drop_table("account_phases")
    op.drop_table("success_overrides")
    op.drop_table("segment_versions")
    op.drop_index(op.f("ix_saved_views_workspace_id_name_id"), table_name="saved_views")
    op.drop_table("saved_views")
    op.drop_table("passwords")
    op.drop_index(op.f("ix_invitations_workspace_id_created_at_id"), table_name="invitations")
    op.drop_table("invitations")
    op.drop_index(op.f("ix_credentials_workspace_id_kind_created_at_id"), table_name="credentials")
    op.drop_table("credentials")
    op.drop_index(op.f("ix_accounts_workspace_id_updated_at_id"), table_name="accounts")
    op.drop_index(op.f("ix_accounts_workspace_id_phase_name_id"), table_name="accounts")
    op.drop_index(op.f("ix_accounts_workspace_id_parent_id"), table_name="accounts")
    op.drop_index(op.f("ix_accounts_workspace_id_owner_id_name_id"), table_name="accounts")
    op.drop_index(op.f("ix_accounts_workspace_id_name_id"), table_name="accounts")
    op.drop_index(op.f("ix_accounts_workspace_id_industry_name_id"), table_name="accounts")
    op.drop_index(op.f("ix_accounts_workspace_id_created_at_id"), table_name="accounts")
    op.drop_index("ix_accounts_search", table_name="accounts", postgresql_using="gin")
    op.drop_table("accounts")
    op.drop_index(op.f("ix_users_workspace_id_name_id"), table_name="users")
    op.drop_index(
        op.f("ix_users_workspace_id_email"), table_name="users", postgresql_where=sa.text("archived_at IS NULL")
    )
    op.drop_table("users")
    op.drop_index(op.f("ix_segments_workspace_id_name_id"), table_name="segments")
    op.drop_table("segments")
    op.drop_index(op.f("ix_products_workspace_id_name_id"), table_name="products")
    op.drop_index("ix_products_search", table_name="products", postgresql_using="gin")
    op.drop_table("products")
    op.drop_index(op.f("ix_idempotency_keys_workspace_id_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("ix_field_values_workspace_id_resource_row_id"), table_name="field_values")
    op.drop_table("field_values")
    op.drop_index(op.f("ix_events_workspace_id_resource_id_occurred_at"), table_name="events")
    op.drop_index(
        op.f("ix_events_workspace_id_position"), table_name="events", postgresql_where=sa.text("position IS NOT NULL")
    )
    op.drop_table("events")
    op.drop_index(op.f("ix_custom_fields_workspace_id_key_id"), table_name="custom_fields")
    op.drop_table("custom_fields")
    op.drop_index(op.f("ix_audit_log_workspace_id_resource_id_at"), table_name="audit_log")
    op.drop_index(op.f("ix_audit_log_workspace_id_at_id"), table_name="audit_log")
    op.drop_table("audit_log")
    op.drop_index(op.f("ix_assignment_policies_workspace_id_name_id"), table_name="assignment_policies")
    op.drop_table("assignment_policies")
    op.drop_table("workspaces")
    op.drop_table("workspace_directory")
    op.drop_table("signing_keys")
    op.drop_table("outbox")
    op.drop_table("logins")
