"""told by cases

What cases tell of the catalogues stands ready in them, as JSON text. Rows of up to a page stay whole: a text that is
stored aside is fetched anew for each look into it, which makes searching twice as slow.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024_told_by_cases"
down_revision = "0023_terms_known_at"
branch_labels = None
depends_on = None

_TELL = """
DO $$ DECLARE ws uuid; BEGIN
    FOR ws IN SELECT workspace_id FROM workspace_directory LOOP
        PERFORM set_config('app.workspace_id', ws::text, true);
        UPDATE reference_cases c SET initiatives = (
            SELECT coalesce(json_agg(
                (SELECT row_to_json(shown) FROM (SELECT i.id, i.key, i.name_ja, i.name_en) AS shown) ORDER BY e.initiative_no
            ), '[]')
            FROM reference_case_entries e JOIN initiatives i ON i.workspace_id = e.workspace_id AND i.id = e.initiative_id
            WHERE e.workspace_id = c.workspace_id AND e.case_id = c.id AND e.outcome_no = 0
        ), outcomes = (
            SELECT coalesce(json_agg((
                SELECT row_to_json(shown) FROM (
                    SELECT o.metric_id, m.key, m.name_ja, m.name_en, m.unit, m.direction, o.baseline, o.result, o.change_pct,
                        o.improvement_pct
                ) AS shown
            ) ORDER BY o.place), '[]')
            FROM reference_case_outcomes o JOIN outcome_metrics m ON m.workspace_id = o.workspace_id AND m.id = o.metric_id
            WHERE o.workspace_id = c.workspace_id AND o.case_id = c.id
        ) WHERE c.workspace_id = ws;
    END LOOP;
    PERFORM set_config('app.workspace_id', '', true);
END $$
"""


def upgrade() -> None:
    for name in ("initiatives", "outcomes"):
        column = sa.Column(name, postgresql.JSON(astext_type=sa.Text()), nullable=False, server_default="[]")
        op.add_column("reference_cases", column)
    for table in ("reference_cases", "partner_reference_cases"):
        op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = 8160)")
    op.execute(_TELL)


def downgrade() -> None:
    for table in ("reference_cases", "partner_reference_cases"):
        op.execute(f"ALTER TABLE {table} RESET (toast_tuple_target)")
    op.drop_column("reference_cases", "outcomes")
    op.drop_column("reference_cases", "initiatives")
