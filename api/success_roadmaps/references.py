"""Rows that an edit names: whether they are there, and for contacts whether they are the customer's."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from uuid import UUID

from api.kit.db import Tx
from api.kit.problems import FieldError
from api.success_roadmaps.models import SuccessRoadmap


class Named(NamedTuple):
    """An id at a place of the body, and the table whose row it should be."""

    pointer: str
    table: str
    id: UUID


_TABLES: Final = {
    "owner_id": "users",
    "contact_id": "contacts",
    "agreed_by_id": "contacts",
    "usage_metric_id": "usage_metrics",
}


def named_in(at: str, values: dict[str, object]) -> Iterator[Named]:
    """The rows that these values name."""
    for column, table in _TABLES.items():
        if isinstance(row_id := values.get(column), UUID):
            yield Named(f"{at}/{column}", table, row_id)


async def missing(tx: Tx, roadmap: SuccessRoadmap, named: Iterable[Named]) -> list[FieldError]:
    """A mistake for each row that is not there."""
    errors = []
    by_table: dict[str, list[Named]] = {}
    for each in named:
        by_table.setdefault(each.table, []).append(each)
    for table, wanted in sorted(by_table.items()):
        here = " AND account_id = %(account)s" if table == "contacts" else ""
        rows = await tx.fetch(
            f"SELECT id FROM {table} WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s){here} FOR KEY SHARE",  # noqa: S608
            {"ws": tx.workspace_id, "ids": [each.id for each in wanted], "account": roadmap.account_id},
        )
        found = {row_id for (row_id,) in rows}
        what = ("The account has no such contact", "このアカウントに該当する連絡先はありません")
        told = what if table == "contacts" else ("There is no such record", "該当するデータがありません")
        errors += [FieldError(each.pointer, "reference_not_found", *told) for each in wanted if each.id not in found]
    return errors
