"""Reference cases over HTTP, in few words."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from api.auth.permissions import PARTNER_SCOPES, SCOPES
from api.contacts.models import Contact
from api.reference_cases.models import Initiative, OutcomeMetric
from tests.contracts.conftest import Desk, on
from tests.support.workspaces import WorkspaceForTest

__all__ = ["Library", "Partner", "on"]

Json = dict[str, Any]
PARTNER_CASES = "/v1/partner/reference-cases"
EVERYTHING = SCOPES.keys() - {"profile:read", "profile:write"}


class Library(Desk):
    """What a console does with reference cases."""

    def __init__(self, workspace: WorkspaceForTest, client: httpx.AsyncClient, reviewer: httpx.AsyncClient) -> None:
        super().__init__(workspace, client)
        self.reviewer = reviewer

    async def initiative(self, key: str = "voice_bot", **values: Any) -> UUID:
        """An initiative."""
        names = {"name_ja": "音声応答の導入", "name_en": "Voice agent", "synonyms": ["ボイスボット"]}
        return (await self.workspace.add(Initiative, **{"key": key, **names, **values})).id

    async def metric(self, key: str = "handle_time", **values: Any) -> UUID:
        """A metric that should fall."""
        names = {
            "name_ja": "平均処理時間",
            "name_en": "Handle time",
            "synonyms": ["AHT"],
            "direction": "lower_is_better",
        }
        return (await self.workspace.add(OutcomeMetric, **{"key": key, **names, **values})).id

    async def contact(self, account: UUID, **values: Any) -> UUID:
        """A contact."""
        return (await self.workspace.add(Contact, account_id=account, name="広報 太郎", **values)).id

    async def draft(
        self, account: UUID, initiative: UUID, metric: UUID, baseline: float, result: float, **values: Any
    ) -> Json:
        """A drafted case."""
        body = {
            "account_id": str(account), "title_ja": "処理時間を短縮", "summary_ja": "一次受付を自動化した。",
            "initiative_ids": [str(initiative)],
            "outcomes": [{"metric_id": str(metric), "baseline": baseline, "result": result}], **values,
        }  # fmt: skip
        return await self.post("/v1/reference-cases", body, 201)

    async def do(self, case: Json, verb: str, status: int = 200, **body: Any) -> Json:
        """One of the acts on a case as it is now; reviews are somebody else's."""
        path = f"/v1/reference-cases/{case['id']}"
        version = (await self.get(path))["version"]
        mine, self.client = self.client, self.reviewer if verb in {"review", "retire"} else self.client
        try:
            return await self.post(f"{path}:{verb}", body or None, status, version=version)
        finally:
            self.client = mine

    async def approve(self, case: Json) -> Json:
        """Submitted and approved."""
        await self.do(case, "submit")
        return await self.do(case, "review", decision="approve")

    async def approved(
        self, account: UUID, initiative: UUID, metric: UUID, baseline: float, result: float, **values: Any
    ) -> Json:
        """A case that readers see."""
        return await self.approve(await self.draft(account, initiative, metric, baseline, result, **values))

    async def change(self, case: Json, **values: Any) -> Json:
        """A change of the working version."""
        path = f"/v1/reference-cases/{case['id']}"
        version = (await self.get(path))["version"]
        answer = await self.client.patch(path, json=values, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def found(self, **query: Any) -> list[str]:
        """The ids of the cases that a query finds, in its order."""
        answer = await self.client.get("/v1/reference-cases", params=query)
        assert answer.status_code == 200, answer.text
        return [case["id"] for case in answer.json()["data"]]

    async def consent(self, account: UUID, contact: UUID, status: int = 201, **values: Any) -> Json:
        """A consent, to be found by all partners in the customer's name."""
        body = {
            "account_id": str(account), "contact_id": str(contact), "acts": ["search"], "fields": ["title", "industry"],
            "audience": "all_partners", "naming": "named", "evidence": "議事録", "granted_on": "2026-01-10", **values,
        }  # fmt: skip
        return await self.post("/v1/reference-consents", body, status)


@pytest.fixture
async def library(workspace: WorkspaceForTest) -> Library:
    """A library in a fresh workspace in Tokyo, with two who work in it."""
    return Library(workspace, await workspace.key_client(EVERYTHING), await workspace.key_client(EVERYTHING))


class Partner:
    """A partner and its key."""

    def __init__(self, id_: str, client: httpx.AsyncClient) -> None:
        self.id = UUID(id_)
        self.client = client

    async def sees(self, **query: Any) -> list[Json]:
        """The cases that it finds."""
        answer = await self.client.get(PARTNER_CASES, params=query)
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["data"]
        return found


@pytest.fixture
async def two(library: Library) -> tuple[Partner, Partner]:
    """Two partners."""
    made = [await library.post("/v1/partners", {"name": name}, 201) for name in ("Harbor", "つなぐ")]
    clients = [await library.workspace.key_client(PARTNER_SCOPES, partner_id=UUID(partner["id"])) for partner in made]
    return Partner(made[0]["id"], clients[0]), Partner(made[1]["id"], clients[1])
