"""Who am I, and what is on my plate today."""

from typing import Annotated

import orjson
from pydantic import Field
from starlette.responses import Response

from api.accounts.models import Phase
from api.auth.access import reads
from api.auth.permissions import Role
from api.auth.schemas import ApiKeyRead, UserRead, WorkspaceRead
from api.auth.service import API_KEYS, USERS, WORKSPACES
from api.kit import answers
from api.kit.actors import ActorKind
from api.kit.db import Tx
from api.kit.read import find
from api.kit.routing import resource_router
from api.kit.schemas import Read

router = resource_router("/me", tag="users")

CanReadProfile = Annotated[Tx, reads("profile:read")]


class AccountsOwned(Read):
    """How many accounts a user owns, by phase; archived ones do not count."""

    onboarding: int
    adoption: int
    renewal: int
    churned: int


class MyDay(Read):
    """What waits for a user."""

    accounts_owned: AccountsOwned


class MeRead(Read):
    """The principal behind a credential, and what it may do."""

    kind: ActorKind
    role: Role | None = Field(description="Null for an API key, which has scopes only.")
    scopes: list[str]
    user: UserRead | None
    api_key: ApiKeyRead | None
    workspace: WorkspaceRead
    my_day: MyDay | None = Field(description="Null for an API key.")


@router.get("", response_model=MeRead)
async def get_me(tx: CanReadProfile) -> Response:
    """Get who I am, what I may do, and what waits for me."""
    user_id, key_id = tx.actor.user_id, tx.actor.credential_id
    me = {
        "kind": tx.actor.kind,
        "role": tx.actor.role if user_id else None,
        "scopes": sorted(tx.actor.scopes),
        "user": _json(await find(tx, USERS, UserRead, user_id)) if user_id else None,
        "api_key": None if user_id else _json(await find(tx, API_KEYS, ApiKeyRead, key_id)),
        "workspace": _json(await find(tx, WORKSPACES, WorkspaceRead, tx.workspace_id)),
        "my_day": {"accounts_owned": await _accounts_owned(tx)} if user_id else None,
    }
    return answers.represented(tx, orjson.dumps(me), None)


def _json(found: tuple[bytes, int | None]) -> orjson.Fragment:
    return orjson.Fragment(found[0])


async def _accounts_owned(tx: Tx) -> dict[str, int]:
    rows = await tx.fetch(
        "SELECT phase, count(*) FROM accounts WHERE workspace_id = %(ws)s AND owner_id = %(me)s "
        "AND archived_at IS NULL GROUP BY phase",
        {"ws": tx.workspace_id, "me": tx.actor.user_id},
    )
    return {phase.value: 0 for phase in Phase} | dict(rows)
