"""Shapes of the figures of health."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.analytics import health_examples as examples
from api.analytics.questions import CustomersBreakdown, CustomersQuery, From, To
from api.analytics.schemas import Basis, Ratio
from api.contracts.ledger_schemas import DEFINITION_VERSION
from api.health_scores.goal_models import TargetKind
from api.kit.schemas import Day, Input, Read, shown


class TargetBreakdown(StrEnum):
    """By what attainment is broken down."""

    segment = "segment"
    phase = "phase"
    owner = "owner"
    kind = "kind"


class AttainmentQuery(CustomersQuery):
    """The targets that are due in a period."""

    from_: From = MISSING
    to: To = MISSING
    kind: list[TargetKind] | MISSING = MISSING
    by: TargetBreakdown | MISSING = Field(
        default=MISSING, description="Owner and phase are those of the due day; of a pending target, today's."
    )


class DistributionQuery(CustomersQuery):
    """The day to look at."""

    as_of: Day | MISSING = Field(
        default=MISSING, description="The last weekly scores up to this day. Today, unless given."
    )
    by: CustomersBreakdown | MISSING = MISSING


class TransitionsQuery(CustomersQuery):
    """The two days to compare, each by the last weekly scores up to it. Owner and phase are those of the later."""

    from_: From = MISSING
    to: To = MISSING


class HealthAbout(Read):
    """What an answer is about."""

    basis: list[Basis]
    as_of: dt.date = Field(description="The last day that the figures describe.")
    known_at: AwareDatetime | None = Field(description="Null: as known now.")
    definition_version: int = DEFINITION_VERSION


class AttainmentFigures(Read):
    """Targets met of those judged."""

    attainment: Ratio
    numerator: int = Field(description="Met.")
    denominator: int = Field(description="Judged: met and missed.")
    pending: int = Field(description="Not due yet, or due and not judged yet; they are in neither.")
    withdrawn: int = Field(description="Withdrawn before they were judged; they are in neither.")


class AttainmentPart(AttainmentFigures):
    """One part of a break-down."""

    key: str | None
    label: str | None = Field(description="Its name, where the key is an id.")


class AttainmentRead(HealthAbout):
    """Attainment of the health targets that are due in a period."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ATTAINMENT_READ))

    from_: dt.date = Field(alias="from")
    to: dt.date
    total: AttainmentFigures
    parts: list[AttainmentPart] = Field(description="With `by`; they sum to the total.")


class BandShare(Read):
    """The accounts in a band."""

    band: str
    accounts: int
    share: Ratio = Field(description="Of all that have a score.")
    mean_score: float | None


class DistributionFigures(Read):
    """How scores are spread."""

    scored: int
    unscored: int = Field(description="Customers without a score: too little data, or no model is for them.")
    mean_score: float | None
    bands: list[BandShare] = Field(description="From the worst to the best.")


class DistributionPart(DistributionFigures):
    """One part of a break-down."""

    key: str | None
    label: str | None


class DistributionRead(HealthAbout):
    """The customers by band, by their weekly scores."""

    model_config = ConfigDict(json_schema_extra=shown(examples.DISTRIBUTION_READ))

    week: dt.date | None = Field(description="The day of the weekly scores; null while there are none.")
    total: DistributionFigures
    parts: list[DistributionPart] = Field(description="With `by`; they sum to the total.")


class Transition(Read):
    """The accounts that went from a band to another."""

    from_: str | None = Field(alias="from", description="Null: without a score.")
    to: str | None
    accounts: int


class BandAccounts(Read):
    """Accounts in a band; null: without a score."""

    band: str | None
    accounts: int


class TransitionsRead(HealthAbout):
    """Moves between bands, from one week to another."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TRANSITIONS_READ))

    from_week: dt.date | None
    to_week: dt.date | None
    bands: list[str] = Field(description="From the worst to the best.")
    cells: list[Transition] = Field(
        description="Of the accounts with a snapshot in both weeks; empty cells are left out."
    )
    improved: int
    worsened: int
    unchanged: int
    arrived: list[BandAccounts] = Field(description="With a snapshot in the later week only.")
    left: list[BandAccounts] = Field(description="With a snapshot in the earlier week only.")


class HitRateQuery(Input):
    """The tasks from approach scores that were completed in a period."""

    from_: From = MISSING
    to: To = MISSING
    owner_id: list[UUID] | MISSING = MISSING


class OutcomeCount(Read):
    """How many tasks came to this."""

    outcome: str
    tasks: int


class HitRateRead(HealthAbout):
    """How often contact that an approach score called for succeeded."""

    model_config = ConfigDict(json_schema_extra=shown(examples.HIT_RATE_READ))

    from_: dt.date = Field(alias="from")
    to: dt.date
    hit_rate: Ratio
    numerator: int = Field(description="Completed as `succeeded`.")
    denominator: int = Field(description="Completed.")
    low: Ratio = Field(description="Lower bound of the 95 % interval (Wilson).")
    high: Ratio = Field(description="Upper bound of the 95 % interval (Wilson).")
    outcomes: list[OutcomeCount]
    opened: int = Field(description="Tasks that approach scores opened in the period.")
    waiting: int = Field(description="Of those, the ones that are not over.")
