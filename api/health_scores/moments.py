"""What a score may look at, and what a component asks of a source."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from api.auth.service import workspace_zone
from api.health_scores.definition import Component
from api.kit import clock
from api.kit.db import Tx


@dataclass(frozen=True, slots=True)
class Metric:
    """A usage metric: how its days add up, and its part in utilisation."""

    id: UUID
    aggregation: str
    role: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """Facts up to the end of ``as_of``, recorded by ``known_at``.

    ``past`` leaves out the sources whose past is not kept.
    """

    as_of: dt.date
    known_at: dt.datetime
    zone: ZoneInfo
    metrics: Mapping[str, Metric]
    past: bool = False

    def begin_of(self, day: dt.date) -> dt.datetime:
        """The moment at which a day of the workspace begins."""
        return dt.datetime.combine(day, dt.time(), self.zone)

    @property
    def until(self) -> dt.datetime:
        """The end of ``as_of``."""
        return self.begin_of(self.as_of + dt.timedelta(days=1))


async def present(tx: Tx, as_of: dt.date) -> Moment:
    """What is known now of the time up to a day."""
    return Moment(as_of, clock.now(), await workspace_zone(tx), await usage_metrics(tx))


async def usage_metrics(tx: Tx) -> dict[str, Metric]:
    """The workspace's usage metrics by key."""
    rows = await tx.fetch(
        "SELECT key, id, aggregation, role FROM usage_metrics WHERE workspace_id = %s AND archived_at IS NULL",
        [tx.workspace_id],
    )
    return {key: Metric(*found) for key, *found in rows}


@dataclass(frozen=True, slots=True)
class Question:
    """A component, and the moment of which it asks."""

    component: Component
    moment: Moment

    @property
    def first(self) -> dt.date:
        """The first day of the window."""
        return self.moment.as_of - dt.timedelta(days=self.component.window_days - 1)

    @property
    def before(self) -> dt.date:
        """The first day of as many days before the window."""
        return self.first - dt.timedelta(days=self.component.window_days)

    @property
    def whole_weeks(self) -> bool:
        """Whether the window is made of whole weeks from Monday, so that weekly rows say all."""
        return self.moment.as_of.isoweekday() == 7 and self.component.window_days % 7 == 0

    @property
    def metric(self) -> Metric | None:
        """The usage metric that the component is of, or that utilisation counts the active by."""
        if self.component.of is not None:
            return self.moment.metrics.get(self.component.of)
        return self.with_role("active")

    def with_role(self, role: str) -> Metric | None:
        """The metric that plays a part in utilisation."""
        return next((metric for metric in self.moment.metrics.values() if metric.role == role), None)

    def parameters(self) -> dict[str, object]:
        """What the component's select may bind."""
        licensed = self.with_role("licensed")
        return {
            "first": self.first,
            "since": self.moment.begin_of(self.first),
            "before": self.before,
            "metric": self.metric and self.metric.id,
            "licensed": licensed and licensed.id,
        }
