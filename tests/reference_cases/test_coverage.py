"""Coverage, candidates, and what the account's screens show."""

from typing import Any
from uuid import UUID

from api.kit import outbox
from api.reference_cases import candidates
from tests.reference_cases.conftest import Json, Library, on
from tests.reference_cases.test_asks import standing


async def paying(library: Library) -> UUID:
    """An account with MRR since January."""
    account, product = await library.account(), await library.product()
    await library.sign(account, product, 10_000, starts_on="2026-01-01")
    return account


async def test_coverage_counts_active_accounts_with_a_consent_in_force(library: Library) -> None:
    with on("2026-11-22"):
        covered, ill, silent = [await paying(library) for _ in range(3)]
        idle = await library.account()
        for account in (covered, ill, idle):
            contact = await library.contact(account)
            await library.consent(account, contact, acts=["search", "call"], granted_on="2026-02-01")
        await standing(library, ill, health_band="red")
        found = await library.get("/v1/analytics/reference-coverage")
        assert (found["active_accounts"], found["with_consent"], found["available_now"]) == (3, 2, 1)
        assert (round(found["coverage"], 3), found["goal"], found["goal_met"]) == (0.667, 0.35, True)
        assert {each["act"]: each["accounts"] for each in found["by_act"]}["call"] == 2
        before = await library.get("/v1/analytics/reference-coverage?as_of=2026-01-15")
        assert (before["active_accounts"], before["with_consent"], before["available_now"]) == (3, 0, None)
        assert silent


async def test_candidates_come_from_events_once_and_become_drafts(library: Library) -> None:
    account = await library.account()

    async def happens(type_: str, **data: Any) -> int:
        async with library.workspace.write() as tx:
            outbox.record(tx, type_, type_.partition(".")[0], account, {"account_id": str(account), **data})
        async with library.workspace.write() as tx:
            await tx.execute(
                "UPDATE events e SET position = n.position FROM (SELECT id, (SELECT coalesce(max(position), 0) FROM events "
                "WHERE workspace_id = %(ws)s) + row_number() OVER (ORDER BY id) AS position FROM events "
                "WHERE workspace_id = %(ws)s AND position IS NULL) n WHERE e.workspace_id = %(ws)s AND e.id = n.id",
                {"ws": library.workspace.id},
            )
            return await candidates.take_from_events(tx)

    with on("2026-11-22"):
        assert await happens("survey_response.created", kind="nps", score=8) == 0
        assert await happens("survey_response.created", kind="nps", score=10) == 1
        assert await happens("survey_response.created", kind="nps", score=9) == 0, "it is open already"
        assert await happens("value_realisation.confirmed") == 1
        promoter, value = await listed(library)
        assert (promoter["kind"], promoter["evidence"], value["kind"]) == ("promoter", {"score": 10}, "value_realised")
        body = {"initiative_ids": [str(await library.initiative())], "title_ja": "推奨者の声"}
        path = f"/v1/reference-candidates/{promoter['id']}"
        case = await library.post(f"{path}:accept", body, 201, version=1)
        assert (case["state"], case["account_id"]) == ("draft", str(account))
        assert (await library.post(f"{path}:accept", body, 409, version=2))["code"] == "candidate_closed"
        dismissed = f"/v1/reference-candidates/{value['id']}:dismiss"
        assert (await library.post(dismissed, {"reason": "時期尚早"}, 200, version=1))["state"] == "dismissed"
        assert await happens("value_realisation.confirmed") == 0, "not again so soon"
    with on("2027-06-22"):
        assert await happens("value_realisation.confirmed") == 1


async def listed(library: Library) -> list[Json]:
    """The candidates by their kind."""
    found: list[Json] = (await library.get("/v1/reference-candidates"))["data"]
    return sorted(found, key=lambda each: str(each["kind"]))


async def test_the_accounts_screens_and_the_search_box_know_its_cases(library: Library) -> None:
    bot, time, account = await library.initiative(), await library.metric(), await library.account()
    case = await library.approved(account, bot, time, 400, 300)
    await library.draft(account, bot, time, 400, 300)
    contact = await library.contact(account)
    await library.consent(account, contact)
    overview = await library.get(f"/v1/accounts/{account}/overview")
    assert [each["id"] for each in overview["reference_cases"]] == [case["id"]]
    timeline = await library.get(f"/v1/accounts/{account}/timeline?kind=reference_case&kind=reference_consent")
    assert [(each["kind"], each["action"]) for each in timeline["data"]] == [
        ("reference_consent", "granted"), ("reference_case", "approved"),
    ]  # fmt: skip
    hits = (await library.get("/v1/search?q=処理時間を短縮"))["data"]
    assert [(hit["kind"], hit["id"]) for hit in hits] == [("reference_case", case["id"])]
