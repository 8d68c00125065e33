"""Who am I, and what is on my plate today."""

from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from pydantic import Field
from starlette.responses import Response

from api.accounts.models import Phase
from api.auth.access import reads
from api.auth.key_schemas import ApiKeyRead
from api.auth.keys import API_KEYS
from api.auth.permissions import Role
from api.auth.schemas import UserRead, WorkspaceRead
from api.auth.service import USERS, WORKSPACES, workspace_today
from api.kit import answers, clock
from api.kit.actors import ActorKind
from api.kit.db import Tx
from api.kit.problems import Language
from api.kit.read import find, find_page
from api.kit.routing import resource_router
from api.kit.schemas import Read
from api.tasks.models import TaskState
from api.tasks.resource import TASKS
from api.tasks.schemas import TaskQuery, TaskSummary

router = resource_router("/me", tag="users")

CanReadProfile = Annotated[Tx, reads("profile:read")]

_SHOWN: Final = 10


class AccountsOwned(Read):
    """How many accounts a user owns, by phase; archived ones do not count."""

    onboarding: int
    adoption: int
    renewal: int
    churned: int


class MyTasks(Read):
    """What a user has to do: tasks that are open or in progress."""

    overdue: int
    due_today: int
    waiting: int = Field(description="All of them.")
    to_check: int = Field(description="Tasks on the accounts that I own which somebody else completed and I can check.")
    next: list[TaskSummary] = Field(description="The ten most pressing ones, the overdue ones first.")


class MyDay(Read):
    """What waits for a user."""

    accounts_owned: AccountsOwned
    tasks: MyTasks


class MyPartner(Read):
    """The partner that the principal belongs to, and what it is told of the workspace: the name."""

    id: UUID
    name: str
    language: Language
    workspace_name: str


class MeRead(Read):
    """The principal behind a credential, and what it may do."""

    kind: ActorKind
    role: Role | None = Field(description="Null for an API key, which has scopes only.")
    scopes: list[str]
    user: UserRead | None
    api_key: ApiKeyRead | None
    partner: MyPartner | None = Field(description="Null for the workspace's own people and keys.")
    workspace: WorkspaceRead | None = Field(description="Null for a partner's people and keys.")
    my_day: MyDay | None = Field(description="Null for an API key, and for a partner's people.")


@router.get("", response_model=MeRead)
async def get_me(tx: CanReadProfile) -> Response:
    """Get who I am, what I may do, and what waits for me."""
    user_id, key_id = tx.actor.user_id, tx.actor.credential_id
    ours = tx.actor.partner_id is None
    me = {
        "kind": tx.actor.kind,
        "role": tx.actor.role if user_id else None,
        "scopes": sorted(tx.actor.scopes),
        "user": _json(await find(tx, USERS, UserRead, user_id)) if user_id else None,
        "api_key": None if user_id else _json(await find(tx, API_KEYS, ApiKeyRead, key_id)),
        "partner": None if ours else await _my_partner(tx),
        "workspace": _json(await find(tx, WORKSPACES, WorkspaceRead, tx.workspace_id)) if ours else None,
        "my_day": await _my_day(tx) if user_id and ours else None,
    }
    return answers.represented(tx, orjson.dumps(me), None)


def _json(found: tuple[bytes, int | None]) -> orjson.Fragment:
    return orjson.Fragment(found[0])


async def _my_partner(tx: Tx) -> dict[str, Any]:
    [(name, language, workspace_name)] = await tx.fetch(
        "SELECT p.name, p.language, w.name FROM partners p JOIN workspaces w ON w.workspace_id = p.workspace_id "
        "WHERE p.workspace_id = %s AND p.id = %s",
        [tx.workspace_id, tx.actor.partner_id],
    )
    return {"id": tx.actor.partner_id, "name": name, "language": language, "workspace_name": workspace_name}


async def _my_day(tx: Tx) -> dict[str, Any]:
    return {"accounts_owned": await _accounts_owned(tx), "tasks": await _my_tasks(tx)}


async def _accounts_owned(tx: Tx) -> dict[str, int]:
    rows = await tx.fetch(
        "SELECT phase, count(*) FROM accounts WHERE workspace_id = %(ws)s AND owner_id = %(me)s "
        "AND archived_at IS NULL GROUP BY phase",
        {"ws": tx.workspace_id, "me": tx.actor.user_id},
    )
    return {phase.value: 0 for phase in Phase} | dict(rows)


async def _my_tasks(tx: Tx) -> dict[str, Any]:
    [(overdue, due_today, waiting, to_check)] = await tx.fetch(
        """
        SELECT count(*) FILTER (WHERE mine AND due_by <= %(now)s), count(*) FILTER (WHERE mine AND due_on = %(today)s),
            count(*) FILTER (WHERE mine), count(*) FILTER (WHERE NOT mine)
        FROM (
            SELECT true AS mine, due_by, due_on FROM tasks WHERE workspace_id = %(ws)s AND owner_id = %(me)s
            AND state IN ('open', 'in_progress') AND archived_at IS NULL
            UNION ALL
            SELECT false, t.due_by, t.due_on FROM tasks t
            JOIN accounts a ON a.workspace_id = t.workspace_id AND a.id = t.account_id AND a.owner_id = %(me)s
            WHERE t.workspace_id = %(ws)s AND t.state = 'in_check' AND t.completed_by <> %(me)s AND t.archived_at IS NULL
        ) AS waiting
        """,
        {"ws": tx.workspace_id, "me": tx.actor.user_id, "now": clock.now(), "today": await workspace_today(tx)},
    )
    pressing = TaskQuery(limit=_SHOWN, state=[TaskState.open, TaskState.in_progress])
    page = await find_page(tx, TASKS, TaskSummary, pressing, where={"owner_id": tx.actor.user_id})
    return {
        "overdue": overdue, "due_today": due_today, "waiting": waiting, "to_check": to_check,
        "next": orjson.Fragment(page.items),
    }  # fmt: skip
