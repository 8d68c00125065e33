"""Whom the worker asks, when, and whom it spares."""

from tests.support.workspaces import WorkspaceForTest
from tests.surveys.conftest import Voices, on


async def test_nobody_is_asked_twice_within_the_throttle(voices: Voices) -> None:
    with on("2026-04-01"):
        await voices.survey(name="NPS")
        await voices.survey(name="満足度", kind="csat", offsets=[{"days": 39}, {"days": 95}], throttle_days=10)
        await voices.customer("2026-04-01")
    for day in ("2026-05-01", "2026-05-10", "2026-06-30", "2026-07-05"):
        with on(day):
            await voices.run_worker()
    assert await voices.told() == [
        ("2026-05-01", "expired", None),
        ("2026-05-10", "skipped", "throttled"),  # the ninth day
        ("2026-06-30", "scheduled", None),
        ("2026-07-05", "skipped", "throttled"),
    ]


async def test_who_got_no_link_was_not_asked(voices: Voices) -> None:
    with on("2026-04-01"):
        survey = await voices.survey(offsets=[{"days": 30}, {"days": 50}])
        await voices.customer("2026-04-01")
    with on("2026-05-01"):
        await voices.run_worker()
        await voices.patch(f"/v1/surveys/{survey['id']}", survey["version"], {"active": False})
        assert await voices.send() == []
    with on("2026-05-21"):
        await voices.run_worker()  # the first one expires without a link
        await voices.patch(f"/v1/surveys/{survey['id']}", survey["version"] + 1, {"active": True})
        await voices.run_worker()
        assert len(await voices.send()) == 1
    assert await voices.told() == [("2026-05-01", "expired", None), ("2026-05-21", "sent", None)]


async def test_two_surveys_on_one_day_ask_a_person_once(voices: Voices) -> None:
    with on("2026-04-01"):
        first = await voices.survey(offsets=[{"days": 30}])
        await voices.survey(name="二つ目", offsets=[{"days": 30}])
        await voices.customer("2026-04-01")
    with on("2026-05-01"):
        await voices.run_worker()
        (scheduled,) = await voices.invitations(state="scheduled")
        assert scheduled["survey_id"] == first["id"]
        assert len(await voices.invitations(skip_reason="throttled")) == 1


async def test_by_hand_too_only_after_the_throttle(voices: Voices) -> None:
    with on("2026-04-01"):
        survey = await voices.survey(active=False)
        _, contact = await voices.customer("2026-04-01")
        path, body = f"/v1/surveys/{survey['id']}/invitations", {"contact_id": contact["id"]}
        asked = await voices.post(path, body, 201)
        assert asked["state"] == "sent"
    with on("2026-04-30"):
        refused = await voices.post(path, body, 409)
        assert (refused["code"], "2026-05-01" in refused["detail"]) == ("survey_throttled", True)
    with on("2026-05-01"):
        await voices.post(path, body, 201)
        await voices.post(f"/v1/contacts/{contact['id']}:left", {}, 200)
        assert (await voices.post(path, body, 409))["code"] == "contact_not_reachable"


async def test_an_account_is_spared_as_a_whole(voices: Voices) -> None:
    with on("2026-04-01"):
        of_all = {"asks": "stakeholders", "account_throttle_days": 60}
        await voices.survey(offsets=[{"days": 30}, {"days": 70}], **of_all)
        account, _ = await voices.customer("2026-04-01")
        for place, role in enumerate(("champion", "user", "decision_maker")):
            await voices.contact(account, stakeholder_role=role, email=f"p{place}@sakura.example")
    for day in ("2026-05-01", "2026-06-10"):
        with on(day):
            await voices.run_worker()
            await voices.send()
    assert await voices.told() == [("2026-05-01", "expired", None)] * 3 + [("2026-06-10", "skipped", "throttled")] * 3


async def test_stakeholders_by_role(voices: Voices) -> None:
    with on("2026-04-01"):
        await voices.survey(asks="stakeholders", stakeholder_roles=["champion", "decision_maker"])
        account, _ = await voices.customer("2026-04-01")
        champion = await voices.contact(account, stakeholder_role="champion")
        await voices.contact(account, stakeholder_role="blocker")
        nowhere = await voices.contact(account, stakeholder_role="decision_maker", email=None)
    with on("2026-05-01"):
        await voices.run_worker()
        found = {row["contact_id"]: (row["state"], row["skip_reason"]) for row in await voices.invitations()}
        assert found == {champion["id"]: ("scheduled", None), nowhere["id"]: ("skipped", "no_email")}


async def test_an_occasion_is_decided_once(voices: Voices) -> None:
    with on("2026-04-01"):
        await voices.survey()
        account, contact = await voices.customer("2026-04-01", primary=False)
        other, _ = await voices.customer("2026-04-01")
    with on("2026-05-01"):
        await voices.run_worker()
        assert await voices.told(account_id=str(account)) == [("2026-05-01", "skipped", "no_contact")]
    with on("2026-05-02"):  # another primary contact is no reason to ask again
        await voices.put(f"/v1/accounts/{account}/primary-contact", {"contact_id": contact["id"]})
        follower = await voices.contact(other)
        await voices.put(f"/v1/accounts/{other}/primary-contact", {"contact_id": follower["id"]})
        await voices.run_worker()
        assert len(await voices.invitations()) == 2


async def test_who_has_left_gets_no_link(voices: Voices) -> None:
    with on("2026-04-01"):
        await voices.survey()
        _, contact = await voices.customer("2026-04-01")
    with on("2026-05-01"):
        await voices.run_worker()
        await voices.post(f"/v1/contacts/{contact['id']}:left", {}, 200)
        assert await voices.send() == []
        await voices.run_worker()
        assert await voices.told() == [("2026-05-01", "skipped", "left")]


async def test_other_anchors_and_repetition(voices: Voices) -> None:
    with on("2026-05-31"):
        account, _ = await voices.customer("2026-05-31")
        await voices.survey(
            anchor="contract_start", offsets=[{"months": 1}], repeat_months=6, throttle_days=0, starts_on="2026-05-31"
        )
        await voices.survey(
            name="導入", kind="ces", anchor="onboarding_completed", offsets=[{"days": 0}], throttle_days=0
        )
    with on("2026-06-10"):
        version = (await voices.get(f"/v1/accounts/{account}"))["version"]
        await voices.post(f"/v1/accounts/{account}:change-phase", {"phase": "adoption"}, 200, version=version)
    for day in ("2026-06-10", "2026-06-30", "2026-12-31", "2027-06-30"):
        with on(day):
            await voices.run_worker()
    found = [(row["kind"], row["occasion"], row["due_on"]) for row in await voices.invitations()]
    assert found == [
        ("ces", "0m", "2026-06-10"),
        ("nps", "1m", "2026-06-30"),
        ("nps", "1m+6m", "2026-12-31"),
        ("nps", "1m+12m", "2027-06-30"),
    ]


async def test_no_old_occasions_no_churned_customers_no_inactive_surveys(voices: Voices) -> None:
    with on("2026-04-01"):
        await voices.customer("2026-04-01")
        churned, _ = await voices.customer("2026-06-01")
    with on("2026-06-20"):  # day 30 is long over
        survey = await voices.survey()
        await voices.survey(name="停止中", active=False)
        version = (await voices.get(f"/v1/accounts/{churned}"))["version"]
        await voices.post(f"/v1/accounts/{churned}:change-phase", {"phase": "churned"}, 200, version=version)
        await voices.run_worker()
    with on("2026-07-02"):  # the worker was away on the day itself
        await voices.run_worker()
    assert [(row["survey_id"], row["due_on"]) for row in await voices.invitations()] == [(survey["id"], "2026-06-30")]


async def test_another_workspace_is_not_asked(voices: Voices, other_workspace: WorkspaceForTest) -> None:
    theirs = Voices(other_workspace, await other_workspace.client(), voices.customers)
    with on("2026-04-01"):
        await voices.survey()
        await voices.customer("2026-04-01")
    with on("2026-05-01"):
        await theirs.run_worker()
        assert await voices.invitations() == []
