"""known_at from a column, validated

The check of when rows became known holds for all rows: in a transaction of its own, it stops nobody.
"""

from alembic import op

revision = "0013_known_at_valid"
down_revision = "0012_known_at"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE imports VALIDATE CONSTRAINT ck_imports_known_at")


def downgrade() -> None:
    """Nothing: what is valid may stay so."""
