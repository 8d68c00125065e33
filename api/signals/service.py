"""What people and integrations do with signals; what the rules do is in :mod:`api.signals.evaluation`."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.contacts.primary import see_account
from api.kit import audit, clock, outbox, write
from api.kit.db import Tx
from api.kit.problems import FieldError, Problem, invalid, problem_type
from api.signals.kinds import NEWS
from api.signals.models import Signal, SignalOfRoadmap, SignalStatus
from api.signals.resource import SIGNALS
from api.success_roadmaps.models import SuccessRoadmap
from api.tasks.models import TaskOrigin
from api.tasks.service import NewTask, open_task

SIGNAL_OVER: Final = problem_type(
    "signal_over", 409,
    en=("Signal is over", "The signal is `{state}` already. When its cause comes back there is a new one."),
    ja=("シグナルは終了しています", "このシグナルはすでに `{state}` です。原因が再発すると新しいシグナルが作られます。"),
)  # fmt: skip


async def post_news(tx: Tx, values: Mapping[str, Any]) -> UUID:
    """Open a signal of news, or bring up to date what the source has posted before; its id."""
    known = await tx.session.scalar(
        sa.select(Signal)
        .where(
            col(Signal.workspace_id) == tx.workspace_id,
            col(Signal.source) == values["source"],
            col(Signal.external_id) == values["external_id"],
        )
        .with_for_update()
    )
    values = dict(values)
    roadmap_id = values.pop("roadmap_id")
    await _check_account(tx, values["account_id"])
    if roadmap_id is not None:
        await _check_roadmap(tx, values["account_id"], roadmap_id)
    values |= {"severity": values["severity"].value, "category": values["category"].value}
    if known is not None:
        await write.change(tx, SIGNALS, known, values, announce=_told(known))
        if roadmap_id is not None:
            await _attach(tx, known, roadmap_id)
        return known.id
    signal = Signal.model_validate(
        {
            **values,
            "workspace_id": tx.workspace_id,
            "kind": NEWS,
            "subject": f"{values['source']} {values['external_id']}",
        }
    )
    tx.session.add(signal)
    audit.record(tx, "opened", SIGNALS.name, signal.id, values)
    outbox.record(tx, "signal.opened", SIGNALS.name, signal.id, {**_told(signal), "by_itself": False})
    await tx.flush()
    if roadmap_id is not None:
        tx.session.add(SignalOfRoadmap(workspace_id=signal.workspace_id, signal_id=signal.id, roadmap_id=roadmap_id))
        await tx.flush()
    return signal.id


async def _check_account(tx: Tx, account_id: UUID) -> None:
    try:
        await see_account(tx, account_id)
    except Problem as problem:
        raise invalid(
            FieldError(
                "/account_id", "reference_not_found", "There is no such account", "該当するアカウントがありません"
            )
        ) from problem


async def _check_roadmap(tx: Tx, account_id: UUID, roadmap_id: UUID) -> None:
    found = await tx.session.scalar(
        sa.select(col(SuccessRoadmap.id))
        .where(
            col(SuccessRoadmap.workspace_id) == tx.workspace_id,
            col(SuccessRoadmap.id) == roadmap_id,
            col(SuccessRoadmap.account_id) == account_id,
            col(SuccessRoadmap.archived_at).is_(None),
        )
        .with_for_update(read=True, key_share=True)
    )
    if found is None:
        told = ("There is no such roadmap of the account", "アカウントに該当するロードマップがありません")
        raise invalid(FieldError("/roadmap_id", "reference_not_found", *told))


async def attach(tx: Tx, signal_id: UUID, version: int, roadmap_id: UUID | None) -> None:
    """Attach a signal, also one that is over, to a roadmap of its account; or take it off."""
    signal = await write.lock(tx, SIGNALS, Signal, signal_id, version=version)
    if roadmap_id is not None:
        await _check_roadmap(tx, signal.account_id, roadmap_id)
    await _attach(tx, signal, roadmap_id)


async def _attach(tx: Tx, signal: Signal, roadmap_id: UUID | None) -> None:
    parameters = {"ws": tx.workspace_id, "signal": signal.id, "roadmap": roadmap_id}
    if roadmap_id is None:
        changed = await tx.execute(
            "DELETE FROM signals_of_roadmaps WHERE workspace_id = %(ws)s AND signal_id = %(signal)s", parameters
        )
    else:
        changed = await tx.execute(
            "INSERT INTO signals_of_roadmaps AS a (workspace_id, id, signal_id, roadmap_id) "
            "VALUES (%(ws)s, uuidv7(), %(signal)s, %(roadmap)s) ON CONFLICT (workspace_id, signal_id) "
            "DO UPDATE SET roadmap_id = excluded.roadmap_id WHERE a.roadmap_id <> excluded.roadmap_id",
            parameters,
        )
    if changed:
        told = {**_told(signal), "roadmap_id": roadmap_id and str(roadmap_id)}
        await write.touch(tx, SIGNALS, signal, ["roadmap_id"], announce=told)


async def acknowledge(tx: Tx, signal_id: UUID, version: int) -> None:
    """Note that somebody has seen a signal and acts on it."""
    signal = await _lock(tx, signal_id, version)
    if signal.status == SignalStatus.acknowledged:
        return
    values = {"acknowledged_at": clock.now(), "acknowledged_by_id": tx.actor.user_id}
    await _close(tx, signal, SignalStatus.acknowledged, values)


async def resolve(tx: Tx, signal_id: UUID, version: int) -> None:
    """Note that a signal is dealt with; while its cause lasts, no other is opened for it."""
    signal = await _lock(tx, signal_id, version)
    await _close(tx, signal, SignalStatus.resolved, {"resolved_at": clock.now(), "resolved_by_id": tx.actor.user_id})


async def dismiss(tx: Tx, signal_id: UUID, version: int, reason: str, snooze_days: int) -> None:
    """Note that a signal is nothing to act on; for some days no other is opened for its cause."""
    signal = await _lock(tx, signal_id, version)
    now = clock.now()
    values = {
        "dismissed_at": now,
        "dismissed_by_id": tx.actor.user_id,
        "dismiss_reason": reason,
        "snoozed_until": now + dt.timedelta(days=snooze_days),
    }
    await _close(tx, signal, SignalStatus.dismissed, values)


async def open_task_for(tx: Tx, signal_id: UUID, values: Mapping[str, Any]) -> UUID:
    """Open a task for a signal; its id. One that is not over yet stands for it."""
    signal = await write.lock(tx, SIGNALS, Signal, signal_id)
    key = f"signal:{signal_id}"
    task = NewTask(
        **values, account_id=signal.account_id, origin_kind=TaskOrigin.signal, origin_id=signal_id, dedupe_key=key
    )
    opened = await open_task(tx, task)
    if opened is not None:
        return opened
    rows = await tx.fetch(
        "SELECT id FROM tasks WHERE workspace_id = %s AND dedupe_key = %s ORDER BY id DESC LIMIT 1",
        [tx.workspace_id, key],
    )
    found: UUID = rows[0][0]
    return found


async def _lock(tx: Tx, signal_id: UUID, version: int) -> Signal:
    signal = await write.lock(tx, SIGNALS, Signal, signal_id, version=version)
    if signal.status not in {SignalStatus.open, SignalStatus.acknowledged}:
        raise SIGNAL_OVER(state=signal.status)
    return signal


async def _close(tx: Tx, signal: Signal, status: SignalStatus, values: Mapping[str, Any]) -> None:
    told = {**_told(signal), "by_itself": False}
    await write.change(tx, SIGNALS, signal, {**values, "status": status.value}, action=status.value, announce=told)


def _told(signal: Signal) -> dict[str, Any]:
    return {"account_id": str(signal.account_id), "kind": signal.kind, "severity": signal.severity}
