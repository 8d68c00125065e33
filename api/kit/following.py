"""What upper packages do in the transaction in which records of a lower package change."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final
from uuid import UUID

from api.kit.db import Tx

Follow = Callable[[Tx, Sequence[UUID]], Awaitable[None]]
_FOLLOWERS: Final[dict[str, list[tuple[frozenset[str], Follow]]]] = {}


def after_change(resource: str, *fields: str) -> Callable[[Follow], Follow]:
    """Declare a function that gets the ids of records of which one of these fields has changed."""

    def declare(follow: Follow) -> Follow:
        _FOLLOWERS.setdefault(resource, []).append((frozenset(fields), follow))
        return follow

    return declare


async def tell_followers(tx: Tx, resource: str, fields: Iterable[str], ids: Sequence[UUID]) -> None:
    """Run those who follow these fields; what changed is in the database already."""
    known = _FOLLOWERS.get(resource)
    if not known or not ids:
        return
    changed = set(fields)
    for wanted, follow in known:
        if wanted & changed:
            await follow(tx, ids)
