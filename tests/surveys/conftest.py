"""Surveys over HTTP, in few words."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest

from api.auth.permissions import SCOPES
from api.surveys import jobs
from tests.contracts.conftest import Desk, on
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers

__all__ = ["Voices", "on"]


class Voices(Desk):
    """What a console, a mail tool and the customers do with surveys."""

    def __init__(self, workspace: WorkspaceForTest, client: httpx.AsyncClient, customers: httpx.AsyncClient) -> None:
        super().__init__(workspace, client)
        self.customers = customers

    async def survey(self, **values: Any) -> dict[str, Any]:
        """An active NPS survey, 30 and 90 days after the first paid day unless said otherwise."""
        offsets = [{"days": 30}, {"days": 90}]
        body = {"kind": "nps", "name": "NPS", "active": True, "anchor": "first_paid", "offsets": offsets}
        return await self.post("/v1/surveys", {**body, **values}, 201)

    async def customer(self, since: str, *, primary: bool = True, **values: Any) -> tuple[UUID, dict[str, Any]]:
        """An account that has paid since a day, and a contact of it."""
        account = await makers.account(self.workspace, **values)
        contact = await self.contact(account)
        if primary:
            await self.put(f"/v1/accounts/{account}/primary-contact", {"contact_id": contact["id"]})
        await self.sign(account, await self.product(), 100_000, starts_on=since)
        return account, contact

    async def contact(self, account: UUID, **values: Any) -> dict[str, Any]:
        """A contact with an address."""
        body = {"account_id": str(account), "name": "佐藤 花子", "email": "hanako@sakura.example", **values}
        return await self.post("/v1/contacts", body, 201)

    async def run_worker(self) -> None:
        """What the worker does every hour; twice, since it may."""
        for _ in range(2):
            async with self.workspace.write() as tx:
                await jobs.follow_the_schedules(tx)

    async def invitations(self, **query: Any) -> list[dict[str, Any]]:
        """The invitations, oldest due day first."""
        answer = await self.client.get("/v1/survey-invitations", params={"sort": "due_on", "limit": 200, **query})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    async def told(self, **query: Any) -> list[tuple[str, str, str | None]]:
        """Of each invitation: the day it was due, its state, why it was skipped."""
        return [(row["due_on"], row["state"], row["skip_reason"]) for row in await self.invitations(**query)]

    async def send(self, **body: Any) -> Sequence[dict[str, Any]]:
        """What the mail tool gets."""
        found: list[dict[str, Any]] = (await self.post("/v1/survey-invitations:send", body, 200))["data"]
        return found

    async def answer(self, token: str, score: int, comment: str = "") -> httpx.Response:
        """What the customer's browser sends."""
        return await self.customers.post(
            "/v1/survey-answers", json={"token": token, "score": score, "comment": comment}
        )

    async def responses(self, **query: Any) -> list[dict[str, Any]]:
        """The answers, the latest first."""
        answer = await self.client.get("/v1/survey-responses", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    async def scores(self, **query: Any) -> dict[str, Any]:
        """The figures."""
        answer = await self.client.get("/v1/analytics/survey-scores", params={"kind": "nps", **query})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def put(self, path: str, body: Any) -> dict[str, Any]:
        """PUT, which must succeed."""
        answer = await self.client.put(path, json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def patch(self, path: str, version: int, body: Any) -> dict[str, Any]:
        """PATCH, which must succeed."""
        answer = await self.client.patch(path, json=body, headers={"If-Match": str(version)})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def voices(workspace: WorkspaceForTest, client: httpx.AsyncClient) -> Voices:
    """A fresh workspace in Tokyo, its integration, and customers without any credential."""
    # A key, since a session would be over as soon as the clock moves.
    return Voices(workspace, await workspace.key_client(SCOPES.keys() - {"profile:read", "profile:write"}), client)
