"""Contracts as another system states them."""

from typing import Any

from tests.contracts.conftest import Desk, on
from tests.whole_api import makers


def stated(account: str, product: str, amount: int, **values: Any) -> dict[str, Any]:
    return {
        "external_id": "k-1", "account_external_id": account, "name": "年間契約", "currency": "JPY",
        "starts_on": "2026-01-01",
        "items": [{"product_external_id": product, "unit_price": {"amount": amount, "currency": "JPY"}}],
        **values,
    }  # fmt: skip


async def send(desk: Desk, *items: dict[str, Any], atomic: bool = False) -> list[dict[str, Any]]:
    path = "/v1/contracts:bulk-upsert" + ("?atomic=true" if atomic else "")
    found: list[dict[str, Any]] = (await desk.post(path, {"items": list(items)}, 207))["items"]
    return found


async def test_created_then_unchanged_then_restated(desk: Desk) -> None:
    with on("2026-05-10"):
        account_id, key = await desk.account(external_id="crm-1"), await makers.product_with_external_id(desk.workspace)
        for expected in ("created", "unchanged"):
            (result,) = await send(desk, stated("crm-1", key, 9_000))
            assert result["status"] == expected, result
        assert await desk.ledger(account_id) == [("2026-01-01", "new", 9_000)]
        (result,) = await send(desk, stated("crm-1", key, 12_000))
        assert result["status"] == "updated"
        assert await desk.ledger(account_id) == [("2026-01-01", "new", 9_000), ("2026-01-01", "new", 3_000)]
        (result,) = await send(desk, {"external_id": "k-1", "stops_before": "2026-04-01"})
        assert result["status"] == "updated"
        assert (await desk.ledger(account_id))[-1] == ("2026-04-01", "churn", -12_000)
        found = await desk.get(f"/v1/contracts/{result['id']}")
        assert (found["state"], found["stops_as"]) == ("ended", "terminated")


async def test_each_item_has_its_own_result_and_atomic_writes_nothing(desk: Desk) -> None:
    with on("2026-05-10"):
        account_id, key = await desk.account(external_id="crm-1"), await makers.product_with_external_id(desk.workspace)
        wrong = [
            stated("crm-nobody", key, 1, external_id="k-2"),
            stated("crm-1", "sku-nothing", 1, external_id="k-3"),
            {**stated("crm-1", key, 1, external_id="k-4"), "currency": "USD"},
            stated("crm-1", key, 1, external_id="k-5", stops_before="2026-01-01"),
            {"external_id": "k-6", "account_external_id": "crm-1"},
        ]
        results = await send(desk, stated("crm-1", key, 9_000), *wrong, atomic=True)
        assert [each["status"] for each in results] == ["not_applied", *["failed"] * 5]
        pointers = [[error["pointer"] for error in each["problem"]["errors"]] for each in results[1:]]
        assert pointers[:4] == [
            ["/account_external_id"],
            ["/items/0/product_external_id"],
            ["/items/0"],
            ["/stops_before"],
        ]
        assert {"/name", "/currency", "/starts_on", "/items"} <= set(pointers[4])
        assert await desk.ledger(account_id) == []
        first, *others = await send(desk, stated("crm-1", key, 9_000), *wrong)
        assert first["status"] == "created"
        assert {each["status"] for each in others} == {"failed"}


async def test_a_second_currency_fails_its_item(desk: Desk) -> None:
    with on("2026-05-10"):
        await desk.account(external_id="crm-1")
        key = await makers.product_with_external_id(desk.workspace)
        dollars = stated("crm-1", key, 1, external_id="k-2", currency="USD")
        dollars["items"][0]["unit_price"]["currency"] = "USD"
        first, second = await send(desk, stated("crm-1", key, 9_000), dollars)
        assert (first["status"], second["problem"]["code"]) == ("created", "currency_differs")


async def test_ramps_and_terms_are_stated_too(desk: Desk) -> None:
    with on("2026-05-10"):
        account_id, key = await desk.account(external_id="crm-1"), await makers.product_with_external_id(desk.workspace)
        contract = stated("crm-1", key, 1_000, ends_before="2027-01-01")
        contract["items"][0] |= {
            "quantity": 10, "discount_pct": 20, "discount_ends_before": "2026-03-01",
            "ramp": [{"starts_on": "2026-04-01", "quantity": 20}],
        }  # fmt: skip
        (result,) = await send(desk, contract)
        assert await desk.ledger(account_id) == [
            ("2026-01-01", "new", 8_000), ("2026-03-01", "expansion", 2_000), ("2026-04-01", "expansion", 10_000),
        ]  # fmt: skip
        found = await desk.get(f"/v1/contracts/{result['id']}?expand=terms")
        assert [term["ends_before"] for term in found["terms"]] == ["2027-01-01"]


async def test_an_end_that_moves_on_after_the_term_is_a_renewal(desk: Desk) -> None:
    with on("2026-05-10"):
        await desk.account(external_id="crm-1")
        key = await makers.product_with_external_id(desk.workspace)
        (result,) = await send(desk, stated("crm-1", key, 1_000, ends_before="2026-07-01"))

    async def terms() -> list[tuple[str, str, str]]:
        found = await desk.get(f"/v1/contracts/{result['id']}?expand=terms")
        return [(term["starts_on"], term["ends_before"], term["decision"]) for term in found["terms"]]

    with on("2026-06-10"):
        # Not over yet: the term itself gets longer.
        await send(desk, {"external_id": "k-1", "ends_before": "2026-08-01"})
        assert await terms() == [("2026-01-01", "2026-08-01", "pending")]
    with on("2026-08-10"):
        await send(desk, {"external_id": "k-1", "ends_before": "2027-08-01"})
        assert await terms() == [("2026-01-01", "2026-08-01", "renewed"), ("2026-08-01", "2027-08-01", "pending")]
        await desk.run_calendar()
        assert (await desk.get(f"/v1/contracts/{result['id']}"))["state"] == "running"
        await send(desk, {"external_id": "k-1", "stops_before": "2026-12-01", "notice_received_on": "2026-08-09"})
        assert (await terms())[-1] == ("2026-08-01", "2027-08-01", "churned")
        await send(desk, {"external_id": "k-1", "stops_before": None, "notice_received_on": None})
        assert (await terms())[-1] == ("2026-08-01", "2027-08-01", "pending")


async def test_an_end_before_the_start_of_a_contract_that_is_there_is_refused(desk: Desk) -> None:
    with on("2026-05-10"):
        await desk.account(external_id="crm-1")
        key = await makers.product_with_external_id(desk.workspace)
        first = stated("crm-1", key, 9_000)
        assert [each["status"] for each in await send(desk, first)] == ["created"]
        (refused,) = await send(desk, {"external_id": first["external_id"], "ends_before": "2020-01-01"})
        assert [error["pointer"] for error in refused["problem"]["errors"]] == ["/ends_before"]
