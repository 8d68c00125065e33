"""success_roadmaps

Revision: 0016_success_roadmaps
Before:   0015_signals

Safety: add columns nullable or with a constant default; add constraints NOT VALID and validate in a later
migration; create indexes on large tables CONCURRENTLY in a migration of their own; back-fill per workspace
with SET LOCAL app.workspace_id. A new tenant table needs `ddl.tenant_table(...)`, one with `q` also `ddl.searchable(...)` and,
first thing in its downgrade, `ddl.not_searchable(...)`.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import ddl

revision = "0016_success_roadmaps"
down_revision = "0015_signals"
branch_labels = None
depends_on = None

_TABLES = (
    "roadmap_templates",
    "roadmap_template_versions",
    "success_roadmaps",
    "roadmap_goals",
    "roadmap_milestones",
    "roadmap_hypotheses",
    "roadmap_reviews",
    "roadmap_progress",
    "roadmap_goal_progress",
)
_SEARCHABLE = ("roadmap_templates", "success_roadmaps", "roadmap_goals")


def upgrade() -> None:
    op.create_table(
        "roadmap_templates",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed("perennial_fold(coalesce(name, '') || E'\\n' || coalesce(description, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('success', 'onboarding')", name=op.f("ck_roadmap_templates_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_roadmap_templates_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_templates")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_roadmap_templates_search",
        "roadmap_templates",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_roadmap_templates_workspace_id_created_at_id"),
        "roadmap_templates",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_templates_workspace_id_name"),
        "roadmap_templates",
        ["workspace_id", "name"],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_index(
        op.f("ix_roadmap_templates_workspace_id_name_id"),
        "roadmap_templates",
        ["workspace_id", "name", "id"],
        unique=False,
    )
    op.create_table(
        "roadmap_template_versions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "created_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_roadmap_template_versions_workspace_id_created_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "template_id"],
            ["roadmap_templates.workspace_id", "roadmap_templates.id"],
            name=op.f("fk_roadmap_template_versions_workspace_id_template_id_roadmap_templates"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_template_versions")),
        sa.UniqueConstraint(
            "workspace_id",
            "template_id",
            "number",
            name=op.f("uq_roadmap_template_versions_workspace_id_template_id_number"),
        ),
        info={"citus": "distributed"},
    )
    op.create_table(
        "success_roadmaps",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("review_every_days", sa.Integer(), nullable=True),
        sa.Column("last_reviewed_on", sa.Date(), nullable=True),
        sa.Column("next_review_on", sa.Date(), nullable=True),
        sa.Column("template_version_id", sa.Uuid(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("progress", sa.Float(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("progress_on", sa.Date(), nullable=True),
        sa.Column(
            "review_sort",
            sa.Date(),
            sa.Computed("coalesce(next_review_on, '9999-12-31'::date)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed("perennial_fold(coalesce(name, '') || E'\\n' || coalesce(summary, ''))", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('success', 'onboarding')", name=op.f("ck_success_roadmaps_kind")),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'completed', 'cancelled')", name=op.f("ck_success_roadmaps_state")
        ),
        sa.CheckConstraint("status IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_success_roadmaps_status")),
        sa.CheckConstraint("due_on >= starts_on", name=op.f("ck_success_roadmaps_due_after_start")),
        sa.CheckConstraint("review_every_days > 0", name=op.f("ck_success_roadmaps_review_every_days")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_success_roadmaps_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_success_roadmaps_workspace_id_contact_id_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_success_roadmaps_workspace_id_owner_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "template_version_id"],
            ["roadmap_template_versions.workspace_id", "roadmap_template_versions.id"],
            name=op.f("fk_success_roadmaps_workspace_id_template_version_id_roadmap_template_versions"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_success_roadmaps")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_success_roadmaps_search",
        "success_roadmaps",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_success_roadmaps_workspace_id_account_id_due_on_id"),
        "success_roadmaps",
        ["workspace_id", "account_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_success_roadmaps_workspace_id_created_at_id"),
        "success_roadmaps",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_success_roadmaps_workspace_id_due_on_id"),
        "success_roadmaps",
        ["workspace_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_success_roadmaps_workspace_id_name_id"),
        "success_roadmaps",
        ["workspace_id", "name", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_success_roadmaps_workspace_id_owner_id_due_on_id"),
        "success_roadmaps",
        ["workspace_id", "owner_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_success_roadmaps_workspace_id_review_sort_id"),
        "success_roadmaps",
        ["workspace_id", "review_sort", "id"],
        unique=False,
    )
    op.create_table(
        "roadmap_goals",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("product_related", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_by_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("metric_name", sa.String(), nullable=True),
        sa.Column("metric_unit", sa.String(), nullable=True),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("baseline", sa.Float(), nullable=True),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("current", sa.Float(), nullable=True),
        sa.Column("current_on", sa.Date(), nullable=True),
        sa.Column("usage_metric_id", sa.Uuid(), nullable=True),
        sa.Column("progress", sa.Float(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column(
            "due_sort", sa.Date(), sa.Computed("coalesce(due_on, '9999-12-31'::date)", persisted=True), nullable=False
        ),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(
                "perennial_fold(coalesce(title, '') || E'\\n' || coalesce(detail, '') || E'\\n' || coalesce(metric_name, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "direction IN ('higher_is_better', 'lower_is_better')", name=op.f("ck_roadmap_goals_direction")
        ),
        sa.CheckConstraint("level IN ('company', 'department', 'project')", name=op.f("ck_roadmap_goals_level")),
        sa.CheckConstraint("status IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_roadmap_goals_status")),
        sa.CheckConstraint("due_on >= starts_on", name=op.f("ck_roadmap_goals_due_after_start")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_roadmap_goals_weight")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_roadmap_goals_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "agreed_by_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_roadmap_goals_workspace_id_agreed_by_id_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_roadmap_goals_workspace_id_contact_id_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_roadmap_goals_workspace_id_owner_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "parent_id"],
            ["roadmap_goals.workspace_id", "roadmap_goals.id"],
            name=op.f("fk_roadmap_goals_workspace_id_parent_id_roadmap_goals"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["success_roadmaps.workspace_id", "success_roadmaps.id"],
            name=op.f("fk_roadmap_goals_workspace_id_roadmap_id_success_roadmaps"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "usage_metric_id"],
            ["usage_metrics.workspace_id", "usage_metrics.id"],
            name=op.f("fk_roadmap_goals_workspace_id_usage_metric_id_usage_metrics"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_goals")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_roadmap_goals_search",
        "roadmap_goals",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_roadmap_goals_workspace_id_account_id_due_sort_id"),
        "roadmap_goals",
        ["workspace_id", "account_id", "due_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_goals_workspace_id_created_at_id"),
        "roadmap_goals",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_goals_workspace_id_due_sort_id"),
        "roadmap_goals",
        ["workspace_id", "due_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_goals_workspace_id_parent_id"), "roadmap_goals", ["workspace_id", "parent_id"], unique=False
    )
    op.create_index(
        op.f("ix_roadmap_goals_workspace_id_roadmap_id_position_id"),
        "roadmap_goals",
        ["workspace_id", "roadmap_id", "position", "id"],
        unique=False,
    )
    op.create_table(
        "roadmap_progress",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=True),
        sa.Column("expected", sa.Float(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("covers_company", sa.Boolean(), nullable=False),
        sa.Column("covers_department", sa.Boolean(), nullable=False),
        sa.Column("covers_project", sa.Boolean(), nullable=False),
        sa.Column("backfilled", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'completed', 'cancelled')", name=op.f("ck_roadmap_progress_state")
        ),
        sa.CheckConstraint("status IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_roadmap_progress_status")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_roadmap_progress_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["success_roadmaps.workspace_id", "success_roadmaps.id"],
            name=op.f("fk_roadmap_progress_workspace_id_roadmap_id_success_roadmaps"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_progress")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_roadmap_progress_workspace_id_account_id_day_recorded_at"),
        "roadmap_progress",
        ["workspace_id", "account_id", "day", "recorded_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_progress_workspace_id_roadmap_id_day_recorded_at_id"),
        "roadmap_progress",
        ["workspace_id", "roadmap_id", "day", "recorded_at", "id"],
        unique=False,
    )
    op.create_table(
        "roadmap_reviews",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("reviewed_by_id", sa.Uuid(), nullable=True),
        sa.Column("progress", sa.Float(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_roadmap_reviews_status")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_roadmap_reviews_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "reviewed_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_roadmap_reviews_workspace_id_reviewed_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["success_roadmaps.workspace_id", "success_roadmaps.id"],
            name=op.f("fk_roadmap_reviews_workspace_id_roadmap_id_success_roadmaps"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_reviews")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_roadmap_reviews_workspace_id_account_id_held_on_id"),
        "roadmap_reviews",
        ["workspace_id", "account_id", "held_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_reviews_workspace_id_roadmap_id_held_on_id"),
        "roadmap_reviews",
        ["workspace_id", "roadmap_id", "held_on", "id"],
        unique=False,
    )
    op.create_table(
        "roadmap_goal_progress",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("current", sa.Float(), nullable=True),
        sa.Column("progress", sa.Float(), nullable=True),
        sa.Column("expected", sa.Float(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("backfilled", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('on_track', 'at_risk', 'off_track')", name=op.f("ck_roadmap_goal_progress_status")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_roadmap_goal_progress_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "goal_id"],
            ["roadmap_goals.workspace_id", "roadmap_goals.id"],
            name=op.f("fk_roadmap_goal_progress_workspace_id_goal_id_roadmap_goals"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["success_roadmaps.workspace_id", "success_roadmaps.id"],
            name=op.f("fk_roadmap_goal_progress_workspace_id_roadmap_id_success_roadmaps"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_goal_progress")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_roadmap_goal_progress_workspace_id_goal_id_day_recorded_at_id"),
        "roadmap_goal_progress",
        ["workspace_id", "goal_id", "day", "recorded_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_goal_progress_workspace_id_roadmap_id_day"),
        "roadmap_goal_progress",
        ["workspace_id", "roadmap_id", "day"],
        unique=False,
    )
    op.create_table(
        "roadmap_hypotheses",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'rejected')", name=op.f("ck_roadmap_hypotheses_state")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_roadmap_hypotheses_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "decided_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_roadmap_hypotheses_workspace_id_decided_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "goal_id"],
            ["roadmap_goals.workspace_id", "roadmap_goals.id"],
            name=op.f("fk_roadmap_hypotheses_workspace_id_goal_id_roadmap_goals"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["success_roadmaps.workspace_id", "success_roadmaps.id"],
            name=op.f("fk_roadmap_hypotheses_workspace_id_roadmap_id_success_roadmaps"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_hypotheses")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_roadmap_hypotheses_workspace_id_goal_id"),
        "roadmap_hypotheses",
        ["workspace_id", "goal_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_hypotheses_workspace_id_roadmap_id_position_id"),
        "roadmap_hypotheses",
        ["workspace_id", "roadmap_id", "position", "id"],
        unique=False,
    )
    op.create_table(
        "roadmap_milestones",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("reached_recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("human_touch", sa.Boolean(), nullable=True),
        sa.Column("blocker", sa.String(), nullable=True),
        sa.Column("blocked_on", sa.Date(), nullable=True),
        sa.Column("contact_change_id", sa.Uuid(), nullable=True),
        sa.Column(
            "due_sort", sa.Date(), sa.Computed("coalesce(due_on, '9999-12-31'::date)", persisted=True), nullable=False
        ),
        sa.CheckConstraint("kind IN ('step', 'value', 'confirm_goals')", name=op.f("ck_roadmap_milestones_kind")),
        sa.CheckConstraint("weight >= 0", name=op.f("ck_roadmap_milestones_weight")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_roadmap_milestones_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_change_id"],
            ["primary_contact_changes.workspace_id", "primary_contact_changes.id"],
            name=op.f("fk_roadmap_milestones_workspace_id_contact_change_id_primary_contact_changes"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "goal_id"],
            ["roadmap_goals.workspace_id", "roadmap_goals.id"],
            name=op.f("fk_roadmap_milestones_workspace_id_goal_id_roadmap_goals"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "roadmap_id"],
            ["success_roadmaps.workspace_id", "success_roadmaps.id"],
            name=op.f("fk_roadmap_milestones_workspace_id_roadmap_id_success_roadmaps"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_roadmap_milestones")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_roadmap_milestones_workspace_id_account_id_due_sort_id"),
        "roadmap_milestones",
        ["workspace_id", "account_id", "due_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_milestones_workspace_id_created_at_id"),
        "roadmap_milestones",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_milestones_workspace_id_due_sort_id"),
        "roadmap_milestones",
        ["workspace_id", "due_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_milestones_workspace_id_goal_id"),
        "roadmap_milestones",
        ["workspace_id", "goal_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_roadmap_milestones_workspace_id_roadmap_id_contact_change_id"),
        "roadmap_milestones",
        ["workspace_id", "roadmap_id", "contact_change_id"],
        unique=True,
        postgresql_where=sa.text("contact_change_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_roadmap_milestones_workspace_id_roadmap_id_position_id"),
        "roadmap_milestones",
        ["workspace_id", "roadmap_id", "position", "id"],
        unique=False,
    )
    for table in _TABLES:
        ddl.tenant_table(table)
    for table in _SEARCHABLE:
        ddl.searchable(table)


def downgrade() -> None:
    for table in _SEARCHABLE:
        ddl.not_searchable(table)
    op.drop_index(op.f("ix_roadmap_milestones_workspace_id_roadmap_id_position_id"), table_name="roadmap_milestones")
    op.drop_index(
        op.f("ix_roadmap_milestones_workspace_id_roadmap_id_contact_change_id"),
        table_name="roadmap_milestones",
        postgresql_where=sa.text("contact_change_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_roadmap_milestones_workspace_id_goal_id"), table_name="roadmap_milestones")
    op.drop_index(op.f("ix_roadmap_milestones_workspace_id_due_sort_id"), table_name="roadmap_milestones")
    op.drop_index(op.f("ix_roadmap_milestones_workspace_id_created_at_id"), table_name="roadmap_milestones")
    op.drop_index(op.f("ix_roadmap_milestones_workspace_id_account_id_due_sort_id"), table_name="roadmap_milestones")
    op.drop_table("roadmap_milestones")
    op.drop_index(op.f("ix_roadmap_hypotheses_workspace_id_roadmap_id_position_id"), table_name="roadmap_hypotheses")
    op.drop_index(op.f("ix_roadmap_hypotheses_workspace_id_goal_id"), table_name="roadmap_hypotheses")
    op.drop_table("roadmap_hypotheses")
    op.drop_index(op.f("ix_roadmap_goal_progress_workspace_id_roadmap_id_day"), table_name="roadmap_goal_progress")
    op.drop_index(
        op.f("ix_roadmap_goal_progress_workspace_id_goal_id_day_recorded_at_id"), table_name="roadmap_goal_progress"
    )
    op.drop_table("roadmap_goal_progress")
    op.drop_index(op.f("ix_roadmap_reviews_workspace_id_roadmap_id_held_on_id"), table_name="roadmap_reviews")
    op.drop_index(op.f("ix_roadmap_reviews_workspace_id_account_id_held_on_id"), table_name="roadmap_reviews")
    op.drop_table("roadmap_reviews")
    op.drop_index(op.f("ix_roadmap_progress_workspace_id_roadmap_id_day_recorded_at_id"), table_name="roadmap_progress")
    op.drop_index(op.f("ix_roadmap_progress_workspace_id_account_id_day_recorded_at"), table_name="roadmap_progress")
    op.drop_table("roadmap_progress")
    op.drop_index(op.f("ix_roadmap_goals_workspace_id_roadmap_id_position_id"), table_name="roadmap_goals")
    op.drop_index(op.f("ix_roadmap_goals_workspace_id_parent_id"), table_name="roadmap_goals")
    op.drop_index(op.f("ix_roadmap_goals_workspace_id_due_sort_id"), table_name="roadmap_goals")
    op.drop_index(op.f("ix_roadmap_goals_workspace_id_created_at_id"), table_name="roadmap_goals")
    op.drop_index(op.f("ix_roadmap_goals_workspace_id_account_id_due_sort_id"), table_name="roadmap_goals")
    op.drop_index("ix_roadmap_goals_search", table_name="roadmap_goals", postgresql_using="gin")
    op.drop_table("roadmap_goals")
    op.drop_index(op.f("ix_success_roadmaps_workspace_id_review_sort_id"), table_name="success_roadmaps")
    op.drop_index(op.f("ix_success_roadmaps_workspace_id_owner_id_due_on_id"), table_name="success_roadmaps")
    op.drop_index(op.f("ix_success_roadmaps_workspace_id_name_id"), table_name="success_roadmaps")
    op.drop_index(op.f("ix_success_roadmaps_workspace_id_due_on_id"), table_name="success_roadmaps")
    op.drop_index(op.f("ix_success_roadmaps_workspace_id_created_at_id"), table_name="success_roadmaps")
    op.drop_index(op.f("ix_success_roadmaps_workspace_id_account_id_due_on_id"), table_name="success_roadmaps")
    op.drop_index("ix_success_roadmaps_search", table_name="success_roadmaps", postgresql_using="gin")
    op.drop_table("success_roadmaps")
    op.drop_table("roadmap_template_versions")
    op.drop_index(op.f("ix_roadmap_templates_workspace_id_name_id"), table_name="roadmap_templates")
    op.drop_index(
        op.f("ix_roadmap_templates_workspace_id_name"),
        table_name="roadmap_templates",
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.drop_index(op.f("ix_roadmap_templates_workspace_id_created_at_id"), table_name="roadmap_templates")
    op.drop_index("ix_roadmap_templates_search", table_name="roadmap_templates", postgresql_using="gin")
    op.drop_table("roadmap_templates")
