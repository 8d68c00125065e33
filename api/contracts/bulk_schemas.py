"""Shapes of contracts as other systems state them, in bulk."""

import datetime as dt
from enum import StrEnum
from itertools import pairwise
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from api.contracts import examples
from api.contracts.models import ContractKind, Decision
from api.contracts.schemas import EndsBefore, Flag, ItemFields, NoticeDays, TermMonths
from api.kit.bulk_schemas import BulkItems, items_of
from api.kit.schemas import CurrencyCode, Day, ExternalId, Input, Name, refused, shown


class Began(StrEnum):
    """Why an item begins."""

    signed = "signed"
    amendment = "amendment"
    renewal = "renewal"


class Ended(StrEnum):
    """Why an item ends before its contract."""

    item_end = "item_end"
    amendment = "amendment"
    renewal = "renewal"
    notice = "notice"
    terminated = "terminated"
    lapsed = "lapsed"


class Stopped(StrEnum):
    """How a contract ended."""

    notice = "notice"
    terminated = "terminated"
    lapsed = "lapsed"


class ItemStated(ItemFields):
    """A product within a contract, by your id or else by ours."""

    product_id: UUID | None = None
    product_external_id: ExternalId | None = None
    starts_as: Began | MISSING = Field(default=MISSING, description="Why it begins; `signed`, unless stated.")
    ends_as: Ended | MISSING = Field(default=MISSING, description="Why it ends; `item_end`, unless stated.")


class TermStated(Input):
    """A term of a contract and what was decided at its end."""

    starts_on: Day
    ends_before: EndsBefore
    decision: Decision = Decision.pending
    decided_on: Day | None = None

    @model_validator(mode="after")
    def _decided_on_a_day(self) -> "TermStated":
        if self.ends_before <= self.starts_on:
            raise refused("`ends_before` must be after `starts_on`", "`ends_before` は `starts_on` より後の日付です")
        if (self.decision is Decision.pending) != (self.decided_on is None):
            raise refused(
                "A decision has a `decided_on`, a pending term none",
                "決定済みの期間には `decided_on` が必要です。未決定の期間には指定できません",
            )
        return self


class ContractBulkItem(Input):
    """A contract as another system states it.

    Items that were stated before, or that the contract has, change nothing. Others hold from ``effective_on``, or
    else restate its history from their starts.
    """

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
    stops_as: Stopped | None | MISSING = Field(
        default=MISSING,
        description="How it ended: `notice` if there was one, else `terminated`, unless stated. Null with no "
        "`stops_before`.",
    )
    items: Annotated[list[ItemStated], Field(min_length=1, max_length=100)] | MISSING = MISSING
    effective_on: Day | MISSING = Field(
        default=MISSING,
        description="The day from which the contract has these `items`: what it had before stays as it was until "
        "then, as by `:amend`. Without it they restate the whole history. Of a new contract they hold from its start.",
    )
    terms: Annotated[list[TermStated], Field(min_length=1, max_length=100)] | MISSING = Field(
        default=MISSING,
        description="The terms of a contract that is new here, in their order. Those of one that is here follow from "
        "`ends_before` and `stops_before`; stated, they must be as they are.",
    )

    @field_validator("stops_before", "ends_before")
    @classmethod
    def _after_start(cls, day: dt.date | None, info: ValidationInfo) -> dt.date | None:
        starts_on = info.data.get("starts_on")
        if day is not None and isinstance(starts_on, dt.date) and day <= starts_on:
            raise refused("Must be after `starts_on`", "`starts_on` より後にしてください", "out_of_range")
        return day

    @field_validator("terms")
    @classmethod
    def _one_after_the_other(cls, terms: list[TermStated], info: ValidationInfo) -> list[TermStated]:
        if any(after.starts_on < before.ends_before for before, after in pairwise(terms)):
            raise refused("One after the other", "期間は順に、重ならないようにしてください")
        if info.data.get("ends_before", terms[-1].ends_before) != terms[-1].ends_before:
            raise refused("The last one must end at `ends_before`", "最後の期間は `ends_before` で終わります")
        return terms


class ContractBulkUpsert(Input):
    """Contracts to create or bring up to date, by external id."""

    model_config = ConfigDict(json_schema_extra=shown(examples.BULK_UPSERT))

    items: Annotated[BulkItems, items_of(ContractBulkItem)]
