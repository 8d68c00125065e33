"""Where raw values come from: one select for each source, over a population.

Each yields ``(account_id, raw, observed_on, evidence_from)``: the value, the day of its newest evidence, and the first
day that it looks at. What it may look at ends with the day ``as_of`` and with what had been recorded by ``known_at``,
which is how a backtest sees the past; a live score asks for what is known now.

Selects stand behind the common table ``population``. They may use the parameters ``ws``, ``as_of``, ``until`` (the end of
that day), ``zone``, ``known_at``, ``ids``, and of their component ``first`` (the first day of the window), ``since`` (its
beginning), ``before`` (the first day of as many days before the window), ``metric``, ``licensed``. ``{of_these}`` is where
one narrows to a few accounts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.health_scores import usage_sources as usage
from api.health_scores.definition import HealthSource
from api.health_scores.moments import Question
from api.success_roadmaps.known import KNOWN_ROADMAPS
from api.success_roadmaps.value_sql import COST_OF_DAYS, KNOWN, SUMMED


class KnownBy(StrEnum):
    """How the past of a source can be seen."""

    recorded = "recorded"
    """By the moment at which each fact was recorded; corrections keep what they replaced."""
    fact = "fact"
    """By the days that facts are about: agreed on before they begin."""
    now = "now"
    """Not at all: the past is not kept. A backtest counts such a component as missing."""


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of raw value."""

    en: str
    ja: str
    unit: str
    known_by: KnownBy
    select: Callable[[Question], str]


def _always(select: str) -> Callable[[Question], str]:
    return lambda _question: select


def _runs(table: str) -> str:
    """The condition that the contract of a row of ``table`` stands, and was not ended before."""
    return f"""EXISTS (
        SELECT FROM contracts c WHERE c.workspace_id = %(ws)s AND c.id = {table}.contract_id AND c.archived_at IS NULL
        AND (c.stops_before IS NULL OR c.stops_before > %(as_of)s)
    )"""


_NOTICE: Final = f"""
SELECT account_id, (min(notice_deadline) - %(as_of)s::date)::float8 AS raw, %(as_of)s::date AS observed_on,
    max(starts_on) AS evidence_from
FROM contract_terms WHERE workspace_id = %(ws)s AND starts_on <= %(as_of)s AND ends_before > %(as_of)s
    AND archived_at IS NULL AND {_runs("contract_terms")} {{of_these}}
GROUP BY account_id
"""  # noqa: S608
_PRODUCTS: Final = f"""
SELECT account_id, count(DISTINCT product_id)::float8 AS raw, %(as_of)s::date AS observed_on,
    max(starts_on) AS evidence_from
FROM contract_items WHERE workspace_id = %(ws)s AND starts_on <= %(as_of)s
    AND (ends_before IS NULL OR ends_before > %(as_of)s) AND archived_at IS NULL
    AND {_runs("contract_items")} {{of_these}}
GROUP BY account_id
"""  # noqa: S608
_PULSE: Final = """
SELECT DISTINCT ON (account_id) account_id, value::float8 AS raw, day AS observed_on, day AS evidence_from
FROM csm_pulses WHERE workspace_id = %(ws)s AND day BETWEEN %(first)s AND %(as_of)s
    AND recorded_at <= %(known_at)s {of_these}
ORDER BY account_id, day DESC, recorded_at DESC, id DESC
"""
_STAKEHOLDERS: Final = """
SELECT account_id, 100.0 * count(DISTINCT stakeholder_role)
        FILTER (WHERE stakeholder_role IN ('decision_maker', 'champion', 'user')) / 3 AS raw,
    %(as_of)s::date AS observed_on, max(coalesce(since, created_at::date)) AS evidence_from
FROM contacts WHERE workspace_id = %(ws)s AND archived_at IS NULL AND erased_at IS NULL
    AND (left_on IS NULL OR left_on > %(as_of)s) {of_these}
GROUP BY account_id
"""
_KNOWN_TICKETS: Final = """
SELECT account_id, opened_at, closed_at, satisfaction FROM ticket_versions
WHERE workspace_id = %(ws)s AND NOT archived AND opened_at < %(until)s AND recorded_at <= %(known_at)s
    AND (superseded_at IS NULL OR superseded_at > %(known_at)s) {of_these}
"""
# Where tickets are kept at all, an account without one has none: 0, not unknown.
_COUNTED_TICKETS: Final = """
SELECT account_id, count(t.opened_at)::float8 AS raw, %(as_of)s::date AS observed_on, {from_} AS evidence_from
FROM population LEFT JOIN ({known} AND {which}) AS t USING (account_id)
WHERE EXISTS (SELECT 1 FROM ticket_versions WHERE workspace_id = %(ws)s AND recorded_at <= %(known_at)s)
GROUP BY account_id
"""
_SATISFACTION: Final = """
SELECT account_id, avg(satisfaction) AS raw, %(as_of)s::date AS observed_on, %(first)s::date AS evidence_from
FROM ({known} AND closed_at >= %(since)s AND closed_at < %(until)s AND satisfaction IS NOT NULL) AS t
GROUP BY account_id
"""
_ANSWERS: Final = """
SELECT account_id, avg(score) AS raw, max(answered_on) AS observed_on, %(first)s::date AS evidence_from FROM (
    SELECT DISTINCT ON (account_id, coalesce(contact_id, response_id)) account_id, score, answered_on FROM (
        SELECT r.account_id, r.id AS response_id, r.contact_id, r.survey_id, r.score, r.answered_on, r.answered_at
        FROM survey_responses r WHERE r.workspace_id = %(ws)s AND r.archived_at IS NULL AND r.recorded_at <= %(known_at)s
            AND r.answered_on BETWEEN %(first)s AND %(as_of)s {of_these}
        UNION ALL
        SELECT r.account_id, r.id, r.contact_id, r.survey_id, s.score, r.answered_on, r.answered_at
        FROM survey_scores_superseded s
        JOIN survey_responses r ON r.workspace_id = s.workspace_id AND r.id = s.response_id
        WHERE s.workspace_id = %(ws)s AND r.archived_at IS NULL AND s.recorded_at <= %(known_at)s
            AND s.superseded_at > %(known_at)s AND r.answered_on BETWEEN %(first)s AND %(as_of)s
    ) AS known
    WHERE survey_id IN (SELECT id FROM surveys WHERE workspace_id = %(ws)s AND kind = '{kind}')
    ORDER BY account_id, coalesce(contact_id, response_id), answered_at DESC
) AS latest
GROUP BY account_id
"""
_LAST_INTERACTION: Final = """
SELECT account_id, (%(as_of)s::date - max(day))::float8 AS raw, max(day) AS observed_on, max(day) AS evidence_from FROM (
    SELECT account_id, (occurred_at AT TIME ZONE %(zone)s)::date AS day FROM interactions
    WHERE workspace_id = %(ws)s AND archived_at IS NULL AND recorded_at <= %(known_at)s
        AND occurred_at >= %(since)s AND occurred_at < %(until)s {of_these}
    UNION ALL
    SELECT account_id, (occurred_at AT TIME ZONE %(zone)s)::date FROM superseded_interactions
    WHERE workspace_id = %(ws)s AND recorded_at <= %(known_at)s AND superseded_at > %(known_at)s
        AND occurred_at >= %(since)s AND occurred_at < %(until)s {of_these}
) AS known
GROUP BY account_id
"""
_ROADMAP_PROGRESS: Final = f"""
SELECT account_id, 100 * avg(progress) AS raw, max(day) AS observed_on, max(day) AS evidence_from
FROM ({KNOWN_ROADMAPS}) AS known WHERE progress IS NOT NULL GROUP BY account_id
"""  # noqa: S608
_GOAL_COVERAGE: Final = f"""
SELECT account_id, 100.0 * (bool_or(covers_company)::int + bool_or(covers_department)::int
    + bool_or(covers_project)::int) / 3 AS raw, max(day) AS observed_on, max(day) AS evidence_from
FROM ({KNOWN_ROADMAPS}) AS known GROUP BY account_id
"""  # noqa: S608
# Confirmed value whose period ended in the window. Of several currencies the one of the latest period: nothing is converted.
_CONFIRMED: Final = f"""(
    SELECT * FROM ({KNOWN}) AS known WHERE state = 'confirmed' AND ends_before > %(first)s
    AND ends_before <= %(as_of)s::date + 1 {{of_these}}
)"""  # noqa: S608
_VALUE: Final = f"""
SELECT DISTINCT ON (account_id) account_id,
    CASE WHEN without_cost = 0 THEN 100 * (value - cost)::float8 / nullif(cost, 0)::float8 END AS raw,
    last_day AS observed_on, first_day AS evidence_from
FROM (
    SELECT summed.*, given + {COST_OF_DAYS} AS cost
    FROM ({SUMMED.format(source=_CONFIRMED, by="account_id, currency")}) AS summed
) AS costed
ORDER BY account_id, last_day DESC, currency
"""  # noqa: S608


def _answers(kind: str) -> Callable[[Question], str]:
    return _always(_ANSWERS.replace("{kind}", kind))


def _tickets(template: str, **parts: str) -> Callable[[Question], str]:
    # Not format(): the selects keep {of_these} for later.
    for name, text in {"known": _KNOWN_TICKETS, **parts}.items():
        template = template.replace(f"{{{name}}}", text)
    return _always(template)


SOURCES: Final[Mapping[HealthSource, Source]] = {
    HealthSource.usage: Source(
        "A usage metric over the window, added up as the metric says",
        "期間内の利用指標（指標ごとの集計方法による）",
        "as the metric",
        KnownBy.recorded,
        usage.of_metric,
    ),
    HealthSource.usage_trend: Source(
        "A usage metric over the window, against as many days before it",
        "直前の同じ日数と比べた、期間内の利用指標",
        "percent",
        KnownBy.recorded,
        usage.trend,
    ),
    HealthSource.usage_depth: Source(
        "How many usage metrics were above zero in the window",
        "期間内に 0 を超えた利用指標の数",
        "metrics",
        KnownBy.recorded,
        usage.depth,
    ),
    HealthSource.utilisation: Source(
        "Mean of the active metric over the window, against licences",
        "ライセンス数に対する、期間内の利用者数の平均",
        "percent",
        KnownBy.recorded,
        usage.utilisation,
    ),
    HealthSource.open_tickets: Source(
        "Tickets open at the end of the day", "その日の終わりに未解決のチケット数", "tickets", KnownBy.recorded,
        _tickets(
            _COUNTED_TICKETS, which="(closed_at IS NULL OR closed_at >= %(until)s)", from_="%(as_of)s::date"
        ),
    ),
    HealthSource.opened_tickets: Source(
        "Tickets opened in the window", "期間内に起票されたチケット数", "tickets", KnownBy.recorded, _tickets(_COUNTED_TICKETS, which="opened_at >= %(since)s", from_="%(first)s::date")
    ),
    HealthSource.ticket_satisfaction: Source(
        "Mean satisfaction with the tickets closed in the window",
        "期間内に解決したチケットの平均満足度",
        "0 to 100",
        KnownBy.recorded,
        _tickets(_SATISFACTION),
    ),
    HealthSource.nps: Source(
        "Mean of each person's latest NPS answer in the window",
        "期間内の NPS 回答（回答者ごとに最新）の平均",
        "0 to 10",
        KnownBy.recorded,
        _answers("nps"),
    ),
    HealthSource.csat: Source(
        "Mean of each person's latest CSAT answer in the window",
        "期間内の CSAT 回答（回答者ごとに最新）の平均",
        "the survey's scale",
        KnownBy.recorded,
        _answers("csat"),
    ),
    HealthSource.ces: Source(
        "Mean of each person's latest CES answer in the window",
        "期間内の CES 回答（回答者ごとに最新）の平均",
        "the survey's scale",
        KnownBy.recorded,
        _answers("ces"),
    ),
    HealthSource.days_since_interaction: Source(
        "Days since the last meeting, call, mail or note in the window",
        "期間内で最後の接触からの日数",
        "days",
        KnownBy.recorded,
        _always(_LAST_INTERACTION),
    ),
    HealthSource.csm_pulse: Source(
        "The latest pulse given in the window", "期間内で最新の CSM の肌感", "1 to 5", KnownBy.recorded, _always(_PULSE)
    ),
    HealthSource.products_in_use: Source(
        "How many products run under contract", "契約中の製品数", "products", KnownBy.fact, _always(_PRODUCTS)
    ),
    HealthSource.days_to_notice_deadline: Source(
        "Days until notice can last be given; negative once it has passed",
        "解約通知期限までの日数（過ぎた場合は負）",
        "days",
        KnownBy.fact,
        _always(_NOTICE),
    ),
    HealthSource.roadmap_progress: Source(
        "Mean progress of the account's active roadmaps",
        "進行中のロードマップの進捗の平均",
        "percent",
        KnownBy.recorded,
        _always(_ROADMAP_PROGRESS),
    ),
    HealthSource.goal_coverage: Source(
        "Share of the levels company, department and project with a goal that is agreed, measurable and owned on both sides",
        "全社・部門・プロジェクトのうち、合意済みで測定でき、双方に担当者がいる目標がある階層の割合",
        "percent",
        KnownBy.recorded,
        _always(_GOAL_COVERAGE),
    ),
    HealthSource.value_realised: Source(
        "Return on investment of the confirmed value whose period ended in the window",
        "期間内に終わった、確認済みの実現価値の投資対効果（ROI）",
        "percent",
        KnownBy.recorded,
        _always(_VALUE),
    ),
    HealthSource.stakeholder_coverage: Source(
        "Share of the parts decision maker, champion and user for which we know somebody",
        "決裁者・推進者・利用者のうち、相手が分かっている割合",
        "percent",
        KnownBy.now,
        _always(_STAKEHOLDERS),
    ),
}  # fmt: skip
