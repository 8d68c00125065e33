# ruff: noqa: S608 - the text of the statement follows a definition that was checked; its values are bound or numbers
"""The set-based form of :mod:`api.health_scores.scoring`: one statement that scores a population with a model.

The population is a select of ``(account_id, phase, level, evidence_from, unconfirmed)``. The statement's common table
``scored`` has those columns and ``raws, points, missing, usable, recent, state, shown, reached, maturity, score, band``,
where ``shown`` is the level whose criteria are met, ``reached`` the one after the step, and ``maturity`` that of models
with levels; what becomes of its rows (stored, shown, collected for a backtest) is said by the select that the caller puts behind it.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from api.health_scores.definition import (
    LEVELS,
    Breakpoint,
    Component,
    Definition,
    Maturity,
    MaturityLevel,
    MissingPolicy,
)
from api.health_scores.moments import Moment, Question
from api.health_scores.scoring import HIGHEST_CELL, LEAST_USABLE, NEUTRAL, RESET_LEVEL, STATE_CUTS
from api.health_scores.sources import SOURCES, KnownBy

OF_THESE: Final = "AND account_id = ANY(%(ids)s)"
_ONCE: Final = "OFFSET 0"
"""Keeps the planner from writing a select's expressions into the next: they would be planned and computed many times."""
_OWN: Final = ("first", "since", "before", "metric", "licensed")


def scored(
    definition: Definition,
    population: str,
    moment: Moment,
    *,
    steps: bool = False,
    few: bool = False,
) -> tuple[str, dict[str, Any]]:
    """``WITH …, scored AS (…)`` and its parameters, but for those of the population and ``ws``.

    Args:
        definition: What to compute.
        population: The select of the accounts, on one of the present levels of maturity.
        moment: What may be looked at.
        steps: Whether maturity may climb a level, as it may once a week.
        few: Whether sources are read for the accounts in the parameter ``ids`` only.
    """
    parameters: dict[str, Any] = {
        "as_of": moment.as_of, "until": moment.until, "known_at": moment.known_at, "zone": str(moment.zone),
    }  # fmt: skip
    tables = [f"population AS MATERIALIZED ({population})"]
    for place, component in enumerate(definition.components):
        select, own = _source(component, place, moment, few=few)
        tables.append(f"c{place} AS MATERIALIZED ({select})")
        parameters |= own
    places = range(len(definition.components))
    joins = " ".join(f"LEFT JOIN c{place} USING (account_id)" for place in places)
    readings = ", ".join(_reading(component, place) for place, component in enumerate(definition.components))
    tables.append(f"readings AS (SELECT population.*, {readings} FROM population {joins})")
    points = ", ".join(_points(component, place) for place, component in enumerate(definition.components))
    tables.append(f"pointed AS (SELECT *, {points} FROM readings {_ONCE})")
    usable = " + ".join(
        f"CASE WHEN p{p} IS NULL THEN 0 ELSE {c.weight!r}::float8 END" for p, c in _numbered(definition)
    )
    earned = " + ".join(f"coalesce({c.weight!r}::float8 * p{p}, 0)" for p, c in _numbered(definition))
    tables.append(f"weighed AS (SELECT *, 0::float8 + {usable} AS usable, 0::float8 + {earned} AS earned FROM pointed)")
    least = f"usable > 0 AND usable >= {LEAST_USABLE * definition.weight!r}"
    maturity = definition.maturity
    shown = "level" if maturity is None else _shown(definition, maturity)
    level = "level" if maturity is None or not steps else _next_level()
    recent = f"CASE WHEN {least} THEN round(earned / usable * 10) / 10 END"
    tables.append(f"shown AS (SELECT *, {recent} AS recent, {shown} AS shown FROM weighed {_ONCE})")
    tables.append(f"standing AS (SELECT *, {level} AS reached FROM shown)")
    state = "1 + " + " + ".join(f"(recent >= {cut})::int" for cut in STATE_CUTS)
    tables.append(f"stated AS (SELECT *, {'NULL::int' if maturity is None else state} AS state FROM standing)")
    total = "recent" if maturity is None else _total(maturity)
    tables.append(f"totals AS (SELECT *, {total} AS score FROM stated {_ONCE})")
    parameters["bands"] = [band.key for band in definition.bands]
    bands = " ".join(
        f"WHEN score >= {band.min!r}::float8 THEN (%(bands)s::text[])[{place}]"
        for place, band in reversed(list(enumerate(definition.bands, 1)))
    )
    listed = {"raws": "float8[]", "points": "float8[]", "missing": "text[]"}
    arrays = ", ".join(
        f"ARRAY[{', '.join(f'{letter}{place}' for place in places)}]::{type_} AS {name}"
        for (name, type_), letter in zip(listed.items(), "rpm", strict=True)
    )
    climbed = "NULL::int" if maturity is None else "reached"
    tables.append(f"scored AS (SELECT totals.*, {climbed} AS maturity, {arrays}, CASE {bands} END AS band FROM totals)")
    return "WITH " + ",\n".join(tables), parameters


def _numbered(definition: Definition) -> Sequence[tuple[int, Component]]:
    return list(enumerate(definition.components))


def _source(component: Component, place: int, moment: Moment, *, few: bool) -> tuple[str, dict[str, Any]]:
    """The select of a component's raw values; its own parameters have its place in their names."""
    source = SOURCES[component.source]
    if moment.past and source.known_by is KnownBy.now:
        nothing = (
            "NULL::uuid AS account_id, NULL::float8 AS raw, NULL::date AS observed_on, NULL::date AS evidence_from"
        )
        return f"SELECT {nothing} WHERE false", {}
    question = Question(component, moment)
    select = source.select(question).replace("{of_these}", OF_THESE if few else "")
    given = question.parameters()
    used = [name for name in _OWN if f"%({name})s" in select]
    for name in used:
        select = select.replace(f"%({name})s", f"%({name}{place})s")
    return select, {f"{name}{place}": given[name] for name in used}


def _reading(component: Component, place: int) -> str:
    fresh = (
        "true"
        if component.freshness_days is None
        else f"c{place}.observed_on >= %(as_of)s::date - {component.freshness_days}"
    )
    return (
        f"CASE WHEN {fresh} THEN c{place}.raw END AS r{place}, c{place}.evidence_from AS e{place}, "
        f"CASE WHEN c{place}.raw IS NULL THEN 'no_data' WHEN NOT {fresh} THEN 'stale' END AS m{place}"
    )


def _points(component: Component, place: int) -> str:
    otherwise = {MissingPolicy.neutral: repr(NEUTRAL), MissingPolicy.worst: "0.0"}.get(component.missing, "NULL")
    return f"CASE WHEN r{place} IS NULL THEN {otherwise} {_slope(component.breakpoints, place)} END::float8 AS p{place}"


def _slope(breakpoints: Sequence[Breakpoint], place: int) -> str:
    raw = f"r{place}"
    pieces = [f"WHEN {raw} <= {breakpoints[0].raw!r}::float8 THEN {breakpoints[0].points!r}"]
    for left, right in pairwise(breakpoints):
        rise, run = right.points - left.points, right.raw - left.raw
        pieces.append(
            f"WHEN {raw} <= {right.raw!r}::float8 THEN {left.points!r}::float8 "
            f"+ ({raw} - {left.raw!r}::float8) * {rise!r}::float8 / {run!r}::float8"
        )
    return " ".join([*pieces, f"ELSE {breakpoints[-1].points!r}"])


def _shown(definition: Definition, maturity: Maturity) -> str:
    unmet = " ".join(f"WHEN NOT ({_met(definition, each)}) THEN {each.level - 1}" for each in maturity.levels)
    return f"CASE {unmet} ELSE {maturity.levels[-1].level} END"


def _next_level() -> str:
    highest = f"CASE WHEN unconfirmed THEN {RESET_LEVEL} ELSE {LEVELS} END"
    return f"CASE WHEN shown > level AND level < {highest} THEN level + 1 ELSE level END"


def _met(definition: Definition, level: MaturityLevel) -> str:
    """Every criterion holds, on evidence that is newer than the last reset."""
    conditions = []
    for criterion in level.criteria:
        place = definition.component(criterion.component)
        bounds = [f"(evidence_from IS NULL OR e{place} >= evidence_from)"]
        bounds += [] if criterion.min is None else [f"r{place} >= {criterion.min!r}::float8"]
        bounds += [] if criterion.max is None else [f"r{place} <= {criterion.max!r}::float8"]
        conditions.append(f"coalesce({' AND '.join(bounds)}, false)")
    return " AND ".join(conditions)


def _total(maturity: Maturity) -> str:
    if maturity.matrix is None:
        cell = "(reached * state)::float8"
    else:
        rows = ", ".join("[" + ", ".join(repr(float(cell)) for cell in row) + "]" for row in maturity.matrix)
        cell = f"(ARRAY[{rows}]::float8[])[reached][state]"
    return f"round(100 * {cell} / {HIGHEST_CELL} * 10) / 10"
