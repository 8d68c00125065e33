"""Who acts, made from what is stored: for a request now, or later for a job that someone asked for."""

from collections.abc import Iterable
from uuid import UUID

from api.auth.permissions import PARTNER_SCOPES, PARTNERS_ONLY, ROLE_SCOPES, Role
from api.kit import clock
from api.kit.actors import Actor, ActorKind
from api.kit.db import Tx


def user(user_id: UUID, role: str, partner_id: UUID | None, *, credential_id: UUID | None = None) -> Actor:
    """The user with the scopes of the role."""
    return Actor(ActorKind.user, user_id, role, ROLE_SCOPES[Role(role)], credential_id, user_id, partner_id)


def key(key_id: UUID, scopes: Iterable[str], partner_id: UUID | None) -> Actor:
    """The API key with its scopes: a partner's never has others than a partner's, and no other key has those."""
    held = frozenset(scopes)
    held = held - PARTNERS_ONLY if partner_id is None else held & PARTNER_SCOPES
    return Actor(ActorKind.api_key, key_id, "api_key", held, key_id, None, partner_id)


async def actor_now(tx: Tx, kind: ActorKind, actor_id: UUID) -> Actor | None:
    """The user or API key with its present scopes; None when it may act no more."""
    if kind is ActorKind.user:
        found = await tx.fetch(
            "SELECT u.role, u.partner_id FROM users u "
            "LEFT JOIN partners p ON p.workspace_id = u.workspace_id AND p.id = u.partner_id "
            "WHERE u.workspace_id = %s AND u.id = %s AND u.archived_at IS NULL AND u.suspended_at IS NULL "
            "AND p.archived_at IS NULL",
            [tx.workspace_id, actor_id],
        )
        return user(actor_id, *found[0]) if found else None
    found = await tx.fetch(
        "SELECT c.scopes, c.partner_id FROM credentials c "
        "LEFT JOIN partners p ON p.workspace_id = c.workspace_id AND p.id = c.partner_id "
        "WHERE c.workspace_id = %s AND c.id = %s AND c.kind = 'api_key' AND c.revoked_at IS NULL "
        "AND c.archived_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > %s) AND p.archived_at IS NULL",
        [tx.workspace_id, actor_id, clock.now()],
    )
    return key(actor_id, *found[0]) if found else None
