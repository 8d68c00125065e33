"""work

Tasks, interactions with customers, programs over many of them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import ddl

revision = "0009_work"
down_revision = "0008_usage"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "programs",
    "interactions",
    "tasks",
    "interaction_attendees",
    "program_participants",
    "superseded_interactions",
)
SEARCHABLE = ("tasks", "interactions", "programs")


def upgrade() -> None:
    op.create_table(
        "programs",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_before", sa.Date(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("effort_minutes", sa.Integer(), nullable=True),
        sa.Column("results", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed("perennial_fold(coalesce(name, '') || E'\\n' || coalesce(description, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('webinar', 'user_group', 'mail_course', 'trial', 'co_creation')", name=op.f("ck_programs_kind")
        ),
        sa.CheckConstraint("state IN ('planned', 'running', 'finished', 'cancelled')", name=op.f("ck_programs_state")),
        sa.CheckConstraint("ends_before IS NULL OR ends_before > starts_on", name=op.f("ck_programs_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_programs_workspace_id_owner_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_programs_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_programs")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_programs_search",
        "programs",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(op.f("ix_programs_workspace_id_name_id"), "programs", ["workspace_id", "name", "id"], unique=False)
    op.create_index(
        op.f("ix_programs_workspace_id_starts_on_id"), "programs", ["workspace_id", "starts_on", "id"], unique=False
    )
    op.create_table(
        "interactions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=True),
        sa.Column("effort_minutes", sa.Integer(), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("minutes", sa.String(), nullable=False),
        sa.Column("decisions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("action_items", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.Column("recording_url", sa.String(), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("backfilled", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(
                "perennial_fold(coalesce(subject, '') || E'\\n' || coalesce(notes, '') || E'\\n' || coalesce(minutes, '') || E'\\n' || coalesce(external_id, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('meeting', 'qbr', 'call', 'mail', 'note')", name=op.f("ck_interactions_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_interactions_workspace_id_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_interactions")),
        sa.UniqueConstraint("workspace_id", "external_id", name=op.f("uq_interactions_workspace_id_external_id")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_interactions_search",
        "interactions",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_interactions_workspace_id_account_id_occurred_at_id"),
        "interactions",
        ["workspace_id", "account_id", "occurred_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_interactions_workspace_id_created_at_id"),
        "interactions",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_interactions_workspace_id_occurred_at_id"),
        "interactions",
        ["workspace_id", "occurred_at", "id"],
        unique=False,
    )
    op.create_table(
        "tasks",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("origin_kind", sa.String(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("dedupe_key", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sla_minutes", sa.Integer(), nullable=True),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("needs_check", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("outcome_note", sa.String(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.Uuid(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("check_note", sa.String(), nullable=True),
        sa.Column(
            "due_sort",
            sa.DateTime(timezone=True),
            sa.Computed("coalesce(due_by, '9999-12-31 00:00:00+00'::timestamptz)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed("perennial_fold(coalesce(title, '') || E'\\n' || coalesce(detail, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint(
            "outcome IN ('succeeded', 'no_effect', 'not_needed', 'unreachable')", name=op.f("ck_tasks_outcome")
        ),
        sa.CheckConstraint("priority IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_tasks_priority")),
        sa.CheckConstraint(
            "role IN ('csm', 'onboarding_specialist', 'success_partner', 'success_planner', 'technical_account_manager', 'executive_sponsor', 'account_executive', 'sales_engineer', 'support')",
            name=op.f("ck_tasks_role"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'in_progress', 'in_check', 'done', 'cancelled')", name=op.f("ck_tasks_state")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_tasks_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "checked_by"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_tasks_workspace_id_checked_by_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "completed_by"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_tasks_workspace_id_completed_by_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_tasks_workspace_id_owner_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_tasks_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_tasks")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_tasks_search",
        "tasks",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_account_id_due_sort_id"),
        "tasks",
        ["workspace_id", "account_id", "due_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_created_at_id"), "tasks", ["workspace_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_dedupe_key"),
        "tasks",
        ["workspace_id", "dedupe_key"],
        unique=True,
        postgresql_where=sa.text(
            "dedupe_key IS NOT NULL AND state IN ('open', 'in_progress', 'in_check') AND archived_at IS NULL"
        ),
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_due_sort_id"), "tasks", ["workspace_id", "due_sort", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_origin_kind_origin_id"),
        "tasks",
        ["workspace_id", "origin_kind", "origin_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_owner_id_due_sort_id"),
        "tasks",
        ["workspace_id", "owner_id", "due_sort", "id"],
        unique=False,
    )
    op.create_table(
        "interaction_attendees",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "contact_id IS NOT NULL OR user_id IS NOT NULL", name=op.f("ck_interaction_attendees_is_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_interaction_attendees_workspace_id_contact_id_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "interaction_id"],
            ["interactions.workspace_id", "interactions.id"],
            name=op.f("fk_interaction_attendees_workspace_id_interaction_id_interactions"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_interaction_attendees_workspace_id_user_id_users"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_interaction_attendees")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_interaction_attendees_workspace_id_contact_id"),
        "interaction_attendees",
        ["workspace_id", "contact_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_interaction_attendees_workspace_id_interaction_id_contact_id"),
        "interaction_attendees",
        ["workspace_id", "interaction_id", "contact_id"],
        unique=True,
        postgresql_where=sa.text("contact_id IS NOT NULL AND superseded_at IS NULL"),
    )
    op.create_index(
        op.f("ix_interaction_attendees_workspace_id_interaction_id_user_id"),
        "interaction_attendees",
        ["workspace_id", "interaction_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("user_id IS NOT NULL AND superseded_at IS NULL"),
    )
    op.create_index(
        op.f("ix_interaction_attendees_workspace_id_user_id"),
        "interaction_attendees",
        ["workspace_id", "user_id"],
        unique=False,
    )
    op.create_table(
        "program_participants",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('invited', 'registered', 'attended', 'completed', 'dropped')",
            name=op.f("ck_program_participants_state"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_program_participants_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_program_participants_workspace_id_contact_id_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "program_id"],
            ["programs.workspace_id", "programs.id"],
            name=op.f("fk_program_participants_workspace_id_program_id_programs"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_program_participants")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_program_participants_workspace_id_account_id_created_at"),
        "program_participants",
        ["workspace_id", "account_id", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_program_participants_workspace_id_contact_id"),
        "program_participants",
        ["workspace_id", "contact_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_program_participants_workspace_id_created_at_id"),
        "program_participants",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_program_participants_workspace_id_program_id_account_id"),
        "program_participants",
        ["workspace_id", "program_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("contact_id IS NULL"),
    )
    op.create_index(
        op.f("ix_program_participants_workspace_id_program_id_contact_id"),
        "program_participants",
        ["workspace_id", "program_id", "contact_id"],
        unique=True,
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.create_table(
        "superseded_interactions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.Column("backfilled", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('meeting', 'qbr', 'call', 'mail', 'note')", name=op.f("ck_superseded_interactions_kind")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_superseded_interactions_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "interaction_id"],
            ["interactions.workspace_id", "interactions.id"],
            name=op.f("fk_superseded_interactions_workspace_id_interaction_id_interactions"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_superseded_interactions")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_superseded_interactions_workspace_id_account_id_superseded_at"),
        "superseded_interactions",
        ["workspace_id", "account_id", "superseded_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_superseded_interactions_workspace_id_interaction_id"),
        "superseded_interactions",
        ["workspace_id", "interaction_id"],
        unique=False,
    )
    for table in TENANT_TABLES:
        ddl.tenant_table(table)
    for table in SEARCHABLE:
        ddl.searchable(table)


def downgrade() -> None:
    for table in SEARCHABLE:
        ddl.not_searchable(table)
    for table in reversed(TENANT_TABLES):
        op.drop_table(table)
