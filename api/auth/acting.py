"""Acting for a principal later: a job that someone asked for may do what they may do by then."""

from uuid import UUID

from api.auth.permissions import ROLE_SCOPES, Role
from api.kit import clock
from api.kit.actors import Actor, ActorKind
from api.kit.db import Tx


async def actor_now(tx: Tx, kind: ActorKind, actor_id: UUID) -> Actor | None:
    """The user or API key with its present scopes; None when it may act no more."""
    if kind is ActorKind.user:
        found = await tx.fetch(
            "SELECT role FROM users WHERE workspace_id = %s AND id = %s AND archived_at IS NULL AND suspended_at IS NULL",
            [tx.workspace_id, actor_id],
        )
        return Actor(kind, actor_id, found[0][0], ROLE_SCOPES[Role(found[0][0])], None, actor_id) if found else None
    found = await tx.fetch(
        "SELECT scopes FROM credentials WHERE workspace_id = %s AND id = %s AND kind = 'api_key' "
        "AND revoked_at IS NULL AND archived_at IS NULL AND (expires_at IS NULL OR expires_at > %s)",
        [tx.workspace_id, actor_id, clock.now()],
    )
    return Actor(kind, actor_id, "api_key", frozenset(found[0][0]), actor_id) if found else None
