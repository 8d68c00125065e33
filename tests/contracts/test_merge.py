"""Merging two customers: the ledger tells it by further lines, and no total moves."""

from tests.contracts.conftest import Desk, on


async def test_totals_stay_and_the_losers_lines_are_reversed_at_their_days(desk: Desk) -> None:
    with on("2026-05-10"):
        product = await desk.product()
        winner, loser = await desk.account(), await desk.account()
        await desk.sign(winner, product, 10_000, starts_on="2026-01-01")
        await desk.sign(loser, product, 4_000, starts_on="2026-03-01")
        await desk.post(f"/v1/accounts/{winner}:merge", {"loser_id": str(loser)}, 200, version=1)
        assert await desk.ledger(winner) == [("2026-01-01", "new", 10_000), ("2026-03-01", "expansion", 4_000)]
        assert await desk.ledger(loser) == [("2026-03-01", "new", 4_000), ("2026-03-01", "new", -4_000)]
        assert (await desk.get(f"/v1/accounts/{winner}"))["mrr"]["amount"] == 14_000
        assert await desk.mrr(winner, "2026-02-15") == 10_000
        contracts = await desk.get(f"/v1/contracts?account_id={winner}")
        assert len(contracts["data"]) == 2
