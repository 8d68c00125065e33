"""The rules of interactions: what was known when, who was there, what becomes a task."""

from typing import Any

import httpx
import psycopg
import pytest

from api.auth.permissions import SCOPES
from api.interactions.bulk import upsert_interactions
from api.interactions.known import KNOWN_ATTENDEES, KNOWN_INTERACTIONS
from api.kit.tables import new_id
from tests.contracts.conftest import on
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers

Json = dict[str, Any]


class Desk:
    """What a console does with interactions."""

    def __init__(self, workspace: WorkspaceForTest, client: httpx.AsyncClient) -> None:
        self.workspace = workspace
        self.client = client

    async def send(self, method: str, path: str, status: int = 200, **body: Any) -> Json:
        """The body of an answer, which must have this status; writes name the present version."""
        headers = {"Idempotency-Key": str(new_id())}
        if method in {"PATCH", "DELETE"}:
            headers["If-Match"] = f'"{(await self.send("GET", path))["version"]}"'
        answer = await self.client.request(method, path, json=body or None, headers=headers)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def meet(self, account: object, day: str, **values: Any) -> Json:
        """A meeting at noon of a day in Tokyo."""
        body = {
            "account_id": str(account),
            "kind": "meeting",
            "subject": "定例会",
            "occurred_at": f"{day}T12:00:00+09:00",
        }
        return await self.send("POST", "/v1/interactions", 201, **{**body, **values})

    async def known(self, day: str) -> list[tuple[str, str, bool]]:
        """Kind, day and recorded or not of what was known at the end of a day in Tokyo."""
        rows = await self._as_known(KNOWN_INTERACTIONS, day)
        return sorted((row[2], row[3].date().isoformat(), row[4]) for row in rows)

    async def there(self, day: str) -> int:
        """How many attendees were known at the end of a day in Tokyo."""
        return len(await self._as_known(KNOWN_ATTENDEES, day))

    async def _as_known(self, query: str, day: str) -> list[tuple[Any, ...]]:
        known = f"{day}T23:59:59+09:00"
        async with self.workspace.write() as tx:
            return await tx.fetch(query, {"ws": self.workspace.id, "known": known})


@pytest.fixture
async def desk(workspace: WorkspaceForTest) -> Desk:
    """A desk with a key, which unlike a session does not mind the clock."""
    return Desk(workspace, await workspace.key_client(SCOPES.keys() - {"profile:read", "profile:write"}))


async def test_a_correction_keeps_what_was_known_before(desk: Desk) -> None:
    account, contact = await makers.account(desk.workspace), await makers.contact(desk.workspace)
    with on("2026-03-05"):
        meeting = await desk.meet(account, "2026-03-04", contact_ids=[str(contact)])
    path = f"/v1/interactions/{meeting['id']}"
    with on("2026-03-10"):
        fixed = await desk.send(
            "PATCH",
            path,
            occurred_at="2026-03-02T03:00:00Z",
            recording_url="https://meet.example.com/1",
            contact_ids=[],
        )
        assert (fixed["recorded"], fixed["recorded_at"]) == (True, "2026-03-10T03:00:00.000000Z")
    with on("2026-03-11"):
        same = await desk.send("PATCH", path, minutes="議事録", contact_ids=[])
        assert (same["version"], same["recorded_at"]) == (fixed["version"] + 1, fixed["recorded_at"])
    with on("2026-03-20"):
        await desk.send("DELETE", path)
    with on("2026-03-25"):
        await desk.send("POST", f"{path}:restore")
    assert await desk.known("2026-03-04") == []
    assert await desk.known("2026-03-05") == [("meeting", "2026-03-04", False)]
    assert await desk.known("2026-03-10") == [("meeting", "2026-03-02", True)]
    assert await desk.known("2026-03-21") == []
    assert await desk.known("2026-03-25") == [("meeting", "2026-03-02", True)]
    assert (await desk.there("2026-03-09"), await desk.there("2026-03-10")) == (1, 0)


async def test_bulk_knows_people_by_address_and_history_by_its_day(desk: Desk, owner: psycopg.Connection) -> None:
    account = await makers.account(desk.workspace, external_id="crm-1")
    body = {"account_id": str(account), "name": "佐藤 花子", "email": "hanako@sakura.example"}
    contact = await desk.send("POST", "/v1/contacts", 201, **body)
    csm = await desk.workspace.user()
    item = {
        "external_id": "cal-1", "account_external_id": "crm-1", "kind": "qbr", "subject": "振り返り",
        "occurred_at": "2026-02-01T03:00:00Z", "attendee_emails": ["hanako@sakura.example", csm.email, "who@x.example"],
    }  # fmt: skip
    late = {"external_id": "cal-2", "account_external_id": "crm-1", "kind": "call", "subject": "電話"}
    with on("2026-03-05"):
        async with desk.workspace.write() as tx:
            first = await upsert_interactions(tx, [item, {**late, "occurred_at": "2026-03-06T03:00:00Z"}], history=True)
        assert [result.status.value for result in first] == ["created", "failed"]
    shown = await desk.send("GET", f"/v1/interactions/{first[0].id}?expand=attendees")
    assert (shown["recorded_at"], shown["backfilled"]) == ("2026-02-01T03:00:00.000000Z", True)
    assert {each["contact_id"] or each["user_id"] for each in shown["attendees"]} == {contact["id"], str(csm.id)}
    assert await desk.known("2026-02-01") == [("qbr", "2026-02-01", False)]
    with on("2026-03-10"):
        async with desk.workspace.write() as tx:
            again = await upsert_interactions(tx, [item], history=True)
            fewer = await upsert_interactions(tx, [{**item, "attendee_emails": [csm.email]}], history=True)
            moved = await upsert_interactions(tx, [{**item, "kind": "meeting"}], history=True)
        assert [each[0].status.value for each in (again, fewer, moved)] == ["unchanged", "updated", "updated"]
        assert (fewer[0].changed, moved[0].changed) == (["attendees"], ["kind"])
    assert (await desk.there("2026-02-01"), await desk.known("2026-03-09")) == (2, [("qbr", "2026-02-01", False)])
    assert await desk.known("2026-03-10") == [("meeting", "2026-02-01", False)]
    answer = await desk.send("POST", "/v1/interactions:bulk-upsert", 207, items=[{**item, "kind": "meeting"}])
    assert answer["items"][0]["status"] == "unchanged"


async def test_an_action_item_becomes_a_task_once(desk: Desk) -> None:
    user = await desk.workspace.user()
    account = await makers.account(desk.workspace, owner_id=user.id)
    meeting = await desk.meet(account, "2026-03-04", action_items=["資料を送る", "見積を出す"])
    path = f"/v1/interactions/{meeting['id']}"
    body: Json = {"items": [{"text": "資料を送る", "due_on": "2026-03-11"}]}
    [first] = (await desk.send("POST", f"{path}:open-tasks", **body))["task_ids"]
    task = await desk.send("GET", f"/v1/tasks/{first}")
    assert (task["origin"], task["owner_id"]) == ({"kind": "interaction", "id": meeting["id"]}, str(user.id))
    repeated, second = (await desk.send("POST", f"{path}:open-tasks", items=None))["task_ids"]
    assert (repeated, second is None) == (None, False)
    tasks = (await desk.send("GET", f"{path}?expand=tasks"))["tasks"]
    assert {each["title"] for each in tasks} == {"資料を送る", "見積を出す"}


async def test_interactions_follow_merged_accounts_and_forget_erased_names(desk: Desk) -> None:
    winner, loser = await makers.account(desk.workspace), await makers.account(desk.workspace)
    contact = await makers.contact(desk.workspace)
    meeting = await desk.meet(loser, "2026-03-04", contact_ids=[str(contact)])
    await desk.send("PATCH", f"/v1/interactions/{meeting['id']}", kind="call")
    answer = await desk.client.post(
        f"/v1/accounts/{winner}:merge", json={"loser_id": str(loser)}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 200, answer.text
    assert {row[0] for row in await desk._as_known(KNOWN_INTERACTIONS, "2100-01-01")} == {winner}
    await desk.send("POST", f"/v1/contacts/{contact}:erase")
    [person] = (await desk.send("GET", f"/v1/interactions/{meeting['id']}?expand=attendees"))["attendees"]
    assert (person["contact_id"], person["name"]) == (str(contact), "(erased)")


async def test_nothing_is_noted_before_it_happened(desk: Desk) -> None:
    account = await makers.account(desk.workspace)
    with on("2026-03-04"):
        body = {"account_id": str(account), "kind": "call", "subject": "?", "occurred_at": "2026-03-05T00:00:00Z"}
        problem = await desk.send("POST", "/v1/interactions", 422, **body)
    assert problem["errors"][0]["pointer"] == "/occurred_at"
