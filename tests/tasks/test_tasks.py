"""The rules of tasks: whose they are, when they are due, who must check them, how packages open them."""

import datetime as dt

import psycopg

from api.accounts.models import TeamMember
from api.kit.tables import new_id
from api.tasks.models import TaskOrigin
from api.tasks.service import NewTask, open_tasks
from tests.contracts.conftest import on
from tests.support.workspaces import WorkspaceForTest
from tests.tasks.conftest import Person
from tests.whole_api import makers


async def test_a_task_finds_its_owner_on_the_account(workspace: WorkspaceForTest, key: Person) -> None:
    owner, engineer = await workspace.user(), await workspace.user()
    account = await makers.account(workspace, owner_id=owner.id)
    await workspace.add(
        TeamMember, account_id=account, user_id=engineer.id, role="technical_account_manager", starts_on=makers.APRIL
    )
    here = {"account_id": str(account)}
    assert (await key.open(**here))["owner_id"] == str(owner.id)
    assert (await key.open(**here, role="csm"))["owner_id"] == str(owner.id)
    assert (await key.open(**here, role="technical_account_manager"))["owner_id"] == str(engineer.id)
    wanted = await key.open(**here, role="support")
    assert (wanted["owner_id"], wanted["role"]) == (None, "support")
    assert (await key.open(**here, owner_id=str(engineer.id)))["owner_id"] == str(engineer.id)
    assert (await key.open())["owner_id"] is None


async def test_a_day_ends_in_the_workspaces_time_zone(key: Person) -> None:
    with on("2026-11-22"):
        await key.open("today", due_on="2026-11-22")
        await key.open("at noon", due_at="2026-11-22T12:00:00+09:00")
        await key.open("never")
        promised = await key.open("promised", sla_minutes=1440)
        assert (promised["due_on"], promised["due_at"]) == ("2026-11-23", "2026-11-23T03:00:00.000000Z")
        assert await key.titles() == ["at noon", "today", "promised", "never"]
        assert await key.titles(overdue="true") == ["at noon"]
    with on("2026-11-23"):
        assert await key.titles(overdue="true") == ["at noon", "today", "promised"]
        assert await key.titles(overdue="false") == ["never"]
        assert await key.titles(due_before="2026-11-23") == ["at noon", "today"]
        assert await key.titles(due_after="2026-11-23") == ["promised"]
        assert (await key.get(promised))["sla_met"] is False
        just = Person.ok(await key.act(promised, "complete"))
        assert (just["state"], just["overdue"], just["sla_met"]) == ("done", False, True)
        assert await key.titles(over="false", overdue="true") == ["at noon", "today"]
    both = await key.client.post(
        "/v1/tasks", json={"title": "?", "due_on": "2026-11-22", "due_at": "2026-11-22T00:00:00Z"}
    )
    assert both.json()["code"] == "invalid_input"


async def test_a_second_person_checks_what_must_not_go_wrong(workspace: WorkspaceForTest, key: Person) -> None:
    first, second = [Person(await workspace.signed_in(await workspace.user())) for _ in range(2)]
    task = await first.open(needs_check=True)
    assert (await first.act(task, "check", approved=True)).json()["code"] == "task_not_in_check"
    assert (await first.act(task, "patch", needs_check=False)).status_code == 422
    assert (await key.act(task, "complete")).json()["code"] == "user_required"
    waiting = Person.ok(await first.act(task, "complete", outcome="succeeded", note="送信済み"))
    assert (waiting["state"], waiting["outcome"]) == ("in_check", "succeeded")
    assert (await first.act(task, "check", approved=True)).json()["code"] == "own_check"
    assert (await key.act(task, "check", approved=True)).json()["code"] == "user_required"
    assert (await first.act(task, "patch", title="別の話")).json()["code"] == "task_in_check"
    back = Person.ok(await second.act(task, "check", approved=False, note="宛先が違います"))
    assert (back["state"], back["completed_at"], back["check_note"]) == ("in_progress", None, "宛先が違います")
    Person.ok(await first.act(task, "complete"))
    done = Person.ok(await second.act(task, "check", approved=True))
    assert (done["state"], done["checked_by"] != done["completed_by"], done["check_note"]) == ("done", True, None)
    assert (await second.act(task, "complete")).json()["code"] == "task_over"
    assert (await second.act(task, "patch", title="書き換え")).json()["code"] == "task_over"
    again = Person.ok(await second.act(task, "patch", state="open"))
    assert (again["outcome"], again["completed_by"], again["checked_by"]) == (None, None, None)


async def test_a_rule_opens_its_task_once_while_it_is_not_over(
    workspace: WorkspaceForTest, key: Person, owner: psycopg.Connection
) -> None:
    user = await workspace.user()
    account = await makers.account(workspace, owner_id=user.id)
    survey = new_id()
    wanted = NewTask(
        title="低評価への対応", account_id=account, origin_kind=TaskOrigin.survey, origin_id=survey,
        due_on=dt.date(2026, 11, 24), dedupe_key=f"detractor {account}",
    )  # fmt: skip
    other = NewTask(title="お礼", account_id=account)
    async with workspace.write() as tx:
        first, repeated, thanks = await open_tasks(tx, [wanted, wanted, other])
    assert first is not None
    assert (repeated, thanks is None) == (None, False)
    [(type_, data)] = owner.execute("SELECT type, data FROM events WHERE resource_id = %s", [first]).fetchall()
    told = {"account_id": str(account), "owner_id": str(user.id), "origin": {"kind": "survey", "id": str(survey)}}
    assert (type_, {name: data[name] for name in told}) == ("task.created", told)
    Person.ok(await key.act({"id": first}, "complete", outcome="no_effect"))
    async with workspace.write() as tx:
        [second] = await open_tasks(tx, [wanted])
    assert second is not None
    reopened = await key.act({"id": first}, "patch", state="open")
    assert (reopened.status_code, reopened.json()["code"]) == (409, "already_exists")


async def test_a_merged_account_stands_for_its_winner(workspace: WorkspaceForTest, key: Person) -> None:
    user = await workspace.user()
    winner = await makers.account(workspace, owner_id=user.id)
    loser = await makers.account(workspace, merged_into_id=winner)
    task = await key.open(account_id=str(loser))
    assert (task["account_id"], task["owner_id"]) == (str(winner), str(user.id))
