"""From the ``Authorization`` header to an open tenant transaction with a proven actor.

In a route's signature the scope stands as the parameter's type::

    async def list_accounts(tx: CanReadAccounts, ...): ...

The transaction commits before the answer is sent, and rolls back on any error.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import params
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from api.auth.keyring import Keyring
from api.auth.last_used import LastUsed
from api.auth.models import CredentialKind
from api.auth.permissions import ROLE_SCOPES, SCOPES, Role
from api.auth.secret_tokens import SecretToken
from api.auth.tokens import InvalidToken
from api.kit import clock, idempotency
from api.kit.actors import Actor, ActorKind
from api.kit.db import Database, Tx
from api.kit.problems import FORBIDDEN, UNAUTHENTICATED
from api.kit.rates import RateLimiter

KEY_PREFIXES: Final = ("pk_live_", "pk_test_")


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential as presented, not yet proven: where to look, and a key's hash to compare."""

    workspace_id: UUID
    credential_id: UUID
    token: SecretToken | None

    def rate_subject(self) -> str:
        """What the rate limit counts: a wrong secret must not use up the limit of the key it names."""
        return self.credential_id.hex if self.token is None else self.token.hash().hex()


async def presented(request: Request, keyring: Keyring) -> Presented:
    """The credential in the request, or the problem ``unauthenticated``."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise _unauthenticated()
    for prefix in KEY_PREFIXES:
        if text.startswith(prefix):
            token = SecretToken.parse(text, prefix)
            if token is None:
                raise _unauthenticated()
            return Presented(token.workspace_id, token.id, token)
    try:
        claims = await keyring.verify(text)
    except InvalidToken as error:
        raise _unauthenticated() from error
    return Presented(claims.workspace_id, claims.session_id, None)


def opening_statement(credential: Presented) -> str:
    """The statement that reads the credential inside the transaction it opens."""
    # Both ids are UUID objects, whose text needs no quoting.
    return (
        "SELECT c.kind, c.secret_hash, c.scopes, c.expires_at, c.user_id, u.role "  # noqa: S608
        "FROM credentials c LEFT JOIN users u ON u.workspace_id = c.workspace_id AND u.id = c.user_id "
        f"WHERE c.workspace_id = '{credential.workspace_id}' AND c.id = '{credential.credential_id}' "
        "AND c.revoked_at IS NULL AND c.archived_at IS NULL "
        "AND u.suspended_at IS NULL AND u.archived_at IS NULL"
    )


def proven_actor(credential: Presented, row: tuple[Any, ...] | None) -> Actor:
    """The actor behind the credential's row, or the problem ``unauthenticated``."""
    if row is None:
        raise _unauthenticated()
    kind, secret_hash, scopes, expires_at, user_id, role = row
    if expires_at is not None and expires_at <= clock.now():
        raise _unauthenticated()
    if credential.token is not None:
        if kind != CredentialKind.api_key or not credential.token.proves(bytes(secret_hash)):
            raise _unauthenticated()
        return Actor(
            ActorKind.api_key,
            credential.credential_id,
            "api_key",
            frozenset(scopes),
            credential.credential_id,
        )
    if kind != CredentialKind.session or role is None:
        raise _unauthenticated()
    return Actor(ActorKind.user, user_id, role, ROLE_SCOPES[Role(role)], credential.credential_id, user_id)


def _unauthenticated() -> Exception:
    return UNAUTHENTICATED(headers={"WWW-Authenticate": 'Bearer realm="perennial"'})


@dataclass(frozen=True, slots=True)
class Access:
    """What the application keeps for opening requests; ``app.state.access``."""

    database: Database
    replica: Database
    keyring: Keyring
    limiter: RateLimiter
    last_used: LastUsed


@asynccontextmanager
async def opened(request: Request, scope: str, *, writes: bool) -> AsyncIterator[Tx]:
    """The tenant transaction of a request whose actor holds ``scope``."""
    access: Access = request.app.state.access
    credential = await presented(request, access.keyring)
    request.scope["rate_headers"] = await access.limiter.count(credential.rate_subject())
    opening = opening_statement(credential)
    begin = access.database.write if writes else access.replica.read
    with access.limiter.place_for(credential.workspace_id):
        async with begin(credential.workspace_id, opening) as tx:
            tx.actor = proven_actor(credential, tx.opened_with)
            tx.request = request
            request.scope["tx"] = tx
            if not tx.actor.may(scope):
                raise FORBIDDEN(scope=scope)
            if credential.token is not None:
                access.last_used.note(access.database, credential.workspace_id, credential.credential_id)
            yield tx


class Requires(SecurityBase):
    """The dependency behind ``CanReadAccounts`` and its like."""

    def __init__(self, scope: str, *, writes: bool, key_required: bool = False) -> None:
        if scope not in SCOPES:
            raise ValueError(f"{scope!r} is not in the permission table")
        self.model = HTTPBearerModel(
            description="An access token from `POST /v1/auth/token`, or an API key (`pk_live_…`, `pk_test_…`)"
        )
        self.scheme_name = "bearer"
        self.scope = scope
        self.writes = writes
        self.key_required = key_required

    async def __call__(self, request: Request) -> AsyncIterator[Tx]:
        """Open the transaction, claim the idempotency key of a POST, and hand it to the route."""
        async with opened(request, self.scope, writes=self.writes) as tx:
            if request.method == "POST" and self.writes:
                await idempotency.claim(tx, request, required=self.key_required)
            yield tx


def reads(scope: str) -> params.Security:
    """The mark of a route that reads with ``scope``, for ``CanReadAccounts = Annotated[Tx, …]``."""
    return params.Security(Requires(scope, writes=False), scopes=[scope], scope="function")


def writes(scope: str, *, key_required: bool = False) -> params.Security:
    """The mark of a route that writes with ``scope``; ``key_required`` demands an Idempotency-Key."""
    dependency = Requires(scope, writes=True, key_required=key_required)
    return params.Security(dependency, scopes=[scope], scope="function")
