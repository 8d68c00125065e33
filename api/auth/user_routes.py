"""Users over HTTP. New ones come by invitation."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth import service
from api.auth.access import reads, writes
from api.auth.schemas import UserPage, UserQuery, UserRead, UserUpdate
from api.auth.service import USERS
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/users", tag="users")

CanReadUsers = Annotated[Tx, reads("users:read")]
CanWriteUsers = Annotated[Tx, writes("users:write")]


@router.get("", response_model=UserPage, openapi_extra=USERS.documented())
async def list_users(tx: CanReadUsers, query: Annotated[UserQuery, asked(UserQuery)]) -> Response:
    """List the users of the workspace."""
    return await answers.page(tx, USERS, UserRead, query)


@router.get("/{user_id}", response_model=UserRead, openapi_extra=USERS.documented())
async def get_user(tx: CanReadUsers, user_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one user."""
    return await answers.item(tx, USERS, UserRead, user_id, query)


@router.patch("/{user_id}", response_model=UserRead)
async def update_user(tx: CanWriteUsers, user_id: UUID, version: Version, body: UserUpdate) -> Response:
    """Change a user; a new role or a suspension counts from the user's next request."""
    await service.update_user(tx, user_id, version, body.given())
    return await answers.changed(tx, USERS, UserRead, user_id)


@router.delete("/{user_id}", response_model=UserRead)
async def archive_user(tx: CanWriteUsers, user_id: UUID, version: Version) -> Response:
    """Take a user out of the workspace: sessions end, and the e-mail address can be invited again."""
    await service.archive_user(tx, user_id, version)
    return await answers.changed(tx, USERS, UserRead, user_id)
