"""Shared pages and comments over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Final
from uuid import UUID

from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from api.auth.access import Access, reads, writes
from api.auth.sessions import ATTEMPTS_PER_MINUTE
from api.auth.shown_once import created_with_secret
from api.kit import answers, idempotency
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.read import find
from api.kit.routing import resource_router
from api.success_roadmaps import comments, shares
from api.success_roadmaps.comments import COMMENTS
from api.success_roadmaps.share_schemas import (
    RoadmapCommentCreate,
    RoadmapCommentPage,
    RoadmapCommentQuery,
    RoadmapCommentRead,
    RoadmapShareCreate,
    RoadmapShareCreated,
    RoadmapSharePage,
    RoadmapShareQuery,
    RoadmapShareRead,
)
from api.success_roadmaps.shared_page import shared_page
from api.success_roadmaps.shared_schemas import SharedCommentCreate, SharedCommentRead, SharedRoadmapRead
from api.success_roadmaps.shares import LINK_INVALID, SHARES, Holder

share_router = resource_router("/roadmap-shares", tag="shared-roadmaps")
comment_router = resource_router("/roadmap-comments", tag="shared-roadmaps")
page_router = resource_router("/shared-roadmap", tag="shared-roadmaps")

CanReadShares = Annotated[Tx, reads("roadmap_shares:read")]
CanWriteShares = Annotated[Tx, writes("roadmap_shares:write")]
CanReadComments = Annotated[Tx, reads("roadmap_comments:read")]
CanWriteComments = Annotated[Tx, writes("roadmap_comments:write")]
ShareToken = Annotated[
    str,
    Header(
        alias="Share-Token",
        max_length=200,
        description="The token of the link: in a header, so that it stands in no log and no history.",
    ),
]

LOOKS_PER_MINUTE: Final = 60
_GONE: Final = {"410": {"$ref": "#/components/responses/Problem410"}}
_KNOWN: Final = {"304": {"description": "You have the current page (`If-None-Match`)."}}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 500},
    "description": "The `ETag` you have: 304 when it is still current, and the link still stands.",
}  # fmt: skip
_VIEW_ONLY: Final = {"403": {"$ref": "#/components/responses/Problem403"}}


@share_router.get("", response_model=RoadmapSharePage, openapi_extra=SHARES.documented())
async def list_roadmap_shares(
    tx: CanReadShares, query: Annotated[RoadmapShareQuery, asked(RoadmapShareQuery)]
) -> Response:
    """List the links to roadmaps, the newest first; those that are over too."""
    return await answers.page(tx, SHARES, RoadmapShareRead, query)


@share_router.post("", response_model=RoadmapShareCreated, status_code=201)
async def share_roadmap(tx: CanWriteShares, body: RoadmapShareCreate) -> Response:
    """Make a link to a roadmap for somebody at the customer. Its token is shown once; mailing it is up to you."""
    share_id, token = await shares.create_share(tx, body.model_dump())
    return await created_with_secret(
        tx, SHARES, RoadmapShareCreated, share_id, location="/v1/roadmap-shares", token=token
    )


@share_router.delete("/{share_id}", response_model=RoadmapShareRead)
async def revoke_roadmap_share(tx: CanWriteShares, share_id: UUID, version: Version) -> Response:
    """Withdraw a link: the next request with it fails."""
    await shares.revoke_share(tx, share_id, version)
    return await answers.changed(tx, SHARES, RoadmapShareRead, share_id)


@comment_router.get("", response_model=RoadmapCommentPage, openapi_extra=COMMENTS.documented())
async def list_roadmap_comments(
    tx: CanReadComments, query: Annotated[RoadmapCommentQuery, asked(RoadmapCommentQuery)]
) -> Response:
    """List the comments on roadmaps, ours and the customers', the newest first."""
    return await answers.page(tx, COMMENTS, RoadmapCommentRead, query)


@comment_router.post("", response_model=RoadmapCommentRead, status_code=201)
async def create_roadmap_comment(tx: CanWriteComments, body: RoadmapCommentCreate) -> Response:
    """Comment on a roadmap or one of its goals; internal unless said otherwise. Its owner is mentioned."""
    comment_id = await comments.create_comment(tx, body.model_dump())
    return await answers.created(tx, COMMENTS, RoadmapCommentRead, comment_id)


@comment_router.delete("/{comment_id}", response_model=RoadmapCommentRead)
async def archive_roadmap_comment(tx: CanWriteComments, comment_id: UUID, version: Version) -> Response:
    """Take a comment away, from shared pages too."""
    await comments.archive_comment(tx, comment_id, version)
    return await answers.changed(tx, COMMENTS, RoadmapCommentRead, comment_id)


@asynccontextmanager
async def _held(request: Request, text: str, *, limit: int) -> AsyncIterator[tuple[Tx, Holder]]:
    """The transaction of whoever holds a link, which is proven anew with each request.

    A token has its own rate limit, and guesses at a link one of theirs: who guesses must not shut the holder out.
    """
    token = shares.read_token(text)
    access: Access = request.app.state.access
    subject = f"roadmap link {limit} {token.hash().hex()}"
    request.scope["rate_headers"] = await access.limiter.count(subject, limit=limit)
    with access.limiter.place_for(token.workspace_id):
        async with access.database.write(token.workspace_id) as tx:
            tx.request = request
            request.scope["tx"] = tx
            holder = await shares.proven(tx, token)
            if holder is None:
                await access.limiter.count(f"roadmap link guessed {token.id}", limit=ATTEMPTS_PER_MINUTE)
                raise LINK_INVALID()
            tx.actor = holder.actor
            yield tx, holder


@page_router.get(
    "",
    response_model=SharedRoadmapRead,
    openapi_extra={"parameters": [_IF_NONE_MATCH], "responses": {**_GONE, **_KNOWN}},
)
async def get_shared_roadmap(request: Request, share_token: ShareToken) -> Response:
    """What the holder of a link sees of a roadmap. Needs no credential but the token of the link."""
    async with _held(request, share_token, limit=LOOKS_PER_MINUTE) as (tx, holder):
        await shares.note_opening(tx, holder)
        response = answers.represented(tx, await shared_page(tx, holder), None)
    return _varying(response)


@page_router.post(
    "/comments",
    response_model=SharedCommentRead,
    status_code=201,
    openapi_extra={"x-idempotent": True, "responses": {**_GONE, **_VIEW_ONLY}},
)
async def comment_on_shared_roadmap(request: Request, share_token: ShareToken, body: SharedCommentCreate) -> Response:
    """Comment as the holder of a link that allows it; the roadmap's owner is mentioned."""
    async with _held(request, share_token, limit=ATTEMPTS_PER_MINUTE) as (tx, holder):
        await idempotency.claim(tx, request)
        comment_id = await comments.comment_by_link(tx, holder, body.model_dump())
        shown, _ = await find(tx, COMMENTS, SharedCommentRead, comment_id)
        response = await answers.done(tx, shown, status=201)
    return _varying(response)


def _varying(response: Response) -> Response:
    response.headers["Vary"] = "Share-Token"
    return response
