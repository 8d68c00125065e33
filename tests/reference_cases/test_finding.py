"""The question: who did this, and improved that by so much?"""

from typing import Any

import pytest

from tests.reference_cases.conftest import Library


async def test_the_improvement_follows_the_metric_and_both_hold_of_one_case(library: Library) -> None:
    bot, training = await library.initiative(), await library.initiative("training", name_ja="研修", synonyms=[])
    time = await library.metric()
    solved = await library.metric(
        "solved", name_ja="初回解決率", name_en="FCR", direction="higher_is_better", synonyms=[]
    )
    account = await library.account(industry="hospitality", employee_count=800)
    faster = await library.approved(account, bot, time, 400, 280)
    slower = await library.approved(account, bot, time, 300, 330)
    both = await library.draft(account, bot, time, 100, 95, initiative_ids=[str(training), str(bot)])
    more = [
        {"metric_id": str(time), "baseline": 100, "result": 95},
        {"metric_id": str(solved), "baseline": 50, "result": 90},
    ]
    await library.change(both, outcomes=more)
    await library.approve(both)
    assert faster["outcomes"][0]["change_pct"] == -30
    assert faster["outcomes"][0]["improvement_pct"] == 30
    question = {"initiative": str(bot), "metric": str(time)}
    assert await library.found(**question) == [faster["id"], both["id"], slower["id"]]
    assert await library.found(initiative="voice_bot", metric="handle_time", min_improvement_pct=4.9) == [
        faster["id"], both["id"],
    ]  # fmt: skip
    assert await library.found(**question, min_improvement_pct=29.9) == [faster["id"]]
    assert await library.found(min_improvement_pct=60) == [both["id"]], "any metric"
    assert await library.found(initiative="training") == [both["id"]]
    assert await library.found(metric=["handle_time", "solved"], sort="-improvement") == [
        both["id"], faster["id"], slower["id"],
    ]  # fmt: skip
    assert len(await library.found(initiative=["training", "voice_bot"])) == 3, "each once"
    assert await library.found(industry="hospitality", employee_count_max=799) == []
    assert await library.found(q="存在しない", initiative="training", metric="solved") == [], (
        "known, with no such words"
    )


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"initiative": "nonsense"}, ["?initiative"]),
        ({"initiative": "nonsense", "metric": "handle_time", "q": "受付"}, ["?initiative"]),
        ({"initiative": "nonsense", "metric": "nothing"}, ["?initiative", "?metric"]),
        ({"metric": ["handle_time", "nothing"]}, ["?metric"]),
    ],
    ids=["alone", "with words", "both", "one of several, of which one is found"],
)
async def test_names_that_are_not_in_the_catalogue_are_refused(
    library: Library, asked: dict[str, Any], refused: list[str]
) -> None:
    await library.approved(await library.account(), await library.initiative(), await library.metric(), 400, 300)
    answer = await library.client.get("/v1/reference-cases", params=asked)
    assert answer.status_code == 422
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        (pointer, "unknown_name") for pointer in refused
    ]


async def test_words_are_found_in_both_languages_and_by_the_catalogue(library: Library) -> None:
    bot, time, account = await library.initiative(), await library.metric(), await library.account()
    plain = await library.approved(
        account, bot, time, 400, 300, title_ja="夜間の受付", summary_ja="解約の相談が減った。"
    )
    named = await library.approved(account, bot, time, 400, 360, title_ja="解約を防ぐ受付", summary_ja="落ち着いた。")
    assert await library.found(q="解約") == [named["id"], plain["id"]], "the title counts more"
    assert await library.found(q="解約　夜間") == [plain["id"]], "all words"
    assert await library.found(q="ﾎﾞｲｽﾎﾞｯﾄ") == [plain["id"], named["id"]], "a synonym, in half-width kana"
    assert await library.found(q="voice AGENT 受付", min_improvement_pct=20) == [plain["id"]]
    assert await library.found(q="存在しない") == []
    answer = await library.get("/v1/reference-cases?q=aht&include=facets,total_count")
    assert answer["page"]["total_count"] == 2
    assert [(each["key"], each["count"]) for each in answer["facets"]["initiative"]] == [("voice_bot", 2)]
    assert answer["facets"]["industry"] == [{"value": None, "count": 2}]
