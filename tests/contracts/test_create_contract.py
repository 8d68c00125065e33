"""New contracts: what they may say, and what follows of them."""

import pytest

from api.kit.tables import new_id
from tests.contracts.conftest import Desk, on
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers


async def test_the_account_shows_what_its_contracts_say(desk: Desk) -> None:
    with on("2026-05-10"):
        account = await desk.account()
        await desk.sign(
            account, await desk.product(), 240_000, starts_on="2026-04-01", ends_before="2027-04-01", notice_days=60,
            item={"quantity": 5, "interval_months": 12},
        )  # fmt: skip
        found = await desk.get(f"/v1/accounts/{account}")
        assert (found["mrr"], found["arr"]["amount"]) == ({"amount": 100_000, "currency": "JPY"}, 1_200_000)
        assert (found["seats"], found["first_paid_on"]) == (5, "2026-04-01")
        assert (found["renewal_on"], found["notice_deadline"]) == ("2027-04-01", "2027-01-31")


async def test_signed_and_not_started_is_contracted_mrr(desk: Desk) -> None:
    with on("2026-05-10"):
        account = await desk.account()
        contract = await desk.sign(account, await desk.product(), 9_000, starts_on="2026-07-01", signed_on="2026-05-01")
        assert contract["state"] == "scheduled"
        assert await desk.mrr(account, "2026-05-10") == 0
        assert await desk.mrr(account, "2026-05-10", what="contracted_mrr") == 9_000
        assert await desk.mrr(account, "2026-07-01") == 9_000


async def test_a_trial_earns_nothing(desk: Desk) -> None:
    with on("2026-05-10"):
        account = await desk.account()
        await desk.sign(account, await desk.product(), 9_000, starts_on="2026-05-01", kind="trial")
        assert await desk.ledger(account) == []
        assert (await desk.get(f"/v1/accounts/{account}"))["mrr"]["amount"] == 0


async def test_mrr_is_rounded_once_for_the_account_and_not_for_each_item(desk: Desk) -> None:
    with on("2026-05-10"):
        account = await desk.account()
        for _ in range(3):
            await desk.sign(account, await desk.product(), 100, starts_on="2026-05-01", item={"interval_months": 12})
        # 3 × 100 / 12 is 25; each alone would be 8.
        assert await desk.mrr(account, "2026-05-10") == 25
        assert await desk.mrr(account, "2026-05-10", what="arr") == 300


async def test_contracts_that_overlap_share_a_currency(desk: Desk) -> None:
    with on("2026-05-10"):
        account, product = await desk.account(), await desk.product()
        first = await desk.sign(account, product, 9_000, starts_on="2026-01-01")
        body = {
            "account_id": str(account), "name": "Second", "currency": "USD", "starts_on": "2026-06-01",
            "items": [{"product_id": str(product), "unit_price": {"amount": 100, "currency": "USD"}}],
        }  # fmt: skip
        assert (await desk.post("/v1/contracts", body, 409))["code"] == "currency_differs"
        await desk.act(first, "terminate", ends_before="2026-06-01")
        await desk.post("/v1/contracts", body, 201)
        assert [line[1:] for line in await desk.ledger(account)] == [
            ("new", 9_000), ("churn", -9_000), ("churn", 9_000), ("contraction", -9_000), ("expansion", 100),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"ends_before": "2026-01-01"}, ""),
        ({"items": []}, "/items"),
        ({"account_id": str(new_id())}, "/account_id"),
        ({"notice_days": -1}, "/notice_days"),
    ],
)
async def test_what_cannot_be_is_told_with_a_pointer(desk: Desk, wrong: dict[str, object], pointer: str) -> None:
    item = {"product_id": str(await desk.product()), "unit_price": {"amount": 1, "currency": "JPY"}}
    body = {"account_id": str(await desk.account()), "name": "契約", "currency": "JPY", "starts_on": "2026-04-01"}
    problem = await desk.post("/v1/contracts", {**body, "items": [item], **wrong}, 422)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_white_space_is_what_is_on_sale_and_not_owned(desk: Desk) -> None:
    with on("2026-05-10"):
        account, owned = await desk.account(), await desk.product("持っている")
        other = await desk.product("まだの商品")
        await desk.sign(account, owned, 1, starts_on="2026-01-01")
        found = await desk.get(f"/v1/accounts/{account}/whitespace")
        assert [each["product_id"] for each in found["owned"]] == [str(owned)]
        assert [each["product_id"] for each in found["open"]] == [str(other)]


async def test_a_rate_is_replaced_and_the_base_currency_has_none(desk: Desk) -> None:
    for rate in ("150", "150.25"):
        answer = await desk.client.put("/v1/exchange-rates/USD/2026-04-01", json={"rate": rate, "source": "試験"})
        assert (answer.status_code, answer.json()["rate"]) == (200, rate)
    assert len((await desk.get("/v1/exchange-rates"))["data"]) == 1
    answer = await desk.client.put("/v1/exchange-rates/JPY/2026-04-01", json={"rate": "1"})
    assert answer.json()["code"] == "base_currency_has_no_rate"
    for nothing in ("0", "0.00", "-1", "1e5", "NaN"):
        answer = await desk.client.put("/v1/exchange-rates/USD/2026-04-01", json={"rate": nothing})
        assert answer.status_code == 422


async def test_a_strangers_terms_do_not_count_in_the_board(desk: Desk, other_workspace: WorkspaceForTest) -> None:
    await makers.term(other_workspace)
    assert (await desk.get("/v1/renewals:by-month?renewal_after=2027-01-01"))["data"] == []
    await makers.term(desk.workspace)
    (month,) = (await desk.get("/v1/renewals:by-month?renewal_after=2027-01-01"))["data"]
    assert (month["month"], month["terms"]) == ("2027-04-01", 1)


async def test_who_closes_renewals_is_a_setting(desk: Desk) -> None:
    with on("2026-05-10"):
        account = await desk.account()
        contract = await desk.sign(account, await desk.product(), 1, starts_on="2026-01-01", ends_before="2027-01-01")
    answer = await desk.client.put("/v1/contract-settings", json={"renewal_closer": "sales"})
    assert answer.json() == {"renewal_grace_days": 30, "renewal_closer": "sales"}
    path, version = f"/v1/contracts/{contract['id']}:renew", {"If-Match": '"1"'}
    refused = await (await desk.workspace.client("csm")).post(path, json={}, headers=version)
    assert (refused.status_code, refused.json()["code"]) == (403, "renewal_closed_by_others")
    assert (await (await desk.workspace.client("sales")).post(path, json={}, headers=version)).status_code == 200
