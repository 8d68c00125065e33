"""Signals over HTTP, in few words."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from api.auth.permissions import SCOPES
from api.signals import evaluation
from api.signals.kinds import KINDS
from api.usage.models import UsageMetric, UsageWeek
from tests.contracts.conftest import on, today
from tests.health_scores.conftest import Clinic
from tests.support.workspaces import WorkspaceForTest

__all__ = ["Lookout", "on", "today"]

Json = dict[str, Any]


class Lookout(Clinic):
    """What a console does with signals."""

    async def look_around(self, kind: str | None = None) -> int:
        """What the worker does every hour; how many signals were opened or resolved."""
        async with self.workspace.write() as tx:
            return await evaluation.evaluate_kinds(tx, KINDS if kind is None else [kind])

    async def signals(self, **query: Any) -> list[Json]:
        """The signals of a list, the oldest first."""
        answer = await self.client.get("/v1/signals", params={"sort": "first_seen_at", **query})
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["data"]
        return found

    async def states(self, kind: str, account: UUID | None = None) -> list[str]:
        """What became of the signals of a kind."""
        query = {} if account is None else {"account_id": str(account)}
        return [each["status"] for each in await self.signals(kind=kind, **query)]

    async def do(self, signal: Json, verb: str, **body: Any) -> Json:
        """One of the acts on a signal as it is now."""
        version = (await self.get(f"/v1/signals/{signal['id']}"))["version"]
        return await self.post(f"/v1/signals/{signal['id']}:{verb}", body or None, 200, version=version)

    async def set_rule(self, kind: str, **body: Any) -> Json:
        """Other thresholds."""
        answer = await self.client.put(f"/v1/signal-rules/{kind}", json=body)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def metric(self, key: str, **values: Any) -> UUID:
        """A usage metric."""
        return (await self.workspace.add(UsageMetric, key=key, name=key, **values)).id

    async def weeks(self, account: UUID, metric: UUID, last: str, *sums: float) -> None:
        """Sums of finished weeks, the latest last; ``last`` is its Monday."""
        first = dt.date.fromisoformat(last) - dt.timedelta(weeks=len(sums) - 1)
        for place, total in enumerate(sums):
            monday = first + dt.timedelta(weeks=place)
            await self.workspace.add(
                UsageWeek, account_id=account, metric_id=metric, week=monday, n=7, sum=total, max=total, sumsq=total,
                last=total, last_day=monday + dt.timedelta(days=6), backfilled_n=0,
                last_recorded_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
            )  # fmt: skip

    async def forget_weeks(self, account: UUID) -> None:
        """Take an account's weeks away."""
        async with self.workspace.write() as tx:
            await tx.execute("DELETE FROM usage_weekly WHERE account_id = %(id)s", {"id": account})


@pytest.fixture
async def lookout(workspace: WorkspaceForTest) -> Lookout:
    """A lookout in a fresh workspace in Tokyo."""
    return Lookout(workspace, await workspace.key_client(SCOPES.keys() - {"profile:read", "profile:write"}))
