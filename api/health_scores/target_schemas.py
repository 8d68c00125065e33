"""Shapes of health targets."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.accounts.models import Phase
from api.accounts.schemas import AccountSummary
from api.health_scores import goal_examples as examples
from api.health_scores.goal_models import OutcomeReason, TargetKind, TargetOutcome
from api.kit.schemas import Day, Input, Key, Page, Read, RecordQuery, RecordRead, Text, shown

Value = Annotated[
    float | None,
    Field(strict=True, ge=0, le=100, description="The lowest score (0 to 100), or level of maturity (1 to 5)."),
]
Band = Annotated[
    Key | None,
    Field(description="The worst band that meets it. Bands compare in the order of the model of the snapshot."),
]
DueOn = Annotated[Day, Field(description="Judged, once this day is over, at the last weekly snapshot on or before it.")]


class HealthTargetCreate(Input):
    """What an account's health should reach by a day."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TARGET_CREATE))

    account_id: UUID
    kind: TargetKind
    value: Value = None
    band: Band = None
    due_on: DueOn
    note: Text = ""


class HealthTargetUpdate(Input):
    """Changes to a target that is not judged yet; absent fields stay."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TARGET_UPDATE))

    value: Value | MISSING = MISSING
    band: Band | MISSING = MISSING
    due_on: DueOn | MISSING = MISSING
    note: Text | MISSING = MISSING


class DecidingScore(Read):
    """The snapshot that decided a target."""

    id: UUID
    as_of: Day
    score: float | None
    band: str | None
    maturity: int | None


class HealthTargetRead(RecordRead):
    """A health target, and what became of it. The outcome is written once and never again."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TARGET_READ))

    account_id: UUID
    kind: TargetKind
    value: float | None
    band: str | None
    due_on: Day
    note: str
    outcome: TargetOutcome
    outcome_reason: OutcomeReason | None = Field(
        description="Missed: `below`, `unscored` (no snapshot, or one without a score), `churned`, or `other_bands` "
        "(the snapshot's model has no such band)."
    )
    judged_at: AwareDatetime | None
    health_score_id: UUID | None = Field(description="The snapshot that decided.")
    owner_id: UUID | None = Field(description="The account's owner on the due day; today's while pending.")
    phase: Phase | None = Field(description="The account's phase on the due day; today's while pending.")
    account: AccountSummary | MISSING = MISSING
    health_score: DecidingScore | None | MISSING = MISSING


class HealthTargetSort(StrEnum):
    """The orders of a list of targets."""

    due_on = "due_on"
    due_on_down = "-due_on"
    created_at = "created_at"
    created_at_down = "-created_at"


class HealthTargetQuery(RecordQuery):
    """The targets to list."""

    sort: HealthTargetSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = Field(
        default=MISSING, description="Who owns, or on the due day owned, the account."
    )
    phase: list[Phase] | MISSING = MISSING
    kind: list[TargetKind] | MISSING = MISSING
    outcome: list[TargetOutcome] | MISSING = MISSING
    due_after: Day | MISSING = MISSING
    due_before: Day | MISSING = MISSING


class HealthTargetPage(Page[HealthTargetRead]):
    """One page of targets."""
