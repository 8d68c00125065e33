"""Tables of reference cases and of their catalogues."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

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
    shown_json,
    sort_key,
    unique,
)


class MetricDirection(StrEnum):
    """Which way a metric should go."""

    higher_is_better = "higher_is_better"
    lower_is_better = "lower_is_better"


class CaseState(StrEnum):
    """How far a case is; a pending revision does not change what it is to readers."""

    draft = "draft"
    in_review = "in_review"
    approved = "approved"
    retired = "retired"


class RevisionState(StrEnum):
    """How far a version of a case is."""

    draft = "draft"
    in_review = "in_review"
    approved = "approved"
    dropped = "dropped"


class CaseOrigin(StrEnum):
    """Whether we came upon a case, or made it together with the customer."""

    found = "found"
    co_created = "co_created"


class Initiative(Record, table=True):
    """Something customers do to reach their goals: what a case says was done."""

    __tablename__ = "initiatives"
    __table_args__ = (in_workspace(), unique("key"), index("key", "id"), DISTRIBUTED)

    key: str
    name_ja: str
    name_en: str
    synonyms: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    description: str = ""
    active: bool = True


class OutcomeMetric(Record, table=True):
    """A figure that cases report on. Its direction never changes: improvements were computed with it."""

    __tablename__ = "outcome_metrics"
    __table_args__ = (
        in_workspace(),
        unique("key"),
        index("key", "id"),
        one_of("direction", MetricDirection),
        DISTRIBUTED,
    )

    key: str
    name_ja: str
    name_en: str
    synonyms: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    unit: str = ""
    direction: str
    description: str = ""
    active: bool = True


SIZE_BAND_SQL = (
    "CASE WHEN employee_count IS NULL THEN NULL WHEN employee_count < 50 THEN '1_49' "
    "WHEN employee_count < 250 THEN '50_249' WHEN employee_count < 1000 THEN '250_999' "
    "WHEN employee_count < 5000 THEN '1000_4999' ELSE '5000_plus' END"
)


class ReferenceCase(Record, table=True):
    """A case as its readers see it: as approved last, or as drafted while it was never approved.

    ``initiatives`` and ``outcomes`` are told as :mod:`~api.reference_cases.catalogue` writes them, with the names of the
    catalogues, so that a page of cases looks up nothing for each. ``revision`` is the number of the open version beside it, ``approved_revision`` of the one that is shown; 0: none.
    """

    __tablename__ = "reference_cases"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("program_id", "programs"),
        belongs_to("author_id", "users"),
        belongs_to("approved_by_id", "users"),
        index("account_id", "created_at", "id"),
        index("created_at", "id"),
        search_index("reference_cases"),
        one_of("state", CaseState),
        one_of("origin", CaseOrigin),
        sa.CheckConstraint("period_ends_before IS NULL OR period_ends_before > period_starts_on", name="period"),
        DISTRIBUTED,
    )

    account_id: UUID
    state: str = CaseState.draft.value
    origin: str = CaseOrigin.found.value
    program_id: UUID | None = None
    author_id: UUID | None = None
    title_ja: str = ""
    title_en: str = ""
    summary_ja: str = ""
    summary_en: str = ""
    anonymous_summary_ja: str = ""
    anonymous_summary_en: str = ""
    quote: str = ""
    evidence: str = ""
    evidence_url: str | None = None
    industry: str | None = None
    employee_count: int | None = None
    size_band: str | None = Field(
        default=None, sa_column=sa.Column(sa.Text(), sa.Computed(SIZE_BAND_SQL, persisted=True))
    )
    period_starts_on: dt.date | None = None
    period_ends_before: dt.date | None = None
    revision: int = 0
    revision_state: str | None = None
    approved_revision: int = 0
    approved_at: dt.datetime | None = None
    approved_by_id: UUID | None = None
    retired_at: dt.datetime | None = None
    initiatives: list[dict[str, Any]] = shown_json(default_factory=empty_list)
    outcomes: list[dict[str, Any]] = shown_json(default_factory=empty_list)
    catalogue_text: str = ""
    heading_text: str = Field(
        default=None,
        sa_column=sa.Column(
            sa.Text(), sa.Computed("perennial_fold(title_ja || E'\\n' || title_en)", persisted=True), nullable=False
        ),
    )
    search_text: str = searched(
        "title_ja", "title_en", "summary_ja", "summary_en", "quote", "industry", "catalogue_text"
    )


class CaseVersion(Row, table=True):
    """One version of a case's content: at most one is open; an approved one is never changed.

    ``content`` is what :class:`~api.reference_cases.case_schemas.CaseContent` says. ``author`` is the principal that wrote it
    last, a user or a key, and ``authors`` are all that had a hand in it: none of them reviews it.
    """

    __tablename__ = "reference_case_versions"
    __table_args__ = (
        belongs_to("case_id", "reference_cases"),
        belongs_to("author_id", "users"),
        belongs_to("reviewed_by_id", "users"),
        unique("case_id", "number"),
        sa.Index(
            "uq_reference_case_versions_open", "workspace_id", "case_id", unique=True,
            postgresql_where=sa.text("state IN ('draft', 'in_review')"),
        ),
        one_of("state", RevisionState),
        DISTRIBUTED,
    )  # fmt: skip

    case_id: UUID
    number: int
    state: str = RevisionState.draft.value
    content: dict[str, Any] = json_column()
    author: UUID | None = None
    authors: list[UUID] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Uuid), nullable=False)
    author_id: UUID | None = None
    created_at: dt.datetime = Field(default_factory=clock.now)
    submitted_at: dt.datetime | None = None
    reviewed_at: dt.datetime | None = None
    reviewed_by_id: UUID | None = None
    review_comment: str = ""


def _pct(sign: str) -> str:
    return f"CASE WHEN baseline <> 0 THEN {sign}100 * ((result - baseline) / abs(baseline)) END"


class CaseOutcome(Row, table=True):
    """What became of one metric in a case, of the version that is shown; percentages are of the baseline's size."""

    __tablename__ = "reference_case_outcomes"
    __table_args__ = (
        belongs_to("case_id", "reference_cases"),
        belongs_to("metric_id", "outcome_metrics"),
        unique("case_id", "metric_id"),
        index("metric_id"),
        DISTRIBUTED,
    )

    case_id: UUID
    metric_id: UUID
    place: int
    higher_is_better: bool
    baseline: float
    result: float
    change_pct: float | None = Field(
        default=None, sa_column=sa.Column(sa.Double(), sa.Computed(_pct(""), persisted=True))
    )
    improvement_pct: float | None = Field(
        default=None,
        sa_column=sa.Column(
            sa.Double(),
            sa.Computed(f"CASE WHEN higher_is_better THEN {_pct('')} ELSE {_pct('-')} END", persisted=True),
        ),
    )


class CaseEntry(Row, table=True):
    """The narrow table that the list walks: one row for each initiative and outcome of a case, in every state.

    Outcomes are numbered from the greatest improvement down, so that the rows with ``outcome_no`` 0 are each case's best,
    and those with both numbers 0 are the cases, once each. What a filter or a sort needs stands here too.
    """

    __tablename__ = "reference_case_entries"
    __table_args__ = (
        belongs_to("case_id", "reference_cases"),
        belongs_to("initiative_id", "initiatives"),
        belongs_to("metric_id", "outcome_metrics"),
        unique("case_id", "initiative_no", "outcome_no"),
        sa.Index(
            "ix_reference_case_entries_covering",
            "workspace_id", "state", "initiative_id", "metric_id", "improvement_sort", "id",
            postgresql_include=["case_id", "industry", "employee_count"],
        ),
        sa.Index(
            "ix_reference_case_entries_metric", "workspace_id", "state", "metric_id", "improvement_sort", "id",
            postgresql_where=sa.text("initiative_no = 0"),
        ),
        sa.Index(
            "ix_reference_case_entries_initiative", "workspace_id", "state", "initiative_id", "improvement_sort", "id",
            postgresql_where=sa.text("outcome_no = 0"),
        ),
        sa.Index(
            "ix_reference_case_entries_best", "workspace_id", "state", "improvement_sort", "id",
            postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
        ),
        sa.Index(
            "ix_reference_case_entries_industry", "workspace_id", "state", "industry", "improvement_sort", "id",
            postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
        ),
        sa.Index(
            "ix_reference_case_entries_listed", "workspace_id", "state", "listed_at", "id",
            postgresql_where=sa.text("initiative_no = 0 AND outcome_no = 0"),
        ),
        DISTRIBUTED,
    )  # fmt: skip

    case_id: UUID
    initiative_id: UUID
    metric_id: UUID | None = None
    initiative_no: int
    outcome_no: int
    improvement_pct: float | None = None
    state: str
    industry: str | None = None
    employee_count: int | None = None
    listed_at: dt.datetime
    improvement_sort: float = sort_key(sa.Double(), "coalesce(improvement_pct, -1e300)")
