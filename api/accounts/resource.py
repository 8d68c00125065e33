"""Accounts as a resource: what a list can show, sort and ask for."""

from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Account, AccountRef, AccountStanding, TeamMember
from api.auth.models import User
from api.kit.resources import Expansion, Resource, money

_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_standing: sa.Table = AccountStanding.__table__  # type: ignore[attr-defined]
_parent = _account.alias("parent")
_child = _account.alias("child")


def _of_account(table: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401
    return sa.and_(table.c.workspace_id == _account.c.workspace_id, table.c.account_id == _account.c.id)


ACCOUNTS: Final = Resource(
    "account",
    Account,
    # Every account has a standing. An inner join lets a sort by one of its columns walk its index.
    joins=[(_standing, _of_account(_standing))],
    values={
        "touch_model": sa.func.coalesce(_account.c.touch_model_override, _standing.c.touch_model, type_=sa.Text()),
        "currency": _standing.c.currency,
        "mrr": money(_standing.c.mrr_minor, _standing.c.currency),
        "arr": money(_standing.c.arr_minor, _standing.c.currency),
        "health": _standing.c.health_score,
        "renewal": _standing.c.renewal_on,
        **{
            name: _standing.c[name]
            for name in (
                "seats",
                "first_paid_on",
                "renewal_on",
                "notice_deadline",
                "health_score",
                "health_band",
                "usage_status",
                "icp_fit",
                "importance",
            )
        },
    },
    filters={
        "mrr_min": lambda value: _standing.c.mrr_minor >= sa.cast(value, sa.BigInteger),
        "mrr_max": lambda value: _standing.c.mrr_minor <= sa.cast(value, sa.BigInteger),
        "is_first_renewal": lambda value: _account.c.is_first_renewal == sa.cast(value, sa.Boolean),
    },
    sorts={
        "name": _account.c.name,
        "created_at": _account.c.created_at,
        "updated_at": _account.c.updated_at,
        "mrr": _standing.c.mrr_sort,
        "health_score": _standing.c.health_sort,
        "importance": _standing.c.importance_sort,
        "icp_fit": _standing.c.icp_fit_sort,
        "renewal_on": _standing.c.renewal_sort,
    },
    search_text=_account.c.search_text,
    custom_fields=True,
    upsert_key="external_id",
    visible=_account.c.merged_into_id.is_(None),
    expands={
        "owner": Expansion(
            User,
            sa.and_(col(User.workspace_id) == _account.c.workspace_id, col(User.id) == _account.c.owner_id),
        ),
        "parent": Expansion(
            _parent,
            sa.and_(_parent.c.workspace_id == _account.c.workspace_id, _parent.c.id == _account.c.parent_id),
        ),
        "children": Expansion(
            _child,
            sa.and_(
                _child.c.workspace_id == _account.c.workspace_id,
                _child.c.parent_id == _account.c.id,
                _child.c.archived_at.is_(None),
            ),
            many=True,
            order_by=_child.c.name,
        ),
        "team": Expansion(
            TeamMember,
            sa.and_(
                _of_account(TeamMember.__table__),  # type: ignore[attr-defined]
                col(TeamMember.ends_before).is_(None),
                col(TeamMember.archived_at).is_(None),
            ),
            many=True,
            order_by=col(TeamMember.starts_on),
        ),
        "external_refs": Expansion(
            AccountRef,
            _of_account(AccountRef.__table__),  # type: ignore[attr-defined]
            many=True,
            order_by=col(AccountRef.source),
        ),
        "icp_fit_reasons": _standing.c.icp_fit_reasons,
        "importance_reasons": _standing.c.importance_reasons,
    },
)
