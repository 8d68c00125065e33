"""People who sign in."""

from typing import Any

import httpx

from api.auth import service
from api.auth.models import User
from api.auth.permissions import Role
from api.kit.tables import new_id
from tests.support.workspaces import WorkspaceForTest

PASSWORD = "毎朝七時に珈琲を二杯だけ飲む"


async def person(workspace: WorkspaceForTest, role: Role = Role.csm) -> User:
    """A user with an address of their own and :data:`PASSWORD`."""
    async with workspace.write() as tx:
        return await service.create_user(
            tx, email=f"{new_id().hex}@example.com", name="佐藤 葵", role=role, password=PASSWORD
        )


async def sign_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    """Ask for a token with a password."""
    form = {"grant_type": "password", "username": email, "password": password}
    return await client.post("/v1/auth/token", data=form)


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    """Ask for a token with a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return await client.post("/v1/auth/token", data=form)


async def me(client: httpx.AsyncClient, access_token: str) -> httpx.Response:
    """Ask who the bearer is."""
    return await client.get("/v1/me", headers={"Authorization": f"Bearer {access_token}"})


def if_match(representation: dict[str, Any]) -> dict[str, str]:
    """The header that names the representation's version."""
    return {"If-Match": str(representation["version"])}
