"""What one can do with roadmaps as a whole; their parts are edited by :mod:`api.success_roadmaps.editing`."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from api.auth.service import workspace_today
from api.kit import audit, clock, outbox, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.success_roadmaps.confirming import follow_confirmations
from api.success_roadmaps.definition import begun
from api.success_roadmaps.editing import apply_edit, lock_open
from api.success_roadmaps.models import OPEN, RoadmapKind, RoadmapReview, RoadmapState, SuccessRoadmap
from api.success_roadmaps.part_schemas import RoadmapEdit
from api.success_roadmaps.recording import record_all_progress, record_progress
from api.success_roadmaps.references import missing, named_in
from api.success_roadmaps.resource import REVIEWS, ROADMAPS
from api.success_roadmaps.settings import roadmap_settings
from api.success_roadmaps.templates import Template, find_template, usage_metric_ids

_LAST_YEAR = 2999


async def create_roadmap(tx: Tx, values: Mapping[str, Any]) -> UUID:
    """Draw up a roadmap, empty or from a template with all its parts; its id."""
    given = dict(values)
    number, template_id = given.pop("template_version", None), given.pop("template_id", None)
    _check_new(given, template_id, number)
    account_id, account_owner = await _account(tx, given["account_id"])
    template = None if template_id is None else await find_template(tx, template_id, number)
    row = {
        **given, **_begun_with(given, template), "account_id": account_id,
        "owner_id": given.get("owner_id") or account_owner,
    }  # fmt: skip
    _check_days(row["starts_on"], row["due_on"])
    row["next_review_on"] = row["starts_on"] + dt.timedelta(days=await _cadence(tx, row.get("review_every_days")))
    roadmap = SuccessRoadmap.model_validate({**row, "workspace_id": tx.workspace_id})
    if errors := await missing(tx, roadmap, named_in("", given)):
        raise invalid(*errors)
    told = {"account_id": str(account_id), "kind": row["kind"]}
    roadmap = await write.create(tx, ROADMAPS, SuccessRoadmap, row, announce=told)
    if template is not None:
        metrics = await usage_metric_ids(tx, template.definition)
        tree = begun(template.definition, roadmap.starts_on, metrics)
        _check_room(tree, roadmap.due_on)
        await apply_edit(tx, roadmap, tree)
    await record_progress(tx, [roadmap.id])
    return roadmap.id


async def update_roadmap(tx: Tx, roadmap_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a roadmap; end it, or take it up again."""
    values = dict(values)
    if values.keys() == {"state"} and values["state"] == RoadmapState.active:
        roadmap = await write.lock(tx, ROADMAPS, SuccessRoadmap, roadmap_id, version=version)
    else:
        roadmap = await lock_open(tx, roadmap_id, version)
    if errors := await missing(tx, roadmap, named_in("", values)):
        raise invalid(*errors)
    starts_on, due_on = values.get("starts_on", roadmap.starts_on), values.get("due_on", roadmap.due_on)
    _check_days(starts_on, due_on)
    if "review_every_days" in values:
        since = roadmap.last_reviewed_on or starts_on
        values["next_review_on"] = since + dt.timedelta(days=await _cadence(tx, values["review_every_days"]))
    action, state = "updated", values.get("state", roadmap.state)
    if state != roadmap.state:
        over = state not in OPEN
        values["ended_on"] = await workspace_today(tx) if over else None
        action = str(state) if over else "activated" if state == RoadmapState.active else "updated"
    if await write.change(tx, ROADMAPS, roadmap, values, action=action, announce=_told(roadmap, values)):
        await record_progress(tx, [roadmap_id])
        if values.get("ended_on"):
            await follow_confirmations(tx, roadmap.account_id)


async def archive_roadmap(tx: Tx, roadmap_id: UUID, version: int) -> None:
    """Take a roadmap out of lists and figures."""
    roadmap = await write.archive(tx, ROADMAPS, SuccessRoadmap, roadmap_id, version)
    await record_progress(tx, [roadmap_id])
    await follow_confirmations(tx, roadmap.account_id)


async def restore_roadmap(tx: Tx, roadmap_id: UUID) -> None:
    """Bring an archived roadmap back."""
    await write.restore(tx, ROADMAPS, SuccessRoadmap, roadmap_id)
    await record_progress(tx, [roadmap_id])


async def review_roadmap(tx: Tx, roadmap_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Note a review; the latest one says when the next is due."""
    roadmap = await lock_open(tx, roadmap_id, version)
    held_on, today = values["held_on"], await workspace_today(tx)
    if held_on > today:
        raise invalid(FieldError("/held_on", "out_of_range", "Not in the future", "未来の日付は指定できません"))
    planned = values.get("next_review_on")
    if planned is not None and planned <= held_on:
        raise invalid(
            FieldError("/next_review_on", "out_of_range", "After the review", "レビュー日より後にしてください")
        )
    await record_progress(tx, [roadmap_id])
    await tx.session.refresh(roadmap)
    assert tx.workspace_id is not None
    review = RoadmapReview(
        workspace_id=tx.workspace_id, roadmap_id=roadmap_id, account_id=roadmap.account_id, held_on=held_on,
        notes=values.get("notes", ""), reviewed_by_id=tx.actor.user_id, progress=roadmap.progress, status=roadmap.status,
        recorded_at=clock.now(),
    )  # fmt: skip
    tx.session.add(review)
    told = {"roadmap_id": str(roadmap_id), "account_id": str(roadmap.account_id), "held_on": held_on.isoformat()}
    audit.record(tx, "created", REVIEWS.name, review.id, sorted(values))
    outbox.record(tx, f"{REVIEWS.name}.created", REVIEWS.name, review.id, told)
    changes: dict[str, Any] = {}
    if roadmap.last_reviewed_on is None or held_on >= roadmap.last_reviewed_on:
        cadence = dt.timedelta(days=await _cadence(tx, roadmap.review_every_days))
        changes = {"last_reviewed_on": held_on, "next_review_on": planned or held_on + cadence}
    if not await write.change(tx, ROADMAPS, roadmap, changes, action="reviewed", announce=_told(roadmap)):
        await write.touch(tx, ROADMAPS, roadmap, ["reviews"], action="reviewed", announce=_told(roadmap))


def _told(roadmap: SuccessRoadmap, changes: Mapping[str, Any] | None = None) -> dict[str, str]:
    return {"account_id": str(roadmap.account_id), "kind": str((changes or {}).get("kind", roadmap.kind))}


async def _account(tx: Tx, account_id: UUID) -> tuple[UUID, UUID | None]:
    """The account and its owner; that of a merged one is the winner."""
    rows = await tx.fetch(
        "SELECT coalesce(w.id, a.id), coalesce(w.owner_id, a.owner_id) FROM accounts a "
        "LEFT JOIN accounts w ON w.workspace_id = a.workspace_id AND w.id = a.merged_into_id "
        "WHERE a.workspace_id = %s AND a.id = %s",
        [tx.workspace_id, account_id],
    )
    if not rows:
        told = ("There is no such account", "該当するアカウントがありません")
        raise invalid(FieldError("/account_id", "reference_not_found", *told))
    return rows[0]


async def _cadence(tx: Tx, days: int | None) -> int:
    return days if days is not None else (await roadmap_settings(tx)).review_every_days


def _check_new(given: Mapping[str, Any], template_id: UUID | None, number: int | None) -> None:
    errors = []
    if template_id is None:
        errors += [
            FieldError(f"/{name}", "required", "Required without a template", "テンプレートなしでは必須です")
            for name in ("name", "due_on")
            if given.get(name) is None
        ]
        if number is not None:
            told = ("Only with `template_id`", "template_id とともに指定してください")
            errors.append(FieldError("/template_version", "not_allowed", *told))
    if given.get("state") not in (None, *OPEN):
        told = ("Begins as `draft` or `active`", "draft か active で始めてください")
        errors.append(FieldError("/state", "not_allowed", *told))
    if errors:
        raise invalid(*errors)


def _begun_with(given: Mapping[str, Any], template: Template | None) -> dict[str, Any]:
    """What a new roadmap gets that nobody said: from its template, or the defaults."""
    if template is None:
        return {"kind": given.get("kind") or RoadmapKind.success.value}
    due_on = given.get("due_on") or given["starts_on"] + dt.timedelta(days=template.definition.duration_days)
    return {
        "kind": given.get("kind") or template.kind,
        "name": given.get("name") or template.name,
        "due_on": due_on,
        "review_every_days": given.get("review_every_days") or template.definition.review_every_days,
        "template_version_id": template.version_id,
    }


def _check_room(tree: RoadmapEdit, due_on: dt.date) -> None:
    last = max((goal.due_on for goal in tree.goals if isinstance(goal.due_on, dt.date)), default=due_on)
    if last > due_on:
        told = (f"Not before the template's last goal, {last}", f"テンプレートの最後の目標（{last}）以降にしてください")
        raise invalid(FieldError("/due_on", "out_of_range", *told))


def _check_days(starts_on: dt.date, due_on: dt.date) -> None:
    if due_on < starts_on:
        raise invalid(FieldError("/due_on", "out_of_range", "Not before it starts", "開始日以降にしてください"))
    if due_on.year > _LAST_YEAR:
        raise invalid(FieldError("/starts_on", "out_of_range", "Too late", "遅すぎる日付です"))


async def follow_settings(tx: Tx) -> None:
    """Judge all open roadmaps anew."""
    await tx.flush()
    await record_all_progress(tx)
