"""The demo's two workspaces and their people: one user and one API key for each role."""

import secrets
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.auth import service
from api.auth.permissions import ROLE_SCOPES, Role
from api.kit.db import Database


@dataclass(frozen=True, slots=True)
class DemoWorkspace:
    """One workspace of the demo, and the name of the user of each role."""

    values: dict[str, str]
    domain: str
    names: dict[Role, str]


WORKSPACES: Final = (
    DemoWorkspace(
        {
            "name": "株式会社みどりクラウド",
            "base_currency": "JPY",
            "time_zone": "Asia/Tokyo",
            "language": "ja",
        },
        "midori-cloud.example",
        {
            Role.admin: "佐藤 由美",
            Role.manager: "鈴木 健一",
            Role.csm: "高橋 彩",
            Role.sales: "田中 大輔",
            Role.product: "伊藤 さくら",
            Role.viewer: "渡辺 誠",
        },
    ),
    DemoWorkspace(
        {
            "name": "Northwind Software",
            "base_currency": "USD",
            "time_zone": "America/New_York",
            "language": "en",
        },
        "northwind-software.example",
        {
            Role.admin: "Grace Miller",
            Role.manager: "Daniel Ortiz",
            Role.csm: "Priya Shah",
            Role.sales: "Tom Becker",
            Role.product: "Ana Lima",
            Role.viewer: "Kofi Mensah",
        },
    ),
)


async def open_workspace(database: Database, workspace: DemoWorkspace) -> tuple[UUID, dict[str, Any]]:
    """Make the workspace and its people.

    Returns:
        Its id, and its entry of ``demo.json``:
        ``{"name", "id", "users": {role: {"email", "password", "api_key"}}}``.
    """
    workspace_id = await service.create_workspace(database, workspace.values)
    users = {}
    async with database.write(workspace_id) as tx:
        for role, name in workspace.names.items():
            email, password = f"{role}@{workspace.domain}", secrets.token_urlsafe(12)
            await service.create_user(
                tx,
                email=email,
                name=name,
                role=role,
                password=password,
                language=workspace.values["language"],
            )
            _, api_key = await service.create_api_key(tx, name=f"demo {role}", scopes=ROLE_SCOPES[role])
            users[role.value] = {"email": email, "password": password, "api_key": api_key}
    return workspace_id, {"name": workspace.values["name"], "id": str(workspace_id), "users": users}
