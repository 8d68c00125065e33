"""Tables of what partners see: nothing in them but what the customers behind it have agreed to show them."""

import datetime as dt
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from api.kit.search import searched
from api.kit.tables import DISTRIBUTED, Record, Row, belongs_to, index, json_column, sort_key, unique


class PartnerCaseHandle(Row, table=True):
    """The random id under which a partner knows a case: another one by name than without it, another for each partner."""

    __tablename__ = "partner_case_handles"
    __table_args__ = (
        belongs_to("partner_id", "partners"),
        belongs_to("case_id", "reference_cases"),
        unique("partner_id", "case_id", "named"),
        DISTRIBUTED,
    )

    partner_id: UUID
    case_id: UUID
    named: bool


class PartnerReferenceCase(Row, table=True):
    """A case as one partner sees it, from one moment until another; ``id`` is that of the handle.

    A column is null where its consent is missing. What tells a case's other rows apart is the moment: when a consent
    ends, the row after it is there already.
    """

    __tablename__ = "partner_reference_cases"
    __table_args__ = (
        belongs_to("partner_id", "partners"),
        belongs_to("case_id", "reference_cases"),
        belongs_to("id", "partner_case_handles"),
        sa.Index(None, "workspace_id", "case_id", "partner_id"),
        sa.Index(None, "workspace_id", "partner_id", "id"),
        sa.Index(
            "ix_partner_reference_cases_search", "workspace_id", "partner_id",
            sa.text("perennial_bigrams(search_text)"), postgresql_using="gin",
        ),
        DISTRIBUTED,
    )  # fmt: skip

    visible_from: dt.datetime = Field(primary_key=True)
    visible_until: dt.datetime
    partner_id: UUID
    case_id: UUID
    named: bool
    account_name: str | None = None
    logo: bool = False
    live_acts: list[str] = json_column()
    title_ja: str | None = None
    title_en: str | None = None
    summary_ja: str | None = None
    summary_en: str | None = None
    quote: str | None = None
    evidence: str | None = None
    evidence_url: str | None = None
    industry: str | None = None
    size_band: str | None = None
    period_starts_on: dt.date | None = None
    period_ends_before: dt.date | None = None
    initiatives: list[dict[str, Any]] = json_column()
    outcomes: list[dict[str, Any]] = json_column()
    catalogue_text: str = ""
    heading_text: str = Field(
        default=None,
        sa_column=sa.Column(
            sa.Text(),
            sa.Computed("perennial_fold(coalesce(title_ja, '') || E'\\n' || coalesce(title_en, ''))", persisted=True),
            nullable=False,
        ),
    )
    search_text: str = searched(
        "account_name", "title_ja", "title_en", "summary_ja", "summary_en", "quote", "industry", "catalogue_text"
    )


class PartnerCaseEntry(Row, table=True):
    """The narrow table that a partner's list walks: one row for each initiative and outcome of a case that it sees.

    Numbered as :class:`~api.reference_cases.models.CaseEntry` is: the row with both numbers 0 is the case, once.
    """

    __tablename__ = "partner_case_entries"
    __table_args__ = (
        belongs_to("partner_id", "partners"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "id", "visible_from"],
            [f"partner_reference_cases.{key}" for key in ("workspace_id", "id", "visible_from")],
            ondelete="CASCADE",
        ),
        belongs_to("initiative_id", "initiatives"),
        belongs_to("metric_id", "outcome_metrics"),
        sa.Index(
            "ix_partner_case_entries_covering",
            "workspace_id", "partner_id", "initiative_id", "metric_id", "improvement_sort", "id",
            postgresql_include=["visible_from", "visible_until", "industry", "size_band"],
        ),
        sa.Index(
            "ix_partner_case_entries_metric", "workspace_id", "partner_id", "metric_id", "improvement_sort", "id",
            postgresql_where=sa.text("initiative_no = 0"),
        ),
        sa.Index(
            "ix_partner_case_entries_initiative", "workspace_id", "partner_id", "initiative_id", "improvement_sort", "id",
            postgresql_where=sa.text("outcome_no = 0"),
        ),
        sa.Index(
            "ix_partner_case_entries_best", "workspace_id", "partner_id", "improvement_sort", "id",
            postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
        ),
        DISTRIBUTED,
    )  # fmt: skip

    visible_from: dt.datetime = Field(primary_key=True)
    initiative_no: int = Field(primary_key=True)
    outcome_no: int = Field(primary_key=True)
    visible_until: dt.datetime
    partner_id: UUID
    initiative_id: UUID
    metric_id: UUID | None = None
    industry: str | None = None
    size_band: str | None = None
    improvement_pct: float | None = None
    improvement_sort: float = sort_key(sa.Double(), "coalesce(improvement_pct, -1e300)")


class PartnerReferenceRequest(Record, table=True):
    """What a partner asked, in its own words, and was answered; ``request_id`` is the request that our people work on."""

    __tablename__ = "partner_reference_requests"
    __table_args__ = (
        belongs_to("partner_id", "partners"),
        belongs_to("asked_by_id", "users"),
        belongs_to("case_id", "partner_case_handles"),
        belongs_to("request_id", "reference_requests"),
        index("partner_id", "created_at", "id"),
        unique("request_id"),
        DISTRIBUTED,
    )

    partner_id: UUID
    asked_by_id: UUID | None = None
    case_id: UUID | None = None
    request_id: UUID
    act: str
    prospect: str
    prospect_domain: str | None = None
    industry: str | None = None
    employee_count: int | None = None
    language: str | None = None
    due_on: dt.date
    note: str = ""
    answer: str | None = None
