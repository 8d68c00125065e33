"""Where raw values come from: one select for each source, over all accounts or over a few.

Each yields ``(account_id, raw, observed_on, evidence_from)``: the value, the day of its newest evidence, and the first
day that it looks at. What it may look at ends with the day ``as_of`` and with what had been recorded by ``known_at``,
which is how a backtest sees the past; a live score asks for what is known now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.health_scores.definition import HealthSource


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
    """One kind of raw value.

    ``select`` may use the parameters ``ws``, ``as_of``, ``first`` (the first day of the window), ``days`` (of the
    window), ``known_at``, ``ids`` and ``metric``; ``{of_these}`` is where it narrows to a few accounts.
    """

    en: str
    ja: str
    unit: str
    known_by: KnownBy
    select: str


_NOTICE: Final = """
SELECT account_id, (min(notice_deadline) - %(as_of)s::date)::float8 AS raw, %(as_of)s::date AS observed_on,
    max(starts_on) AS evidence_from
FROM contract_terms WHERE workspace_id = %(ws)s AND starts_on <= %(as_of)s AND ends_before > %(as_of)s
    AND archived_at IS NULL {of_these}
GROUP BY account_id
"""
_PRODUCTS: Final = """
SELECT account_id, count(DISTINCT product_id)::float8 AS raw, %(as_of)s::date AS observed_on,
    max(starts_on) AS evidence_from
FROM contract_items WHERE workspace_id = %(ws)s AND starts_on <= %(as_of)s
    AND (ends_before IS NULL OR ends_before > %(as_of)s) AND archived_at IS NULL {of_these}
GROUP BY account_id
"""
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

SOURCES: Final[Mapping[HealthSource, Source]] = {
    HealthSource.csm_pulse: Source(
        "The latest pulse given in the window", "期間内で最新の CSM の肌感", "1 to 5", KnownBy.recorded, _PULSE
    ),
    HealthSource.products_in_use: Source(
        "How many products run under contract", "契約中の製品数", "products", KnownBy.fact, _PRODUCTS
    ),
    HealthSource.days_to_notice_deadline: Source(
        "Days until notice can last be given; negative once it has passed",
        "解約通知期限までの日数（過ぎた場合は負）",
        "days",
        KnownBy.fact,
        _NOTICE,
    ),
    HealthSource.stakeholder_coverage: Source(
        "Share of the parts decision maker, champion and user for which we know somebody",
        "決裁者・推進者・利用者のうち、相手が分かっている割合",
        "percent",
        KnownBy.now,
        _STAKEHOLDERS,
    ),
}
OF_THESE: Final = "AND account_id = ANY(%(ids)s)"
