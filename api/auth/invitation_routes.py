"""Invitations over HTTP."""

from typing import Annotated, Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.auth import invitations
from api.auth.access import Access, reads, writes
from api.auth.invitations import INVITATION_INVALID, INVITATION_PREFIX, INVITATIONS
from api.auth.schemas import (
    InvitationAcceptance,
    InvitationCreate,
    InvitationCreated,
    InvitationPage,
    InvitationQuery,
    InvitationRead,
    UserRead,
)
from api.auth.secret_tokens import SecretToken
from api.auth.service import USERS
from api.auth.sessions import ATTEMPTS_PER_MINUTE
from api.auth.shown_once import created_with_secret
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router

router = resource_router("/invitations", tag="users")

CanReadInvitations = Annotated[Tx, reads("invitations:read")]
CanWriteInvitations = Annotated[Tx, writes("invitations:write")]

_GONE: Final[dict[str, Any]] = {"responses": {"410": {"$ref": "#/components/responses/Problem410"}}}


@router.get("", response_model=InvitationPage, openapi_extra=INVITATIONS.documented())
async def list_invitations(
    tx: CanReadInvitations, query: Annotated[InvitationQuery, asked(InvitationQuery)]
) -> Response:
    """List the invitations, the newest first."""
    return await answers.page(tx, INVITATIONS, InvitationRead, query)


@router.post("", response_model=InvitationCreated, status_code=201)
async def create_invitation(tx: CanWriteInvitations, body: InvitationCreate) -> Response:
    """Invite someone to the workspace, or to a partner's people; the token in the answer is shown once.

    A manager invites partners' people only.
    """
    invitation, token = await invitations.invite(tx, email=body.email, role=body.role, partner_id=body.partner_id)
    return await created_with_secret(
        tx, INVITATIONS, InvitationCreated, invitation.id, location="/v1/invitations", token=token
    )


@router.delete("/{invitation_id}", response_model=InvitationRead)
async def withdraw_invitation(tx: CanWriteInvitations, invitation_id: UUID, version: Version) -> Response:
    """Take an invitation back."""
    await invitations.withdraw_invitation(tx, invitation_id, version)
    return await answers.changed(tx, INVITATIONS, InvitationRead, invitation_id)


@router.post(":accept", response_model=UserRead, status_code=201, openapi_extra=_GONE)
async def accept_invitation(request: Request, body: InvitationAcceptance) -> Response:
    """Become a user of the workspace that invited you; sign in afterwards."""
    token = SecretToken.parse(body.token, INVITATION_PREFIX)
    if token is None:
        raise INVITATION_INVALID()
    access: Access = request.app.state.access
    await access.limiter.count(f"invitation {token.id}", limit=ATTEMPTS_PER_MINUTE)
    async with access.database.write(token.workspace_id) as tx:
        tx.request = request
        request.scope["tx"] = tx
        user = await invitations.accept_invitation(
            tx, token, name=body.name, password=body.password, language=body.language
        )
        return await answers.created(tx, USERS, UserRead, user.id, location="/v1/users")
