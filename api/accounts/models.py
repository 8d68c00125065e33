"""Tables of customers."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

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


class Phase(StrEnum):
    """Where an account stands in its life as a customer."""

    onboarding = "onboarding"
    adoption = "adoption"
    renewal = "renewal"
    churned = "churned"


class TouchModel(StrEnum):
    """How much human attention an account gets."""

    high = "high"
    low = "low"
    tech = "tech"


class UsageStatus(StrEnum):
    """How much of what it bought an account uses."""

    healthy = "healthy"
    needs_attention = "needs_attention"
    inactive = "inactive"


class TeamRole(StrEnum):
    """The parts our people play for an account."""

    csm = "csm"
    onboarding_specialist = "onboarding_specialist"
    success_partner = "success_partner"
    success_planner = "success_planner"
    technical_account_manager = "technical_account_manager"
    executive_sponsor = "executive_sponsor"
    account_executive = "account_executive"
    sales_engineer = "sales_engineer"
    support = "support"


class Account(Record, table=True):
    """A customer."""

    __tablename__ = "accounts"
    __table_args__ = (
        in_workspace(),
        belongs_to("parent_id", "accounts"),
        belongs_to("owner_id", "users"),
        belongs_to("merged_into_id", "accounts"),
        unique("external_id"),
        index("name", "id"),
        index("created_at", "id"),
        index("updated_at", "id"),
        index("phase", "name", "id"),
        index("owner_id", "name", "id"),
        index("parent_id"),
        index("industry", "name", "id"),
        search_index("accounts"),
        one_of("phase", Phase),
        one_of("touch_model_override", TouchModel),
        sa.CheckConstraint("parent_id <> id", name="is_not_its_own_parent"),
        DISTRIBUTED,
    )

    external_id: str | None = None
    name: str
    legal_name: str | None = None
    kana: str | None = None
    corporate_number: str | None = None
    domain: str | None = None
    industry: str | None = None
    employee_count: int | None = None
    country: str | None = None
    language: str | None = None
    parent_id: UUID | None = None
    owner_id: UUID | None = None
    phase: str = Field(default=Phase.onboarding.value)
    phase_since: dt.date
    onboarding_completed_at: dt.datetime | None = None
    onboarding_criteria_met: dict[str, Any] = json_column(default_factory=dict)
    is_first_renewal: bool = True
    touch_model_override: str | None = None
    sources: dict[str, Any] = json_column(default_factory=dict)
    tags: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    custom: dict[str, Any] = json_column(default_factory=dict)
    merged_into_id: UUID | None = None
    search_text: str = searched("name", "legal_name", "kana", "domain", "external_id")


class AccountStanding(SQLModel, table=True):
    """What later packages know of an account; narrow, never versioned, written set-based.

    Amounts are in minor units of ``currency``.
    """

    __tablename__ = "account_standing"
    __table_args__ = (
        belongs_to("account_id", "accounts", on_delete="CASCADE"),
        index("mrr_sort", "account_id"),
        index("health_sort", "account_id"),
        index("importance_sort", "account_id"),
        index("renewal_sort", "account_id"),
        index("icp_fit_sort", "account_id"),
        {**DISTRIBUTED},
    )

    workspace_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    currency: str | None = None
    mrr_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    arr_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    acv_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    seats: int | None = None
    contract_months: int | None = None
    first_paid_on: dt.date | None = None
    renewal_on: dt.date | None = None
    notice_deadline: dt.date | None = None
    health_score: float | None = None
    health_band: str | None = None
    health_at: dt.datetime | None = None
    usage_status: str | None = None
    utilisation: float | None = None
    case_willingness: float | None = None
    expansion_likelihood: float | None = None
    touch_model: str | None = None
    icp_fit: float | None = None
    icp_fit_reasons: list[dict[str, Any]] = json_column(default_factory=empty_list)
    importance: float | None = None
    importance_reasons: list[dict[str, Any]] = json_column(default_factory=empty_list)
    mrr_sort: int = sort_key(sa.BigInteger(), "coalesce(mrr_minor, -1)")
    health_sort: float = sort_key(sa.Double(), "coalesce(health_score, -1)")
    importance_sort: float = sort_key(sa.Double(), "coalesce(importance, -1)")
    icp_fit_sort: float = sort_key(sa.Double(), "coalesce(icp_fit, -1)")
    renewal_sort: dt.date = sort_key(sa.Date(), "coalesce(renewal_on, '9999-12-31'::date)")


class AccountRef(Row, table=True):
    """The id of an account in another system."""

    __tablename__ = "account_refs"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        unique("source", "ref"),
        index("account_id"),
        DISTRIBUTED,
    )

    account_id: UUID
    source: str
    ref: str


class AccountPhase(Row, table=True):
    """One stay of an account in a phase."""

    __tablename__ = "account_phases"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        index("account_id", "starts_on", "id"),
        one_of("phase", Phase),
        DISTRIBUTED,
    )

    account_id: UUID
    phase: str
    starts_on: dt.date
    ends_before: dt.date | None = None
    reason: str | None = None
    recorded_at: dt.datetime = Field(default_factory=clock.now)


class TeamMember(Record, table=True):
    """One of our people in a role for an account, from a day until before another."""

    __tablename__ = "account_team"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("user_id", "users"),
        index("account_id", "role", "starts_on"),
        index("user_id", "role"),
        index("starts_on", "id"),
        one_of("role", TeamRole),
        sa.CheckConstraint("ends_before IS NULL OR ends_before >= starts_on", name="ends_after_start"),
        sa.Index(
            "uq_account_team_current",
            "workspace_id", "account_id", "role", "user_id",
            unique=True,
            postgresql_where=sa.text("ends_before IS NULL AND archived_at IS NULL"),
        ),
        DISTRIBUTED,
    )  # fmt: skip

    account_id: UUID
    user_id: UUID
    role: str
    starts_on: dt.date
    ends_before: dt.date | None = None


class Segment(Record, table=True):
    """A saved filter over accounts, in the list's own grammar; each change keeps the older version."""

    __tablename__ = "segments"
    __table_args__ = (in_workspace(), unique("name"), index("name", "id"), DISTRIBUTED)

    name: str
    description: str = ""
    filter: dict[str, Any] = json_column()
    filter_version: int = 1


class SegmentVersion(Row, table=True):
    """What a segment's filter was, and from when."""

    __tablename__ = "segment_versions"
    __table_args__ = (
        belongs_to("segment_id", "segments"),
        unique("segment_id", "filter_version"),
        DISTRIBUTED,
    )

    segment_id: UUID
    filter_version: int
    filter: dict[str, Any] = json_column()
    valid_from: dt.datetime = Field(default_factory=clock.now)


class SavedView(Record, table=True):
    """A list a user comes back to: filters, sort, columns."""

    __tablename__ = "saved_views"
    __table_args__ = (
        in_workspace(),
        belongs_to("user_id", "users"),
        unique("user_id", "name"),
        index("name", "id"),
        DISTRIBUTED,
    )

    user_id: UUID | None = None
    name: str
    resource: str = "accounts"
    query: dict[str, Any] = json_column()
    shared: bool = False


class PolicyKind(StrEnum):
    """How a policy finds the owner."""

    size = "size"
    phase = "phase"
    two_axes = "two_axes"


class AssignmentPolicy(Record, table=True):
    """A rule that says who owns which accounts. Changing the rules makes a new policy version."""

    __tablename__ = "assignment_policies"
    __table_args__ = (in_workspace(), index("name", "id"), one_of("kind", PolicyKind), DISTRIBUTED)

    name: str
    kind: str
    role: str = TeamRole.csm.value
    score: str = "importance"
    rules: list[dict[str, Any]] = json_column()
    policy_version: int = 1
    active: bool = False
