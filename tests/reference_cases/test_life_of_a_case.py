"""Drafts, reviews, revisions that readers do not see, retirement; who sees what."""

import pytest

from api.auth.permissions import Role
from api.reference_cases import catalogue
from tests.reference_cases.conftest import Library


async def test_readers_keep_what_was_approved_last(library: Library) -> None:
    bot, time = await library.initiative(), await library.metric()
    account = await library.account(industry="telecom", employee_count=300)
    viewer = await library.workspace.client(Role.viewer)
    case = await library.draft(account, bot, time, 400, 300)
    path = f"/v1/reference-cases/{case['id']}"
    assert (case["state"], case["industry"], case["size_band"]) == ("draft", "telecom", "250_999")
    assert (await viewer.get(path)).status_code == 404
    assert (await viewer.get("/v1/reference-cases?state=draft")).status_code == 403
    assert await library.found() == []
    assert await library.found(state="draft") == [case["id"]]
    approved = await library.approve(case)
    assert (approved["state"], approved["approved_revision"], approved["revision"]) == ("approved", 1, 0)
    assert (await viewer.get(path)).json()["outcomes"][0]["improvement_pct"] == 25
    outcomes = [{"metric_id": str(time), "baseline": 400, "result": 200}]
    revised = await library.change(case, title_ja="処理時間を半減", outcomes=outcomes)
    assert (revised["revision"], revised["revision_state"], revised["title_ja"]) == (2, "draft", "処理時間を短縮")
    assert await library.found(min_improvement_pct=40) == []
    await library.do(case, "submit")
    returned = await library.do(case, "review", decision="return", comment="根拠を")
    assert (returned["state"], returned["revision_state"]) == ("approved", "draft")
    assert (await library.approve(case))["title_ja"] == "処理時間を半減"
    assert await library.found(min_improvement_pct=40) == [case["id"]]
    versions = (await library.get(f"{path}/versions"))["data"]
    assert [(each["number"], each["state"]) for each in versions] == [(2, "approved"), (1, "approved")]
    assert versions[1]["content"]["outcomes"][0]["result"] == 300, "an approved version is never changed"
    retired = await library.do(case, "retire")
    assert retired["state"] == "retired"
    assert (await viewer.get(path)).status_code == 404
    assert await library.found() == []
    await library.change(case, quote="また頼みます。")
    assert (await library.approve(case))["state"] == "approved"


async def test_nobody_reviews_their_own_version_unless_the_workspace_says_so(library: Library) -> None:
    bot, time, account = await library.initiative(), await library.metric(), await library.account()
    case = await library.draft(account, bot, time, 0, 300, summary_ja="")
    assert case["outcomes"][0]["change_pct"] is None
    assert (await library.do(case, "submit", 409))["code"] == "case_incomplete"
    await library.change(case, summary_ja="自動化した。")
    await library.do(case, "submit")
    library.reviewer = library.client
    assert (await library.do(case, "review", 409, decision="approve"))["code"] == "own_case"
    library.client = await library.workspace.client(Role.admin)
    await library.change(case, quote="助かりました")
    await library.do(case, "submit")
    assert (await library.do(case, "review", 409, decision="approve"))["code"] == "own_case", (
        "their words are in it still"
    )
    answer = await library.client.put("/v1/reference-settings", json={"four_eyes": False})
    assert answer.status_code == 200
    assert (await library.do(case, "review", decision="approve"))["state"] == "approved"
    assert (await library.do(case, "review", 409, decision="approve"))["code"] == "nothing_to_review"


async def test_new_words_of_the_catalogue_and_mergers_reach_the_search(library: Library) -> None:
    bot, time = await library.initiative(), await library.metric()
    winner, loser = await library.account(), await library.account()
    case = await library.approved(loser, bot, time, 400, 300)
    path = f"/v1/initiatives/{bot}"
    answer = await library.client.patch(path, json={"synonyms": ["電話番ロボット"]}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert await library.found(q="電話番ロボット") == [case["id"]]
    assert await library.found(q="ボイスボット") == []
    version = (await library.get(f"/v1/accounts/{winner}"))["version"]
    await library.post(f"/v1/accounts/{winner}:merge", {"loser_id": str(loser)}, 200, version=version)
    assert await library.found(account_id=str(winner)) == [case["id"]]


async def test_cases_tell_the_present_names_of_the_catalogue(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    bot, time = await library.initiative(), await library.metric()
    case = await library.approved(await library.account(), bot, time, 400, 300)
    path = f"/v1/reference-cases/{case['id']}"

    async def told() -> tuple[str, str, str]:
        one, [listed] = await library.get(path), (await library.get("/v1/reference-cases"))["data"]
        assert (one["initiatives"], one["outcomes"]) == (listed["initiatives"], listed["outcomes"])
        return one["initiatives"][0]["name_ja"], one["outcomes"][0]["name_en"], one["outcomes"][0]["unit"]

    async def change(path: str, version: int, **values: str) -> None:
        answer = await library.client.patch(f"/v1/{path}", json=values, headers={"If-Match": str(version)})
        assert answer.status_code == 200, answer.text

    await change(f"initiatives/{bot}", 1, name_ja="電話の自動受付")
    await change(f"outcome-metrics/{time}", 1, name_en="Handling time", unit="min")
    assert await told() == ("電話の自動受付", "Handling time", "min")
    monkeypatch.setattr(catalogue, "AT_ONCE", 0)
    await change(f"initiatives/{bot}", 2, name_ja="電話応対AI")
    assert (await told())[0] == "電話の自動受付", "of many cases a job does it"
    async with library.workspace.write() as tx:
        assert await catalogue.refresh_words(tx, bot) == 1
    assert await told() == ("電話応対AI", "Handling time", "min")
