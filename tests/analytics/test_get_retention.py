"""The worked examples of the metric definitions, lived through contracts."""

from typing import Any

import pytest

from tests.analytics.conftest import Figures, on

YEAR = ("2025-04-01", "2026-03-31")


async def test_churn_contraction_and_expansion_of_different_accounts(figures: Figures) -> None:
    product = await figures.product()
    _, churning = await figures.paying(10, "2025-01-01", product)
    _, shrinking = await figures.paying(20, "2025-01-01", product)
    _, growing = await figures.paying(20, "2025-01-01", product)
    await figures.paying(50, "2025-01-01", product)
    await figures.end(churning, "2025-06-01")
    await figures.reprice(shrinking, 10, "2025-07-01")
    await figures.reprice(growing, 30, "2025-08-01")
    found = await figures.retention(*YEAR)
    total = found["total"]
    assert (total["gross_revenue_churn"], total["net_revenue_churn"], total["logo_churn"]) == (0.2, 0.1, 0.25)
    assert {kind: money["amount"] for kind, money in total["movements"].items()} == {
        "new": 0, "reactivation": 0, "expansion": 10, "contraction": 10, "churn": 10,
    }  # fmt: skip
    assert total["units"] == {"opening": 4, "closing": 3, "lost": 1, "gained": 0}
    assert (found["as_of"], found["currency"], found["source"], found["definition_version"]) == (
        "2026-03-31", "JPY", "ledger", 1,
    )  # fmt: skip
    assert found["basis"] == ["revenue", "logo"]


async def test_all_on_one_account_gross_equals_net(figures: Figures) -> None:
    _, contract = await figures.paying(100, "2025-01-01")
    await figures.reprice(contract, 90, "2025-06-01")
    total = await figures.total(*YEAR)
    assert (total["gross_revenue_churn"], total["net_revenue_churn"]) == (0.1, 0.1)


@pytest.mark.parametrize(
    ("accounts", "nrr", "grr"),
    [
        ([(25_000, 0), (75_000, 50_000), (300_000, 450_000), (600_000, 600_000)], 1.1, 0.95),
        ([(30_000, 45_000), (30_000, 25_000), (8_000, 0), (32_000, 32_000)], 1.02, 0.87),
        ([(6_000, 0), (14_000, 10_000), (80_000, 100_000), (100_000, 100_000)], 1.05, 0.95),
        ([(1_000_000, 1_300_000)], 1.3, 1.0),
    ],
)
async def test_net_and_gross(figures: Figures, accounts: list[tuple[int, int]], nrr: float, grr: float) -> None:
    product = await figures.product()
    for before, after in accounts:
        _, contract = await figures.paying(before, "2025-01-01", product)
        if not after:
            await figures.end(contract, "2025-09-01")
        elif after != before:
            await figures.reprice(contract, after, "2025-09-01")
    total = await figures.total(*YEAR)
    assert (total["nrr"], total["grr"]) == (nrr, grr)
    assert total["net_new_mrr_existing"]["amount"] == sum(after - before for before, after in accounts)


async def test_an_annual_price_is_a_twelfth_a_month(figures: Figures) -> None:
    await figures.paying(200_000, "2025-01-01", currency="USD", item={"interval_months": 12})
    assert (await figures.total(*YEAR, currency="USD"))["opening"] == {"amount": 16_667, "currency": "USD"}


async def test_a_late_renewal(figures: Figures) -> None:
    _, contract = await figures.paying(120_000, "2025-04-01", ends_before="2026-04-01")
    with on("2026-04-10"):
        await figures.run_calendar()
    with on("2026-04-20"):
        (item,) = await figures.items(contract)
        price = {"amount": 132_000, "currency": "JPY"}
        await figures.act(contract, "renew", change=[{"item_id": item["id"], "unit_price": price}])
        total = await figures.total("2026-04-01", "2026-04-30")
        assert total["nrr"] == 1.1
        moved = {kind: money["amount"] for kind, money in total["movements"].items()}
        assert (moved["expansion"], moved["churn"], moved["reactivation"]) == (12_000, 0, 0)
        then = await figures.total("2026-04-01", "2026-04-30", known_at="2026-04-10T23:59:59+09:00")
        assert (then["closing"]["amount"], then["nrr"]) == (120_000, 1.0)


async def test_siblings_by_account_and_by_parent(figures: Figures) -> None:
    product, parent = await figures.product(), await figures.account()
    _, leaving = await figures.paying(100, "2025-01-01", product, parent_id=parent)
    _, growing = await figures.paying(100, "2025-01-01", product, parent_id=parent)
    await figures.end(leaving, "2025-06-01")
    await figures.reprice(growing, 200, "2025-06-01")
    by_account, by_parent = await figures.total(*YEAR), await figures.total(*YEAR, rollup="parent")
    assert [by_account[name] for name in ("nrr", "grr", "logo_churn")] == [1.0, 0.5, 0.5]
    assert [by_parent[name] for name in ("nrr", "grr", "logo_churn")] == [1.0, 1.0, 0.0]


async def test_losing_one_of_two_products_is_a_contraction_of_the_account_and_churn_of_the_product(
    figures: Figures,
) -> None:
    one, other = await figures.product("一"), await figures.product("二")
    account, _ = await figures.paying(100, "2025-01-01", one)
    with on("2025-01-01"):
        second = await figures.sign(account, other, 300, starts_on="2025-01-01")
    await figures.end(second, "2025-06-01")
    by_account, found = await figures.total(*YEAR), await figures.retention(*YEAR, by="product")
    assert (by_account["logo_churn"], by_account["grr"]) == (0.0, 0.25)
    assert by_account["movements"]["contraction"]["amount"] == 300
    assert found["total"]["logo_churn"] == 0.5
    assert {part["label"]: part["nrr"] for part in found["parts"]} == {"一": 1.0, "二": 0.0}


async def test_both_ends_at_the_rate_of_the_opening(figures: Figures) -> None:
    for day, rate in (("2026-02-28", "150"), ("2026-03-31", "140")):
        await figures.client.put(f"/v1/exchange-rates/USD/{day}", json={"rate": rate})
    _, contract = await figures.paying(100_000, "2026-01-01", currency="USD")
    await figures.reprice(contract, 110_000, "2026-03-10")
    total = await figures.total("2026-03-01", "2026-03-31")
    assert (total["nrr"], total["opening"]["amount"], total["closing"]["amount"]) == (1.1, 150_000, 165_000)
    series = await figures.ask("movements", **{"from": "2026-03-01", "to": "2026-04-30"})
    march, april = series["months"]
    assert (march["closing"]["amount"], april["opening"]["amount"]) == (165_000, 154_000)
    assert april["fx_revaluation"] == {"amount": -11_000, "currency": "JPY"}
    assert (april["rate_day"], march["fx_revaluation"]["amount"]) == ("2026-03-31", 0)


async def test_a_missing_rate_names_currency_and_day(figures: Figures) -> None:
    await figures.paying(100_000, "2026-01-01", currency="USD")
    answer = await figures.client.get("/v1/analytics/retention?from=2026-03-01&to=2026-03-31")
    assert (answer.status_code, answer.json()["code"]) == (409, "exchange_rate_missing")
    assert "USD" in answer.json()["detail"]
    assert "2026-02-28" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("gained", "lost", "expected"), [([24_000], [4_000], 6.0), ([30_000], [10_000], 3.0), ([40_000], [20_000], 2.0)]
)
async def test_quick_ratio(figures: Figures, gained: list[int], lost: list[int], expected: float) -> None:
    product = await figures.product()
    for price in lost:
        _, contract = await figures.paying(price, "2025-01-01", product)
        await figures.end(contract, "2025-05-01")
    for price in gained:
        await figures.paying(price, "2025-06-01", product)
    assert (await figures.total(*YEAR))["quick_ratio"] == expected


async def test_quick_ratio_of_all_types(figures: Figures) -> None:
    product = await figures.product()
    _, leaving = await figures.paying(8_000, "2025-01-01", product)
    _, shrinking = await figures.paying(9_000, "2025-01-01", product)
    _, growing = await figures.paying(9_000, "2025-01-01", product)
    await figures.paying(25_000, "2025-05-01", product)
    await figures.end(leaving, "2025-06-01")
    await figures.reprice(shrinking, 5_000, "2025-06-01")
    await figures.reprice(growing, 19_000, "2025-06-01")
    total = await figures.total(*YEAR)
    assert round(total["quick_ratio"], 2) == 2.92
    assert total["closing"]["amount"] - total["opening"]["amount"] == 23_000


async def test_accounts_that_come_and_come_back_stay_out_of_the_cohort(figures: Figures) -> None:
    product = await figures.product()
    await figures.paying(100, "2025-01-01", product)
    await figures.paying(500, "2025-06-01", product)
    account, ended = await figures.paying(50, "2024-01-01", product)
    await figures.end(ended, "2024-06-01")
    with on("2025-07-01"):
        await figures.sign(account, product, 70, starts_on="2025-07-01")
    total = await figures.total(*YEAR)
    assert (total["nrr"], total["cohort_closing"]["amount"], total["closing"]["amount"]) == (1.0, 100, 670)
    assert (total["movements"]["new"]["amount"], total["movements"]["reactivation"]["amount"]) == (500, 70)


async def test_nothing_to_divide_by_is_null(figures: Figures) -> None:
    total = await figures.total(*YEAR)
    for name in ("nrr", "grr", "logo_churn", "gross_revenue_churn", "net_revenue_churn", "quick_ratio"):
        assert total[name] is None, name
    assert total["net_negative_churn"] is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"from": "2026-03-02", "to": "2026-03-01"}, "out_of_range"),
        ({"from": "1900-03-02", "to": "2026-03-01"}, "out_of_range"),
        ({"by": "product", "grain": "account"}, "not_allowed"),
        ({"by": "segment"}, "missing"),
        ({"form": "2026-01-01"}, "unknown_field"),
    ],
)
async def test_what_makes_no_sense_is_refused(figures: Figures, query: dict[str, Any], code: str) -> None:
    answer = await figures.client.get("/v1/analytics/retention", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
