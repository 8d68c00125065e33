"""/v1/assignment-policies: three kinds of rules, previewed and applied."""

from collections.abc import Sequence
from typing import Any

import pytest

from api.auth.models import User
from api.kit.tables import new_id
from tests.accounts.conftest import Accounts, Json, refused

PATH = "/v1/assignment-policies"


async def policy(accounts: Accounts, kind: str, *rules: Json, **fields: Any) -> Json:
    return await accounts.ok("POST", PATH, json={"name": f"{kind}で割当", "kind": kind, "rules": rules, **fields})


async def users(accounts: Accounts, count: int) -> list[User]:
    return [await accounts.workspace.user(name=f"担当{place}") for place in range(count)]


def pool(*members: User) -> list[str]:
    return [str(user.id) for user in members]


async def apply(accounts: Accounts, policy: Json) -> Json:
    version = (await accounts.ok("GET", f"{PATH}/{policy['id']}"))["version"]
    return await accounts.ok("POST", f"{PATH}/{policy['id']}:apply", headers={"If-Match": str(version)})


async def owners(accounts: Accounts, made: Sequence[Json]) -> list[str | None]:
    return [(await accounts.get(account))["owner_id"] for account in made]


async def test_by_size(accounts: Accounts) -> None:
    first, second, third = await users(accounts, 3)
    made = [await accounts.create(f"社{n}", employee_count=n) for n in (501, 9, 10, 500)]
    unknown = await accounts.create("規模不明")
    rules = [
        {"size_band": "enterprise", "user_ids": pool(first)},
        {"size_band": "smb", "user_ids": pool(second)},
        {"size_band": "micro", "user_ids": pool(third)},
    ]
    outcome = await apply(accounts, await policy(accounts, "size", *rules))
    assert (outcome["matched"], outcome["changed"]) == (4, 4)
    assert await owners(accounts, made) == pool(first, third, second, second)
    assert await owners(accounts, [unknown]) == [None]


async def test_by_phase(accounts: Accounts) -> None:
    first, second = await users(accounts, 2)
    made = [await accounts.create(name) for name in "ABC"]
    await accounts.act(made[1], "change-phase", phase="adoption")
    await accounts.act(made[2], "change-phase", phase="churned")
    rules = [{"phase": "onboarding", "user_ids": pool(first)}, {"phase": "adoption", "user_ids": pool(second)}]
    await apply(accounts, await policy(accounts, "phase", *rules))
    assert await owners(accounts, made) == [str(first.id), str(second.id), None]


async def test_by_score_and_contract_length(accounts: Accounts) -> None:
    first, second, third = await users(accounts, 3)
    made = [await accounts.create(name) for name in "ABCDE"]
    for account, health, months in zip(made, (80.0, 79.9, 80.0, None, 10.0), (12, 12, 11, 24, 36), strict=True):
        accounts.know(account, health_score=health, contract_months=months)
    rules = [
        {"score_min": 80, "months_min": 12, "user_ids": pool(first)},
        {"score_max": 80, "months_min": 24, "user_ids": pool(second)},
        {"months_max": 24, "user_ids": pool(third)},
    ]
    await apply(accounts, await policy(accounts, "two_axes", *rules, score="health_score"))
    assert await owners(accounts, made) == [*pool(first, third, third), None, str(second.id)]


async def test_the_preview_is_what_applying_does_and_writes_nothing(accounts: Accounts) -> None:
    first, second = await users(accounts, 2)
    made = [await accounts.create(f"社{place:02}", employee_count=50) for place in range(7)]
    path = f"/v1/accounts/{made[3]['id']}/team"
    await accounts.ok("POST", path, json={"user_id": str(second.id), "role": "csm"})
    one = await policy(accounts, "size", {"size_band": "smb", "user_ids": pool(first, second)})
    before = await owners(accounts, made)
    foreseen = await accounts.ok("GET", f"{PATH}/{one['id']}/preview")
    assert await owners(accounts, made) == before
    assert await apply(accounts, one) == foreseen
    assert (foreseen["matched"], foreseen["changed"]) == (7, 6)
    after = await owners(accounts, made)
    assert [change["after"] for change in foreseen["changes"]] == [
        o for o, b in zip(after, before, strict=True) if b is None
    ]
    assert after[3] == str(second.id)
    assert abs(after.count(str(first.id)) - after.count(str(second.id))) <= 1
    assert (await accounts.ok("GET", f"{PATH}/{one['id']}/preview"))["changed"] == 0


async def test_who_leaves_the_pool_hands_over_and_history_stays(accounts: Accounts) -> None:
    first, second = await users(accounts, 2)
    account = await accounts.create(employee_count=50)
    one = await policy(accounts, "size", {"size_band": "smb", "user_ids": pool(first)})
    await apply(accounts, one)
    body = {"rules": [{"size_band": "smb", "user_ids": pool(second)}]}
    version = (await accounts.ok("GET", f"{PATH}/{one['id']}"))["version"]
    changed = await accounts.ok("PATCH", f"{PATH}/{one['id']}", json=body, headers={"If-Match": str(version)})
    assert (changed["policy_version"], await owners(accounts, [account])) == (2, pool(first))
    outcome = await apply(accounts, one)
    assert [(c["before"], c["after"]) for c in outcome["changes"]] == [(str(first.id), str(second.id))]
    team = await accounts.ok("GET", "/v1/account-team", params={"account_id": account["id"]})
    assert {(m["user_id"], m["ends_before"] is None) for m in team["data"]} == {
        (str(first.id), False), (str(second.id), True),
    }  # fmt: skip
    told = [(data["from"], data["to"]) for _, data in accounts.events(account["id"], "account.owner_changed")]
    assert told == [(None, str(first.id)), (str(first.id), str(second.id))]
    for member in team["data"]:
        ended = member["ends_before"] is not None
        types = [type_ for type_, _ in accounts.events(member["id"])]
        assert types == ["account_team.created", "account_team.ended"][: 1 + ended]
        assert [act for act, _ in accounts.acts(member["id"])] == ["created", "ended"][: 1 + ended]


async def test_new_accounts_follow_the_active_policy_in_turn(accounts: Accounts) -> None:
    first, second = await users(accounts, 2)
    await apply(accounts, await policy(accounts, "size", {"size_band": "smb", "user_ids": pool(first, second)}))
    made = [await accounts.create(f"社{place}", employee_count=50) for place in range(4)]
    assert await owners(accounts, made) == pool(first, second, first, second)


async def test_a_policy_of_another_role_changes_no_owner(accounts: Accounts) -> None:
    (first,) = await users(accounts, 1)
    account = await accounts.create(employee_count=50)
    rule = {"size_band": "smb", "user_ids": pool(first)}
    await apply(accounts, await policy(accounts, "size", rule, role="support"))
    assert await owners(accounts, [account]) == [None]
    assert [m["role"] for m in (await accounts.get(account, expand="team"))["team"]] == ["support"]
    assert accounts.events(account["id"], "account.owner_changed") == []


async def test_one_policy_of_a_role_is_active(accounts: Accounts) -> None:
    (first,) = await users(accounts, 1)
    rule = {"size_band": "smb", "user_ids": pool(first)}
    made = [
        await policy(accounts, "size", rule),
        await policy(accounts, "size", rule),
        await policy(accounts, "size", rule, role="support"),
    ]
    for one in made:
        await apply(accounts, one)
    active = await accounts.ok("GET", PATH, params={"active": True})
    assert {one["id"] for one in active["data"]} == {made[1]["id"], made[2]["id"]}
    version = (await accounts.ok("GET", f"{PATH}/{made[1]['id']}"))["version"]
    retired = await accounts.ok("DELETE", f"{PATH}/{made[1]['id']}", headers={"If-Match": str(version)})
    assert retired["active"] is False


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("size", {"phase": "adoption"}),
        ("size", {"size_band": "smb", "phase": "adoption"}),
        ("phase", {}),
        ("two_axes", {}),
        ("two_axes", {"size_band": "smb"}),
    ],
)
async def test_rules_fit_their_kind(accounts: Accounts, kind: str, rule: Json) -> None:
    (user,) = await users(accounts, 1)
    body = {"name": "x", "kind": kind, "rules": [{**rule, "user_ids": pool(user)}]}
    refused(await accounts.client.post(PATH, json=body), 422, "invalid_input")


async def test_pools_hold_active_users(accounts: Accounts) -> None:
    for user_ids in ([str(new_id())], []):
        body = {"name": "x", "kind": "size", "rules": [{"size_band": "smb", "user_ids": user_ids}]}
        refused(await accounts.client.post(PATH, json=body), 422, "invalid_input", "/rules/0/user_ids")
