"""GET and PATCH /v1/workspace."""

import pytest

from api.auth.permissions import Role
from tests.auth.people import if_match
from tests.support.workspaces import WorkspaceForTest


async def test_everyone_reads_the_workspace(workspace: WorkspaceForTest) -> None:
    answer = await (await workspace.client(Role.viewer)).get("/v1/workspace")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["id"], found["name"], found["base_currency"]) == (str(workspace.id), "株式会社テスト", "JPY")
    assert answer.headers["etag"].startswith('"1.')


async def test_an_admin_changes_it(workspace: WorkspaceForTest) -> None:
    client = await workspace.client()
    change = {
        "name": "株式会社みのり", "base_currency": "USD", "time_zone": "America/New_York", "language": "ja",
        "week_starts_on": 7, "fiscal_year_starts_in": 4,
    }  # fmt: skip
    assert (await client.patch("/v1/workspace", json=change)).status_code == 428
    changed = await client.patch("/v1/workspace", json=change, headers={"If-Match": "1"})
    assert changed.status_code == 200
    assert change.items() <= changed.json().items()
    assert changed.json()["version"] == 2
    stale = await client.patch("/v1/workspace", json={"name": "x"}, headers={"If-Match": "1"})
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    assert (await client.get("/v1/workspace")).json() == changed.json()
    refused = await (await workspace.client(Role.manager)).patch(
        "/v1/workspace", json={"name": "x"}, headers=if_match(changed.json())
    )
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"time_zone": "Asia/Edo"}, {"time_zone": "../etc/passwd"}, {"time_zone": None}, {"base_currency": "yen"},
        {"week_starts_on": 0}, {"week_starts_on": 8}, {"fiscal_year_starts_in": 13}, {"fiscal_year_starts_in": "4"},
        {"language": "fr"}, {"name": " "}, {"settings": {}},
    ],
)  # fmt: skip
async def test_its_properties_are_checked(workspace: WorkspaceForTest, change: dict[str, object]) -> None:
    client = await workspace.client()
    answer = await client.patch("/v1/workspace", json=change, headers={"If-Match": "1"})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{next(iter(change))}"]
