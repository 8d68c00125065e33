"""What one can do with programs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from api.accounts.models import Account
from api.auth.models import User
from api.contacts.models import Contact
from api.kit import audit, clock, outbox, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.resources import Expansion, Resource
from api.kit.tables import new_id
from api.programs.models import Participant, ParticipantState, Program, ProgramKind

_program: sa.Table = Program.__table__  # type: ignore[attr-defined]
_participant: sa.Table = Participant.__table__  # type: ignore[attr-defined]


def _one(parent: sa.Table, model: Any, column: str) -> Expansion:  # noqa: ANN401
    table = model.__table__
    return Expansion(table, sa.and_(table.c.workspace_id == parent.c.workspace_id, table.c.id == parent.c[column]))


def _participation() -> Any:  # noqa: ANN401
    counts: list[Any] = [sa.literal_column("'accounts'"), sa.func.count(_participant.c.account_id.distinct())]
    for state in ParticipantState:
        name = sa.literal_column(f"'{state.value}'", sa.Text())
        counts += [name, sa.func.count().filter(_participant.c.state == name)]
    return (
        sa.select(sa.func.json_build_object(*counts))
        .where(_participant.c.workspace_id == _program.c.workspace_id, _participant.c.program_id == _program.c.id)
        .correlate(_program)
        .scalar_subquery()
    )


PROGRAMS: Final = Resource(
    "program",
    Program,
    sorts={"starts_on": _program.c.starts_on, "name": _program.c.name},
    default_sort="-starts_on",
    filters={
        "starts_after": lambda day: _program.c.starts_on >= sa.cast(day, sa.Date()),
        "starts_before": lambda day: _program.c.starts_on < sa.cast(day, sa.Date()),
    },
    search_text=_program.c.search_text,
    expands={"owner": _one(_program, User, "owner_id"), "participation": _participation()},
)
PARTICIPANTS: Final = Resource(
    "program_participant",
    Participant,
    sorts={"created_at": _participant.c.created_at},
    default_sort="-created_at",
    expands={
        "program": _one(_participant, Program, "program_id"),
        "account": _one(_participant, Account, "account_id"),
        "contact": _one(_participant, Contact, "contact_id"),
    },
)


async def create_program(tx: Tx, values: Mapping[str, Any]) -> Program:
    """Plan a program."""
    _refuse_foreign_results(values["kind"], values.get("results"))
    return await write.create(tx, PROGRAMS, Program, _stored(values))


async def update_program(tx: Tx, program_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a program, or note what came of it."""
    program = await write.lock(tx, PROGRAMS, Program, program_id, version=version)
    _refuse_foreign_results(values.get("kind", program.kind), values.get("results", program.results))
    await write.change(tx, PROGRAMS, program, _stored(values))


async def archive_program(tx: Tx, program_id: UUID, version: int) -> None:
    """Take a program out of lists."""
    await write.archive(tx, PROGRAMS, Program, program_id, version)


async def restore_program(tx: Tx, program_id: UUID) -> None:
    """Bring an archived program back."""
    await write.restore(tx, PROGRAMS, Program, program_id)


# A row is found again by its contact, or by its account where it names none: two keys, so two statements.
_UPSERT: Final = """
INSERT INTO program_participants AS p
    (workspace_id, id, version, created_at, updated_at, program_id, account_id, contact_id, state, outcome)
SELECT %(ws)s, n.id, 1, %(now)s, %(now)s, %(program)s, coalesce(c.account_id, n.account_id), n.contact_id, n.state, n.outcome
FROM jsonb_to_recordset(%(items)s) AS n (id uuid, account_id uuid, contact_id uuid, state text, outcome text)
LEFT JOIN contacts c ON c.workspace_id = %(ws)s AND c.id = n.contact_id
"""
_AGAIN: Final = """
DO UPDATE SET state = excluded.state, outcome = coalesce(excluded.outcome, p.outcome), version = p.version + 1,
    updated_at = excluded.updated_at
WHERE p.state <> excluded.state OR p.outcome IS DISTINCT FROM coalesce(excluded.outcome, p.outcome)
RETURNING p.id, p.account_id, p.state
"""
_WITH_CONTACT: Final = (
    f"{_UPSERT} ON CONFLICT (workspace_id, program_id, contact_id) WHERE contact_id IS NOT NULL {_AGAIN}"
)
_WITHOUT: Final = f"{_UPSERT} ON CONFLICT (workspace_id, program_id, account_id) WHERE contact_id IS NULL {_AGAIN}"


async def set_participants(tx: Tx, program_id: UUID, items: Sequence[Mapping[str, Any]]) -> tuple[int, int, int]:
    """Add accounts or contacts to a program, or change how far they are; how many were added, changed, left alone."""
    await write.lock(tx, PROGRAMS, Program, program_id)
    await _require(tx, "accounts", "account_id", items)
    await _require(tx, "contacts", "contact_id", items)
    _refuse_repeated(items)
    rows = [{**item, "id": new_id()} for item in items]
    parameters = {"ws": tx.workspace_id, "now": clock.now(), "program": program_id}
    touched: list[tuple[Any, ...]] = []
    for statement, named in ((_WITH_CONTACT, True), (_WITHOUT, False)):
        given = [row for row in rows if (row.get("contact_id") is not None) is named]
        if given:
            async with tx.joining_many(len(given)):
                touched += await tx.fetch(statement, {**parameters, "items": Jsonb(given, dumps=_dumps)})
    new = {row["id"] for row in rows}
    facts = [
        (
            "created" if row_id in new else "updated", row_id,
            {"fields": ["state"], "program_id": str(program_id), "account_id": str(account_id), "state": state},
        )
        for row_id, account_id, state in touched
    ]  # fmt: skip
    await audit.record_many(tx, PARTICIPANTS.name, [(action, row_id, ["state"]) for action, row_id, _ in facts])
    await outbox.record_many(tx, PARTICIPANTS.name, facts)
    added = sum(row[0] in new for row in touched)
    return added, len(touched) - added, len(rows) - len(touched)


async def _require(tx: Tx, table: str, name: str, items: Sequence[Mapping[str, Any]]) -> None:
    """Refuse ids of rows that are not there."""
    wanted = {item[name] for item in items if item.get(name) is not None}
    rows = await tx.fetch(
        f"SELECT id FROM {table} WHERE workspace_id = %s AND id = ANY(%s) FOR KEY SHARE",  # noqa: S608
        [tx.workspace_id, list(wanted)],
    )
    missing = wanted - {row[0] for row in rows}
    errors = [
        FieldError(
            f"/items/{place}/{name}", "reference_not_found", "There is no such record", "該当するデータがありません"
        )
        for place, item in enumerate(items)
        if item.get(name) in missing
    ]
    if errors:
        raise invalid(*errors)


def _refuse_repeated(items: Sequence[Mapping[str, Any]]) -> None:
    seen = set()
    for place, item in enumerate(items):
        key = item.get("contact_id") or ("account", item.get("account_id"))
        if key in seen:
            raise invalid(
                FieldError(
                    f"/items/{place}", "repeated_key",
                    "An earlier item is about the same participant", "同じ参加者の項目が前にあります",
                )
            )  # fmt: skip
        seen.add(key)


def _refuse_foreign_results(kind: str, results: Sequence[Any] | None) -> None:
    if results and kind != ProgramKind.co_creation:
        raise invalid(
            FieldError(
                "/results", "not_allowed",
                "Only a co-creation links to what came of it", "成果を紐づけられるのは共創プログラムだけです",
            )
        )  # fmt: skip


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the table keeps them: links as plain JSON."""
    if "results" not in values:
        return dict(values)
    whole: dict[str, Any] = {"id": None, "url": None, "title": ""}
    return {**values, "results": [whole | result for result in orjson.loads(_dumps(values["results"]))]}


def _dumps(value: object) -> bytes:
    return orjson.dumps(value, default=str)
