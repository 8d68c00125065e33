"""The shape of a row of a file of contracts: a contract with one of its items, or with all of them nested."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import MISSING, BeforeValidator, Field, model_validator

from api.contracts.bulk_schemas import Began, Ended, Stopped
from api.contracts.models import ContractKind
from api.contracts.schemas import DiscountPct, EndsBefore, Flag, Interval, NoticeDays, Quantity, TermMonths
from api.kit.currencies import in_minor_units
from api.kit.problems import FieldError, invalid
from api.kit.schemas import CurrencyCode, Day, ExternalId, Input, Name, refused

Amount = Annotated[float, Field(strict=True, ge=0, le=10**11, allow_inf_nan=False)]
MinorAmount = Annotated[int, Field(strict=True, ge=0, le=10**13, description="In minor units of the currency.")]

_OF_EXPORTS: Final = frozenset({"id", "follows_id", "notice_deadline"})
"""What the items and terms of an export say, and a statement of them does not."""
_NAMES: Final = {
    "item_starts_on": "starts_on", "item_ends_before": "ends_before", "item_starts_as": "starts_as",
    "item_ends_as": "ends_as",
}  # fmt: skip
"""Columns of an item that a contract has as well: the item's own names."""
ITEM_COLUMNS: Final = (
    "product_external_id", "product_id", *_NAMES, "quantity", "counts_seats", "unit_price", "unit_price_minor",
    "interval_months", "monthly_amount", "discount_pct", "discount_ends_before", "free_before", "commitment_minor",
    "ramp",
)  # fmt: skip
_PRICES: Final = ("unit_price", "unit_price_minor", "monthly_amount")
_ITEM_POINTERS: Final = {
    **{own: column for column, own in _NAMES.items()}, "unit_price": "unit_price_minor", "commitment": "commitment_minor",
}  # fmt: skip


def _as_stated(value: object) -> object:
    if not isinstance(value, list):
        return value
    return [
        {n: v for n, v in each.items() if n not in _OF_EXPORTS} if isinstance(each, dict) else each for each in value
    ]


Parts = Annotated[list[dict[str, Any]], BeforeValidator(_as_stated)]


class ContractRow(Input):
    """One row: a contract with an item of it. Rows of one contract follow one another, and it has their items.

    Amounts are in the currency itself, such as 19.90, unless a name says ``minor``. A contract that is there needs no
    item, and keeps what the row leaves out.
    """

    external_id: ExternalId
    account_external_id: ExternalId | MISSING = MISSING
    currency: CurrencyCode | MISSING = Field(
        default=MISSING, description="The workspace's base currency, unless given."
    )
    name: Name | MISSING = MISSING
    kind: ContractKind | MISSING = MISSING
    is_trial: Flag | MISSING = MISSING
    signed_on: Day | None | MISSING = MISSING
    starts_on: Day | MISSING = MISSING
    ends_before: EndsBefore | None | MISSING = MISSING
    stops_before: EndsBefore | None | MISSING = MISSING
    stops_as: Stopped | MISSING = MISSING
    auto_renew: Flag | MISSING = MISSING
    renewal_months: TermMonths | None | MISSING = MISSING
    notice_days: NoticeDays | MISSING = MISSING
    notice_received_on: Day | None | MISSING = MISSING
    effective_on: Day | MISSING = MISSING
    terms: Parts | MISSING = MISSING
    items: Parts | MISSING = MISSING
    product_external_id: ExternalId | MISSING = MISSING
    product_id: UUID | MISSING = MISSING
    item_starts_on: Day | MISSING = MISSING
    item_ends_before: EndsBefore | MISSING = MISSING
    item_starts_as: Began | MISSING = MISSING
    item_ends_as: Ended | MISSING = MISSING
    quantity: Quantity | MISSING = MISSING
    counts_seats: Flag | MISSING = MISSING
    unit_price: Amount | MISSING = Field(default=MISSING, description="Of one unit, per interval.")
    unit_price_minor: MinorAmount | MISSING = MISSING
    interval_months: Interval | MISSING = MISSING
    monthly_amount: Amount | MISSING = Field(default=MISSING, description="Of all units, per month; a flat price.")
    discount_pct: DiscountPct | MISSING = MISSING
    discount_ends_before: EndsBefore | MISSING = MISSING
    free_before: EndsBefore | MISSING = MISSING
    commitment_minor: MinorAmount | MISSING = MISSING
    ramp: Parts | MISSING = MISSING

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> "ContractRow":
        given = self.model_fields_set
        prices = [name for name in _PRICES if name in given]
        if self.has_item and len(prices) != 1:
            raise refused(
                "Map one of unit_price, unit_price_minor and monthly_amount",
                "unit_price、unit_price_minor、monthly_amount のいずれか 1 つを指定してください",
            )
        if self.has_item and self.items is not MISSING:
            raise refused("Map either items or the columns of one", "items と明細の列はどちらか一方にしてください")
        if {"kind", "is_trial"} <= given:
            raise refused("Map either kind or is_trial", "kind か is_trial のどちらかを指定してください")
        return self

    @property
    def has_item(self) -> bool:
        """Whether the row says anything of an item, columns that a file fills in every row aside."""
        return bool(self.model_fields_set.intersection(ITEM_COLUMNS))

    def contract(self) -> dict[str, Any]:
        """What the row says of its contract, as the bulk upsert takes it; the items aside."""
        own = self.model_dump(mode="json", exclude_unset=True, exclude={*ITEM_COLUMNS, "is_trial", "items"})
        if self.is_trial is not MISSING:
            own["kind"] = (ContractKind.trial if self.is_trial else ContractKind.subscription).value
        return {name: value for name, value in own.items() if value != []}

    def stated_items(self, currency: str) -> list[dict[str, Any]]:
        """The row's item, or those nested in it, as the bulk upsert takes them.

        Raises:
            Problem: An amount has more decimals than the currency.
        """
        if self.items is not MISSING:
            return [{**item, "ramp": _ramp(item.get("ramp") or [], currency)} for item in self.items]
        if not self.has_item:
            return []
        said = self.model_dump(mode="json", exclude_unset=True, include=set(ITEM_COLUMNS) - {*_PRICES, "ramp"})
        item: dict[str, Any] = {_NAMES.get(name, name): value for name, value in said.items()}
        if (commitment := item.pop("commitment_minor", None)) is not None:
            item["commitment"] = {"amount": commitment, "currency": currency}
        if self.ramp is not MISSING:
            item["ramp"] = _ramp(self.ramp, currency)
        if self.unit_price_minor is not MISSING:
            return [{**item, "unit_price": {"amount": self.unit_price_minor, "currency": currency}}]
        if self.unit_price is not MISSING:
            return [{**item, "unit_price": _money(self.unit_price, currency)}]
        assert self.monthly_amount is not MISSING
        # A flat price whatever the quantity and interval: what is charged at least.
        flat = {"unit_price": _money(0, currency), "commitment": _money(self.monthly_amount, currency)}
        return [{**item, **flat, "interval_months": 1}]


def _ramp(steps: list[dict[str, Any]], currency: str) -> list[dict[str, Any]]:
    """Steps with their prices as money; an export has the bare amounts."""
    return [
        {**step, "unit_price": {"amount": price, "currency": currency}}
        if isinstance(price := step.get("unit_price"), int)
        else step
        for step in steps
    ]


def _money(amount: float, currency: str) -> dict[str, Any]:
    minor = in_minor_units(Decimal(str(amount)), currency)
    if minor is None:
        raise invalid(
            FieldError(
                "", "too_many_decimals", f"Too many decimals for {currency}", f"{currency} の小数の桁数が多すぎます"
            )
        )
    return {"amount": minor, "currency": currency}


def pointer_in_row(pointer: str, row: Mapping[str, Any]) -> tuple[int | None, str]:
    """Where a problem of a contract lies in its rows: the place of the item (None: of the contract) and the column."""
    names = {"/account_id": "/account_external_id", "/items": "/items" if "items" in row else "/product_external_id"}
    if "items" in row or not pointer.startswith("/items/"):
        return None, names.get(pointer, pointer)
    place, _, rest = pointer.removeprefix("/items/").partition("/")
    name = rest.partition("/")[0]
    own = _ITEM_POINTERS.get(name, name)
    given = next((price for price in _PRICES if price in row), own) if name == "unit_price" else own
    return int(place), f"/{given}" if given else ""
