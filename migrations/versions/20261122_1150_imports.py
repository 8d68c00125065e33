"""imports

Imports of files, what became of their rows, and saved mappings of columns.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import ddl

revision = "0006_imports"
down_revision = "0005_exports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_mappings",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_import_mappings_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_import_mappings")),
        sa.UniqueConstraint(
            "workspace_id", "resource", "name", name=op.f("uq_import_mappings_workspace_id_resource_name")
        ),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_import_mappings_workspace_id_name_id"), "import_mappings", ["workspace_id", "name", "id"], unique=False
    )
    op.create_table(
        "imports",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("known_at", sa.String(), nullable=False),
        sa.Column("mapping_id", sa.Uuid(), nullable=True),
        sa.Column("chosen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("upload_id", sa.Uuid(), nullable=True),
        sa.Column("upload_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("format", sa.String(), nullable=True),
        sa.Column("encoding", sa.String(), nullable=True),
        sa.Column("delimiter", sa.String(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("started_by_kind", sa.String(), nullable=True),
        sa.Column("started_by_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts_failed", sa.Integer(), nullable=False),
        sa.Column("failure", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("bytes_done", sa.BigInteger(), nullable=False),
        sa.Column("rows_done", sa.BigInteger(), nullable=False),
        sa.Column("rows_total", sa.BigInteger(), nullable=True),
        sa.Column("rows_created", sa.BigInteger(), nullable=False),
        sa.Column("rows_updated", sa.BigInteger(), nullable=False),
        sa.Column("rows_unchanged", sa.BigInteger(), nullable=False),
        sa.Column("rows_failed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "encoding IN ('utf-8', 'utf-8-sig', 'utf-16', 'shift_jis', 'cp932')", name=op.f("ck_imports_encoding")
        ),
        sa.CheckConstraint("format IN ('csv', 'xlsx', 'jsonl')", name=op.f("ck_imports_format")),
        sa.CheckConstraint("known_at IN ('fact_date', 'import_time')", name=op.f("ck_imports_known_at")),
        sa.CheckConstraint(
            "state IN ('waiting_for_file', 'ready', 'running', 'done', 'failed', 'cancelled')",
            name=op.f("ck_imports_state"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "mapping_id"],
            ["import_mappings.workspace_id", "import_mappings.id"],
            name=op.f("fk_imports_workspace_id_mapping_id_import_mappings"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_imports_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_imports")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_imports_workspace_id_created_at_id"), "imports", ["workspace_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_imports_workspace_id_state_progressed_at"),
        "imports",
        ["workspace_id", "state", "progressed_at"],
        unique=False,
    )
    op.create_table(
        "import_rows",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("row_id", sa.Uuid(), nullable=True),
        sa.Column("errors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cells", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "status IN ('created', 'updated', 'unchanged', 'failed')", name=op.f("ck_import_rows_status")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "import_id"],
            ["imports.workspace_id", "imports.id"],
            name=op.f("fk_import_rows_workspace_id_import_id_imports"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_import_rows_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_import_rows")),
        sa.UniqueConstraint(
            "workspace_id", "import_id", "number", name=op.f("uq_import_rows_workspace_id_import_id_number")
        ),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_import_rows_workspace_id_import_id_status_number_id"),
        "import_rows",
        ["workspace_id", "import_id", "status", "number", "id"],
        unique=False,
    )
    for table in ("import_mappings", "imports", "import_rows"):
        ddl.tenant_table(table)


def downgrade() -> None:
    for table in ("import_rows", "imports", "import_mappings"):
        op.drop_table(table)
