"""Shapes of approach scores and intents."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.accounts.models import Phase
from api.accounts.schemas import AccountSummary
from api.health_scores import goal_examples as examples
from api.health_scores.approach_settings import Points
from api.health_scores.goal_models import IntentSource
from api.kit.schemas import ExternalId, Input, Key, Line, ListQuery, Moment, Page, Read, shown

Score = Annotated[float, Field(strict=True, ge=0, le=100)]


class ApproachIntentCreate(Input):
    """Something an account did."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INTENT_CREATE))

    account_id: UUID
    key: Key = Field(description="What it was, such as `pricing_page_viewed`.")
    occurred_at: Moment | None = Field(default=None, description="Now, unless given.")
    points: Points | None = Field(default=None, description="As its kind is configured, unless given.")
    external_id: ExternalId | None = Field(default=None, description="Sent again, the intent is not added again.")


class ApproachIntentRead(Read):
    """An intent."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INTENT_READ))

    id: UUID
    account_id: UUID
    key: str
    points: float
    source: IntentSource
    occurred_at: AwareDatetime
    external_id: str | None
    event_id: UUID | None = Field(description="The event that it was taken from.")
    recorded_at: AwareDatetime


class IntentSort(StrEnum):
    """The orders of a list of intents."""

    occurred_at = "occurred_at"
    occurred_at_down = "-occurred_at"


class ApproachIntentQuery(ListQuery):
    """The intents to list."""

    sort: IntentSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    key: list[Key] | MISSING = MISSING
    source: list[IntentSource] | MISSING = MISSING
    occurred_at_after: Moment | MISSING = MISSING
    occurred_at_before: Moment | MISSING = MISSING


class ApproachIntentPage(Page[ApproachIntentRead]):
    """One page of intents."""


class OverrideRead(Read):
    """A value that stands in place of the computed score."""

    value: float
    reason: str
    expires_at: AwareDatetime
    by_id: UUID | None
    at: AwareDatetime


class ApproachScoreRead(Read):
    """An account's approach score as of `computed_at`: at its last intent or override, and each hour."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SCORE_READ))

    id: UUID
    account_id: UUID
    owner_id: UUID | None
    phase: Phase
    computed: float
    override: OverrideRead | None
    effective: float = Field(description="The override's value while there is one, else what was computed.")
    computed_at: AwareDatetime
    last_intent_at: AwareDatetime | None
    task_opened_at: AwareDatetime | None = Field(description="When it last opened a task.")
    account: AccountSummary | MISSING = MISSING


class ApproachScoreSort(StrEnum):
    """The orders of a list of approach scores."""

    effective = "effective"
    effective_down = "-effective"


class ApproachScoreQuery(ListQuery):
    """The approach scores to list."""

    sort: ApproachScoreSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    phase: list[Phase] | MISSING = MISSING
    effective_min: Annotated[float, Field(ge=0, le=100)] | MISSING = MISSING


class ApproachScorePage(Page[ApproachScoreRead]):
    """One page of approach scores, the highest first."""


class Contribution(Read):
    """What the intents of a kind add."""

    key: str
    name: str = Field(description="As configured; empty for a key that is not.")
    times: int
    last_at: AwareDatetime
    points: float = Field(description="After decay.")


class AccountApproachRead(Read):
    """An account's approach score at this moment, explained."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACCOUNT_READ))

    account_id: UUID
    as_of: AwareDatetime
    computed: float = Field(description="The sum of the contributions, from 0 to 100.")
    override: OverrideRead | None
    effective: float
    threshold: float
    half_life_days: float
    contributions: list[Contribution] = Field(description="The most first.")
    task_opened_at: AwareDatetime | None


class ApproachOverrideSet(Input):
    """A value to put in place of the computed score, why, and until when."""

    model_config = ConfigDict(json_schema_extra=shown(examples.OVERRIDE_SET))

    value: Score
    reason: Annotated[Line, Field(min_length=1)]
    expires_at: Moment
