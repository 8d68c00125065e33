"""Tasks over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.tasks import service
from api.tasks.resource import TASKS
from api.tasks.schemas import TaskCheck, TaskComplete, TaskCreate, TaskPage, TaskQuery, TaskRead, TaskUpdate

router = resource_router("/tasks", tag="tasks")

CanReadTasks = Annotated[Tx, reads("tasks:read")]
CanWriteTasks = Annotated[Tx, writes("tasks:write")]


@router.get("", response_model=TaskPage, openapi_extra=TASKS.documented())
async def list_tasks(tx: CanReadTasks, query: Annotated[TaskQuery, asked(TaskQuery)]) -> Response:
    """List tasks, the most pressing first; what has no due date comes last."""
    return await answers.page(tx, TASKS, TaskRead, query)


@router.post("", response_model=TaskRead, status_code=201)
async def create_task(tx: CanWriteTasks, body: TaskCreate) -> Response:
    """Open a task.

    Without an owner it goes to who has the role for the account today, by default the account's owner.
    """
    return await answers.created(tx, TASKS, TaskRead, await service.create_task(tx, body.given()))


@router.get("/{task_id}", response_model=TaskRead, openapi_extra=TASKS.documented())
async def get_task(tx: CanReadTasks, task_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one task."""
    return await answers.item(tx, TASKS, TaskRead, task_id, query)


@router.patch("/{task_id}", response_model=TaskRead)
async def update_task(tx: CanWriteTasks, task_id: UUID, version: Version, body: TaskUpdate) -> Response:
    """Change a task, cancel it, or open it again."""
    await service.update_task(tx, task_id, version, body.given())
    return await answers.changed(tx, TASKS, TaskRead, task_id)


@router.post("/{task_id}:complete", response_model=TaskRead)
async def complete_task(tx: CanWriteTasks, task_id: UUID, version: Version, body: TaskComplete) -> Response:
    """Note that a task is done, and what it came to.

    A task that needs a check is then `in_check` until a second person has approved it, and only a user, not an API
    key, can complete it.
    """
    await service.complete_task(tx, task_id, version, body.outcome, body.note)
    return await answers.changed(tx, TASKS, TaskRead, task_id)


@router.post("/{task_id}:check", response_model=TaskRead)
async def check_task(tx: CanWriteTasks, task_id: UUID, version: Version, body: TaskCheck) -> Response:
    """Approve a completed task, or send it back. Only a user can, and not the one who completed it."""
    await service.check_task(tx, task_id, version, body.note, approved=body.approved)
    return await answers.changed(tx, TASKS, TaskRead, task_id)


@router.delete("/{task_id}", response_model=TaskRead)
async def archive_task(tx: CanWriteTasks, task_id: UUID, version: Version) -> Response:
    """Archive a task: it leaves lists and can be restored."""
    await service.archive_task(tx, task_id, version)
    return await answers.changed(tx, TASKS, TaskRead, task_id)


@router.post("/{task_id}:restore", response_model=TaskRead)
async def restore_task(tx: CanWriteTasks, task_id: UUID) -> Response:
    """Restore an archived task."""
    await service.restore_task(tx, task_id)
    return await answers.changed(tx, TASKS, TaskRead, task_id)
