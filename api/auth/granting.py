"""Who may give which rights: nobody more than they hold, and a partner's to a partner only."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from api.auth.permissions import PARTNER_SCOPES, PARTNERS_ONLY, PROFILE_SCOPES, ROLE_SCOPES, SCOPES, Role
from api.kit.actors import ActorKind
from api.kit.db import Tx
from api.kit.problems import FORBIDDEN, FieldError, invalid


def check_whose(tx: Tx, partner_id: UUID | None) -> None:
    """Refuse users who may not change users to admit anybody to the workspace itself, or to end what admits them."""
    if partner_id is None and tx.actor.kind is ActorKind.user and not tx.actor.may("users:write"):
        raise FORBIDDEN(scope="users:write")


def check_role(tx: Tx, role: Role) -> None:
    """Refuse to give a role with more rights than the giver has, as an API key might."""
    check_held(tx, ROLE_SCOPES[role] - PROFILE_SCOPES)


def check_held(tx: Tx, scopes: Iterable[str]) -> None:
    """Refuse to pass these scopes on without holding them."""
    if missing := sorted(set(scopes) - _grantable(tx)):
        raise FORBIDDEN(scope=", ".join(missing))


def check_scopes(tx: Tx, scopes: Sequence[str], partner_id: UUID | None) -> None:
    """Refuse scopes that there are not, that are not for such a principal, and that the giver cannot give."""
    if errors := [error for place, scope in enumerate(scopes) if (error := _refused(tx, place, scope, partner_id))]:
        raise invalid(*errors)


def _refused(tx: Tx, place: int, scope: str, partner_id: UUID | None) -> FieldError | None:
    given = scope[:60]
    if scope not in SCOPES:
        told = (f"No scope `{given}`", f"スコープ `{given}` はありません")
    elif partner_id is not None and scope not in PARTNER_SCOPES:
        told = (f"A partner's key cannot hold `{given}`", f"パートナーのキーに `{given}` は付与できません")
    elif partner_id is None and scope in PARTNERS_ONLY:
        told = (f"Only a partner's key can hold `{given}`", f"`{given}` はパートナーのキーにのみ付与できます")
    elif scope not in _grantable(tx):
        told = (f"You cannot grant `{given}` without having it", f"自分が持たない `{given}` は付与できません")
    else:
        return None
    return FieldError(f"/scopes/{place}", "not_allowed", *told)


def _grantable(tx: Tx) -> frozenset[str]:
    if tx.actor.kind is ActorKind.system:
        return frozenset(SCOPES)
    return tx.actor.scopes | PARTNER_SCOPES if tx.actor.may("partners:write") else tx.actor.scopes
