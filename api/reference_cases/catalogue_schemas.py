"""Shapes of the catalogues of initiatives and outcome metrics."""

from enum import StrEnum
from typing import Annotated

from pydantic import MISSING, ConfigDict, Field

from api.kit.schemas import Input, Key, Line, ListQuery, Name, Page, RecordRead, Tag, Text, shown
from api.reference_cases import examples
from api.reference_cases.models import MetricDirection

Synonyms = Annotated[
    list[Tag], Field(max_length=50, description="Other words for it, in any language; searches find it by them.")
]
Active = Annotated[bool, Field(strict=True, description="Inactive ones are offered for new cases no more.")]


class InitiativeCreate(Input):
    """An initiative to add to the catalogue."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INITIATIVE_CREATE))

    key: Key
    name_ja: Name
    name_en: Name
    synonyms: Synonyms = []
    description: Text = ""


class InitiativeUpdate(Input):
    """Changes to an initiative; absent fields stay."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INITIATIVE_UPDATE))

    name_ja: Name | MISSING = MISSING
    name_en: Name | MISSING = MISSING
    synonyms: Synonyms | MISSING = MISSING
    description: Text | MISSING = MISSING
    active: Active | MISSING = MISSING


class InitiativeRead(RecordRead):
    """An initiative: what cases say was done."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INITIATIVE_READ))

    key: str
    name_ja: str
    name_en: str
    synonyms: list[str]
    description: str
    active: bool


class CatalogueSort(StrEnum):
    """The orders of a catalogue."""

    key = "key"
    key_down = "-key"


class CatalogueQuery(ListQuery):
    """The entries of a catalogue to list."""

    sort: CatalogueSort | MISSING = MISSING
    key: list[Line] | MISSING = MISSING
    active: bool | MISSING = MISSING


class InitiativePage(Page[InitiativeRead]):
    """One page of initiatives."""


class OutcomeMetricCreate(Input):
    """A metric to add to the catalogue."""

    model_config = ConfigDict(json_schema_extra=shown(examples.METRIC_CREATE))

    key: Key
    name_ja: Name
    name_en: Name
    synonyms: Synonyms = []
    unit: Line = ""
    direction: MetricDirection = Field(description="It never changes: improvements are computed with it.")
    description: Text = ""


class OutcomeMetricUpdate(Input):
    """Changes to a metric; absent fields stay."""

    model_config = ConfigDict(json_schema_extra=shown(examples.METRIC_UPDATE))

    name_ja: Name | MISSING = MISSING
    name_en: Name | MISSING = MISSING
    synonyms: Synonyms | MISSING = MISSING
    unit: Line | MISSING = MISSING
    description: Text | MISSING = MISSING
    active: Active | MISSING = MISSING


class OutcomeMetricRead(RecordRead):
    """A metric that cases report on."""

    model_config = ConfigDict(json_schema_extra=shown(examples.METRIC_READ))

    key: str
    name_ja: str
    name_en: str
    synonyms: list[str]
    unit: str
    direction: MetricDirection
    description: str
    active: bool


class OutcomeMetricPage(Page[OutcomeMetricRead]):
    """One page of metrics."""
