"""signals

Revision: 0015_signals
Before:   0014_goals

Safety: add columns nullable or with a constant default; add constraints NOT VALID and validate in a later
migration; create indexes on large tables CONCURRENTLY in a migration of their own; back-fill per workspace
with SET LOCAL app.workspace_id. A new tenant table needs `ddl.tenant_table(...)`, one with `q` also `ddl.searchable(...)` and,
first thing in its downgrade, `ddl.not_searchable(...)`.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import ddl

revision = "0015_signals"
down_revision = "0014_goals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signal_rules",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.String(), nullable=True),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("segments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("severity IN ('info', 'warning', 'critical')", name=op.f("ck_signal_rules_severity")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_signal_rules_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_signal_rules")),
        sa.UniqueConstraint("workspace_id", "kind", name=op.f("uq_signal_rules_workspace_id_kind")),
        info={"citus": "distributed"},
    )
    op.create_table(
        "signals",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause_ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", sa.Uuid(), nullable=True),
        sa.Column("resolved_by_itself", sa.Boolean(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by_id", sa.Uuid(), nullable=True),
        sa.Column("dismiss_reason", sa.String(), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("category IN ('ir', 'press', 'personnel')", name=op.f("ck_signals_category")),
        sa.CheckConstraint("severity IN ('info', 'warning', 'critical')", name=op.f("ck_signals_severity")),
        sa.CheckConstraint(
            "status IN ('open', 'acknowledged', 'resolved', 'dismissed')", name=op.f("ck_signals_status")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_signals_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "acknowledged_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_signals_workspace_id_acknowledged_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "dismissed_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_signals_workspace_id_dismissed_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "resolved_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_signals_workspace_id_resolved_by_id_users"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_signals")),
        sa.UniqueConstraint(
            "workspace_id", "source", "external_id", name=op.f("uq_signals_workspace_id_source_external_id")
        ),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_signals_with_cause",
        "signals",
        ["workspace_id", "kind", "account_id"],
        unique=False,
        postgresql_where=sa.text("cause_ended_at IS NULL"),
    )
    op.create_index(
        op.f("ix_signals_workspace_id_account_id_first_seen_at_id"),
        "signals",
        ["workspace_id", "account_id", "first_seen_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_signals_workspace_id_first_seen_at_id"),
        "signals",
        ["workspace_id", "first_seen_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_signals_workspace_id_kind_first_seen_at_id"),
        "signals",
        ["workspace_id", "kind", "first_seen_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_signals_workspace_id_last_seen_at_id"), "signals", ["workspace_id", "last_seen_at", "id"], unique=False
    )
    op.create_index(
        "uq_signals_open",
        "signals",
        ["workspace_id", "account_id", "kind", "subject"],
        unique=True,
        postgresql_where=sa.text("status IN ('open', 'acknowledged')"),
    )
    for table in ("signal_rules", "signals"):
        ddl.tenant_table(table)


def downgrade() -> None:
    op.drop_index(
        "uq_signals_open", table_name="signals", postgresql_where=sa.text("status IN ('open', 'acknowledged')")
    )
    op.drop_index(op.f("ix_signals_workspace_id_last_seen_at_id"), table_name="signals")
    op.drop_index(op.f("ix_signals_workspace_id_kind_first_seen_at_id"), table_name="signals")
    op.drop_index(op.f("ix_signals_workspace_id_first_seen_at_id"), table_name="signals")
    op.drop_index(op.f("ix_signals_workspace_id_account_id_first_seen_at_id"), table_name="signals")
    op.drop_index("ix_signals_with_cause", table_name="signals", postgresql_where=sa.text("cause_ended_at IS NULL"))
    op.drop_table("signals")
    op.drop_table("signal_rules")
