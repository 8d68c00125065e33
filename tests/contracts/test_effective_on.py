"""Items that another system states from a day on."""

from tests.contracts.conftest import Desk, on
from tests.contracts.test_bulk_upsert_contracts import send, stated
from tests.whole_api import makers


async def test_items_hold_from_their_day_and_what_was_before_stays(desk: Desk) -> None:
    with on("2026-05-10"):
        account_id, key = await desk.account(external_id="crm-1"), await makers.product_with_external_id(desk.workspace)
        (first,) = await send(desk, stated("crm-1", key, 9_000, effective_on="2026-03-01"))
        assert await desk.ledger(account_id) == [("2026-01-01", "new", 9_000)]
        dearer = stated("crm-1", key, 12_000, effective_on="2026-04-01")
        for expected in ("updated", "unchanged"):
            assert [each["status"] for each in await send(desk, dearer)] == [expected]
        assert await desk.ledger(account_id) == [("2026-01-01", "new", 9_000), ("2026-04-01", "expansion", 3_000)]
        assert [
            (item["starts_on"], item["ends_before"], item["starts_as"], item["ends_as"])
            for item in await desk.items(first)
        ] == [("2026-01-01", "2026-04-01", "signed", "amendment"), ("2026-04-01", None, "amendment", "item_end")]
        # A nightly statement of the present items, with no day or a later one, changes nothing.
        for same in (stated("crm-1", key, 12_000), {**dearer, "effective_on": "2026-05-01"}):
            assert [each["status"] for each in await send(desk, same)] == ["unchanged"]
        (early,) = await send(desk, {**dearer, "effective_on": "2025-12-31"})
        assert early["problem"]["errors"][0]["pointer"] == "/effective_on"


async def test_what_the_contract_has_already_changes_nothing_and_a_new_start_keeps_its_items(desk: Desk) -> None:
    with on("2026-05-10"):
        account_id, key = await desk.account(external_id="crm-1"), await makers.product_with_external_id(desk.workspace)
        product = (await desk.get("/v1/products"))["data"][0]["id"]
        contract = await desk.sign(account_id, product, 9_000, external_id="k-1", starts_on="2026-01-01")
        (same,) = await send(desk, {"external_id": "k-1", "items": stated("crm-1", key, 9_000)["items"]})
        assert (same["status"], (await desk.get(f"/v1/contracts/{contract['id']}"))["version"]) == ("unchanged", 1)
        (moved,) = await send(desk, {"external_id": "k-1", "starts_on": "2026-02-01"})
        assert moved["status"] == "updated"
        assert await desk.mrr(account_id, "2026-01-31") == 0
        assert await desk.mrr(account_id, "2026-02-01") == 9_000


async def test_terms_are_those_of_a_new_contract_only(desk: Desk) -> None:
    with on("2026-05-10"):
        await desk.account(external_id="crm-1")
        key = await makers.product_with_external_id(desk.workspace)
        terms = [
            {"starts_on": "2025-01-01", "ends_before": "2026-01-01", "decision": "renewed", "decided_on": "2025-12-01"},
            {"starts_on": "2026-01-01", "ends_before": "2027-01-01"},
        ]
        contract = stated("crm-1", key, 9_000, starts_on="2025-01-01", ends_before="2027-01-01", terms=terms)
        for expected in ("created", "unchanged"):
            (found,) = await send(desk, contract)
            assert found["status"] == expected, found
        page = (await desk.get("/v1/renewals?decision=pending&decision=renewed&expand=decisions"))["data"]
        assert sorted((term["decision"], len(term["decisions"])) for term in page) == [("pending", 0), ("renewed", 1)]
        (refused,) = await send(desk, {**contract, "terms": [{**terms[0], "ends_before": "2027-01-01"}]})
        assert refused["problem"]["errors"][0]["pointer"] == "/terms"
