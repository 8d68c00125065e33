"""Terms of contracts that another system states: it says where they end, and what follows for the decisions is ours.

A contract that ends later than its term, when that term is over, was renewed. One that stops has churned, and one that
stops no more is undecided again. Any other end than before moves the end of the present term.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.auth.service import workspace_today
from api.contracts.ledger import Recording
from api.contracts.models import Decision
from api.contracts.resource import TERMS
from api.kit import audit, clock, outbox
from api.kit.db import Tx
from api.kit.tables import new_id

_PENDING: Final = Decision.pending.value
_SAID: Final = ("starts_on", "ends_before", "decision", "decided_on")
_STATED: Final = """
    SELECT c.id, c.account_id, c.starts_on, c.ends_before, c.stops_before, c.notice_received_on, c.notice_days,
        t.id, t.starts_on, t.ends_before, t.notice_deadline, t.decision
    FROM contracts c LEFT JOIN LATERAL (
        SELECT * FROM contract_terms t WHERE t.workspace_id = c.workspace_id AND t.contract_id = c.id
        ORDER BY t.starts_on DESC LIMIT 1
    ) AS t ON true
    WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s) AND c.ends_before IS NOT NULL ORDER BY c.id
"""
_WRITE: Final = """
    INSERT INTO contract_terms (workspace_id, id, version, created_at, updated_at, contract_id, account_id, starts_on,
        ends_before, notice_deadline, decision, decided_on, automatic, reasons, comment)
    SELECT %(ws)s, t.id, 1, %(now)s, %(now)s, t.contract_id, t.account_id, t.starts_on, t.ends_before, t.notice_deadline,
        t.decision, t.decided_on, false, '{}', ''
    FROM unnest(%(ids)s::uuid[], %(contracts)s::uuid[], %(accounts)s::uuid[], %(starts)s::date[], %(ends)s::date[],
        %(deadlines)s::date[], %(decisions)s::text[], %(days)s::date[])
        AS t (id, contract_id, account_id, starts_on, ends_before, notice_deadline, decision, decided_on)
    ON CONFLICT (workspace_id, id) DO UPDATE SET version = contract_terms.version + 1, updated_at = excluded.updated_at,
        ends_before = excluded.ends_before, notice_deadline = excluded.notice_deadline, decision = excluded.decision,
        decided_on = excluded.decided_on
"""
_DECISIONS: Final = """
    INSERT INTO renewal_decisions (workspace_id, id, term_id, account_id, decision, decided_on, automatic, reasons,
        recorded_at)
    SELECT %(ws)s, d.id, d.term_id, d.account_id, d.decision, d.decided_on, false, '{{}}', greatest({moment}, (
        -- What is told of a term comes after what was.
        SELECT max(r.recorded_at) FROM renewal_decisions r WHERE r.workspace_id = %(ws)s AND r.term_id = d.term_id
    ))
    FROM workspaces w, unnest(%(ids)s::uuid[], %(terms)s::uuid[], %(accounts)s::uuid[], %(decisions)s::text[],
        %(days)s::date[], %(known)s::timestamptz[]) AS d (id, term_id, account_id, decision, decided_on, known)
    WHERE w.workspace_id = %(ws)s
"""


@dataclass(frozen=True, slots=True)
class _Term:
    """A term as it should be; ``action`` is what happened to it."""

    id: UUID
    contract_id: UUID
    account_id: UUID
    starts_on: dt.date
    ends_before: dt.date
    notice_deadline: dt.date
    decision: Decision
    decided_on: dt.date | None
    action: str


async def terms_there(tx: Tx, contract_ids: Sequence[UUID]) -> dict[UUID, list[Mapping[str, Any]]]:
    """The terms of these contracts as they would be stated."""
    rows = await tx.fetch(
        f"SELECT contract_id, {', '.join(_SAID)} FROM contract_terms "  # noqa: S608
        "WHERE workspace_id = %s AND contract_id = ANY(%s) ORDER BY starts_on",
        [tx.workspace_id, list(contract_ids)],
    )
    found: dict[UUID, list[Mapping[str, Any]]] = {}
    for contract_id, *values in rows:
        found.setdefault(contract_id, []).append(dict(zip(_SAID, values, strict=True)))
    return found


def same_terms(stated: Iterable[Mapping[str, Any]], there: Iterable[Mapping[str, Any]]) -> bool:
    """Whether stated terms are those that are there."""
    wanted = [(t["starts_on"], t["ends_before"], t.get("decision", _PENDING), t.get("decided_on")) for t in stated]
    return wanted == [tuple(term[name] for name in _SAID) for term in there]


async def begin_stated_terms(tx: Tx, stated: Mapping[UUID, Sequence[Mapping[str, Any]]], recording: Recording) -> None:
    """Give new contracts the terms that they come with, by contract."""
    if not any(stated.values()):
        return
    rows = await tx.fetch(
        "SELECT id, account_id, notice_days FROM contracts WHERE workspace_id = %s AND id = ANY(%s)",
        [tx.workspace_id, list(stated)],
    )
    await _write(
        tx,
        [
            _Term(
                new_id(), contract_id, account_id, term["starts_on"], term["ends_before"],
                term["ends_before"] - dt.timedelta(days=notice_days), Decision(term.get("decision", _PENDING)),
                term.get("decided_on"), "begun",
            )
            for contract_id, account_id, notice_days in rows
            for term in stated[contract_id]
        ],
        recording,
    )  # fmt: skip


async def follow_statements(tx: Tx, contract_ids: Sequence[UUID], recording: Recording) -> None:
    """Bring the terms of these contracts to what the contracts say; set-based, however many there are."""
    today = await workspace_today(tx)
    rows = await tx.fetch(_STATED, {"ws": tx.workspace_id, "ids": list(contract_ids)})
    await _write(tx, [term for row in rows for term in _terms(row, today)], recording)


async def _write(tx: Tx, terms: Sequence[_Term], recording: Recording) -> None:
    if not terms:
        return
    known: dict[str, Any] = {"ws": tx.workspace_id, "now": clock.now()}
    today = await workspace_today(tx)
    await tx.execute(
        _WRITE,
        {
            **known,
            "ids": [term.id for term in terms],
            "contracts": [term.contract_id for term in terms],
            "accounts": [term.account_id for term in terms],
            "starts": [term.starts_on for term in terms],
            "ends": [term.ends_before for term in terms],
            "deadlines": [term.notice_deadline for term in terms],
            "decisions": [term.decision.value for term in terms],
            "days": [term.decided_on for term in terms],
        },
    )
    decided = [term for term in terms if term.action == "decided" or term.decided_on is not None]
    await tx.execute(
        _DECISIONS.format(moment=recording.moment("d.decided_on", "d.known")),
        {
            **known,
            "ids": [new_id() for _ in decided],
            "terms": [term.id for term in decided],
            "accounts": [term.account_id for term in decided],
            "decisions": [term.decision.value for term in decided],
            "days": [term.decided_on or today for term in decided],
            "known": [recording.known.get(term.account_id) for term in decided],
            "backfilled": recording.backfilled,
        },
    )
    told = [term for term in terms if term.action != "begun"]  # what began is announced with its contract
    fields = {"decided": ["decided_on", "decision"], "updated": ["ends_before", "notice_deadline"]}
    await audit.record_many(tx, TERMS.name, [(term.action, term.id, fields[term.action]) for term in told])
    await outbox.record_many(
        tx, TERMS.name,
        [
            (term.action, term.id, {"decision": term.decision.value, "account_id": str(term.account_id),
                                    "contract_id": str(term.contract_id)})
            for term in told
        ],
    )  # fmt: skip


def _terms(row: tuple[Any, ...], today: dt.date) -> list[_Term]:
    """The terms that change for one contract."""
    contract_id, account_id, starts_on, ends, stops, noticed, notice_days, *latest = row
    term_id, term_start, term_end, deadline, decided = latest
    wanted = Decision.pending if stops is None else Decision.churned
    on = None if stops is None else noticed or stops
    new_deadline = ends - dt.timedelta(days=notice_days)
    if term_id is None:
        return [_Term(new_id(), contract_id, account_id, starts_on, ends, new_deadline, wanted, on, "begun")]
    if decided == Decision.pending and stops is None and term_end <= today and ends > term_end:
        return [
            _Term(term_id, contract_id, account_id, term_start, term_end, deadline, Decision.renewed, today, "decided"),
            _Term(new_id(), contract_id, account_id, term_end, ends, new_deadline, Decision.pending, None, "begun"),
        ]
    undecided = decided in {Decision.pending, Decision.churned}
    if undecided and decided != wanted:
        return [_Term(term_id, contract_id, account_id, term_start, ends, new_deadline, wanted, on, "decided")]
    if undecided and (ends, new_deadline) != (term_end, deadline) and ends > term_start:
        return [_Term(term_id, contract_id, account_id, term_start, ends, new_deadline, wanted, on, "updated")]
    return []
