"""Late renewals, and what was known when: the worked example of the metric definitions."""

from tests.contracts.conftest import Desk, on


async def test_a_late_renewal_from_the_old_end_moves_only_the_difference(desk: Desk) -> None:
    with on("2025-03-20"):
        account = await desk.account()
        contract = await desk.sign(
            account, await desk.product(), 120_000, starts_on="2025-04-01", ends_before="2026-04-01"
        )
    with on("2026-04-10"):
        await desk.run_calendar()
        assert await desk.mrr(account, "2026-04-10") == 120_000
        assert await desk.mrr(account, "2026-04-10", what="overdue_mrr") == 120_000
        assert (await desk.get(f"/v1/contracts/{contract['id']}"))["state"] == "overdue"
    with on("2026-04-20"):
        (item,) = await desk.items(contract)
        price = {"amount": 132_000, "currency": "JPY"}
        renewed = await desk.act(contract, "renew", change=[{"item_id": item["id"], "unit_price": price}])
        assert (renewed["ends_before"], renewed["state"]) == ("2027-04-01", "running")
        assert await desk.ledger(account) == [("2025-04-01", "new", 120_000), ("2026-04-01", "expansion", 12_000)]
        assert await desk.mrr(account, "2026-04-10") == 132_000
        assert await desk.mrr(account, "2026-04-10", known_at="2026-04-10") == 120_000
        assert await desk.mrr(account, "2026-04-10", known_at="2026-04-10", what="overdue_mrr") == 120_000
        (old, new) = (await desk.get(f"/v1/renewals?contract_id={contract['id']}&decision=expanded&decision=pending"))[
            "data"
        ]
        assert (old["decision"], old["due"]["amount"]) == ("expanded", 120_000)
        assert (new["decision"], new["due"]["amount"]) == ("pending", 132_000)


async def test_grace_over_is_churn_at_the_old_end_that_a_back_dated_renewal_reverses(desk: Desk) -> None:
    with on("2025-03-20"):
        account = await desk.account()
        contract = await desk.sign(
            account, await desk.product(), 120_000, starts_on="2025-04-01", ends_before="2026-04-01"
        )
    with on("2026-04-30"):
        await desk.run_calendar()
        assert (await desk.get(f"/v1/contracts/{contract['id']}"))["state"] == "overdue"
    with on("2026-05-01"):
        await desk.run_calendar()
        lapsed = await desk.get(f"/v1/contracts/{contract['id']}")
        assert (lapsed["state"], lapsed["stops_as"], lapsed["stops_before"]) == ("ended", "lapsed", "2026-04-01")
        assert await desk.ledger(account) == [("2025-04-01", "new", 120_000), ("2026-04-01", "churn", -120_000)]
        assert (await desk.get(f"/v1/accounts/{account}"))["phase"] == "churned"
    with on("2026-05-12"):
        await desk.act(contract, "renew")
        assert await desk.mrr(account, "2026-05-12") == 120_000
        assert await desk.mrr(account, "2026-05-12", known_at="2026-05-02") == 0
        assert (await desk.ledger(account))[-1] == ("2026-04-01", "churn", 120_000)
        assert (await desk.get(f"/v1/accounts/{account}"))["phase"] == "onboarding"


async def test_a_later_start_is_a_reactivation(desk: Desk) -> None:
    with on("2025-03-20"):
        account = await desk.account()
        contract = await desk.sign(
            account, await desk.product(), 50_000, starts_on="2025-04-01", ends_before="2026-04-01"
        )
    with on("2026-07-01"):
        await desk.run_calendar()
        (item,) = await desk.items(contract)
        await desk.act(
            contract, "renew", starts_on="2026-07-01",
            change=[{"item_id": item["id"], "unit_price": {"amount": 40_000, "currency": "JPY"}}],
        )  # fmt: skip
        assert await desk.ledger(account) == [
            ("2025-04-01", "new", 50_000), ("2026-04-01", "churn", -50_000), ("2026-07-01", "reactivation", 40_000),
        ]  # fmt: skip


async def test_auto_renewal_without_notice_renews_at_the_end_of_the_term(desk: Desk) -> None:
    with on("2024-01-10"):
        account = await desk.account()
        contract = await desk.sign(
            account, await desk.product(), 30_000, starts_on="2024-02-01", ends_before="2024-08-01", auto_renew=True
        )
    with on("2025-03-01"):
        await desk.run_calendar()
        found = await desk.get(f"/v1/contracts/{contract['id']}?expand=terms")
        assert [(term["starts_on"], term["decision"]) for term in found["terms"]] == [
            ("2024-02-01", "renewed"), ("2024-08-01", "renewed"), ("2025-02-01", "pending"),
        ]  # fmt: skip
        assert found["ends_before"] == "2025-08-01"
        assert (await desk.get(f"/v1/accounts/{account}"))["renewal_on"] == "2025-08-01"
        assert await desk.ledger(account) == [("2024-02-01", "new", 30_000)]
