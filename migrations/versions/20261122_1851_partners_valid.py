"""partners, validated

What ties people and keys to partners holds for all rows: in a transaction of its own, it stops nobody. Foreign keys are
checked by reading both tables, which the owner may do only while row-level security does not bind it.
"""

from alembic import op

revision = "0020_partners_valid"
down_revision = "0019_partners"
branch_labels = None
depends_on = None

CONSTRAINTS = {
    "users": ("fk_users_workspace_id_partner_id_partners", "ck_users_role", "ck_users_partners_alone"),
    "invitations": (
        "fk_invitations_workspace_id_partner_id_partners",
        "ck_invitations_role",
        "ck_invitations_partners_alone",
    ),
    "credentials": ("fk_credentials_workspace_id_partner_id_partners", "ck_credentials_partners_scopes"),
}


def upgrade() -> None:
    for table in ("partners", *CONSTRAINTS):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for table, names in CONSTRAINTS.items():
        for name in names:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")
    for table in ("partners", *CONSTRAINTS):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Nothing: what is valid may stay so."""
