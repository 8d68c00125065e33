"""Shared pages: what the holder of a link sees and may do, and what nobody else does."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest

from api.auth.secret_tokens import SecretToken
from api.auth.shown_once import MARKER
from api.contacts.models import Contact, Stake
from api.kit.tables import new_id
from api.success_roadmaps.models import RoadmapGoal, RoadmapHypothesis, RoadmapMilestone, RoadmapReview
from api.success_roadmaps.shares import TOKEN_PREFIX
from api.success_roadmaps.value_models import ValueRealisation
from tests.success_roadmaps.conftest import Planner, day, on
from tests.support.workspaces import WorkspaceForTest

SECRET = "社外秘"
PAGE = "/v1/shared-roadmap"


@pytest.fixture(autouse=True)
def _today(today: None) -> None:
    """22 November 2026."""


class Room:
    """A roadmap with goals, and whoever holds links to it."""

    def __init__(self, planner: Planner, holder: httpx.AsyncClient, ids: Mapping[str, Any]) -> None:
        self.planner, self.holder = planner, holder
        self.account, self.contact, self.roadmap, self.goal = (
            ids[name] for name in ("account", "contact", "roadmap", "goal")
        )

    async def share(self, **values: Any) -> dict[str, Any]:
        """A link for the contact, unless said otherwise."""
        body = {"roadmap_id": self.roadmap, "contact_id": str(self.contact), **values}
        return await self.planner.post("/v1/roadmap-shares", body, 201)

    async def look(self, token: str, **headers: str) -> httpx.Response:
        """What the browser of the holder gets."""
        return await self.holder.get(PAGE, headers={"Share-Token": token, **headers})

    async def say(self, token: str, key: str | None = None, **body: Any) -> httpx.Response:
        """A comment of the holder."""
        headers = {"Share-Token": token, **({"Idempotency-Key": key} if key else {})}
        return await self.holder.post(f"{PAGE}/comments", json=body, headers=headers)

    async def states(self) -> dict[str, str]:
        """What the list of links says of each."""
        return {each["id"]: each["state"] for each in (await self.planner.get("/v1/roadmap-shares"))["data"]}

    async def revoke(self, share: Mapping[str, Any]) -> None:
        """Withdraw a link."""
        answer = await self.planner.client.delete(
            f"/v1/roadmap-shares/{share['id']}", headers={"If-Match": str(share["version"])}
        )
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def room(planner: Planner, client: httpx.AsyncClient) -> Room:
    """A roadmap full of what the customer may see and may not."""
    add = planner.workspace.add
    owner = await planner.workspace.user(name="山田 葵")
    account = await planner.account(name="さくら物流", owner_id=owner.id)
    contact = (await add(Contact, account_id=account, name="佐藤 花子", email="hanako@sakura.example")).id
    await add(Stake, contact_id=contact, text=SECRET)
    roadmap = (await planner.roadmap(account, name="2026年度の目標", summary=SECRET))["id"]
    of = {"roadmap_id": UUID(roadmap), "account_id": account}
    goal = await add(
        RoadmapGoal, **of, level="company", title="問い合わせを半分に", detail=SECRET, metric_name="件数", baseline=100,
        target=50, current=80, progress=0.4,
    )  # fmt: skip
    await add(RoadmapGoal, **of, level="company", title=SECRET, archived_at=goal.created_at)
    await add(RoadmapMilestone, **of, goal_id=goal.id, title="全部署に展開", detail=SECRET, blocker=SECRET)
    await add(RoadmapMilestone, **of, title=SECRET, kind="confirm_goals")
    await add(RoadmapHypothesis, **of, statement=SECRET)
    await add(RoadmapReview, **of, held_on=day("2026-10-01"), notes=SECRET)
    work = {
        "account_id": account, "roadmap_id": UUID(roadmap), "starts_on": day("2026-07-01"),
        "ends_before": day("2026-10-01"), "volume": 1200, "minute_hundredths": 800, "currency": "JPY",
        "hourly_cost_minor": 3000, "cost_minor": 300_000, "evidence": SECRET,
    }  # fmt: skip
    await add(ValueRealisation, **work, name="一次回答", state="confirmed")
    await add(ValueRealisation, **work, name=SECRET)
    return Room(
        planner, client, {"account": account, "contact": contact, "roadmap": roadmap, "goal": str(goal.id)}
    )  # fmt: skip


async def test_the_page_shows_what_the_customer_may_see(room: Room) -> None:
    everything = ["goals", "milestones", "value", "comments"]
    share = await room.share(scope="comment", sections=everything)
    comments = "/v1/roadmap-comments"
    await room.planner.post(comments, {"roadmap_id": room.roadmap, "body": SECRET}, 201)
    shown = {"roadmap_id": room.roadmap, "goal_id": room.goal, "body": "次回確認します", "internal": False}
    gone = await room.planner.post(comments, {**shown, "body": SECRET}, 201)
    await room.planner.post(comments, shown, 201)
    await room.planner.client.delete(f"{comments}/{gone['id']}", headers={"If-Match": "1"})
    answer = await room.look(share["token"])
    assert answer.status_code == 200, answer.text
    assert SECRET not in answer.text
    page = answer.json()
    assert (page["workspace"], page["account"], page["owner_name"]) == ("株式会社テスト", "さくら物流", "山田 葵")
    assert (page["name"], page["scope"], page["sections"]) == ("2026年度の目標", "comment", everything)
    assert [(goal["title"], goal["current"], goal["progress"]) for goal in page["goals"]] == [
        ("問い合わせを半分に", 80, 0.4)
    ]
    assert [milestone["title"] for milestone in page["milestones"]] == ["全部署に展開"]
    assert [(value["name"], value["roi"]) for value in page["value"]] == [("一次回答", 0.6)]
    assert [(said["body"], said["from_customer"]) for said in page["comments"]] == [("次回確認します", False)]
    few = await room.look((await room.share(sections=["milestones"]))["token"])
    assert few.json().keys() & set(everything) == {"milestones"}
    log = (await room.planner.get("/v1/roadmap-shares?sort=created_at"))["data"]
    assert [each["last_opened_at"] is not None for each in log] == [True, True]
    assert share["token"] not in str(log)


async def test_a_comment_through_a_link_is_told_to_the_owner(room: Room) -> None:
    share = await room.share(scope="comment")
    said = await room.say(share["token"], body="いつ始まりますか", goal_id=room.goal, author_name="別人")
    assert said.status_code == 201, said.text
    assert (said.json()["author_name"], said.json()["from_customer"]) == ("佐藤 花子", True)
    nobody = await room.share(contact_id=None, label="経営会議", scope="comment")
    assert (await room.say(nobody["token"], body="賛成です")).json()["author_name"] == "経営会議"
    assert (await room.say(nobody["token"], body="私も", author_name="鈴木")).json()["author_name"] == "鈴木"
    listed = (await room.planner.get("/v1/roadmap-comments?from_customer=true&sort=created_at"))["data"]
    assert [(each["body"], each["share_id"], each["contact_id"]) for each in listed] == [
        ("いつ始まりますか", share["id"], str(room.contact)), ("賛成です", nobody["id"], None), ("私も", nobody["id"], None)
    ]  # fmt: skip
    tree = await room.planner.tree(room.roadmap)
    assert ([each["body"] for each in tree["comments"]], len(tree["shares"])) == (
        ["私も", "賛成です", "いつ始まりますか"],
        2,
    )
    async with room.planner.workspace.write() as tx:
        (entry,) = await tx.fetch(
            "SELECT actor_kind, actor_id, fields FROM audit_log WHERE workspace_id = %s AND resource_id = %s",
            [room.planner.workspace.id, UUID(said.json()["id"])],
        )
        (event,) = await tx.fetch(
            "SELECT type, data, (SELECT owner_id FROM accounts WHERE id = %s) FROM events WHERE resource_id = %s",
            [room.account, UUID(said.json()["id"])],
        )
    assert (entry[0], str(entry[1])) == ("system", share["id"]), "the link acted"
    assert event[0] == "roadmap_comment.created"
    assert event[1]["mentions"] == [str(event[2])]
    assert "いつ" not in str((entry, event))
    for wrong in (str(new_id()), ""):
        assert (await room.say(share["token"], body="x", goal_id=wrong)).status_code == 422
    for body in ({"body": ""}, {"body": "x", "internal": True}, {"body": "x" * 20_000}, {}):
        assert (await room.say(share["token"], **body)).status_code == 422


async def test_with_a_view_link_one_only_looks(room: Room) -> None:
    share = await room.share()
    refused = await room.say(share["token"], body="x")
    assert (refused.status_code, refused.json()["code"]) == (403, "roadmap_link_view_only")
    assert (await room.planner.get("/v1/roadmap-comments"))["data"] == []
    assert (await room.look(share["token"])).status_code == 200
    key = await room.holder.get("/v1/roadmap-comments", headers={"Authorization": f"Bearer {share['token']}"})
    assert key.status_code == 401, "a link is no credential"


async def test_what_ends_a_link_ends_it_at_once(room: Room) -> None:
    async def gone(share: Mapping[str, Any], code: str) -> None:
        """Gone, also for a browser that has the page."""
        for answer in (
            await room.look(share["token"]),
            await room.look(share["token"], **{"If-None-Match": str(share["etag"])}),
            await room.look(share["token"], **{"If-None-Match": "*"}),
            await room.say(share["token"], body="x"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (410, code)
            assert "etag" not in answer.headers

    async def opened(**values: Any) -> dict[str, Any]:
        """A link that was looked at, with the ETag that the browser keeps."""
        share = await room.share(scope="comment", **values)
        first = await room.look(share["token"])
        again = await room.look(share["token"], **{"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code) == (200, 304)
        assert "private" in first.headers["cache-control"]
        return {**share, "etag": first.headers["etag"]}

    revoked, expired = await opened(), await opened(expires_at="2026-11-25T00:00:00Z")
    of_leaver, of_nobody = await opened(), await opened(contact_id=None)
    await room.revoke(revoked)
    await gone(revoked, "roadmap_link_invalid")
    with on("2026-11-26"):
        await gone(expired, "roadmap_link_expired")
        states = await room.states()
        assert (states[revoked["id"]], states[expired["id"]], states[of_nobody["id"]]) == (
            "revoked",
            "expired",
            "active",
        )
        assert {each["id"] for each in (await room.planner.get("/v1/roadmap-shares?state=expired"))["data"]} == {
            expired["id"]
        }
    async with room.planner.workspace.write() as tx:
        await tx.execute("UPDATE contacts SET left_on = '2026-11-22' WHERE id = %(id)s", {"id": room.contact})
    await gone(of_leaver, "roadmap_link_invalid")
    assert (await room.look(of_nobody["token"])).status_code == 200
    states = await room.states()
    assert (states[of_leaver["id"]], states[of_nobody["id"]], states[revoked["id"]]) == (
        "suspended",
        "active",
        "revoked",
    )
    path = f"/v1/success-roadmaps/{room.roadmap}"
    version = (await room.planner.get(path))["version"]
    answer = await room.planner.client.delete(path, headers={"If-Match": str(version)})
    assert answer.status_code == 200, answer.text
    await gone(of_nobody, "roadmap_link_invalid")
    assert (await room.states())[of_nobody["id"]] == "suspended"


async def test_a_comment_that_is_sent_again_is_said_once(room: Room) -> None:
    share, other = await room.share(scope="comment"), await room.share(scope="comment")
    first = await room.say(share["token"], key="one", body="いつ始まりますか")
    again = await room.say(share["token"], key="one", body="いつ始まりますか")
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert (await room.say(share["token"], key="one", body="別の話")).json()["code"] == "idempotency_key_reused"
    assert (await room.say(other["token"], key="one", body="いつ始まりますか")).json()["id"] != first.json()["id"]
    assert len((await room.planner.get("/v1/roadmap-comments"))["data"]) == 2


async def test_guesses_are_worthless_and_harm_nobody(room: Room, other_workspace: WorkspaceForTest) -> None:
    share = await room.share(scope="comment")
    real = SecretToken.parse(share["token"], TOKEN_PREFIX)
    assert real is not None
    elsewhere = SecretToken(other_workspace.id, real.id, real.secret).text(TOKEN_PREFIX)
    other_link = await room.share()
    swapped = SecretToken.parse(other_link["token"], TOKEN_PREFIX)
    assert swapped is not None
    for text in ("x", "", TOKEN_PREFIX, elsewhere, share["token"][:-1] + "!",
                 SecretToken(real.workspace_id, swapped.id, real.secret).text(TOKEN_PREFIX),
                 share["token"].replace(TOKEN_PREFIX, "srv_", 1)):  # fmt: skip
        answer = await room.look(text)
        assert (answer.status_code, answer.json()["code"]) == (410, "roadmap_link_invalid"), text
        assert "さくら" not in answer.text
    assert (await room.holder.get(PAGE)).status_code == 422
    nowhere = await room.look(SecretToken.generate(new_id(), new_id()).text(TOKEN_PREFIX))
    assert (nowhere.status_code, nowhere.json()["code"]) == (410, "roadmap_link_invalid"), "nobody learns who is here"
    guesses = [await room.look(SecretToken.generate(real.workspace_id, real.id).text(TOKEN_PREFIX)) for _ in range(12)]
    assert [each.status_code for each in guesses] == [410] * 9 + [429] * 3, "one was tried above"
    assert (await room.look(share["token"])).status_code == 200, "who guesses shuts nobody out"
    looks = [(await room.look(share["token"])).status_code for _ in range(61)]
    assert (looks[:58], looks[-1]) == ([200] * 58, 429)
    remarks = [(await room.say(share["token"], body="x")).status_code for _ in range(11)]
    assert remarks == [201] * 10 + [429]


async def test_what_a_link_may_not_be(room: Room) -> None:
    stranger = (await room.planner.workspace.add(Contact, account_id=await room.planner.account(), name="x")).id
    for values, pointer in (
        ({"contact_id": str(stranger)}, "/contact_id"),
        ({"expires_at": "2026-11-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "2028-01-01T00:00:00Z"}, "/expires_at"),
        ({"roadmap_id": str(new_id())}, "/roadmap_id"),
        ({"sections": ["hypotheses"]}, "/sections/0"),
    ):
        body = {"roadmap_id": room.roadmap, **values}
        answer = await room.planner.client.post("/v1/roadmap-shares", json=body)
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer], answer.text
    headers = {"Idempotency-Key": str(new_id())}
    body = {"roadmap_id": room.roadmap}
    first, replayed = [
        (await room.planner.client.post("/v1/roadmap-shares", json=body, headers=headers)).json() for _ in range(2)
    ]
    assert replayed == {**first, "token": MARKER}
    async with room.planner.workspace.write() as tx:
        rows = await tx.fetch("SELECT row_to_json(s)::text FROM roadmap_shares s")
    assert first["token"] not in str(rows)


async def test_erasing_a_person_takes_link_and_words(room: Room) -> None:
    share = await room.share(scope="comment", label="花子さん")
    await room.say(share["token"], key="one", body="佐藤です、電話をください")
    await room.planner.post(f"/v1/contacts/{room.contact}:erase", {}, 200)
    assert (await room.look(share["token"])).json()["code"] == "roadmap_link_invalid"
    (comment,) = (await room.planner.get("/v1/roadmap-comments"))["data"]
    assert (comment["body"], comment["author_name"]) == ("", "")
    (kept,) = (await room.planner.get("/v1/roadmap-shares"))["data"]
    assert kept["label"] == ""
    async with room.planner.workspace.write() as tx:
        answers = await tx.fetch("SELECT convert_from(body, 'UTF8') FROM idempotency_keys")
    assert "電話をください" not in str(answers), "an answer kept for a repeated request shows it no more"


async def test_after_a_merger_the_link_shows_the_winner(room: Room) -> None:
    share = await room.share(scope="comment")
    winner = await room.planner.account(name="さくらホールディングス")
    await room.planner.post(f"/v1/accounts/{winner}:merge", {"loser_id": str(room.account)}, 200, version=1)
    assert (await room.look(share["token"])).json()["account"] == "さくらホールディングス"
    assert (await room.say(share["token"], body="社名が変わりました")).status_code == 201
