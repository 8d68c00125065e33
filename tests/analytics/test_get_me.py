"""GET /v1/me."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from api.accounts.models import Account
from api.auth.permissions import ROLE_SCOPES, Role
from api.kit import clock
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.partner])
async def test_a_user_sees_who_they_are(workspace: WorkspaceForTest, role: Role) -> None:
    user = await workspace.user(role)
    answer = await (await workspace.signed_in(user)).get("/v1/me")
    assert answer.status_code == 200
    me = answer.json()
    assert (me["kind"], me["role"], me["scopes"]) == ("user", role.value, sorted(ROLE_SCOPES[role]))
    assert me["user"]["email"] == user.email
    assert me["api_key"] is None
    assert (me["workspace"]["name"], me["partner"]) == ("株式会社テスト", None)


async def test_my_day_counts_the_accounts_i_own(workspace: WorkspaceForTest) -> None:
    me, colleague = await workspace.user(), await workspace.user()
    for owner, phase, archived in (
        (me, "onboarding", False), (me, "adoption", False), (me, "adoption", False), (me, "adoption", True),
        (colleague, "renewal", False),
    ):  # fmt: skip
        await workspace.add(
            Account, name="株式会社A", owner_id=owner.id, phase=phase, phase_since=clock.today(),
            archived_at=clock.now() if archived else None,
        )  # fmt: skip
    day = (await (await workspace.signed_in(me)).get("/v1/me")).json()["my_day"]
    assert day["accounts_owned"] == {"onboarding": 1, "adoption": 2, "renewal": 0, "churned": 0}


async def test_a_key_sees_what_it_may(workspace: WorkspaceForTest) -> None:
    me = (await (await workspace.key_client(["profile:read"])).get("/v1/me")).json()
    assert (me["kind"], me["role"], me["scopes"]) == ("api_key", None, ["profile:read"])
    assert (me["user"], me["my_day"], me["api_key"]["state"]) == (None, None, "active")
    assert (await (await workspace.key_client(["users:read"])).get("/v1/me")).status_code == 403


async def test_my_day_shows_what_i_have_to_do(workspace: WorkspaceForTest) -> None:
    me, colleague = await workspace.user(), await workspace.user()
    mine = await makers.account(workspace, owner_id=me.id)
    today = dt.datetime.now(ZoneInfo("Asia/Tokyo")).date()
    yesterday = today - dt.timedelta(days=1)
    for owner, title, values in (
        (me, "late", {"due_on": yesterday, "due_by": clock.now() - dt.timedelta(hours=9)}),
        (me, "today", {"due_on": today, "due_by": clock.now() + dt.timedelta(hours=1)}),
        (me, "some day", {}),
        (me, "done", {"state": "done"}),
        (me, "waits for another", {"state": "in_check", "completed_by": me.id, "account_id": mine}),
        (colleague, "for me to check", {"state": "in_check", "completed_by": colleague.id, "account_id": mine}),
        (colleague, "not mine", {}),
    ):
        await makers.task(workspace, title=title, owner_id=owner.id, **values)
    tasks = (await (await workspace.signed_in(me)).get("/v1/me")).json()["my_day"]["tasks"]
    assert [(task["title"], task["overdue"]) for task in tasks.pop("next")] == [
        ("late", True), ("today", False), ("some day", False),
    ]  # fmt: skip
    assert tasks == {"overdue": 1, "due_today": 1, "waiting": 3, "to_check": 1}
