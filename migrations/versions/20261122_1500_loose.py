"""loose

Imports may take from a column when a row became known.
"""

from alembic import op

revision = "0012_loose"
down_revision = "0007_mrr_rollups"
branch_labels = None
depends_on = None

_NAME = op.f("ck_imports_known_at")


def upgrade() -> None:
    op.drop_constraint(_NAME, "imports", type_="check")
    op.create_check_constraint(_NAME, "imports", "known_at IN ('fact_date', 'column', 'import_time')")


def downgrade() -> None:
    op.execute("UPDATE imports SET known_at = 'import_time' WHERE known_at = 'column'")
    op.drop_constraint(_NAME, "imports", type_="check")
    op.create_check_constraint(_NAME, "imports", "known_at IN ('fact_date', 'import_time')")
