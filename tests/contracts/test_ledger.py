"""The ledger in SQL against its definition, on random histories."""

import datetime as dt
import random
from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from api.contracts import ledger
from api.contracts.ledger import Recording, differences, follow_contracts
from api.contracts.models import Contract, ContractItem
from api.contracts.mrr import PARTS, Cause, Owed, movements
from api.kit import clock
from api.kit.tables import new_id
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers

HISTORIES = 40
STATEMENTS_OF_EACH = 3
EPOCH = dt.date(2024, 1, 1)
Key = tuple[dt.date, str, UUID, str]


class Books:
    """Accounts whose rates are whatever a test says."""

    def __init__(self, workspace: WorkspaceForTest) -> None:
        self.workspace = workspace
        self.products: list[UUID] = []

    async def open(self, accounts: int) -> list[UUID]:
        """Accounts, each with a contract to hang rates on."""
        self.products = sorted([await makers.product(self.workspace) for _ in range(3)])
        return [await makers.account(self.workspace) for _ in range(accounts)]

    async def state(self, owed: dict[UUID, list[Owed]], recording: Recording) -> None:
        """Replace the rates of these accounts, and let the ledger follow."""
        async with self.workspace.write() as tx:
            await tx.execute(
                "DELETE FROM contract_rates WHERE workspace_id = %(ws)s AND account_id = ANY(%(ids)s)",
                {"ws": self.workspace.id, "ids": list(owed)},
            )
            for account_id, rates in owed.items():
                for rate in rates:
                    await self._add(tx, account_id, rate)
            await follow_contracts(tx, list(owed), recording)

    async def _add(self, tx: Any, account_id: UUID, rate: Owed) -> None:
        known: dict[str, Any] = {"workspace_id": self.workspace.id, "account_id": account_id}
        contract = Contract(**known, name="契約", currency=rate.currency, starts_on=rate.starts_on)
        tx.session.add(contract)
        await tx.flush()
        item = ContractItem(
            **known, contract_id=contract.id, product_id=rate.product_id, starts_on=rate.starts_on, unit_price=1
        )
        tx.session.add(item)
        await tx.flush()
        await tx.execute(
            "INSERT INTO contract_rates (workspace_id, item_id, starts_on, ends_before, contract_id, account_id, product_id, "
            "currency, parts, seats, starts_as, ends_as) VALUES (%(ws)s, %(item)s, %(starts)s, %(ends)s, %(contract)s, "
            "%(account)s, %(product)s, %(currency)s, %(parts)s, 0, 'signed', 'item_end')",
            {
                "ws": self.workspace.id, "item": item.id, "starts": rate.starts_on, "ends": rate.ends_before,
                "contract": contract.id, "account": account_id, "product": rate.product_id, "currency": rate.currency,
                "parts": rate.parts,
            },
        )  # fmt: skip

    async def recorded(self, account_id: UUID, known_at: dt.datetime) -> Counter[Key]:
        """The ledger's sums by day, currency, product and type, as known at a moment; zeros left out."""
        async with self.workspace.write() as tx:
            rows = await tx.fetch(
                "SELECT effective_on, currency, product_id, type, sum(amount_minor)::bigint FROM mrr_movements "
                "WHERE workspace_id = %s AND account_id = %s AND recorded_at <= %s GROUP BY 1, 2, 3, 4",
                [self.workspace.id, account_id, known_at],
            )
        return Counter({(day, currency, product, type_): n for day, currency, product, type_, n in rows if n})


def a_history(chance: random.Random, products: list[UUID], currencies: list[str]) -> list[Owed]:
    """Some rates that begin, end, overlap and leave gaps; with odd parts, so that rounding matters."""
    found = []
    for _ in range(chance.randint(0, 6)):
        starts = EPOCH + dt.timedelta(days=30 * chance.randint(0, 20))
        ends = None if chance.random() < 0.4 else starts + dt.timedelta(days=30 * chance.randint(1, 12))
        parts = chance.choice([chance.randint(0, 5 * PARTS), PARTS // 2, PARTS * chance.randint(1, 200_000)])
        found.append(Owed(chance.choice(products), chance.choice(currencies), starts, ends, parts))
    return found


def wanted(history: list[Owed]) -> Counter[Key]:
    return Counter({(m.effective_on, m.currency, m.product_id, m.type.value): m.amount for m in movements(history)})


async def test_the_ledger_says_what_its_definition_says(workspace: WorkspaceForTest) -> None:
    books, chance = Books(workspace), random.Random(20261122)
    accounts = await books.open(HISTORIES)
    stated: list[tuple[dt.datetime, dict[UUID, list[Owed]]]] = []
    for number in range(STATEMENTS_OF_EACH):
        moment = dt.datetime(2026, 1, 1 + number, tzinfo=dt.UTC)
        histories = {
            account: a_history(chance, books.products, chance.choice([["JPY"], ["JPY", "USD"]])) for account in accounts
        }
        with clock.moved_to(moment):
            await books.state(histories, Recording(Cause.correction))
        stated.append((moment, histories))
    # As known after each statement, all earlier ones included: nothing that was recorded has changed.
    lines = 0
    for moment, histories in stated:
        for account, history in histories.items():
            recorded = await books.recorded(account, moment)
            assert recorded == wanted(history)
            lines += len(recorded)
    assert lines > 5 * HISTORIES
    async with workspace.write() as tx:
        assert await differences(tx) == []


async def test_a_line_too_many_is_named(workspace: WorkspaceForTest) -> None:
    books = Books(workspace)
    (account,) = await books.open(1)
    await books.state({account: [Owed(books.products[0], "JPY", EPOCH, None, 100 * PARTS)]}, Recording(Cause.signed))
    async with workspace.write() as tx:
        await tx.execute(
            "INSERT INTO mrr_movements (workspace_id, id, account_id, product_id, currency, effective_on, type, "
            "amount_minor, cause, backfilled, recorded_at) VALUES (%(ws)s, %(id)s, %(account)s, %(product)s, 'JPY', "
            "%(day)s, 'expansion', 7, 'amendment', false, now())",
            {"ws": workspace.id, "id": new_id(), "account": account, "product": books.products[0], "day": EPOCH},
        )
        (found,) = await differences(tx)
    assert (found.account_id, found.effective_on, found.type, found.amount) == (account, EPOCH, "expansion", -7)


async def test_a_wrong_type_is_caught(workspace: WorkspaceForTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a ledger that takes every return for a new customer differs from the definition."""
    wrong = ledger._FOR_THESE.replace("WHEN had_once THEN 'reactivation'", "WHEN false THEN 'reactivation'")
    assert wrong != ledger._FOR_THESE
    monkeypatch.setattr(ledger, "_FOR_THESE", wrong)
    books = Books(workspace)
    (account,) = await books.open(1)
    back = EPOCH + dt.timedelta(days=90)
    history = [
        Owed(books.products[0], "JPY", EPOCH, EPOCH + dt.timedelta(days=30), 100 * PARTS),
        Owed(books.products[0], "JPY", back, None, 100 * PARTS),
    ]
    await books.state({account: history}, Recording(Cause.signed))
    assert await books.recorded(account, clock.now()) != wanted(history)


async def test_the_past_is_recorded_at_the_days_of_its_facts_when_it_is_brought_in(workspace: WorkspaceForTest) -> None:
    books = Books(workspace)
    (account,) = await books.open(1)
    history = [Owed(books.products[0], "JPY", EPOCH, EPOCH + dt.timedelta(days=60), 100 * PARTS)]
    await books.state({account: history}, Recording(Cause.imported, backfilled=True))
    before_the_end = dt.datetime(2024, 2, 15, tzinfo=dt.UTC)
    assert sum((await books.recorded(account, before_the_end)).values()) == 100
    assert sum((await books.recorded(account, clock.now())).values()) == 0


async def test_no_line_can_be_changed_or_deleted(workspace: WorkspaceForTest) -> None:
    await makers.movement(workspace)
    for statement in ("UPDATE mrr_movements SET amount_minor = 0", "DELETE FROM mrr_movements"):
        with pytest.raises(Exception, match="permission denied"):
            async with workspace.write() as tx:
                await tx.execute(statement)
