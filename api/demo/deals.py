"""What each customer of the demo bought, invented: a pure function of the market, a seed and a day.

The contracts are in the shape of the bulk upsert, as a billing system would state them.
"""

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from api.accounts.models import Phase
from api.contracts.terms import months_later
from api.demo.lives import Life
from api.demo.market import Market

CURRENCIES: Final = {"JP": "JPY", "US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD"}
RATES: Final = {
    "JPY": {"USD": ("149.80", "0.35")},
    "USD": {"CAD": ("0.7280", "0.0012"), "GBP": ("1.2700", "0.0031"), "AUD": ("0.6510", "0.0015")},
}
"""By base currency: what a unit of another was worth at first, and how it moves from month to month."""
_ADD_ONS: Final = (
    # product, share of customers, price per month in minor units of JPY and of the others, billed every … months
    ("sku-analytics", 0.45, 90_000, 75_000, 1),
    ("sku-connect", 0.30, 60_000, 49_000, 12),
    ("sku-mobile", 0.25, 40_000, 32_000, 1),
    ("sku-assist", 0.20, 70_000, 59_000, 1),
)
OVERDUE: Final = (7, 23)
NOTIFIED: Final = (11, 31, 53)
RENEWED_LATE: Final = 17
UNDECIDED: Final = (5, 19, 29, 41)
"""Places in the order of the market of customers with something going on, as long as they are still customers."""


def deals(market: Market, lives: Sequence[Life], domain: str, today: dt.date) -> list[dict[str, Any]]:
    """The contracts of all customers, in the order of their starts; the same for the same arguments."""
    chance = random.Random(f"deals of {domain}")  # noqa: S311 - invented data, not a secret
    found = [deal for place, life in enumerate(lives) for deal in _deals(market, place, life, today, chance)]
    return sorted(found, key=lambda deal: (deal["starts_on"], deal["external_id"]))


def _deals(market: Market, place: int, life: Life, today: dt.date, chance: random.Random) -> Iterator[dict[str, Any]]:
    country = life.values["country"]
    currency = "USD" if market.country == "JP" and place % 31 == 12 else CURRENCIES.get(country, "USD")
    seats = max(5, int(life.company.employees * chance.uniform(0.3, 0.8)) // 5 * 5)
    churned_on = next((day for day, phase, _ in life.moves if phase is Phase.churned), None)
    back_on = next((day for day, phase, _ in life.moves if churned_on and day > churned_on), None)
    number = f"k-{life.company.key}"
    first = _contract(life, number, currency, life.started_on, seats, until=churned_on or today, chance=chance)
    if churned_on:
        first |= {"stops_before": churned_on, "notice_received_on": churned_on - dt.timedelta(days=45)}
    elif life.started_on < today - dt.timedelta(days=60):
        first |= _present(place, life, today)
    yield _told(first | _years(first, today))
    if back_on:
        again = _contract(life, f"{number}-2", currency, back_on, max(5, seats * 7 // 10), until=today, chance=chance)
        yield _told(again | _years(again, today))


def _present(place: int, life: Life, today: dt.date) -> dict[str, Any]:
    """What is going on with the contract of a customer who stays."""
    if place in OVERDUE:
        return {"auto_renew": False, "ends_before": today - dt.timedelta(days=12 + place % 10)}
    if place == RENEWED_LATE:
        return {"auto_renew": False, "ends_before": today - dt.timedelta(days=20)}
    if place in UNDECIDED:
        return {"auto_renew": False, "ends_before": today + dt.timedelta(days=15 + place)}
    if place in NOTIFIED:
        end = today + dt.timedelta(days=20 + place)
        return {"ends_before": end, "stops_before": end, "notice_received_on": today - dt.timedelta(days=place % 20)}
    del life
    return {}


def _years(deal: Mapping[str, Any], today: dt.date) -> dict[str, Any]:
    """The years of a contract that renews itself, each renewed at its end; the last is the present one."""
    if "stops_before" in deal or not deal["auto_renew"]:
        return {}
    terms, begins, ends = [], deal["starts_on"], deal["ends_before"]
    while ends <= today:
        terms.append({"starts_on": begins, "ends_before": ends, "decision": "renewed", "decided_on": ends})
        begins, ends = ends, months_later(ends, 12)
    return {"ends_before": ends, "terms": [*terms, {"starts_on": begins, "ends_before": ends}]}


def _contract(
    life: Life, number: str, currency: str, starts_on: dt.date, seats: int, *, until: dt.date, chance: random.Random
) -> dict[str, Any]:
    yen = currency == "JPY"
    price = chance.choice([1_200, 1_500, 1_800, 2_400]) if yen else chance.choice([1_200, 1_500, 1_900, 2_900])
    core: dict[str, Any] = {
        "product_external_id": "sku-core",
        "quantity": seats,
        "unit_price": price,
        "ramp": list(_growth(starts_on, until, seats, price, chance)),
    }
    if chance.random() < 0.25:
        core |= {"discount_pct": chance.choice([10, 15, 20]), "discount_ends_before": months_later(starts_on, 12)}
    items = [core]
    for product, share, in_yen, otherwise, interval in _ADD_ONS:
        begins = months_later(starts_on, chance.randint(0, 14))
        if chance.random() < share and begins < until:
            amount = int((in_yen if yen else otherwise) * chance.choice([0.5, 1, 1, 2]))
            add_on: dict[str, Any] = {
                "product_external_id": product, "quantity": 1, "counts_seats": False, "starts_on": begins,
                "unit_price": amount * interval, "interval_months": interval,
            }  # fmt: skip
            if product == "sku-assist":
                add_on["free_before"] = months_later(begins, 2)
            elif chance.random() < 0.12 and months_later(begins, 8) < until:
                add_on["ends_before"] = months_later(begins, 8)
            items.append(add_on)
    return {
        "external_id": number,
        "account_external_id": life.values["external_id"],
        "name": f"{life.company.name} {starts_on:%Y-%m}",
        "currency": currency,
        "signed_on": starts_on - dt.timedelta(days=chance.randint(3, 25)),
        "starts_on": starts_on,
        "ends_before": months_later(starts_on, 12),
        "auto_renew": True,
        "notice_days": chance.choice([30, 30, 60, 90]),
        "items": items,
    }


def _growth(
    starts_on: dt.date, until: dt.date, seats: int, price: int, chance: random.Random
) -> Iterator[dict[str, Any]]:
    """More seats mostly, sometimes fewer; now and then a higher price from an anniversary on."""
    day = months_later(starts_on, chance.randint(3, 8))
    while day < until:
        if day.month == starts_on.month and chance.random() < 0.5:
            price = price * 105 // 100
            yield {"starts_on": day, "unit_price": price}
        else:
            factor = chance.choice([0.8, 1.1, 1.15, 1.25, 1.4])
            seats = max(5, int(seats * factor) // 5 * 5)
            yield {"starts_on": day, "quantity": seats}
        day = months_later(day, chance.randint(3, 9))


def _told(deal: dict[str, Any]) -> dict[str, Any]:
    """The contract in the API's shape: days as texts, prices as money."""

    def shown(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, list):
            return [shown(each) for each in value]
        if isinstance(value, dict):
            return {
                name: {"amount": each, "currency": deal["currency"]} if name == "unit_price" else shown(each)
                for name, each in value.items()
            }
        return value

    told: dict[str, Any] = shown(deal)
    return told
