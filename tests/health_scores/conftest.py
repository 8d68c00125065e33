"""Health over HTTP, in few words."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from api.auth.permissions import SCOPES
from api.health_scores import backtesting, jobs, runs
from api.health_scores.models import CsmPulse
from tests.contracts.conftest import TOKYO, Desk, on
from tests.support.workspaces import WorkspaceForTest

__all__ = ["Clinic", "on"]

BANDS = [{"key": "red", "min": 0}, {"key": "yellow", "min": 40}, {"key": "green", "min": 70}]
PULSE = {
    "key": "pulse",
    "source": "csm_pulse",
    "window_days": 400,
    "breakpoints": [{"raw": 1, "points": 0}, {"raw": 5, "points": 100}],
    "weight": 1,
}


class Clinic(Desk):
    """What a console does about health."""

    async def draft(self, *components: Mapping[str, Any], name: str = "標準", **values: Any) -> dict[str, Any]:
        """A draft of these components, or of the pulse alone."""
        definition = {"components": list(components) or [PULSE], "bands": BANDS, **values.pop("definition", {})}
        phases = ["onboarding", "adoption", "renewal"]
        return await self.post(
            "/v1/health-models", {"name": name, "phases": phases, "definition": definition, **values}, 201
        )

    async def activate(self, model: Mapping[str, Any], reason: str | None = "実績がまだ足りない") -> dict[str, Any]:
        """Switch a model on, by an override unless there is no reason."""
        body = {} if reason is None else {"override_reason": reason}
        return await self.post(f"/v1/health-models/{model['id']}:activate", body, 200)

    async def active(self, *components: Mapping[str, Any], **values: Any) -> dict[str, Any]:
        """A model that is switched on."""
        return await self.activate(await self.draft(*components, **values))

    async def score(self, account: UUID) -> dict[str, Any]:
        """A snapshot of an account, taken now."""
        return await self.post("/v1/health-scores", {"account_id": str(account)}, 201)

    async def explain(self, snapshot: Mapping[str, Any]) -> dict[str, Any]:
        """Why a score changed."""
        return await self.get(f"/v1/health-scores/{snapshot['id']}/explanation")

    async def pulse(self, account: UUID, value: int) -> None:
        """What somebody feels today."""
        await self.post("/v1/csm-pulses", {"account_id": str(account), "value": value}, 201)

    async def felt(self, account: UUID, value: int, day: str, recorded: str | None = None) -> None:
        """A pulse of another day, known since its evening unless said otherwise."""
        at = dt.datetime.combine(dt.date.fromisoformat(recorded or day), dt.time(18), TOKYO)
        await self.workspace.add(
            CsmPulse, account_id=account, value=value, day=dt.date.fromisoformat(day), recorded_at=at
        )

    async def run_week(self) -> dict[str, Any]:
        """What the worker does each week; the run."""
        async with self.workspace.write() as tx:
            await jobs.score_each_week(tx)
        return await self.run_started()

    async def run_started(self) -> dict[str, Any]:
        """Do the latest run."""
        run = (await self.get("/v1/health-score-runs?limit=1"))["data"][0]
        await runs.carry_out(self.workspace.database, self.workspace.id, UUID(run["id"]))
        return await self.get(f"/v1/health-score-runs/{run['id']}")

    async def backtest(self, model: Mapping[str, Any], **values: Any) -> dict[str, Any]:
        """A backtest, done."""
        asked = await self.post("/v1/backtests", {"model_id": model["id"], **values}, 202)
        await backtesting.carry_out(self.workspace.database, self.workspace.id, UUID(asked["id"]))
        return await self.get(f"/v1/backtests/{asked['id']}")


@pytest.fixture
async def clinic(workspace: WorkspaceForTest) -> Clinic:
    """A clinic in a fresh workspace in Tokyo."""
    # A key, since a session would be over as soon as the clock moves.
    return Clinic(workspace, await workspace.key_client(SCOPES.keys() - {"profile:read", "profile:write"}))
