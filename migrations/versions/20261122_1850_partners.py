"""partners

Outside organisations of a workspace, whose people and keys are bound to them.
"""

import sqlalchemy as sa
from alembic import op

from migrations import ddl

revision = "0019_partners"
down_revision = "0018_product_gaps"
branch_labels = None
depends_on = None

ROLES = "'admin', 'manager', 'csm', 'sales', 'product', 'viewer'"
PARTNER_SCOPES = (
    "'partner_reference_cases:read', 'partner_reference_requests:read', 'partner_reference_requests:write', "
    "'profile:read', 'profile:write'"
)
# As it was; see the ground.
FIND_CREDENTIAL_BEFORE = """
    CREATE OR REPLACE FUNCTION find_credential(workspace uuid, credential uuid) RETURNS json
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
"""
# A credential of an archived partner is none; that of a partner confines the transaction to the partner's rows. Partners
# are looked up for those credentials alone that have one.
FIND_CREDENTIAL = """
    CREATE OR REPLACE FUNCTION find_credential(workspace uuid, credential uuid) RETURNS json
    LANGUAGE plpgsql VOLATILE AS $$
    DECLARE held record;
    BEGIN
        SELECT c.kind, encode(c.secret_hash, 'hex') AS secret_hash, c.scopes,
            extract(epoch FROM c.expires_at) AS expires_at, c.user_id, u.role,
            coalesce(c.partner_id, u.partner_id) AS partner_id
        INTO held
        FROM credentials c LEFT JOIN users u ON u.workspace_id = c.workspace_id AND u.id = c.user_id
        WHERE c.workspace_id = workspace AND c.id = credential AND c.revoked_at IS NULL AND c.archived_at IS NULL
            AND u.suspended_at IS NULL AND u.archived_at IS NULL
            AND (coalesce(c.partner_id, u.partner_id) IS NULL OR EXISTS (
                SELECT FROM partners p WHERE p.workspace_id = workspace
                AND p.id = coalesce(c.partner_id, u.partner_id) AND p.archived_at IS NULL
            ));
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        IF held.partner_id IS NOT NULL THEN
            PERFORM set_config('app.partner_id', held.partner_id::text, true);
        END IF;
        RETURN row_to_json(held);
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "partners",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_partners_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_partners")),
        info={"citus": "distributed"},
    )
    op.create_index(op.f("ix_partners_workspace_id_name_id"), "partners", ["workspace_id", "name", "id"], unique=False)
    ddl.tenant_table("partners")
    for table in ("users", "credentials", "invitations"):
        op.add_column(table, sa.Column("partner_id", sa.Uuid(), nullable=True))
    for table in ("users", "credentials", "invitations"):
        # Validated by the next revision: here a look at all rows would hold up everybody.
        op.create_foreign_key(
            op.f(f"fk_{table}_workspace_id_partner_id_partners"),
            table,
            "partners",
            ["workspace_id", "partner_id"],
            ["workspace_id", "id"],
            postgresql_not_valid=True,
        )
    for table in ("users", "invitations"):
        _roles(table, f"{ROLES}, 'partner'")
        _check(table, "partners_alone", "(role = 'partner') = (partner_id IS NOT NULL)")
    _check("credentials", "partners_scopes", f"partner_id IS NULL OR scopes <@ ARRAY[{PARTNER_SCOPES}]::text[]")
    op.execute(FIND_CREDENTIAL)


def downgrade() -> None:
    op.execute(FIND_CREDENTIAL_BEFORE)
    for table in ("users", "invitations"):
        op.drop_constraint(op.f(f"ck_{table}_partners_alone"), table)
    op.drop_constraint(op.f("ck_credentials_partners_scopes"), "credentials")
    # Nothing would tell a partner's people from the workspace's own any more, so they are let in no more.
    op.execute("UPDATE users SET role = 'viewer', suspended_at = coalesce(suspended_at, now()) WHERE role = 'partner'")
    op.execute("UPDATE invitations SET role = 'viewer', archived_at = now() WHERE role = 'partner'")
    op.execute(
        "UPDATE credentials SET scopes = '{}', revoked_at = coalesce(revoked_at, now()) WHERE partner_id IS NOT NULL"
    )
    for table in ("users", "invitations"):
        _roles(table, ROLES)
    for table in ("users", "credentials", "invitations"):
        op.drop_column(table, "partner_id")
    op.drop_index(op.f("ix_partners_workspace_id_name_id"), table_name="partners")
    op.drop_table("partners")


def _roles(table: str, allowed: str) -> None:
    # squawk-ignore is for the lint of migrations: the check comes back, with other roles, in the same transaction.
    op.execute(f"ALTER TABLE {table}\n-- squawk-ignore ban-drop-constraint\nDROP CONSTRAINT ck_{table}_role")
    _check(table, "role", f"role IN ({allowed})")


def _check(table: str, name: str, condition: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID")
