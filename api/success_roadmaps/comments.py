"""Comments on roadmaps: by our people, and by whoever holds a link that lets them."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from api.auth.models import User
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.resources import Resource
from api.success_roadmaps.models import SuccessRoadmap
from api.success_roadmaps.share_models import RoadmapComment
from api.success_roadmaps.shares import VIEW_ONLY, Holder, require_roadmap

_comment: sa.Table = RoadmapComment.__table__  # type: ignore[attr-defined]
_roadmap: sa.Table = SuccessRoadmap.__table__  # type: ignore[attr-defined]
_user: sa.Table = User.__table__  # type: ignore[attr-defined]

AUTHOR: Final = sa.case(
    (_comment.c.share_id.is_not(None), _comment.c.author_name),
    else_=sa.select(_user.c.name)
    .where(_user.c.workspace_id == _comment.c.workspace_id, _user.c.id == _comment.c.user_id)
    .correlate(_comment)
    .scalar_subquery(),
)
COMMENTS: Final = Resource(
    "roadmap_comment",
    RoadmapComment,
    joins=[
        (
            _roadmap,
            sa.and_(_roadmap.c.workspace_id == _comment.c.workspace_id, _roadmap.c.id == _comment.c.roadmap_id),
        )
    ],
    values={
        "account_id": _roadmap.c.account_id,
        "from_customer": _comment.c.share_id.is_not(None),
        "author_name": AUTHOR,
    },
    sorts={"created_at": _comment.c.created_at},
    default_sort="-created_at",
    filters={"from_customer": lambda value: _comment.c.share_id.is_not(None) == sa.cast(value, sa.Boolean())},
)


async def create_comment(tx: Tx, values: Mapping[str, Any]) -> UUID:
    """Say something about a roadmap; its owner is mentioned."""
    await require_roadmap(tx, values["roadmap_id"], values["goal_id"])
    return await _added(tx, {**values, "user_id": tx.actor.user_id})


async def comment_by_link(tx: Tx, holder: Holder, values: Mapping[str, Any]) -> UUID:
    """What the holder of a link says. The name of a contact's link is the contact's own."""
    if not holder.may_comment:
        raise VIEW_ONLY()
    tx.actor = holder.actor
    await require_roadmap(tx, holder.roadmap_id, values["goal_id"])
    name = holder.contact_name or values["author_name"] or holder.label
    whose = {"roadmap_id": holder.roadmap_id, "share_id": holder.share_id, "contact_id": holder.contact_id}
    return await _added(tx, {**values, **whose, "author_name": name, "internal": False})


async def archive_comment(tx: Tx, comment_id: UUID, version: int) -> None:
    """Take a comment away, from shared pages too."""
    comment = await write.lock(tx, COMMENTS, RoadmapComment, comment_id, version=version)
    told = {"roadmap_id": str(comment.roadmap_id)}
    await write.change(tx, COMMENTS, comment, {"archived_at": clock.now()}, action="archived", announce=told)


async def _added(tx: Tx, values: Mapping[str, Any]) -> UUID:
    rows = await tx.fetch(
        "SELECT r.account_id, coalesce(r.owner_id, a.owner_id) FROM success_roadmaps r "
        "JOIN accounts a ON a.workspace_id = r.workspace_id AND a.id = r.account_id "
        "WHERE r.workspace_id = %(ws)s AND a.workspace_id = %(ws)s AND r.id = %(id)s",
        {"ws": tx.workspace_id, "id": values["roadmap_id"]},
    )
    account_id, owner_id = rows[0]
    goal_id = values["goal_id"]
    told = {
        "roadmap_id": str(values["roadmap_id"]),
        "account_id": str(account_id),
        "goal_id": goal_id and str(goal_id),
        "internal": values["internal"],
        "from_customer": values.get("share_id") is not None,
        "mentions": [str(owner_id)] if owner_id and owner_id != tx.actor.user_id else [],
    }
    return (await write.create(tx, COMMENTS, RoadmapComment, values, announce=told)).id
