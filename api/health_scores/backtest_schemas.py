"""Shapes of backtests."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.health_scores import examples
from api.health_scores.models import JobState, Label
from api.kit.schemas import Day, Input, Page, Read, RecordQuery, RecordRead, shown

HorizonDays = Annotated[int, Field(strict=True, ge=7, le=400)]


class BacktestCreate(Input):
    """The model to test, and against which outcome."""

    model_config = ConfigDict(json_schema_extra=shown(examples.BACKTEST_CREATE))

    model_id: UUID
    label: Label = Field(
        default=Label.churn,
        description="`churn`: notice, a decision `churned` or MRR reaching zero, whichever came first. "
        "`onboarding_not_completed`: no roadmap's value milestone was reached within the horizon; accounts that had "
        "reached one before are left out. For models of the phase `onboarding` alone.",
    )
    horizon_days: HorizonDays = Field(default=90, description="Within how many days the outcome counts.")
    weeks: Annotated[int, Field(strict=True, ge=1, le=156)] = Field(
        default=52, description="How many past weeks are scored: the last ones whose horizon has elapsed."
    )
    until: Day | None = Field(default=None, description="Only weeks that had ended by this day.")
    seed: Annotated[int, Field(strict=True, ge=0, le=2_147_483_647)] = Field(
        default=1, description="Of the bootstrap: the same seed gives the same interval."
    )


class GroupRead(Read):
    """Cases that belong together."""

    name: str
    cases: int
    events: int
    rate: float | None
    mean_score: float | None


class FiguresRead(Read):
    """What scores said about an outcome. Figures that too few cases allow are null, never 0."""

    cases: int = Field(description="Account-weeks with a score.")
    unscored: int
    accounts: int
    events: int
    accounts_with_events: int
    base_rate: float | None
    auc: float | None = Field(description="How likely a case with the outcome ranks worse than one without; ties ½.")
    auc_low: float | None = Field(description="Lower end of the 95 % interval, from a bootstrap by account.")
    auc_high: float | None
    top_decile_lift: float | None = Field(description="Rate in the worst-scored tenth ÷ rate of all.")
    red_precision: float | None = Field(description="Of the worst band: how many of its cases had the outcome.")
    red_recall: float | None = Field(description="Of the worst band: how many of the outcomes it held.")
    bands_monotonic: bool = Field(description="Whether the rate never rises from a band to the next better one.")
    bands: list[GroupRead]
    calibration: list[GroupRead] = Field(description="By tens of points.")


class ReportRead(Read):
    """The report of a backtest."""

    label: Label
    horizon_days: int
    first_week: Day
    last_week: Day
    backfilled_share: float | None = Field(
        description="Share of the ledger's lines that were brought in later, as known at the days of their facts."
    )
    components_without_past: list[str] = Field(description="Counted as missing: their past is not kept.")
    model: FiguresRead
    active: FiguresRead | None = Field(
        description="The active version of the same name, on the cases that both have scored."
    )
    same_cases: FiguresRead | None = Field(description="The model on those cases; the comparison is between these two.")
    renewals_due: FiguresRead = Field(description="One case for each renewal due: the last week before it.")
    by_phase: dict[str, FiguresRead]
    by_segment: dict[str, FiguresRead] = Field(description="By segments as they are today.")


class PassCriterion(StrEnum):
    """What a model must show before it may become active."""

    too_few_events = "too_few_events"
    auc_not_above_half = "auc_not_above_half"
    bands_not_monotonic = "bands_not_monotonic"
    below_active_model = "below_active_model"


class BacktestRead(RecordRead):
    """A backtest."""

    model_config = ConfigDict(json_schema_extra=shown(examples.BACKTEST_READ))

    model_id: UUID
    compared_model_id: UUID | None
    definition_hash: str
    label: Label
    horizon_days: int
    weeks: int
    until: Day | None
    weeks_done: int
    seed: int
    state: JobState
    passed: bool | None
    failed_criteria: list[PassCriterion]
    report: ReportRead | None
    finished_at: AwareDatetime | None


class BacktestSort(StrEnum):
    """The orders of a list of backtests."""

    created_at = "created_at"
    created_at_down = "-created_at"


class BacktestQuery(RecordQuery):
    """The backtests to list."""

    sort: BacktestSort | MISSING = MISSING
    model_id: list[UUID] | MISSING = MISSING
    state: list[JobState] | MISSING = MISSING
    passed: bool | MISSING = MISSING


class BacktestPage(Page[BacktestRead]):
    """One page of backtests."""
