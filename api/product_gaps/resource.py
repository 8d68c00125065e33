"""Gaps, their reports and comments as resources: what their lists can show, sort and ask for."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from api.accounts.models import Account
from api.auth.models import User
from api.contacts.models import Contact
from api.kit.resources import Condition, Expansion, Resource
from api.product_gaps.figures import BY_FIGURE, figure_of_all, figures_of_gap
from api.product_gaps.models import GapComment, GapReport, GapStatusChange, ProductGap
from api.products.models import Product

_gap: sa.Table = ProductGap.__table__  # type: ignore[attr-defined]
_report: sa.Table = GapReport.__table__  # type: ignore[attr-defined]
_comment: sa.Table = GapComment.__table__  # type: ignore[attr-defined]
_change: sa.Table = GapStatusChange.__table__  # type: ignore[attr-defined]
_of_gap: Final = _report.alias("of_gap")


def _one(parent: sa.Table, model: Any, column: str) -> Expansion:  # noqa: ANN401
    table = model.__table__.alias(column.removesuffix("_id"))
    return Expansion(table, sa.and_(table.c.workspace_id == parent.c.workspace_id, table.c.id == parent.c[column]))


def _reported(*conditions: Condition) -> Condition:
    return (
        sa.exists()
        .where(
            _of_gap.c.workspace_id == _gap.c.workspace_id, _of_gap.c.gap_id == _gap.c.id,
            _of_gap.c.archived_at.is_(None), *conditions,
        )
        .correlate(_gap)
    )  # fmt: skip


_summed: Final = {name: figure_of_all(name) for name in BY_FIGURE}

PRODUCT_GAPS: Final = Resource(
    "product_gap",
    ProductGap,
    values={"figures": figures_of_gap()},
    sorts={
        "rank": _gap.c.rank_sort,
        "severity": _gap.c.severity_sort,
        "title": _gap.c.title,
        "status_changed_at": _gap.c.status_changed_at,
        "created_at": _gap.c.created_at,
        "updated_at": _gap.c.updated_at,
        **{name: summed.c.figure for name, (summed, _) in _summed.items()},
    },
    sort_joins=_summed,
    filters={
        "account_id": lambda ids: _reported(_of_gap.c.account_id == sa.any_(sa.cast(ids, ARRAY(sa.Uuid())))),
        "blocking": lambda wanted: _reported(_of_gap.c.blocks_renewal) == sa.cast(wanted, sa.Boolean),
    },
    search_text=_gap.c.search_text,
    visible=_gap.c.merged_into_id.is_(None),
    expands={
        "owner": _one(_gap, User, "owner_id"),
        "product": _one(_gap, Product, "product_id"),
        "status_history": Expansion(
            GapStatusChange,
            sa.and_(_change.c.workspace_id == _gap.c.workspace_id, _change.c.gap_id == _gap.c.id),
            many=True,
            order_by=sa.tuple_(_change.c.changed_at, _change.c.id),
        ),
    },
)
REPORTS: Final = Resource(
    "product_gap_report",
    GapReport,
    sorts={"reported_on": _report.c.reported_on, "created_at": _report.c.created_at},
    default_sort="-reported_on",
    filters={
        "reported_after": lambda day: _report.c.reported_on >= sa.cast(day, sa.Date()),
        "reported_before": lambda day: _report.c.reported_on < sa.cast(day, sa.Date()),
    },
    expands={
        "gap": _one(_report, ProductGap, "gap_id"),
        "account": _one(_report, Account, "account_id"),
        "contact": _one(_report, Contact, "contact_id"),
        "reported_by": _one(_report, User, "reported_by_id"),
    },
    upsert_key="external_id",
)
COMMENTS: Final = Resource(
    "product_gap_comment",
    GapComment,
    sorts={"created_at": _comment.c.created_at},
    default_sort="-created_at",
    expands={"author": _one(_comment, User, "author_id")},
)
