"""Idempotency keys: a repeated POST gets the first answer, and does its work once.

A key belongs to (workspace, principal, route). It is claimed by a transaction-level advisory lock and stored,
with the answer, in the request's own transaction: an error rolls both back, so only 2xx answers are kept.
Keys live for 24 hours.
"""

import datetime as dt
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlmodel import Field, SQLModel
from starlette.requests import Request
from starlette.responses import Response

from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.settings import settings
from api.kit.tables import DISTRIBUTED, in_workspace, json_column

LIFETIME: Final = dt.timedelta(hours=24)
HEADER: Final = "Idempotency-Key"

IN_PROGRESS = problem_type(
    "idempotency_in_progress",
    409,
    en=("Still running", "A request with this Idempotency-Key is still running. Try again shortly."),
    ja=("処理中です", "この Idempotency-Key のリクエストは処理中です。しばらくしてから再試行してください。"),
)
KEY_REUSED = problem_type(
    "idempotency_key_reused",
    422,
    en=("Key used for another request", "This Idempotency-Key was used with another body. Use a new key."),
    ja=(
        "キーが別のリクエストで使用済みです",
        "この Idempotency-Key は別の本文で使われました。新しいキーを使ってください。",
    ),
)


class IdempotencyKey(SQLModel, table=True):
    """The first answer to a keyed request."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (in_workspace(), sa.Index(None, "workspace_id", "created_at"), DISTRIBUTED)

    workspace_id: UUID = Field(primary_key=True)
    principal: str = Field(primary_key=True)
    route: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: bytes
    status: int
    headers: dict[str, str] = json_column()
    body: bytes
    created_at: dt.datetime = Field(default_factory=clock.now)


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that this request holds."""

    principal: str
    route: str
    key: str
    fingerprint: bytes


class Replayed(Exception):  # noqa: N818
    """Not an error: the stored answer, on its way to the caller."""

    def __init__(self, response: Response) -> None:
        self.response = response


async def claim(tx: Tx, request: Request, *, required: bool = False) -> None:
    """Claim the request's key, if it has one, or raise :class:`Replayed` with the stored answer."""
    key = request.headers.get(HEADER)
    if key is None:
        if required:
            raise invalid(FieldError(f"{HEADER}:", "missing", "Required on this operation", "この操作では必須です"))
        return
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise invalid(
            FieldError(
                f"{HEADER}:",
                "invalid_format",
                "1 to 255 printable ASCII characters",
                "1〜255 文字の ASCII 文字列",
            )
        )
    principal, route = f"{tx.actor.kind}:{tx.actor.id}", f"{request.method} {request.url.path}"
    fingerprint = hmac.digest(_key(), request.url.query.encode() + b"\n" + await request.body(), "sha256")
    ours: dict[str, Any] = {"ws": tx.workspace_id, "principal": principal, "route": route, "key": key}
    (locked,) = (
        await tx.fetch(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%(principal)s || %(route)s || %(key)s, 7))",
            ours,
        )
    )[0]
    if not locked:
        raise IN_PROGRESS(headers={"Retry-After": "1"})
    stored = await tx.fetch(
        "SELECT fingerprint, status, headers::text, body FROM idempotency_keys WHERE workspace_id = %(ws)s "
        "AND principal = %(principal)s AND route = %(route)s AND key = %(key)s AND created_at > %(since)s",
        {**ours, "since": clock.now() - LIFETIME},
    )
    if stored:
        first_fingerprint, status, headers, body = stored[0]
        if bytes(first_fingerprint) != fingerprint:
            raise KEY_REUSED()
        raise Replayed(Response(bytes(body), status, {**orjson.loads(headers), "Idempotency-Replayed": "true"}))
    tx.claim = Claim(principal, route, key, fingerprint)


@lru_cache
def _key() -> bytes:
    # Keyed, because some bodies carry a password, which a plain hash at rest would give away.
    return hmac.digest(settings().secret_key.get_secret_value().encode(), b"perennial fingerprint", "sha256")


async def keep(tx: Tx, response: Response, *, stored_body: bytes | None = None) -> None:
    """Store the answer under the claimed key. ``stored_body`` replaces a body that shows a secret."""
    if tx.claim is None:
        return
    kept = {
        name: value for name, value in response.headers.items() if name in {"content-type", "location", "etag", "link"}
    }
    await tx.execute(
        "INSERT INTO idempotency_keys (workspace_id, principal, route, key, fingerprint, status, headers, body, created_at) "
        "VALUES (%(ws)s, %(principal)s, %(route)s, %(key)s, %(fingerprint)s, %(status)s, %(headers)s, %(body)s, %(now)s) "
        "ON CONFLICT (workspace_id, principal, route, key) DO UPDATE SET fingerprint = excluded.fingerprint, "
        "status = excluded.status, headers = excluded.headers, body = excluded.body, created_at = excluded.created_at",
        {
            "ws": tx.workspace_id,
            "principal": tx.claim.principal,
            "route": tx.claim.route,
            "key": tx.claim.key,
            "fingerprint": tx.claim.fingerprint,
            "status": response.status_code,
            "headers": Jsonb(kept),
            "body": bytes(response.body) if stored_body is None else stored_body,
            "now": clock.now(),
        },
    )


async def forget_old_keys(tx: Tx) -> int:
    """Delete the workspace's keys that have lived their time."""
    return await tx.execute(
        "DELETE FROM idempotency_keys WHERE workspace_id = %(ws)s AND created_at <= %(before)s",
        {"ws": tx.workspace_id, "before": clock.now() - LIFETIME},
    )


async def forget_answers_about(tx: Tx, row_ids: Sequence[UUID]) -> int:
    """Delete the stored answers that show one of these rows, with their keys; how many there were.

    An answer that shows a row carries its id, in the body or in the route.
    """
    return await tx.execute(
        "DELETE FROM idempotency_keys WHERE workspace_id = %(ws)s AND EXISTS (SELECT FROM unnest(%(ids)s::text[]) AS id "
        "WHERE position(convert_to(id, 'UTF8') IN body) > 0 OR strpos(route, id) > 0)",
        {"ws": tx.workspace_id, "ids": [str(row_id) for row_id in row_ids]},
    )
