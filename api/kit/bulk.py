"""Bulk upserts: thousands of records by their external id, set-based, each with its own result.

Items are checked one by one (shape, declared custom fields, references); the good ones are written by two statements,
one that inserts and one that updates what differs. A record that already is as the item says is left alone:
no new version, no event.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa
from psycopg.types.json import Jsonb
from pydantic import ValidationError
from sqlalchemy.dialects import postgresql

from api.kit import audit, clock, outbox
from api.kit.bulk_schemas import BulkStatus
from api.kit.custom_fields import declared_fields, field_errors, index_values
from api.kit.db import Tx
from api.kit.errors import field_error
from api.kit.following import tell_followers
from api.kit.problems import ARCHIVED, FieldError, Problem, invalid
from api.kit.resources import Resource
from api.kit.schemas import Input
from api.kit.tables import Record, new_id

_dialect: Final = postgresql.dialect()  # type: ignore[no-untyped-call]
REFUSED_WITH_OTHERS: Final = FieldError(
    "", "refused_with_others",
    "Another row of the same record is refused", "同じデータの別の行にエラーがあります",
)  # fmt: skip
"""What is told of the good rows of a record that is refused whole."""


@dataclass(slots=True)
class ItemResult:
    """The result of one item, in the order of the request."""

    index: int
    key: str | None
    status: BulkStatus = BulkStatus.not_applied
    id: UUID | None = None
    problem: Problem | None = None
    given: dict[str, Any] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)

    def fail(self, problem: Problem) -> None:
        """Take the item out of the work."""
        self.status, self.problem = BulkStatus.failed, problem


Rule = Callable[[Tx, Sequence[ItemResult]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Upsert:
    """How the items of a resource are upserted.

    ``item`` is the shape of an item, ``create`` that of a new record. ``prepare`` may complete the items that were
    read (ids for names, another key), ``refuse`` may fail those whose record exists; both set-based. Events carry the ids in
    ``announced`` as the items give them, such as the account of a contact, and what a rule puts into ``told``.
    """

    resource: Resource
    model: type[Record]
    item: type[Input]
    create: type[Input]
    key: str = "external_id"
    prepare: Rule | None = None
    refuse: Rule | None = None
    announced: Sequence[str] = ()


async def upsert(
    tx: Tx,
    upsert_: Upsert,
    items: Sequence[object],
    *,
    atomic: bool = False,
    new_values: Mapping[str, Any] | None = None,
) -> list[ItemResult]:
    """Create or update by key; with ``atomic`` nothing is written unless every item is good.

    ``new_values`` are set on created records beside what the item says.
    """
    resource = upsert_.resource
    results = [_read_item(upsert_, index, item) for index, item in enumerate(items)]
    if upsert_.prepare is not None:
        await upsert_.prepare(tx, good(results))
    _fail_repeated_keys(results)
    await _fail_undeclared_fields(tx, resource, results)
    await _fail_unknown_references(tx, resource, results)
    existing = await _existing(tx, resource, upsert_.key, [result.key for result in good(results)])
    defaults = _defaults_of_new(upsert_, new_values or {})
    for result in good(results):
        result.id, archived = existing.get(result.key or "", (None, False))
        if archived:
            result.fail(ARCHIVED(what=resource.name))
        elif result.id is None:
            _complete_new(upsert_, result, defaults)
    if upsert_.refuse is not None:
        await upsert_.refuse(tx, [result for result in good(results) if result.status is not BulkStatus.created])
    if atomic and any(result.problem for result in results):
        for result in good(results):
            result.id = None if result.status is BulkStatus.created else result.id
            result.status = BulkStatus.not_applied
        return results
    new = [result for result in good(results) if result.status is BulkStatus.created]
    known = [result for result in good(results) if result.status is not BulkStatus.created]
    await _insert(tx, upsert_, new)
    await _update(tx, resource, upsert_.key, known)
    written = [*new, *(result for result in known if result.status is BulkStatus.updated)]
    await audit.record_many(tx, resource.name, [(r.status.value, _id(r), r.changed) for r in written])
    facts = [(r.status.value, _id(r), {"fields": r.changed, **_announced(upsert_, r)}) for r in written]
    await outbox.record_many(tx, resource.name, facts)
    if resource.custom_fields:
        touched = [_id(r) for r in written if {"tags", "custom"} & set(r.changed)]
        if touched:
            await index_values(tx, resource, touched)
    updated = [r for r in known if r.status is BulkStatus.updated]
    await tell_followers(tx, resource.name, {name for r in updated for name in r.changed}, [_id(r) for r in updated])
    return results


def _announced(upsert_: Upsert, result: ItemResult) -> dict[str, str]:
    return {name: str(result.given[name]) for name in upsert_.announced if name in result.given} | result.told


def good(results: Iterable[ItemResult]) -> list[ItemResult]:
    """Those that nothing is wrong with so far."""
    return [result for result in results if result.problem is None]


def _id(result: ItemResult) -> UUID:
    assert result.id is not None
    return result.id


def _read_item(upsert_: Upsert, index: int, item: object) -> ItemResult:
    key = item.get(upsert_.key) if isinstance(item, dict) else None
    # Shown in the answer before it is checked, so it must survive JSON.
    result = ItemResult(index, key.encode(errors="replace").decode() if isinstance(key, str) else None)
    try:
        result.given = upsert_.item.model_validate(item).given()
        result.key = result.given[upsert_.key]
    except ValidationError as error:
        result.fail(refusal(upsert_.item, error))
    return result


def refusal(shape: type[Input], error: ValidationError) -> Problem:
    """The problem of an item that is not of its shape, with a pointer for each error."""
    details = error.errors(include_url=False, include_input=False)[:20]
    return invalid(*(field_error({**d, "loc": ("body", *d["loc"])}, known=shape.model_fields) for d in details))


def _fail_repeated_keys(results: Sequence[ItemResult]) -> None:
    seen: set[str | None] = set()
    for result in good(results):
        if result.key in seen:
            result.fail(
                invalid(FieldError("", "repeated_key", "An earlier item has this key", "同じキーの項目が前にあります"))
            )
        seen.add(result.key)


async def _fail_undeclared_fields(tx: Tx, resource: Resource, results: Sequence[ItemResult]) -> None:
    with_custom = [result for result in good(results) if result.given.get("custom")]
    if not with_custom:
        return
    declared = await declared_fields(tx, resource)
    for result in with_custom:
        if errors := field_errors(declared, result.given["custom"]):
            result.fail(invalid(*errors))


async def _fail_unknown_references(tx: Tx, resource: Resource, results: Sequence[ItemResult]) -> None:
    for constraint in resource.table.foreign_key_constraints:
        columns = [column.name for column in constraint.columns if column.name != "workspace_id"]
        if not columns:
            continue
        name, target = columns[0], constraint.referred_table.name
        wanted = {result.given[name] for result in good(results) if result.given.get(name)}
        if not wanted:
            continue
        rows = await tx.fetch(
            f"SELECT id FROM {target} WHERE workspace_id = %s AND id = ANY(%s) FOR KEY SHARE",  # noqa: S608
            [tx.workspace_id, list(wanted)],
        )
        missing = wanted - {row[0] for row in rows}
        for result in good(results):
            if result.given.get(name) in missing:
                result.fail(
                    invalid(
                        FieldError(
                            f"/{name}",
                            "reference_not_found",
                            "There is no such record",
                            "該当するデータがありません",
                        )
                    )
                )


async def _existing(tx: Tx, resource: Resource, key: str, keys: Sequence[str | None]) -> dict[str, tuple[UUID, bool]]:
    # Locked in the order of ids, so that two bulks over the same records cannot deadlock.
    rows = await tx.fetch(
        f"SELECT {key}, id, archived_at IS NOT NULL FROM {resource.table.name} "  # noqa: S608
        f"WHERE workspace_id = %s AND {key} = ANY(%s) ORDER BY id FOR UPDATE",
        [tx.workspace_id, list(keys)],
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _complete_new(upsert_: Upsert, result: ItemResult, defaults: Mapping[str, Any]) -> None:
    """Check that the item has what a new record needs, and fill in the defaults of one."""
    missing = [
        FieldError(f"/{field.alias or name}", "missing", "Required", "必須です")
        for name, field in upsert_.create.model_fields.items()
        if field.is_required() and result.given.get(name) is None
    ]
    if missing:
        result.fail(invalid(*missing))
        return
    result.id, result.status, result.changed = new_id(), BulkStatus.created, sorted(result.given)
    result.given = {**defaults, **result.given, "id": result.id}


def _defaults_of_new(upsert_: Upsert, new_values: Mapping[str, Any]) -> dict[str, Any]:
    """What a new record has where its item says nothing."""
    model, create = upsert_.model.model_fields, upsert_.create.model_fields
    return {
        **{n: f.get_default(call_default_factory=True) for n, f in model.items() if not f.is_required()},
        **{n: f.get_default(call_default_factory=True) for n, f in create.items() if not f.is_required()},
        **new_values,
    }


async def _insert(tx: Tx, upsert_: Upsert, new: Sequence[ItemResult]) -> None:
    if not new:
        return
    table = upsert_.resource.table
    columns = [c.name for c in table.c if c.computed is None and c.name != "workspace_id"]
    conflict = f"ON CONFLICT (workspace_id, {upsert_.key}) DO NOTHING"
    rows = await tx.fetch(
        f"INSERT INTO {table.name} (workspace_id, {', '.join(columns)}) "  # noqa: S608
        f"SELECT %s, {', '.join(columns)} FROM {_recordset(table, columns)} {conflict} RETURNING id",
        [tx.workspace_id, Jsonb([result.given for result in new], dumps=_dumps)],
    )
    inserted = {row[0] for row in rows}
    for result in new:
        if result.id not in inserted:
            # Another request created it between our look and our insert; the caller may simply repeat.
            result.id = None
            result.fail(
                invalid(
                    FieldError(
                        "",
                        "created_meanwhile",
                        "Created by another request; repeat the item",
                        "別のリクエストが作成しました。再送してください",
                    )
                )
            )


async def _update(tx: Tx, resource: Resource, key: str, known: Sequence[ItemResult]) -> None:
    for result in known:
        result.status = BulkStatus.unchanged
    columns = sorted({name for result in known for name in result.given if name != key})
    if not columns:
        return
    table = resource.table
    differs = ", ".join(
        f"CASE WHEN given ? '{c}' AND t.{c} IS DISTINCT FROM {_wanted(c)} THEN '{c}' END" for c in columns
    )
    assignments = ", ".join(
        f"{c} = CASE WHEN '{c}' = ANY(d.changed) THEN {_wanted(c, 'd')} ELSE t.{c} END" for c in columns
    )
    payload = [{**r.given, "id": r.id, "given": dict.fromkeys(r.given)} for r in known]
    statement = f"""
        WITH differing AS MATERIALIZED (
            SELECT i.*, array_remove(ARRAY[{differs}], NULL) AS changed
            FROM {_recordset(table, ["id", *columns], "i", "%(items)s", "given jsonb")}
            JOIN {table.name} t ON t.workspace_id = %(ws)s AND t.id = i.id
        )
        UPDATE {table.name} t SET {assignments}, version = t.version + 1, updated_at = %(now)s
        FROM differing d WHERE t.workspace_id = %(ws)s AND t.id = d.id AND cardinality(d.changed) > 0
        RETURNING t.id, d.changed
    """  # noqa: S608
    async with tx.joining_many(len(known)):
        rows = await tx.fetch(
            statement, {"ws": tx.workspace_id, "now": clock.now(), "items": Jsonb(payload, dumps=_dumps)}
        )
    changed = dict(rows)
    for result in known:
        if result.id in changed:
            result.status, result.changed = BulkStatus.updated, sorted(changed[result.id])


def _wanted(column: str, source: str = "i") -> str:
    # Custom values merge: null removes one, absent ones stay.
    return f"jsonb_strip_nulls(t.custom || {source}.custom)" if column == "custom" else f"{source}.{column}"


def _recordset(table: sa.Table, columns: Sequence[str], alias: str = "r", parameter: str = "%s", *further: str) -> str:
    typed = [f"{name} {table.c[name].type.compile(dialect=_dialect)}" for name in columns]
    return f"jsonb_to_recordset({parameter}) AS {alias} ({', '.join([*typed, *further])})"


def _dumps(value: object) -> bytes:
    return orjson.dumps(value, default=str)
