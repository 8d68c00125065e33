"""reference_cases

Revision: 0019_reference_cases
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

revision = "0019_reference_cases"
down_revision = "0021_partners_valid"
branch_labels = None
depends_on = None

# In one pass over the characters: substr() counts them from the beginning each time, which is quadratic in their number.
BIGRAMS = """
CREATE OR REPLACE FUNCTION perennial_bigrams(folded text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN coalesce(
    (SELECT array_agg(DISTINCT pair.one || pair.following) FROM (SELECT string_to_array(folded, NULL) AS letters) AS split
        CROSS JOIN LATERAL unnest(split.letters[1 : cardinality(split.letters) - 1], split.letters[2 : cardinality(split.letters)])
            AS pair (one, following)),
    '{}'::text[]
)
"""
# As ddl.searchable's, for several words at once: the index keeps to the rarest of all their bigrams.
FIND = f"""
CREATE FUNCTION find_reference_cases(terms text[], cap integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT id FROM reference_cases
    WHERE length(terms[1]) >= 2 AND workspace_id = {ddl.WORKSPACE}
    AND perennial_bigrams(search_text) @> (SELECT array_agg(bigram) FROM unnest(terms) AS word, unnest(perennial_bigrams(word)) AS bigram)
    AND NOT EXISTS (SELECT FROM unnest(terms) AS word WHERE strpos(search_text, word) = 0)
    LIMIT cap
$$
"""
BIGRAMS_BEFORE = """
CREATE OR REPLACE FUNCTION perennial_bigrams(folded text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN coalesce(
    (SELECT array_agg(DISTINCT substr(folded, place, 2)) FROM generate_series(1, length(folded) - 1) AS place),
    '{}'::text[]
)
"""


def upgrade() -> None:
    op.execute(BIGRAMS)
    op.create_table(
        "initiatives",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name_ja", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("synonyms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_initiatives_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_initiatives")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_initiatives_workspace_id_key")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_initiatives_workspace_id_key_id"), "initiatives", ["workspace_id", "key", "id"], unique=False
    )
    op.create_table(
        "outcome_metrics",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name_ja", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("synonyms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "direction IN ('higher_is_better', 'lower_is_better')", name=op.f("ck_outcome_metrics_direction")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_outcome_metrics_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_outcome_metrics")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_outcome_metrics_workspace_id_key")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_outcome_metrics_workspace_id_key_id"), "outcome_metrics", ["workspace_id", "key", "id"], unique=False
    )
    op.create_table(
        "reference_candidate_progress",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.workspace_id"],
            name=op.f("fk_reference_candidate_progress_workspace_id_workspaces"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_reference_candidate_progress")),
        info={"citus": "distributed"},
    )
    op.create_table(
        "reference_requests",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("prospect", sa.String(), nullable=False),
        sa.Column("prospect_domain", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("employee_count", sa.Integer(), nullable=True),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.Column("metric_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("influenced_mrr_minor", sa.BigInteger(), nullable=True),
        sa.Column("influenced_mrr_currency", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("act IN ('call', 'visit', 'speak')", name=op.f("ck_reference_requests_act")),
        sa.CheckConstraint("outcome IN ('won', 'lost', 'undecided')", name=op.f("ck_reference_requests_outcome")),
        sa.CheckConstraint("state IN ('open', 'fulfilled', 'cancelled')", name=op.f("ck_reference_requests_state")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "initiative_id"],
            ["initiatives.workspace_id", "initiatives.id"],
            name=op.f("fk_reference_requests_workspace_id_initiative_id_initiatives"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "metric_id"],
            ["outcome_metrics.workspace_id", "outcome_metrics.id"],
            name=op.f("fk_reference_requests_workspace_id_metric_id_outcome_metrics"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "requested_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_reference_requests_workspace_id_requested_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.workspace_id"], name=op.f("fk_reference_requests_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reference_requests")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_reference_requests_workspace_id_created_at_id"),
        "reference_requests",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_requests_workspace_id_due_on_id"),
        "reference_requests",
        ["workspace_id", "due_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_requests_workspace_id_state_due_on_id"),
        "reference_requests",
        ["workspace_id", "state", "due_on", "id"],
        unique=False,
    )
    op.create_table(
        "reference_cases",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("title_ja", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("summary_ja", sa.String(), nullable=False),
        sa.Column("summary_en", sa.String(), nullable=False),
        sa.Column("anonymous_summary_ja", sa.String(), nullable=False),
        sa.Column("anonymous_summary_en", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("evidence_url", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("employee_count", sa.Integer(), nullable=True),
        sa.Column(
            "size_band",
            sa.Text(),
            sa.Computed(
                "CASE WHEN employee_count IS NULL THEN NULL WHEN employee_count < 50 THEN '1_49' WHEN employee_count < 250 THEN '50_249' WHEN employee_count < 1000 THEN '250_999' WHEN employee_count < 5000 THEN '1000_4999' ELSE '5000_plus' END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column("period_starts_on", sa.Date(), nullable=True),
        sa.Column("period_ends_before", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("revision_state", sa.String(), nullable=True),
        sa.Column("approved_revision", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("catalogue_text", sa.String(), nullable=False),
        sa.Column(
            "heading_text",
            sa.Text(),
            sa.Computed("perennial_fold(title_ja || E'\\n' || title_en)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(
                "perennial_fold(coalesce(title_ja, '') || E'\\n' || coalesce(title_en, '') || E'\\n' || coalesce(summary_ja, '') || E'\\n' || coalesce(summary_en, '') || E'\\n' || coalesce(quote, '') || E'\\n' || coalesce(industry, '') || E'\\n' || coalesce(catalogue_text, ''))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("origin IN ('found', 'co_created')", name=op.f("ck_reference_cases_origin")),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'approved', 'retired')", name=op.f("ck_reference_cases_state")
        ),
        sa.CheckConstraint(
            "period_ends_before IS NULL OR period_ends_before > period_starts_on",
            name=op.f("ck_reference_cases_period"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_reference_cases_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "approved_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_reference_cases_workspace_id_approved_by_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "author_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_reference_cases_workspace_id_author_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "program_id"],
            ["programs.workspace_id", "programs.id"],
            name=op.f("fk_reference_cases_workspace_id_program_id_programs"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reference_cases")),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_reference_cases_search",
        "reference_cases",
        ["workspace_id", sa.literal_column("perennial_bigrams(search_text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        op.f("ix_reference_cases_workspace_id_account_id_created_at_id"),
        "reference_cases",
        ["workspace_id", "account_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_cases_workspace_id_created_at_id"),
        "reference_cases",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "reference_asks",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "act IN ('search', 'quote', 'logo', 'call', 'visit', 'speak')", name=op.f("ck_reference_asks_act")
        ),
        sa.CheckConstraint(
            "state IN ('reserved', 'accepted', 'declined', 'done', 'released')", name=op.f("ck_reference_asks_state")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_reference_asks_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "case_id"],
            ["reference_cases.workspace_id", "reference_cases.id"],
            name=op.f("fk_reference_asks_workspace_id_case_id_reference_cases"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_reference_asks_workspace_id_contact_id_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "request_id"],
            ["reference_requests.workspace_id", "reference_requests.id"],
            name=op.f("fk_reference_asks_workspace_id_request_id_reference_requests"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reference_asks")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_reference_asks_workspace_id_account_id_reserved_at_id"),
        "reference_asks",
        ["workspace_id", "account_id", "reserved_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_asks_workspace_id_contact_id_reserved_at"),
        "reference_asks",
        ["workspace_id", "contact_id", "reserved_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_asks_workspace_id_request_id_reserved_at_id"),
        "reference_asks",
        ["workspace_id", "request_id", "reserved_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_asks_workspace_id_reserved_at_id"),
        "reference_asks",
        ["workspace_id", "reserved_at", "id"],
        unique=False,
    )
    op.create_table(
        "reference_candidates",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("dismiss_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('promoter', 'target_met', 'health_improved', 'usage_improved', 'value_realised')",
            name=op.f("ck_reference_candidates_kind"),
        ),
        sa.CheckConstraint("state IN ('open', 'accepted', 'dismissed')", name=op.f("ck_reference_candidates_state")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_reference_candidates_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "case_id"],
            ["reference_cases.workspace_id", "reference_cases.id"],
            name=op.f("fk_reference_candidates_workspace_id_case_id_reference_cases"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reference_candidates")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_reference_candidates_workspace_id_account_id_kind"),
        "reference_candidates",
        ["workspace_id", "account_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        op.f("ix_reference_candidates_workspace_id_account_id_noticed_at_id"),
        "reference_candidates",
        ["workspace_id", "account_id", "noticed_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_candidates_workspace_id_noticed_at_id"),
        "reference_candidates",
        ["workspace_id", "noticed_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_candidates_workspace_id_state_noticed_at_id"),
        "reference_candidates",
        ["workspace_id", "state", "noticed_at", "id"],
        unique=False,
    )
    op.create_table(
        "reference_case_entries",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=True),
        sa.Column("initiative_no", sa.Integer(), nullable=False),
        sa.Column("outcome_no", sa.Integer(), nullable=False),
        sa.Column("improvement_pct", sa.Float(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("employee_count", sa.Integer(), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "improvement_sort",
            sa.Double(),
            sa.Computed("coalesce(improvement_pct, -1e300)", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "case_id"],
            ["reference_cases.workspace_id", "reference_cases.id"],
            name=op.f("fk_reference_case_entries_workspace_id_case_id_reference_cases"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "initiative_id"],
            ["initiatives.workspace_id", "initiatives.id"],
            name=op.f("fk_reference_case_entries_workspace_id_initiative_id_initiatives"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "metric_id"],
            ["outcome_metrics.workspace_id", "outcome_metrics.id"],
            name=op.f("fk_reference_case_entries_workspace_id_metric_id_outcome_metrics"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reference_case_entries")),
        sa.UniqueConstraint(
            "workspace_id",
            "case_id",
            "initiative_no",
            "outcome_no",
            name=op.f("uq_reference_case_entries_workspace_id_case_id_initiative_no_outcome_no"),
        ),
        info={"citus": "distributed"},
    )
    op.create_index(
        "ix_reference_case_entries_best",
        "reference_case_entries",
        ["workspace_id", "state", "improvement_sort", "id"],
        unique=False,
        postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
    )
    op.create_index(
        "ix_reference_case_entries_industry",
        "reference_case_entries",
        ["workspace_id", "state", "industry", "improvement_sort", "id"],
        unique=False,
        postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
    )
    op.create_index(
        "ix_reference_case_entries_initiative",
        "reference_case_entries",
        ["workspace_id", "state", "initiative_id", "improvement_sort", "id"],
        unique=False,
        postgresql_where=sa.text("outcome_no = 0"),
    )
    op.create_index(
        "ix_reference_case_entries_listed",
        "reference_case_entries",
        ["workspace_id", "state", "listed_at", "id"],
        unique=False,
        postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
    )
    op.create_index(
        "ix_reference_case_entries_metric",
        "reference_case_entries",
        ["workspace_id", "state", "metric_id", "improvement_sort", "id"],
        unique=False,
        postgresql_where=sa.text("initiative_no = 0"),
    )
    op.create_index(
        "ix_reference_case_entries_question",
        "reference_case_entries",
        ["workspace_id", "state", "initiative_id", "metric_id", "improvement_sort", "id"],
        unique=False,
    )
    op.create_table(
        "reference_case_outcomes",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("higher_is_better", sa.Boolean(), nullable=False),
        sa.Column("baseline", sa.Float(), nullable=False),
        sa.Column("result", sa.Float(), nullable=False),
        sa.Column(
            "change_pct",
            sa.Double(),
            sa.Computed("CASE WHEN baseline <> 0 THEN 100 * ((result - baseline) / abs(baseline)) END", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "improvement_pct",
            sa.Double(),
            sa.Computed(
                "CASE WHEN higher_is_better THEN CASE WHEN baseline <> 0 THEN 100 * ((result - baseline) / abs(baseline)) END ELSE CASE WHEN baseline <> 0 THEN -100 * ((result - baseline) / abs(baseline)) END END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "case_id"],
            ["reference_cases.workspace_id", "reference_cases.id"],
            name=op.f("fk_reference_case_outcomes_workspace_id_case_id_reference_cases"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "metric_id"],
            ["outcome_metrics.workspace_id", "outcome_metrics.id"],
            name=op.f("fk_reference_case_outcomes_workspace_id_metric_id_outcome_metrics"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reference_case_outcomes")),
        sa.UniqueConstraint(
            "workspace_id",
            "case_id",
            "metric_id",
            name=op.f("uq_reference_case_outcomes_workspace_id_case_id_metric_id"),
        ),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_reference_case_outcomes_workspace_id_metric_id"),
        "reference_case_outcomes",
        ["workspace_id", "metric_id"],
        unique=False,
    )
    op.create_table(
        "reference_case_versions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_id", sa.Uuid(), nullable=True),
        sa.Column("review_comment", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'approved', 'dropped')", name=op.f("ck_reference_case_versions_state")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "author_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_reference_case_versions_workspace_id_author_id_users"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "case_id"],
            ["reference_cases.workspace_id", "reference_cases.id"],
            name=op.f("fk_reference_case_versions_workspace_id_case_id_reference_cases"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "reviewed_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_reference_case_versions_workspace_id_reviewed_by_id_users"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reference_case_versions")),
        sa.UniqueConstraint(
            "workspace_id", "case_id", "number", name=op.f("uq_reference_case_versions_workspace_id_case_id_number")
        ),
        info={"citus": "distributed"},
    )
    op.create_index(
        "uq_reference_case_versions_open",
        "reference_case_versions",
        ["workspace_id", "case_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'in_review')"),
    )
    op.create_table(
        "reference_consents",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("acts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("naming", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("evidence_url", sa.String(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("reconfirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Uuid(), nullable=True),
        sa.Column("revoke_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "acts <@ ARRAY['search', 'quote', 'logo', 'call', 'visit', 'speak']::text[]",
            name=op.f("ck_reference_consents_acts"),
        ),
        sa.CheckConstraint(
            "audience IN ('internal', 'named_partners', 'all_partners', 'public')",
            name=op.f("ck_reference_consents_audience"),
        ),
        sa.CheckConstraint(
            "fields <@ ARRAY['account_name', 'title', 'summary', 'quote', 'industry', 'size', 'period', 'baseline_and_result', 'evidence']::text[]",
            name=op.f("ck_reference_consents_fields"),
        ),
        sa.CheckConstraint("naming IN ('anonymous', 'named')", name=op.f("ck_reference_consents_naming")),
        sa.CheckConstraint(
            "expires_on IS NULL OR expires_on >= granted_on", name=op.f("ck_reference_consents_expires_after_grant")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_reference_consents_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "case_id"],
            ["reference_cases.workspace_id", "reference_cases.id"],
            name=op.f("fk_reference_consents_workspace_id_case_id_reference_cases"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_reference_consents_workspace_id_contact_id_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "revoked_by_id"],
            ["users.workspace_id", "users.id"],
            name=op.f("fk_reference_consents_workspace_id_revoked_by_id_users"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reference_consents")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_reference_consents_workspace_id_account_id_granted_on_id"),
        "reference_consents",
        ["workspace_id", "account_id", "granted_on", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_consents_workspace_id_case_id"),
        "reference_consents",
        ["workspace_id", "case_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_consents_workspace_id_contact_id"),
        "reference_consents",
        ["workspace_id", "contact_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_consents_workspace_id_expires_on"),
        "reference_consents",
        ["workspace_id", "expires_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_consents_workspace_id_granted_on_id"),
        "reference_consents",
        ["workspace_id", "granted_on", "id"],
        unique=False,
    )
    op.create_table(
        "reference_profiles",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("acts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("topics", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "acts <@ ARRAY['search', 'quote', 'logo', 'call', 'visit', 'speak']::text[]",
            name=op.f("ck_reference_profiles_acts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_reference_profiles_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "contact_id"],
            ["contacts.workspace_id", "contacts.id"],
            name=op.f("fk_reference_profiles_workspace_id_contact_id_contacts"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reference_profiles")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_reference_profiles_workspace_id_account_id"),
        "reference_profiles",
        ["workspace_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("contact_id IS NULL"),
    )
    op.create_index(
        op.f("ix_reference_profiles_workspace_id_account_id_id"),
        "reference_profiles",
        ["workspace_id", "account_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_profiles_workspace_id_contact_id"),
        "reference_profiles",
        ["workspace_id", "contact_id"],
        unique=True,
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_reference_profiles_workspace_id_created_at_id"),
        "reference_profiles",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "reference_consent_exclusions",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("company", sa.String(), nullable=True),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"],
            ["accounts.workspace_id", "accounts.id"],
            name=op.f("fk_reference_consent_exclusions_workspace_id_account_id_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "consent_id"],
            ["reference_consents.workspace_id", "reference_consents.id"],
            name=op.f("fk_reference_consent_exclusions_workspace_id_consent_id_reference_consents"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reference_consent_exclusions")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_reference_consent_exclusions_workspace_id_account_id"),
        "reference_consent_exclusions",
        ["workspace_id", "account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reference_consent_exclusions_workspace_id_consent_id"),
        "reference_consent_exclusions",
        ["workspace_id", "consent_id"],
        unique=False,
    )
    op.create_table(
        "reference_consent_partners",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "consent_id"],
            ["reference_consents.workspace_id", "reference_consents.id"],
            name=op.f("fk_reference_consent_partners_workspace_id_consent_id_reference_consents"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "partner_id"],
            ["partners.workspace_id", "partners.id"],
            name=op.f("fk_reference_consent_partners_workspace_id_partner_id_partners"),
        ),
        sa.PrimaryKeyConstraint("workspace_id", "consent_id", "partner_id", name=op.f("pk_reference_consent_partners")),
        info={"citus": "distributed"},
    )
    op.create_index(
        op.f("ix_reference_consent_partners_workspace_id_partner_id"),
        "reference_consent_partners",
        ["workspace_id", "partner_id"],
        unique=False,
    )
    for table in (
        "initiatives",
        "outcome_metrics",
        "reference_candidate_progress",
        "reference_requests",
        "reference_cases",
        "reference_asks",
        "reference_candidates",
        "reference_case_entries",
        "reference_case_outcomes",
        "reference_case_versions",
        "reference_consents",
        "reference_profiles",
        "reference_consent_exclusions",
        "reference_consent_partners",
    ):
        ddl.tenant_table(table)
    ddl.searchable("reference_cases")
    op.execute("SET LOCAL check_function_bodies = off")
    op.execute(FIND)
    op.execute("SET LOCAL check_function_bodies = on")
    op.execute("ALTER FUNCTION find_reference_cases(text[], integer) OWNER TO perennial_searcher")
    op.execute("REVOKE ALL ON FUNCTION find_reference_cases(text[], integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION find_reference_cases(text[], integer) TO perennial_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION find_reference_cases(text[], integer)")
    ddl.not_searchable("reference_cases")
    op.drop_index(
        op.f("ix_reference_consent_partners_workspace_id_partner_id"), table_name="reference_consent_partners"
    )
    op.drop_table("reference_consent_partners")
    op.drop_index(
        op.f("ix_reference_consent_exclusions_workspace_id_consent_id"), table_name="reference_consent_exclusions"
    )
    op.drop_index(
        op.f("ix_reference_consent_exclusions_workspace_id_account_id"), table_name="reference_consent_exclusions"
    )
    op.drop_table("reference_consent_exclusions")
    op.drop_index(op.f("ix_reference_profiles_workspace_id_created_at_id"), table_name="reference_profiles")
    op.drop_index(
        op.f("ix_reference_profiles_workspace_id_contact_id"),
        table_name="reference_profiles",
        postgresql_where=sa.text("contact_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_reference_profiles_workspace_id_account_id_id"), table_name="reference_profiles")
    op.drop_index(
        op.f("ix_reference_profiles_workspace_id_account_id"),
        table_name="reference_profiles",
        postgresql_where=sa.text("contact_id IS NULL"),
    )
    op.drop_table("reference_profiles")
    op.drop_index(op.f("ix_reference_consents_workspace_id_granted_on_id"), table_name="reference_consents")
    op.drop_index(op.f("ix_reference_consents_workspace_id_expires_on"), table_name="reference_consents")
    op.drop_index(op.f("ix_reference_consents_workspace_id_contact_id"), table_name="reference_consents")
    op.drop_index(op.f("ix_reference_consents_workspace_id_case_id"), table_name="reference_consents")
    op.drop_index(op.f("ix_reference_consents_workspace_id_account_id_granted_on_id"), table_name="reference_consents")
    op.drop_table("reference_consents")
    op.drop_index(
        "uq_reference_case_versions_open",
        table_name="reference_case_versions",
        postgresql_where=sa.text("state IN ('draft', 'in_review')"),
    )
    op.drop_table("reference_case_versions")
    op.drop_index(op.f("ix_reference_case_outcomes_workspace_id_metric_id"), table_name="reference_case_outcomes")
    op.drop_table("reference_case_outcomes")
    op.drop_index("ix_reference_case_entries_question", table_name="reference_case_entries")
    op.drop_index(
        "ix_reference_case_entries_metric",
        table_name="reference_case_entries",
        postgresql_where=sa.text("initiative_no = 0"),
    )
    op.drop_index(
        "ix_reference_case_entries_listed",
        table_name="reference_case_entries",
        postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
    )
    op.drop_index(
        "ix_reference_case_entries_initiative",
        table_name="reference_case_entries",
        postgresql_where=sa.text("outcome_no = 0"),
    )
    op.drop_index(
        "ix_reference_case_entries_industry",
        table_name="reference_case_entries",
        postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
    )
    op.drop_index(
        "ix_reference_case_entries_best",
        table_name="reference_case_entries",
        postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
    )
    op.drop_table("reference_case_entries")
    op.drop_index(op.f("ix_reference_candidates_workspace_id_state_noticed_at_id"), table_name="reference_candidates")
    op.drop_index(op.f("ix_reference_candidates_workspace_id_noticed_at_id"), table_name="reference_candidates")
    op.drop_index(
        op.f("ix_reference_candidates_workspace_id_account_id_noticed_at_id"), table_name="reference_candidates"
    )
    op.drop_index(
        op.f("ix_reference_candidates_workspace_id_account_id_kind"),
        table_name="reference_candidates",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("reference_candidates")
    op.drop_index(op.f("ix_reference_asks_workspace_id_reserved_at_id"), table_name="reference_asks")
    op.drop_index(op.f("ix_reference_asks_workspace_id_request_id_reserved_at_id"), table_name="reference_asks")
    op.drop_index(op.f("ix_reference_asks_workspace_id_contact_id_reserved_at"), table_name="reference_asks")
    op.drop_index(op.f("ix_reference_asks_workspace_id_account_id_reserved_at_id"), table_name="reference_asks")
    op.drop_table("reference_asks")
    op.drop_index(op.f("ix_reference_cases_workspace_id_created_at_id"), table_name="reference_cases")
    op.drop_index(op.f("ix_reference_cases_workspace_id_account_id_created_at_id"), table_name="reference_cases")
    op.drop_index("ix_reference_cases_search", table_name="reference_cases", postgresql_using="gin")
    op.drop_table("reference_cases")
    op.drop_index(op.f("ix_reference_requests_workspace_id_state_due_on_id"), table_name="reference_requests")
    op.drop_index(op.f("ix_reference_requests_workspace_id_due_on_id"), table_name="reference_requests")
    op.drop_index(op.f("ix_reference_requests_workspace_id_created_at_id"), table_name="reference_requests")
    op.drop_table("reference_requests")
    op.drop_table("reference_candidate_progress")
    op.drop_index(op.f("ix_outcome_metrics_workspace_id_key_id"), table_name="outcome_metrics")
    op.drop_table("outcome_metrics")
    op.drop_index(op.f("ix_initiatives_workspace_id_key_id"), table_name="initiatives")
    op.drop_table("initiatives")
    op.execute(BIGRAMS_BEFORE)
