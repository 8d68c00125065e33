"""Shapes of surveys."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any

from pydantic import MISSING, ConfigDict, Field, model_validator

from api.contacts.models import StakeholderRole
from api.kit.schemas import (
    Day,
    ExternalId,
    Input,
    Line,
    Moment,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    refused,
    shown,
)
from api.surveys import examples
from api.surveys.models import Anchor, Asked
from api.surveys.scores import SurveyKind

Flag = Annotated[bool, Field(strict=True)]
ScaleMax = Annotated[
    int, Field(strict=True, ge=3, le=10, description="The best score. NPS has 10; the others 5, unless given.")
]
ThrottleDays = Annotated[
    int,
    Field(strict=True, ge=0, le=730, description="Nobody is asked who was asked by any survey within these days."),
]
AccountThrottleDays = Annotated[
    int,
    Field(
        strict=True, ge=0, le=730,
        description="No account is asked where anybody was asked on another occasion within these days; 0: no such limit.",
    ),
]  # fmt: skip
ExpiryDays = Annotated[int, Field(strict=True, ge=1, le=180, description="How long a link can be answered.")]
LowAtMost = Annotated[int, Field(strict=True, ge=0, le=10)]
BusinessDays = Annotated[
    int, Field(strict=True, ge=0, le=30, description="Within how many business days a low score is responded to.")
]
RepeatMonths = Annotated[
    int, Field(strict=True, ge=1, le=24, description="After the last offset, ask again every so many months.")
]
Roles = Annotated[list[StakeholderRole], Field(max_length=5)]


class Texts(Input):
    """A text in Japanese, in English, or both."""

    ja: Line | None = None
    en: Line | None = None

    @model_validator(mode="after")
    def _in_some_language(self) -> "Texts":
        if not (self.ja or self.en):
            raise refused("In at least one language", "少なくとも 1 つの言語で入力してください", "missing")
        return self


class TextsRead(Read):
    """A text in Japanese, in English, or both."""

    ja: str | None
    en: str | None


class Offset(Input):
    """So many months and days after the anchor."""

    months: Annotated[int, Field(strict=True, ge=0, le=120)] = 0
    days: Annotated[int, Field(strict=True, ge=0, le=3650)] = 0


class OffsetRead(Read):
    """So many months and days after the anchor."""

    months: int
    days: int


Offsets = Annotated[
    list[Offset], Field(max_length=20, description="When to ask, counted from the anchor: an occasion each.")
]
StartsOn = Annotated[Day, Field(description="Occasions before this day are left out. Today, unless given.")]


class SurveyCreate(Input):
    """A survey to add. Without an anchor it is only sent by hand."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SURVEY_CREATE))

    kind: SurveyKind
    name: Name
    external_id: ExternalId | None = None
    question: Texts | MISSING = Field(default=MISSING, description="The usual one of its kind, unless given.")
    follow_up: Texts | MISSING = Field(default=MISSING, description="What asks for a comment.")
    scale_max: ScaleMax | MISSING = MISSING
    kpi_eligible: Flag | MISSING = Field(
        default=MISSING, description="Whether goals may be set on it. Not for NPS, unless said so."
    )
    active: Flag = Field(default=False, description="Whether the schedule runs.")
    anchor: Anchor | None = None
    offsets: Offsets = []
    repeat_months: RepeatMonths | None = None
    starts_on: StartsOn | MISSING = MISSING
    asks: Asked = Asked.primary_contact
    stakeholder_roles: Roles = Field(
        default=[], description="With `asks` = `stakeholders`: whom. None named: all who have a role."
    )
    throttle_days: ThrottleDays = 30
    account_throttle_days: AccountThrottleDays = 0
    expires_after_days: ExpiryDays = 14
    low_at_most: LowAtMost | None | MISSING = Field(
        default=MISSING,
        description="From this score downwards somebody responds: a task is opened and people are mentioned. 6 for NPS, "
        "else below the middle, unless given; null: never.",
    )
    response_business_days: BusinessDays = 2

    @model_validator(mode="after")
    def _scale_fits(self) -> "SurveyCreate":
        if self.scale_max is MISSING:
            return self
        if self.kind is SurveyKind.nps and self.scale_max != 10:
            raise refused("NPS is asked from 0 to 10", "NPS の尺度は 0 から 10 です")
        if self.kind is SurveyKind.ces and self.scale_max % 2 == 0:
            raise refused("CES needs a middle: 3, 5, 7 or 9", "CES の尺度は中央のある 3・5・7・9 にしてください")
        return self


class SurveyUpdate(Input):
    """Changes to a survey; absent fields stay, null clears. Its kind and scale never change."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SURVEY_UPDATE))

    name: Name | MISSING = MISSING
    external_id: ExternalId | None | MISSING = MISSING
    question: Texts | MISSING = MISSING
    follow_up: Texts | MISSING = MISSING
    kpi_eligible: Flag | MISSING = MISSING
    active: Flag | MISSING = MISSING
    anchor: Anchor | None | MISSING = MISSING
    offsets: Offsets | MISSING = MISSING
    repeat_months: RepeatMonths | None | MISSING = MISSING
    starts_on: StartsOn | MISSING = MISSING
    asks: Asked | MISSING = MISSING
    stakeholder_roles: Roles | MISSING = MISSING
    throttle_days: ThrottleDays | MISSING = MISSING
    account_throttle_days: AccountThrottleDays | MISSING = MISSING
    expires_after_days: ExpiryDays | MISSING = MISSING
    low_at_most: LowAtMost | None | MISSING = MISSING
    response_business_days: BusinessDays | MISSING = MISSING


class SurveyRead(RecordRead):
    """A question that customers are asked, with its schedule."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SURVEY_READ))

    external_id: str | None
    kind: SurveyKind
    name: str
    question: TextsRead
    follow_up: TextsRead
    scale_min: int
    scale_max: int
    kpi_eligible: bool
    active: bool
    anchor: Anchor | None
    offsets: list[OffsetRead]
    repeat_months: int | None
    starts_on: dt.date
    asks: Asked
    stakeholder_roles: list[StakeholderRole]
    throttle_days: int
    account_throttle_days: int
    expires_after_days: int
    low_at_most: int | None
    response_business_days: int


class SurveySort(StrEnum):
    """The orders of a list of surveys."""

    name = "name"
    name_down = "-name"
    created_at = "created_at"
    created_at_down = "-created_at"


class SurveyQuery(RecordQuery):
    """The surveys to list."""

    sort: SurveySort | MISSING = MISSING
    kind: list[SurveyKind] | MISSING = MISSING
    external_id: list[ExternalId] | MISSING = MISSING
    active: bool | MISSING = MISSING
    kpi_eligible: bool | MISSING = MISSING
    created_after: Moment | MISSING = MISSING


class SurveyPage(Page[SurveyRead]):
    """One page of surveys."""


def stored(values: dict[str, Any]) -> dict[str, Any]:
    """Values of a survey as the table keeps them: texts with both languages, offsets with both units."""
    kept = dict(values)
    for name in ("question", "follow_up"):
        if name in kept:
            kept[name] = {"ja": None, "en": None, **kept[name]}
    if "offsets" in kept:
        kept["offsets"] = [{"months": 0, "days": 0, **each} for each in kept["offsets"]]
    return kept
