"""Tables of usage.

Days, superseded values and weeks declare no foreign keys: a check per row would halve what a load can carry. Whoever
writes them holds the workspace's ingest lock (:mod:`api.usage.ingest`), and a merger of accounts takes them along
(:mod:`api.usage.merging`).
"""

import datetime as dt
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from api.kit import clock
from api.kit.tables import DISTRIBUTED, Record, Row, belongs_to, in_workspace, index, one_of, unique


class Aggregation(StrEnum):
    """How the days of a longer stretch become one value."""

    sum = "sum"
    last = "last"
    max = "max"
    avg = "avg"


class Direction(StrEnum):
    """Which way is good."""

    higher_is_better = "higher_is_better"
    lower_is_better = "lower_is_better"


class MetricRole(StrEnum):
    """A metric's part in utilisation: active ÷ licensed."""

    active = "active"
    licensed = "licensed"


class UsageMetric(Record, table=True):
    """Something that is measured for each account and day."""

    __tablename__ = "usage_metrics"
    __table_args__ = (
        in_workspace(),
        belongs_to("product_id", "products"),
        unique("key"),
        unique("role", where="role IS NOT NULL AND archived_at IS NULL"),
        index("name", "id"),
        index("created_at", "id"),
        index("product_id"),
        one_of("aggregation", Aggregation),
        one_of("direction", Direction),
        one_of("role", MetricRole),
        DISTRIBUTED,
    )

    key: str
    name: str
    unit: str | None = None
    description: str = ""
    aggregation: str = Field(default=Aggregation.sum.value)
    direction: str = Field(default=Direction.higher_is_better.value)
    product_id: UUID | None = None
    role: str | None = None


class UsageDay(SQLModel, table=True):
    """A measurement as it is known now; one partition for each month."""

    __tablename__ = "usage_daily"
    __table_args__ = ({**DISTRIBUTED, "postgresql_partition_by": "RANGE (day)"},)

    workspace_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    metric_id: UUID = Field(primary_key=True)
    day: dt.date = Field(primary_key=True)
    value: float
    recorded_at: dt.datetime
    backfilled: bool


class SupersededDay(SQLModel, table=True):
    """What a correction replaced: the value was known from ``recorded_at`` until before ``superseded_at``."""

    __tablename__ = "usage_superseded"
    __table_args__ = (index("day"), DISTRIBUTED)

    workspace_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    metric_id: UUID = Field(primary_key=True)
    day: dt.date = Field(primary_key=True)
    superseded_at: dt.datetime = Field(primary_key=True)
    recorded_at: dt.datetime
    value: float
    backfilled: bool


class UsageWeek(SQLModel, table=True):
    """The days of an ISO week in one row, as known now.

    ``week`` is its Monday. As known at a moment the row may be used if ``last_recorded_at`` is not later; else read the
    days and what was superseded. ``last_active_day`` is the last day above zero.
    """

    __tablename__ = "usage_weekly"
    # Room for another day of every week beside its row: at 70, half of the next day's updates moved to other pages.
    # Scores read some weeks of all accounts, hence the index; by account, so that it serves a single one as well as the key.
    __table_args__ = (index("week", "account_id"), {**DISTRIBUTED, "postgresql_with": {"fillfactor": 50}})

    workspace_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    metric_id: UUID = Field(primary_key=True)
    week: dt.date = Field(primary_key=True)
    n: int
    sum: float
    max: float
    sumsq: float
    last: float
    last_day: dt.date
    last_active_day: dt.date | None = None
    last_recorded_at: dt.datetime
    backfilled_n: int


class UsageStatusChange(Row, table=True):
    """An account's usage status from a day on; null without licences or measurements."""

    __tablename__ = "usage_statuses"
    __table_args__ = (
        # Tells what was true of the account, so a merger leaves it.
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"], ["accounts.workspace_id", "accounts.id"], info={"stays": True}
        ),
        index("account_id", "recorded_at", "id"),
        sa.CheckConstraint("status IN ('healthy', 'needs_attention', 'inactive')", name="status"),
        DISTRIBUTED,
    )

    account_id: UUID
    status: str | None = None
    since: dt.date
    utilisation: float | None = None
    active: float | None = None
    licensed: float | None = None
    backfilled: bool = False
    recorded_at: dt.datetime = Field(default_factory=clock.now)
