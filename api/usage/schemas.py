"""Shapes of usage."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.accounts.models import UsageStatus
from api.kit.bulk_schemas import BulkItems, ToldProblem, items_of
from api.kit.known_at import KnownAt
from api.kit.schemas import (
    Day,
    Input,
    Key,
    Line,
    ListQuery,
    Moment,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    Text,
    shown,
)
from api.usage import examples
from api.usage.measurements import MeasurementItem
from api.usage.models import Aggregation, Direction, MetricRole

MetricKey = Annotated[Key, Field(description="What measurements name it by; it never changes.")]
HowDaysSumUp = Annotated[Aggregation, Field(description="How the days of a week or month become one value.")]
Part = Annotated[
    MetricRole,
    Field(
        description="Its part in utilisation. One metric may be `active`; one may be `licensed`, in place of the "
        "seats of contracts."
    ),
]


class MetricCreate(Input):
    """A metric to measure."""

    model_config = ConfigDict(json_schema_extra=shown(examples.METRIC_CREATE))

    key: MetricKey
    name: Name
    unit: Line | None = None
    description: Text = ""
    aggregation: HowDaysSumUp = Aggregation.sum
    direction: Direction = Direction.higher_is_better
    product_id: UUID | None = None
    role: Part | None = None


class MetricUpdate(Input):
    """Changes to a metric; absent fields stay, null clears."""

    model_config = ConfigDict(json_schema_extra=shown(examples.METRIC_UPDATE))

    name: Name | MISSING = MISSING
    unit: Line | None | MISSING = MISSING
    description: Text | MISSING = MISSING
    aggregation: HowDaysSumUp | MISSING = MISSING
    direction: Direction | MISSING = MISSING
    product_id: UUID | None | MISSING = MISSING
    role: Part | None | MISSING = MISSING


class MetricRead(RecordRead):
    """A metric."""

    model_config = ConfigDict(json_schema_extra=shown(examples.METRIC_READ))

    key: str
    name: str
    unit: str | None
    description: str
    aggregation: Aggregation
    direction: Direction
    product_id: UUID | None
    role: MetricRole | None


class MetricSort(StrEnum):
    """The orders of a list of metrics."""

    name = "name"
    name_down = "-name"
    created_at = "created_at"
    created_at_down = "-created_at"


class MetricQuery(RecordQuery):
    """The metrics to list."""

    sort: MetricSort | MISSING = MISSING
    key: list[Key] | MISSING = MISSING
    product_id: list[UUID] | MISSING = MISSING
    role: list[MetricRole] | MISSING = MISSING


class MetricPage(Page[MetricRead]):
    """One page of metrics."""


class MeasurementBulkUpsert(Input):
    """Measurements to write, by account, metric and day."""

    model_config = ConfigDict(json_schema_extra=shown(examples.BULK))

    items: Annotated[BulkItems, items_of(MeasurementItem)]


class LoadQuery(Input):
    """How lines are taken."""

    known_at: KnownAt = Field(
        default=KnownAt.import_time, description="Whether new facts count as known from now on, or on their own day."
    )


class LineProblem(Read):
    """What is wrong with a line."""

    line: int = Field(description="Its number in the body; the first is 1.")
    problem: ToldProblem


class LoadedLines(Read):
    """What became of the lines."""

    model_config = ConfigDict(json_schema_extra=shown(examples.LOADED))

    lines: int
    created: int
    updated: int = Field(description="Corrections: another value than before, which is kept as superseded.")
    unchanged: int
    failed: int
    problems: list[LineProblem] = Field(description="The first 100 lines that failed.")


class UsageGrain(StrEnum):
    """How long a point is."""

    day = "day"
    week = "week"
    month = "month"


class UsageGaps(StrEnum):
    """What stands where nothing was measured."""

    mark = "mark"
    fill_zero = "fill_zero"


class UsageQuery(Input):
    """The series to show."""

    metric: Annotated[list[Key], Field(max_length=20)] | MISSING = Field(
        default=MISSING, description="All that are in use, unless given; 20 at most."
    )
    from_: Annotated[Day | MISSING, Field(alias="from", description="90 days before `to`, unless given.")] = MISSING
    to: Day | MISSING = Field(default=MISSING, description="Today, unless given.")
    grain: UsageGrain = UsageGrain.day
    gaps: UsageGaps = Field(default=UsageGaps.mark, description="`mark` leaves null where nothing was measured.")
    known_at: Moment | MISSING = Field(default=MISSING, description="Only what had been recorded by then.")


class UsagePoint(Read):
    """One day, ISO week or month."""

    date: dt.date = Field(description="Its first day.")
    value: float | None
    days: int = Field(description="How many days of it were measured.")


class UsageSeries(Read):
    """One metric over time."""

    key: str
    name: str
    unit: str | None
    aggregation: Aggregation
    direction: Direction
    points: list[UsagePoint]


class Utilisation(Read):
    """How much of what is licensed is used, now."""

    status: UsageStatus | None
    utilisation: float | None = Field(description="Active ÷ licensed; null without licences or measurements.")
    active: float | None = Field(description="By the metric `active`, of the weeks that began in the last 28 days.")
    licensed: float | None
    as_of: dt.date


class UsageRead(Read):
    """An account's usage."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SERIES))

    from_: dt.date = Field(alias="from", description="As asked, extended to whole weeks or months.")
    to: dt.date
    grain: UsageGrain
    known_at: AwareDatetime | None
    utilisation: Utilisation
    metrics: list[UsageSeries]


class UsageStatusRead(Read):
    """A usage status, from a day on."""

    model_config = ConfigDict(json_schema_extra=shown(examples.STATUS))

    id: UUID
    status: UsageStatus | None
    since: dt.date
    utilisation: float | None
    active: float | None
    licensed: float | None
    backfilled: bool
    recorded_at: AwareDatetime


class UsageStatusSort(StrEnum):
    """The orders of a list of statuses."""

    recorded_at = "recorded_at"
    recorded_at_down = "-recorded_at"


class UsageStatusQuery(ListQuery):
    """The statuses to list."""

    sort: UsageStatusSort | MISSING = MISSING
    status: list[UsageStatus] | MISSING = MISSING


class UsageStatusPage(Page[UsageStatusRead]):
    """One page of statuses."""
