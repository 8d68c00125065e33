"""A contract in one row of a file: one product, prices as people write them."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from pydantic import MISSING, Field, ValidationError, model_validator

from api.auth.service import workspace_currency
from api.contracts.bulk import upsert_contracts
from api.contracts.ledger import Recording
from api.contracts.schemas import (
    DiscountPct,
    EndsBefore,
    Flag,
    Interval,
    NoticeDays,
    Quantity,
    TermMonths,
)
from api.kit.bulk import ItemResult, refusal
from api.kit.currencies import in_minor_units
from api.kit.db import Tx
from api.kit.problems import FieldError, Problem, invalid
from api.kit.schemas import CurrencyCode, Day, ExternalId, Input, Name, refused

Amount = Annotated[float, Field(strict=True, ge=0, le=10**11, allow_inf_nan=False)]


class ContractRow(Input):
    """One row: a contract with one item. Amounts are in the currency itself, such as 19.90, not in minor units."""

    external_id: ExternalId
    account_external_id: ExternalId
    product_external_id: ExternalId
    currency: CurrencyCode | MISSING = Field(
        default=MISSING, description="The workspace's base currency, unless given."
    )
    name: Name | MISSING = MISSING
    is_trial: Flag | MISSING = MISSING
    signed_on: Day | None | MISSING = MISSING
    starts_on: Day
    ends_before: EndsBefore | None | MISSING = MISSING
    stops_before: EndsBefore | None | MISSING = MISSING
    auto_renew: Flag | MISSING = MISSING
    renewal_months: TermMonths | None | MISSING = MISSING
    notice_days: NoticeDays | MISSING = MISSING
    notice_received_on: Day | None | MISSING = MISSING
    quantity: Quantity = 1
    unit_price: Amount | MISSING = Field(default=MISSING, description="Of one unit, per interval.")
    interval_months: Interval = 1
    monthly_amount: Amount | MISSING = Field(default=MISSING, description="Of all units, per month; a flat price.")
    discount_pct: DiscountPct = 0

    @model_validator(mode="after")
    def _one_price(self) -> "ContractRow":
        if (self.unit_price is MISSING) == (self.monthly_amount is MISSING):
            raise refused(
                "Map either unit_price or monthly_amount", "unit_price か monthly_amount のどちらかを指定してください"
            )
        return self

    def stated(self, base_currency: str) -> dict[str, Any]:
        """The row as an item of the bulk upsert.

        Raises:
            Problem: An amount has more decimals than its currency.
        """
        currency = base_currency if self.currency is MISSING else self.currency
        own = self.model_dump(
            mode="json",
            exclude_unset=True,
            exclude={
                "product_external_id", "is_trial", "quantity", "unit_price", "interval_months", "monthly_amount",
                "discount_pct",
            },
        )  # fmt: skip
        item: dict[str, Any] = {"product_external_id": self.product_external_id, "quantity": self.quantity}
        if self.discount_pct:
            item["discount_pct"] = self.discount_pct
        if self.unit_price is not MISSING:
            item |= {"unit_price": _money(self.unit_price, currency), "interval_months": self.interval_months}
        elif self.monthly_amount is not MISSING:
            # A flat price whatever the quantity: what is charged at least.
            item |= {"unit_price": _money(0, currency), "commitment": _money(self.monthly_amount, currency)}
        kind = {} if self.is_trial is MISSING else {"kind": "trial" if self.is_trial else "subscription"}
        return {"name": self.external_id, **own, **kind, "currency": currency, "items": [item]}


def _money(amount: float, currency: str) -> dict[str, Any]:
    minor = in_minor_units(Decimal(str(amount)), currency)
    if minor is None:
        raise invalid(
            FieldError(
                "", "too_many_decimals", f"Too many decimals for {currency}", f"{currency} の小数の桁数が多すぎます"
            )
        )
    return {"amount": minor, "currency": currency}


async def upsert_rows(tx: Tx, rows: Sequence[object], recording: Recording) -> list[ItemResult]:
    """Create or bring up to date the contracts of these rows, each with its result; problems point into the row."""
    base_currency = await workspace_currency(tx)
    results, stated = [], []
    for index, row in enumerate(rows):
        result = ItemResult(index, row.get("external_id") if isinstance(row, dict) else None)
        results.append(result)
        try:
            stated.append((result, ContractRow.model_validate(row).stated(base_currency)))
        except ValidationError as error:
            result.fail(refusal(ContractRow, error))
        except Problem as problem:
            result.fail(problem)
    written = await upsert_contracts(tx, [item for _, item in stated], recording=recording)
    for (result, _), found in zip(stated, written, strict=True):
        result.status, result.id, result.key = found.status, found.id, found.key
        if found.problem is not None:
            errors = [replace(e, pointer=e.pointer.removeprefix("/items/0")) for e in found.problem.errors]
            result.problem = replace(found.problem, errors=tuple(errors))
    return results
