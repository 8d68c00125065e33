"""Contracts, terms, movements and exchange rates as resources: what a list can show, sort and ask for."""

from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Account, AccountStanding
from api.contracts.models import (
    Contract,
    ContractItem,
    ContractRate,
    ContractTerm,
    ExchangeRate,
    MrrMovement,
    RenewalDecision,
)
from api.kit.resources import Condition, Expansion, Resource, Value, money
from api.products.models import Product

_contract: sa.Table = Contract.__table__  # type: ignore[attr-defined]
_item: sa.Table = ContractItem.__table__  # type: ignore[attr-defined]
_rate: sa.Table = ContractRate.__table__  # type: ignore[attr-defined]
_term: sa.Table = ContractTerm.__table__  # type: ignore[attr-defined]
_decision: sa.Table = RenewalDecision.__table__  # type: ignore[attr-defined]
_movement: sa.Table = MrrMovement.__table__  # type: ignore[attr-defined]
_product: sa.Table = Product.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_standing: sa.Table = AccountStanding.__table__  # type: ignore[attr-defined]
_of_term = _contract.alias("of_term")
_live = _contract.alias("live")


def _same(left: Any, right: Any, *pairs: tuple[str, str]) -> Condition:  # noqa: ANN401
    return sa.and_(left.c.workspace_id == right.c.workspace_id, *(left.c[a] == right.c[b] for a, b in pairs))


def _last_day(ends_before: Value) -> Value:
    return sa.cast(ends_before - sa.literal_column("1"), sa.Date())


_currency: Final = (
    sa.select(_contract.c.currency)
    .where(_same(_contract, _item, ("id", "contract_id")))
    .correlate(_item)
    .scalar_subquery()
)
_product_external_id: Final = (
    sa.select(_product.c.external_id)
    .where(_same(_product, _item, ("id", "product_id")))
    .correlate(_item)
    .scalar_subquery()
)
_ITEM_VALUES: Final = {
    "product_external_id": _product_external_id,
    "unit_price": money(_item.c.unit_price, _currency),
    "commitment": money(_item.c.commitment, _currency),
    "discount_pct": _item.c.discount / sa.literal_column("100.0"),
}
_account_of_contract: Final = Expansion(_account, _same(_account, _contract, ("id", "account_id")))

CONTRACTS: Final = Resource(
    "contract",
    Contract,
    values={"mrr": money(_contract.c.mrr_minor, _contract.c.currency), "last_day": _last_day(_contract.c.ends_before)},
    sorts={
        "starts_on": _contract.c.starts_on,
        "ends_before": _contract.c.ends_sort,
        "name": _contract.c.name,
        "created_at": _contract.c.created_at,
    },
    default_sort="-starts_on",
    filters={
        "runs_on": lambda day: _runs_on(sa.cast(day, sa.Date())),
        "starts_after": lambda day: _contract.c.starts_on >= sa.cast(day, sa.Date()),
        "starts_before": lambda day: _contract.c.starts_on < sa.cast(day, sa.Date()),
    },
    search_text=_contract.c.search_text,
    upsert_key="external_id",
    expands={
        "account": _account_of_contract,
        "items": Expansion(
            ContractItem,
            sa.and_(_same(_item, _contract, ("contract_id", "id")), _item.c.archived_at.is_(None)),
            many=True,
            order_by=sa.tuple_(_item.c.starts_on, _item.c.id),
            values=_ITEM_VALUES,
        ),
        "terms": Expansion(
            ContractTerm, _same(_term, _contract, ("contract_id", "id")), many=True, order_by=_term.c.starts_on
        ),
    },
)


def _runs_on(day: Value) -> Condition:
    return sa.and_(_contract.c.starts_on <= day, _contract.c.ends_sort > day)


_rate_at_end: Final = (
    sa.select(sa.func.coalesce(sa.func.perennial_minor(sa.func.sum(_rate.c.parts)), 0))
    .where(
        _same(_rate, _term, ("contract_id", "contract_id")),
        # What the customer pays when the decision is due, whatever was decided since.
        _rate.c.starts_on < _term.c.ends_before,
        sa.or_(_rate.c.ends_before.is_(None), _rate.c.ends_before >= _term.c.ends_before),
    )
    .correlate(_term)
    .scalar_subquery()
)
TERMS: Final = Resource(
    "renewal",
    ContractTerm,
    joins=[
        (_contract, _same(_contract, _term, ("id", "contract_id"))),
        (_standing, _same(_standing, _term, ("account_id", "account_id"))),
    ],
    values={
        "due": money(_rate_at_end, _contract.c.currency),
        "currency": _contract.c.currency,
        "contract_state": _contract.c.state,
        "auto_renew": _contract.c.auto_renew,
        "notice_received_on": _contract.c.notice_received_on,
        "last_day": _last_day(_term.c.ends_before),
        "health_score": _standing.c.health_score,
        "health_band": _standing.c.health_band,
        "owner_id": sa.select(_account.c.owner_id)
        .where(_same(_account, _term, ("id", "account_id")))
        .correlate(_term)
        .scalar_subquery(),
    },
    sorts={"ends_before": _term.c.ends_before, "notice_deadline": _term.c.notice_deadline},
    filters={
        "renewal_after": lambda day: _term.c.ends_before >= sa.cast(day, sa.Date()),
        "renewal_before": lambda day: _term.c.ends_before < sa.cast(day, sa.Date()),
        "notice_deadline_after": lambda day: _term.c.notice_deadline >= sa.cast(day, sa.Date()),
        "notice_deadline_before": lambda day: _term.c.notice_deadline < sa.cast(day, sa.Date()),
    },
    visible=sa.exists().where(_same(_live, _term, ("id", "contract_id")), _live.c.archived_at.is_(None)),
    expands={
        "account": Expansion(_account, _same(_account, _term, ("id", "account_id"))),
        "contract": Expansion(_of_term, _same(_of_term, _term, ("id", "contract_id"))),
        "decisions": Expansion(
            RenewalDecision,
            _same(_decision, _term, ("term_id", "id")),
            many=True,
            order_by=sa.tuple_(_decision.c.recorded_at, _decision.c.id),
        ),
    },
)
ITEMS: Final = Resource("contract_item", ContractItem, values=_ITEM_VALUES, announced=False)
MOVEMENTS: Final = Resource(
    "mrr_movement",
    MrrMovement,
    values={"amount": money(_movement.c.amount_minor, _movement.c.currency)},
    sorts={"effective_on": _movement.c.effective_on, "recorded_at": _movement.c.recorded_at},
    default_sort="-effective_on",
    filters={
        "effective_after": lambda day: _movement.c.effective_on >= sa.cast(day, sa.Date()),
        "effective_before": lambda day: _movement.c.effective_on < sa.cast(day, sa.Date()),
    },
)
EXCHANGE_RATES: Final = Resource(
    "exchange_rate", ExchangeRate, sorts={"day": col(ExchangeRate.day)}, default_sort="-day"
)
