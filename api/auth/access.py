"""From the ``Authorization`` header to an open tenant transaction with a proven actor.

In a route's signature the scope stands as the parameter's type::

    async def list_accounts(tx: CanReadAccounts, ...): ...

The transaction commits before the answer is sent, and rolls back on any error.
"""

import hmac
import math
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import params
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from api.auth import acting
from api.auth.keyring import Keyring
from api.auth.last_used import LastUsed
from api.auth.models import CredentialKind
from api.auth.permissions import SCOPES
from api.auth.secret_tokens import SecretToken
from api.auth.tokens import InvalidToken
from api.kit import clock, idempotency
from api.kit.actors import Actor
from api.kit.db import Database, Tx
from api.kit.problems import FORBIDDEN, UNAUTHENTICATED
from api.kit.rates import RateLimiter

REMEMBERED: Final = 20_000
KEY_PREFIXES: Final = ("pk_live_", "pk_test_")


@dataclass(slots=True)
class Presented:
    """A credential as presented: where to look it up, what must fit, and the last proof.

    Everything that follows from the text of the header alone is worked out once and remembered with it.
    """

    workspace_id: UUID
    credential_id: UUID
    token_hash: bytes | None
    valid_until: float
    proof: tuple[bytes, Actor, float] | None = None
    opening: str = ""

    def __post_init__(self) -> None:
        # Both ids are UUID objects, whose text needs no quoting.
        self.opening = f"SELECT find_credential('{self.workspace_id}', '{self.credential_id}')"

    @property
    def subject(self) -> str:
        """What the rate limit counts: a wrong secret must not use up the limit of the key it names."""
        return self.credential_id.hex if self.token_hash is None else self.token_hash.hex()

    def actor(self, found: bytes | None) -> Actor:
        """The actor, given the credential's row as the database has it now; or ``unauthenticated``."""
        if found is None:
            raise _unauthenticated()
        if self.proof is None or self.proof[0] != found:
            self.proof = (found, *self._proven(orjson.loads(found)))
        _, actor, expires_at = self.proof
        if min(expires_at, self.valid_until) <= clock.now().timestamp():
            raise _unauthenticated()
        return actor

    def _proven(self, row: dict[str, Any]) -> tuple[Actor, float]:
        expires_at = row["expires_at"] or math.inf
        partner_id = UUID(row["partner_id"]) if row["partner_id"] else None
        if self.token_hash is not None:
            same = hmac.compare_digest(bytes.fromhex(row["secret_hash"]), self.token_hash)
            if row["kind"] != CredentialKind.api_key or not same:
                raise _unauthenticated()
            return acting.key(self.credential_id, row["scopes"], partner_id), expires_at
        if row["kind"] != CredentialKind.session or row["role"] is None:
            raise _unauthenticated()
        user = acting.user(UUID(row["user_id"]), row["role"], partner_id, credential_id=self.credential_id)
        return user, expires_at


class Credentials:
    """Reads the ``Authorization`` header, and remembers the credentials it has read."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._known: OrderedDict[str, Presented] = OrderedDict()

    async def presented(self, request: Request) -> Presented:
        """The credential in the request, or the problem ``unauthenticated``."""
        header = request.headers.get("authorization", "")
        if (known := self._known.get(header)) is None:
            known = self._known[header] = await self._read(header)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known

    async def _read(self, header: str) -> Presented:
        scheme, _, text = header.partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise _unauthenticated()
        for prefix in KEY_PREFIXES:
            if text.startswith(prefix):
                token = SecretToken.parse(text, prefix)
                if token is None:
                    raise _unauthenticated()
                return Presented(token.workspace_id, token.id, token.hash(), math.inf)
        try:
            claims = await self._keyring.verify(text)
        except InvalidToken as error:
            raise _unauthenticated() from error
        return Presented(claims.workspace_id, claims.session_id, None, claims.expires_at)


def _unauthenticated() -> Exception:
    return UNAUTHENTICATED(headers={"WWW-Authenticate": 'Bearer realm="perennial"'})


@dataclass(frozen=True, slots=True)
class Access:
    """What the application keeps for opening requests; ``app.state.access``."""

    database: Database
    replica: Database
    keyring: Keyring
    credentials: Credentials
    limiter: RateLimiter
    last_used: LastUsed


@asynccontextmanager
async def opened(request: Request, scope: str, *, writes: bool) -> AsyncIterator[Tx]:
    """The tenant transaction of a request whose actor holds ``scope``."""
    access: Access = request.app.state.access
    credential = await access.credentials.presented(request)
    request.scope["rate_headers"] = await access.limiter.count(credential.subject)
    begin = access.database.write if writes else access.replica.read
    with access.limiter.place_for(credential.workspace_id):
        async with begin(credential.workspace_id, credential.opening) as tx:
            tx.actor = credential.actor(tx.opened_with)
            tx.request = request
            request.scope["tx"] = tx
            if not tx.actor.may(scope):
                raise FORBIDDEN(scope=scope)
            if credential.token_hash is not None:
                access.last_used.note(access.database, credential.workspace_id, credential.credential_id)
            yield tx


@dataclass(frozen=True, slots=True)
class Steps:
    """A request that takes long between its transactions, such as an upload: each proves the credential anew."""

    request: Request
    scope: str

    def write(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction that may write."""
        return opened(self.request, self.scope, writes=True)

    @property
    def database(self) -> Database:
        """The application's connections, for what is stored between the steps."""
        access: Access = self.request.app.state.access
        return access.database


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

    async def __call__(self, request: Request) -> Tx:
        """Open the transaction and claim the idempotency key of a POST; the operation's route ends it."""
        manager = opened(request, self.scope, writes=self.writes)
        tx = await manager.__aenter__()

        async def finish(error: BaseException | None) -> None:
            await manager.__aexit__(type(error) if error else None, error, error.__traceback__ if error else None)

        request.scope["finish"] = finish
        if request.method == "POST" and self.writes:
            await idempotency.claim(tx, request, required=self.key_required)
        return tx


def reads(scope: str) -> params.Security:
    """The mark of a route that reads with ``scope``, for ``CanReadAccounts = Annotated[Tx, …]``."""
    return params.Security(Requires(scope, writes=False), scopes=[scope])


def writes(scope: str, *, key_required: bool = False) -> params.Security:
    """The mark of a route that writes with ``scope``; ``key_required`` demands an Idempotency-Key."""
    dependency = Requires(scope, writes=True, key_required=key_required)
    return params.Security(dependency, scopes=[scope])


class RequiresInSteps(Requires):
    """The dependency behind operations that open their transactions themselves."""

    async def __call__(self, request: Request) -> Steps:  # type: ignore[override]
        """The steps; an unproven credential is refused here already, before any input is looked at."""
        async with opened(request, self.scope, writes=False):
            return Steps(request, self.scope)


def writes_in_steps(scope: str) -> params.Security:
    """The mark of a route that writes with ``scope`` in several transactions: ``Annotated[Steps, …]``."""
    return params.Security(RequiresInSteps(scope, writes=True), scopes=[scope])
