"""Tables of contracts and of the ledger."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from api.contracts.mrr import Cause, MovementType
from api.kit import clock
from api.kit.search import search_index, searched
from api.kit.tables import (
    DISTRIBUTED,
    Record,
    Row,
    belongs_to,
    empty_list,
    in_workspace,
    index,
    json_column,
    one_of,
    sort_key,
    unique,
)


class ContractKind(StrEnum):
    """Whether a contract earns anything."""

    subscription = "subscription"
    trial = "trial"


class ContractState(StrEnum):
    """Where a contract stands today."""

    scheduled = "scheduled"
    running = "running"
    notified = "notified"
    overdue = "overdue"
    ended = "ended"


class Decision(StrEnum):
    """What the customer decided at the end of a term."""

    pending = "pending"
    renewed = "renewed"
    expanded = "expanded"
    contracted = "contracted"
    churned = "churned"


class Forecast(StrEnum):
    """What we expect the customer to decide."""

    commit = "commit"
    likely = "likely"
    at_risk = "at_risk"
    lost = "lost"


class Contract(Record, table=True):
    """What a customer bought, and for how long."""

    __tablename__ = "contracts"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        unique("external_id"),
        index("account_id", "starts_on", "id"),
        index("starts_on", "id"),
        index("created_at", "id"),
        index("updated_at", "id"),
        index("name", "id"),
        index("ends_sort", "id"),
        index("state", "ends_sort", "id"),
        search_index("contracts"),
        one_of("kind", ContractKind),
        one_of("state", ContractState),
        sa.CheckConstraint("ends_before IS NULL OR ends_before > starts_on", name="ends_after_start"),
        DISTRIBUTED,
    )

    account_id: UUID
    external_id: str | None = None
    name: str
    kind: str = Field(default=ContractKind.subscription.value)
    currency: str
    signed_on: dt.date | None = None
    starts_on: dt.date
    ends_before: dt.date | None = None
    auto_renew: bool = False
    renewal_months: int | None = None
    notice_days: int = 30
    notice_received_on: dt.date | None = None
    stops_before: dt.date | None = None
    stops_as: str | None = None
    state: str = Field(default=ContractState.running.value)
    stated_items: list[dict[str, Any]] = json_column(default_factory=empty_list)
    mrr_minor: int = Field(default=0, sa_type=sa.BigInteger)
    ends_sort: dt.date = sort_key(sa.Date(), "coalesce(stops_before, ends_before, '9999-12-31'::date)")
    search_text: str = searched("name", "external_id")


class ContractItem(Record, table=True):
    """A product within a contract, from a day until before another. Prices are in minor units."""

    __tablename__ = "contract_items"
    __table_args__ = (
        belongs_to("contract_id", "contracts"),
        belongs_to("account_id", "accounts"),
        belongs_to("product_id", "products"),
        index("contract_id", "starts_on", "id"),
        index("product_id"),
        one_of("starts_as", Cause),
        DISTRIBUTED,
    )

    contract_id: UUID
    account_id: UUID
    product_id: UUID
    follows_id: UUID | None = None
    starts_on: dt.date
    ends_before: dt.date | None = None
    quantity: int = Field(default=1, sa_type=sa.BigInteger)
    counts_seats: bool = True
    unit_price: int = Field(sa_type=sa.BigInteger)
    interval_months: int = 1
    discount: int = 0
    discount_ends_before: dt.date | None = None
    free_before: dt.date | None = None
    commitment: int | None = Field(default=None, sa_type=sa.BigInteger)
    ramp: list[dict[str, Any]] = json_column(default_factory=empty_list)
    starts_as: str = Cause.signed.value
    ends_as: str = Cause.item_end.value


class ContractRate(SQLModel, table=True):
    """What an item is worth per month over some days, in parts; derived from the item, replaced with it."""

    __tablename__ = "contract_rates"
    __table_args__ = (
        belongs_to("item_id", "contract_items"),
        belongs_to("contract_id", "contracts"),
        belongs_to("account_id", "accounts"),
        belongs_to("product_id", "products"),
        index("account_id", "starts_on"),
        index("contract_id"),
        DISTRIBUTED,
    )

    workspace_id: UUID = Field(primary_key=True)
    item_id: UUID = Field(primary_key=True)
    starts_on: dt.date = Field(primary_key=True)
    ends_before: dt.date | None = None
    contract_id: UUID
    account_id: UUID
    product_id: UUID
    currency: str
    parts: int = Field(sa_type=sa.BigInteger)
    seats: int = Field(default=0, sa_type=sa.BigInteger)
    starts_as: str
    ends_as: str


class ContractTerm(Record, table=True):
    """A stretch of a contract at whose end the customer decides."""

    __tablename__ = "contract_terms"
    __table_args__ = (
        belongs_to("contract_id", "contracts"),
        belongs_to("account_id", "accounts"),
        unique("contract_id", "starts_on"),
        index("account_id", "ends_before"),
        index("ends_before", "id"),
        index("decision", "ends_before", "id"),
        index("notice_deadline", "id"),
        one_of("decision", Decision),
        one_of("forecast", Forecast),
        sa.CheckConstraint("ends_before > starts_on", name="ends_after_start"),
        DISTRIBUTED,
    )

    contract_id: UUID
    account_id: UUID
    starts_on: dt.date
    ends_before: dt.date
    notice_deadline: dt.date
    decision: str = Decision.pending.value
    decided_on: dt.date | None = None
    automatic: bool = False
    forecast: str | None = None
    reasons: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    comment: str = ""


class ContractRateChange(Row, table=True):
    """By how much the worth per month of a contract with a product changes on a day, in parts; only ever added to.

    The sum up to a day, of what had been recorded by a moment, is what was known at that moment.
    """

    __tablename__ = "contract_rate_changes"
    __table_args__ = (
        belongs_to("contract_id", "contracts"),
        belongs_to("product_id", "products"),
        sa.Index(
            "ix_contract_rate_changes_of_contract", "workspace_id", "contract_id", "day",
            postgresql_include=["recorded_at", "product_id", "parts"],
        ),
        DISTRIBUTED,
    )  # fmt: skip

    contract_id: UUID
    product_id: UUID
    day: dt.date
    parts: int = Field(sa_type=sa.BigInteger)
    recorded_at: dt.datetime


class ContractTermVersion(Row, table=True):
    """When a term was known to begin and end, from ``recorded_at`` until before ``superseded_at`` (null: until now).

    Terms of archived contracts have no version of now.
    """

    __tablename__ = "contract_term_versions"
    __table_args__ = (
        belongs_to("term_id", "contract_terms"),
        belongs_to("contract_id", "contracts"),
        index("contract_id", "starts_on"),
        index("ends_before"),
        unique("term_id", where="superseded_at IS NULL"),
        DISTRIBUTED,
    )

    term_id: UUID
    contract_id: UUID
    starts_on: dt.date
    ends_before: dt.date
    backfilled: bool = False
    recorded_at: dt.datetime
    superseded_at: dt.datetime | None = None


class RenewalDecision(Row, table=True):
    """A decision as it was recorded: the history of a term."""

    __tablename__ = "renewal_decisions"
    __table_args__ = (
        belongs_to("term_id", "contract_terms"),
        belongs_to("account_id", "accounts"),
        index("term_id", "recorded_at", "id"),
        index("account_id"),
        one_of("decision", Decision),
        DISTRIBUTED,
    )

    term_id: UUID
    account_id: UUID
    decision: str
    decided_on: dt.date
    automatic: bool = False
    reasons: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    recorded_at: dt.datetime = Field(default_factory=clock.now)


class MrrMovement(Row, table=True):
    """A line of the ledger. The application role may add lines, and never change or delete them.

    ``amount_minor`` is negative when MRR falls; a correction is the signed difference to what was recorded before.
    """

    __tablename__ = "mrr_movements"
    __table_args__ = (
        # Stays with the account it was recorded for: a merger is told by further lines.
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"], ["accounts.workspace_id", "accounts.id"], info={"stays": True}
        ),
        belongs_to("product_id", "products"),
        sa.Index(
            "ix_mrr_movements_of_account", "workspace_id", "account_id", "effective_on",
            postgresql_include=["recorded_at", "product_id", "currency", "type", "amount_minor"],
        ),
        index("effective_on", "id"),
        index("recorded_at", "id"),
        one_of("type", MovementType),
        one_of("cause", Cause),
        DISTRIBUTED,
    )  # fmt: skip

    account_id: UUID
    product_id: UUID
    contract_id: UUID | None = None
    currency: str
    effective_on: dt.date
    type: str
    amount_minor: int = Field(sa_type=sa.BigInteger)
    cause: str
    corrects_id: UUID | None = None
    backfilled: bool = False
    recorded_at: dt.datetime = Field(default_factory=clock.now)


class ExchangeRate(Record, table=True):
    """What one unit of a currency was worth in the workspace's base currency on a day."""

    __tablename__ = "exchange_rates"
    __table_args__ = (in_workspace(), unique("currency", "day"), index("day", "id"), DISTRIBUTED)

    currency: str
    day: dt.date
    rate: str
    source: str = ""


class ExchangeRateSuperseded(Row, table=True):
    """What a correction replaced: the rate that was known of a day until before ``superseded_at``."""

    __tablename__ = "exchange_rates_superseded"
    __table_args__ = (
        in_workspace(),
        sa.Index("ix_exchange_rates_superseded_of_day", "workspace_id", "currency", "day", "superseded_at"),
        DISTRIBUTED,
    )

    currency: str
    day: dt.date
    rate: str
    superseded_at: dt.datetime = Field(default_factory=clock.now)
