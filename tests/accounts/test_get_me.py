"""GET /v1/me."""

import pytest

from api.accounts.models import Account
from api.auth.permissions import ROLE_SCOPES, Role
from api.kit import clock
from tests.support.workspaces import WorkspaceForTest


@pytest.mark.parametrize("role", list(Role))
async def test_a_user_sees_who_they_are(workspace: WorkspaceForTest, role: Role) -> None:
    user = await workspace.user(role)
    answer = await (await workspace.signed_in(user)).get("/v1/me")
    assert answer.status_code == 200
    me = answer.json()
    assert (me["kind"], me["role"], me["scopes"]) == ("user", role.value, sorted(ROLE_SCOPES[role]))
    assert me["user"]["email"] == user.email
    assert me["api_key"] is None
    assert me["workspace"]["name"] == "株式会社テスト"


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
    assert day == {"accounts_owned": {"onboarding": 1, "adoption": 2, "renewal": 0, "churned": 0}}


async def test_a_key_sees_what_it_may(workspace: WorkspaceForTest) -> None:
    me = (await (await workspace.key_client(["profile:read"])).get("/v1/me")).json()
    assert (me["kind"], me["role"], me["scopes"]) == ("api_key", None, ["profile:read"])
    assert (me["user"], me["my_day"], me["api_key"]["state"]) == (None, None, "active")
    assert (await (await workspace.key_client(["users:read"])).get("/v1/me")).status_code == 403
