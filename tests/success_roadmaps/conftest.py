"""Roadmaps over HTTP, in few words."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest

from api.auth.permissions import SCOPES
from api.contacts.models import Contact
from api.success_roadmaps.jobs import follow_progress
from tests.contracts.conftest import Desk, on, today
from tests.support.workspaces import WorkspaceForTest

__all__ = ["Planner", "on", "today"]

TREE: dict[str, list[dict[str, Any]]] = {
    "goals": [
        {"ref": "company", "level": "company", "title": "申請時間を半分に", "weight": 2, "metric_name": "時間",
         "direction": "lower_is_better", "baseline": 6.0, "target": 3.0},
        {"ref": "finance", "parent_ref": "company", "level": "department", "title": "経理部を電子化", "weight": 1},
        {"ref": "support", "level": "department", "title": "問い合わせを減らす", "weight": 1},
        {"ref": "pilot", "parent_ref": "support", "level": "project", "title": "FAQ の整備", "weight": 3},
    ],
    "milestones": [
        {"ref": "kickoff", "title": "キックオフ", "weight": 1, "due_on": "2026-04-10"},
        {"ref": "draft", "goal_ref": "pilot", "title": "FAQ の下書き", "weight": 1, "due_on": "2026-06-01"},
        {"ref": "live", "goal_ref": "pilot", "title": "FAQ の公開", "weight": 3, "kind": "value", "due_on": "2026-08-01"},
    ],
    "hypotheses": [{"goal_ref": "pilot", "statement": "よくある 10 件で半分が片づく"}],
    "tasks": [{"milestone_ref": "kickoff", "title": "議題を送る", "due_on": "2026-04-03"}],
}  # fmt: skip


class Planner(Desk):
    """What a console does with roadmaps."""

    async def contact(self, account: UUID, **values: Any) -> UUID:
        """A contact of an account."""
        return (await self.workspace.add(Contact, account_id=account, **{"name": "鈴木", **values})).id

    async def roadmap(self, account: UUID, tree: Mapping[str, Any] | None = None, **values: Any) -> dict[str, Any]:
        """A roadmap of a year from April 2026, with this tree."""
        body = {"account_id": str(account), "name": "2026年度", "starts_on": "2026-04-01", "due_on": "2027-03-31"}
        made = await self.post("/v1/success-roadmaps", body | values, 201)
        return made if tree is None else (await self.edit(made["id"], **tree))["roadmap"]

    async def tree(self, roadmap_id: str) -> dict[str, Any]:
        """A roadmap's whole tree."""
        return await self.get(f"/v1/success-roadmaps/{roadmap_id}/tree")

    async def edit(self, roadmap_id: str, *, status: int = 200, **parts: Any) -> dict[str, Any]:
        """Edit a tree at its present version."""
        return await self.verb(roadmap_id, "edit", parts, status)

    async def verb(self, roadmap_id: str, verb: str, body: Any, status: int = 200) -> dict[str, Any]:
        """One of a roadmap's verbs at its present version."""
        path = f"/v1/success-roadmaps/{roadmap_id}"
        version = (await self.get(path))["version"]
        return await self.post(f"{path}:{verb}", body, status, version=version)

    async def change(self, roadmap_id: str, **values: Any) -> dict[str, Any]:
        """Change a roadmap at its present version."""
        path = f"/v1/success-roadmaps/{roadmap_id}"
        version = (await self.get(path))["version"]
        answer = await self.client.patch(path, json=values, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    async def night(self) -> int:
        """What the worker does at night; how many statuses changed."""
        async with self.workspace.write() as tx:
            return await follow_progress(tx)

    async def events(self, of: str) -> list[str]:
        """The types of the events about one kind of record, in order."""
        async with self.workspace.write() as tx:
            rows = await tx.fetch(
                "SELECT type FROM events WHERE workspace_id = %s AND resource = %s ORDER BY occurred_at, id",
                [self.workspace.id, of],
            )
        return [type_ for (type_,) in rows]


def titled(parts: Sequence[Mapping[str, Any]], title: str) -> dict[str, Any]:
    """The part with this title."""
    return dict(next(part for part in parts if part["title"] == title))


def day(text: str) -> dt.date:
    """A day."""
    return dt.date.fromisoformat(text)


@pytest.fixture
async def planner(workspace: WorkspaceForTest) -> Planner:
    """A console in a fresh workspace in Tokyo."""
    # A key, since a session would be over as soon as the clock moves.
    return Planner(workspace, await workspace.key_client(SCOPES.keys() - {"profile:read", "profile:write"}))
