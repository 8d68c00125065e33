"""How the items of an import are written: each loader calls its resource's bulk upsert."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from api.auth.service import workspace_now
from api.contracts.ledger import Recording
from api.contracts.mrr import Cause
from api.contracts.rows import upsert_rows
from api.imports.importable import Item, Load, Options
from api.interactions.bulk import upsert_interactions
from api.kit.bulk import ItemResult, Upsert, upsert
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.kit.schemas import ExternalId
from api.products.models import Product
from api.products.schemas import ProductCreate, ProductUpdate
from api.products.service import PRODUCTS
from api.surveys.responses import upsert_responses


class ProductItem(ProductUpdate):
    """A product as another system knows it."""

    external_id: ExternalId


def one_by_one(load: Load) -> Load:
    """The loader of an upsert by external id: a later row with the same id changes the record again."""

    async def load_in_rounds(tx: Tx, items: Sequence[Item], options: Options) -> list[ItemResult]:
        results: dict[int, ItemResult] = {}
        waiting = list(enumerate(items))
        while waiting:
            now: list[tuple[int, Item]] = []
            later: list[tuple[int, Item]] = []
            keys = set()
            for place, item in waiting:
                key = str(item["external_id"])
                (later if key in keys else now).append((place, item))
                keys.add(key)
            for (place, _), result in zip(now, await load(tx, [item for _, item in now], options), strict=True):
                results[place] = result
            waiting = later
        return [results[place] for place in range(len(items))]

    return load_in_rounds


class LoadKnown(Protocol):
    """A bulk upsert whose facts are recorded as known at one moment or another."""

    def __call__(self, tx: Tx, items: Sequence[Item], *, known_at: KnownAt) -> Awaitable[list[ItemResult]]:
        """Write the items and say what became of each, in their order."""


def with_known_at(load: LoadKnown) -> Load:
    """The loader of a bulk upsert that asks when its facts became known."""

    async def load_items(tx: Tx, items: Sequence[Item], options: Options) -> list[ItemResult]:
        return await load(tx, items, known_at=options.known_at)

    return load_items


def without_options(load: Callable[[Tx, Sequence[Item]], Awaitable[list[ItemResult]]]) -> Load:
    """The loader of a bulk upsert that asks nothing beside its items."""

    async def load_items(tx: Tx, items: Sequence[Item], _options: Options) -> list[ItemResult]:
        return await load(tx, items)

    return load_items


_PRODUCT_UPSERT: Final = Upsert(PRODUCTS, Product, ProductItem, ProductCreate)


async def load_products(tx: Tx, items: Sequence[Item]) -> list[ItemResult]:
    """Products are known by their external id."""
    return await upsert(tx, _PRODUCT_UPSERT, items)


async def load_contracts(tx: Tx, items: Sequence[Item], options: Options) -> list[ItemResult]:
    """Rows that follow one another with one id are one contract and its items."""
    backfilled = options.known_at is not KnownAt.import_time
    return await upsert_rows(tx, items, Recording(Cause.imported, backfilled=backfilled))


async def load_survey_responses(tx: Tx, items: Sequence[Item], options: Options) -> list[ItemResult]:
    """A moment of an answer without a time zone is one of the workspace's."""
    zone = (await workspace_now(tx)).tzinfo
    items = [_in_zone(item, "answered_at", zone) for item in items]
    return await upsert_responses(tx, items, backfilled=options.known_at is KnownAt.fact_date)


def _in_zone(item: Item, name: str, zone: dt.tzinfo | None) -> Item:
    """The item with a moment that says no time zone read as one of the workspace's."""
    try:
        moment = dt.datetime.fromisoformat(item[name])
    except (KeyError, TypeError, ValueError):
        return item  # its shape refuses it, with a pointer
    return item if moment.tzinfo else {**item, name: moment.replace(tzinfo=zone).isoformat()}


async def load_interactions(tx: Tx, items: Sequence[Item], options: Options) -> list[ItemResult]:
    """Of a history, each counts as known since it took place."""
    return await upsert_interactions(tx, items, history=options.known_at is KnownAt.fact_date)
