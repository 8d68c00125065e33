"""How customers are met: against figures counted by hand, as of a day and as known then; and on the screens."""

from typing import Any
from uuid import UUID

from api.accounts.models import TeamMember
from api.contacts.models import Contact
from tests.analytics.conftest import Figures, on
from tests.whole_api import makers

HALF = {"from": "2026-01-01", "to": "2026-06-30"}


async def met(figures: Figures, account: UUID, kind: str, day: str, **values: Any) -> dict[str, Any]:
    """An interaction at one in the morning of a day in Tokyo, which is the day before in UTC."""
    with on(day):
        body = {"account_id": str(account), "kind": kind, "subject": "?", "occurred_at": f"{day}T01:00:00+09:00"}
        return await figures.post("/v1/interactions", {**body, **values}, 201)


async def test_touch_is_counted_as_of_a_day_and_as_known_then(figures: Figures) -> None:
    workspace = figures.workspace
    csm, sponsor = await workspace.user(), await workspace.user()
    first, _ = await figures.paying(100, "2026-01-01", owner_id=csm.id)
    second, contract = await figures.paying(100, "2026-02-01")
    await figures.end(contract, "2026-05-01")
    not_paying = await figures.account()
    boss = await workspace.add(Contact, account_id=first, name="部長", stakeholder_role="decision_maker")
    user = await workspace.add(Contact, account_id=first, name="担当", stakeholder_role="user")
    await workspace.add(
        TeamMember, account_id=second, user_id=sponsor.id, role="executive_sponsor", starts_on=makers.APRIL
    )
    review = await met(
        figures, first, "qbr", "2026-03-31", contact_ids=[str(boss.id)], recorded=True, effort_minutes=90
    )
    await met(figures, first, "meeting", "2026-04-01", contact_ids=[str(user.id)], shared_at="2026-04-01T00:30:00Z")
    await met(figures, second, "meeting", "2026-03-30", user_ids=[str(sponsor.id)])
    await met(figures, second, "qbr", "2026-04-10", user_ids=[str(sponsor.id)])
    await met(figures, not_paying, "qbr", "2026-04-10")
    await met(figures, first, "note", "2026-05-01")
    with on("2026-07-02"):
        found = await figures.ask("touch", **HALF)
        assert found["total"]["meetings"] == {
            "meetings": 5, "recorded": 1, "recorded_share": 0.2, "shared": 1, "shared_share": 0.2, "effort_minutes": 90,
        }  # fmt: skip
        assert [
            (each["quarter"], each["active_accounts"], each["with_qbr"]) for each in found["total"]["quarters"]
        ] == [("2026-01-01", 2, 1), ("2026-04-01", 1, 0)]
        executives = found["total"]["executive_touch"]
        assert (executives["active_accounts"], executives["touched"], executives["median_days"]) == (1, 1, 91)
        assert executives["within_90_days"] == 0
        spring = (await figures.ask("touch", **{**HALF, "to": "2026-04-20"}))["total"]
        assert (spring["executive_touch"]["touched"], spring["executive_touch"]["median_days"]) == (2, 15)
        assert spring["quarters"][1]["with_qbr"] == 1
        owned = await figures.ask("touch", **HALF, by="owner")
        assert [(part["key"], part["meetings"]["meetings"]) for part in owned["parts"]] == [
            (str(csm.id), 2), (None, 3),
        ]  # fmt: skip
        version = {"If-Match": '"1"'}
        gone = await figures.client.delete(f"/v1/interactions/{review['id']}", headers=version)
        assert gone.status_code == 200
    with on("2026-07-03"):
        now = (await figures.ask("touch", **HALF))["total"]
        assert (now["quarters"][0]["with_qbr"], now["executive_touch"]["never"]) == (0, 1)
        then = await figures.ask("touch", **HALF, known_at="2026-07-01T00:00:00+09:00")
        assert then["total"] == found["total"]
        assert (then["basis"], then["as_of"], then["definition_version"]) == (["logo"], "2026-06-30", 1)


async def test_screens_show_interactions_tasks_and_programs(figures: Figures) -> None:
    account, _ = await figures.paying(100, "2026-01-01")
    meeting = await met(figures, account, "meeting", "2026-03-01", action_items=["資料を送る"])
    [task] = (await figures.post(f"/v1/interactions/{meeting['id']}:open-tasks", {}, 200))["task_ids"]
    done = await makers.task(figures.workspace, account_id=account, state="done")
    program = await makers.program(figures.workspace)
    items = [{"account_id": str(account), "state": "attended"}]
    await figures.post(f"/v1/programs/{program}:set-participants", {"items": items}, 200)
    seen = await figures.get(f"/v1/accounts/{account}/overview")
    assert ([each["id"] for each in seen["interactions"]], [each["id"] for each in seen["tasks"]]) == (
        [meeting["id"]], [task],
    )  # fmt: skip
    kinds = "kind=interaction&kind=task&kind=program"
    told = (await figures.get(f"/v1/accounts/{account}/timeline?{kinds}"))["data"]
    assert {(each["kind"], each["action"], each["id"]) for each in told} >= {
        ("interaction", "meeting", meeting["id"]), ("task", "opened", task), ("task", "opened", str(done)),
    }  # fmt: skip
    assert ("program", "attended") in {(each["kind"], each["action"]) for each in told}
