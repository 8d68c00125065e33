"""Tables of product gaps."""

import datetime as dt
from enum import StrEnum
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from api.kit import clock
from api.kit.search import search_index, searched
from api.kit.tables import (
    DISTRIBUTED,
    Record,
    Row,
    belongs_to,
    in_workspace,
    index,
    one_of,
    personal,
    sort_key,
    unique,
)


class GapStatus(StrEnum):
    """How far a gap is."""

    open = "open"
    planned = "planned"
    in_progress = "in_progress"
    shipped = "shipped"
    declined = "declined"


NOT_OVER: Final = (GapStatus.open, GapStatus.planned, GapStatus.in_progress)
STILL_MISSING_SQL: Final = "g.status IN ('open', 'planned', 'in_progress') AND g.archived_at IS NULL"
"""Of a gap ``g``: that customers go without it still."""


class GapSeverity(StrEnum):
    """How badly a gap hurts."""

    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"


class ProductGap(Record, table=True):
    """Something customers expect of the product and do not find. A merged one is archived and leads to the other."""

    __tablename__ = "product_gaps"
    __table_args__ = (
        in_workspace(),
        belongs_to("product_id", "products"),
        belongs_to("owner_id", "users"),
        belongs_to("reported_by_id", "users"),
        belongs_to("merged_into_id", "product_gaps"),
        unique("external_id"),
        index("rank_sort", "id"),
        index("severity_sort", "id"),
        index("title", "id"),
        index("created_at", "id"),
        index("updated_at", "id"),
        index("status_changed_at", "id"),
        index("status", "rank_sort", "id"),
        index("area", "rank_sort", "id"),
        index("merged_into_id"),
        search_index("product_gaps"),
        one_of("status", GapStatus),
        one_of("severity", GapSeverity),
        DISTRIBUTED,
    )

    external_id: str | None = None
    title: str
    expectation: str = ""
    actual: str = ""
    reason: str = ""
    area: str
    product_id: UUID | None = None
    severity: str = Field(default=GapSeverity.medium.value)
    workaround: str | None = None
    status: str = Field(default=GapStatus.open.value)
    status_reason: str | None = None
    status_changed_at: dt.datetime = Field(default_factory=clock.now)
    rank: float | None = None
    planned_for: str | None = None
    shipped_in: str | None = None
    customer_response: str | None = None
    customer_response_reason: str | None = None
    issue_url: str | None = None
    owner_id: UUID | None = None
    reported_by_id: UUID | None = None
    merged_into_id: UUID | None = None
    rank_sort: float = sort_key(sa.Double(), "coalesce(rank, 'infinity'::double precision)")
    severity_sort: int = sort_key(
        sa.Integer(), "CASE severity WHEN 'critical' THEN 3 WHEN 'high' THEN 2 WHEN 'medium' THEN 1 ELSE 0 END"
    )
    search_text: str = searched("title", "expectation", "actual", "reason", "area", "workaround", "external_id")


class GapStatusChange(Row, table=True):
    """One step of a gap. ``merged_from_id`` is the duplicate that took it, before it was merged."""

    __tablename__ = "product_gap_status_changes"
    __table_args__ = (
        belongs_to("gap_id", "product_gaps"),
        belongs_to("changed_by_id", "users"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "merged_from_id"], ["product_gaps.workspace_id", "product_gaps.id"], info={"stays": True}
        ),
        index("gap_id", "changed_at", "id"),
        one_of("to_status", GapStatus),
        DISTRIBUTED,
    )

    gap_id: UUID
    from_status: str | None = None
    to_status: str
    reason: str | None = None
    changed_at: dt.datetime = Field(default_factory=clock.now)
    changed_by_id: UUID | None = None
    merged_from_id: UUID | None = None


class GapReport(Record, table=True):
    """That an account misses something, and what it costs it. An account may report a gap more than once."""

    __tablename__ = "product_gap_reports"
    __table_args__ = (
        belongs_to("gap_id", "product_gaps"),
        belongs_to("account_id", "accounts"),
        belongs_to("contact_id", "contacts"),
        belongs_to("reported_by_id", "users"),
        belongs_to("interaction_id", "interactions"),
        belongs_to("ticket_id", "tickets"),
        belongs_to("survey_response_id", "survey_responses"),
        unique("external_id"),
        sa.Index(
            "ix_product_gap_reports_live", "workspace_id", "gap_id", "account_id", "blocks_renewal",
            postgresql_where=sa.text("archived_at IS NULL"),
        ),
        index("gap_id", "reported_on", "id"),
        index("account_id", "reported_on", "id"),
        index("contact_id"),
        index("reported_on", "id"),
        index("created_at", "id"),
        DISTRIBUTED,
    )  # fmt: skip

    gap_id: UUID
    account_id: UUID
    contact_id: UUID | None = None
    external_id: str | None = None
    # What a person said may name them.
    impact: str = personal(default="")
    blocks_renewal: bool = False
    reported_on: dt.date
    reported_by_id: UUID | None = None
    interaction_id: UUID | None = None
    ticket_id: UUID | None = None
    survey_response_id: UUID | None = None
    recorded_at: dt.datetime = Field(default_factory=clock.now)
    backfilled: bool = False


class GapComment(Record, table=True):
    """What somebody of ours says about a gap. An internal one is not meant for customers' eyes."""

    __tablename__ = "product_gap_comments"
    __table_args__ = (
        belongs_to("gap_id", "product_gaps"),
        belongs_to("author_id", "users"),
        index("gap_id", "created_at", "id"),
        index("created_at", "id"),
        DISTRIBUTED,
    )

    gap_id: UUID
    author_id: UUID | None = None
    text: str
    internal: bool = True
