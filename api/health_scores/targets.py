"""Health targets: what an account's health should reach by a day, and whether it did.

A target is judged once its day is over, at the last weekly snapshot on or before that day. Only pending targets can be
changed or archived: attainment must not improve by taking away what was missed.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Account, TeamRole
from api.auth.service import workspace_today
from api.health_scores.definition import LEVELS
from api.health_scores.goal_models import HealthTarget, OutcomeReason, TargetKind, TargetOutcome
from api.health_scores.models import HealthModel, HealthScore, ModelState
from api.kit import audit, clock, outbox, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.resources import Expansion, Resource

_target: sa.Table = HealthTarget.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_snapshot: sa.Table = HealthScore.__table__.alias("health_score")  # type: ignore[attr-defined]

_pending = _target.c.outcome == TargetOutcome.pending.value
TARGETS: Final = Resource(
    "health_target",
    HealthTarget,
    joins=[
        (_account, sa.and_(_account.c.workspace_id == _target.c.workspace_id, _account.c.id == _target.c.account_id))
    ],
    values={
        "owner_id": sa.case((_pending, _account.c.owner_id), else_=_target.c.owner_id),
        "phase": sa.case((_pending, _account.c.phase), else_=_target.c.phase),
        "due": _target.c.due_on,
    },
    sorts={"due_on": col(HealthTarget.due_on), "created_at": col(HealthTarget.created_at)},
    expands={
        "account": Expansion(
            (_shown := _account.alias("account")),
            sa.and_(_shown.c.workspace_id == _target.c.workspace_id, _shown.c.id == _target.c.account_id),
        ),
        "health_score": Expansion(
            _snapshot,
            sa.and_(_snapshot.c.workspace_id == _target.c.workspace_id, _snapshot.c.id == _target.c.health_score_id),
        ),
    },
)
TARGET_JUDGED = problem_type(
    "health_target_judged", 409,
    en=("Target is judged", "The target was {outcome}; that is never rewritten. Set a new target instead."),
    ja=("判定済みの目標です", "この目標は {outcome} と判定済みで、書き換えられません。新しい目標を設定してください。"),
)  # fmt: skip
TARGET_DUE = problem_type(
    "health_target_due", 409,
    en=("Target is due", "The target was due on {due_on} and is about to be judged; it can no longer be changed, withdrawn or restored."),
    ja=("期日を過ぎた目標です", "この目標は {due_on} が期日で、まもなく判定されます。変更、取り下げ、復元はできません。"),
)  # fmt: skip

AT_ONCE: Final = 2_000
"""Targets judged in one run; the next one comes within the hour."""
PATIENCE_DAYS: Final = 7
"""How long a due target waits for its week's snapshots when the weekly run does not end."""


async def create_target(tx: Tx, values: Mapping[str, Any]) -> HealthTarget:
    """Set a target."""
    await _check(tx, TargetKind(values["kind"]), values.get("value"), values.get("band"))
    await _check_due(tx, values["due_on"])
    merged = await tx.fetch(
        "SELECT merged_into_id FROM accounts WHERE workspace_id = %s AND id = %s AND merged_into_id IS NOT NULL",
        [tx.workspace_id, values["account_id"]],
    )
    account_id = merged[0][0] if merged else values["account_id"]
    told = {"account_id": str(account_id), "due_on": values["due_on"].isoformat()}
    return await write.create(tx, TARGETS, HealthTarget, {**values, "account_id": account_id}, announce=told)


async def update_target(tx: Tx, target_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a target that is not judged yet."""
    target = await _pending_target(tx, target_id, version)
    if {"value", "band"} & values.keys():
        now = {"value": target.value, "band": target.band, **values}
        await _check(tx, TargetKind(target.kind), now["value"], now["band"])
    if "due_on" in values:
        await _check_due(tx, values["due_on"])
    await write.change(tx, TARGETS, target, values, announce={"account_id": str(target.account_id)})


async def archive_target(tx: Tx, target_id: UUID, version: int) -> None:
    """Withdraw a target that is not judged yet."""
    target = await _pending_target(tx, target_id, version)
    await write.change(tx, TARGETS, target, {"archived_at": clock.now()}, action="archived")


async def restore_target(tx: Tx, target_id: UUID) -> None:
    """Set a withdrawn target again, unless it would have been judged by now: nobody picks those that were met."""
    target = await write.restore(tx, TARGETS, HealthTarget, target_id)
    await _refuse_due(tx, target)


async def _pending_target(tx: Tx, target_id: UUID, version: int) -> HealthTarget:
    target = await write.lock(tx, TARGETS, HealthTarget, target_id, version=version)
    if target.outcome != TargetOutcome.pending:
        raise TARGET_JUDGED(outcome=target.outcome)
    await _refuse_due(tx, target)
    return target


async def _refuse_due(tx: Tx, target: HealthTarget) -> None:
    if target.due_on < await workspace_today(tx):
        raise TARGET_DUE(due_on=target.due_on)


async def _check_due(tx: Tx, due_on: dt.date) -> None:
    today = await workspace_today(tx)
    if due_on < today:
        raise invalid(
            FieldError("/due_on", "out_of_range", f"Not before today, {today}", f"{today}（本日）以降にしてください")
        )


async def _check(tx: Tx, kind: TargetKind, value: float | None, band: str | None) -> None:
    """Refuse what does not fit the kind: a band for ``band``, a number within its bounds for the others."""
    if kind is not TargetKind.band:
        bounds = (1, LEVELS) if kind is TargetKind.maturity else (0, 100)
        if band is not None:
            raise invalid(FieldError("/band", "not_allowed", "Only for the kind `band`", "kind が band の場合だけです"))
        if value is None:
            raise invalid(FieldError("/value", "required", "Give a number", "数値を指定してください"))
        whole = kind is TargetKind.score or value == int(value)
        if not whole or not bounds[0] <= value <= bounds[1]:
            what = "A level from 1 to 5" if kind is TargetKind.maturity else "From 0 to 100"
            what_ja = "1 から 5 のレベルにしてください" if kind is TargetKind.maturity else "0 から 100 にしてください"
            raise invalid(FieldError("/value", "out_of_range", what, what_ja))
        return
    if value is not None:
        raise invalid(
            FieldError("/value", "not_allowed", "Not for the kind `band`", "kind が band の場合は指定できません")
        )
    known = await _bands(tx)
    if band not in known:
        names = ", ".join(known) or "-"
        raise invalid(
            FieldError(
                "/band", "unknown_value", f"A band of a health model; there are: {names}",
                f"ヘルスモデルの帯を指定してください。登録済み: {names}",
            )
        )  # fmt: skip


async def _bands(tx: Tx) -> list[str]:
    rows = await tx.session.scalars(
        sa.select(col(HealthModel.definition)).where(
            col(HealthModel.workspace_id) == tx.workspace_id,
            col(HealthModel.state) != ModelState.retired.value,
            col(HealthModel.archived_at).is_(None),
        )
    )
    return list(dict.fromkeys(band["key"] for definition in rows for band in definition["bands"]))


# A day whose week's run is still to come, or under way, waits for it: else the week before would decide.
_READY: Final = """
SELECT t.id, t.account_id, t.kind, t.value, t.band, t.due_on,
    t.due_on - ((extract(isodow FROM t.due_on)::integer + 1 - w.week_starts_on + 7) %% 7) AS week
FROM health_targets t JOIN workspaces w ON w.workspace_id = t.workspace_id
WHERE t.workspace_id = %(ws)s AND t.outcome = 'pending' AND t.archived_at IS NULL AND t.due_on < %(today)s
"""
_JUDGE: Final = f"""
WITH due AS ({_READY}), ready AS (
    SELECT due.* FROM due WHERE due.due_on < %(today)s - {PATIENCE_DAYS} OR EXISTS (
        SELECT FROM health_score_runs r WHERE r.workspace_id = %(ws)s AND r.kind = 'weekly' AND r.state = 'done'
        AND r.as_of >= due.week
    )
    ORDER BY due.due_on, due.id LIMIT {AT_ONCE}
), found AS (
    SELECT t.*, s.id AS score_id, coalesce(stay.phase, s.phase, a.phase) AS phase,
        CASE WHEN team.account_id IS NULL THEN a.owner_id ELSE team.user_id END AS owner_id,
        CASE t.kind WHEN 'score' THEN s.score WHEN 'maturity' THEN s.maturity END AS reached,
        s.band AS band_found, bands.wanted, bands.reached AS band_reached
    FROM ready t JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = t.account_id
    LEFT JOIN LATERAL (
        SELECT s.id, s.model_id, s.phase, s.score, s.band, s.maturity FROM health_scores s
        WHERE s.workspace_id = %(ws)s AND s.account_id = t.account_id AND s.kind = 'weekly' AND s.as_of <= t.due_on
        ORDER BY s.as_of DESC LIMIT 1
    ) AS s ON true
    LEFT JOIN LATERAL (
        SELECT p.phase FROM account_phases p WHERE p.workspace_id = %(ws)s AND p.account_id = t.account_id
        AND p.starts_on <= t.due_on AND (p.ends_before IS NULL OR p.ends_before > t.due_on)
        ORDER BY p.starts_on DESC, p.id DESC LIMIT 1
    ) AS stay ON true
    LEFT JOIN LATERAL (
        SELECT m.account_id, CASE WHEN m.ends_before IS NULL OR m.ends_before > t.due_on THEN m.user_id END AS user_id
        FROM account_team m WHERE m.workspace_id = %(ws)s AND m.account_id = t.account_id
        AND m.role = '{TeamRole.csm.value}' AND m.archived_at IS NULL AND m.starts_on <= t.due_on
        ORDER BY m.ends_before IS NULL OR m.ends_before > t.due_on DESC, m.starts_on DESC, m.id DESC LIMIT 1
    ) AS team ON true
    LEFT JOIN LATERAL (
        SELECT max(b.place) FILTER (WHERE b.said ->> 'key' = t.band) AS wanted,
            max(b.place) FILTER (WHERE b.said ->> 'key' = s.band) AS reached
        FROM health_models h
        CROSS JOIN LATERAL jsonb_array_elements(h.definition -> 'bands') WITH ORDINALITY AS b (said, place)
        WHERE h.workspace_id = %(ws)s AND h.id = s.model_id
    ) AS bands ON t.kind = 'band'
), judged AS (
    SELECT f.*, CASE
        WHEN f.phase = 'churned' THEN 'churned'
        WHEN f.kind = 'band' AND f.band_found IS NULL OR f.kind <> 'band' AND f.reached IS NULL THEN 'unscored'
        WHEN f.kind = 'band' AND f.wanted IS NULL THEN 'other_bands'
        WHEN f.kind = 'band' AND f.band_reached >= f.wanted OR f.kind <> 'band' AND f.reached >= f.value THEN 'reached'
        ELSE 'below'
    END AS reason FROM found f
)
UPDATE health_targets t SET outcome = CASE WHEN j.reason = 'reached' THEN 'met' ELSE 'missed' END,
    outcome_reason = j.reason, judged_at = %(now)s, health_score_id = j.score_id, owner_id = j.owner_id, phase = j.phase,
    version = t.version + 1, updated_at = %(now)s
FROM judged j WHERE t.workspace_id = %(ws)s AND t.id = j.id AND t.outcome = 'pending'
RETURNING t.id, t.account_id, t.outcome, t.outcome_reason, t.health_score_id, t.due_on, t.version
"""  # noqa: S608


async def judge(tx: Tx) -> int:
    """Judge the targets whose day is over; how many."""
    today = await workspace_today(tx)
    async with tx.joining_many(AT_ONCE):
        judged = await tx.fetch(_JUDGE, {"ws": tx.workspace_id, "today": today, "now": clock.now()})
    fields = ["health_score_id", "judged_at", "outcome", "outcome_reason", "owner_id", "phase"]
    await audit.record_many(tx, TARGETS.name, [("judged", row[0], fields) for row in judged])
    facts = []
    for target_id, account_id, outcome, reason, score_id, due_on, version in judged:
        told = {
            "account_id": str(account_id), "due_on": due_on.isoformat(), "reason": OutcomeReason(reason).value,
            "health_score_id": score_id and str(score_id), "fields": fields, "version": version,
        }  # fmt: skip
        facts.append((outcome, target_id, told))
    await outbox.record_many(tx, TARGETS.name, facts)
    return len(judged)
