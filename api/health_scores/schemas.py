"""Shapes of health models."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.accounts.models import Phase
from api.health_scores import examples
from api.health_scores.definition import Definition, HealthSource
from api.health_scores.models import ModelState
from api.health_scores.sources import KnownBy
from api.kit.schemas import Input, Line, Name, Page, Read, RecordQuery, RecordRead, Text, shown

Phases = Annotated[
    list[Phase], Field(min_length=1, max_length=4, description="The phases of the accounts that the model is for.")
]
Priority = Annotated[int, Field(strict=True, ge=0, le=10_000)]
PRIORITY = "Where several active models are for an account, the lowest number applies."


class HealthModelCreate(Input):
    """A version of a health model to draft: the first of its name, or the next."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MODEL_CREATE))

    name: Name
    description: Text = ""
    phases: Phases = Field(default=[Phase.adoption, Phase.renewal])
    segment_id: UUID | None = Field(default=None, description="Only for the accounts of this segment.")
    priority: Priority = Field(default=100, description=PRIORITY)
    definition: Definition


class HealthModelUpdate(Input):
    """Changes to a draft; absent fields stay, null clears."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MODEL_UPDATE))

    description: Text | MISSING = MISSING
    phases: Phases | MISSING = MISSING
    segment_id: UUID | None | MISSING = MISSING
    priority: Priority | MISSING = MISSING
    definition: Definition | MISSING = MISSING


class HealthModelRead(RecordRead):
    """A version of a health model."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MODEL_READ))

    name: str
    number: int = Field(description="The version's number among those of its name.")
    description: str
    state: ModelState
    phases: list[Phase]
    segment_id: UUID | None
    priority: int
    definition: Definition
    definition_hash: str = Field(description="What a backtest is bound to.")
    activated_at: AwareDatetime | None
    retired_at: AwareDatetime | None
    passed_backtest_id: UUID | None
    override_reason: str | None = Field(description="Why it was activated without a passed backtest.")
    overridden_by_id: UUID | None


class HealthModelSort(StrEnum):
    """The orders of a list of health models."""

    created_at = "created_at"
    created_at_down = "-created_at"
    name = "name"
    name_down = "-name"


class HealthModelQuery(RecordQuery):
    """The health models to list."""

    sort: HealthModelSort | MISSING = MISSING
    name: list[Line] | MISSING = MISSING
    state: list[ModelState] | MISSING = MISSING


class HealthModelPage(Page[HealthModelRead]):
    """One page of health models."""


class HealthModelActivate(Input):
    """How a version is switched on."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MODEL_ACTIVATE))

    override_reason: Annotated[Line, Field(min_length=1)] | MISSING = Field(
        default=MISSING, description="Why without a passed backtest; needs the scope `health_models:override`."
    )


class SourceName(Read):
    """What a source measures."""

    en: str
    ja: str


class SourceRead(Read):
    """Something that components can be made of."""

    source: HealthSource
    name: SourceName
    unit: str
    needs_metric: bool = Field(description="Whether a component names a usage metric in `of`.")
    past: KnownBy = Field(
        description="How a backtest sees its past: as `recorded`, by the days that `fact`s are about, or only `now`; "
        "then the component counts as missing there."
    )


class SourcesRead(Read):
    """The catalogue of sources."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SOURCES_READ))

    data: list[SourceRead]


class SimulationAsk(Input):
    """The account, or the segment, to try a model on; with both, the account if it is in the segment."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SIMULATION_ASK))

    account_id: UUID | None = None
    segment_id: UUID | None = None


class BandCount(Read):
    """How many accounts are in a band."""

    band: str | None = Field(description="Null: no score.")
    accounts: int


class BandMove(Read):
    """How many accounts would move from one band to another."""

    before: str | None = Field(description="The band of the account's present score; null without one.")
    after: str | None
    accounts: int


class SimulationRead(Read):
    """What a model would say today; nothing is stored."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SIMULATION_READ))

    accounts: int
    scored: int
    mean_score: float | None
    bands: list[BandCount]
    moves: list[BandMove]
    score: float | None = Field(description="Of the one account that was asked for.")
    band: str | None
    components: list["ComponentScore"]


class ComponentScore(Read):
    """What a component said, and what it was worth."""

    key: str
    source: HealthSource
    raw: float | None
    points: float | None = Field(description="0 to 100; null where the component was skipped.")
    weight: float
    contribution: float | None = Field(
        description="Points of the score, or of the recent state where the model has levels: points × weight ÷ usable "
        "weight."
    )
    missing: str | None = Field(description="Why there is no raw value: `no_data` or `stale`.")
