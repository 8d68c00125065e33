"""Renewal rates as known at any moment are those that were told at that moment, whatever happened since."""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from api.analytics.economics import renewal_rates
from api.analytics.economics_schemas import RenewalRatesQuery
from api.contracts import bulk, exchange_rates, jobs, service
from api.contracts.schemas import ItemCreate
from api.kit import clock
from api.kit.db import Tx
from tests.analytics.conftest import Figures, on
from tests.analytics.histories import BEGINNING, World
from tests.imports.conftest import Importer, counted
from tests.whole_api import makers

random_histories = hypothesis_settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
days = st.integers(0, 300).map(lambda n: BEGINNING + dt.timedelta(days=n))
_price = st.integers(1, 20_000)
_sign = st.fixed_dictionaries(
    {
        "act": st.just("sign"),
        "account": st.integers(0, 3),
        "product": st.integers(0, 1),
        "price": _price,
        "starts_on": days,
        "length": st.integers(20, 200),
        "auto_renew": st.booleans(),
        "currency": st.sampled_from(["JPY", "USD"]),
    }
)
_acts = ("renew", "renew", "give_notice", "reinstate", "amend", "archive", "restore", "state")
_later = st.one_of(
    *(
        st.fixed_dictionaries({"act": st.just(act), "contract": st.integers(0, 3), "on": days, "price": _price})
        for act in _acts
    ),
    st.fixed_dictionaries({"act": st.just("rate"), "rate": st.integers(100, 200)}),
    st.fixed_dictionaries({"act": st.just("merge"), "winner": st.integers(0, 3), "loser": st.integers(0, 3)}),
    st.just({"act": "calendar"}),
)
histories = st.tuples(st.lists(_sign, min_size=2, max_size=4), st.lists(_later, min_size=4, max_size=10)).map(
    lambda both: both[0] + both[1]
)
QUERY = {"from": "2025-02-01", "to": "2026-01-31", "by": "currency"}


class Renewing(World):
    """A world of contracts with terms."""

    async def _do(self, tx: Tx, act: Mapping[str, Any]) -> None:
        match act["act"]:
            case "sign":
                number = len(self.contracts)
                values = {
                    "account_id": self.accounts[act["account"]], "name": "契約", "external_id": f"c-{number}",
                    "currency": act["currency"], "starts_on": act["starts_on"], "auto_renew": act["auto_renew"],
                    "ends_before": act["starts_on"] + dt.timedelta(days=act["length"]), "renewal_months": 3,
                }  # fmt: skip
                item = self._item(act["price"], act["currency"], self.products[act["product"]])
                self.contracts.append(await service.create_contract(tx, values, [item]))
            case "rate":
                await exchange_rates.set_exchange_rate(tx, "USD", dt.date(2024, 1, 1), {"rate": str(act["rate"])})
            case "calendar":
                await jobs.follow_the_calendar(tx)
            case "merge":
                await super()._do(tx, act)
            case kind if act["contract"] < len(self.contracts):
                await self._to_contract(tx, kind, act, self.contracts[act["contract"]])

    async def _to_contract(self, tx: Tx, kind: str, act: Mapping[str, Any], contract: UUID) -> None:
        version = await self._version(tx, "contracts", contract)
        if kind == "state":
            stated = {"external_id": f"c-{act['contract']}", "ends_before": act["on"].isoformat()}
            await bulk.upsert_contracts(tx, [stated])
        elif kind == "restore":
            await service.restore_contract(tx, contract)
        elif kind == "amend":
            items = await service.items_of(tx, contract)
            rows = await tx.fetch("SELECT currency FROM contracts WHERE workspace_id = %s AND id = %s",
                                  [tx.workspace_id, contract])  # fmt: skip
            more = self._item(act["price"], rows[0][0], items[-1].product_id)
            await service.amend_contract(tx, contract, version, act["on"], add=[more])
        else:
            await getattr(service, f"{kind}_contract" if kind != "give_notice" else kind)(tx, contract, version)

    @staticmethod
    def _item(price: int, currency: str, product: UUID) -> ItemCreate:
        return ItemCreate.model_validate({"product_id": product, "unit_price": {"amount": price, "currency": currency}})

    async def told(self, at: dt.datetime | None = None) -> dict[str, Any]:
        """The figure, as known at a moment or now."""
        query = {**QUERY, **({} if at is None else {"known_at": at})}
        async with self.workspace.write() as tx:
            found = await renewal_rates(tx, RenewalRatesQuery.model_validate(query))
        return found.model_dump(exclude={"known_at"})


async def what_was_told_and_is_known(
    app: FastAPI, history: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The figure after each act, told when that was the present; and as known then, asked when all has happened."""
    world = await Renewing.begin(app)
    told = []
    for act in history:
        await world.live([act])
        with clock.moved_to(world.moment(world.done)):
            told.append(await world.told())
    known_then = [await world.told(world.moment(number + 1)) for number in range(len(history))]
    return told, known_then


@random_histories
@given(history=histories)
async def test_as_known_then_is_as_told_then(app: FastAPI, history: Sequence[Mapping[str, Any]]) -> None:
    told, known_then = await what_was_told_and_is_known(app, history)
    assert known_then == told


ACTS: Sequence[Mapping[str, Any]] = [
    {"act": "sign", "account": 0, "product": 0, "price": 10_000, "starts_on": BEGINNING, "length": 90,
     "auto_renew": False, "currency": "USD"},
    {"act": "rate", "rate": 120},
    {"act": "state", "contract": 0, "on": dt.date(2025, 5, 15), "price": 0},
    {"act": "renew", "contract": 0, "on": BEGINNING, "price": 0},
    {"act": "amend", "contract": 0, "on": dt.date(2025, 5, 1), "price": 5_000},
    {"act": "archive", "contract": 0, "on": BEGINNING, "price": 0},
    {"act": "restore", "contract": 0, "on": BEGINNING, "price": 0},
]  # fmt: skip


async def test_each_of_these_acts_changes_what_is_told(app: FastAPI) -> None:
    told, known_then = await what_was_told_and_is_known(app, ACTS)
    assert known_then == told
    assert all(before["total"] != after["total"] for before, after in pairwise(told))


async def test_a_history_brought_in_is_known_on_its_days(figures: Figures) -> None:
    importer = Importer(figures.workspace, figures.client)
    await figures.account(external_id="a-1")
    product = await makers.product_with_external_id(figures.workspace)
    header = "id,account,product,from,until,price,item_from,stop,noticed\n"
    mapping = {
        "id": "external_id", "account": "account_external_id", "product": "product_external_id", "from": "starts_on",
        "until": "ends_before", "price": "unit_price", "item_from": "item_starts_on", "stop": "stops_before",
        "noticed": "notice_received_on",
    }  # fmt: skip
    content = header + f"k-1,a-1,{product},2025-01-01,2026-01-01,100,,2026-01-01,2025-11-15\n"
    with on("2026-05-10"):
        found = await importer.done(content, mapping, resource="contracts", known_at="fact_date")
    assert counted(found) == (1, 0, 0, 0)

    async def known_on(day: str) -> tuple[int, int, int]:
        answer = await figures.ask(
            "renewal-rates", **{"from": "2026-01-01", "to": "2026-01-31"}, known_at=f"{day}T12:00:00+09:00"
        )
        assert answer["backfilled_share"] in (None, 1.0)
        total = answer["total"]
        return total["terms"], total["pending_terms"], total["due"]["amount"]

    assert [await known_on(day) for day in ("2024-12-31", "2025-01-01", "2025-11-14", "2025-11-15")] == [
        (0, 0, 0), (1, 1, 100), (1, 1, 100), (1, 0, 100),
    ]  # fmt: skip
