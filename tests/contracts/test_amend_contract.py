"""Amendments: from a day on, past or to come."""

from tests.contracts.conftest import Desk, on


async def test_a_future_amendment_is_in_the_ledger_at_once_and_in_the_figures_on_its_day(desk: Desk) -> None:
    with on("2026-01-10"):
        account = await desk.account()
        contract = await desk.sign(account, await desk.product(), 4_000, starts_on="2026-01-01", item={"quantity": 10})
        (item,) = await desk.items(contract)
        await desk.act(contract, "amend", effective_on="2026-06-01", change=[{"item_id": item["id"], "quantity": 15}])
        assert await desk.ledger(account) == [("2026-01-01", "new", 40_000), ("2026-06-01", "expansion", 20_000)]
        assert (await desk.get(f"/v1/accounts/{account}"))["mrr"]["amount"] == 40_000
    with on("2026-06-01"):
        await desk.run_calendar()
        found = await desk.get(f"/v1/accounts/{account}")
        assert (found["mrr"]["amount"], found["seats"]) == (60_000, 15)
        assert (await desk.get(f"/v1/contracts/{contract['id']}"))["mrr"]["amount"] == 60_000


async def test_a_back_dated_amendment_appends_the_difference_and_leaves_what_was_known(desk: Desk) -> None:
    with on("2026-01-10"):
        account, product = await desk.account(), await desk.product()
        contract = await desk.sign(account, product, 100_000, starts_on="2026-01-01")
    with on("2026-03-20"):
        other = await desk.product("モバイル")
        added = {"product_id": str(other), "unit_price": {"amount": 30_000, "currency": "JPY"}}
        await desk.act(contract, "amend", effective_on="2026-02-01", add=[added])
        assert await desk.mrr(account, "2026-02-15") == 130_000
        assert await desk.mrr(account, "2026-02-15", known_at="2026-03-01") == 100_000
    with on("2026-04-02"):
        old, _ = await desk.items(contract)
        await desk.act(contract, "amend", effective_on="2026-02-01", remove=[old["id"]])
        assert await desk.ledger(account) == [
            ("2026-01-01", "new", 100_000),
            ("2026-02-01", "expansion", 30_000),
            ("2026-02-01", "contraction", -100_000),
            ("2026-02-01", "contraction", 30_000),
            ("2026-02-01", "expansion", -30_000),
        ]
        page = await desk.get(f"/v1/mrr-movements?account_id={account}&sort=recorded_at")
        corrections = [line for line in page["data"] if line["corrects_id"]]
        assert {line["cause"] for line in corrections} == {"amendment"}
        assert await desk.mrr(account, "2026-04-02") == 30_000


async def test_an_item_that_never_ran_leaves_no_trace_in_the_figures(desk: Desk) -> None:
    with on("2026-01-10"):
        account = await desk.account()
        contract = await desk.sign(account, await desk.product(), 100, starts_on="2026-01-01")
        (item,) = await desk.items(contract)
        price = {"amount": 250, "currency": "JPY"}
        await desk.act(
            contract, "amend", effective_on="2026-01-01", change=[{"item_id": item["id"], "unit_price": price}]
        )
        assert await desk.mrr(account, "2026-01-10") == 250
        assert [each["unit_price"]["amount"] for each in await desk.items(contract)] == [250]


async def test_what_cannot_be_amended_is_told_with_a_pointer(desk: Desk) -> None:
    with on("2026-01-10"):
        account, product = await desk.account(), await desk.product()
        contract = await desk.sign(account, product, 100, starts_on="2026-01-01")
        (item,) = await desk.items(contract)
        path = f"/v1/contracts/{contract['id']}:amend"
        dollars = {"amount": 1, "currency": "USD"}
        wrong = [
            ({"effective_on": "2025-12-31", "remove": [item["id"]]}, "/effective_on"),
            ({"effective_on": "2026-02-01", "remove": [contract["id"]]}, "/remove/0"),
            ({"effective_on": "2026-02-01", "change": [{"item_id": item["id"], "unit_price": dollars}]}, "/change/0"),
            (
                {"effective_on": "2026-02-01", "add": [{"product_id": item["id"], "unit_price": {**dollars, "currency": "JPY"}}]},
                "/add/0/product_id",
            ),
        ]  # fmt: skip
        for body, pointer in wrong:
            problem = await desk.post(path, body, 422, version=1)
            assert [error["pointer"] for error in problem["errors"]] == [pointer]
        assert (await desk.get(f"/v1/contracts/{contract['id']}"))["version"] == 1
