"""What one can do with contracts. Every act ends in :func:`settle`: rates, state and ledger follow."""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.merging import after_merge
from api.auth.service import workspace_today
from api.contracts.known import follow_knowledge
from api.contracts.ledger import Recording, follow_contracts
from api.contracts.models import Contract, ContractItem, Decision
from api.contracts.mrr import Cause
from api.contracts.rates import refresh_states, replace_rates
from api.contracts.resource import CONTRACTS, ITEMS
from api.contracts.schemas import ItemCreate, ItemFields, currencies_of, item_values
from api.contracts.terms import add_term, decide, latest_term, latest_term_if_any, pending_terms, term_end
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type

CURRENCY_DIFFERS: Final = problem_type(
    "currency_differs",
    409,
    en=("Another currency", "The account has a contract in {currency} at that time; they must share a currency."),
    ja=("通貨が異なります", "同じ期間に {currency} の契約があります。重なる契約の通貨は同じでなければなりません。"),
)
ENDED: Final = problem_type(
    "contract_ended",
    409,
    en=("Contract ended", "The contract stopped on {day}; renew or reinstate it first."),
    ja=("契約は終了しています", "契約は {day} に終了しました。先に更新または取り消しをしてください。"),
)
NOT_ENDED: Final = problem_type(
    "contract_not_ended",
    409,
    en=("Nothing to take back", "No notice was given and the contract was not terminated."),
    ja=("取り消すものがありません", "解約通知も終了の記録もありません。"),
)

AfterSettling = Callable[[Tx, UUID, Cause], Awaitable[None]]
AFTER_SETTLING: Final[list[AfterSettling]] = []
"""What upper packages do in the transaction of an act on a contract, with its account and what it was."""


def after_settling(follow: AfterSettling) -> AfterSettling:
    """Declare a function that runs once rates, state and ledger have followed a contract."""
    AFTER_SETTLING.append(follow)
    return follow


async def create_contract(tx: Tx, values: Mapping[str, Any], items: Sequence[ItemCreate]) -> UUID:
    """Add a contract with its items and its first term; the ledger follows. Its id."""
    values = dict(values)
    await _check_account(tx, values["account_id"])
    await _check_items(tx, items, values["currency"], "/items")
    await refuse_second_currency(tx, values["account_id"], values["currency"], values["starts_on"])
    contract = await write.create(tx, CONTRACTS, Contract, values, announce={"account_id": str(values["account_id"])})
    await add_items(tx, contract, items, Cause.signed)
    if contract.ends_before is not None:
        add_term(tx, contract, contract.starts_on, contract.ends_before)
    await settle(tx, contract, Cause.signed)
    return contract.id


async def update_contract(tx: Tx, contract_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change what a contract says about itself; the deadlines of pending terms follow its period of notice."""
    contract = await write.lock(tx, CONTRACTS, Contract, contract_id, version=version)
    changed = await write.change(tx, CONTRACTS, contract, values, announce=_of_account(contract))
    if "notice_days" in changed:
        for term in await pending_terms(tx, contract_id):
            term.notice_deadline = term.ends_before - dt.timedelta(days=contract.notice_days)
    if {"notice_days", "auto_renew"} & set(changed):
        await settle(tx, contract, Cause.correction)


async def amend_contract(
    tx: Tx,
    contract_id: UUID,
    version: int,
    effective_on: dt.date,
    *,
    change: Sequence[Any] = (),
    add: Sequence[ItemCreate] = (),
    remove: Sequence[UUID] = (),
) -> None:
    """Change, add and remove items as of a day, past or to come."""
    contract = await write.lock(tx, CONTRACTS, Contract, contract_id, version=version)
    if contract.stops_before is not None and contract.stops_before <= effective_on:
        raise ENDED(day=contract.stops_before)
    if effective_on < contract.starts_on:
        raise invalid(_field("/effective_on", f"Not before the contract's start, {contract.starts_on}",
                             f"契約開始日 {contract.starts_on} 以降にしてください"))  # fmt: skip
    await restate_items(tx, contract, effective_on, Cause.amendment, change=change, add=add, remove=remove)
    told = {**_of_account(contract), "effective_on": effective_on.isoformat()}
    await _note(tx, contract, {"items"}, "amended", told)
    await settle(tx, contract, Cause.amendment)


async def renew_contract(
    tx: Tx,
    contract_id: UUID,
    version: int,
    *,
    starts_on: dt.date | None = None,
    ends_before: dt.date | None = None,
    decided_on: dt.date | None = None,
    auto_renew: bool | None = None,
    reasons: Sequence[str] = (),
    change: Sequence[Any] = (),
    add: Sequence[ItemCreate] = (),
    remove: Sequence[UUID] = (),
) -> None:
    """Begin the next term. From the old end on, however late, only the difference in price moves MRR; after a gap it
    is a reactivation.
    """  # noqa: D205
    contract = await write.lock(tx, CONTRACTS, Contract, contract_id, version=version)
    term = await latest_term(tx, contract)
    old_end = min(term.ends_before, contract.stops_before or term.ends_before)
    begins = starts_on or old_end
    if begins < old_end:
        raise invalid(_field("/starts_on", f"Not before the end of the last term, {old_end}",
                             f"前の契約期間の終了日 {old_end} 以降にしてください"))  # fmt: skip
    ends = ends_before or term_end(contract, term, begins)
    if ends <= begins:
        raise invalid(_field("/ends_before", "After the start of the term", "契約期間の開始日より後にしてください"))
    due = await _parts(tx, contract_id, old_end - dt.timedelta(days=1))
    again = await _bridge_gap(tx, contract, old_end, begins) if begins > old_end else {}
    await restate_items(tx, contract, begins, Cause.renewal, change=change, add=add, remove=remove, now=again)
    values: dict[str, Any] = {"ends_before": ends, "stops_before": None, "stops_as": None, "notice_received_on": None}
    if auto_renew is not None:
        values["auto_renew"] = auto_renew
    await write.change(
        tx, CONTRACTS, contract, values, action="renewed",
        announce={**_of_account(contract), "starts_on": begins.isoformat(), "ends_before": ends.isoformat()},
    )  # fmt: skip
    await replace_rates(tx, [contract_id])
    renewed = await _parts(tx, contract_id, begins)
    decision = Decision.expanded if renewed > due else Decision.contracted if renewed < due else Decision.renewed
    await decide(tx, term, decision, decided_on or await workspace_today(tx), reasons)
    add_term(tx, contract, begins, ends)
    await settle(tx, contract, Cause.renewal)


async def give_notice(
    tx: Tx,
    contract_id: UUID,
    version: int,
    *,
    received_on: dt.date | None = None,
    ends_before: dt.date | None = None,
    reasons: Sequence[str] = (),
) -> None:
    """Note that the customer gave notice. MRR stays until the effective end, where the churn is dated."""
    contract = await write.lock(tx, CONTRACTS, Contract, contract_id, version=version)
    received = received_on or await workspace_today(tx)
    terms = await pending_terms(tx, contract_id)
    end = ends_before or (terms[-1].ends_before if terms else received + dt.timedelta(days=contract.notice_days))
    await _stop(tx, contract, end, Cause.notice, reasons=reasons, action="notice_given", on=received)


async def terminate_contract(
    tx: Tx, contract_id: UUID, version: int, ends_before: dt.date, reasons: Sequence[str] = ()
) -> None:
    """End a contract on a day."""
    contract = await write.lock(tx, CONTRACTS, Contract, contract_id, version=version)
    today = await workspace_today(tx)
    await _stop(
        tx, contract, ends_before, Cause.terminated, reasons=reasons, action="terminated", on=min(today, ends_before)
    )


async def reinstate_contract(tx: Tx, contract_id: UUID, version: int) -> None:
    """Take back a notice or a termination: as if it had not been, in the ledger by further lines."""
    contract = await write.lock(tx, CONTRACTS, Contract, contract_id, version=version)
    if contract.stops_before is None:
        raise NOT_ENDED()
    values = {"stops_before": None, "stops_as": None, "notice_received_on": None}
    await write.change(tx, CONTRACTS, contract, values, action="reinstated", announce=_of_account(contract))
    term = await latest_term_if_any(tx, contract_id)
    if term is not None and term.decision == Decision.churned:
        await decide(tx, term, Decision.pending, await workspace_today(tx))
    await settle(tx, contract, Cause.reinstated)


async def archive_contract(tx: Tx, contract_id: UUID, version: int) -> None:
    """Take a contract back that should not be there: it counts for nothing any more, in the ledger by further lines."""
    await settle(tx, await write.archive(tx, CONTRACTS, Contract, contract_id, version), Cause.correction)


async def restore_contract(tx: Tx, contract_id: UUID) -> None:
    """Bring an archived contract back."""
    await settle(tx, await write.restore(tx, CONTRACTS, Contract, contract_id), Cause.correction)


async def settle(tx: Tx, contract: Contract, cause: Cause) -> None:
    """Let rates, state, ledger and the account's standing follow a contract."""
    await replace_rates(tx, [contract.id])
    await refresh_states(tx, [contract.id])
    await follow_knowledge(tx, [contract.id], Recording(cause))
    await follow_contracts(tx, [contract.account_id], Recording(cause))
    for follow in AFTER_SETTLING:
        await follow(tx, contract.account_id, cause)


async def add_items(
    tx: Tx, contract: Contract, items: Iterable[ItemFields], cause: Cause, on: dt.date | None = None
) -> None:
    """Put items into a contract, from its start or from ``on``."""
    for item in items:
        values = item_values(item)
        values["starts_on"] = values.get("starts_on") or on or contract.starts_on
        values |= {"contract_id": contract.id, "account_id": contract.account_id, "starts_as": cause.value}
        await write.create(tx, ITEMS, ContractItem, values)


async def restate_items(
    tx: Tx,
    contract: Contract,
    on: dt.date,
    cause: Cause,
    *,
    change: Sequence[Any],
    add: Sequence[ItemCreate],
    remove: Sequence[UUID],
    now: Mapping[UUID, UUID] | None = None,
) -> None:
    """End items, and begin those that take their place, as of a day; ``now`` has the ids of items begun again."""
    await _check_items(tx, change, contract.currency, "/change")
    await _check_items(tx, add, contract.currency, "/add")
    known = {item.id: item for item in await items_of(tx, contract.id)}
    items = {**known, **{before: known[after] for before, after in (now or {}).items()}}
    for index, each in enumerate(change):
        old = _running(items, each.item_id, on, f"/change/{index}/item_id")
        values = {name: value for name, value in item_values(each).items() if name != "item_id"}
        kept = old.model_dump(exclude={"id", "version", "created_at", "updated_at", "archived_at", "workspace_id"})
        await _end_item(tx, old, on, cause)
        begun = {**kept, **values, "starts_on": max(on, old.starts_on), "starts_as": cause.value, "follows_id": old.id}
        await write.create(tx, ITEMS, ContractItem, begun)
    for index, item_id in enumerate(remove):
        await _end_item(tx, _running(items, item_id, on, f"/remove/{index}"), on, cause)
    await add_items(tx, contract, add, cause, on)


async def items_of(tx: Tx, contract_id: UUID) -> list[ContractItem]:
    """The items of a contract, in the order of their starts."""
    await tx.flush()
    found = await tx.session.scalars(
        sa.select(ContractItem)
        .where(
            col(ContractItem.workspace_id) == tx.workspace_id,
            col(ContractItem.contract_id) == contract_id,
            col(ContractItem.archived_at).is_(None),
        )
        .order_by(col(ContractItem.starts_on), col(ContractItem.id))
    )
    return list(found)


async def _end_item(tx: Tx, item: ContractItem, on: dt.date, cause: Cause) -> None:
    if on <= item.starts_on:
        # It never ran: what takes its place begins where it would have.
        await write.change(tx, ITEMS, item, {"archived_at": clock.now()}, action="archived")
    else:
        await write.change(tx, ITEMS, item, {"ends_before": on, "ends_as": cause.value})


async def _bridge_gap(tx: Tx, contract: Contract, old_end: dt.date, begins: dt.date) -> dict[UUID, UUID]:
    """End what runs at the old end, and begin it again after the gap; the new ids by the old ones."""
    stopped, now = Cause(contract.stops_as or Cause.lapsed), {}
    for item in await items_of(tx, contract.id):
        if item.starts_on < old_end and (item.ends_before is None or item.ends_before > old_end):
            kept = item.model_dump(exclude={"id", "version", "created_at", "updated_at", "archived_at", "workspace_id"})
            await write.change(tx, ITEMS, item, {"ends_before": old_end, "ends_as": stopped.value})
            again = {**kept, "starts_on": begins, "starts_as": Cause.renewal.value, "follows_id": item.id}
            now[item.id] = (await write.create(tx, ITEMS, ContractItem, again)).id
    return now


async def _stop(
    tx: Tx, contract: Contract, end: dt.date, cause: Cause, *, reasons: Sequence[str], action: str, on: dt.date
) -> None:
    if end <= contract.starts_on:
        raise invalid(_field("/ends_before", f"After the contract's start, {contract.starts_on}",
                             f"契約開始日 {contract.starts_on} より後にしてください"))  # fmt: skip
    values: dict[str, Any] = {"stops_before": end, "stops_as": cause.value}
    if cause is Cause.notice:
        values["notice_received_on"] = on
    told = {**_of_account(contract), "ends_before": end.isoformat()}
    await write.change(tx, CONTRACTS, contract, values, action=action, announce=told)
    for term in await pending_terms(tx, contract.id):
        await decide(tx, term, Decision.churned, on, reasons)
    await settle(tx, contract, cause)


async def _parts(tx: Tx, contract_id: UUID, day: dt.date) -> int:
    """What a contract is worth per month on a day, in parts."""
    rows = await tx.fetch(
        "SELECT coalesce(sum(parts), 0)::bigint FROM contract_rates WHERE workspace_id = %(ws)s "
        "AND contract_id = %(id)s AND starts_on <= %(day)s AND (ends_before IS NULL OR ends_before > %(day)s)",
        {"ws": tx.workspace_id, "id": contract_id, "day": day},
    )
    return int(rows[0][0])


async def _note(tx: Tx, contract: Contract, fields: set[str], action: str, told: Mapping[str, Any]) -> None:
    """A new version of a contract whose items changed."""
    await write.touch(tx, CONTRACTS, contract, sorted(fields), action=action, announce=told)


async def refuse_second_currency(tx: Tx, account_id: UUID, currency: str, starts_on: dt.date) -> None:
    """Raise ``currency_differs`` when the account has a contract in another currency that overlaps one from this day."""
    rows = await tx.fetch(
        "SELECT currency FROM contracts WHERE workspace_id = %s AND account_id = %s AND currency <> %s "
        "AND archived_at IS NULL AND (stops_before IS NULL OR stops_before > %s) LIMIT 1",
        [tx.workspace_id, account_id, currency, starts_on],
    )
    if rows:
        raise CURRENCY_DIFFERS(currency=rows[0][0])


async def _check_account(tx: Tx, account_id: UUID) -> None:
    rows = await tx.fetch(
        "SELECT 1 FROM accounts WHERE workspace_id = %s AND id = %s AND merged_into_id IS NULL",
        [tx.workspace_id, account_id],
    )
    if not rows:
        raise invalid(
            _field("/account_id", "There is no such account", "該当するアカウントがありません", "reference_not_found")
        )


async def _check_items(tx: Tx, items: Sequence[Any], currency: str, pointer: str) -> None:
    """Raise ``invalid_input`` for prices in another currency and products that are not there."""
    errors = [
        _field(
            f"{pointer}/{index}", f"The contract is in {currency}", f"契約の通貨は {currency} です", "currency_differs"
        )
        for index, item in enumerate(items)
        if currencies_of(item) - {currency}
    ]
    products = {index: item.product_id for index, item in enumerate(items) if isinstance(item, ItemCreate)}
    rows = await tx.fetch(
        "SELECT id FROM products WHERE workspace_id = %s AND id = ANY(%s)", [tx.workspace_id, list(products.values())]
    )
    known = {row[0] for row in rows}
    errors += [
        _field(
            f"{pointer}/{index}/product_id",
            "There is no such product",
            "該当する商品がありません",
            "reference_not_found",
        )
        for index, product_id in products.items()
        if product_id not in known
    ]
    if errors:
        raise invalid(*errors)


def _running(items: Mapping[UUID, ContractItem], item_id: UUID, on: dt.date, pointer: str) -> ContractItem:
    if item_id not in items:
        raise invalid(
            _field(
                pointer, "The contract has no such item", "この契約に該当する明細がありません", "reference_not_found"
            )
        )
    ended = items[item_id].ends_before
    if ended is not None and ended <= on:
        raise invalid(_field(pointer, f"The item ended on {ended}", f"この明細は {ended} に終了しています"))
    return items[item_id]


def _field(pointer: str, en: str, ja: str, code: str = "out_of_range") -> FieldError:
    return FieldError(pointer, code, en, ja)


def _of_account(contract: Contract) -> dict[str, str]:
    return {"account_id": str(contract.account_id)}


@after_merge
async def follow_merger(tx: Tx, winner_id: UUID, loser_id: UUID) -> None:
    """Reverse the loser's lines and append the winner's, at the original days: totals do not move."""
    rows = await tx.fetch(
        "SELECT 1 FROM mrr_movements WHERE workspace_id = %(ws)s AND account_id = ANY(%(ids)s) LIMIT 1",
        {"ws": tx.workspace_id, "ids": [winner_id, loser_id]},
    )
    if rows:
        await follow_contracts(tx, [winner_id, loser_id], Recording(Cause.merge))
