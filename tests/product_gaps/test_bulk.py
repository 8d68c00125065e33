"""Reports from other systems: each item has its own result, a history is known at its days."""

import pytest

from api.contacts.models import Contact
from api.imports.importable import Options
from api.imports.targets import TARGETS
from api.kit.known_at import KnownAt
from api.kit.tables import new_id
from tests.product_gaps.conftest import Gaps
from tests.whole_api import makers


@pytest.fixture(autouse=True)
def _today(today: None) -> None:
    """22 November 2026."""


async def test_each_item_has_its_own_result(gaps: Gaps) -> None:
    account, other = await gaps.account(external_id="crm-1"), await gaps.account(external_id="crm-2")
    stranger = (await gaps.workspace.add(Contact, account_id=other, name="他社の人")).id
    gap = await gaps.gap(external_id="APP-1")
    archived = await makers.archived_product_gap(gaps.workspace)
    told = {"external_id": "r-1", "gap_external_id": "APP-1", "account_external_id": "crm-1", "blocks_renewal": True}

    async def send(*items: object) -> list[tuple[str, list[str]]]:
        results = (await gaps.post("/v1/product-gap-reports:bulk-upsert", {"items": items}, 207))["items"]
        return [
            (each["status"], [error["pointer"] for error in (each["problem"] or {}).get("errors", [])])
            for each in results
        ]

    assert await send(told) == [("created", [])]
    assert await send(told) == [("unchanged", [])]
    assert await send(
        {"external_id": "r-1", "account_id": str(other)},
        {**told, "external_id": "r-2", "gap_external_id": "APP-404"},
        {**told, "external_id": "r-3", "account_external_id": "crm-404"},
        {"external_id": "r-4", "gap_id": str(archived), "account_id": str(account)},
        {"external_id": "r-5", "blocks_renewal": True},
        {**told, "external_id": "r-6", "ticket_id": str(new_id())},
        {**told, "external_id": "r-7", "contact_id": str(stranger)},
    ) == [
        ("failed", ["/account_id"]),
        ("failed", ["/gap_external_id"]),
        ("failed", ["/account_external_id"]),
        ("failed", []),
        ("failed", ["/account_id", "/gap_id"]),
        ("failed", ["/ticket_id"]),
        ("failed", ["/contact_id"]),
    ]
    assert await send({"external_id": "r-1", "contact_id": str(stranger)}) == [("failed", ["/contact_id"])]
    figures = (await gaps.get(f"/v1/product-gaps/{gap['id']}"))["figures"]
    assert (figures["reports"], figures["blocking_accounts"]) == (1, 1)
    [reported] = await gaps.events("product_gap.reported")
    assert (reported["data"]["title"], reported["data"]["account_ids"]) == (gap["title"], [str(account)])


@pytest.mark.parametrize("known_at", [KnownAt.fact_date, KnownAt.import_time])
async def test_an_import_says_since_when_it_was_known(gaps: Gaps, known_at: KnownAt) -> None:
    await gaps.account(external_id="crm-1")
    await gaps.gap(external_id="APP-1")
    item = {
        "external_id": "r-1", "gap_external_id": "APP-1", "account_external_id": "crm-1", "reported_on": "2026-04-16"
    }  # fmt: skip
    async with gaps.workspace.write() as tx:
        [result] = await TARGETS["product_gap_reports"].load(tx, [item], Options(new_id(), known_at))
    assert result.problem is None
    report = await gaps.get(f"/v1/product-gap-reports/{result.id}")
    history = known_at is KnownAt.fact_date
    assert report["backfilled"] is history
    assert report["recorded_at"].startswith("2026-04-15T15:00:00" if history else "2026-11-22")
