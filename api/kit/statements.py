"""The statements of reads: put together from a Read schema, a resource and what is asked, once for each shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple, cast, get_args, get_origin

import sqlalchemy as sa
from pydantic import MISSING
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from api.kit.custom_fields import has_value
from api.kit.resources import Condition, Expansion, Resource, Value
from api.kit.schemas import Read

_ENDINGS: Final = {
    "_min": sa.Column.__ge__,
    "_max": sa.Column.__le__,
    "_after": sa.Column.__ge__,
    "_before": sa.Column.__lt__,
}
SPARSEST: Final = 60
"""Where fewer than one of so many rows matches, walking the list's order takes longer than collecting candidates."""
_dialect: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled statement and the constants that SQLAlchemy bound in it."""

    sql: str
    constants: Mapping[str, Any]


class Shape(NamedTuple):
    """What makes two reads the same statement with other values: a key made for each request, hence a tuple.

    ``front`` counts the matches among the first rows in the order of the list.
    """

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
    front: bool = False


@lru_cache(maxsize=4096)  # callers choose fields and filters, so there is no end of shapes
def statement_for(shape: Shape) -> Statement:
    """The statement of this shape, made once."""
    return compiled(_select(shape))


def compiled(select: sa.Select[Any]) -> Statement:
    """A select as the driver takes it."""
    found = select.compile(dialect=_dialect)
    return Statement(found.string, {name: value for name, value in found.params.items() if value is not None})


def _select(shape: Shape) -> sa.Select[Any]:
    """SELECT <the item as JSON>, <sort key>, <id> FROM the workspace's rows that match."""
    resource, table = shape.resource, shape.resource.table
    here = table.c.workspace_id == sa.bindparam("workspace_id", type_=sa.Uuid())
    matching = [here] if resource.visible is None else [here, resource.visible]
    matching += [condition(resource, name) for name in shape.filters]
    source = source_of(resource, shape.sort)
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
    order = [key.desc(), beside.desc()] if shape.descending else [key, beside]
    behind: list[Condition] = []
    if shape.after_cursor:
        position = sa.tuple_(
            sa.cast(sa.bindparam("cursor_key", type_=sa.Text()), key.type),
            sa.bindparam("cursor_id", type_=sa.Uuid()),
        )
        place = sa.tuple_(key, beside)
        behind.append(place < position if shape.descending else place > position)
    # Not a parameter: planned for any limit, Postgres would prepare for a tenth of all rows.
    limit = sa.literal_column(str(shape.limit + 1), sa.Integer())
    if shape.front:
        some = sa.literal_column(str(SPARSEST * (shape.limit + 1)), sa.Integer())
        walked = sa.select(sa.and_(*matching).label("hit")).select_from(source).where(here, *behind)
        first = walked.order_by(*order).limit(some).subquery("first")
        return sa.select(sa.func.count()).select_from(first).where(first.c.hit)
    matching += behind
    listed = (
        sa.select(*(column.label(name) for column, name in zip(columns, ("item", "key", "id"), strict=True)))
        .select_from(source)
        .where(*matching)
        .order_by(*order)
        .limit(limit)
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


def source_of(resource: Resource, sort: str = "") -> Any:  # noqa: ANN401
    """The resource's table with those that it is always joined with, and the one of this order."""
    source: Any = resource.table
    of_sort = [resource.sort_joins[sort]] if sort in resource.sort_joins else []
    for joined, on in [*resource.joins, *of_sort]:
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
        for name in plain_fields(schema)
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
    parameter = bound(name)
    if name in resource.filters:
        return resource.filters[name](sa.bindparam(parameter))
    if name == "tags" or name.startswith("custom."):
        return has_value(resource, name, parameter)
    if name == "archived":
        archived = resource.table.c.archived_at.is_not(None)
        return archived == sa.bindparam(parameter, type_=sa.Boolean())
    if name == "id_among":
        return resource.table.c.id == sa.any_(sa.bindparam(parameter, type_=ARRAY(sa.Uuid())))
    if name == "q_within":
        assert resource.search_text is not None
        return sa.func.strpos(resource.search_text, sa.bindparam(parameter, type_=sa.Text())) > 0
    for ending, compare in _ENDINGS.items():
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            column = resource.value(stem if stem in resource.values or stem in resource.table.c else stem + "_at")
            return compare(column, sa.bindparam(parameter, type_=column.type))
    column = resource.value(name)
    if isinstance(column.type, sa.Boolean):
        return column == sa.bindparam(parameter, type_=sa.Boolean())
    return column == sa.any_(sa.bindparam(parameter, type_=ARRAY(column.type)))


def bound(name: str) -> str:
    """The parameter that a filter is bound to."""
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
def plain_fields(schema: type[Read]) -> tuple[str, ...]:
    """The fields that are there without being expanded."""
    return tuple(name for name, field in schema.model_fields.items() if field.default is not MISSING)
