"""Raw values from usage: from the weekly rows where the window is whole weeks, else from the days.

A weekly row says what is known now. As known at an earlier moment it may be used only if none of its days was recorded
later; the others are made from the days and from what corrections replaced.
"""

from typing import Final

from api.health_scores.moments import Question

_DAYS: Final = """
SELECT d.account_id, d.metric_id, d.day AS at, 1 AS n, d.value AS sum, d.value AS max, d.value AS last, d.day AS last_day
FROM {days} d {joined}
WHERE d.workspace_id = %(ws)s AND d.day BETWEEN {begin} AND %(as_of)s AND d.recorded_at <= %(known_at)s {metric} {more}
"""
_SUPERSEDED: Final = "AND d.superseded_at > %(known_at)s"
_LATE: Final = (
    "JOIN late USING (account_id, metric_id)",
    "AND d.day >= late.week AND d.day < late.week + 7",
)
_WEEKS: Final = """
weeks AS MATERIALIZED (
    SELECT d.account_id, d.metric_id, d.week AS at, d.n, d.sum, d.max, d.last, d.last_day, d.last_recorded_at
    FROM usage_weekly d WHERE d.workspace_id = %(ws)s AND d.week BETWEEN {begin} AND %(as_of)s {metric} {of_these}
), late AS MATERIALIZED (
    SELECT account_id, metric_id, at AS week FROM weeks WHERE last_recorded_at > %(known_at)s
), measured AS (
    SELECT account_id, metric_id, at, n, sum, max, last, last_day FROM weeks WHERE last_recorded_at <= %(known_at)s
    UNION ALL {days} UNION ALL {superseded}
)
"""
_BY_DAY: Final = "measured AS ({days} UNION ALL {superseded})"
_TOTAL: Final = {
    "sum": "sum(sum)",
    "avg": "sum(sum) / sum(n)",
    "max": "max(max)",
    "last": "(array_agg(last ORDER BY last_day DESC))[1]",
}


def of_metric(question: Question) -> str:
    """A metric over the window, added up as it says."""
    metric = question.metric
    total = _TOTAL[metric.aggregation if metric else "sum"]
    return (
        f"WITH {_measured(question, '%(first)s', 'AND d.metric_id = %(metric)s')} "  # noqa: S608
        f"SELECT account_id, {total} AS raw, max(last_day) AS observed_on, %(first)s::date AS evidence_from "
        "FROM measured GROUP BY account_id"
    )


def trend(question: Question) -> str:
    """A metric over the window in percent of the same number of days before it; of sums, else of means."""
    metric = question.metric
    total = "sum(sum)" if metric is None or metric.aggregation == "sum" else "sum(sum) / sum(n)"
    now, then = (
        total.replace(")", f") FILTER (WHERE at {side} %(first)s::date)") for side in (">=", "<")
    )  # fmt: skip
    return (
        f"WITH {_measured(question, '%(before)s', 'AND d.metric_id = %(metric)s')} "  # noqa: S608
        f"SELECT account_id, 100 * {now} / nullif({then}, 0) AS raw, max(last_day) AS observed_on, "
        "%(before)s::date AS evidence_from FROM measured GROUP BY account_id"
    )


def depth(question: Question) -> str:
    """How many metrics were above zero in the window."""
    return (
        f"WITH {_measured(question, '%(first)s', '')} "  # noqa: S608
        "SELECT account_id, count(DISTINCT metric_id) FILTER (WHERE max > 0)::float8 AS raw, "
        "max(last_day) AS observed_on, %(first)s::date AS evidence_from FROM measured GROUP BY account_id"
    )


def utilisation(question: Question) -> str:
    """The mean of the active metric in percent of the licences: the licensed metric's latest value, else seats."""
    if question.with_role("licensed") is None:
        licences = (
            "SELECT account_id, sum(seats)::float8 AS licensed FROM contract_rates WHERE workspace_id = %(ws)s "
            "AND starts_on <= %(as_of)s AND (ends_before IS NULL OR ends_before > %(as_of)s) {of_these} GROUP BY account_id"
        )
        chosen = "AND d.metric_id = %(metric)s"
    else:
        licences = (
            "SELECT account_id, (array_agg(last ORDER BY last_day DESC))[1] AS licensed FROM measured "
            "WHERE metric_id = %(licensed)s GROUP BY account_id"
        )
        chosen = "AND d.metric_id IN (%(metric)s, %(licensed)s)"
    return (
        f"WITH {_measured(question, '%(first)s', chosen)}, licences AS ({licences}) "  # noqa: S608
        "SELECT account_id, 100 * sum(sum) / sum(n) / nullif(max(licensed), 0) AS raw, max(last_day) AS observed_on, "
        "%(first)s::date AS evidence_from FROM measured JOIN licences USING (account_id) "
        "WHERE metric_id = %(metric)s GROUP BY account_id"
    )


def _measured(question: Question, begin: str, metric: str) -> str:
    """The common table ``measured``: one row for each day, or for each week whose row may be used."""
    joined, narrowed = _LATE if question.whole_weeks else ("", "{of_these}")
    parts = [
        _DAYS.format(days=days, joined=joined, begin=begin, metric=metric, more=f"{more} {narrowed}")
        for days, more in (("usage_daily", ""), ("usage_superseded", _SUPERSEDED))
    ]
    template = _WEEKS if question.whole_weeks else _BY_DAY
    return (
        template.replace("{begin}", begin)
        .replace("{metric}", metric)
        .replace("{days}", parts[0])
        .replace("{superseded}", parts[1])
    )
