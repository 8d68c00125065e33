"""authors of versions

All that had a hand in a version of a case: whoever changed a word after the author used to make the author a reviewer.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026_authors_of_versions"
down_revision = "0025_unknown_workspaces"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column: sa.Column[list[str]] = sa.Column(
        "authors", postgresql.ARRAY(sa.Uuid()), nullable=False, server_default="{}"
    )
    op.add_column("reference_case_versions", column)
    op.execute(
        """
        DO $$ DECLARE ws uuid; BEGIN
            FOR ws IN SELECT workspace_id FROM workspace_directory LOOP
                PERFORM set_config('app.workspace_id', ws::text, true);
                UPDATE reference_case_versions SET authors = ARRAY[author] WHERE workspace_id = ws AND author IS NOT NULL;
            END LOOP;
            PERFORM set_config('app.workspace_id', '', true);
        END $$
        """
    )


def downgrade() -> None:
    op.drop_column("reference_case_versions", "authors")
