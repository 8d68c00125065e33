"""Contracts from the rows of a file."""

from typing import Any

from api.contracts.ledger import Recording
from api.contracts.mrr import Cause
from api.contracts.rows import upsert_rows
from tests.contracts.conftest import Desk, on
from tests.whole_api import makers


def row(product: str, **values: Any) -> dict[str, Any]:
    return {
        "external_id": "S-1", "account_external_id": "A-1", "product_external_id": product, "currency": "USD",
        "starts_on": "2024-01-15", "quantity": 14, "monthly_amount": 19.90, **values,
    }  # fmt: skip


async def test_a_row_is_a_contract_known_at_the_days_of_its_facts(desk: Desk) -> None:
    with on("2026-05-10"):
        account = await desk.account(external_id="A-1")
        product = await makers.product_with_external_id(desk.workspace)
        for expected in ("created", "unchanged"):
            async with desk.workspace.write() as tx:
                (result,) = await upsert_rows(
                    tx, [row(product, stops_before="2024-06-01")], Recording(Cause.imported, backfilled=True)
                )
            assert result.status == expected, result.problem
        assert await desk.ledger(account) == [("2024-01-15", "new", 1_990), ("2024-06-01", "churn", -1_990)]
        assert await desk.mrr(account, "2024-07-01", known_at="2024-05-01") == 1_990
        (item,) = await desk.items({"id": result.id})
        assert (item["quantity"], item["commitment"]["amount"]) == (14, 1_990)


async def test_each_row_fails_by_itself_with_a_pointer_into_the_row(desk: Desk) -> None:
    await desk.account(external_id="A-1")
    product = await makers.product_with_external_id(desk.workspace)
    rows = [
        row(product, monthly_amount=1.999),
        row(product, external_id="S-2", unit_price=1),
        row("sku-nothing", external_id="S-3"),
        row(product, external_id="S-4", stops_before="2024-01-15"),
        row(product, external_id="S-5", is_trial=True),
    ]
    async with desk.workspace.write() as tx:
        *failed, trial = await upsert_rows(tx, rows, Recording(Cause.imported))
    pointers = [[error.pointer for error in each.problem.errors] for each in failed if each.problem]
    assert pointers == [[""], [""], ["/product_external_id"], ["/stops_before"]]
    assert trial.status == "created"
