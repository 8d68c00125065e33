"""Shapes of contracts as other systems state them, in bulk."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, ConfigDict, Field, ValidationInfo, field_validator

from api.contracts import examples
from api.contracts.models import ContractKind
from api.contracts.schemas import EndsBefore, Flag, ItemFields, NoticeDays, TermMonths
from api.kit.bulk_schemas import BulkItems, items_of
from api.kit.schemas import CurrencyCode, Day, ExternalId, Input, Name, refused, shown


class ItemStated(ItemFields):
    """A product within a contract, by our id or by yours."""

    product_id: UUID | None = None
    product_external_id: ExternalId | None = None


class ContractBulkItem(Input):
    """A contract as another system states it. Other items than before restate its history from their starts."""

    model_config = ConfigDict(json_schema_extra=shown(examples.BULK_ITEM))

    external_id: ExternalId
    account_id: UUID | MISSING = MISSING
    account_external_id: ExternalId | MISSING = MISSING
    name: Name | MISSING = MISSING
    kind: ContractKind | MISSING = MISSING
    currency: CurrencyCode | MISSING = MISSING
    signed_on: Day | None | MISSING = MISSING
    starts_on: Day | MISSING = MISSING
    ends_before: EndsBefore | None | MISSING = MISSING
    auto_renew: Flag | MISSING = MISSING
    renewal_months: TermMonths | None | MISSING = MISSING
    notice_days: NoticeDays | MISSING = MISSING
    notice_received_on: Day | None | MISSING = MISSING
    stops_before: EndsBefore | None | MISSING = MISSING
    items: Annotated[list[ItemStated], Field(min_length=1, max_length=100)] | MISSING = MISSING

    @field_validator("stops_before", "ends_before")
    @classmethod
    def _after_start(cls, day: dt.date | None, info: ValidationInfo) -> dt.date | None:
        starts_on = info.data.get("starts_on")
        if day is not None and isinstance(starts_on, dt.date) and day <= starts_on:
            raise refused("Must be after `starts_on`", "`starts_on` より後にしてください", "out_of_range")
        return day


class ContractBulkUpsert(Input):
    """Contracts to create or bring up to date, by external id."""

    model_config = ConfigDict(json_schema_extra=shown(examples.BULK_UPSERT))

    items: Annotated[BulkItems, items_of(ContractBulkItem)]
