"""The account team: POST /v1/accounts/{account_id}/team, GET /v1/account-team, :end."""

import datetime as dt
from typing import Any

from api.auth.models import User
from api.kit import clock
from api.kit.tables import new_id
from tests.accounts.conftest import Accounts, Json, refused

TODAY = dt.date(2026, 5, 1)
NOON = dt.datetime(2026, 5, 1, 3, tzinfo=dt.UTC)


async def join(accounts: Accounts, account: Json, user: User, role: str = "csm", **fields: Any) -> Json:
    body = {"user_id": str(user.id), "role": role, **fields}
    return await accounts.ok("POST", f"/v1/accounts/{account['id']}/team", json=body)


async def members(accounts: Accounts, **query: Any) -> list[tuple[str, str, str, str | None]]:
    page = await accounts.ok("GET", "/v1/account-team", params=query)
    return [(m["user_id"], m["role"], m["starts_on"], m["ends_before"]) for m in page["data"]]


async def test_a_new_csm_follows_the_old_one_and_owns_the_account(accounts: Accounts) -> None:
    first, second = await accounts.workspace.user(), await accounts.workspace.user()
    with clock.moved_to(NOON):
        account = await accounts.create()
        await join(accounts, account, first, starts_on="2026-04-01")
        assert (await accounts.get(account))["owner_id"] == str(first.id)
        member = await join(accounts, account, second)
    assert (member["role"], member["starts_on"], member["ends_before"]) == ("csm", "2026-05-01", None)
    assert (await accounts.get(account))["owner_id"] == str(second.id)
    assert await members(accounts, account_id=account["id"]) == [
        (str(second.id), "csm", "2026-05-01", None),
        (str(first.id), "csm", "2026-04-01", "2026-05-01"),
    ]
    changes = [data for _, data in accounts.events(account["id"], "account.owner_changed")]
    assert [(change["from"], change["to"]) for change in changes] == [
        (None, str(first.id)),
        (str(first.id), str(second.id)),
    ]


async def test_other_roles_stand_side_by_side(accounts: Accounts) -> None:
    first, second = await accounts.workspace.user(), await accounts.workspace.user()
    account = await accounts.create()
    await join(accounts, account, first, "support")
    await join(accounts, account, second, "support")
    await join(accounts, account, first, "executive_sponsor")
    again = await accounts.client.post(
        f"/v1/accounts/{account['id']}/team", json={"user_id": str(first.id), "role": "support"}
    )
    refused(again, 409, "already_in_role")
    assert len(await members(accounts, account_id=account["id"], current=True)) == 3
    assert (await accounts.get(account))["owner_id"] is None
    assert await accounts.names(owner_id=str(first.id)) == []


async def test_lists_tell_who_played_which_part_when(accounts: Accounts) -> None:
    first, second = await accounts.workspace.user(), await accounts.workspace.user()
    account, other = await accounts.create("A"), await accounts.create("B")
    await join(accounts, account, first, starts_on="2026-01-01")
    await join(accounts, account, second, starts_on="2026-03-01")
    await join(accounts, other, first, "support", starts_on="2026-02-01")
    old = (str(first.id), "csm", "2026-01-01", "2026-03-01")
    new = (str(second.id), "csm", "2026-03-01", None)
    side = (str(first.id), "support", "2026-02-01", None)
    expected: list[tuple[dict[str, Any], list[Any]]] = [
        ({}, [new, side, old]),
        ({"sort": "starts_on"}, [old, side, new]),
        ({"user_id": str(first.id)}, [side, old]),
        ({"role": "csm"}, [new, old]),
        ({"current": True}, [new, side]),
        ({"current": False}, [old]),
        ({"on": "2026-02-28"}, [side, old]),
        ({"on": "2026-03-01"}, [new, side]),
        ({"on": "2025-12-31"}, []),
    ]
    for query, found in expected:
        assert await members(accounts, **query) == found, query


async def test_a_member_can_show_the_user_and_the_account(accounts: Accounts) -> None:
    user = await accounts.workspace.user(name="高橋 彩")
    account = await accounts.create()
    member = await join(accounts, account, user)
    shown = await accounts.ok("GET", f"/v1/account-team/{member['id']}", params={"expand": "user,account"})
    assert shown["user"]["name"] == "高橋 彩"
    assert shown["account"]["name"] == account["name"]


async def end(accounts: Accounts, member: Json, **body: Any) -> Any:
    path = f"/v1/account-team/{member['id']}:end"
    return await accounts.client.post(path, json=body, headers={"If-Match": str(member["version"])})


async def test_who_leaves_owns_no_more(accounts: Accounts) -> None:
    user = await accounts.workspace.user()
    with clock.moved_to(NOON):
        account = await accounts.create()
        member = await join(accounts, account, user, starts_on="2026-04-01")
        refused(await end(accounts, member, ends_before="2026-03-31"), 422, "invalid_input")
        ended = await end(accounts, member)
        assert ended.json()["ends_before"] == "2026-05-01"
        assert (await accounts.get(account))["owner_id"] is None
        refused(await end(accounts, member), 412, "stale_version")
    assert accounts.events(member["id"])[-1][0] == "account_team.ended"


async def test_a_csm_cannot_begin_before_the_one_before(accounts: Accounts) -> None:
    first, second = await accounts.workspace.user(), await accounts.workspace.user()
    account = await accounts.create()
    await join(accounts, account, first, starts_on="2026-04-01")
    body = {"user_id": str(second.id), "role": "csm", "starts_on": "2026-03-31"}
    answer = await accounts.client.post(f"/v1/accounts/{account['id']}/team", json=body)
    refused(answer, 422, "invalid_input", "/starts_on")


async def test_members_are_users_and_accounts_are_there(accounts: Accounts) -> None:
    user, account = await accounts.workspace.user(), await accounts.create()
    nobody = {"user_id": str(new_id()), "role": "csm"}
    answer = await accounts.client.post(f"/v1/accounts/{account['id']}/team", json=nobody)
    refused(answer, 422, "invalid_input", "/user_id")
    somebody = {"user_id": str(user.id), "role": "csm"}
    refused(await accounts.client.post(f"/v1/accounts/{new_id()}/team", json=somebody), 404, "not_found")
    strange = {"user_id": str(user.id), "role": "owner"}
    answer = await accounts.client.post(f"/v1/accounts/{account['id']}/team", json=strange)
    refused(answer, 422, "invalid_input", "/role")
