"""Editing a roadmap's tree: many parts added and changed in one call, all or nothing.

Items may refer to what the same call makes, by ``ref``. The parts are read once, checked against each other here, and
written with one statement for each kind.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api.auth.service import workspace_today
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.schemas import Input
from api.kit.tables import new_id
from api.success_roadmaps import part_rules as rules
from api.success_roadmaps.confirming import follow_milestones
from api.success_roadmaps.models import OPEN, GoalLevel, SuccessRoadmap
from api.success_roadmaps.part_rules import Present
from api.success_roadmaps.part_schemas import RoadmapEdit, RoadmapTaskCreate
from api.success_roadmaps.parts import (
    GOAL,
    HYPOTHESIS,
    MILESTONE,
    Part,
    Values,
    Written,
    blank,
    known_parts,
    merged,
    write_parts,
)
from api.success_roadmaps.recording import record_progress
from api.success_roadmaps.references import Named, missing, named_in
from api.success_roadmaps.resource import ROADMAPS
from api.success_roadmaps.shape import NO_SUCH, NOT_ABOVE, Placed, below, misplaced, wrong
from api.tasks.models import TaskOrigin
from api.tasks.service import NewTask, open_tasks

ROADMAP_OVER = problem_type(
    "roadmap_over", 409,
    en=("Roadmap is over", "The roadmap is `{state}`. Make it active again before changing it."),
    ja=("ロードマップは終了しています", "このロードマップは `{state}` です。変更する前に active に戻してください。"),
)  # fmt: skip

Rows = dict[UUID, Written]


async def lock_open(tx: Tx, roadmap_id: UUID, version: int) -> SuccessRoadmap:
    """The roadmap, locked with its tree; refused once it is over."""
    roadmap = await write.lock(tx, ROADMAPS, SuccessRoadmap, roadmap_id, version=version)
    if roadmap.state not in OPEN:
        raise ROADMAP_OVER(state=roadmap.state)
    return roadmap


async def edit_roadmap(tx: Tx, roadmap_id: UUID, version: int, edit: RoadmapEdit) -> None:
    """Add and change parts of a roadmap."""
    roadmap = await lock_open(tx, roadmap_id, version)
    touched = await apply_edit(tx, roadmap, edit)
    if touched:
        await write.touch(tx, ROADMAPS, roadmap, touched, announce={"account_id": str(roadmap.account_id)})
        await record_progress(tx, [roadmap_id])


async def apply_edit(tx: Tx, roadmap: SuccessRoadmap, edit: RoadmapEdit) -> list[str]:
    """Add and change parts of a locked roadmap; the kinds of parts that changed."""
    tree = _Tree(roadmap, Present(clock.now(), await workspace_today(tx), tx.actor.user_id))
    for part in (GOAL, MILESTONE, HYPOTHESIS):
        tree.known[part.name] = await known_parts(tx, part, roadmap.id)
    for part in (GOAL, MILESTONE, HYPOTHESIS):
        tree.identify(part, getattr(edit, part.name))
    tree.goals(edit)
    tree.milestones(edit)
    tree.hypotheses(edit)
    tree.archive_below(edit)
    tree.check_levels()
    tasks = tree.tasks(edit.tasks)
    tree.errors += await missing(tx, roadmap, tree.named)
    if tree.errors:
        raise invalid(*tree.errors)
    parts = (GOAL, MILESTONE, HYPOTHESIS)
    touched = [part.name for part in parts if await write_parts(tx, part, tree.rows[part.name].values())]
    if tasks:
        await open_tasks(tx, tasks)
        touched.append("tasks")
    await follow_milestones(tx, roadmap.account_id, tree.rows[MILESTONE.name].values())
    return touched


class _Tree:
    """A roadmap's parts while an edit is worked out."""

    def __init__(self, roadmap: SuccessRoadmap, present: Present) -> None:
        self.roadmap = roadmap
        self.present = present
        self.errors: list[FieldError] = []
        self.named: list[Named] = []
        self.known: dict[str, dict[UUID, Values]] = {}
        self.rows: dict[str, Rows] = {part.name: {} for part in (GOAL, MILESTONE, HYPOTHESIS)}
        self.ids: dict[str, list[UUID | None]] = {}
        self.refs: dict[str, dict[str, UUID]] = {}

    def identify(self, part: Part, items: Sequence[Input]) -> None:
        """Find out which row each item is: an id that is there and named once, or a new one."""
        ids: list[UUID | None] = []
        refs: dict[str, UUID] = {}
        for place, item in enumerate(items):
            at = f"/{part.name}/{place}"
            row_id = getattr(item, "id", None) if "id" in item.model_fields_set else new_id()
            if "id" in item.model_fields_set and row_id not in self.known[part.name]:
                self.errors.append(wrong(f"{at}/id", NO_SUCH))
                row_id = None
            if row_id is not None and row_id in ids:
                self._repeated(f"{at}/id")
            ids.append(row_id)
            if row_id is not None and "ref" in item.model_fields_set:
                ref = str(getattr(item, "ref"))  # noqa: B009 - hypotheses have none
                if ref in refs:
                    self._repeated(f"{at}/ref")
                refs[ref] = row_id
        self.ids[part.name], self.refs[part.name] = ids, refs

    def _repeated(self, pointer: str) -> None:
        told = ("An earlier item is about the same", "同じ対象の項目が前にあります")
        self.errors.append(FieldError(pointer, "repeated_key", *told))

    def _required(self, at: str, item: Input, *names: str) -> bool:
        absent = [name for name in names if name not in item.model_fields_set]
        self.errors += [FieldError(f"{at}/{name}", "missing", "Required", "必須です") for name in absent]
        return not absent

    def _before(self, part: Part, row_id: UUID) -> Values:
        return self.known[part.name].get(row_id) or blank(part, self.roadmap, row_id)

    def _is_new(self, part: Part, row_id: UUID) -> bool:
        return row_id not in self.known[part.name]

    def _link(self, at: str, given: Values, part: Part, name: str) -> None:
        """Turn ``<name>_ref`` into ``<name>_id``, and see that the part is there."""
        ref, column = given.pop(f"{name}_ref", None), f"{name}_id"
        if ref is not None:
            if ref in self.refs[part.name]:
                given[column] = self.refs[part.name][ref]
            else:
                self.errors.append(wrong(f"{at}/{name}_ref", NO_SUCH))
        elif given.get(column) is not None and not self._is_there(part, given[column]):
            self.errors.append(wrong(f"{at}/{column}", NO_SUCH))

    def _goal_stays(self, at: str, before: Values, row: Values) -> None:
        """What comes back needs its goal to be there."""
        comes_back = before["archived_at"] is not None and row["archived_at"] is None
        if comes_back and row["goal_id"] is not None and not self._is_there(GOAL, row["goal_id"]):
            told = ("Its goal is archived: restore that as well", "目標がアーカイブ済みです。目標も復元してください")
            self.errors.append(FieldError(f"{at}/archived", "not_allowed", *told))

    def _is_there(self, part: Part, row_id: UUID) -> bool:
        if (written := self.rows[part.name].get(row_id)) is not None:
            return written.row["archived_at"] is None
        known = self.known[part.name].get(row_id)
        return known is not None and known["archived_at"] is None

    def _write(self, part: Part, row_id: UUID, before: Values, values: Mapping[str, Any]) -> Values:
        values = dict(values)
        action = "created" if self._is_new(part, row_id) else "updated"
        if action == "created" and "position" not in values:
            values["position"] = 1 + max((row["position"] for row in self._all(part).values()), default=-1)
        if (archived := values.pop("archived", None)) is not None:
            values["archived_at"] = (before["archived_at"] or self.present.now) if archived else None
            if values["archived_at"] != before["archived_at"] and action == "updated":
                action = "archived" if archived else "restored"
        written = merged(before, values)
        if action == "created":
            written.changed = sorted(values)
        elif action == "updated" and part is MILESTONE and "reached_on" in written.changed:
            action = "reached" if values["reached_on"] else "reopened"
        written.action = action
        self.rows[part.name][row_id] = written
        return written.row

    def goals(self, edit: RoadmapEdit) -> None:
        """Work out the goals."""
        dates = (self.roadmap.starts_on, self.roadmap.due_on)
        for place, item in enumerate(edit.goals):
            at, row_id = f"/goals/{place}", self.ids[GOAL.name][place]
            if row_id is None or (self._is_new(GOAL, row_id) and not self._required(at, item, "level", "title")):
                continue
            given = item.given()
            given.pop("id", None), given.pop("ref", None)
            self._parent(at, given)
            self.named += named_in(at, given)
            before = self._before(GOAL, row_id)
            row = self._write(GOAL, row_id, before, rules.goal_values(before, given, self.present))
            self.errors += rules.goal_mistakes(at, row, given, self.present, dates)

    def _parent(self, at: str, given: Values) -> None:
        ref = given.pop("parent_ref", None)
        if ref is not None:
            if ref in self.refs[GOAL.name]:
                given["parent_id"] = self.refs[GOAL.name][ref]
            else:
                self.errors.append(wrong(f"{at}/parent_ref", NO_SUCH))
        elif given.get("parent_id") is not None and given["parent_id"] not in self.known[GOAL.name]:
            self.errors.append(wrong(f"{at}/parent_id", NO_SUCH))
            del given["parent_id"]

    def archive_below(self, edit: RoadmapEdit) -> None:
        """What is below a goal that goes, goes along: goals, milestones and hypotheses."""
        placed = {row_id: Placed(GoalLevel(row["level"]), row["parent_id"]) for row_id, row in self._all(GOAL).items()}
        gone: set[UUID] = set()
        for item, row_id in zip(edit.goals, self.ids[GOAL.name], strict=True):
            if row_id in self.rows[GOAL.name] and item.archived is True:
                gone |= {row_id, *below(placed, row_id)}
        for part, column in ((GOAL, "id"), (MILESTONE, "goal_id"), (HYPOTHESIS, "goal_id")):
            for row_id, row in self._all(part).items():
                if row[column] in gone and row["archived_at"] is None:
                    written = self.rows[part.name].setdefault(row_id, Written(dict(row)))
                    written.row["archived_at"] = self.present.now
                    written.changed = sorted({*written.changed, "archived_at"})
                    written.action = "created" if self._is_new(part, row_id) else "archived"

    def check_levels(self) -> None:
        """Every goal's parent is in the roadmap, and above it."""
        places = {row_id: place for place, row_id in enumerate(self.ids[GOAL.name])}
        placed = {
            row_id: Placed(GoalLevel(row["level"]), row["parent_id"])
            for row_id, row in self._all(GOAL).items()
            if row["archived_at"] is None
        }
        for row_id in misplaced(placed):
            place = places.get(row_id)
            self.errors.append(wrong("/goals" if place is None else f"/goals/{place}/parent_id", NOT_ABOVE))

    def _all(self, part: Part) -> dict[UUID, Values]:
        return {**self.known[part.name], **{row_id: each.row for row_id, each in self.rows[part.name].items()}}

    def milestones(self, edit: RoadmapEdit) -> None:
        """Work out the milestones."""
        for place, item in enumerate(edit.milestones):
            at, row_id = f"/milestones/{place}", self.ids[MILESTONE.name][place]
            if row_id is None or (self._is_new(MILESTONE, row_id) and not self._required(at, item, "title")):
                continue
            given = item.given()
            given.pop("id", None), given.pop("ref", None)
            self._link(at, given, GOAL, "goal")
            before = self._before(MILESTONE, row_id)
            self.errors += rules.milestone_mistakes(at, given, self.present)
            row = self._write(MILESTONE, row_id, before, rules.milestone_values(before, given, self.present))
            self._goal_stays(at, before, row)

    def hypotheses(self, edit: RoadmapEdit) -> None:
        """Work out the hypotheses."""
        for place, item in enumerate(edit.hypotheses):
            at, row_id = f"/hypotheses/{place}", self.ids[HYPOTHESIS.name][place]
            if row_id is None or (self._is_new(HYPOTHESIS, row_id) and not self._required(at, item, "statement")):
                continue
            given = item.given()
            given.pop("id", None)
            self._link(at, given, GOAL, "goal")
            before = self._before(HYPOTHESIS, row_id)
            row = self._write(HYPOTHESIS, row_id, before, rules.hypothesis_values(before, given, self.present))
            self.errors += rules.hypothesis_mistakes(at, row)
            self._goal_stays(at, before, row)

    def tasks(self, items: Sequence[RoadmapTaskCreate]) -> list[NewTask]:
        """The tasks to open: of a milestone, or of the roadmap."""
        tasks = []
        for place, item in enumerate(items):
            at, given = f"/tasks/{place}", item.given()
            self._link(at, given, MILESTONE, "milestone")
            self.named += named_in(at, given)
            origin_id = given.pop("milestone_id", None) or self.roadmap.id
            tasks.append(
                NewTask(
                    account_id=self.roadmap.account_id, origin_kind=TaskOrigin.roadmap, origin_id=origin_id, **given
                )
            )
        return tasks
