"""Gaps that block renewals: on the renewal board, as signals, on the pages of the account."""

from typing import Any
from uuid import UUID

import pytest

from api.auth.permissions import SCOPES
from api.signals import evaluation
from tests.product_gaps.conftest import Gaps, ids

KIND = "gap_blocking_renewal"


@pytest.fixture(autouse=True)
def _today(today: None) -> None:
    """22 November 2026."""


async def states(gaps: Gaps, account: UUID) -> list[str]:
    """What became of the account's signals, the oldest first."""
    found = await gaps.all_of("/v1/signals", kind=KIND, account_id=str(account), sort="first_seen_at")
    return [signal["status"] for signal in found]


async def renewing(gaps: Gaps, ends_before: str) -> UUID:
    """A customer whose term ends then."""
    account, product = await gaps.account(), await gaps.product()
    await gaps.sign(account, product, 10_000, starts_on="2026-01-01", ends_before=ends_before)
    return account


async def test_the_signal_follows_the_gap_its_reports_and_the_renewal(gaps: Gaps) -> None:
    soon, later = await renewing(gaps, "2027-01-01"), await renewing(gaps, "2027-09-01")
    gap, other = await gaps.gap(), await gaps.gap("監査ログの書き出し")
    for account in (soon, later):
        await gaps.report(gap, account, blocks_renewal=True)
    harmless = await gaps.report(other, soon)
    assert (await states(gaps, soon), await states(gaps, later)) == (["open"], [])
    [signal] = await gaps.all_of("/v1/signals", kind=KIND)
    assert signal["evidence"] == {
        "gap_id": gap["id"], "gap_severity": "medium", "status": "open", "renewal_on": "2027-01-01", "reports": 1
    }  # fmt: skip
    answer = await gaps.client.patch(
        f"/v1/product-gap-reports/{harmless['id']}", json={"blocks_renewal": True}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 200
    assert await states(gaps, soon) == ["open", "open"]
    await gaps.walk(gap, "in_progress", "shipped")
    assert sorted(await states(gaps, soon)) == ["open", "resolved"]
    await gaps.client.delete(f"/v1/product-gap-reports/{harmless['id']}", headers={"If-Match": '"2"'})
    assert await states(gaps, soon) == ["resolved", "resolved"]
    await gaps.walk(gap, "open")
    assert await states(gaps, soon) == ["resolved", "resolved", "open"]
    await gaps.change(gap, status="declined", status_reason="対応しない")
    assert await states(gaps, soon) == ["resolved", "resolved", "resolved"]
    async with gaps.workspace.write() as tx:
        assert await evaluation.evaluate_kinds(tx, [KIND]) == 0, "over all accounts it finds the same"


async def test_a_merged_account_and_a_merged_gap_keep_blocking(gaps: Gaps) -> None:
    winner, loser = await renewing(gaps, "2027-01-01"), await gaps.account()
    gap, duplicate = await gaps.gap(), await gaps.gap("重複")
    await gaps.report(duplicate, loser, blocks_renewal=True)
    assert await states(gaps, winner) == []
    await gaps.post(f"/v1/accounts/{winner}:merge", {"loser_id": str(loser)}, 200, version=1)
    assert await states(gaps, winner) == ["open"]
    await gaps.merge(gap, duplicate)
    assert sorted(await states(gaps, winner)) == ["open", "resolved"]


async def test_the_board_names_what_blocks(gaps: Gaps) -> None:
    blocked, free = await renewing(gaps, "2027-01-01"), await renewing(gaps, "2027-02-01")
    gap, shipped = await gaps.gap(), await gaps.gap("出荷済み")
    for each in (gap, shipped):
        await gaps.report(each, blocked, blocks_renewal=True)
    await gaps.report(gap, free)
    await gaps.walk(shipped, "in_progress", "shipped")

    async def board(**query: Any) -> dict[str, list[str]]:
        terms = await gaps.all_of("/v1/renewals", expand="blocking_gaps", **query)
        return {term["account_id"]: ids(term["blocking_gaps"]) for term in terms}

    assert await board() == {str(blocked): [gap["id"]], str(free): []}
    assert await board(blocked=True) == {str(blocked): [gap["id"]]}
    assert await board(blocked=False) == {str(free): []}
    without = await gaps.workspace.key_client(SCOPES.keys() - {"product_gaps:read", "profile:read", "profile:write"})
    assert (await without.get("/v1/renewals")).status_code == 200
    for query in ("expand=blocking_gaps", "expand=account,blocking_gaps", "blocked=true"):
        assert (await without.get(f"/v1/renewals?{query}")).status_code == 403, query
    overview = await gaps.get(f"/v1/accounts/{blocked}/overview")
    assert sorted(report["gap"]["title"] for report in overview["product_gaps"]) == sorted([gap["title"], "出荷済み"])
    entries = (await gaps.get(f"/v1/accounts/{blocked}/timeline?kind=product_gap"))["data"]
    assert sorted(entry["action"] for entry in entries) == ["in_progress", "reported", "reported", "shipped"]
    assert (await without.get(f"/v1/accounts/{blocked}/overview")).json()["product_gaps"] is None
