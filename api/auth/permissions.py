"""The permission table: what each role may do with each resource.

A *scope* is ``resource:action``. A user holds the scopes of the role; an API key holds those it was given. The role
``partner`` is that of outside organisations' people: it reads no resource of the workspace's own, and its scopes are
held by nobody else.
"""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """The roles of a workspace's people, and the one of a partner's."""

    admin = "admin"
    manager = "manager"
    csm = "csm"
    sales = "sales"
    product = "product"
    viewer = "viewer"
    partner = "partner"


_A, _M, _C, _S, _P, _V, _OUTSIDE = Role
_EVERYONE: Final = (_A, _M, _C, _S, _P, _V)
_STAFF: Final = (_A, _M, _C, _S, _P)
_CUSTOMER_SIDE: Final = (_A, _M, _C, _S)

PERMISSIONS: Final[dict[str, dict[str, tuple[Role, ...]]]] = {
    "profile": {"read": (*_EVERYONE, _OUTSIDE), "write": (*_EVERYONE, _OUTSIDE)},
    "workspace": {"read": _EVERYONE, "write": (_A,)},
    "users": {"read": _EVERYONE, "write": (_A,)},
    "invitations": {"read": (_A, _M), "write": (_A, _M)},
    "api_keys": {"read": (_A, _M), "write": (_A, _M)},
    "partners": {"read": _EVERYONE, "write": (_A, _M)},
    "audit_log": {"read": (_A,)},
    "events": {"read": _EVERYONE},
    "accounts": {"read": _EVERYONE, "write": _CUSTOMER_SIDE, "merge": (_A, _M)},
    "account_team": {"read": _EVERYONE, "write": (_A, _M, _C)},
    "assignment_policies": {"read": _EVERYONE, "write": (_A, _M)},
    "segments": {"read": _EVERYONE, "write": (_A, _M, _C)},
    "saved_views": {"read": _EVERYONE, "write": _EVERYONE},
    "custom_fields": {"read": _EVERYONE, "write": (_A, _M)},
    "contacts": {"read": _EVERYONE, "write": _CUSTOMER_SIDE, "erase": (_A,)},
    "stakes": {"read": _CUSTOMER_SIDE, "write": _CUSTOMER_SIDE},
    "interactions": {"read": _EVERYONE, "write": _STAFF},
    "programs": {"read": _EVERYONE, "write": _STAFF},
    "tasks": {"read": _EVERYONE, "write": _STAFF},
    "imports": {"read": _CUSTOMER_SIDE, "write": _CUSTOMER_SIDE},
    "search": {"read": _EVERYONE},
    "contracts": {"read": _EVERYONE, "write": _CUSTOMER_SIDE, "configure": (_A, _M)},
    "usage": {"read": _EVERYONE, "write": (_A, _M, _C), "configure": (_A, _M, _P)},
    "tickets": {"read": _EVERYONE, "write": _CUSTOMER_SIDE},
    "analytics": {"read": _EVERYONE},
    "portfolio": {"read": _EVERYONE},
    "health_models": {"read": _EVERYONE, "write": (_A, _M), "override": (_A,)},
    "health_scores": {"read": _EVERYONE, "write": (_A, _M, _C)},
    "signals": {"read": _EVERYONE, "write": _CUSTOMER_SIDE},
    "signal_rules": {"read": _EVERYONE, "write": (_A, _M)},
    "health_targets": {"read": _EVERYONE, "write": (_A, _M, _C)},
    "approach_scores": {"read": _EVERYONE, "write": _CUSTOMER_SIDE, "configure": (_A, _M)},
    "acquisition_costs": {"read": _EVERYONE, "write": (_A, _M)},
    "products": {"read": _EVERYONE, "write": (_A, _M, _P)},
    "surveys": {"read": _EVERYONE, "write": (_A, _M)},
    "survey_invitations": {"read": _EVERYONE, "write": (_A, _M, _C)},
    "survey_responses": {"read": _EVERYONE, "write": (_A, _M, _C)},
    "reference_catalogue": {"read": _EVERYONE, "write": (_A, _M)},
    "reference_cases": {"read": _EVERYONE, "write": _STAFF, "review": (_A, _M)},
    "reference_drafts": {"read": _STAFF},
    "reference_consents": {"read": _STAFF, "write": _CUSTOMER_SIDE},
    "reference_requests": {"read": _STAFF, "write": _CUSTOMER_SIDE},
    "reference_candidates": {"read": _STAFF, "write": _CUSTOMER_SIDE},
    "exports": {"read": _EVERYONE, "write": _EVERYONE},
    "partner_reference_cases": {"read": (_OUTSIDE,)},
    "partner_reference_requests": {"read": (_OUTSIDE,), "write": (_OUTSIDE,)},
}

SCOPES: Final[dict[str, str]] = {
    f"{resource}:{action}": f"{action.capitalize()} {resource.replace('_', ' ')}"
    for resource, actions in PERMISSIONS.items()
    for action in actions
}

ROLE_SCOPES: Final[dict[Role, frozenset[str]]] = {
    role: frozenset(
        f"{resource}:{action}"
        for resource, actions in PERMISSIONS.items()
        for action, roles in actions.items()
        if role in roles
    )
    for role in Role
}

PROFILE_SCOPES: Final = frozenset(scope for scope in SCOPES if scope.startswith("profile:"))
"""What concerns nobody but the principal itself."""

PARTNER_SCOPES: Final = ROLE_SCOPES[Role.partner]
"""What a partner's people and keys may do at most."""

PARTNERS_ONLY: Final = PARTNER_SCOPES - PROFILE_SCOPES
"""What nobody but a partner may do."""
