"""Tables of value realisation."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from api.kit import clock
from api.kit.tables import DISTRIBUTED, Record, Row, belongs_to, index, one_of, sort_key


class ValueState(StrEnum):
    """Whether the customer stands by the figures."""

    draft = "draft"
    confirmed = "confirmed"


class ValueRealisation(Record, table=True):
    """Work that people no longer do over a period, and what it is worth; see :mod:`api.success_roadmaps.value`.

    Amounts are minor units of ``currency``. ``cost_minor`` is what our product cost over the period where somebody said
    so; without it the ledger says it. ``recorded_at`` tells since when the row is known as it stands; what was believed
    before is in ``value_realisations_superseded``.
    """

    __tablename__ = "value_realisations"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("roadmap_id", "success_roadmaps"),
        belongs_to("goal_id", "roadmap_goals"),
        belongs_to("confirmed_by_id", "contacts"),
        index("starts_on", "id"),
        index("created_at", "id"),
        index("value_minor", "id"),
        index("account_id", "ends_before", "id"),
        index("roadmap_id", "starts_on", "id"),
        index("goal_id"),
        index("confirmed_by_id"),
        one_of("state", ValueState),
        sa.CheckConstraint("ends_before > starts_on", name="ends_after_start"),
        sa.CheckConstraint(
            "volume >= 0 AND minute_hundredths >= 0 AND hourly_cost_minor >= 0 AND cost_minor >= 0", name="no_negatives"
        ),
        DISTRIBUTED,
    )

    account_id: UUID
    roadmap_id: UUID | None = None
    goal_id: UUID | None = None
    name: str
    unit: str = ""
    starts_on: dt.date
    ends_before: dt.date
    volume: int = Field(sa_type=sa.BigInteger)
    minute_hundredths: int = Field(sa_type=sa.BigInteger)
    currency: str
    hourly_cost_minor: int = Field(sa_type=sa.BigInteger)
    cost_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    evidence: str = ""
    state: str = ValueState.draft.value
    confirmed_by_id: UUID | None = None
    confirmed_at: dt.datetime | None = None
    recorded_at: dt.datetime = Field(default_factory=clock.now)
    value_minor: int = sort_key(
        sa.BigInteger(),
        "perennial_half_even(volume::numeric * minute_hundredths * hourly_cost_minor, 6000)",
    )


class SupersededValue(Row, table=True):
    """What was believed of a value realisation from ``recorded_at`` until before ``superseded_at``."""

    __tablename__ = "value_realisations_superseded"
    __table_args__ = (
        belongs_to("realisation_id", "value_realisations"),
        belongs_to("account_id", "accounts"),
        belongs_to("roadmap_id", "success_roadmaps"),
        index("realisation_id", "recorded_at"),
        index("account_id", "superseded_at"),
        index("roadmap_id"),
        one_of("state", ValueState),
        DISTRIBUTED,
    )

    realisation_id: UUID
    account_id: UUID
    roadmap_id: UUID | None = None
    state: str
    starts_on: dt.date
    ends_before: dt.date
    volume: int = Field(sa_type=sa.BigInteger)
    minute_hundredths: int = Field(sa_type=sa.BigInteger)
    currency: str
    hourly_cost_minor: int = Field(sa_type=sa.BigInteger)
    cost_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    value_minor: int = Field(sa_type=sa.BigInteger)
    recorded_at: dt.datetime
    superseded_at: dt.datetime
