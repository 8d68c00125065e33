"""Contracts from the rows of a file: rows that follow one another with the same external id are one contract."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from pydantic import MISSING, ValidationError

from api.auth.service import workspace_currency
from api.contracts.bulk import upsert_contracts
from api.contracts.ledger import Recording
from api.contracts.row_shapes import ContractRow, pointer_in_row
from api.kit.bulk import REFUSED_WITH_OTHERS, ItemResult, refusal
from api.kit.db import Tx
from api.kit.problems import FieldError, Problem, invalid

KNOWN_AT = "known_at"


@dataclass(slots=True)
class _Group:
    """The rows of one contract, what it becomes, and since when it is known."""

    rows: list[Mapping[str, Any]]
    results: list[ItemResult]
    stated: dict[str, Any] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    """Of the rows that have an item, in the order of the items."""
    known: dt.datetime | None = None

    @property
    def key(self) -> str:
        return str(self.stated["external_id"])

    def fail(self, errors: Mapping[int, Problem]) -> None:
        """Refuse the whole contract: rows have their own problem, or that of being its rows."""
        for place, result in enumerate(self.results):
            result.fail(errors.get(place) or invalid(REFUSED_WITH_OTHERS))


async def upsert_rows(tx: Tx, rows: Sequence[Mapping[str, Any]], recording: Recording) -> list[ItemResult]:
    """Create or bring up to date the contracts of these rows; each row has its contract's result.

    A contract with a bad row is refused whole. Problems point into the row that they are about. A row may say as
    ``known_at`` (a moment) when it became known; the ledger is then told one moment after the other.
    """
    groups = list(_groups(rows))
    there = await _there(tx, [str(group.rows[0].get("external_id")) for group in groups])
    base_currency = await workspace_currency(tx)
    for group in groups:
        _state(group, there.get(str(group.rows[0].get("external_id"))), base_currency)
    for together in _rounds([group for group in groups if group.stated]):
        known = {group.key: group.known for group in together if group.known is not None}
        found = await upsert_contracts(tx, [group.stated for group in together], recording=recording, known=known)
        for group, result in zip(together, found, strict=True):
            _tell(group, result)
    return [result for group in groups for result in group.results]


def _groups(rows: Sequence[Mapping[str, Any]]) -> Iterator[_Group]:
    place = 0
    for key, group in groupby(rows, key=lambda row: str(row.get("external_id")).strip()):
        of_one = list(group)
        yield _Group(of_one, [ItemResult(place + offset, key) for offset in range(len(of_one))])
        place += len(of_one)


async def _there(tx: Tx, keys: Sequence[str]) -> dict[str, str]:
    """The currencies of the contracts that are there, by external id."""
    rows = await tx.fetch(
        "SELECT external_id, currency FROM contracts WHERE workspace_id = %s AND external_id = ANY(%s)",
        [tx.workspace_id, list(keys)],
    )
    return dict(rows)


def _state(group: _Group, currency_there: str | None, base_currency: str) -> None:
    """Put the rows together to one contract; or refuse them."""
    read, problems = list[ContractRow](), dict[int, Problem]()
    for place, row in enumerate(group.rows):
        try:
            said = {name: value for name, value in row.items() if name != KNOWN_AT}
            read.append(ContractRow.model_validate(said))
        except ValidationError as error:
            problems[place] = refusal(ContractRow, error)
    if problems:
        group.fail(problems)
        return
    stated, problems = _together(read)
    stated.setdefault("currency", currency_there or base_currency)
    if currency_there is None:
        stated.setdefault("name", stated["external_id"])
    items: list[dict[str, Any]] = []
    for place, each in enumerate(read):
        try:
            own_items = each.stated_items(stated["currency"])
        except Problem as problem:
            problems[place] = problem
            continue
        items += own_items
        group.places += [place] * len(own_items)
    if problems:
        group.fail(problems)
        return
    group.stated = {**stated, "items": items} if items else stated
    group.known = max((row[KNOWN_AT] for row in group.rows if KNOWN_AT in row), default=None)


def _together(read: Sequence[ContractRow]) -> tuple[dict[str, Any], dict[int, Problem]]:
    """What the rows say of their contract, items aside; and by place the problems of those that contradict others."""
    stated: dict[str, Any] = {}
    problems = dict[int, Problem]()
    for place, each in enumerate(read):
        own = each.contract()
        if differing := [name for name, value in own.items() if stated.setdefault(name, value) != value]:
            problems[place] = invalid(*map(_contradiction, differing))
        elif place and each.items is not MISSING:
            problems[place] = invalid(_contradiction("items"))
    return stated, problems


def _contradiction(name: str) -> FieldError:
    return FieldError(
        f"/{name}", "contradicts",
        "An earlier row of the contract says otherwise", "この契約の前の行と内容が異なります",
    )  # fmt: skip


def _rounds(groups: Sequence[_Group]) -> Iterator[list[_Group]]:
    """The contracts in as few rounds as tell each account's in the order in which they became known."""
    by_account: dict[str, list[_Group]] = {}
    for group in groups:
        by_account.setdefault(str(group.stated.get("account_external_id")), []).append(group)
    waiting = []
    for of_one in by_account.values():
        of_one.sort(key=_moment)
        waiting.append([list(together) for _, together in groupby(of_one, key=_moment)])
    place = 0
    while now := [group for moments in waiting if place < len(moments) for group in moments[place]]:
        yield now
        place += 1


def _moment(group: _Group) -> dt.datetime:
    return group.known or dt.datetime.min.replace(tzinfo=dt.UTC)


def _tell(group: _Group, found: ItemResult) -> None:
    if found.problem is None:
        for result in group.results:
            result.status, result.id = found.status, found.id
        return
    errors: dict[int, list[FieldError]] = {}
    for error in found.problem.errors:
        item, pointer = pointer_in_row(error.pointer, group.rows[0])
        place = 0 if item is None else group.places[item]
        shown = pointer_in_row(error.pointer, group.rows[place])[1] if item is not None else pointer
        errors.setdefault(place, []).append(replace(error, pointer=shown))
    told = {place: replace(found.problem, errors=tuple(each)) for place, each in errors.items()}
    group.fail(told or {0: found.problem})
