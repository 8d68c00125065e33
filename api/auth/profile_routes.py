"""What signed-in users change about themselves; ``GET /v1/me`` is in ``accounts``, since it counts them."""

from typing import Annotated

from starlette.requests import Request
from starlette.responses import Response

from api.auth import service
from api.auth.access import writes
from api.auth.schemas import PasswordChange, ProfileUpdate, UserRead
from api.auth.service import USERS
from api.auth.sessions import ATTEMPTS_PER_MINUTE
from api.kit import answers
from api.kit.answers import OptionalVersion
from api.kit.db import Tx
from api.kit.routing import resource_router

router = resource_router("/me", tag="users")

CanWriteProfile = Annotated[Tx, writes("profile:write")]


@router.patch("", response_model=UserRead)
async def update_me(tx: CanWriteProfile, version: OptionalVersion, body: ProfileUpdate) -> Response:
    """Change my name, language or time zone."""
    user_id = service.acting_user(tx)
    await service.update_user(tx, user_id, version, body.given())
    return await answers.changed(tx, USERS, UserRead, user_id)


@router.post("/password", status_code=204, response_class=Response)
async def change_my_password(tx: CanWriteProfile, request: Request, body: PasswordChange) -> Response:
    """Change my password; my other sessions end."""
    user_id = service.acting_user(tx)
    await request.app.state.access.limiter.count(f"password {user_id}", limit=ATTEMPTS_PER_MINUTE)
    await service.change_password(
        tx, user_id, body.current_password, body.new_password, keep_session=tx.actor.credential_id
    )
    return await answers.done(tx)
