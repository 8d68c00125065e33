"""Renewal rates, acquisition costs and unit economics."""

from typing import Any

import pytest

from tests.analytics.conftest import Figures, on

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


async def spend(figures: Figures, amount: int, won: int, currency: str = "JPY", **values: Any) -> dict[str, Any]:
    body = {
        "starts_on": "2026-03-01", "ends_before": "2026-04-01", "amount": {"amount": amount, "currency": currency},
        "customers_won": won, **values,
    }  # fmt: skip
    return await figures.post("/v1/acquisition-costs", body, 201)


async def test_life_time_value_and_payback(figures: Figures) -> None:
    product = await figures.product()
    for number in range(40):
        _, contract = await figures.paying(500, "2026-01-01", product)
        if number == 0:
            await figures.end(contract, "2026-03-10")
    await spend(figures, 60_000, 10)
    found = await figures.ask("unit-economics", **MARCH, gross_margin_pct=75)
    assert [found[name] for name in ("arpa", "monthly_churn", "ltv", "cac", "ltv_to_cac", "payback_months")] == [
        500, 0.025, 15_000, 6_000, 2.5, 16,
    ]  # fmt: skip
    assert (found["margin_applied"], found["accounts"]) == (True, 39)


async def test_payback_without_a_margin(figures: Figures) -> None:
    await figures.paying(5_000, "2026-01-01")
    await spend(figures, 200_000, 2)
    found = await figures.ask("unit-economics", **MARCH)
    assert (found["payback_months"], found["margin_applied"], found["ltv"]) == (20, False, None)


async def test_costs_of_a_segment_and_in_another_currency(figures: Figures) -> None:
    await figures.client.put("/v1/exchange-rates/USD/2026-02-01", json={"rate": "150"})
    filters = {"name": "物流", "filter": {"industry": ["物流"]}}
    segment = await figures.post("/v1/segments", filters, 201)
    await figures.paying(5_000, "2026-01-01", industry="物流")
    await spend(figures, 100_000, 1)
    await spend(figures, 100_00, 1, "USD", segment_id=segment["id"])
    everything = await figures.ask("unit-economics", **MARCH)
    of_segment = await figures.ask("unit-economics", **MARCH, segment_id=segment["id"])
    assert (everything["acquisition_cost"]["amount"], everything["customers_won"]) == (115_000, 2)
    assert (of_segment["acquisition_cost"]["amount"], of_segment["customers_won"], of_segment["accounts"]) == (
        15_000,
        1,
        1,
    )


async def test_a_cost_can_be_changed_and_taken_back(figures: Figures) -> None:
    cost = await spend(figures, 100_000, 1)
    path = f"/v1/acquisition-costs/{cost['id']}"
    wrong = await figures.client.patch(path, json={"ends_before": "2026-03-01"}, headers={"If-Match": '"1"'})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/ends_before")
    changed = await figures.client.patch(
        path, json={"amount": {"amount": 90_000, "currency": "JPY"}}, headers={"If-Match": '"1"'}
    )
    assert changed.json()["amount"]["amount"] == 90_000
    await figures.client.delete(path, headers={"If-Match": '"2"'})
    assert (await figures.ask("unit-economics", **MARCH))["customers_won"] == 0


async def test_renewal_rates_count_what_is_pending(figures: Figures) -> None:
    product = await figures.product()
    contracts = [
        (
            await figures.paying(
                100, "2025-04-01", product, ends_before="2026-04-01", auto_renew=False, industry=industry
            )
        )[1]
        for industry in ("物流", "物流", "小売", "小売")
    ]
    with on("2026-03-20"):
        (item,) = await figures.items(contracts[0])
        more = {"amount": 150, "currency": "JPY"}
        await figures.act(contracts[0], "renew", change=[{"item_id": item["id"], "unit_price": more}])
        (item,) = await figures.items(contracts[1])
        less = {"amount": 80, "currency": "JPY"}
        await figures.act(contracts[1], "renew", change=[{"item_id": item["id"], "unit_price": less}])
        await figures.act(contracts[2], "give-notice")
    found = await figures.ask("renewal-rates", **{"from": "2026-04-01", "to": "2026-04-30"}, by="industry")
    total = found["total"]
    assert (total["terms"], total["renewed_terms"], total["pending_terms"]) == (4, 2, 1)
    assert (total["due"]["amount"], total["renewed"]["amount"], total["pending_due"]["amount"]) == (400, 230, 100)
    assert [total[name] for name in ("gross_renewal_rate", "net_renewal_rate", "renewal_rate_by_count")] == [
        0.45, 0.575, 0.5,
    ]  # fmt: skip
    assert {part["key"]: part["renewal_rate_by_count"] for part in found["parts"]} == {"物流": 1.0, "小売": 0.0}


async def test_terms_are_not_of_one_product(figures: Figures) -> None:
    answer = await figures.client.get("/v1/analytics/renewal-rates?by=product")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?by")


@pytest.mark.parametrize("months", [1, 12])
async def test_a_period_s_churn_is_told_as_a_month_s(figures: Figures, months: int) -> None:
    product = await figures.product()
    await figures.paying(100, "2025-01-01", product)
    _, contract = await figures.paying(100, "2025-01-01", product)
    await figures.end(contract, "2026-03-10")
    first = "2026-03-01" if months == 1 else "2025-04-01"
    found = await figures.ask("unit-economics", **{"from": first, "to": "2026-03-31"})
    assert found["monthly_churn"] == pytest.approx(1 - 0.5 ** (1 / months))
