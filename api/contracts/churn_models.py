"""The table of churn reports."""

import datetime as dt
from uuid import UUID

from sqlmodel import Field

from api.kit import clock
from api.kit.tables import DISTRIBUTED, Record, belongs_to, index, unique


class ChurnReport(Record, table=True):
    """A churn that another system tells of; it never touches the ledger."""

    __tablename__ = "churn_reports"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        unique("external_id"),
        index("account_id", "occurred_on", "id"),
        index("occurred_on", "id"),
        index("recorded_at", "id"),
        DISTRIBUTED,
    )

    account_id: UUID
    external_id: str | None = None
    occurred_on: dt.date
    reason_code: str | None = None
    comment: str = ""
    reactivation: bool = False
    recorded_at: dt.datetime = Field(default_factory=clock.now)
    backfilled: bool = False
