"""Merging two gaps that are the same.

Everything that points at the loser points at the winner afterwards: reports, comments, the steps of its status, tasks.
The figures are right by themselves, since they count distinct accounts. The loser is kept, archived, and its id leads
to the winner. There is no way back.
"""

from typing import Any, Final
from uuid import UUID

from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.kit.repoint import repoint
from api.product_gaps.models import GapStatus, ProductGap
from api.product_gaps.resource import PRODUCT_GAPS
from api.product_gaps.service import follow_gap, told_of
from api.product_gaps.shipping import tell_reporters
from api.tasks.models import TaskOrigin
from api.tasks.service import move_origin

GAP_WITH_ITSELF: Final = problem_type(
    "gap_merge_with_itself", 409,
    en=("Same gap", "A gap cannot be merged with itself."),
    ja=("同じギャップです", "ギャップを自分自身と統合することはできません。"),
)  # fmt: skip
_FILLED: Final = (
    "expectation", "actual", "reason", "product_id", "workaround", "planned_for", "customer_response",
    "customer_response_reason", "issue_url", "owner_id",
)  # fmt: skip


async def merge_gaps(tx: Tx, winner_id: UUID, loser_id: UUID, version: int) -> None:
    """Fold the loser into the winner; ``version`` is the winner's. What the winner does not say, the loser tells."""
    if winner_id == loser_id:
        raise GAP_WITH_ITSELF()
    locked = {}
    for gap_id in sorted((winner_id, loser_id)):
        expected = version if gap_id == winner_id else None
        locked[gap_id] = await write.lock(tx, PRODUCT_GAPS, ProductGap, gap_id, version=expected)
    winner, loser = locked[winner_id], locked[loser_id]
    await tx.execute(
        "UPDATE product_gap_status_changes SET merged_from_id = %(loser)s "
        "WHERE workspace_id = %(ws)s AND gap_id = %(loser)s AND merged_from_id IS NULL",
        {"ws": tx.workspace_id, "loser": loser_id},
    )
    moved: dict[str, Any] = await repoint(tx, ProductGap, loser_id, winner_id)
    if tasks := await move_origin(tx, TaskOrigin.gap, loser_id, winner_id):
        moved["tasks"] = tasks
    await write.change(
        tx, PRODUCT_GAPS, loser, {"merged_into_id": winner_id, "archived_at": clock.now()},
        action="merged", announce={**told_of(loser), "into": str(winner_id), "into_title": winner.title},
    )  # fmt: skip
    fill = {name: getattr(loser, name) for name in _FILLED if getattr(winner, name) in {None, ""}}
    # A new version even where nothing is filled in: its reports are others now.
    for name, value in fill.items():
        setattr(winner, name, value)
    await write.touch(
        tx, PRODUCT_GAPS, winner, sorted(fill), action="absorbed",
        announce={**told_of(winner), "from": str(loser_id), "from_title": loser.title, "moved": moved},
    )  # fmt: skip
    if winner.status == GapStatus.shipped:
        await tell_reporters(tx, winner)
    await follow_gap(tx, winner_id)
