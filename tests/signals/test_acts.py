"""News, tasks, and what happens to signals when accounts are merged."""

from tests.signals.conftest import Lookout, on

NEWS = {
    "category": "personnel",
    "title": "社長交代",
    "source": "ir_watch",
    "external_id": "ir-1",
    "occurred_on": "2026-11-20",
}


async def test_news_posted_again_is_the_same_signal_and_grows_old(lookout: Lookout) -> None:
    account = await lookout.account()
    body = {"account_id": str(account), **NEWS}
    with on("2026-11-22"):
        first = await lookout.post("/v1/signals", body, 201)
        again = await lookout.post("/v1/signals", body, 201)
        assert (again["id"], again["version"]) == (first["id"], first["version"])
        corrected = await lookout.post("/v1/signals", {**body, "title": "社長が交代"}, 201)
        assert (corrected["id"], corrected["title"], corrected["version"]) == (first["id"], "社長が交代", 2)
        assert await lookout.look_around("news") == 0
    with on("2027-02-01"):
        assert await lookout.look_around("news") == 1
        assert await lookout.states("news") == ["resolved"]


async def test_a_task_is_opened_once_while_it_is_not_over(lookout: Lookout) -> None:
    account = await lookout.account()
    signal = await lookout.post("/v1/signals", {"account_id": str(account), **NEWS}, 201)
    path = f"/v1/signals/{signal['id']}:open-task"
    first = await lookout.post(path, {"title": "祝意を伝える"}, 201)
    again = await lookout.post(path, {"title": "もう一度"}, 201)
    assert again["id"] == first["id"]
    assert first["origin"] == {"kind": "signal", "id": signal["id"]}
    assert first["account_id"] == str(account)
    await lookout.post(f"/v1/tasks/{first['id']}:complete", {"outcome": "succeeded"}, 200, version=first["version"])
    assert (await lookout.post(path, {"title": "もう一度"}, 201))["id"] != first["id"]


async def test_signals_follow_a_merger_and_one_of_each_cause_stays_open(lookout: Lookout) -> None:
    winner, loser = await lookout.account(), await lookout.account()
    for account in (winner, loser):
        await lookout.post("/v1/contacts", {"account_id": str(account), "name": "佐藤"}, 201)
    await lookout.look_around("single_threaded")
    version = (await lookout.get(f"/v1/accounts/{winner}"))["version"]
    await lookout.post(f"/v1/accounts/{winner}:merge", {"loser_id": str(loser)}, 200, version=version)
    assert sorted(await lookout.states("single_threaded", winner)) == ["open", "resolved"]
    await lookout.look_around("single_threaded")
    assert await lookout.states("single_threaded", winner) == ["resolved", "resolved"], "now we know two"
