"""Reordering and moving parts after somebody dragged them about: one statement for goals, one for milestones."""

from typing import Final
from uuid import UUID

from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.success_roadmaps.editing import lock_open
from api.success_roadmaps.models import GoalLevel
from api.success_roadmaps.part_schemas import RoadmapArrange
from api.success_roadmaps.parts import GOAL, MILESTONE, Part, Written, announce_parts
from api.success_roadmaps.recording import record_progress
from api.success_roadmaps.resource import ROADMAPS
from api.success_roadmaps.shape import NO_SUCH, NOT_ABOVE, Placed, misplaced, wrong

_MOVE: Final = """
UPDATE {table} t SET {column} = p.beneath, position = p.position, version = t.version + 1, updated_at = %(now)s
FROM unnest(%(ids)s::uuid[], %(beneath)s::uuid[], %(positions)s::integer[]) AS p (id, beneath, position)
WHERE t.workspace_id = %(ws)s AND t.roadmap_id = %(roadmap)s AND t.id = p.id
AND (t.{column}, t.position) IS DISTINCT FROM (p.beneath, p.position)
RETURNING t.id, t.version, t.account_id, old.{column} IS DISTINCT FROM new.{column}
"""


async def arrange_roadmap(tx: Tx, roadmap_id: UUID, version: int, wanted: RoadmapArrange) -> None:
    """Put goals and milestones where they belong; the tree that results must be one."""
    roadmap = await lock_open(tx, roadmap_id, version)
    rows = await tx.fetch(
        "SELECT id, level, parent_id FROM roadmap_goals WHERE workspace_id = %s AND roadmap_id = %s AND archived_at IS NULL",
        [tx.workspace_id, roadmap_id],
    )
    placed = {goal_id: Placed(GoalLevel(level), parent_id) for goal_id, level, parent_id in rows}
    marks = await tx.fetch(
        "SELECT id FROM roadmap_milestones WHERE workspace_id = %s AND roadmap_id = %s AND archived_at IS NULL",
        [tx.workspace_id, roadmap_id],
    )
    _check(wanted, placed, {milestone_id for (milestone_id,) in marks})
    goals = [(place.id, place.parent_id, place.position) for place in wanted.goals]
    milestones = [(place.id, place.goal_id, place.position) for place in wanted.milestones]
    touched = [
        part.name
        for part, column, moves in ((GOAL, "parent_id", goals), (MILESTONE, "goal_id", milestones))
        if moves and await _move(tx, part, column, roadmap_id, moves)
    ]
    if touched:
        await write.touch(tx, ROADMAPS, roadmap, touched, announce={"account_id": str(roadmap.account_id)})
        await record_progress(tx, [roadmap_id])


def _check(wanted: RoadmapArrange, placed: dict[UUID, Placed[UUID]], milestones: set[UUID]) -> None:
    errors = []
    places: dict[UUID, int] = {}
    for place, goal in enumerate(wanted.goals):
        at = f"/goals/{place}"
        if goal.id not in placed:
            errors.append(wrong(f"{at}/id", NO_SUCH))
            continue
        if goal.parent_id is not None and goal.parent_id not in placed:
            errors.append(wrong(f"{at}/parent_id", NO_SUCH))
            continue
        if goal.id in places:
            errors.append(_repeated(f"{at}/id"))
        places[goal.id] = place
        placed[goal.id] = Placed(placed[goal.id].level, goal.parent_id)
    errors += [wrong(f"/goals/{places[goal_id]}/parent_id", NOT_ABOVE) for goal_id in misplaced(placed)]
    seen: set[UUID] = set()
    for place, milestone in enumerate(wanted.milestones):
        at = f"/milestones/{place}"
        if milestone.id not in milestones:
            errors.append(wrong(f"{at}/id", NO_SUCH))
        elif milestone.id in seen:
            errors.append(_repeated(f"{at}/id"))
        if milestone.goal_id is not None and milestone.goal_id not in placed:
            errors.append(wrong(f"{at}/goal_id", NO_SUCH))
        seen.add(milestone.id)
    if errors:
        raise invalid(*errors)


def _repeated(pointer: str) -> FieldError:
    return FieldError(pointer, "repeated_key", "An earlier item is about the same", "同じ対象の項目が前にあります")


async def _move(tx: Tx, part: Part, column: str, roadmap_id: UUID, moves: list[tuple[UUID, UUID | None, int]]) -> bool:
    ids, beneath, positions = zip(*moves, strict=True)
    rows = await tx.fetch(
        _MOVE.format(table=part.resource.table.name, column=column),
        {
            "ws": tx.workspace_id, "roadmap": roadmap_id, "now": clock.now(), "ids": list(ids),
            "beneath": list(beneath), "positions": list(positions),
        },
    )  # fmt: skip
    moved = [
        Written(
            {"id": row_id, "version": version, "roadmap_id": roadmap_id, "account_id": account_id},
            [column, "position"] if elsewhere else ["position"],
            "moved",
        )
        for row_id, version, account_id, elsewhere in rows
    ]
    await announce_parts(tx, part, moved)
    return bool(moved)
