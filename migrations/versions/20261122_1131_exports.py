"""exports

Files made of lists.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import ddl

revision = "0005_exports"
down_revision = "0004_contracts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("bom", sa.Boolean(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("asked_by_kind", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("total_rows", sa.BigInteger(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("asked_by_kind IN ('user', 'api_key', 'system')", name=op.f("ck_exports_asked_by_kind")),
        sa.CheckConstraint("format IN ('csv', 'xlsx', 'jsonl')", name=op.f("ck_exports_format")),
        sa.CheckConstraint("language IN ('en', 'ja')", name=op.f("ck_exports_language")),
        sa.CheckConstraint("state IN ('running', 'done', 'failed', 'cancelled')", name=op.f("ck_exports_state")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_exports_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_exports")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_exports_workspace_id_created_at_id"), "exports", ["workspace_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_exports_workspace_id_state_expires_at"),
        "exports",
        ["workspace_id", "state", "expires_at"],
        unique=False,
    )
    ddl.tenant_table("exports")


def downgrade() -> None:
    op.drop_table("exports")
