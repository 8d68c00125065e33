"""files

Chunks of the files that imports bring and exports make.
"""

import sqlalchemy as sa
from alembic import op

from migrations import ddl

revision = "0003_files"
down_revision = "0002_ground"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_chunks",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_file_chunks_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "file_id", "number", name=op.f("pk_file_chunks")),
        info={"citus": "distributed"},
    )
    ddl.tenant_table("file_chunks")


def downgrade() -> None:
    op.drop_table("file_chunks")
