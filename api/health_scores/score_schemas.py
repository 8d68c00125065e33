"""Shapes of scores, runs, pulses and maturity."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.accounts.models import Phase
from api.health_scores import examples
from api.health_scores.attribution import ChangeCause
from api.health_scores.models import JobState, MaturityCause, ScoreKind
from api.health_scores.schemas import ComponentScore
from api.kit.schemas import Day, Input, Line, ListQuery, Page, Read, RecordQuery, RecordRead, Text, shown


class HealthScoreCreate(Input):
    """The account to score now."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SCORE_CREATE))

    account_id: UUID


class HealthScoreRead(Read):
    """A snapshot of a score."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SCORE_READ))

    id: UUID
    account_id: UUID
    model_id: UUID
    kind: ScoreKind
    as_of: Day
    phase: Phase
    score: float | None = Field(description="0 to 100 with one decimal; null when under half of the weight has values.")
    band: str | None
    recent: float | None = Field(description="Of the components alone; the score itself, where there are no levels.")
    state: int | None = Field(description="Recent state, 1 to 5, of models with levels.")
    maturity: int | None = Field(description="Level of maturity, 1 to 5, of models with levels.")
    usable_weight: float
    components: list[ComponentScore]
    recorded_at: AwareDatetime


class HealthScoreSort(StrEnum):
    """The orders of a list of scores."""

    as_of = "as_of"
    as_of_down = "-as_of"


class HealthScoreQuery(ListQuery):
    """The snapshots to list."""

    sort: HealthScoreSort | MISSING = MISSING
    account_id: UUID | MISSING = MISSING
    model_id: UUID | MISSING = MISSING
    kind: list[ScoreKind] | MISSING = MISSING
    band: list[Line] | MISSING = MISSING
    as_of_after: Day | MISSING = MISSING
    as_of_before: Day | MISSING = MISSING


class HealthScorePage(Page[HealthScoreRead]):
    """One page of snapshots."""


class ChangePart(Read):
    """One part of a change of the score."""

    cause: ChangeCause
    component: str | None = Field(description="The component it is about, if it is about one.")
    effect: float = Field(description="Points, with one decimal.")


class ExplanationRead(Read):
    """Why a score is what it is, against the account's snapshot before it."""

    model_config = ConfigDict(json_schema_extra=shown(examples.EXPLANATION_READ))

    health_score_id: UUID
    previous_id: UUID | None
    score: float | None
    previous_score: float | None
    change: float | None = Field(description="Null when either has no score.")
    parts: list[ChangePart] = Field(description="They sum to the change, exactly.")


class HealthScoreRunRead(RecordRead):
    """A run that scores all accounts."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RUN_READ))

    kind: ScoreKind
    as_of: Day
    state: JobState
    models_total: int
    models_done: int
    accounts_scored: int
    accounts_unscored: int
    transitions: int = Field(description="Accounts whose band changed.")
    finished_at: AwareDatetime | None


class RunSort(StrEnum):
    """The orders of a list of runs."""

    created_at = "created_at"
    created_at_down = "-created_at"


class HealthScoreRunQuery(RecordQuery):
    """The runs to list."""

    sort: RunSort | MISSING = MISSING
    state: list[JobState] | MISSING = MISSING
    kind: list[ScoreKind] | MISSING = MISSING


class HealthScoreRunPage(Page[HealthScoreRunRead]):
    """One page of runs."""


class CsmPulseCreate(Input):
    """What one feels about an account today."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PULSE_CREATE))

    account_id: UUID
    value: Annotated[int, Field(strict=True, ge=1, le=5, description="1 (bad) to 5 (good).")]
    comment: Text = ""


class CsmPulseRead(Read):
    """What somebody felt about an account."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PULSE_READ))

    id: UUID
    account_id: UUID
    value: int
    comment: str
    day: Day
    given_by_id: UUID | None
    recorded_at: AwareDatetime


class CsmPulseSort(StrEnum):
    """The orders of a list of pulses."""

    day = "day"
    day_down = "-day"


class CsmPulseQuery(ListQuery):
    """The pulses to list."""

    sort: CsmPulseSort | MISSING = MISSING
    account_id: UUID | MISSING = MISSING
    value_max: Annotated[int, Field(ge=1, le=5)] | MISSING = MISSING
    day_after: Day | MISSING = MISSING
    day_before: Day | MISSING = MISSING


class CsmPulsePage(Page[CsmPulseRead]):
    """One page of pulses."""


class MaturityStep(Read):
    """One step of an account's maturity."""

    from_level: int
    to_level: int
    day: Day
    cause: MaturityCause
    recorded_at: AwareDatetime


class MaturityRead(Read):
    """How far an account has come."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MATURITY_READ))

    account_id: UUID
    level: int = Field(description="1 to 5.")
    since: Day | None = Field(description="Null: from the beginning.")
    evidence_from: Day | None = Field(description="Only evidence from this day on counts, since the contact changed.")
    unconfirmed: bool = Field(description="The present contact has not confirmed the goals: level 2 is the highest.")
    history: list[MaturityStep] = Field(description="The latest 100 steps, the newest first.")
