# ruff: noqa: S608 - selects are put together from constants and checked definitions
"""Explanations of snapshots, simulations of models, and where an account's maturity stands."""

from collections import Counter
from typing import Any
from uuid import UUID

from api.accounts.segments import segment_filter
from api.auth.service import workspace_today
from api.contacts.primary import see_account
from api.health_scores.attribution import Snapshot, parts
from api.health_scores.definition import as_definition
from api.health_scores.moments import present
from api.health_scores.population import LIVE, Clause, members, refuse_unknown
from api.health_scores.resource import COMPONENTS, SCORES
from api.health_scores.schemas import BandCount, BandMove, ComponentScore, SimulationRead
from api.health_scores.score_schemas import ChangePart, ExplanationRead, MaturityRead, MaturityStep
from api.health_scores.scoring import Missing, Reading
from api.health_scores.service import MODELS
from api.health_scores.statement import scored
from api.kit.db import Tx
from api.kit.problems import NOT_FOUND, FieldError, invalid

_SNAPSHOT = """
SELECT s.id, m.definition, s.phase, s.raws, s.missing, s.maturity, s.score
FROM health_scores s JOIN health_models m ON m.workspace_id = s.workspace_id AND m.id = s.model_id
WHERE s.workspace_id = %(ws)s AND {which}
"""
_THIS = "s.id = %(id)s"
_BEFORE = """s.account_id = (SELECT account_id FROM health_scores WHERE workspace_id = %(ws)s AND id = %(id)s)
    AND s.kind <> 'shadow' AND (s.as_of, s.id) < (
        SELECT as_of, id FROM health_scores WHERE workspace_id = %(ws)s AND id = %(id)s)
ORDER BY s.as_of DESC, s.id DESC LIMIT 1"""


async def explain(tx: Tx, score_id: UUID) -> ExplanationRead:
    """The parts of the change from the account's snapshot before this one."""
    named = {"ws": tx.workspace_id, "id": score_id}
    this = await tx.fetch(_SNAPSHOT.format(which=_THIS), named)
    if not this:
        raise NOT_FOUND(what=SCORES.name)
    earlier = await tx.fetch(_SNAPSHOT.format(which=_BEFORE), named)
    now = _snapshot(this[0])
    before = _snapshot(earlier[0]) if earlier else None
    change = None
    if before is not None and before.score is not None and now.score is not None:
        change = round(now.score - before.score, 1)
    return ExplanationRead(
        health_score_id=score_id,
        previous_id=earlier[0][0] if earlier else None,
        score=now.score,
        previous_score=before.score if before else None,
        change=change,
        parts=[
            ChangePart(cause=part.cause, component=part.component, effect=part.effect)
            for part in (parts(before, now) if before else [])
        ],
    )


def _snapshot(row: tuple[Any, ...]) -> Snapshot:
    _, definition, phase, raws, missing, maturity, score = row
    readings = tuple(
        Reading(raw, None if why is None else Missing(why)) for raw, why in zip(raws, missing, strict=True)
    )
    return Snapshot(as_definition(definition), phase, readings, maturity or 1, score)


async def simulate(tx: Tx, model_id: UUID, account_id: UUID | None, segment_id: UUID | None) -> SimulationRead:
    """What a model would say of one account, or of a segment, today; nothing is stored."""
    rows = await tx.fetch(
        "SELECT definition FROM health_models WHERE workspace_id = %s AND id = %s", [tx.workspace_id, model_id]
    )
    if not rows:
        raise NOT_FOUND(what=MODELS.name)
    these = await _asked(tx, account_id, segment_id)
    population = LIVE.replace("{these}", these.sql)
    definition = as_definition(rows[0][0])
    few = account_id is not None
    statement, parameters = scored(definition, population, await present(tx, await workspace_today(tx)), few=few)
    own = {"ws": tx.workspace_id, "ids": [account_id], **these.parameters, **parameters}
    if few:
        own["definition"] = definition.model_dump_json()
        said = COMPONENTS.format(
            raws="raws", points="points", missing="missing", usable="usable", definition="%(definition)s::jsonb"
        )
        shown = f"score, band, {said}::jsonb, (SELECT health_band FROM account_standing s WHERE s.workspace_id = %(ws)s AND s.account_id = scored.account_id)"
        found = await tx.fetch(f"{statement} SELECT {shown} FROM scored", own)
        score, band, components, present_band = found[0] if found else (None, None, [], None)
        groups = [(present_band, band, 1, score, 1 if score is not None else 0) for _ in found]
    else:
        score, band, components = None, None, []
        async with tx.joining_many():
            groups = await tx.fetch(
                f"{statement} SELECT s.health_band, scored.band, count(*), sum(score), count(score) FROM scored "
                "JOIN account_standing s ON s.workspace_id = %(ws)s AND s.account_id = scored.account_id GROUP BY 1, 2",
                own,
            )
    return _told(groups, score, band, components)


async def _asked(tx: Tx, account_id: UUID | None, segment_id: UUID | None) -> Clause:
    if account_id is None and segment_id is None:
        raise invalid(
            FieldError(
                "/account_id", "required", "Name an account or a segment", "アカウントかセグメントを指定してください"
            )
        )
    wanted: list[str] = []
    parameters: dict[str, Any] = {}
    if account_id is not None:
        await refuse_unknown(tx, account_id)
        wanted.append("a.id = ANY(%(ids)s)")
    if segment_id is not None:
        await segment_filter(tx, segment_id, "/segment_id")
        among = await members(tx, segment_id, "s_")
        wanted.append(f"a.id IN ({among.sql})")
        parameters = dict(among.constants)
    return Clause(" AND ".join(wanted), parameters)


def _told(
    groups: list[tuple[Any, ...]], score: float | None, band: str | None, components: list[dict[str, Any]]
) -> SimulationRead:
    bands: Counter[str | None] = Counter()
    for _, after, count, _, _ in groups:
        bands[after] += count
    with_score = sum(group[4] for group in groups)
    total = sum(group[3] or 0 for group in groups)
    return SimulationRead(
        accounts=sum(group[2] for group in groups),
        scored=with_score,
        mean_score=round(total / with_score, 1) if with_score else None,
        bands=[
            BandCount(band=name, accounts=count)
            for name, count in sorted(bands.items(), key=lambda each: each[0] or "~")
        ],
        moves=[
            BandMove(before=before, after=after, accounts=count)
            for before, after, count, _, _ in groups
            if before != after
        ],
        score=score,
        band=band,
        components=[ComponentScore.model_validate(each) for each in components],
    )


async def maturity_of(tx: Tx, account_id: UUID) -> MaturityRead:
    """Where an account's maturity stands, and how it came there."""
    await see_account(tx, account_id)
    named = [tx.workspace_id, account_id]
    rows = await tx.fetch(
        "SELECT level, since, evidence_from, unconfirmed FROM account_maturity WHERE workspace_id = %s AND account_id = %s",
        named,
    )
    level, since, evidence_from, unconfirmed = rows[0] if rows else (1, None, None, False)
    steps = await tx.fetch(
        "SELECT from_level, to_level, day, cause, recorded_at FROM maturity_changes "
        "WHERE workspace_id = %s AND account_id = %s ORDER BY recorded_at DESC, id DESC LIMIT 100",
        named,
    )
    names = ("from_level", "to_level", "day", "cause", "recorded_at")
    return MaturityRead(
        account_id=account_id,
        level=level,
        since=since,
        evidence_from=evidence_from,
        unconfirmed=unconfirmed,
        history=[MaturityStep.model_validate(dict(zip(names, step, strict=True))) for step in steps],
    )
