"""product gaps

Product gaps, the steps of their status, reports of accounts, comments.
"""

import sqlalchemy as sa
from alembic import op

from migrations import ddl

revision = "0018_product_gaps"
down_revision = "0017_value_and_links"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "product_gaps",
    "product_gap_status_changes",
    "product_gap_reports",
    "product_gap_comments",
)


def upgrade() -> None:
    op.create_table(
        "product_gaps",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("expectation", sa.String(), nullable=False),
        sa.Column("actual", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("workaround", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_reason", sa.String(), nullable=True),
        sa.Column("status_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rank", sa.Float(), nullable=True),
        sa.Column("planned_for", sa.String(), nullable=True),
        sa.Column("shipped_in", sa.String(), nullable=True),
        sa.Column("customer_response", sa.String(), nullable=True),
        sa.Column("customer_response_reason", sa.String(), nullable=True),
        sa.Column("issue_url", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("reported_by_id", sa.Uuid(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column(
            "rank_sort",
            sa.Double(),
            sa.Computed("coalesce(rank, 'infinity'::double precision)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "severity_sort",
            sa.Integer(),
            sa.Computed(
                "CASE severity WHEN 'critical' THEN 3 WHEN 'high' THEN 2 WHEN 'medium' THEN 1 ELSE 0 END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(
                "perennial_fold(coalesce(title, '') || E'\\n' || coalesce(expectation, '') || E'\\n' || coalesce(actual, '') || E'\\n' || coalesce(reason, '') || E'\\n' || coalesce(area, '') || E'\\n' || coalesce(workaround, '') || E'\\n' || coalesce(external_id, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("severity IN ('low', 'medium', 'high', 'critical')", name=op.f("ck_product_gaps_severity")),
        sa.CheckConstraint(
            "status IN ('open', 'planned', 'in_progress', 'shipped', 'declined')", name=op.f("ck_product_gaps_status")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "merged_into_id"],
            ["product_gaps.workspace_id", "product_gaps.id"],
            name=op.f("fk_product_gaps_workspace_id_merged_into_id_product_gaps"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_product_gaps_workspace_id_owner_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "product_id"],
            ["products.workspace_id", "products.id"],
            name=op.f("fk_product_gaps_workspace_id_product_id_products"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "reported_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_product_gaps_workspace_id_reported_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_product_gaps_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_product_gaps")),
        sa.UniqueConstraint("workspace_id", "external_id", name=op.f("uq_product_gaps_workspace_id_external_id")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_product_gaps_search",
        "product_gaps",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_product_gaps_workspace_id_area_rank_sort_id"),
        "product_gaps",
        ["workspace_id", "area", "rank_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gaps_workspace_id_created_at_id"),
        "product_gaps",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gaps_workspace_id_merged_into_id"),
        "product_gaps",
        ["workspace_id", "merged_into_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gaps_workspace_id_rank_sort_id"),
        "product_gaps",
        ["workspace_id", "rank_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gaps_workspace_id_severity_sort_id"),
        "product_gaps",
        ["workspace_id", "severity_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gaps_workspace_id_status_changed_at_id"),
        "product_gaps",
        ["workspace_id", "status_changed_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gaps_workspace_id_status_rank_sort_id"),
        "product_gaps",
        ["workspace_id", "status", "rank_sort", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gaps_workspace_id_title_id"), "product_gaps", ["workspace_id", "title", "id"], unique=False
    )
    op.create_index(
        op.f("ix_product_gaps_workspace_id_updated_at_id"),
        "product_gaps",
        ["workspace_id", "updated_at", "id"],
        unique=False,
    )
    op.create_table(
        "product_gap_comments",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gap_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "author_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_product_gap_comments_workspace_id_author_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "gap_id"],
            ["product_gaps.workspace_id", "product_gaps.id"],
            name=op.f("fk_product_gap_comments_workspace_id_gap_id_product_gaps"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_product_gap_comments")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_product_gap_comments_workspace_id_created_at_id"),
        "product_gap_comments",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gap_comments_workspace_id_gap_id_created_at_id"),
        "product_gap_comments",
        ["workspace_id", "gap_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "product_gap_status_changes",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gap_id", sa.Uuid(), nullable=False),
        sa.Column("from_status", sa.String(), nullable=True),
        sa.Column("to_status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("merged_from_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "to_status IN ('open', 'planned', 'in_progress', 'shipped', 'declined')",
            name=op.f("ck_product_gap_status_changes_to_status"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "changed_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_product_gap_status_changes_workspace_id_changed_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "gap_id"],
            ["product_gaps.workspace_id", "product_gaps.id"],
            name=op.f("fk_product_gap_status_changes_workspace_id_gap_id_product_gaps"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "merged_from_id"],
            ["product_gaps.workspace_id", "product_gaps.id"],
            name=op.f("fk_product_gap_status_changes_workspace_id_merged_from_id_product_gaps"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_product_gap_status_changes")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_product_gap_status_changes_workspace_id_gap_id_changed_at_id"),
        "product_gap_status_changes",
        ["workspace_id", "gap_id", "changed_at", "id"],
        unique=False,
    )
    op.create_table(
        "product_gap_reports",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gap_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("impact", sa.String(), nullable=False),
        sa.Column("blocks_renewal", sa.Boolean(), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("reported_by_id", sa.Uuid(), nullable=True),
        sa.Column("interaction_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("survey_response_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("backfilled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_product_gap_reports_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_product_gap_reports_workspace_id_contact_id_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "gap_id"],
            ["product_gaps.workspace_id", "product_gaps.id"],
            name=op.f("fk_product_gap_reports_workspace_id_gap_id_product_gaps"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "interaction_id"],
            ["interactions.workspace_id", "interactions.id"],
            name=op.f("fk_product_gap_reports_workspace_id_interaction_id_interactions"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "reported_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_product_gap_reports_workspace_id_reported_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "survey_response_id"],
            ["survey_responses.workspace_id", "survey_responses.id"],
            name=op.f("fk_product_gap_reports_workspace_id_survey_response_id_survey_responses"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "ticket_id"],
            ["tickets.workspace_id", "tickets.id"],
            name=op.f("fk_product_gap_reports_workspace_id_ticket_id_tickets"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_product_gap_reports")),
        sa.UniqueConstraint(
            "workspace_id", "external_id", name=op.f("uq_product_gap_reports_workspace_id_external_id")
        ),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_product_gap_reports_live",
        "product_gap_reports",
        ["workspace_id", "gap_id", "account_id", "blocks_renewal"],
        unique=False,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_index(
        op.f("ix_product_gap_reports_workspace_id_account_id_reported_on_id"),
        "product_gap_reports",
        ["workspace_id", "account_id", "reported_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gap_reports_workspace_id_contact_id"),
        "product_gap_reports",
        ["workspace_id", "contact_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gap_reports_workspace_id_created_at_id"),
        "product_gap_reports",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gap_reports_workspace_id_gap_id_reported_on_id"),
        "product_gap_reports",
        ["workspace_id", "gap_id", "reported_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_gap_reports_workspace_id_reported_on_id"),
        "product_gap_reports",
        ["workspace_id", "reported_on", "id"],
        unique=False,
    )

    for table in TENANT_TABLES:
        ddl.tenant_table(table)
    ddl.searchable("product_gaps")


def downgrade() -> None:
    ddl.not_searchable("product_gaps")
    op.drop_index(op.f("ix_product_gap_reports_workspace_id_reported_on_id"), table_name="product_gap_reports")
    op.drop_index(op.f("ix_product_gap_reports_workspace_id_gap_id_reported_on_id"), table_name="product_gap_reports")
    op.drop_index(op.f("ix_product_gap_reports_workspace_id_created_at_id"), table_name="product_gap_reports")
    op.drop_index(op.f("ix_product_gap_reports_workspace_id_contact_id"), table_name="product_gap_reports")
    op.drop_index(
        op.f("ix_product_gap_reports_workspace_id_account_id_reported_on_id"), table_name="product_gap_reports"
    )
    op.drop_index(
        "ix_product_gap_reports_live", table_name="product_gap_reports", postgresql_where=sa.text("archived_at IS NULL")
    )
    op.drop_table("product_gap_reports")
    op.drop_index(
        op.f("ix_product_gap_status_changes_workspace_id_gap_id_changed_at_id"), table_name="product_gap_status_changes"
    )
    op.drop_table("product_gap_status_changes")
    op.drop_index(op.f("ix_product_gap_comments_workspace_id_gap_id_created_at_id"), table_name="product_gap_comments")
    op.drop_index(op.f("ix_product_gap_comments_workspace_id_created_at_id"), table_name="product_gap_comments")
    op.drop_table("product_gap_comments")
    op.drop_index(op.f("ix_product_gaps_workspace_id_updated_at_id"), table_name="product_gaps")
    op.drop_index(op.f("ix_product_gaps_workspace_id_title_id"), table_name="product_gaps")
    op.drop_index(op.f("ix_product_gaps_workspace_id_status_rank_sort_id"), table_name="product_gaps")
    op.drop_index(op.f("ix_product_gaps_workspace_id_status_changed_at_id"), table_name="product_gaps")
    op.drop_index(op.f("ix_product_gaps_workspace_id_severity_sort_id"), table_name="product_gaps")
    op.drop_index(op.f("ix_product_gaps_workspace_id_rank_sort_id"), table_name="product_gaps")
    op.drop_index(op.f("ix_product_gaps_workspace_id_merged_into_id"), table_name="product_gaps")
    op.drop_index(op.f("ix_product_gaps_workspace_id_created_at_id"), table_name="product_gaps")
    op.drop_index(op.f("ix_product_gaps_workspace_id_area_rank_sort_id"), table_name="product_gaps")
    op.drop_index("ix_product_gaps_search", table_name="product_gaps", postgresql_using="gin")
    op.drop_table("product_gaps")
