"""Shapes of the screens."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints

from api.accounts.models import Phase, TouchModel, UsageStatus
from api.accounts.schemas import (
    AccountQuery,
    AccountRead,
    AccountSummary,
    ExternalRef,
    PhaseRead,
    Reason,
    TeamMemberSummary,
    UserSummary,
)
from api.analytics import examples
from api.contacts.schemas import ContactRead
from api.contracts.ledger_schemas import MovementRead, MrrRead
from api.contracts.schemas import ContractRead
from api.health_scores.score_schemas import HealthScoreRead
from api.health_scores.target_schemas import HealthTargetRead
from api.interactions.schemas import InteractionRead
from api.kit.schemas import Day, Input, Money, Page, Read, shown
from api.product_gaps.report_schemas import GapReportRead
from api.reference_cases.case_schemas import ReferenceCaseRead
from api.signals.schemas import SignalRead
from api.success_roadmaps.schemas import RoadmapRead
from api.tasks.schemas import TaskRead


def _split(value: object) -> object:
    # ``a,b`` and ``a&…=b`` mean the same: generated clients write either.
    return [part for text in value for part in str(text).split(",")] if isinstance(value, list) else value


class PortfolioInclude(StrEnum):
    """What the portfolio can add."""

    total_count = "total_count"
    facets = "facets"
    sums = "sums"


class PortfolioQuery(AccountQuery):
    """The accounts to show: the filters and orders of the list of accounts."""

    include: Annotated[list[PortfolioInclude], BeforeValidator(_split)] | MISSING = Field(  # type: ignore[assignment]
        default=MISSING,
        description="`facets` counts all matches by phase, owner and more; `sums` adds up their revenue.",
    )


class PortfolioRow(Read):
    """An account of the portfolio, as its own row says."""

    id: UUID
    external_id: str | None
    name: str
    phase: Phase
    owner_id: UUID | None
    industry: str | None
    country: str | None
    touch_model: TouchModel | None
    mrr: Money | None
    arr: Money | None
    seats: int | None
    renewal_on: dt.date | None
    notice_deadline: dt.date | None
    health_score: float | None
    health_band: str | None
    usage_status: UsageStatus | None
    importance: float | None
    tags: list[str]
    owner: UserSummary | None | MISSING = MISSING
    parent: AccountSummary | None | MISSING = MISSING
    children: list[AccountSummary] | MISSING = MISSING
    team: list[TeamMemberSummary] | MISSING = MISSING
    external_refs: list[ExternalRef] | MISSING = MISSING
    icp_fit_reasons: list[Reason] | MISSING = MISSING
    importance_reasons: list[Reason] | MISSING = MISSING


class PortfolioAccount(PortfolioRow):
    """An account of the portfolio with its recent MRR."""

    mrr_weeks: list[int] = Field(description="MRR of 12 weeks in minor units: at the end of today last, a week apart.")
    mrr_change_4w: int = Field(description="By how much MRR changed in four weeks, in minor units.")
    health_weeks: list[float | None] = Field(
        description="The weekly scores of the last 12 finished weeks, the latest last; null where there is none."
    )
    health_change_4w: float | None = Field(description="The last of them less that of four weeks before.")


class FacetCount(Read):
    """How many matches have a value."""

    value: str | None
    count: int


class Facets(Read):
    """All matches, counted by their values."""

    phase: list[FacetCount]
    owner_id: list[FacetCount]
    health_band: list[FacetCount]
    touch_model: list[FacetCount]
    usage_status: list[FacetCount]


class CurrencySum(Read):
    """The revenue of all matches in a currency."""

    accounts: int
    mrr: Money
    arr: Money


class PortfolioPage(Page[PortfolioAccount]):
    """One page of the portfolio."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PORTFOLIO_PAGE))

    facets: Facets | MISSING = MISSING
    sums: list[CurrencySum] | MISSING = MISSING


class AccountOverview(Read):
    """All of an account that its page shows at once; null what the credential may not read."""

    account: AccountRead = Field(description="With owner, parent, children and team.")
    contacts: list[ContactRead] | None = Field(description="Up to 50, by name.")
    contracts: list[ContractRead] | None = Field(description="Up to 50 with their items and terms, the latest first.")
    mrr: MrrRead | None
    movements: list[MovementRead] | None = Field(description="The latest ten.")
    phases: list[PhaseRead] = Field(description="Up to 50, the latest first.")
    health: HealthScoreRead | None = Field(description="The latest snapshot, with what each component said.")
    health_targets: list[HealthTargetRead] | None = Field(description="Up to 50 that are pending, the next due first.")
    interactions: list[InteractionRead] | None = Field(description="The latest ten, with who was there.")
    tasks: list[TaskRead] | None = Field(description="Up to 50 that are not over, the most pressing first.")
    signals: list[SignalRead] | None = Field(description="Up to 50 that are open or acknowledged, the latest first.")
    product_gaps: list[GapReportRead] | None = Field(
        description="Up to 50 reports of what it misses in the product, each with its gap, the latest first."
    )
    roadmaps: list[RoadmapRead] | None = Field(description="Up to 50 that are open, the next due first.")
    reference_cases: list[ReferenceCaseRead] | None = Field(description="Up to 50 that are approved, the latest first.")


class TimelineKind(StrEnum):
    """What kind of thing happened."""

    account = "account"
    phase = "phase"
    contract = "contract"
    renewal = "renewal"
    movement = "movement"
    primary_contact = "primary_contact"
    team = "team"
    signal = "signal"
    health = "health"
    health_target = "health_target"
    survey = "survey"
    interaction = "interaction"
    task = "task"
    program = "program"
    product_gap = "product_gap"
    roadmap = "roadmap"
    value_realisation = "value_realisation"
    reference_case = "reference_case"
    reference_consent = "reference_consent"
    reference_ask = "reference_ask"


class TimelineEntry(Read):
    """Something that happened."""

    id: UUID = Field(description="Of the record that tells it.")
    kind: TimelineKind
    action: str
    at: AwareDatetime = Field(description="When it was recorded.")
    on: dt.date | None = Field(description="The day it is about.")
    data: dict[str, Any] = Field(description="Ids and values; never personal ones.")


class TimelineQuery(Input):
    """What to show."""

    limit: int = Field(50, ge=1, description="Items on a page; more than 200 means 200.")
    cursor: Annotated[str, StringConstraints(max_length=2000)] | MISSING = MISSING
    kind: list[TimelineKind] | MISSING = MISSING


class TimelinePage(Page[TimelineEntry]):
    """One page of a timeline, newest first."""


class Series(StrEnum):
    """What has a history."""

    mrr = "mrr"
    arr = "arr"
    seats = "seats"
    health = "health"


class HistoryGrain(StrEnum):
    """How far points are apart."""

    day = "day"
    week = "week"
    month = "month"


class HistoryQuery(Input):
    """Which series, over which days."""

    series: Annotated[list[Series], BeforeValidator(_split)] | MISSING = Field(
        default=MISSING, description="All, unless given."
    )
    from_: Annotated[Day | MISSING, Field(alias="from", description="A year before `to`, unless given.")] = MISSING
    to: Day | MISSING = Field(default=MISSING, description="The last day. Today, unless given.")
    grain: HistoryGrain = HistoryGrain.month


class HistoryPoint(Read):
    """The end of a day; amounts in minor units."""

    day: dt.date
    mrr: int | MISSING = MISSING
    arr: int | MISSING = MISSING
    seats: int | MISSING = MISSING
    health: float | None | MISSING = Field(
        default=MISSING, description="The weekly score of the last seven days; null without one."
    )


class HistoryRead(Read):
    """An account's figures over time, at the end of each period and of the last day."""

    model_config = ConfigDict(json_schema_extra=shown(examples.HISTORY_READ))

    account_id: UUID
    currency: str | None = Field(description="The account's; null while it never had a contract.")
    from_: dt.date = Field(alias="from")
    to: dt.date
    grain: HistoryGrain
    points: list[HistoryPoint]
