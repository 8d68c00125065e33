"""/v1/audit-log."""

import pytest

from api.auth.permissions import Role
from tests.auth.people import if_match
from tests.support.workspaces import WorkspaceForTest


async def test_it_says_who_changed_what(workspace: WorkspaceForTest) -> None:
    admin = await workspace.client()
    me = (await admin.get("/v1/me")).json()["user"]
    product = (await admin.post("/v1/products", json={"name": "分析"})).json()
    change = await admin.patch(f"/v1/products/{product['id']}", json={"name": "解析"}, headers=if_match(product))
    entries = (await admin.get("/v1/audit-log", params={"resource": "product"})).json()["data"]
    assert [entry["action"] for entry in entries] == ["updated", "created"]
    newest = entries[0]
    assert newest["actor_kind"] == "user"
    assert newest["actor_id"] == me["id"]
    assert newest["resource_id"] == product["id"]
    assert newest["fields"] == ["name"]
    assert newest["request_id"] == change.headers["x-request-id"]
    assert (await admin.get(f"/v1/audit-log/{newest['id']}")).json() == newest


async def test_it_is_filtered(workspace: WorkspaceForTest) -> None:
    admin = await workspace.client()
    me = (await admin.get("/v1/me")).json()["user"]
    product = (await admin.post("/v1/products", json={"name": "分析"})).json()
    entries = (await admin.get("/v1/audit-log")).json()["data"]
    (made,) = (entry for entry in entries if entry["resource"] == "product")

    async def found(**filters: str) -> int:
        answer = await admin.get("/v1/audit-log", params={"resource": "product", **filters})
        assert answer.status_code == 200, answer.text
        return len(answer.json()["data"])

    assert await found() == 1
    assert await found(actor_id=me["id"]) == await found(resource_id=product["id"]) == 1
    assert await found(actor_id=product["id"]) == await found(resource_id=me["id"]) == 0
    assert await found(action="created") == 1
    assert await found(action="updated") == 0
    assert await found(at_after=made["at"]) == 1
    assert await found(at_before=made["at"]) == 0
    assert (await admin.get("/v1/audit-log", params={"actor": me["id"]})).status_code == 422


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.admin])
async def test_only_admins_read_it(workspace: WorkspaceForTest, role: Role) -> None:
    assert (await (await workspace.client(role)).get("/v1/audit-log")).status_code == 403
