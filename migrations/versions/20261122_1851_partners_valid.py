"""partners, validated

What ties people and keys to partners holds for all rows: in a transaction of its own, it stops nobody.
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
    for table, names in CONSTRAINTS.items():
        for name in names:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    """Nothing: what is valid may stay so."""
