"""API keys over HTTP."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth import keys
from api.auth.access import reads, writes
from api.auth.key_schemas import (
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyPage,
    ApiKeyQuery,
    ApiKeyRead,
    ApiKeyRotation,
)
from api.auth.keys import API_KEYS
from api.auth.shown_once import created_with_secret
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/api-keys", tag="api-keys")

CanReadApiKeys = Annotated[Tx, reads("api_keys:read")]
CanWriteApiKeys = Annotated[Tx, writes("api_keys:write")]


@router.get("", response_model=ApiKeyPage, openapi_extra=API_KEYS.documented())
async def list_api_keys(tx: CanReadApiKeys, query: Annotated[ApiKeyQuery, asked(ApiKeyQuery)]) -> Response:
    """List the API keys of the workspace, the newest first."""
    return await answers.page(tx, API_KEYS, ApiKeyRead, query)


@router.post("", response_model=ApiKeyCreated, status_code=201)
async def create_api_key(tx: CanWriteApiKeys, body: ApiKeyCreate) -> Response:
    """Create an API key, for the workspace or for a partner; the secret in the answer is shown once.

    A manager makes keys for partners only.
    """
    key, secret = await keys.create_api_key(
        tx, name=body.name, scopes=body.scopes, expires_at=body.expires_at, partner_id=body.partner_id
    )
    return await created_with_secret(tx, API_KEYS, ApiKeyCreated, key.id, location="/v1/api-keys", secret=secret)


@router.get("/{api_key_id}", response_model=ApiKeyRead, openapi_extra=API_KEYS.documented())
async def get_api_key(tx: CanReadApiKeys, api_key_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one API key."""
    return await answers.item(tx, API_KEYS, ApiKeyRead, api_key_id, query)


@router.post("/{api_key_id}:rotate", response_model=ApiKeyCreated, status_code=201)
async def rotate_api_key(tx: CanWriteApiKeys, api_key_id: UUID, body: ApiKeyRotation) -> Response:
    """Replace an API key by a new one; both work for the overlap."""
    key, secret = await keys.rotate_api_key(tx, api_key_id, dt.timedelta(hours=body.overlap_hours))
    return await created_with_secret(tx, API_KEYS, ApiKeyCreated, key.id, location="/v1/api-keys", secret=secret)


@router.delete("/{api_key_id}", response_model=ApiKeyRead)
async def revoke_api_key(tx: CanWriteApiKeys, api_key_id: UUID, version: Version) -> Response:
    """End an API key, at once."""
    await keys.revoke_api_key(tx, api_key_id, version)
    return await answers.changed(tx, API_KEYS, ApiKeyRead, api_key_id)
