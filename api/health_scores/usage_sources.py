"""Raw values from usage: from the weekly rows where the window is whole weeks, else from the days.

A weekly row says what is known now. As known at an earlier moment it may be used only if none of its days was recorded
later; the others are made from the days and from what corrections replaced. What most models ask, sums, means and
maxima over whole weeks, is read for all components together, in one pass (:func:`together`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.health_scores.definition import HealthSource
from api.health_scores.moments import Question

_DAYS: Final = """
SELECT d.account_id, d.metric_id, d.day AS at, 1 AS n, d.value AS sum, d.value AS max, d.value AS last, d.day AS last_day
FROM {days} d {joined}
WHERE d.workspace_id = %(ws)s AND d.day BETWEEN {begin} AND %(as_of)s {known} {metric} {more}
"""
_RECORDED: Final = "AND d.recorded_at <= %(known_at)s"
_SUPERSEDED: Final = f"{_RECORDED} AND d.superseded_at > %(known_at)s"
_LATE: Final = (
    "JOIN late USING (account_id, metric_id)",
    "AND d.day >= late.week AND d.day < late.week + 7",
)
_WEEK: Final = """
SELECT d.account_id, d.metric_id, d.week AS at, d.n, d.sum, d.max, d.last, d.last_day FROM usage_weekly d
WHERE d.workspace_id = %(ws)s AND d.week BETWEEN {begin} AND %(as_of)s {metric} {of_these}
"""
_LATE_WEEKS: Final = """
SELECT d.account_id, d.metric_id, d.week FROM usage_weekly d
WHERE d.workspace_id = %(ws)s AND d.week BETWEEN {begin} AND %(as_of)s {metric} AND d.last_recorded_at > %(known_at)s
    {of_these}
"""
_TOTAL: Final = {
    "sum": "sum(sum)",
    "avg": "sum(sum) / sum(n)",
    "max": "max(max)",
    "last": "(array_agg(last ORDER BY last_day DESC))[1]",
}


@dataclass(frozen=True, slots=True)
class Together:
    """One read of usage for several components: common tables, their parameters, and how each reads from ``usage``."""

    tables: list[str]
    parameters: dict[str, Any]


def together(questions: Sequence[tuple[int, Question]]) -> Together:
    """The table ``usage`` with ``raw<place>`` and ``observed<place>`` of each of these components, by account."""
    moment = questions[0][1].moment
    values: dict[str, Any] = {"usage_from": min(_begin(question) for _, question in questions), "usage_metrics": []}
    columns = []
    for place, question in questions:
        metric = question.metric
        assert metric is not None
        values["usage_metrics"].append(metric.id)
        values[f"metric{place}"] = metric.id
        values[f"first{place}"] = question.first
        mine = f"metric_id = %(metric{place})s AND at"
        now, then = f"{mine} >= %(first{place})s", f"{mine} < %(first{place})s AND at >= %(before{place})s"
        kind = _kind(question)
        raw = _filtered(_TOTAL[kind], now)
        if question.component.source is HealthSource.usage_trend:
            values[f"before{place}"] = question.before
            raw = f"100 * {raw} / nullif({_filtered(_TOTAL[kind], then)}, 0)"
        columns.append(f"{raw} AS raw{place}, max(last_day) FILTER (WHERE {now}) AS observed{place}")
    among = "AND d.metric_id = ANY(%(usage_metrics)s)"
    tables = _measured("%(usage_from)s", among, past=moment.past, whole_weeks=True, name="used")
    pivoted = f"SELECT account_id, {', '.join(columns)} FROM used GROUP BY account_id"  # noqa: S608
    tables.append(f"usage AS MATERIALIZED ({pivoted})")
    return Together(tables, values)


def joins(question: Question) -> bool:
    """Whether a component can be read together with others."""
    metric, source = question.metric, question.component.source
    if source not in (HealthSource.usage, HealthSource.usage_trend) or not question.whole_weeks or metric is None:
        return False
    return source is HealthSource.usage_trend or metric.aggregation != "last"


def _begin(question: Question) -> Any:  # noqa: ANN401
    return question.before if question.component.source is HealthSource.usage_trend else question.first


def _kind(question: Question) -> str:
    """How days add up; a trend compares sums of sums, and means of everything else."""
    aggregation = question.metric.aggregation if question.metric else "sum"
    if question.component.source is HealthSource.usage_trend:
        return "sum" if aggregation == "sum" else "avg"
    return aggregation


def _filtered(total: str, condition: str) -> str:
    return total.replace(")", f") FILTER (WHERE {condition})")


def of_metric(question: Question) -> str:
    """A metric over the window, added up as it says."""
    return (
        f"WITH {_of(question, '%(first)s', 'AND d.metric_id = %(metric)s')} "  # noqa: S608
        f"SELECT account_id, {_TOTAL[_kind(question)]} AS raw, max(last_day) AS observed_on, "
        "%(first)s::date AS evidence_from FROM measured GROUP BY account_id"
    )


def trend(question: Question) -> str:
    """A metric over the window in percent of the same number of days before it."""
    now, then = (_filtered(_TOTAL[_kind(question)], f"at {side} %(first)s::date") for side in (">=", "<"))
    return (
        f"WITH {_of(question, '%(before)s', 'AND d.metric_id = %(metric)s')} "  # noqa: S608
        f"SELECT account_id, 100 * {now} / nullif({then}, 0) AS raw, "
        "max(last_day) FILTER (WHERE at >= %(first)s::date) AS observed_on, %(first)s::date AS evidence_from "
        "FROM measured GROUP BY account_id"
    )


def depth(question: Question) -> str:
    """How many metrics were above zero in the window."""
    return (
        f"WITH {_of(question, '%(first)s', '')} "  # noqa: S608
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
        f"WITH {_of(question, '%(first)s', chosen)}, licences AS ({licences}) "  # noqa: S608
        "SELECT account_id, 100 * sum(sum) / sum(n) / nullif(max(licensed), 0) AS raw, max(last_day) AS observed_on, "
        "%(first)s::date AS evidence_from FROM measured JOIN licences USING (account_id) "
        "WHERE metric_id = %(metric)s GROUP BY account_id"
    )


def _of(question: Question, begin: str, metric: str) -> str:
    past, whole_weeks = question.moment.past, question.whole_weeks
    return ", ".join(_measured(begin, metric, past=past, whole_weeks=whole_weeks, name="measured"))


def _measured(begin: str, metric: str, *, past: bool, whole_weeks: bool, name: str) -> list[str]:
    """Common tables, the last of them with one row for each day, or for each week whose row may be used.

    Of the present everything counts that is known; of the past what had been recorded by then.
    """

    def said(template: str, **parts: str) -> str:
        # Not format() all at once: the select keeps {of_these} for later.
        for key, text in {"begin": begin, "metric": metric, **parts}.items():
            template = template.replace(f"{{{key}}}", text)
        return template

    of_these = {"joined": "", "more": "{of_these}"}
    if not past:
        rows = said(_WEEK) if whole_weeks else said(_DAYS, days="usage_daily", known="", **of_these)
        return [f"{name} AS ({rows})"]
    if not whole_weeks:
        days = said(_DAYS, days="usage_daily", known=_RECORDED, **of_these)
        superseded = said(_DAYS, days="usage_superseded", known=_SUPERSEDED, **of_these)
        return [f"{name} AS ({days} UNION ALL {superseded})"]
    late = dict(zip(("joined", "more"), _LATE, strict=True))
    weeks = f"{said(_WEEK)} AND d.last_recorded_at <= %(known_at)s"
    days = said(_DAYS, days="usage_daily", known=_RECORDED, **late)
    superseded = said(_DAYS, days="usage_superseded", known=_SUPERSEDED, **late)
    return [
        f"late AS MATERIALIZED ({said(_LATE_WEEKS)})",
        f"{name} AS ({weeks} UNION ALL {days} UNION ALL {superseded})",
    ]
