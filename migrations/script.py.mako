"""${message}

Revision: ${up_revision}
Before:   ${down_revision | comma,n}

Safety: add columns nullable or with a constant default; add constraints NOT VALID and validate in a later
migration; create indexes on existing tables by `ddl.create_index_concurrently`, last in a migration of their own; back-fill per workspace
with SET LOCAL app.workspace_id. A new tenant table needs `ddl.tenant_table(...)`, one with `q` also `ddl.searchable(...)` and,
first thing in its downgrade, `ddl.not_searchable(...)`.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
from migrations import ddl

revision = "${up_revision}"
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
