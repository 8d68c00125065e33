"""known_at from a column

Imports may take from a column when a row became known.
"""

from alembic import op

revision = "0012_known_at"
down_revision = "0011_health"
branch_labels = None
depends_on = None

NAME = "ck_imports_known_at"


def upgrade() -> None:
    _allow("fact_date", "column", "import_time")


def downgrade() -> None:
    op.execute("UPDATE imports SET known_at = 'import_time' WHERE known_at = 'column'")
    _allow("fact_date", "import_time")


def _allow(*values: str) -> None:
    # Validated by the next revision: here a look at all rows would hold up everybody.
    allowed = ", ".join(f"'{value}'" for value in values)
    # squawk-ignore is for the lint of migrations: the check comes back, wider, in the same transaction.
    op.execute(f"ALTER TABLE imports\n-- squawk-ignore ban-drop-constraint\nDROP CONSTRAINT {NAME}")
    op.execute(f"ALTER TABLE imports ADD CONSTRAINT {NAME} CHECK (known_at IN ({allowed})) NOT VALID")
