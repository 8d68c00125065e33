"""Repointing: making every declared foreign key that names one row name another, in all tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel

from api.kit.db import Tx
from api.kit.tables import tenant_tables


async def repoint(tx: Tx, model: type[SQLModel], loser: UUID, winner: UUID) -> dict[str, int]:
    """Point at ``winner`` what pointed at ``loser``; how many rows moved, by table.

    A foreign key with ``info={"stays": True}`` is left alone: those rows tell what was true of the loser. A row that would repeat one of the winner's under a unique key is deleted, unless the unique index says how
    such a row steps back: ``info={"steps_back": {"is_primary": False}}``.
    """
    target: sa.Table = model.__table__  # type: ignore[attr-defined]
    moved: dict[str, int] = {}
    await tx.flush()
    for table in tenant_tables():
        for column in _references(table, target):
            keys = {"ws": tx.workspace_id, "loser": loser, "winner": winner}
            for unique in _unique_keys(table, column):
                await tx.execute(_give_way(table, column, unique), keys)
            count = await tx.execute(
                f"UPDATE {table.name} SET {column} = %(winner)s WHERE workspace_id = %(ws)s AND {column} = %(loser)s",  # noqa: S608
                keys,
            )
            if count:
                moved[table.name] = moved.get(table.name, 0) + count
    return moved


def _references(table: sa.Table, target: sa.Table) -> list[str]:
    return [
        column.name
        for constraint in sorted(table.foreign_key_constraints, key=lambda constraint: str(constraint.name))
        if constraint.referred_table is target and not constraint.info.get("stays")
        for column in constraint.columns
        if column.name != "workspace_id"
    ]


@dataclass(frozen=True, slots=True)
class _UniqueKey:
    """A unique key that holds the reference: its further columns, its condition, how a repeated row steps back."""

    others: list[str]
    where: str | None = None
    steps_back: Mapping[str, object] = field(default_factory=dict)


def _unique_keys(table: sa.Table, column: str) -> list[_UniqueKey]:
    keys = [
        _UniqueKey(_others(constraint.columns.keys(), column))
        for constraint in table.constraints
        if isinstance(constraint, (sa.UniqueConstraint, sa.PrimaryKeyConstraint)) and column in constraint.columns
    ]
    for index in table.indexes:
        if index.unique and column in index.columns:
            where = index.dialect_options["postgresql"]["where"]
            keys.append(
                _UniqueKey(
                    _others(index.columns.keys(), column),
                    None if where is None else str(where),
                    index.info.get("steps_back", {}),
                )
            )
    return keys


def _others(columns: Sequence[str], column: str) -> list[str]:
    return [name for name in columns if name not in {"workspace_id", column}]


def _give_way(table: sa.Table, column: str, key: _UniqueKey) -> str:
    """The statement by which the loser's rows make room for the winner's."""
    name = table.name
    same = "".join(f" AND kept.{other} = gone.{other}" for other in key.others)
    if key.where:
        same += "".join(f" AND (SELECT {key.where} FROM (SELECT {row}.*) AS one)" for row in ("gone", "kept"))  # noqa: S608
    repeated = (
        f"gone.workspace_id = %(ws)s AND kept.workspace_id = %(ws)s "
        f"AND gone.{column} = %(loser)s AND kept.{column} = %(winner)s{same}"
    )
    if key.steps_back:
        steps = ", ".join(f"{other} = {value}" for other, value in key.steps_back.items())
        return f"UPDATE {name} gone SET {steps} FROM {name} kept WHERE {repeated}"  # noqa: S608
    return f"DELETE FROM {name} gone USING {name} kept WHERE {repeated}"  # noqa: S608
