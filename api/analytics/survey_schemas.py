"""What can be asked of surveys' scores, and the shape of the answer."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.accounts.models import Phase, UsageStatus
from api.analytics import survey_examples
from api.analytics.questions import From, To
from api.analytics.schemas import Ratio
from api.contracts.ledger_schemas import DEFINITION_VERSION, KnownAt
from api.kit.schemas import Input, Read, shown
from api.surveys.scores import SurveyKind

Points = Annotated[float | None, Field(description="Null where nobody answered.")]


class SurveyBreakdown(StrEnum):
    """By what scores are broken down."""

    usage_status = "usage_status"
    phase = "phase"
    segment = "segment"
    survey = "survey"


class SurveyBasis(StrEnum):
    """What a figure of surveys counts."""

    response = "response"


class SurveyScoresQuery(Input):
    """Which surveys' answers, over which days, as known when."""

    kind: SurveyKind
    from_: From = MISSING
    to: To = MISSING
    known_at: KnownAt = MISSING
    survey_id: list[UUID] | MISSING = MISSING
    usage_status: list[UsageStatus] | MISSING = Field(default=MISSING, description="When the answer was given.")
    phase: list[Phase] | MISSING = Field(default=MISSING, description="When the answer was given.")
    segment_id: list[UUID] | MISSING = Field(
        default=MISSING,
        description="Only accounts that were in any of these segments when they answered; with `by=segment` the parts, "
        "each answer in the first that fits.",
    )
    by: SurveyBreakdown | MISSING = Field(
        default=MISSING, description="Break the scores down by what the account was when it answered."
    )


class ScoreCount(Read):
    """How many gave a score."""

    score: int
    count: int


class ScoreFigures(Read):
    """A score with what it is worth as evidence."""

    n: int = Field(description="How many answers there are.")
    score: Points = Field(
        description="NPS from −100 to 100; CSAT: the share of the top two boxes, CES: of those agreeing, in percent."
    )
    mean: Points = Field(description="The average score (`csat_mean`, `ces_mean`); null where scales differ too.")
    standard_error: Points = Field(description="In points.")
    interval_low: Points = Field(description="95 % interval, in points; Wilson's for CSAT and CES.")
    interval_high: Points
    sufficient_sample: bool = Field(description="From 30 answers on.")
    positive: int = Field(description="Promoters; top two boxes; agreeing.")
    neutral: int = Field(description="Passives; in between.")
    negative: int = Field(description="Detractors; below the middle.")
    distribution: list[ScoreCount]
    invited: int = Field(description="Who got a link in these days.")
    invited_and_answered: int
    response_rate: Ratio = Field(description="Of those who got a link; what other tools took has no invitations here.")


class ScorePart(ScoreFigures):
    """One part of a break-down."""

    key: str | None = Field(description="The value or the id that the part is of; null for answers without one.")
    label: str | None = Field(description="Its name, where the key is an id.")


class ScoreMonth(ScoreFigures):
    """A month's score."""

    month: dt.date = Field(description="Its first day.")


class SurveyScoresRead(Read):
    """Scores of a period, in total, by month and in parts."""

    model_config = ConfigDict(json_schema_extra=shown(survey_examples.SURVEY_SCORES_READ))

    kind: SurveyKind
    basis: list[SurveyBasis]
    from_: dt.date = Field(alias="from")
    to: dt.date
    as_of: dt.date = Field(description="The last day that the figures describe.")
    known_at: AwareDatetime | None = Field(description="Null: as known now.")
    definition_version: int = DEFINITION_VERSION
    kpi_eligible: bool | None = Field(
        description="Whether goals may be set on all surveys behind it; null without any answer."
    )
    backfilled_share: Ratio = Field(description="The share of the answers that were brought in later.")
    total: ScoreFigures
    months: list[ScoreMonth] = Field(description="Those with answers or links.")
    parts: list[ScorePart] = Field(description="With `by`.")
