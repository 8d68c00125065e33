"""The rules of programs: participants are found again, results belong to co-creations, merged accounts meet."""

from typing import Any

from api.auth.permissions import SCOPES
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers

WEBINAR = {"name": "活用セミナー", "kind": "webinar", "starts_on": "2026-04-01"}


async def test_participants_are_added_once_and_followed(workspace: WorkspaceForTest) -> None:
    client = await workspace.key_client(SCOPES)
    program = (await client.post("/v1/programs", json=WEBINAR)).json()
    winner, loser, contact = (
        await makers.account(workspace), await makers.account(workspace), await makers.contact(workspace),
    )  # fmt: skip

    async def put(*items: dict[str, Any]) -> dict[str, Any]:
        answer = await client.post(f"/v1/programs/{program['id']}:set-participants", json={"items": list(items)})
        found: dict[str, Any] = answer.json() if answer.status_code == 200 else answer.json()["errors"][0]
        return found

    whole = [{"account_id": str(winner), "state": "invited"}, {"account_id": str(loser), "state": "attended"}]
    person = {"contact_id": str(contact), "state": "attended", "outcome": "試してみたい"}
    assert await put(*whole, person) == {"created": 3, "updated": 0, "unchanged": 0}
    again = {"contact_id": str(contact), "state": "completed"}
    assert await put(whole[0], again) == {"created": 0, "updated": 1, "unchanged": 1}
    assert (await put(again, again))["code"] == "repeated_key"
    shown = (await client.get(f"/v1/programs/{program['id']}?expand=participation")).json()["participation"]
    assert shown == {"accounts": 3, "invited": 1, "registered": 0, "attended": 1, "completed": 1, "dropped": 0}
    merged = await client.post(
        f"/v1/accounts/{winner}:merge", json={"loser_id": str(loser)}, headers={"If-Match": '"1"'}
    )
    assert merged.status_code == 200, merged.text
    page = (await client.get(f"/v1/program-participants?account_id={winner}&account_id={loser}")).json()["data"]
    assert [(each["account_id"], each["state"]) for each in page] == [(str(winner), "invited")]
    assert (await client.post(f"/v1/contacts/{contact}:erase")).status_code == 200
    [kept] = (await client.get(f"/v1/program-participants?contact_id={contact}")).json()["data"]
    assert (kept["state"], kept["outcome"]) == ("completed", None)


async def test_only_a_co_creation_links_to_what_came_of_it(workspace: WorkspaceForTest) -> None:
    client = await workspace.key_client(SCOPES)
    results = [{"kind": "release", "url": "https://example.com/releases/8"}]
    refused = await client.post("/v1/programs", json={**WEBINAR, "results": results})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/results")
    made = await client.post("/v1/programs", json={**WEBINAR, "kind": "co_creation", "results": results})
    assert made.json()["results"] == [{**results[0], "id": None, "title": ""}]
    turned = await client.patch(
        f"/v1/programs/{made.json()['id']}", json={"kind": "trial"}, headers={"If-Match": '"1"'}
    )
    assert turned.status_code == 422
    nowhere = await client.post(
        "/v1/programs", json={**WEBINAR, "kind": "co_creation", "results": [{"kind": "release"}]}
    )
    assert nowhere.status_code == 422
