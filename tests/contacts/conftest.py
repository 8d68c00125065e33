"""Accounts and the people there, in the test's own workspace."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from api.accounts.models import Account, AccountStanding, TeamMember
from api.auth.models import User
from api.kit import clock
from tests.support.workspaces import WorkspaceForTest


class People:
    """Makes accounts past the service, and contacts through the API."""

    def __init__(self, workspace: WorkspaceForTest, client: httpx.AsyncClient) -> None:
        self.workspace = workspace
        self.client = client

    async def account(self, name: str = "株式会社さくら物流") -> UUID:
        """A new account."""
        account = await self.workspace.add(Account, name=name, phase_since=clock.today())
        async with self.workspace.write() as tx:
            tx.session.add(AccountStanding(workspace_id=self.workspace.id, account_id=account.id))
        return account.id

    async def contact(self, account_id: UUID, name: str = "佐藤 花子", **fields: Any) -> dict[str, Any]:
        """A new contact of the account."""
        body = {"account_id": str(account_id), "name": name, **fields}
        answer = await self.client.post("/v1/contacts", json=body)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    async def get(self, contact_id: str) -> dict[str, Any]:
        """The contact as it is now."""
        answer = await self.client.get(f"/v1/contacts/{contact_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def make_primary(self, account_id: UUID, contact: dict[str, Any], **body: Any) -> httpx.Response:
        """Make the contact the account's primary one."""
        path = f"/v1/accounts/{account_id}/primary-contact"
        return await self.client.put(path, json={"contact_id": contact["id"], **body})

    async def changes(self, account_id: UUID) -> list[dict[str, Any]]:
        """The changes of the account's primary contact, newest first."""
        answer = await self.client.get(f"/v1/accounts/{account_id}/primary-contact-changes")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    async def primary_ids(self, account_id: UUID) -> list[str]:
        """The contacts that are primary now."""
        answer = await self.client.get("/v1/contacts", params={"account_id": str(account_id), "is_primary": True})
        assert answer.status_code == 200, answer.text
        return [contact["id"] for contact in answer.json()["data"]]

    async def on_team(self, account_id: UUID, user: User, **fields: Any) -> None:
        """Put the user on the account's team, from today on unless said otherwise."""
        fields = {"role": "csm", "starts_on": clock.today("Asia/Tokyo"), **fields}
        await self.workspace.add(TeamMember, account_id=account_id, user_id=user.id, **fields)

    async def events(self, resource_id: object) -> list[tuple[str, dict[str, Any]]]:
        """Type and data of the events about a record, oldest first."""
        async with self.workspace.write() as tx:
            rows = await tx.fetch(
                "SELECT type, data FROM events WHERE workspace_id = %s AND resource_id = %s ORDER BY id",
                [self.workspace.id, str(resource_id)],
            )
        return [(row[0], row[1]) for row in rows]

    async def acts(self, resource_id: object) -> list[str]:
        """The audited acts on a record, oldest first."""
        async with self.workspace.write() as tx:
            rows = await tx.fetch(
                "SELECT action FROM audit_log WHERE workspace_id = %s AND resource_id = %s ORDER BY id",
                [self.workspace.id, str(resource_id)],
            )
        return [row[0] for row in rows]


@pytest.fixture
async def people(workspace: WorkspaceForTest) -> People:
    """People in the test's workspace, handled by an administrator."""
    return People(workspace, await workspace.client("admin"))
