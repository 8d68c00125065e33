"""partner cases

What partners see of reference cases, and what they ask, in tables of their own: behind a second wall that lets a
partner's transaction see that partner's rows only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import ddl

revision = "0022_partner_cases"
down_revision = "0019_reference_cases"
branch_labels = None
depends_on = None

TABLES = ("partner_case_handles", "partner_reference_cases", "partner_case_entries", "partner_reference_requests")

# As find_reference_cases, of the transaction's partner alone; what it finds is looked at again behind the partner's filter.
FIND = f"""
CREATE FUNCTION find_partner_reference_cases(terms text[], cap integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT id FROM partner_reference_cases
    WHERE length(terms[1]) >= 2 AND workspace_id = {ddl.WORKSPACE} AND partner_id = {ddl.PARTNER}
    AND perennial_bigrams(search_text) @> (SELECT array_agg(bigram) FROM unnest(terms) AS word, unnest(perennial_bigrams(word)) AS bigram)
    AND NOT EXISTS (SELECT FROM unnest(terms) AS word WHERE strpos(search_text, word) = 0)
    LIMIT cap
$$
"""


def upgrade() -> None:
    op.create_table(
        "partner_case_handles",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "case_id"],
            ["reference_cases.workspace_id", "reference_cases.id"],
            name=op.f("fk_partner_case_handles_workspace_id_case_id_reference_cases"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "partner_id"],
            ["partners.workspace_id", "partners.id"],
            name=op.f("fk_partner_case_handles_workspace_id_partner_id_partners"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_partner_case_handles")),
        sa.UniqueConstraint(
            "workspace_id",
            "partner_id",
            "case_id",
            "named",
            name=op.f("uq_partner_case_handles_workspace_id_partner_id_case_id_named"),
        ),
        info={"citus": "distributed"},
    )
    op.create_table(
        "partner_reference_cases",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visible_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visible_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("account_name", sa.String(), nullable=True),
        sa.Column("logo", sa.Boolean(), nullable=False),
        sa.Column("live_acts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("title_ja", sa.String(), nullable=True),
        sa.Column("title_en", sa.String(), nullable=True),
        sa.Column("summary_ja", sa.String(), nullable=True),
        sa.Column("summary_en", sa.String(), nullable=True),
        sa.Column("quote", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("evidence_url", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("size_band", sa.String(), nullable=True),
        sa.Column("period_starts_on", sa.Date(), nullable=True),
        sa.Column("period_ends_before", sa.Date(), nullable=True),
        sa.Column("initiatives", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcomes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("catalogue_text", sa.String(), nullable=False),
        sa.Column(
            "heading_text",
            sa.Text(),
            sa.Computed("perennial_fold(coalesce(title_ja, '') || E'\\n' || coalesce(title_en, ''))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(
                "perennial_fold(coalesce(account_name, '') || E'\\n' || coalesce(title_ja, '') || E'\\n' || coalesce(title_en, '') || E'\\n' || coalesce(summary_ja, '') || E'\\n' || coalesce(summary_en, '') || E'\\n' || coalesce(quote, '') || E'\\n' || coalesce(industry, '') || E'\\n' || coalesce(catalogue_text, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "case_id"],
            ["reference_cases.workspace_id", "reference_cases.id"],
            name=op.f("fk_partner_reference_cases_workspace_id_case_id_reference_cases"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "id"],
            ["partner_case_handles.workspace_id", "partner_case_handles.id"],
            name=op.f("fk_partner_reference_cases_workspace_id_id_partner_case_handles"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "partner_id"],
            ["partners.workspace_id", "partners.id"],
            name=op.f("fk_partner_reference_cases_workspace_id_partner_id_partners"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", "visible_from", name=op.f("pk_partner_reference_cases")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_partner_reference_cases_search",
        "partner_reference_cases",
        ["workspace_id", "partner_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_partner_reference_cases_workspace_id_case_id"),
        "partner_reference_cases",
        ["workspace_id", "case_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_partner_reference_cases_workspace_id_partner_id_id"),
        "partner_reference_cases",
        ["workspace_id", "partner_id", "id"],
        unique=False,
    )
    op.create_table(
        "partner_case_entries",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visible_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("initiative_no", sa.Integer(), nullable=False),
        sa.Column("outcome_no", sa.Integer(), nullable=False),
        sa.Column("visible_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("size_band", sa.String(), nullable=True),
        sa.Column("improvement_pct", sa.Float(), nullable=True),
        sa.Column(
            "improvement_sort",
            sa.Double(),
            sa.Computed("coalesce(improvement_pct, -1e300)", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "id", "visible_from"],
            [
                "partner_reference_cases.workspace_id",
                "partner_reference_cases.id",
                "partner_reference_cases.visible_from",
            ],
            name=op.f("fk_partner_case_entries_workspace_id_id_visible_from_partner_reference_cases"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "initiative_id"],
            ["initiatives.workspace_id", "initiatives.id"],
            name=op.f("fk_partner_case_entries_workspace_id_initiative_id_initiatives"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "metric_id"],
            ["outcome_metrics.workspace_id", "outcome_metrics.id"],
            name=op.f("fk_partner_case_entries_workspace_id_metric_id_outcome_metrics"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "partner_id"],
            ["partners.workspace_id", "partners.id"],
            name=op.f("fk_partner_case_entries_workspace_id_partner_id_partners"),
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "id", "visible_from", "initiative_no", "outcome_no", name=op.f("pk_partner_case_entries")
        ),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_partner_case_entries_best",
        "partner_case_entries",
        ["workspace_id", "partner_id", "improvement_sort", "id"],
        unique=False,
        postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
    )
    op.create_index(
        "ix_partner_case_entries_initiative",
        "partner_case_entries",
        ["workspace_id", "partner_id", "initiative_id", "improvement_sort", "id"],
        unique=False,
        postgresql_where=sa.text("outcome_no = 0"),
    )
    op.create_index(
        "ix_partner_case_entries_metric",
        "partner_case_entries",
        ["workspace_id", "partner_id", "metric_id", "improvement_sort", "id"],
        unique=False,
        postgresql_where=sa.text("initiative_no = 0"),
    )
    op.create_index(
        "ix_partner_case_entries_question",
        "partner_case_entries",
        ["workspace_id", "partner_id", "initiative_id", "metric_id", "improvement_sort", "id"],
        unique=False,
    )
    op.create_table(
        "partner_reference_requests",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("prospect", sa.String(), nullable=False),
        sa.Column("prospect_domain", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("employee_count", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "partner_id"],
            ["partners.workspace_id", "partners.id"],
            name=op.f("fk_partner_reference_requests_workspace_id_partner_id_partners"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "asked_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_partner_reference_requests_workspace_id_asked_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "case_id"],
            ["partner_case_handles.workspace_id", "partner_case_handles.id"],
            name=op.f("fk_partner_reference_requests_workspace_id_case_id_partner_case_handles"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "request_id"],
            ["reference_requests.workspace_id", "reference_requests.id"],
            name=op.f("fk_partner_reference_requests_workspace_id_request_id_reference_requests"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_partner_reference_requests")),
        sa.UniqueConstraint(
            "workspace_id", "request_id", name=op.f("uq_partner_reference_requests_workspace_id_request_id")
        ),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_partner_reference_requests_workspace_id_partner_id_created_at_id"),
        "partner_reference_requests",
        ["workspace_id", "partner_id", "created_at", "id"],
        unique=False,
    )
    for table in TABLES:
        ddl.tenant_table(table)
        ddl.partners_own(table)
    op.execute("GRANT SELECT ON partner_reference_cases TO perennial_searcher")
    op.execute("CREATE POLICY searcher ON partner_reference_cases FOR SELECT TO perennial_searcher USING (true)")
    op.execute("SET LOCAL check_function_bodies = off")
    op.execute(FIND)
    op.execute("SET LOCAL check_function_bodies = on")
    op.execute("ALTER FUNCTION find_partner_reference_cases(text[], integer) OWNER TO perennial_searcher")
    op.execute("REVOKE ALL ON FUNCTION find_partner_reference_cases(text[], integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION find_partner_reference_cases(text[], integer) TO perennial_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION find_partner_reference_cases(text[], integer)")
    for table in reversed(TABLES):
        op.drop_table(table)
