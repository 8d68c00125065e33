"""What gaps put at risk, summed in SQL over distinct accounts whenever it is read: always exact, never stored.

Amounts are in the workspace's base currency, in minor units. MRR of another currency is converted at the latest rate up
to today; an account without such a rate is told as unconverted and left out of the sums. A churned account has an MRR of
zero. *Renewing* are the accounts whose next undecided term ends within 90 days, or is overdue.
"""

from typing import Any, Final

import sqlalchemy as sa

from api.kit.currencies import minor_digits_sql
from api.kit.resources import Condition, Value
from api.product_gaps.models import ProductGap

RENEWAL_DAYS: Final = 90

KNOWN: Final = f"""
known AS MATERIALIZED (
    SELECT w.base_currency AS base, (%(now)s AT TIME ZONE w.time_zone)::date AS today
    FROM workspaces w WHERE w.workspace_id = %(ws)s
), factors AS MATERIALIZED (
    SELECT DISTINCT ON (x.currency) x.currency, x.rate::numeric
        * 10::numeric ^ (({minor_digits_sql("k.base")}) - ({minor_digits_sql("x.currency")})) AS factor
    FROM exchange_rates x CROSS JOIN known k
    WHERE x.workspace_id = %(ws)s AND x.day <= k.today AND x.currency <> k.base AND x.archived_at IS NULL
    ORDER BY x.currency, x.day DESC
)
"""  # noqa: S608
"""The steps that :data:`WORTH` reads; ``now`` and ``ws`` are parameters."""

_PAYS: Final = f"""s.renewal_on <= k.today + {RENEWAL_DAYS} AS renewing,
    coalesce(CASE WHEN s.currency = k.base THEN s.mrr_minor
        ELSE perennial_converted(s.mrr_minor, f.factor, 1) END, 0) AS mrr,
    s.mrr_minor <> 0 AND s.currency <> k.base AND f.factor IS NULL AS unconverted"""
_BESIDE: Final = "CROSS JOIN known k LEFT JOIN factors f ON f.currency = s.currency"
WORTH: Final = f"""
paying AS MATERIALIZED (
    SELECT s.account_id, {_PAYS} FROM account_standing s {_BESIDE} WHERE s.workspace_id = %(ws)s
), worth AS (SELECT t.*, p.renewing, p.mrr, p.unconverted FROM told t JOIN paying p ON p.account_id = t.account_id)
"""  # noqa: S608
"""What the accounts of the step ``told`` (``account_id``, ``blocks``, ``reports``, one row for each of a group) pay.

For many of the workspace's accounts at once, without nested loops.
"""
# The limit keeps Postgres from reading the standing of all accounts for each gap of a page.
_WORTH_OF_FEW: Final = f"""
worth AS (
    SELECT t.*, {_PAYS} FROM told t CROSS JOIN LATERAL (
        SELECT * FROM account_standing s WHERE s.workspace_id = %(ws)s AND s.account_id = t.account_id LIMIT 1
    ) AS s {_BESIDE}
)
"""  # noqa: S608


def _money(condition: str) -> str:
    amount = f"coalesce(sum(w.mrr) FILTER (WHERE {condition}), 0)::bigint"
    return f"json_build_object('amount', {amount}, 'currency', (SELECT min(base) FROM known))"  # noqa: S608


FIGURES: Final = f"""json_build_object(
    'reports', coalesce(sum(w.reports), 0)::bigint, 'accounts', count(w.account_id),
    'blocking_accounts', count(*) FILTER (WHERE w.blocks),
    'unconverted_accounts', count(*) FILTER (WHERE w.unconverted),
    'mrr_affected', {_money("true")}, 'mrr_at_risk', {_money("w.blocks")},
    'renewing_accounts', count(*) FILTER (WHERE w.renewing), 'renewing_mrr', {_money("w.renewing")},
    'renewing_blocking_accounts', count(*) FILTER (WHERE w.renewing AND w.blocks),
    'renewing_mrr_at_risk', {_money("w.renewing AND w.blocks")}
)"""
"""The figures of the rows of ``worth w``, whose accounts are distinct, as the JSON of a ``GapFigures``."""

TOLD: Final = "bool_or(r.blocks_renewal) AS blocks, count(*) AS reports"

_OF_ONE: Final = f"""
WITH {KNOWN}, told AS (
    SELECT r.account_id, {TOLD} FROM product_gap_reports r
    WHERE r.workspace_id = product_gaps.workspace_id AND r.gap_id = product_gaps.id AND r.archived_at IS NULL
    GROUP BY r.account_id
), {_WORTH_OF_FEW} SELECT {FIGURES} FROM worth w
"""  # noqa: S608
# In one pass over the reports that matter: a sub-select for each gap would look up each account again. The standing is
# joined by its key, so that a plan made for an empty workspace stays good when the workspace fills up.
_OF_ALL: Final = """
WITH {known}, told AS (
    SELECT DISTINCT r.gap_id, r.account_id FROM product_gap_reports r
    WHERE r.workspace_id = %(ws)s AND r.archived_at IS NULL {which}
), worth AS (
    SELECT t.gap_id, t.account_id, {pays}
    FROM told t JOIN account_standing s ON s.workspace_id = %(ws)s AND s.account_id = t.account_id {beside}
)
SELECT g.id AS gap_id, {figure} AS figure
FROM product_gaps g LEFT JOIN worth w ON w.gap_id = g.id WHERE g.workspace_id = %(ws)s GROUP BY g.id
"""
_BLOCKING: Final = "AND r.blocks_renewal"
BY_FIGURE: Final = {
    "accounts": ("count(w.account_id)", ""),
    "mrr_affected": ("coalesce(sum(w.mrr), 0)::bigint", ""),
    "mrr_at_risk": ("coalesce(sum(w.mrr), 0)::bigint", _BLOCKING),
    "renewing_mrr_at_risk": ("coalesce(sum(w.mrr) FILTER (WHERE w.renewing), 0)::bigint", _BLOCKING),
}
"""The figures that gaps can be sorted by: how each is summed up, and over which reports."""


def _text(statement: str) -> sa.TextClause:
    named = statement.replace("%(now)s", ":now").replace("%(ws)s", ":workspace_id")
    return sa.text(named).bindparams(
        sa.bindparam("now", type_=sa.DateTime(timezone=True)), sa.bindparam("workspace_id", type_=sa.Uuid())
    )


def figures_of_gap() -> Value:
    """The figures of a row of ``product_gaps``."""
    return _text(_OF_ONE).columns(sa.column("figures", sa.JSON())).scalar_subquery()


def figure_of_all(name: str) -> tuple[Any, Condition]:
    """One figure of all gaps to sort by, its column called ``figure``, and what ties it to ``product_gaps``."""
    figure, which = BY_FIGURE[name]
    statement = _OF_ALL.format(known=KNOWN, pays=_PAYS, beside=_BESIDE, figure=figure, which=which)
    columns = sa.column("gap_id", sa.Uuid()), sa.column("figure", sa.BigInteger())
    summed = _text(statement).columns(*columns).subquery("summed")
    gaps: sa.Table = ProductGap.__table__  # type: ignore[attr-defined]
    return summed, summed.c.gap_id == gaps.c.id
