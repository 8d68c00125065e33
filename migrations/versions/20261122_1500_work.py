"""work

Tasks, interactions with customers, programs over many of them.
"""

import sqlalchemy as sa
from alembic import op

from migrations import ddl

revision = "0009_work"
down_revision = "0007_mrr_rollups"
branch_labels = None
depends_on = None

TENANT_TABLES = ("tasks",)
SEARCHABLE = ("tasks",)


def upgrade() -> None:
    op.create_table(
        "tasks",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("origin_kind", sa.String(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("dedupe_key", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sla_minutes", sa.Integer(), nullable=True),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("needs_check", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("outcome_note", sa.String(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.Uuid(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("check_note", sa.String(), nullable=True),
        sa.Column(
            "due_sort",
            sa.DateTime(timezone=True),
            sa.Computed("coalesce(due_by, '9999-12-31 00:00:00+00'::timestamptz)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed("perennial_fold(coalesce(title, '') || E'\\n' || coalesce(detail, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint(
            "outcome IN ('succeeded', 'no_effect', 'not_needed', 'unreachable')", name=op.f("ck_tasks_outcome")
        ),
        sa.CheckConstraint("priority IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_tasks_priority")),
        sa.CheckConstraint(
            "role IN ('csm', 'onboarding_specialist', 'success_partner', 'success_planner', 'technical_account_manager', 'executive_sponsor', 'account_executive', 'sales_engineer', 'support')",
            name=op.f("ck_tasks_role"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'in_progress', 'in_check', 'done', 'cancelled')", name=op.f("ck_tasks_state")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_tasks_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "checked_by"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_tasks_workspace_id_checked_by_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "completed_by"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_tasks_workspace_id_completed_by_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_tasks_workspace_id_owner_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_tasks_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_tasks")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_tasks_search",
        "tasks",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_account_id_due_sort_id"),
        "tasks",
        ["workspace_id", "account_id", "due_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_created_at_id"), "tasks", ["workspace_id", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_dedupe_key"),
        "tasks",
        ["workspace_id", "dedupe_key"],
        unique=True,
        postgresql_where=sa.text(
            "dedupe_key IS NOT NULL AND state IN ('open', 'in_progress', 'in_check') AND archived_at IS NULL"
        ),
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_due_sort_id"), "tasks", ["workspace_id", "due_sort", "id"], unique=False
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_origin_kind_origin_id"),
        "tasks",
        ["workspace_id", "origin_kind", "origin_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_tasks_workspace_id_owner_id_due_sort_id"),
        "tasks",
        ["workspace_id", "owner_id", "due_sort", "id"],
        unique=False,
    )
    for table in TENANT_TABLES:
        ddl.tenant_table(table)
    for table in SEARCHABLE:
        ddl.searchable(table)


def downgrade() -> None:
    for table in SEARCHABLE:
        ddl.not_searchable(table)
    for table in reversed(TENANT_TABLES):
        op.drop_table(table)
