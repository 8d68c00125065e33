"""What one can do with tasks, over HTTP and from the packages above."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from api.accounts.models import TeamRole
from api.auth.service import acting_user, workspace_now
from api.kit import audit, clock, outbox, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.tables import new_id
from api.tasks.models import NOT_OVER, NOT_OVER_SQL, Task, TaskOrigin, TaskOutcome, TaskPriority, TaskState
from api.tasks.resource import TASKS

TASK_OVER = problem_type(
    "task_over", 409,
    en=("Task is over", "The task is `{state}`. Open it again before changing it."),
    ja=("タスクは終了しています", "このタスクは `{state}` です。変更する前に再開してください。"),
)  # fmt: skip
TASK_IN_CHECK = problem_type(
    "task_in_check", 409,
    en=("Task is being checked", "The task waits for its check; approve it or send it back first."),
    ja=("タスクは確認待ちです", "このタスクは確認待ちです。先に承認するか差し戻してください。"),
)  # fmt: skip
NOT_IN_CHECK = problem_type(
    "task_not_in_check", 409,
    en=("Nothing to check", "The task is `{state}`; only a completed task that needs a check can be checked."),
    ja=("確認待ちではありません", "このタスクは `{state}` です。確認できるのは、完了して確認待ちのタスクだけです。"),
)  # fmt: skip
OWN_CHECK = problem_type(
    "own_check", 409,
    en=("Second person needed", "You completed this task yourself; somebody else has to check it."),
    ja=("別の人の確認が必要です", "このタスクを完了したのはあなたです。別の人が確認してください。"),
)  # fmt: skip

_UNFINISHED: Final = {
    "outcome": None, "outcome_note": None, "completed_at": None, "completed_by": None,
    "checked_at": None, "checked_by": None, "check_note": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task to open.

    Attributes:
        origin_kind: What it came from, with ``origin_id`` saying which one.
        owner_id: Who does it. Without one: who has ``role`` for the account today, by default the account's owner.
        due_on: Its last day in the workspace's time zone; or ``due_at``, the moment.
        sla_minutes: The service level; without a due date the task is due then.
        dedupe_key: While a task with this key is not over, another is not opened.
    """

    title: str
    detail: str = ""
    account_id: UUID | None = None
    origin_kind: TaskOrigin = TaskOrigin.manual
    origin_id: UUID | None = None
    owner_id: UUID | None = None
    role: TeamRole | None = None
    due_on: dt.date | None = None
    due_at: dt.datetime | None = None
    sla_minutes: int | None = None
    priority: TaskPriority = TaskPriority.normal
    needs_check: bool = False
    dedupe_key: str | None = None


async def create_task(tx: Tx, values: Mapping[str, Any]) -> UUID:
    """Open a task as a caller describes it; its id."""
    task_id = await open_task(tx, NewTask(**values))
    assert task_id is not None, "without a key there is no other to keep it from opening"
    return task_id


async def open_task(tx: Tx, task: NewTask) -> UUID | None:
    """Open one task; see :func:`open_tasks`."""
    return (await open_tasks(tx, [task]))[0]


async def open_tasks(tx: Tx, tasks: Sequence[NewTask]) -> list[UUID | None]:
    """Open tasks in a few statements; their ids in order, None where one with its key is not over yet.

    Each is audited and announced as ``task.created``. An account that was merged stands for its winner.
    """
    if not tasks:
        return []
    here = await workspace_now(tx)
    rows = [{**asdict(task), **_due_of_new(task, here), "id": new_id()} for task in tasks]
    async with tx.joining_many(len(rows)):
        opened = await tx.fetch(
            _OPEN, {"ws": tx.workspace_id, "now": here, "today": here.date(), "tasks": Jsonb(rows, dumps=_dumps)}
        )
    told = {task_id: (account_id, owner_id) for task_id, account_id, owner_id in opened}
    new = [row for row in rows if row["id"] in told]
    await audit.record_many(tx, TASKS.name, [("created", row["id"], _given(row)) for row in new])
    facts = [
        ("created", row["id"], _announced(*told[row["id"]], row["origin_kind"], row["origin_id"], _given(row)))
        for row in new
    ]
    await outbox.record_many(tx, TASKS.name, facts)
    return [row["id"] if row["id"] in told else None for row in rows]


_OPEN: Final = f"""
INSERT INTO tasks (
    workspace_id, id, version, created_at, updated_at, account_id, title, detail, origin_kind, origin_id, dedupe_key,
    owner_id, role, due_on, due_at, due_by, sla_minutes, priority, state, needs_check
)
SELECT %(ws)s, n.id, 1, %(now)s, %(now)s, coalesce(a.merged_into_id, n.account_id), n.title, n.detail, n.origin_kind,
    n.origin_id, n.dedupe_key,
    coalesce(n.owner_id, (
        SELECT t.user_id FROM account_team t
        WHERE t.workspace_id = %(ws)s AND t.account_id = coalesce(a.merged_into_id, n.account_id) AND t.role = n.role
        AND t.starts_on <= %(today)s AND (t.ends_before IS NULL OR t.ends_before > %(today)s) AND t.archived_at IS NULL
        ORDER BY t.starts_on DESC, t.id DESC LIMIT 1
    ), CASE WHEN coalesce(n.role, 'csm') = 'csm' THEN coalesce(w.owner_id, a.owner_id) END),
    n.role, n.due_on, n.due_at, n.due_by, n.sla_minutes, n.priority, 'open', n.needs_check
FROM jsonb_to_recordset(%(tasks)s) AS n (
    id uuid, account_id uuid, title text, detail text, origin_kind text, origin_id uuid, dedupe_key text, owner_id uuid,
    role text, due_on date, due_at timestamptz, due_by timestamptz, sla_minutes integer, priority text,
    needs_check boolean
)
LEFT JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = n.account_id
LEFT JOIN accounts w ON w.workspace_id = %(ws)s AND w.id = a.merged_into_id
ORDER BY n.id -- of several with one key the first is opened
ON CONFLICT (workspace_id, dedupe_key) WHERE dedupe_key IS NOT NULL AND {NOT_OVER_SQL} DO NOTHING
RETURNING id, account_id, owner_id
"""  # noqa: S608


async def update_task(tx: Tx, task_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a task, cancel it, or open it again."""
    values = dict(values)
    task = await write.lock(tx, TASKS, Task, task_id, version=version)
    wanted = values.get("state", task.state)
    if task.state == TaskState.in_check:
        if values.keys() - {"state"} or wanted != TaskState.cancelled:
            raise TASK_IN_CHECK()
    elif task.state not in NOT_OVER:
        if values.keys() - {"state"} or wanted not in {TaskState.open.value, task.state}:
            raise TASK_OVER(state=task.state)
        if wanted == TaskState.open:
            values |= _UNFINISHED
    if task.needs_check and values.get("needs_check") is False:
        raise invalid(
            FieldError(
                "/needs_check", "not_allowed",
                "A check that was asked for cannot be waived", "必要とされた確認を外すことはできません",
            )
        )  # fmt: skip
    if {"due_on", "due_at"} & values.keys():
        values |= _due(values, await workspace_now(tx))
    action = "updated"
    if wanted != task.state:
        action = {TaskState.cancelled.value: "cancelled", TaskState.open.value: "reopened"}.get(wanted, "updated")
    await _change(tx, task, values, action)


async def complete_task(tx: Tx, task_id: UUID, version: int, outcome: TaskOutcome, note: str | None) -> None:
    """Note that a task is done; one that needs a check waits for it, and says who must not be its checker."""
    task = await write.lock(tx, TASKS, Task, task_id, version=version)
    if task.state == TaskState.in_check:
        raise TASK_IN_CHECK()
    if task.state not in NOT_OVER:
        raise TASK_OVER(state=task.state)
    by = acting_user(tx) if task.needs_check else tx.actor.user_id
    values = _UNFINISHED | {
        "state": (TaskState.in_check if task.needs_check else TaskState.done).value,
        "outcome": outcome.value, "outcome_note": note, "completed_at": clock.now(), "completed_by": by,
    }  # fmt: skip
    await _change(tx, task, values, "submitted" if task.needs_check else "completed")


async def check_task(tx: Tx, task_id: UUID, version: int, note: str | None, *, approved: bool) -> None:
    """Approve a completed task, or send it back; by a person other than the one who completed it."""
    task = await write.lock(tx, TASKS, Task, task_id, version=version)
    if task.state != TaskState.in_check:
        raise NOT_IN_CHECK(state=task.state)
    checker = acting_user(tx)
    if checker == task.completed_by:
        raise OWN_CHECK()
    checked = {"checked_at": clock.now(), "checked_by": checker, "check_note": note}
    if approved:
        await _change(tx, task, {**checked, "state": TaskState.done.value}, "completed")
    else:
        await _change(tx, task, _UNFINISHED | checked | {"state": TaskState.in_progress.value}, "sent_back")


async def archive_task(tx: Tx, task_id: UUID, version: int) -> None:
    """Take a task out of lists."""
    await write.archive(tx, TASKS, Task, task_id, version)


async def restore_task(tx: Tx, task_id: UUID) -> None:
    """Bring an archived task back."""
    await write.restore(tx, TASKS, Task, task_id)


async def move_origin(tx: Tx, kind: TaskOrigin, before: UUID, after: UUID) -> int:
    """Let the tasks that came from a record come from another, into which it was merged; how many there are."""
    return await tx.execute(
        "UPDATE tasks SET origin_id = %(after)s "
        "WHERE workspace_id = %(ws)s AND origin_kind = %(kind)s AND origin_id = %(before)s",
        {"ws": tx.workspace_id, "kind": kind.value, "before": before, "after": after},
    )


async def _change(tx: Tx, task: Task, values: Mapping[str, Any], action: str) -> None:
    owner_id = values.get("owner_id", task.owner_id)
    account_id = values.get("account_id", task.account_id)
    told = _announced(account_id, owner_id, task.origin_kind, task.origin_id)
    if action == "completed":
        told["outcome"] = values.get("outcome", task.outcome)
    await write.change(tx, TASKS, task, values, action=action, announce=told)


def _announced(
    account_id: UUID | None,
    owner_id: UUID | None,
    origin_kind: str,
    origin_id: UUID | None,
    fields: Sequence[str] | None = None,
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "account_id": account_id and str(account_id),
        "owner_id": owner_id and str(owner_id),
        "origin": {"kind": origin_kind, "id": origin_id and str(origin_id)},
    }
    return told if fields is None else {"fields": list(fields), **told}


def _given(row: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, value in row.items() if value not in {None, ""} and name not in {"id", "due_by"})


def _due_of_new(task: NewTask, here: dt.datetime) -> dict[str, Any]:
    due_at = task.due_at
    if task.sla_minutes is not None and task.due_on is None and due_at is None:
        due_at = here + dt.timedelta(minutes=task.sla_minutes)
    return _due({"due_on": task.due_on, "due_at": due_at}, here)


def _due(given: Mapping[str, Any], here: dt.datetime) -> dict[str, Any]:
    """Day, moment, and the moment from which it is overdue; the workspace's time zone is that of ``here``."""
    if (at := given.get("due_at")) is not None:
        at = at.astimezone(dt.UTC)
        return {"due_at": at, "due_on": at.astimezone(here.tzinfo).date(), "due_by": at}
    day = given.get("due_on")
    if day is None:
        return {"due_at": None, "due_on": None, "due_by": None}
    ends = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), here.tzinfo)
    return {"due_at": None, "due_on": day, "due_by": ends.astimezone(dt.UTC)}


def _dumps(value: object) -> bytes:
    return orjson.dumps(value, default=str)
