"""The partners' own table, brought up to date in the transaction of whatever changes what they may see.

:mod:`~api.reference_cases.visibility` says what may be seen; here its conditions run for every partner at once, and for
every span of days in which its answer cannot change: consents that begin or end, and contacts who leave, later are
rows of their own already, so that time alone never leaves a row that should not be there.

Of an anonymous case, industry and size are shown only as far as :data:`CROWD` active accounts share them.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from api.kit.db import Tx
from api.reference_cases.models import SIZE_BAND_SQL
from api.reference_cases.visibility import PUBLISHABLE, covers, excludes, in_force, moment_of, reaches

CROWD: Final = 5
"""Fewer than this many would tell whose case it is."""


def _each(condition: str) -> str:
    """A condition about one audience and day, as one about each partner ``p`` and span ``s``."""
    for given, here in (
        ("%(partner)s", "p.id"), ("%(company)s", "p.company"), ("%(domain)s", "p.domain"), ("%(day)s", "s.starts_on"),
    ):  # fmt: skip
        condition = condition.replace(given, here)
    return condition


def _agreed(field: str) -> str:
    return f"bool_or(k.naming = 'named' AND '{field}' = ANY(k.fields))"


_FIELDS: Final = (
    "account_name", "title", "summary", "quote", "industry", "size", "period", "baseline_and_result", "evidence",
)  # fmt: skip
_LIVE_ACTS: Final = ("call", "visit", "speak")


def _shared(industry: str, *further: str) -> str:
    """The condition that enough paying customers share an industry, and whatever more is said of ``accounts``."""
    alike = " AND ".join(("accounts.workspace_id = %(ws)s", f"accounts.industry = {industry}", *further))
    # Counted no further than to the crowd, and asked of each account whether it pays: of most industries few are read.
    return f"""
        {CROWD} = (SELECT count(*) FROM (
            SELECT FROM accounts WHERE {alike} AND phase <> 'churned' AND archived_at IS NULL
            AND 0 < (SELECT s.mrr_minor FROM account_standing s WHERE s.workspace_id = %(ws)s AND s.account_id = accounts.id)
            LIMIT {CROWD}
        ) AS crowd)
    """  # noqa: S608


_CROWDS: Final = f"""
wide AS MATERIALIZED (
    SELECT industry FROM (SELECT DISTINCT industry FROM told) AS asked WHERE {_shared("asked.industry")}
), narrow AS MATERIALIZED (
    SELECT industry, size_band FROM (SELECT DISTINCT industry, size_band FROM told WHERE size_band IS NOT NULL) AS asked
    WHERE {_shared("asked.industry", f"({SIZE_BAND_SQL}) = asked.size_band")}
)
"""  # noqa: S608
"""Of the industries, and of the industries with sizes, in ``told``: those that enough paying customers share."""

_REBUILD: Final = f"""
WITH wanted AS MATERIALIZED (
    SELECT DISTINCT c.account_id FROM reference_cases c
    WHERE c.workspace_id = %(ws)s AND c.state = 'approved' AND c.account_id = ANY(%(accounts)s::uuid[])
), days AS (
    SELECT account_id, %(day)s::date AS day FROM wanted
    UNION SELECT k.account_id, k.granted_on FROM reference_consents k JOIN wanted USING (account_id)
    WHERE k.workspace_id = %(ws)s AND k.granted_on > %(day)s
    UNION SELECT k.account_id, k.expires_on + 1 FROM reference_consents k JOIN wanted USING (account_id)
    WHERE k.workspace_id = %(ws)s AND k.expires_on >= %(day)s
    UNION SELECT k.account_id, t.left_on FROM reference_consents k JOIN wanted USING (account_id)
    JOIN contacts t ON t.workspace_id = %(ws)s AND t.id = k.contact_id
    WHERE k.workspace_id = %(ws)s AND t.left_on > %(day)s
), spans AS MATERIALIZED (
    SELECT account_id, day AS starts_on, lead(day) OVER (PARTITION BY account_id ORDER BY day) AS ends_before FROM days
), partners_now AS MATERIALIZED (
    SELECT id, perennial_fold(name) AS company, perennial_fold(domain) AS domain FROM partners
    WHERE workspace_id = %(ws)s AND archived_at IS NULL AND (%(partners)s::uuid[] IS NULL OR id = ANY(%(partners)s::uuid[]))
), granted AS MATERIALIZED (
    SELECT p.id AS partner_id, c.id AS case_id, c.account_id, s.starts_on, s.ends_before,
        bool_or(k.naming = 'named') AS named,
        bool_or(k.naming = 'named' AND 'quote' = ANY(k.acts)) AS may_quote,
        bool_or(k.naming = 'named' AND 'logo' = ANY(k.acts)) AS may_logo,
        bool_or('industry' = ANY(k.fields)) AS any_industry, bool_or('size' = ANY(k.fields)) AS any_size,
        {", ".join(f"bool_or('{act}' = ANY(k.acts)) AS may_{act}" for act in _LIVE_ACTS)},
        {", ".join(f"{_agreed(field)} AS of_{field}" for field in _FIELDS)}
    FROM spans s
    JOIN reference_cases c ON c.workspace_id = %(ws)s AND c.account_id = s.account_id
    JOIN accounts a ON a.workspace_id = c.workspace_id AND a.id = c.account_id
    JOIN reference_consents k ON {covers()}
    CROSS JOIN partners_now p
    WHERE {PUBLISHABLE} AND {_each(in_force())} AND {_each(reaches())} AND 'search' = ANY(k.acts)
    AND NOT EXISTS (
        SELECT FROM reference_consents barred
        WHERE {covers("barred")} AND {_each(in_force("barred"))} AND {_each(excludes("barred"))}
    )
    GROUP BY p.id, c.id, c.account_id, s.starts_on, s.ends_before
), told AS (
    SELECT c.industry, c.size_band FROM granted g JOIN reference_cases c ON c.workspace_id = %(ws)s AND c.id = g.case_id
    WHERE NOT g.named
), {_CROWDS}, new_handles AS (
    INSERT INTO partner_case_handles (workspace_id, id, partner_id, case_id, named)
    SELECT DISTINCT ON (partner_id, case_id, named) %(ws)s, gen_random_uuid(), partner_id, case_id, named FROM granted
    ON CONFLICT (workspace_id, partner_id, case_id, named) DO NOTHING RETURNING id, partner_id, case_id, named
), handles AS MATERIALIZED (
    SELECT id, partner_id, case_id, named FROM new_handles
    UNION ALL SELECT h.id, h.partner_id, h.case_id, h.named FROM partner_case_handles h
    WHERE h.workspace_id = %(ws)s AND (h.partner_id, h.case_id) IN (SELECT partner_id, case_id FROM granted)
), stored AS (
    INSERT INTO partner_reference_cases (
        workspace_id, id, visible_from, visible_until, partner_id, case_id, named, account_name, logo, live_acts,
        title_ja, title_en, summary_ja, summary_en, quote, evidence, evidence_url, industry, size_band,
        period_starts_on, period_ends_before, initiatives, outcomes, catalogue_text
    )
    SELECT %(ws)s, h.id, g.starts_on::timestamp AT TIME ZONE w.time_zone,
        coalesce(g.ends_before::timestamp AT TIME ZONE w.time_zone, 'infinity'), g.partner_id, g.case_id, g.named,
        CASE WHEN g.of_account_name THEN a.name END, g.may_logo,
        to_jsonb(array_remove(ARRAY[{", ".join(f"CASE WHEN g.may_{act} THEN '{act}' END" for act in _LIVE_ACTS)}], NULL)),
        CASE WHEN g.of_title THEN nullif(c.title_ja, '') END, CASE WHEN g.of_title THEN nullif(c.title_en, '') END,
        CASE WHEN NOT g.named THEN nullif(c.anonymous_summary_ja, '') WHEN g.of_summary THEN nullif(c.summary_ja, '') END,
        CASE WHEN NOT g.named THEN nullif(c.anonymous_summary_en, '') WHEN g.of_summary THEN nullif(c.summary_en, '') END,
        CASE WHEN g.of_quote AND g.may_quote THEN nullif(c.quote, '') END,
        CASE WHEN g.of_evidence THEN nullif(c.evidence, '') END, CASE WHEN g.of_evidence THEN c.evidence_url END,
        CASE WHEN g.named THEN CASE WHEN g.of_industry THEN c.industry END WHEN g.any_industry THEN wide.industry END,
        CASE WHEN g.named THEN CASE WHEN g.of_size THEN c.size_band END WHEN g.any_size THEN narrow.size_band END,
        CASE WHEN g.of_period THEN c.period_starts_on END, CASE WHEN g.of_period THEN c.period_ends_before END,
        (
            SELECT jsonb_agg(
                jsonb_build_object('id', i.id, 'key', i.key, 'name_ja', i.name_ja, 'name_en', i.name_en)
                ORDER BY e.initiative_no
            )
            FROM reference_case_entries e JOIN initiatives i ON i.workspace_id = e.workspace_id AND i.id = e.initiative_id
            WHERE e.workspace_id = %(ws)s AND e.case_id = c.id AND e.outcome_no = 0
        ),
        coalesce((
            SELECT jsonb_agg(
                jsonb_build_object(
                    'metric_id', o.metric_id, 'key', m.key, 'name_ja', m.name_ja, 'name_en', m.name_en,
                    'unit', m.unit, 'direction', m.direction, 'change_pct', o.change_pct,
                    'improvement_pct', o.improvement_pct,
                    'baseline', CASE WHEN g.of_baseline_and_result THEN o.baseline END,
                    'result', CASE WHEN g.of_baseline_and_result THEN o.result END
                ) ORDER BY o.place
            )
            FROM reference_case_outcomes o JOIN outcome_metrics m ON m.workspace_id = o.workspace_id AND m.id = o.metric_id
            WHERE o.workspace_id = %(ws)s AND o.case_id = c.id
        ), '[]'), c.catalogue_text
    FROM granted g
    JOIN handles h ON h.partner_id = g.partner_id AND h.case_id = g.case_id AND h.named = g.named
    JOIN workspaces w ON w.workspace_id = %(ws)s
    JOIN reference_cases c ON c.workspace_id = %(ws)s AND c.id = g.case_id
    JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = g.account_id
    LEFT JOIN wide ON wide.industry = c.industry
    LEFT JOIN narrow ON narrow.industry = c.industry AND narrow.size_band = c.size_band
    RETURNING id, visible_from, visible_until, partner_id, case_id, industry, size_band
)
INSERT INTO partner_case_entries (
    workspace_id, id, visible_from, initiative_no, outcome_no, visible_until, partner_id, initiative_id, metric_id,
    industry, size_band, improvement_pct
)
SELECT %(ws)s, r.id, r.visible_from, e.initiative_no, e.outcome_no, r.visible_until, r.partner_id, e.initiative_id,
    e.metric_id, r.industry, r.size_band, e.improvement_pct
FROM stored r CROSS JOIN LATERAL (
    SELECT * FROM reference_case_entries e WHERE e.workspace_id = %(ws)s AND e.case_id = r.case_id OFFSET 0
) AS e
"""  # noqa: S608

_AT_A_TIME: Final = 100
"""Accounts of one statement: few, so that it looks up what belongs to each, and reads the whole workspace for none."""
_OF_PARTNERS: Final = "(%(partners)s::uuid[] IS NULL OR r.partner_id = ANY(%(partners)s::uuid[]))"
_CLEAR_ALL: Final = f"DELETE FROM partner_reference_cases r WHERE r.workspace_id = %(ws)s AND {_OF_PARTNERS}"  # noqa: S608
# Found case by case, and deleted by where they are: while a table is being filled, the planner believes it empty, and
# would read all that a partner sees for each part.
_CLEAR: Final = f"""
DELETE FROM partner_reference_cases WHERE ctid = ANY(ARRAY(
    SELECT r.place FROM reference_cases c CROSS JOIN LATERAL (
        SELECT r.ctid AS place FROM partner_reference_cases r
        WHERE r.workspace_id = %(ws)s AND r.case_id = c.id AND {_OF_PARTNERS} OFFSET 0
    ) AS r
    WHERE c.workspace_id = %(ws)s AND c.account_id = ANY(%(accounts)s::uuid[])
))
"""  # noqa: S608
_WITH_CASES: Final = """
SELECT DISTINCT account_id FROM reference_cases WHERE workspace_id = %(ws)s AND state = 'approved' ORDER BY account_id
"""

# Accounts come, go and grow without telling the cases of others.
_TELLING: Final = f"""
WITH anonymous AS MATERIALIZED (
    SELECT c.account_id, c.industry, c.size_band, r.industry IS NOT NULL AS of_industry, r.size_band IS NOT NULL AS of_size
    FROM partner_reference_cases r JOIN reference_cases c ON c.workspace_id = r.workspace_id AND c.id = r.case_id
    WHERE r.workspace_id = %(ws)s AND NOT r.named AND (r.industry IS NOT NULL OR r.size_band IS NOT NULL)
), told AS (SELECT industry, size_band FROM anonymous), {_CROWDS}
SELECT DISTINCT account_id FROM anonymous r
WHERE (of_industry AND NOT EXISTS (SELECT FROM wide WHERE wide.industry = r.industry))
OR (of_size AND NOT EXISTS (SELECT FROM narrow WHERE narrow.industry = r.industry AND narrow.size_band = r.size_band))
"""  # noqa: S608


async def rebuild(tx: Tx, *, accounts: Sequence[UUID] | None = None, partners: Sequence[UUID] | None = None) -> None:
    """Say anew what partners see: of these accounts' cases, or these partners, else everything."""
    parameters = await _cleared(tx, accounts, partners)
    if accounts is None:
        accounts = [account_id for (account_id,) in await tx.fetch(_WITH_CASES, parameters)]
    for start in range(0, len(accounts), _AT_A_TIME):
        await tx.execute(_REBUILD, {**parameters, "accounts": list(accounts[start : start + _AT_A_TIME])})


async def clear(tx: Tx, *, partners: Sequence[UUID]) -> None:
    """Show these partners nothing."""
    await _cleared(tx, None, partners)


async def _cleared(tx: Tx, accounts: Sequence[UUID] | None, partners: Sequence[UUID] | None) -> dict[str, Any]:
    # Two at once would each miss what the other is about to change.
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"partner cases {tx.workspace_id}"])
    parameters: dict[str, Any] = {**await moment_of(tx), "partners": None if partners is None else list(partners)}
    if accounts is None:
        await tx.execute(_CLEAR_ALL, parameters)
    else:
        await tx.execute(_CLEAR, {**parameters, "accounts": list(accounts)})
    return parameters


async def keep_crowds(tx: Tx) -> int:
    """Show no finer industry and size of anonymous cases than enough accounts share by now; how many accounts' that were."""
    rows = await tx.fetch(_TELLING, {"ws": tx.workspace_id})
    if rows:
        await rebuild(tx, accounts=[account_id for (account_id,) in rows])
    return len(rows)
