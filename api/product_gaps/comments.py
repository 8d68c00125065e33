"""Comments on gaps."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from api.kit import write
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.product_gaps.models import GapComment, ProductGap
from api.product_gaps.reports import standing_gap
from api.product_gaps.resource import COMMENTS
from api.product_gaps.service import told_of

NOT_AUTHOR: Final = problem_type(
    "not_comment_author", 403,
    en=("Somebody else's comment", "Only its author, or who may change gaps, can change or remove a comment."),
    ja=("他の人のコメントです", "コメントを変更・削除できるのは、書いた本人かギャップの編集権限を持つ人だけです。"),
)  # fmt: skip


async def create_comment(tx: Tx, values: Mapping[str, Any]) -> UUID:
    """Say something about a gap; its id."""
    gap_id = await standing_gap(tx, values["gap_id"])
    given = {**values, "gap_id": gap_id, "author_id": tx.actor.user_id}
    told = await _told(tx, gap_id, internal=bool(values.get("internal", True)))
    return (await write.create(tx, COMMENTS, GapComment, given, announce=told)).id


async def update_comment(tx: Tx, comment_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a comment."""
    comment = await _own(tx, comment_id, version)
    told = await _told(tx, comment.gap_id, internal=bool(values.get("internal", comment.internal)))
    await write.change(tx, COMMENTS, comment, values, announce=told)


async def archive_comment(tx: Tx, comment_id: UUID, version: int) -> None:
    """Remove a comment from the lists."""
    await _own(tx, comment_id, version)
    await write.archive(tx, COMMENTS, GapComment, comment_id, version)


async def _own(tx: Tx, comment_id: UUID, version: int) -> GapComment:
    comment = await write.lock(tx, COMMENTS, GapComment, comment_id, version=version)
    if not tx.actor.may("product_gaps:write") and (comment.author_id is None or comment.author_id != tx.actor.user_id):
        raise NOT_AUTHOR()
    return comment


async def _told(tx: Tx, gap_id: UUID, *, internal: bool) -> dict[str, Any]:
    gap = await tx.session.get_one(ProductGap, (tx.workspace_id, gap_id))
    return {**told_of(gap), "internal": internal}
