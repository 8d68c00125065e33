"""A customer's revenue, from the signature to a merger: the ledger at each step (shown with ``pytest -s``)."""

import sys
from uuid import UUID

from tests.contracts.conftest import Desk, desk, on

__all__ = ["desk"]


class Told:
    """Prints the ledger after each step, and remembers how far it had come."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen: dict[UUID, int] = {}

    async def step(self, what: str, account: UUID) -> list[tuple[str, str, int]]:
        """The lines that this step has added."""
        lines = await self._desk.ledger(account)
        added = lines[self._seen.get(account, 0) :]
        self._seen[account] = len(lines)
        sys.stdout.write(f"\n{what}\n" + "".join(f"  {day}  {kind:<13} {amount:>10,}\n" for day, kind, amount in added))
        return added


async def test_signed_ramp_notice_late_renewal_merge(desk: Desk) -> None:
    told = Told(desk)
    with on("2024-03-11"):
        product, account = await desk.product(), await desk.account(name="株式会社さくら物流")
        contract = await desk.sign(
            account, product, 4_000, signed_on="2024-03-11", starts_on="2024-04-01", ends_before="2025-04-01",
            item={
                "quantity": 30,
                "free_before": "2024-05-01",
                "ramp": [{"starts_on": "2024-07-01", "quantity": 60}, {"starts_on": "2024-10-01", "quantity": 90}],
            },
        )  # fmt: skip
        assert await told.step("Signed on 11 March: a free month, then 30, 60 and 90 seats", account) == [
            ("2024-05-01", "new", 120_000), ("2024-07-01", "expansion", 120_000), ("2024-10-01", "expansion", 120_000),
        ]  # fmt: skip
    with on("2024-08-20"):
        assert await desk.mrr(account, "2024-08-20") == 240_000
        await desk.act(contract, "give-notice", received_on="2024-08-20", reasons=["予算"])
        assert await told.step("Notice on 20 August, for the end of the term", account) == [
            ("2025-04-01", "churn", -360_000)
        ]
        assert await desk.mrr(account, "2024-08-20", what="notified_churn_mrr") == 240_000
    with on("2025-04-15"):
        await desk.run_calendar()
        assert (await desk.get(f"/v1/accounts/{account}"))["phase"] == "churned"
        item = (await desk.items(contract))[0]
        await desk.act(
            contract, "renew", change=[{"item_id": item["id"], "quantity": 80, "ramp": []}], reasons=["新体制で継続"]
        )
        assert await told.step("Renewed on 15 April from 1 April, with 80 seats", account) == [
            ("2025-04-01", "churn", 360_000), ("2025-04-01", "contraction", -40_000),
        ]  # fmt: skip
        assert await desk.mrr(account, "2025-04-10") == 320_000
        assert await desk.mrr(account, "2025-04-10", known_at="2025-04-10") == 0
    with on("2025-09-01"):
        twin = await desk.account(name="さくら物流（重複）")
        await desk.sign(twin, product, 50_000, starts_on="2025-06-01")
        await told.step("A second customer, signed twice", twin)
        version = (await desk.get(f"/v1/accounts/{account}"))["version"]
        await desk.post(f"/v1/accounts/{account}:merge", {"loser_id": str(twin)}, 200, version=version)
        assert await told.step("Merged on 1 September: the winner", account) == [("2025-06-01", "expansion", 50_000)]
        assert await told.step("Merged on 1 September: the other one", twin) == [("2025-06-01", "new", -50_000)]
        assert await desk.mrr(account, "2025-09-01") == 370_000
