"""Reads: Postgres builds the JSON.

A Read schema names the fields of a representation; :class:`~api.kit.resources.Resource` says where each comes
from. From both, and from the query string, this module makes **one** statement whose rows are the finished
JSON texts of the items. Statements are cached by shape (which filters, which sort, which fields), so a request
costs a dictionary look-up, the statement and a join of bytes.
"""

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from pydantic import MISSING, BaseModel

from api.kit import clock
from api.kit.db import Tx
from api.kit.finding import finding
from api.kit.paging import Cursor
from api.kit.problems import NOT_FOUND, FieldError, invalid
from api.kit.resources import Resource
from api.kit.schemas import ListQuery, Read
from api.kit.statements import Shape, Statement, bound, compiled, condition, plain_fields, source_of, statement_for

MAX_LIMIT: Final = 200
_PAGING: Final = frozenset(ListQuery.model_fields)
_PARAMETER: Final = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of finished JSON items, as a JSON list."""

    items: bytes
    next_cursor: str | None
    total: int | None

    def body(self) -> bytes:
        """The page as a response body."""
        total = b"" if self.total is None else b',"total_count":%d' % self.total
        cursor = b"null" if self.next_cursor is None else b'"' + self.next_cursor.encode() + b'"'
        more = b"true" if self.next_cursor else b"false"
        return (
            b'{"data":' + self.items + b',"page":{"next_cursor":' + cursor + b',"has_more":' + more
            + total + b"}}"
        )  # fmt: skip


async def find_page(
    tx: Tx,
    resource: Resource,
    schema: type[Read],
    query: ListQuery,
    *,
    where: Mapping[str, object] | None = None,
) -> Found:
    """One page of ``resource`` as the query string asks; one statement, or with ``q`` two to four.

    ``where`` adds filters that the path says, such as ``{"account_id": …}``.
    """
    sort = query.sort if query.sort is not MISSING else resource.first_sort
    key = sort.removeprefix("-")
    if key not in resource.sorts:
        raise invalid(_unknown("?sort", sort, resource.sorts))
    fields, expand = chosen(resource, schema, query)
    wanted = filters_of(query) | _said(resource, where)
    binding = _binding(resource, sort, wanted)
    limit = min(query.limit, MAX_LIMIT)
    parameters: dict[str, Any] = _always(tx)
    if query.cursor is not MISSING:
        cursor = Cursor.opened(query.cursor, binding)
        parameters |= {"cursor_key": cursor.key, "cursor_id": cursor.id}
    filters = await _resolved(tx, resource, wanted, few=True)
    shape = Shape(
        resource, schema, fields, expand, tuple(sorted(filters)), key, sort.startswith("-"),
        query.cursor is not MISSING, limit=limit,
    )  # fmt: skip
    if "q_within" in filters and not await _in_front(tx, shape, {**parameters, **_named(filters)}):
        filters = await _resolved(tx, resource, wanted)
        shape = shape._replace(filters=tuple(sorted(filters)))
    parameters |= _named(filters)
    statement = statement_for(shape)
    [(items, found, last_key, last_id)] = await tx.fetch(statement.sql, {**statement.constants, **parameters})
    following = Cursor(last_key, last_id).sealed(binding) if found > limit else None
    total = None
    if query.include is not MISSING:
        total = await _count(tx, shape, parameters)
    return Found(items or b"[]", following, total)


async def find_several(tx: Tx, resource: Resource, schema: type[Read], ids: Sequence[UUID]) -> list[bytes]:
    """The JSON of these items, in the order of ``ids``; those the caller cannot see are left out."""
    fields, expand = chosen(resource, schema, None)
    sort = resource.first_sort.removeprefix("-")
    shape = Shape(resource, schema, fields, expand, ("id_among",), sort, limit=MAX_LIMIT)
    statement = statement_for(shape)
    rows = await tx.fetch(
        statement.sql,
        {**statement.constants, **_always(tx), "f_id_among": list(ids)},
    )
    by_id = {row[2]: row[0] for row in rows}
    return [by_id[one] for one in dict.fromkeys(ids) if one in by_id]


async def count_matches(tx: Tx, resource: Resource, schema: type[Read], query: ListQuery) -> int:
    """How many records a query's filters match."""
    filters = await _resolved(tx, resource, filters_of(query))
    shape = Shape(resource, schema, (), (), tuple(sorted(filters)))
    parameters = {**_always(tx), **_named(filters)}
    return await _count(tx, shape, parameters)


async def ids_matching(tx: Tx, resource: Resource, wanted: Mapping[str, Any], mark: str) -> Statement:
    """The sub-select of the ids of all rows that match these filters, for a statement around it.

    Its parameters, values included, are named with ``mark`` in front, so that several fit into one statement.
    """
    filters = await _resolved(tx, resource, wanted)
    table, source = resource.table, source_of(resource)
    matching = [table.c.workspace_id == sa.bindparam("workspace_id", type_=sa.Uuid())]
    if resource.visible is not None:
        matching.append(resource.visible)
    matching += [condition(resource, name) for name in filters]
    found = compiled(sa.select(table.c.id).select_from(source).where(*matching))
    values = {**found.constants, **_always(tx), **_named(filters)}
    sql = _PARAMETER.sub(rf"%({mark}\1)s", found.sql)
    return Statement(sql, {mark + name: value for name, value in values.items()})


def _always(tx: Tx) -> dict[str, Any]:
    """What every statement may name: the workspace, and :data:`NOW` and :data:`PARTNER` of :mod:`api.kit.resources`."""
    return {"workspace_id": tx.workspace_id, "now": clock.now(), "partner_id": tx.actor.partner_id}


def filters_of(query: ListQuery) -> dict[str, Any]:
    """The filters of a query string with their values; defaults included."""
    given = {name: getattr(query, name) for name in query.model_fields_set if name not in _PAGING}
    wanted = _defaults(type(query)) | given
    for key, values in wanted.pop("custom", {}).items():
        wanted[f"custom.{key}"] = values
    return wanted


@cache
def _defaults(query: type[ListQuery]) -> dict[str, Any]:
    return {
        name: field.default
        for name, field in query.model_fields.items()
        if name not in _PAGING and field.default is not MISSING
    }


def _said(resource: Resource, where: Mapping[str, object] | None) -> dict[str, Any]:
    """What the path or the caller's identity says, as filters."""
    return {name: value if name in resource.filters else [value] for name, value in (where or {}).items()}


def _named(filters: Mapping[str, object]) -> dict[str, object]:
    return {bound(name): value for name, value in filters.items()}


async def _in_front(tx: Tx, shape: Shape, parameters: Mapping[str, Any]) -> bool:
    """Whether a walk in the list's order soon has a full page."""
    statement = statement_for(shape._replace(front=True))
    [(found,)] = await tx.fetch(statement.sql, {**statement.constants, **parameters})
    return bool(found > shape.limit)


async def _resolved(tx: Tx, resource: Resource, wanted: Mapping[str, Any], *, few: bool = False) -> dict[str, object]:
    """The filters as the statement binds them; ``q`` becomes candidates, or a scan."""
    filters = {name: _plain(value) for name, value in wanted.items() if name != "q"}
    return filters | await finding(tx, resource, wanted["q"], few=few) if "q" in wanted else filters


async def find(
    tx: Tx,
    resource: Resource,
    schema: type[Read],
    value: object,
    *,
    by: str = "id",
    query: BaseModel | None = None,
    where: Mapping[str, object] | None = None,
) -> tuple[bytes, int | None]:
    """The JSON of one item and its version; ``not_found`` when the caller cannot see it."""
    fields, expand = chosen(resource, schema, query)
    filters = _said(resource, where)
    statement = statement_for(Shape(resource, schema, fields, expand, tuple(sorted(filters)), by_id=by))
    parameters = {bound(name): wanted for name, wanted in filters.items()}
    parameters |= {**_always(tx), "item": _plain(value)}
    rows = await tx.fetch(statement.sql, {**statement.constants, **parameters})
    if not rows:
        raise NOT_FOUND(what=resource.name)
    return rows[0][0], rows[0][1]


def chosen(resource: Resource, schema: type[Read], query: BaseModel | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields and expansions a query string asks for; unknown names are a problem."""
    plain = fields = plain_fields(schema)
    expand: tuple[str, ...] = ()
    wanted = getattr(query, "expand", MISSING)
    if wanted is not MISSING:
        expand = _names("?expand", wanted, resource.expands)
    wanted = getattr(query, "fields", MISSING)
    if wanted is not MISSING:
        names = _names("?fields", wanted, (*plain, *expand))
        fields = tuple(name for name in plain if name in names or name == "id")
    return fields, expand


def _names(pointer: str, given: Sequence[str], known: Any) -> tuple[str, ...]:  # noqa: ANN401
    names = tuple(sorted({part.strip() for part in given if part.strip()}))
    errors = [_unknown(pointer, name, known) for name in names if name not in known]
    if errors:
        raise invalid(*errors)
    return names


def _unknown(pointer: str, name: str, known: Any) -> FieldError:  # noqa: ANN401
    choices = ", ".join(known)
    return FieldError(
        pointer,
        "unknown_name",
        f"`{name[:60]}` is not one of: {choices}",
        f"`{name[:60]}` は次のいずれでもありません: {choices}",
    )


def _binding(resource: Resource, sort: str, values: Mapping[str, object]) -> bytes:
    return f"{resource.name} {sort} {sorted((name, str(value)) for name, value in values.items())}".encode()


def _plain(value: object) -> object:
    """``value`` as the driver takes it: enums as their text."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


async def _count(tx: Tx, shape: Shape, parameters: Mapping[str, Any]) -> int:
    statement = statement_for(shape._replace(sort="", after_cursor=False, counted=True, fields=(), expand=()))
    rows = await tx.fetch(statement.sql, {**statement.constants, **parameters})
    return int(rows[0][0])
