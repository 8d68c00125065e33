"""Who acts. Made by ``auth`` from a credential, or by a job for the system itself."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """The kinds of principals."""

    user = "user"
    api_key = "api_key"
    system = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A principal with what it may do, for the length of one transaction.

    ``partner_id`` is the outside organisation that the principal belongs to; None for the workspace's own.
    """

    kind: ActorKind
    id: UUID | None
    role: str
    scopes: frozenset[str]
    credential_id: UUID | None = None
    user_id: UUID | None = None
    partner_id: UUID | None = None

    def may(self, scope: str) -> bool:
        """Whether the principal holds ``scope``."""
        return scope in self.scopes


SYSTEM = Actor(ActorKind.system, None, "system", frozenset())
