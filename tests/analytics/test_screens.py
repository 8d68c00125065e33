"""The screens: portfolio, overview, timeline, history."""

from collections.abc import Sequence
from typing import Any

import pytest

from api.auth.permissions import Role
from tests.analytics.conftest import Figures, on
from tests.support.statements import Sent
from tests.support.workspaces import WorkspaceForTest


async def test_the_portfolio_shows_twelve_weeks(figures: Figures) -> None:
    product = await figures.product()
    account, contract = await figures.paying(100_000, "2026-01-01", product, industry="物流")
    await figures.paying(50_000, "2026-03-01", product, industry="小売")
    await figures.reprice(contract, 130_000, "2026-03-10")
    with on("2026-03-31"):
        found = await figures.get("/v1/portfolio?sort=-mrr&include=facets,sums,total_count")
        first, second = found["data"]
        assert (first["id"], first["mrr"]["amount"]) == (str(account), 130_000)
        assert first["mrr_weeks"] == [100_000] * 8 + [130_000] * 4
        assert (first["mrr_change_4w"], second["mrr_change_4w"]) == (30_000, 0)
        assert second["mrr_weeks"] == [0] * 7 + [50_000] * 5
        assert found["sums"] == [
            {
                "accounts": 2,
                "mrr": {"amount": 180_000, "currency": "JPY"},
                "arr": {"amount": 2_160_000, "currency": "JPY"},
            }
        ]
        assert found["facets"]["phase"] == [{"value": "onboarding", "count": 2}]
        assert found["page"]["total_count"] == 2
        some = await figures.get(f"/v1/portfolio?industry={'物流'}&include=sums")
        assert [row["id"] for row in some["data"]] == [str(account)]
        assert some["sums"][0]["mrr"]["amount"] == 130_000


async def test_the_portfolio_pages_with_a_handful_of_statements(
    figures: Figures, recorded_statements: Sequence[Sent]
) -> None:
    for number in range(3):
        await figures.account(name=f"顧客{number}")
    before = len(recorded_statements)
    answer = await figures.client.get("/v1/portfolio?limit=2&include=facets,sums,total_count")
    assert len(recorded_statements) - before <= 7
    assert 'rel="next"' in answer.headers["Link"]
    rest = await figures.get(f"/v1/portfolio?limit=2&cursor={answer.json()['page']['next_cursor']}")
    assert len(rest["data"]) == 1


async def test_an_account_at_a_glance(figures: Figures) -> None:
    account, contract = await figures.paying(100_000, "2026-01-01", name="株式会社さくら物流")
    await figures.post("/v1/contacts", {"account_id": str(account), "name": "山田 花子"}, 201)
    user = await figures.workspace.user(Role.csm)
    await figures.post(f"/v1/accounts/{account}/team", {"user_id": str(user.id), "role": "csm"}, 201)
    found = await figures.get(f"/v1/accounts/{account}/overview")
    assert found["account"]["name"] == "株式会社さくら物流"
    assert found["account"]["owner"]["id"] == str(user.id)
    assert [member["role"] for member in found["account"]["team"]] == ["csm"]
    assert [person["name"] for person in found["contacts"]] == ["山田 花子"]
    assert [(each["id"], len(each["items"])) for each in found["contracts"]] == [(contract["id"], 1)]
    assert found["mrr"]["currencies"][0]["mrr"]["amount"] == 100_000
    assert [line["type"] for line in found["movements"]] == ["new"]
    assert found["phases"][-1]["phase"] == "onboarding"
    assert (found["interactions"], found["tasks"]) == ([], [])


async def test_a_credential_sees_what_it_may(workspace: WorkspaceForTest, figures: Figures) -> None:
    account, _ = await figures.paying(100_000, "2026-01-01")
    narrow = await workspace.key_client(["portfolio:read", "accounts:read"])
    found = (await narrow.get(f"/v1/accounts/{account}/overview")).json()
    assert [found[name] for name in ("contacts", "contracts", "mrr", "movements", "interactions", "tasks")] == [
        None
    ] * 6
    kinds = {entry["kind"] for entry in (await narrow.get(f"/v1/accounts/{account}/timeline")).json()["data"]}
    assert kinds <= {"account", "phase"}


async def test_the_timeline_tells_everything_newest_first(figures: Figures) -> None:
    with on("2026-01-01"):
        created = await figures.post("/v1/accounts", {"name": "株式会社さくら物流"}, 201)
        account = created["id"]
        contract = await figures.sign(
            account, await figures.product(), 100, starts_on="2026-01-01", ends_before="2027-01-01"
        )
    with on("2026-02-01"):
        person = await figures.post("/v1/contacts", {"account_id": account, "name": "山田 花子"}, 201)
        await figures.client.put(f"/v1/accounts/{account}/primary-contact", json={"contact_id": person["id"]})
        user = await figures.workspace.user(Role.csm)
        await figures.post(f"/v1/accounts/{account}/team", {"user_id": str(user.id), "role": "csm"}, 201)
    with on("2026-03-01"):
        await figures.act(contract, "give-notice")
    found = (await figures.get(f"/v1/accounts/{account}/timeline"))["data"]
    told = {(entry["kind"], entry["action"]) for entry in found}
    assert told >= {
        ("account", "created"), ("phase", "entered"), ("contract", "created"), ("contract", "notice_given"),
        ("renewal", "churned"), ("movement", "new"), ("movement", "churn"), ("primary_contact", "changed"),
        ("team", "joined"),
    }  # fmt: skip
    moments = [entry["at"] for entry in found]
    assert moments == sorted(moments, reverse=True)
    paged: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await figures.get(f"/v1/accounts/{account}/timeline?limit=2{cursor and '&cursor=' + cursor}")
        paged += page["data"]
        cursor = page["page"]["next_cursor"]
    assert paged == found
    only = await figures.get(f"/v1/accounts/{account}/timeline?kind=movement&kind=team")
    assert {entry["kind"] for entry in only["data"]} == {"movement", "team"}


async def test_the_history_of_mrr_arr_and_seats(figures: Figures) -> None:
    account, contract = await figures.paying(100, "2026-01-15", item={"quantity": 3})
    await figures.reprice(contract, 200, "2026-03-10")
    found = await figures.get(
        f"/v1/accounts/{account}/history?from=2026-01-01&to=2026-03-15&grain=month&series=mrr,arr,seats"
    )
    assert found["points"] == [
        {"day": "2026-01-31", "mrr": 300, "arr": 3_600, "seats": 3},
        {"day": "2026-02-28", "mrr": 300, "arr": 3_600, "seats": 3},
        {"day": "2026-03-15", "mrr": 600, "arr": 7_200, "seats": 3},
    ]
    weeks = await figures.get(f"/v1/accounts/{account}/history?series=mrr&from=2026-03-02&to=2026-03-15&grain=week")
    assert weeks["points"] == [{"day": "2026-03-08", "mrr": 300}, {"day": "2026-03-15", "mrr": 600}]
    days = await figures.get(f"/v1/accounts/{account}/history?series=seats,arr&from=2026-01-14&to=2026-01-15&grain=day")
    assert days["points"] == [
        {"day": "2026-01-14", "arr": 0, "seats": 0},
        {"day": "2026-01-15", "arr": 3_600, "seats": 3},
    ]


@pytest.mark.parametrize("query", ["from=2026-01-02&to=2026-01-01", "from=2000-01-01&to=2026-01-01&grain=day"])
async def test_a_history_has_bounds(figures: Figures, query: str) -> None:
    answer = await figures.client.get(f"/v1/accounts/{await figures.account()}/history?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?from")


async def test_an_account_that_is_not_there(figures: Figures) -> None:
    for screen in ("overview", "timeline", "history"):
        answer = await figures.client.get(f"/v1/accounts/01a20337-4dc7-76e4-9ef8-be59a650b36b/{screen}")
        assert answer.status_code == 404
