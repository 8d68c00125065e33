"""Tables of analytics: only what a workspace has to state, since everything else is derived."""

import datetime as dt
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from api.kit.tables import DISTRIBUTED, Record, belongs_to, in_workspace, index


class AcquisitionCost(Record, table=True):
    """What winning customers cost in a period, in minor units of ``currency``; of a segment, or of all."""

    __tablename__ = "acquisition_costs"
    __table_args__ = (
        in_workspace(),
        belongs_to("segment_id", "segments"),
        index("starts_on", "id"),
        index("created_at", "id"),
        sa.CheckConstraint("ends_before > starts_on", name="ends_after_start"),
        DISTRIBUTED,
    )

    starts_on: dt.date
    ends_before: dt.date
    segment_id: UUID | None = None
    currency: str
    amount_minor: int = Field(sa_type=sa.BigInteger)
    customers_won: int
    note: str = ""
