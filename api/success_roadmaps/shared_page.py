"""The shared page: one statement over what the customer may see, told by :mod:`api.success_roadmaps.shared_schemas`."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by

from api.accounts.models import Account
from api.auth.models import User, Workspace
from api.kit.db import Tx
from api.kit.read import find
from api.kit.resources import Condition, Expansion, Resource, Value
from api.kit.schemas import ItemQuery
from api.kit.statements import shown
from api.success_roadmaps.comments import AUTHOR
from api.success_roadmaps.models import MilestoneKind, RoadmapGoal, RoadmapMilestone, SuccessRoadmap
from api.success_roadmaps.share_models import RoadmapComment, RoadmapShare
from api.success_roadmaps.shared_schemas import SharedCommentRead, SharedRoadmapRead
from api.success_roadmaps.shares import Holder
from api.success_roadmaps.value_models import ValueRealisation, ValueState
from api.success_roadmaps.value_resource import VALUES

LATEST_COMMENTS: Final = 200

_share: sa.Table = RoadmapShare.__table__  # type: ignore[attr-defined]
_roadmap: sa.Table = SuccessRoadmap.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_workspace: sa.Table = Workspace.__table__  # type: ignore[attr-defined]
_user: sa.Table = User.__table__  # type: ignore[attr-defined]
_goal: sa.Table = RoadmapGoal.__table__  # type: ignore[attr-defined]
_milestone: sa.Table = RoadmapMilestone.__table__  # type: ignore[attr-defined]
_value: sa.Table = ValueRealisation.__table__  # type: ignore[attr-defined]
_comment: sa.Table = RoadmapComment.__table__  # type: ignore[attr-defined]


def _same(table: sa.Table, other: sa.Table, column: str) -> Condition:
    return sa.and_(table.c.workspace_id == other.c.workspace_id, table.c.id == other.c[column])


def _shown_of_roadmap(table: sa.Table, *conditions: Condition) -> Condition:
    ours = table.c.workspace_id == _share.c.workspace_id, table.c.roadmap_id == _share.c.roadmap_id
    return sa.and_(*ours, table.c.archived_at.is_(None), *conditions)


def _comments() -> Value:
    """The latest comments that are not internal; those on a goal that is gone went with it."""
    values: dict[str, Any] = {"author_name": AUTHOR, "from_customer": _comment.c.share_id.is_not(None)}
    columns = [
        shown(values[name] if name in values else _comment.c[name]).label(name)
        for name in SharedCommentRead.model_fields
    ]
    gone = sa.exists().where(_same(_goal, _comment, "goal_id"), _goal.c.archived_at.is_not(None))
    latest = (
        sa.select(*columns)
        .where(_shown_of_roadmap(_comment, ~_comment.c.internal, ~gone.correlate(_comment)))
        .order_by(_comment.c.created_at.desc(), _comment.c.id.desc())
        .limit(sa.literal_column(str(LATEST_COMMENTS), sa.Integer()))
        .correlate(_share)
        .subquery("latest")
    )
    item = sa.func.row_to_json(latest.table_valued(), type_=JSON)
    order = aggregate_order_by(item, latest.c.created_at.desc(), latest.c.id.desc())
    listed = sa.func.coalesce(sa.func.json_agg(order), sa.text("'[]'::json"), type_=JSON)
    return sa.select(listed).select_from(latest).scalar_subquery()


_owner_name = (
    sa.select(_user.c.name)
    .where(
        _user.c.workspace_id == _roadmap.c.workspace_id,
        _user.c.id == sa.func.coalesce(_roadmap.c.owner_id, _account.c.owner_id),
    )
    .correlate(_roadmap, _account)
    .scalar_subquery()
)
SHARED: Final = Resource(
    "roadmap_share",
    RoadmapShare,
    joins=[
        (_roadmap, _same(_roadmap, _share, "roadmap_id")),
        (_account, _same(_account, _roadmap, "account_id")),
        (_workspace, _workspace.c.workspace_id == _share.c.workspace_id),
    ],
    values={
        "workspace": _workspace.c.name,
        "account": _account.c.name,
        "owner_name": _owner_name,
        **{name: _roadmap.c[name] for name in ("name", "kind", "state", "starts_on", "due_on", "progress", "status")},
    },
    expands={
        "goals": Expansion(
            _goal, _shown_of_roadmap(_goal), many=True, order_by=sa.tuple_(_goal.c.position, _goal.c.id)
        ),
        "milestones": Expansion(
            _milestone,
            # To confirm goals with a new person is a reminder for us.
            _shown_of_roadmap(_milestone, _milestone.c.kind != sa.literal_column(f"'{MilestoneKind.confirm_goals}'")),
            many=True,
            order_by=sa.tuple_(_milestone.c.position, _milestone.c.id),
        ),
        "value": Expansion(
            _value,
            _shown_of_roadmap(_value, _value.c.state == sa.literal_column(f"'{ValueState.confirmed}'")),
            many=True,
            order_by=sa.tuple_(_value.c.starts_on, _value.c.id),
            values=VALUES.values,
        ),
        "comments": _comments(),
    },
)


async def shared_page(tx: Tx, holder: Holder) -> bytes:
    """The page as JSON, with the sections that the link shows."""
    body, _ = await find(tx, SHARED, SharedRoadmapRead, holder.share_id, query=ItemQuery(expand=list(holder.sections)))
    return body
