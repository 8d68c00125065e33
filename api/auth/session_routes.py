"""Signing in and out over HTTP, without a credential."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from api.auth import sessions
from api.auth.access import Access
from api.auth.schemas import GrantType, JsonWebKeySet, TokenRead, TokenRequest, TokenRevocation
from api.kit.problems import FieldError, invalid
from api.kit.routing import operation_id, resource_router

router = resource_router("/auth", tag="sign-in")
well_known = APIRouter(prefix="/.well-known", tags=["sign-in"], generate_unique_id_function=operation_id)

_REFUSED: Final[dict[str, Any]] = {"responses": {"401": {"$ref": "#/components/responses/Problem401"}}}


@router.post("/token", response_model=TokenRead, openapi_extra=_REFUSED)
async def create_token(request: Request, body: Annotated[TokenRequest, Form()]) -> Response:
    """Sign in with e-mail address and password, or refresh.

    A refresh token works once. If it comes back after the short grace for parallel tabs, its session ends.
    """
    access: Access = request.app.state.access
    if body.grant_type is GrantType.password:
        username, password = _needed("username", body.username), _needed("password", body.password)
        grant = await sessions.sign_in(access, username, password)
    else:
        grant = await sessions.refresh(access, _needed("refresh_token", body.refresh_token))
    answer = TokenRead(
        access_token=grant.access_token,
        token_type="Bearer",  # noqa: S106
        expires_in=grant.expires_in,
        refresh_token=grant.refresh_token,
        scope=" ".join(sorted(grant.scopes)),
    )
    return Response(answer.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})


@router.post("/revoke", response_class=Response)
async def revoke_token(request: Request, body: Annotated[TokenRevocation, Form()]) -> Response:
    """Sign out: end the session of a refresh or access token.

    The answer is the same for a token that is not ours (RFC 7009).
    """
    await sessions.sign_out(request.app.state.access, body.token)
    return Response(headers={"Cache-Control": "no-store"})


@well_known.get("/jwks.json", response_model=JsonWebKeySet)
async def get_signing_keys(request: Request) -> Response:
    """Get the public keys that access tokens are signed with."""
    access: Access = request.app.state.access
    keys = JsonWebKeySet.model_validate(await access.keyring.public_keys())
    return Response(
        keys.model_dump_json(),
        media_type="application/json",
        headers={"Cache-Control": "public, max-age=300"},
    )


def _needed(name: str, value: str | None) -> str:
    if value is None:
        raise invalid(FieldError(f"/{name}", "missing", "Required for this grant type", "この grant_type では必須です"))
    return value
