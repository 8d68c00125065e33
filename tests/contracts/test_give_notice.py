"""Notice, termination, and taking either back."""

from tests.contracts.conftest import Desk, on


async def test_notice_moves_no_mrr_until_its_effective_end(desk: Desk) -> None:
    with on("2026-01-10"):
        account = await desk.account()
        contract = await desk.sign(
            account, await desk.product(), 50_000, starts_on="2026-01-01", ends_before="2027-01-01", auto_renew=True
        )
    with on("2026-10-05"):
        told = await desk.act(contract, "give-notice", reasons=["予算"])
        assert (told["state"], told["notice_received_on"]) == ("notified", "2026-10-05")
        assert (told["stops_before"], told["stops_as"]) == ("2027-01-01", "notice")
        assert await desk.ledger(account) == [("2026-01-01", "new", 50_000), ("2027-01-01", "churn", -50_000)]
        assert await desk.mrr(account, "2026-10-05") == 50_000
        assert await desk.mrr(account, "2026-10-05", what="notified_churn_mrr") == 50_000
        (term,) = (await desk.get(f"/v1/renewals?contract_id={contract['id']}&decision=churned&expand=decisions"))[
            "data"
        ]
        assert (term["reasons"], term["decisions"][0]["decision"]) == (["予算"], "churned")
    with on("2027-01-01"):
        await desk.run_calendar()
        assert (await desk.get(f"/v1/contracts/{contract['id']}"))["state"] == "ended"
        found = await desk.get(f"/v1/accounts/{account}")
        assert (found["mrr"]["amount"], found["seats"], found["phase"]) == (0, None, "churned")


async def test_a_rolling_contract_ends_after_its_period_of_notice(desk: Desk) -> None:
    with on("2026-03-01"):
        account = await desk.account()
        contract = await desk.sign(account, await desk.product(), 9_000, starts_on="2026-01-01", notice_days=60)
        assert (await desk.act(contract, "give-notice"))["stops_before"] == "2026-04-30"


async def test_what_was_taken_back_is_in_the_ledger_as_further_lines(desk: Desk) -> None:
    with on("2026-03-01"):
        account = await desk.account()
        contract = await desk.sign(
            account, await desk.product(), 9_000, starts_on="2026-01-01", ends_before="2027-01-01"
        )
        await desk.act(contract, "terminate", ends_before="2026-02-01", reasons=["事業撤退"])
        assert await desk.mrr(account, "2026-03-01") == 0
    with on("2026-03-05"):
        back = await desk.act(contract, "reinstate")
        assert (back["state"], back["stops_before"], back["stops_as"]) == ("running", None, None)
        assert await desk.ledger(account) == [
            ("2026-01-01", "new", 9_000), ("2026-02-01", "churn", -9_000), ("2026-02-01", "churn", 9_000),
        ]  # fmt: skip
        problem = await desk.act_refused(contract, "reinstate")
        assert problem["code"] == "contract_not_ended"


async def test_an_archived_contract_counts_for_nothing_until_it_is_restored(desk: Desk) -> None:
    with on("2026-03-01"):
        account = await desk.account()
        contract = await desk.sign(account, await desk.product(), 9_000, starts_on="2026-01-01")
        answer = await desk.client.delete(f"/v1/contracts/{contract['id']}", headers={"If-Match": '"1"'})
        assert answer.status_code == 200
        assert await desk.mrr(account, "2026-03-01") == 0
        await desk.post(f"/v1/contracts/{contract['id']}:restore", {}, 200)
        assert await desk.mrr(account, "2026-03-01") == 9_000
