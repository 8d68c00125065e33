"""A resource: one noun of the API, declared once, for reading and for writing alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlmodel import SQLModel

Condition = sa.ColumnElement[bool]
Value = sa.ColumnElement[Any]
Given = sa.SQLColumnExpression[Any]
"""A value as one writes it: a column of a table, an attribute of a model, an expression."""

NOW: Final[Value] = sa.bindparam("now", type_=sa.DateTime(timezone=True))
"""The moment of a read by :mod:`api.kit.clock`, for values and filters."""
PARTNER: Final[Value] = sa.bindparam("partner_id", type_=sa.Uuid())
"""The partner whose principal reads; null for the workspace's own, to whom no row of a partner's is shown."""


@dataclass(frozen=True, eq=False)
class Expansion:
    """A related object (or list of objects) that a representation can nest.

    ``of`` is the related table (or an alias of it), ``on`` ties it to the parent row, ``values`` are its
    computed fields. The nested fields are those of the Read schema at the place of expansion.
    """

    of: Any
    on: Condition
    many: bool = False
    order_by: Any = None
    values: Mapping[str, Given] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Resource:
    """One noun of the API.

    ``name`` appears in events (``account.updated``), audit rows and problems. A representation's field is the
    table's column of the same name unless ``values`` computes it. A filter parameter is understood by its
    ending (see :class:`api.kit.schemas.ListQuery`) unless ``filters`` says otherwise: a function from the
    bound value to a condition. ``sorts`` maps each sort key to an expression that is never null and is indexed
    after the workspace; the first key is the default, ``default_sort`` overrides it. ``joins`` are tables with
    exactly one row for each of ours, which the values use. ``expands`` are shown only when asked for: related
    objects, or values that most callers do not need. ``visible`` restricts which rows exist for callers at all.
    """

    name: str
    model: type[SQLModel]
    values: Mapping[str, Given] = field(default_factory=dict)
    joins: Sequence[tuple[Any, Condition]] = ()
    expands: Mapping[str, Expansion | Value] = field(default_factory=dict)
    filters: Mapping[str, Callable[[sa.BindParameter[Any]], Condition]] = field(default_factory=dict)
    sorts: Mapping[str, Given] = field(default_factory=dict)
    default_sort: str = ""
    search_text: Given | None = None
    custom_fields: bool = False
    upsert_key: str | None = None
    visible: Condition | None = None
    announced: bool = True

    @property
    def table(self) -> sa.Table:
        """The table of the model."""
        table: sa.Table = self.model.__table__  # type: ignore[attr-defined]
        return table

    def value(self, name: str) -> Value:
        """The expression behind a field name; ``KeyError`` when there is none."""
        return cast("Value", self.values[name]) if name in self.values else self.table.c[name]

    def documented(self) -> dict[str, Any]:
        """What the OpenAPI document says of ``sort``, ``expand`` and ``fields``; see :mod:`api.kit.openapi`."""
        return {
            "x-resource": {
                "sorts": list(self.sorts),
                "expands": list(self.expands),
                "default": self.first_sort,
            }
        }

    @property
    def first_sort(self) -> str:
        """The order of a list that asks for none."""
        return self.default_sort or next(iter(self.sorts), "")


def money(amount: Value, currency: Value) -> Value:
    """The value of a ``Money`` field; null where the amount is."""
    return sa.case(
        (amount.is_not(None), sa.func.json_build_object("amount", amount, "currency", currency)),
        else_=sa.null(),
    )
