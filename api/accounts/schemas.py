"""Shapes of customers."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, StringConstraints

from api.accounts import examples
from api.accounts.models import Phase, TeamRole, TouchModel, UsageStatus
from api.kit.bulk_schemas import BulkItems, items_of
from api.kit.flexible import CustomValues, FlexibleQuery, Tags
from api.kit.schemas import (
    Count,
    CountParameter,
    CountryCode,
    CurrencyCode,
    Day,
    Domain,
    ExternalId,
    Input,
    Key,
    Line,
    ListQuery,
    MinorUnitsParameter,
    Money,
    Name,
    Page,
    Read,
    RecordRead,
    SearchText,
    shown,
)

LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$"), Field(examples=["ja"])]
CorporateNumber = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Z-]{1,30}$"),
    Field(description="法人番号 or another register's number.", examples=["7010401000000"]),
]
Sources = Annotated[
    dict[Key, Key],
    Field(max_length=50, description="The owning system of a field, by field.", examples=[{"name": "crm"}]),
]


class AccountCreate(Input):
    """An account to add. It starts in onboarding."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACCOUNT_CREATE))

    name: Name
    external_id: ExternalId | None = None
    legal_name: Line | None = None
    kana: Line | None = None
    corporate_number: CorporateNumber | None = None
    domain: Domain | None = None
    industry: Line | None = None
    employee_count: Count | None = None
    country: CountryCode | None = None
    language: LanguageCode | None = None
    parent_id: UUID | None = Field(default=None, description="The account of the group's parent company.")
    touch_model_override: TouchModel | None = None
    sources: Sources = {}
    tags: Tags = []
    custom: CustomValues = {}


class AccountUpdate(Input):
    """Changes to an account; absent fields stay, null clears, custom values merge."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACCOUNT_UPDATE))

    name: Name | MISSING = MISSING
    external_id: ExternalId | None | MISSING = MISSING
    legal_name: Line | None | MISSING = MISSING
    kana: Line | None | MISSING = MISSING
    corporate_number: CorporateNumber | None | MISSING = MISSING
    domain: Domain | None | MISSING = MISSING
    industry: Line | None | MISSING = MISSING
    employee_count: Count | None | MISSING = MISSING
    country: CountryCode | None | MISSING = MISSING
    language: LanguageCode | None | MISSING = MISSING
    parent_id: UUID | None | MISSING = MISSING
    touch_model_override: TouchModel | None | MISSING = MISSING
    sources: Sources | MISSING = MISSING
    tags: Tags | MISSING = MISSING
    custom: CustomValues | MISSING = MISSING


class AccountUpsert(AccountUpdate):
    """An account as another system knows it; absent fields stay as they are, or get their defaults."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACCOUNT_UPSERT))

    external_id: ExternalId


class AccountBulkUpsert(Input):
    """Up to 5,000 accounts by external id."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACCOUNT_BULK_UPSERT))

    items: Annotated[BulkItems, items_of(AccountUpsert)]


class AccountBatchGet(Input):
    """The accounts to read."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACCOUNT_BATCH_GET))

    ids: list[UUID] = Field(min_length=1, max_length=200)


class UserSummary(Read):
    """A person of the workspace, in short."""

    id: UUID
    name: str
    role: str


class AccountSummary(Read):
    """An account, in short."""

    id: UUID
    external_id: str | None
    name: str
    phase: Phase


class TeamMemberSummary(Read):
    """A current member of an account's team."""

    id: UUID
    user_id: UUID
    role: TeamRole
    starts_on: dt.date


class ExternalRef(Read):
    """The account's id in another system."""

    source: str
    ref: str


class Reason(Read):
    """One criterion of a figure: what was found, how far it was met (0 to 100), how much it weighs."""

    criterion: str
    met: float | None
    weight: float


class AccountRead(RecordRead):
    """A customer. Money, dates and scores from `currency` down are derived and never written here."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACCOUNT_READ))

    external_id: str | None
    name: str
    legal_name: str | None
    kana: str | None
    corporate_number: str | None
    domain: str | None
    industry: str | None
    employee_count: int | None
    country: str | None
    language: str | None
    parent_id: UUID | None
    owner_id: UUID | None = Field(description="The current CSM; set through the account team.")
    phase: Phase
    phase_since: dt.date
    onboarding_completed_at: AwareDatetime | None
    is_first_renewal: bool
    touch_model: TouchModel | None = Field(description="The override, or what the ACV band says.")
    touch_model_override: TouchModel | None
    sources: dict[str, str]
    tags: list[str]
    custom: dict[str, Any]
    mrr: Money | None
    arr: Money | None
    seats: int | None
    first_paid_on: dt.date | None
    renewal_on: dt.date | None
    notice_deadline: dt.date | None
    health_score: float | None
    health_band: str | None
    usage_status: UsageStatus | None
    icp_fit: float | None = Field(description="Fit with the ideal customer, 0 to 100.")
    importance: float | None = Field(description="Weighted criteria, 0 to 100.")
    owner: UserSummary | None | MISSING = MISSING
    parent: AccountSummary | None | MISSING = MISSING
    children: list[AccountSummary] | MISSING = MISSING
    team: list[TeamMemberSummary] | MISSING = MISSING
    external_refs: list[ExternalRef] | MISSING = MISSING
    icp_fit_reasons: list[Reason] | MISSING = MISSING
    importance_reasons: list[Reason] | MISSING = MISSING


class AccountSort(StrEnum):
    """The orders of a list of accounts."""

    name = "name"
    name_down = "-name"
    created_at = "created_at"
    created_at_down = "-created_at"
    updated_at = "updated_at"
    updated_at_down = "-updated_at"
    mrr = "mrr"
    mrr_down = "-mrr"
    health_score = "health_score"
    health_score_down = "-health_score"
    importance = "importance"
    importance_down = "-importance"
    icp_fit = "icp_fit"
    icp_fit_down = "-icp_fit"
    renewal_on = "renewal_on"
    renewal_on_down = "-renewal_on"


class AccountFilter(FlexibleQuery):
    """What accounts can be filtered by; segments are saved filters of this shape."""

    q: SearchText | MISSING = Field(default=MISSING, description="Text in the names, kana, domain or external id.")
    external_id: list[ExternalId] | MISSING = MISSING
    phase: list[Phase] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    parent_id: list[UUID] | MISSING = MISSING
    industry: list[Line] | MISSING = MISSING
    country: list[CountryCode] | MISSING = MISSING
    employee_count_min: CountParameter | MISSING = MISSING
    employee_count_max: CountParameter | MISSING = MISSING
    touch_model: list[TouchModel] | MISSING = MISSING
    usage_status: list[UsageStatus] | MISSING = MISSING
    currency: list[CurrencyCode] | MISSING = MISSING
    mrr_min: MinorUnitsParameter | MISSING = Field(default=MISSING, description="In minor units.")
    mrr_max: MinorUnitsParameter | MISSING = MISSING
    health_min: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | MISSING = MISSING
    health_max: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | MISSING = MISSING
    icp_fit_min: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | MISSING = MISSING
    importance_min: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | MISSING = MISSING
    renewal_after: Day | MISSING = MISSING
    renewal_before: Day | MISSING = MISSING
    is_first_renewal: bool | MISSING = MISSING


class AccountQuery(AccountFilter):
    """The accounts to list."""

    sort: AccountSort | MISSING = MISSING
    segment_id: UUID | MISSING = Field(default=MISSING, description="Only accounts in this segment.")


class AccountPage(Page[AccountRead]):
    """One page of accounts."""


class AccountList(Read):
    """The accounts of a batch read, in the order of the ids; those that are not there are left out."""

    data: list[AccountRead]


class AccountMerge(Input):
    """The account to fold into this one."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACCOUNT_MERGE))

    loser_id: UUID = Field(description="It is archived; its ids lead to this account afterwards.")


class ExternalRefWrite(Input):
    """The account's id in another system."""

    model_config = ConfigDict(json_schema_extra=shown(examples.EXTERNAL_REF_WRITE))

    ref: ExternalId


class PhaseChange(Input):
    """The phase to move to."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PHASE_CHANGE))

    phase: Phase
    on: Day | MISSING = Field(default=MISSING, description="The first day in the new phase; default today.")
    reason: Line | None = None


class CriterionWrite(Input):
    """Whether an onboarding criterion is met."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CRITERION_WRITE))

    met: bool = Field(strict=True)


class PhaseRead(Read):
    """One stay in a phase."""

    id: UUID
    account_id: UUID
    phase: Phase
    starts_on: dt.date
    ends_before: dt.date | None
    reason: str | None
    recorded_at: AwareDatetime


class PhasePage(Page[PhaseRead]):
    """One page of an account's phases."""


class PhaseQuery(ListQuery):
    """The phases to list."""

    phase: list[Phase] | MISSING = MISSING
