"""NPS, CSAT and CES of a period: answers as known at a moment, and the links that could have been answered."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import MISSING

from api.analytics.retained import period_of
from api.analytics.retention import ratio, shown
from api.analytics.survey_schemas import (
    ScoreCount,
    ScoreFigures,
    ScoreMonth,
    ScorePart,
    SurveyBasis,
    SurveyBreakdown,
    SurveyScoresQuery,
    SurveyScoresRead,
)
from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.schemas import or_none
from api.surveys.scores import Answers, Stand

# The score that was believed at the moment: the present one, or one that was superseded later.
_ANSWERS: Final = """
WITH believed AS (
    SELECT r.id, r.score FROM survey_responses r WHERE r.workspace_id = %(ws)s AND r.recorded_at <= %(known_at)s
    UNION ALL
    SELECT o.response_id, o.score FROM survey_scores_superseded o
    WHERE o.workspace_id = %(ws)s AND o.recorded_at <= %(known_at)s AND o.superseded_at > %(known_at)s
)
SELECT {part} AS part, date_trunc('month', x.answered_on)::date AS month, s.scale_max, b.score, count(*),
    count(*) FILTER (WHERE x.backfilled), bool_and(s.kpi_eligible)
FROM believed b
JOIN survey_responses x ON x.workspace_id = %(ws)s AND x.id = b.id
JOIN surveys s ON s.workspace_id = %(ws)s AND s.id = x.survey_id
WHERE x.answered_on BETWEEN %(from)s AND %(to)s AND (x.archived_at IS NULL OR x.archived_at > %(known_at)s)
AND s.kind = %(kind)s {conditions}
GROUP BY 1, 2, 3, 4
"""
_LINKS: Final = """
SELECT {part} AS part, date_trunc('month', x.sent_at AT TIME ZONE w.time_zone)::date AS month, count(*),
    count(*) FILTER (WHERE x.answered_at <= %(known_at)s)
FROM survey_invitations x
JOIN surveys s ON s.workspace_id = %(ws)s AND s.id = x.survey_id
JOIN workspaces w ON w.workspace_id = %(ws)s
WHERE x.workspace_id = %(ws)s AND x.sent_at <= %(known_at)s
AND (x.sent_at AT TIME ZONE w.time_zone)::date BETWEEN %(from)s AND %(to)s AND s.kind = %(kind)s {conditions}
GROUP BY 1, 2
"""
_FILTERS: Final = {
    "survey_id": "x.survey_id = ANY(%(survey_id)s)",
    "usage_status": "x.usage_status = ANY(%(usage_status)s)",
    "phase": "x.phase = ANY(%(phase)s)",
}
_PARTS: Final = {
    SurveyBreakdown.usage_status: "x.usage_status",
    SurveyBreakdown.phase: "x.phase",
    SurveyBreakdown.survey: "x.survey_id::text",
}
_NAMES: Final = {SurveyBreakdown.survey: "surveys", SurveyBreakdown.segment: "segments"}


class _Counted(NamedTuple):
    part: str | None
    month: dt.date
    scale_max: int
    score: int
    answers: int
    backfilled: int
    kpi_eligible: bool


class _Linked(NamedTuple):
    part: str | None
    month: dt.date
    links: int
    answered: int


Belongs = Callable[["_Counted | _Linked"], bool]


@dataclass(slots=True)
class _Asked:
    """The question as SQL."""

    part: str = "NULL"
    conditions: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def statement(self, template: str) -> str:
        return template.format(part=self.part, conditions="".join(f" AND {each}" for each in self.conditions))


async def survey_scores(tx: Tx, query: SurveyScoresQuery) -> SurveyScoresRead:
    """The scores of a period."""
    period = await period_of(tx, or_none(query.from_), or_none(query.to))
    known_at, by = or_none(query.known_at), or_none(query.by)
    question = await _question(tx, query)
    parameters = question.parameters | {
        "ws": tx.workspace_id, "from": period.first, "to": period.last, "kind": query.kind.value,
        "known_at": known_at or clock.now(),
    }  # fmt: skip
    counted = [_Counted(*row) for row in await tx.fetch(question.statement(_ANSWERS), parameters)]
    linked = [_Linked(*row) for row in await tx.fetch(question.statement(_LINKS), parameters)]

    def figures(of: Belongs) -> dict[str, Any]:
        return _figures(query, [row for row in counted if of(row)], [row for row in linked if of(row)])

    answered = sum(row.answers for row in counted)
    months = sorted({row.month for row in counted} | {row.month for row in linked})
    keys = {row.part for row in counted} | {row.part for row in linked}
    return SurveyScoresRead(
        kind=query.kind,
        basis=[SurveyBasis.response],
        **{"from": period.first},
        to=period.last,
        as_of=period.last,
        known_at=known_at,
        kpi_eligible=all(row.kpi_eligible for row in counted) if counted else None,
        backfilled_share=shown(ratio(sum(row.backfilled for row in counted), answered)),
        total=ScoreFigures(**figures(lambda _: True)),
        months=[ScoreMonth(month=month, **figures(partial(_is_of_month, month))) for month in months],
        parts=[] if by is None else await _parts(tx, by, keys, figures),
    )


def _is_of_month(month: dt.date, row: "_Counted | _Linked") -> bool:
    return row.month == month


def _is_of_part(key: str | None, row: "_Counted | _Linked") -> bool:
    return row.part == key


async def _question(tx: Tx, query: SurveyScoresQuery) -> _Asked:
    by, found = or_none(query.by), _Asked()
    for name, condition in _FILTERS.items():
        wanted = getattr(query, name)
        if wanted is not MISSING:
            found.conditions.append(condition)
            found.parameters[name] = [getattr(each, "value", each) for each in wanted]
    segments = or_none(query.segment_id)
    if segments:
        await _refuse_unknown_segments(tx, segments)
        found.parameters |= {f"segment_{place}": segment for place, segment in enumerate(segments)}
    member = [f"%(segment_{place})s = ANY(x.segment_ids)" for place in range(len(segments or ()))]
    if by is SurveyBreakdown.segment:
        if not segments:
            raise invalid(FieldError("?segment_id", "missing", "Name the segments", "セグメントを指定してください"))
        whens = " ".join(f"WHEN {each} THEN '{segment}'" for each, segment in zip(member, segments, strict=True))
        found.part = f"CASE {whens} END"
    elif by is not None:
        found.part = _PARTS[by]
    if member and by is not SurveyBreakdown.segment:
        found.conditions.append("(" + " OR ".join(member) + ")")
    return found


async def _refuse_unknown_segments(tx: Tx, segment_ids: Sequence[UUID]) -> None:
    rows = await tx.fetch(
        "SELECT id FROM segments WHERE workspace_id = %s AND id = ANY(%s)", [tx.workspace_id, list(segment_ids)]
    )
    if {row[0] for row in rows} < set(segment_ids):
        error = FieldError(
            "?segment_id", "reference_not_found", "There is no such segment", "該当するセグメントがありません"
        )
        raise invalid(error)


async def _parts(
    tx: Tx, by: SurveyBreakdown, keys: Iterable[str | None], figures: Callable[[Belongs], dict[str, Any]]
) -> list[ScorePart]:
    ordered = sorted(keys, key=lambda key: (key is None, key or ""))
    labels = await _labels(tx, by, [key for key in ordered if key is not None])
    return [ScorePart(key=key, label=labels.get(key or ""), **figures(partial(_is_of_part, key))) for key in ordered]


async def _labels(tx: Tx, by: SurveyBreakdown, keys: Sequence[str]) -> Mapping[str, str]:
    if by not in _NAMES:
        return {}
    rows = await tx.fetch(
        f"SELECT id::text, name FROM {_NAMES[by]} WHERE workspace_id = %s AND id = ANY(%s)",  # noqa: S608
        [tx.workspace_id, [UUID(key) for key in keys]],
    )
    return dict(rows)


def _figures(query: SurveyScoresQuery, counted: Iterable[_Counted], linked: Sequence[_Linked]) -> dict[str, Any]:
    found = Answers.of(query.kind, [(row.scale_max, row.score, row.answers) for row in counted])
    low, high = found.interval or (None, None)
    invited, answered = sum(row.links for row in linked), sum(row.answered for row in linked)
    return {
        "n": found.n,
        "score": shown(found.score),
        "mean": shown(found.mean),
        "standard_error": found.standard_error,
        "interval_low": low,
        "interval_high": high,
        "sufficient_sample": found.sufficient,
        **{side.value: found.on(side) for side in Stand},
        "distribution": [ScoreCount(score=score, count=n) for score, n in found.distribution().items()],
        "invited": invited,
        "invited_and_answered": answered,
        "response_rate": shown(ratio(answered, invited)),
    }
