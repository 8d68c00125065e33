"""Shapes of the catalogue."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, ConfigDict, Field

from api.kit.schemas import (
    ExternalId,
    Input,
    Line,
    Moment,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    SearchText,
    Text,
    shown,
)
from api.products import examples

SuccessStatement = Annotated[Line, Field(description="What success with the product means to the customer.")]
ValueMilestone = Annotated[Line, Field(description="The milestone that time to value is measured to.")]


class ProductCreate(Input):
    """A product to add."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PRODUCT_CREATE))

    name: Name
    external_id: ExternalId | None = None
    family: Line | None = None
    description: Text = ""
    sellable: bool = Field(default=True, strict=True, description="Whether it is offered to customers today.")
    success_statement: SuccessStatement | None = None
    value_milestone: ValueMilestone | None = None


class ProductUpdate(Input):
    """Changes to a product; absent fields stay, null clears."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PRODUCT_UPDATE))

    name: Name | MISSING = MISSING
    external_id: ExternalId | None | MISSING = MISSING
    family: Line | None | MISSING = MISSING
    description: Text | MISSING = MISSING
    sellable: Annotated[bool, Field(strict=True)] | MISSING = MISSING
    success_statement: SuccessStatement | None | MISSING = MISSING
    value_milestone: ValueMilestone | None | MISSING = MISSING


class SuccessOverrideRead(Read):
    """A segment's own success definition."""

    segment_id: UUID
    success_statement: str
    value_milestone: str


class ProductRead(RecordRead):
    """A product."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PRODUCT_READ))

    external_id: str | None
    name: str
    family: str | None
    description: str
    sellable: bool
    success_statement: str | None
    value_milestone: str | None
    success_overrides: list[SuccessOverrideRead] | MISSING = MISSING


class ProductSort(StrEnum):
    """The orders of a list of products."""

    name = "name"
    name_down = "-name"
    created_at = "created_at"
    created_at_down = "-created_at"


class ProductQuery(RecordQuery):
    """The products to list."""

    sort: ProductSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Text in name, family or description.")
    family: list[Line] | MISSING = MISSING
    external_id: list[ExternalId] | MISSING = MISSING
    sellable: bool | MISSING = MISSING
    created_after: Moment | MISSING = MISSING


class ProductPage(Page[ProductRead]):
    """One page of products."""


class SuccessOverrideWrite(Input):
    """A segment's own success definition."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SUCCESS_OVERRIDE_WRITE))

    success_statement: SuccessStatement
    value_milestone: ValueMilestone
