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
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple, cast, get_args, get_origin
from uuid import UUID

import sqlalchemy as sa
from pydantic import MISSING, BaseModel
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from api.kit import clock
from api.kit.custom_fields import has_value
from api.kit.db import Tx
from api.kit.finding import finding
from api.kit.paging import Cursor
from api.kit.problems import NOT_FOUND, FieldError, invalid
from api.kit.resources import Condition, Expansion, Resource, Value
from api.kit.schemas import ListQuery, Read

MAX_LIMIT: Final = 200
_PAGING: Final = frozenset(ListQuery.model_fields)
_ENDINGS: Final = {
    "_min": sa.Column.__ge__,
    "_max": sa.Column.__le__,
    "_after": sa.Column.__ge__,
    "_before": sa.Column.__lt__,
}
_PARAMETER: Final = re.compile(r"%\((\w+)\)s")
_dialect: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled statement and the constants that SQLAlchemy bound in it."""

    sql: str
    constants: Mapping[str, Any]


class Shape(NamedTuple):
    """What makes two reads the same statement with other values: a key made for each request, hence a tuple."""

    resource: Resource
    schema: type[Read]
    fields: tuple[str, ...]
    expand: tuple[str, ...]
    filters: tuple[str, ...] = ()
    sort: str = ""
    descending: bool = False
    after_cursor: bool = False
    counted: bool = False
    by_id: str = ""
    limit: int = 0


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
    """One page of ``resource`` as the query string asks; one statement, or two with ``q``.

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
    filters = await _resolved(tx, resource, wanted)
    parameters |= {_bound(name): value for name, value in filters.items()}
    shape = Shape(
        resource, schema, fields, expand, tuple(sorted(filters)), key, sort.startswith("-"),
        query.cursor is not MISSING, limit=limit,
    )  # fmt: skip
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
    parameters = {**_always(tx), **{_bound(name): value for name, value in filters.items()}}
    return await _count(tx, shape, parameters)


async def ids_matching(tx: Tx, resource: Resource, wanted: Mapping[str, Any], mark: str) -> Statement:
    """The sub-select of the ids of all rows that match these filters, for a statement around it.

    Its parameters, values included, are named with ``mark`` in front, so that several fit into one statement.
    """
    filters = await _resolved(tx, resource, wanted)
    table, source = resource.table, _source(resource)
    matching = [table.c.workspace_id == sa.bindparam("workspace_id", type_=sa.Uuid())]
    if resource.visible is not None:
        matching.append(resource.visible)
    matching += [condition(resource, name) for name in filters]
    compiled = sa.select(table.c.id).select_from(source).where(*matching).compile(dialect=_dialect)
    values = {name: value for name, value in compiled.params.items() if value is not None}
    values |= {**_always(tx), **{_bound(name): value for name, value in filters.items()}}
    sql = _PARAMETER.sub(rf"%({mark}\1)s", compiled.string)
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


async def _resolved(tx: Tx, resource: Resource, wanted: Mapping[str, Any]) -> dict[str, object]:
    """The filters as the statement binds them; ``q`` becomes candidates, or a scan."""
    filters = {name: _plain(value) for name, value in wanted.items() if name != "q"}
    return filters | await finding(tx, resource, wanted["q"]) if "q" in wanted else filters


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
    parameters = {_bound(name): wanted for name, wanted in filters.items()}
    parameters |= {**_always(tx), "item": _plain(value)}
    rows = await tx.fetch(statement.sql, {**statement.constants, **parameters})
    if not rows:
        raise NOT_FOUND(what=resource.name)
    return rows[0][0], rows[0][1]


def chosen(resource: Resource, schema: type[Read], query: BaseModel | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields and expansions a query string asks for; unknown names are a problem."""
    plain = _plain_fields(schema)
    fields = plain
    expand: tuple[str, ...] = ()
    wanted = getattr(query, "fields", MISSING)
    if wanted is not MISSING:
        names = _names("?fields", wanted, plain)
        fields = tuple(name for name in plain if name in names or name == "id")
    wanted = getattr(query, "expand", MISSING)
    if wanted is not MISSING:
        expand = _names("?expand", wanted, resource.expands)
    return fields, expand


@lru_cache(maxsize=4096)  # callers choose fields and filters, so there is no end of shapes
def statement_for(shape: Shape) -> Statement:
    """The statement of this shape, made once."""
    compiled = _select(shape).compile(dialect=_dialect)
    return Statement(compiled.string, {name: value for name, value in compiled.params.items() if value is not None})


def _select(shape: Shape) -> sa.Select[Any]:
    """SELECT <the item as JSON>, <sort key>, <id> FROM the workspace's rows that match."""
    resource, table = shape.resource, shape.resource.table
    matching = [table.c.workspace_id == sa.bindparam("workspace_id", type_=sa.Uuid())]
    if resource.visible is not None:
        matching.append(resource.visible)
    matching += [condition(resource, name) for name in shape.filters]
    source = _source(resource)
    if shape.counted:
        return sa.select(sa.func.count()).select_from(source).where(*matching)
    item = json_item(resource, shape.schema, shape.fields, shape.expand)
    if shape.by_id:
        by = resource.value(shape.by_id)
        version = table.c.version if "version" in table.c else sa.null()
        return sa.select(item, version).select_from(source).where(*matching, by == sa.bindparam("item", type_=by.type))
    key = cast("Value", resource.sorts[shape.sort])
    beside = _id_beside(resource, key)
    columns: list[Any] = [item, sa.cast(key, sa.Text), table.c.id]
    if shape.after_cursor:
        position = sa.tuple_(
            sa.cast(sa.bindparam("cursor_key", type_=sa.Text()), key.type),
            sa.bindparam("cursor_id", type_=sa.Uuid()),
        )
        here = sa.tuple_(key, beside)
        matching.append(here < position if shape.descending else here > position)
    order = [key.desc(), beside.desc()] if shape.descending else [key, beside]
    listed = (
        sa.select(*(column.label(name) for column, name in zip(columns, ("item", "key", "id"), strict=True)))
        .select_from(source)
        .where(*matching)
        .order_by(*order)
        # Not a parameter: planned for any limit, Postgres would prepare for a tenth of all rows.
        .limit(sa.literal_column(str(shape.limit + 1), sa.Integer()))
    )
    if shape.filters == ("id_among",):
        return listed
    # One row: the driver waits for the socket, and converts, once instead of for each item.
    rows, last = listed.subquery("listed"), shape.limit
    return sa.select(
        sa.func.array_to_json(sa.func.array_agg(rows.c.item, type_=ARRAY(JSON))[1:last], type_=JSON),
        sa.func.count(),
        sa.func.array_agg(rows.c.key, type_=ARRAY(sa.Text()))[last],
        sa.func.array_agg(rows.c.id, type_=ARRAY(sa.Uuid()))[last],
    )


def _source(resource: Resource) -> Any:  # noqa: ANN401
    source: Any = resource.table
    for joined, on in resource.joins:
        source = source.join(joined, on)
    return source


def _id_beside(resource: Resource, key: Value) -> Value:
    """The row's id as the table of its sort key has it: an index can only be entered at a cursor of its own columns."""
    table = getattr(key, "table", None)
    if not isinstance(table, sa.Table) or table not in [joined for joined, _ in resource.joins]:
        return resource.table.c.id
    return next(column for column in table.primary_key if column.name != "workspace_id")


def json_item(resource: Resource, schema: type[Read], fields: Sequence[str], expand: Sequence[str] = ()) -> Value:
    """The expression that builds one item's JSON inside a select from the resource's table."""
    outer = [resource.table, *(joined for joined, _ in resource.joins)]
    columns: list[Any] = [shown(resource.value(name)).label(name) for name in fields]
    for name in expand:
        value = resource.expands[name]
        nested = _nested(value, nested_schema(schema, name), outer) if isinstance(value, Expansion) else value
        columns.append(nested.label(name))
    return _row_as_json(columns, name="item", outer=outer)


def _nested(expansion: Expansion, schema: type[Read], outer: Sequence[Any]) -> Value:
    related = sa.inspect(expansion.of).selectable if not isinstance(expansion.of, sa.FromClause) else expansion.of
    columns: list[Any] = [
        shown(cast("Value", expansion.values.get(name, related.c.get(name)))).label(name)
        for name in _plain_fields(schema)
    ]
    item = _row_as_json(columns, name="nested", outer=[related, *outer])
    # Said explicitly, since SQLAlchemy correlates by itself with the next select around only: that is not the
    # outer table's, and the outer table would be joined here once more, unconstrained.
    if not expansion.many:
        return sa.select(item).select_from(related).where(expansion.on).correlate(*outer).scalar_subquery()
    order = expansion.order_by if expansion.order_by is not None else related.c.id
    listed = sa.func.coalesce(
        sa.func.json_agg(sa.dialects.postgresql.aggregate_order_by(item, order)), sa.text("'[]'::json")
    )
    return sa.select(listed).select_from(related).where(expansion.on).correlate(*outer).scalar_subquery()


def _row_as_json(columns: Sequence[Any], *, name: str, outer: Sequence[Any]) -> Value:
    # json_build_object stops at 50 keys; row_to_json of a labelled sub-select does not.
    row = sa.select(*columns).correlate(*outer).subquery(name)
    return sa.select(sa.func.row_to_json(row.table_valued(), type_=JSON)).scalar_subquery()


def shown(value: Value) -> Value:
    """``value`` as it appears in JSON: moments in UTC with ``Z``."""
    kind = value.type.impl if isinstance(value.type, sa.TypeDecorator) else value.type
    if isinstance(kind, sa.DateTime):
        return sa.func.to_char(sa.func.timezone("UTC", value), sa.text('\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\''))
    return value


def condition(resource: Resource, name: str) -> Condition:
    """What the filter parameter ``name`` demands of a row."""
    bound = _bound(name)
    if name in resource.filters:
        return resource.filters[name](sa.bindparam(bound))
    if name == "tags" or name.startswith("custom."):
        return has_value(resource, name, bound)
    if name == "archived":
        archived = resource.table.c.archived_at.is_not(None)
        return archived == sa.bindparam(bound, type_=sa.Boolean())
    if name == "id_among":
        return resource.table.c.id == sa.any_(sa.bindparam(bound, type_=ARRAY(sa.Uuid())))
    if name == "q_within":
        assert resource.search_text is not None
        return sa.func.strpos(resource.search_text, sa.bindparam(bound, type_=sa.Text())) > 0
    for ending, compare in _ENDINGS.items():
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            column = resource.value(stem if stem in resource.values or stem in resource.table.c else stem + "_at")
            return compare(column, sa.bindparam(bound, type_=column.type))
    column = resource.value(name)
    if isinstance(column.type, sa.Boolean):
        return column == sa.bindparam(bound, type_=sa.Boolean())
    return column == sa.any_(sa.bindparam(bound, type_=ARRAY(column.type)))


def _bound(name: str) -> str:
    # SQLAlchemy would escape the dot of ``custom.tier`` in a parameter's name.
    return "f_" + name.replace(".", "_")


def nested_schema(schema: type[Read], name: str) -> type[Read]:
    """The Read schema inside the annotation of an expandable field, such as ``list[UserSummary] | None``."""
    waiting = [schema.model_fields[name].annotation]
    while waiting:
        part = waiting.pop()
        if isinstance(part, type) and issubclass(part, Read):
            return part
        waiting += get_args(part) if get_origin(part) is not None else ()
    raise TypeError(f"{schema.__name__}.{name} nests no Read schema")


@cache
def _plain_fields(schema: type[Read]) -> tuple[str, ...]:
    return tuple(name for name, field in schema.model_fields.items() if field.default is not MISSING)


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
