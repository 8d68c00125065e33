"""Random lives of accounts, and the figures by definition: plain Python over the lines of the ledger."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from hypothesis import strategies as st

from api.accounts.merging import merge_accounts
from api.analytics.currency import converted
from api.analytics.retention import Moves, Retention
from api.analytics.units import TYPES, Period
from api.contracts import rollup, service
from api.contracts.models import ExchangeRate
from api.contracts.schemas import ItemCreate
from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import Problem
from api.products.models import Product
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers

BEGINNING = dt.date(2025, 1, 1)
RATES = {"JPY": Fraction(1), "USD": Fraction("150.35")}
FACTORS = {"JPY": Fraction(1), "USD": Fraction("150.35") / 100}

days = st.integers(0, 420).map(lambda n: BEGINNING + dt.timedelta(days=n))
_sign = st.fixed_dictionaries(
    {
        "act": st.just("sign"),
        "account": st.integers(0, 3),
        "product": st.integers(0, 1),
        "price": st.integers(1, 20_000),
        "starts_on": days,
        "length": st.one_of(st.none(), st.integers(1, 300)),
        "currency": st.sampled_from(["JPY", "JPY", "USD"]),
    }
)
_of_contract = {"contract": st.integers(0, 5), "on": days, "price": st.integers(0, 20_000)}
_later = st.one_of(
    *(
        st.fixed_dictionaries({"act": st.just(act), **_of_contract})
        for act in ("amend", "amend", "terminate", "archive")
    ),
    st.fixed_dictionaries({"act": st.just("merge"), "winner": st.integers(0, 3), "loser": st.integers(0, 3)}),
    st.just({"act": "roll_up"}),
)
histories = st.tuples(st.lists(_sign, min_size=2, max_size=5), st.lists(_later, max_size=6)).map(
    lambda both: both[0] + both[1]
)


@dataclass(frozen=True)
class Line:
    """A line of the ledger, of the account that its account stands for today."""

    account: UUID
    product: UUID
    currency: str
    day: dt.date
    type: str
    amount: int
    recorded_at: dt.datetime


class World:
    """A workspace of four accounts and two products, in which a history happens: one act a fortnight."""

    def __init__(self, workspace: WorkspaceForTest, accounts: list[UUID], products: list[UUID]) -> None:
        self.workspace = workspace
        self.accounts = accounts
        self.products = products
        self.contracts: list[UUID] = []
        self.done = 0

    @classmethod
    async def begin(cls, app: FastAPI) -> Self:
        """A fresh one."""
        workspace = await WorkspaceForTest.create(app)
        parent = await makers.account(workspace, industry="小売")
        accounts = [parent, await makers.account(workspace, industry="物流", parent_id=parent)]
        accounts += [await makers.account(workspace, industry="物流"), await makers.account(workspace)]
        products = [(await workspace.add(Product, name=name)).id for name in ("一", "二")]
        await workspace.add(ExchangeRate, currency="USD", day=dt.date(2024, 1, 1), rate="150.35")
        return cls(workspace, accounts, products)

    async def live(self, history: Iterable[Mapping[str, Any]]) -> None:
        """Let it happen; acts that the rules refuse do not."""
        for act in history:
            self.done += 1
            with clock.moved_to(self.moment(self.done)):
                try:
                    async with self.workspace.write() as tx:
                        await self._do(tx, act)
                except Problem as problem:
                    if problem.type.status >= 500:
                        raise

    @staticmethod
    def moment(number: int) -> dt.datetime:
        """When an act happens."""
        return dt.datetime(2025, 3, 1, 12, tzinfo=ZoneInfo("Asia/Tokyo")) + dt.timedelta(days=14 * number)

    async def _do(self, tx: Tx, act: Mapping[str, Any]) -> None:
        match act["act"]:
            case "sign":
                ends = None if act["length"] is None else act["starts_on"] + dt.timedelta(days=act["length"])
                values = {
                    "account_id": self.accounts[act["account"]], "name": "契約", "currency": act["currency"],
                    "starts_on": act["starts_on"], "stops_before": ends, "stops_as": None if ends is None else "terminated",
                }  # fmt: skip
                price = {"amount": act["price"], "currency": act["currency"]}
                item = ItemCreate.model_validate({"product_id": self.products[act["product"]], "unit_price": price})
                self.contracts.append(await service.create_contract(tx, values, [item]))
            case "merge":
                winner, loser = self.accounts[act["winner"]], self.accounts[act["loser"]]
                await merge_accounts(tx, winner, loser, await self._version(tx, "accounts", winner))
            case "roll_up":
                await rollup.reach(tx)
                await rollup.refresh_batch(tx)
            case kind if act["contract"] < len(self.contracts):
                contract = self.contracts[act["contract"]]
                version = await self._version(tx, "contracts", contract)
                if kind == "terminate":
                    await service.terminate_contract(tx, contract, version, act["on"])
                elif kind == "archive":
                    await service.archive_contract(tx, contract, version)
                else:
                    items = await service.items_of(tx, contract)
                    currency = (await tx.fetch("SELECT currency FROM contracts WHERE workspace_id = %s AND id = %s",
                                               [tx.workspace_id, contract]))[0][0]  # fmt: skip
                    price = {"amount": act["price"], "currency": currency}
                    item = ItemCreate.model_validate({"product_id": items[-1].product_id, "unit_price": price})
                    await service.amend_contract(tx, contract, version, act["on"], add=[item])

    @staticmethod
    async def _version(tx: Tx, table: str, row: UUID) -> int:
        rows = await tx.fetch(
            f"SELECT version FROM {table} WHERE workspace_id = %s AND id = %s", [tx.workspace_id, row]
        )
        return int(rows[0][0])

    async def roll_up(self) -> None:
        """What the job does, until nothing is marked."""
        with clock.moved_to(self.moment(self.done + 1)):
            async with self.workspace.write() as tx:
                await rollup.reach(tx)
            while True:
                async with self.workspace.write() as tx:
                    if not await rollup.refresh_batch(tx):
                        return

    async def lines(self, *, resolved: bool = True) -> list[Line]:
        """The ledger."""
        async with self.workspace.write() as tx:
            rows = await tx.fetch(
                "SELECT account_id, product_id, currency, effective_on, type, amount_minor, recorded_at "
                "FROM mrr_movements WHERE workspace_id = %s", [tx.workspace_id],
            )  # fmt: skip
            into = dict(
                await tx.fetch("SELECT id, merged_into_id FROM accounts WHERE workspace_id = %s", [tx.workspace_id])
            )

        def winner(account: UUID) -> UUID:
            return account if not resolved or into[account] is None else winner(into[account])

        return [Line(winner(row[0]), *row[1:]) for row in rows]


def defined(
    lines: Sequence[Line], period: Period, known_at: dt.datetime, factors: Mapping[str, Fraction]
) -> tuple[Retention, Moves]:
    """Retention and movements of a period, by definition."""
    levels: dict[tuple[UUID, str], list[int]] = defaultdict(lambda: [0] * 6)
    for line in lines:
        if line.day <= period.last and line.recorded_at <= known_at:
            stage = 0 if line.day < period.first else TYPES.index(line.type) + 1
            levels[line.account, line.currency][stage] += line.amount
    ends: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    moves = dict.fromkeys(TYPES, 0)
    for (account, currency), steps in levels.items():
        worth = [converted(sum(steps[: n + 1]), factors[currency]) for n in range(6)]
        ends[account][0] += worth[0]
        ends[account][1] += worth[5]
        for n, kind in enumerate(TYPES):
            moves[kind] += (worth[n + 1] - worth[n]) * (-1 if kind in {"contraction", "churn"} else 1)
    return Retention.of([(opening, closing) for opening, closing in ends.values()]), Moves(**moves)
