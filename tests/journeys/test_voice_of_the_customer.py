"""What teams do with surveys: SmartHR's offsets, PLAID's response to a low score."""

from typing import Any

from api.auth.permissions import Role
from tests.surveys.conftest import Voices, on, voices

__all__ = ["voices"]


async def test_asked_30_and_90_days_after_the_first_paid_day(voices: Voices) -> None:
    """SmartHR: NPS at 30 and 90 days, never a goal."""
    with on("2026-04-01"):
        survey = await voices.survey()
        account, contact = await voices.customer("2026-04-01", name="株式会社さくら物流")
        assert (survey["kpi_eligible"], survey["low_at_most"]) == (False, 6)
    for day, due in (("2026-04-30", []), ("2026-05-01", ["2026-05-01"]), ("2026-06-29", ["2026-05-01"])):
        with on(day):
            await voices.run_worker()
            assert [row["due_on"] for row in await voices.invitations()] == due
    with on("2026-06-30"):
        await voices.run_worker()
        first, second = await voices.invitations(expand="contact")
        assert [(row["occasion"], row["due_on"], row["state"]) for row in (first, second)] == [
            ("30d", "2026-05-01", "expired"), ("90d", "2026-06-30", "scheduled"),
        ]  # fmt: skip
        assert second["contact"]["id"] == contact["id"]
        (mail,) = await voices.send()
        assert (mail["email"], mail["contact_id"], mail["account_id"]) == (
            "hanako@sakura.example", contact["id"], str(account),
        )  # fmt: skip
        assert await voices.send() == []
    with on("2026-07-02"):
        assert (await voices.answer(mail["token"], 9, "請求が速くなった")).status_code == 200
        (response,) = await voices.responses()
        assert (response["score"], response["low"], response["answered_on"]) == (9, False, "2026-07-02")
        assert [row["state"] for row in await voices.invitations()] == ["expired", "answered"]
        assert (await voices.get("/v1/tasks"))["data"] == []
        found = (await voices.scores(**{"from": "2026-06-01", "to": "2026-07-31"}))["total"]
        assert (found["n"], found["score"], found["response_rate"], found["sufficient_sample"]) == (1, 100, 1, False)
        (entry,) = (await voices.get(f"/v1/accounts/{account}/timeline?kind=survey"))["data"]
        assert (entry["action"], entry["on"], entry["data"]["score"]) == ("answered", "2026-07-02", 9)


async def test_a_low_score_is_responded_to_within_two_business_days(voices: Voices) -> None:
    """PLAID: NPS three months in; at 6 or below the CS team is told and meets the customer."""
    workspace = await voices.get("/v1/workspace")
    assert workspace["business_calendar"] == {"weekdays": [1, 2, 3, 4, 5], "holidays": []}
    holidays = {"business_calendar": {"holidays": ["2026-08-11"]}}  # 山の日
    await voices.patch("/v1/workspace", workspace["version"], holidays)
    owner, partner, seller = [await voices.workspace.user(role) for role in (Role.csm, Role.csm, Role.sales)]
    with on("2026-05-07"):
        await voices.survey(offsets=[{"months": 3}])
        account, contact = await voices.customer("2026-05-07")
        for user, role in ((owner, "csm"), (partner, "success_partner"), (seller, "account_executive")):
            await voices.post(f"/v1/accounts/{account}/team", {"user_id": str(user.id), "role": role}, 201)
    with on("2026-08-07"):  # a Friday
        await voices.run_worker()
        (mail,) = await voices.send()
        assert (await voices.answer(mail["token"], 6, "画面が遅い")).status_code == 200
        (task,) = (await voices.get("/v1/tasks"))["data"]
        (response,) = await voices.responses(low="true")
        assert task["origin"] == {"kind": "survey", "id": response["id"]}
        assert (task["account_id"], task["owner_id"], task["priority"]) == (str(account), str(owner.id), "high")
        # Saturday, Sunday, Monday, a holiday, Wednesday.
        assert task["due_on"] == "2026-08-12"
        assert "NPS 6" in task["title"]
    told = await _low_events(voices)
    assert [(row["resource_id"], row["data"]["task_id"]) for row in told] == [(response["id"], task["id"])]
    data = told[0]["data"]
    assert (data["score"], data["due_on"], data["contact_id"]) == (6, "2026-08-12", contact["id"])
    assert data["mentions"] == [str(owner.id), str(partner.id)]
    assert "遅い" not in str(told)


async def _low_events(voices: Voices) -> list[dict[str, Any]]:
    async with voices.workspace.write() as tx:
        rows = await tx.fetch(
            "SELECT resource_id::text, data FROM events WHERE workspace_id = %s AND type = 'survey_response.low'",
            [voices.workspace.id],
        )
    return [{"resource_id": row[0], "data": row[1]} for row in rows]
