"""The account team over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.accounts import team
from api.accounts.configuration_schemas import (
    TeamMemberCreate,
    TeamMemberEnd,
    TeamMemberPage,
    TeamMemberRead,
    TeamQuery,
)
from api.accounts.team import TEAM
from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("", tag="account-team")

CanReadTeams = Annotated[Tx, reads("account_team:read")]
CanWriteTeams = Annotated[Tx, writes("account_team:write")]


@router.get("/account-team", response_model=TeamMemberPage, openapi_extra=TEAM.documented())
async def list_team_members(tx: CanReadTeams, query: Annotated[TeamQuery, asked(TeamQuery)]) -> Response:
    """List who plays which part for which account: now, then, or on a given day."""
    return await answers.page(tx, TEAM, TeamMemberRead, query)


@router.get("/account-team/{member_id}", response_model=TeamMemberRead, openapi_extra=TEAM.documented())
async def get_team_member(tx: CanReadTeams, member_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one user's time in a role."""
    return await answers.item(tx, TEAM, TeamMemberRead, member_id, query)


@router.post("/accounts/{account_id}/team", response_model=TeamMemberRead, status_code=201)
async def add_team_member(tx: CanWriteTeams, account_id: UUID, body: TeamMemberCreate) -> Response:
    """Give a user a role for an account.

    There is one CSM at a time: a new one follows the old one and becomes the owner.
    """
    member = await team.join(tx, account_id, body.given())
    return await answers.created(tx, TEAM, TeamMemberRead, member.id, location="/v1/account-team")


@router.post("/account-team/{member_id}:end", response_model=TeamMemberRead)
async def end_team_member(tx: CanWriteTeams, member_id: UUID, version: Version, body: TeamMemberEnd) -> Response:
    """End a user's time in a role."""
    await team.leave(tx, member_id, version, body.given().get("ends_before"))
    return await answers.changed(tx, TEAM, TeamMemberRead, member_id)
