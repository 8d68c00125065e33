"""Evaluating rules: one statement for each rule, over all accounts of a workspace or a few of them.

The statement finds the causes that are there now and compares them with the signals whose cause was there before: it
opens what is new, refreshes what is still so, and resolves what is gone.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args, get_origin
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb

from api.accounts.settings import account_settings
from api.auth.service import workspace_now
from api.health_scores.population import members
from api.kit import audit, clock, outbox
from api.kit.db import Tx
from api.kit.schemas import Input
from api.signals.kinds import KINDS
from api.signals.models import NOT_OVER_SQL
from api.signals.rules import Rule, Thresholds, current_rules

log = structlog.get_logger("perennial.signals")

SIGNAL: Final = "signal"
_COLUMN_TYPES: Final = {int: "integer", float: "double precision", str: "text", bool: "boolean"}
_RANK: Final = "array_position(ARRAY['info', 'warning', 'critical'], {})"

_FOUND: Final = """
WITH population AS MATERIALIZED (
    SELECT a.id AS account_id, a.employee_count, a.created_at, t.*
    FROM accounts a JOIN jsonb_to_recordset(%(thresholds)s) AS t ({columns}) ON t.place = {place}
    WHERE a.workspace_id = %(ws)s AND a.archived_at IS NULL {living} {these}
), found AS MATERIALIZED ({select}),
alive AS (
    SELECT id, account_id, subject, severity, evidence, last_seen_at, snoozed_until, status, {not_over} AS not_over
    FROM signals WHERE workspace_id = %(ws)s AND kind = %(kind)s AND cause_ended_at IS NULL {of_these}
)
"""
# Those seen again are written only when there is something to tell, or once a day: thousands are seen each hour. What a
# person has closed stays closed while its cause lasts and is no worse than it was; once a snooze is over it comes back.
_FOLLOW: Final = """,
seen AS (
    UPDATE signals s SET last_seen_at = %(now)s, evidence = f.evidence, severity = f.severity,
        rule_version = %(rule_version)s, version = s.version + (s.severity <> f.severity)::integer,
        updated_at = CASE WHEN s.severity <> f.severity THEN %(now)s ELSE s.updated_at END
    FROM alive o JOIN found f USING (account_id, subject)
    WHERE s.workspace_id = %(ws)s AND s.id = o.id AND o.not_over
    AND (o.severity <> f.severity OR o.evidence <> f.evidence OR o.last_seen_at < %(now)s - interval '20 hours')
), gone AS (
    UPDATE signals s SET cause_ended_at = %(now)s,
        status = CASE WHEN o.not_over THEN 'resolved' ELSE s.status END,
        resolved_by_itself = o.not_over, resolved_at = CASE WHEN o.not_over THEN %(now)s ELSE s.resolved_at END,
        version = s.version + o.not_over::integer,
        updated_at = CASE WHEN o.not_over THEN %(now)s ELSE s.updated_at END
    FROM alive o LEFT JOIN found f USING (account_id, subject)
    WHERE s.workspace_id = %(ws)s AND s.id = o.id AND f.account_id IS NULL
    RETURNING s.id, s.account_id, s.severity, o.not_over
), opened AS (
    INSERT INTO signals (workspace_id, id, version, created_at, updated_at, account_id, kind, subject, rule_version,
        severity, status, evidence, first_seen_at, last_seen_at, resolved_by_itself)
    SELECT %(ws)s, uuidv7(), 1, %(now)s, %(now)s, f.account_id, %(kind)s, f.subject, %(rule_version)s, f.severity,
        'open', f.evidence, %(now)s, %(now)s, false
    FROM found f WHERE NOT EXISTS (
        SELECT FROM alive o WHERE o.account_id = f.account_id AND o.subject = f.subject AND (
            o.not_over OR ({old_rank} >= {new_rank} AND (o.status = 'resolved' OR o.snoozed_until > %(now)s))
        )
    )
    ORDER BY f.account_id, f.subject
    ON CONFLICT DO NOTHING
    RETURNING id, account_id, severity
)
SELECT 'opened', id, account_id, severity FROM opened
UNION ALL SELECT 'resolved', id, account_id, severity FROM gone WHERE not_over
"""
_COUNT: Final = """
SELECT count(DISTINCT f.account_id), count(*) FILTER (WHERE f.account_id IS NOT NULL),
    count(*) FILTER (WHERE o.id IS NULL), count(*) FILTER (WHERE f.account_id IS NULL),
    count(*) FILTER (WHERE f.severity = 'info'), count(*) FILTER (WHERE f.severity = 'warning'),
    count(*) FILTER (WHERE f.severity = 'critical')
FROM found f FULL JOIN (SELECT id, account_id, subject FROM alive WHERE not_over) AS o USING (account_id, subject)
"""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a rule would find now, beside the signals that are open."""

    accounts: int
    signals: int
    would_open: int
    would_resolve: int
    info: int
    warning: int
    critical: int


async def evaluate_all(tx: Tx) -> int:
    """Evaluate every rule over all accounts; how many signals were opened or resolved."""
    changed = 0
    for rule in await current_rules(tx):
        try:
            async with tx.attempt():
                changed += await evaluate(tx, rule)
        except Exception as error:
            # One rule's trouble, say a segment by a field that is there no more, must not keep the others waiting.
            log.exception("rule not evaluated", workspace=str(tx.workspace_id), kind=rule.kind, exc_info=error)
    return changed


async def evaluate_kinds(tx: Tx, kinds: Collection[str], account_ids: Sequence[UUID] | None = None) -> int:
    """Evaluate some kinds at once, for these accounts or for all; how many signals were opened or resolved."""
    await tx.flush()
    return sum([await evaluate(tx, rule, account_ids) for rule in await current_rules(tx) if rule.kind in kinds])


async def evaluate(tx: Tx, rule: Rule, account_ids: Sequence[UUID] | None = None) -> int:
    """Let the signals of a rule follow what is so now; how many were opened or resolved.

    Each is audited and announced.
    """
    if account_ids is None:
        # Two evaluations of all accounts would lock the same signals in different orders.
        await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"signals {tx.workspace_id}"])
    statement, parameters = await _found(tx, rule, account_ids)
    ranks = {"old_rank": _RANK.format("o.severity"), "new_rank": _RANK.format("f.severity")}
    async with tx.joining_many(None if account_ids is None else len(account_ids)):
        rows = await tx.fetch(statement + _FOLLOW.format(**ranks), parameters)
    await _tell(tx, rule.kind, rows)
    return len(rows)


async def preview(tx: Tx, rule: Rule) -> Outlook:
    """What a rule would find now; nothing is written."""
    statement, parameters = await _found(tx, rule, None)
    async with tx.joining_many():
        [counts] = await tx.fetch(statement + _COUNT, parameters)
    return Outlook(*counts)


async def _found(tx: Tx, rule: Rule, account_ids: Sequence[UUID] | None) -> tuple[str, dict[str, Any]]:
    """The causes there are now, and the signals whose cause was there."""
    known, here = KINDS[rule.kind], await workspace_now(tx)
    thresholds: list[tuple[int, Thresholds]] = [(-1, rule.otherwise)]
    parameters: dict[str, Any] = {}
    cases = ""
    standing = await _still_there(tx, [each.segment_id for each in rule.segments if each.segment_id])
    for number, each in enumerate(rule.segments):
        if each.segment_id in standing:
            among = await members(tx, each.segment_id, f"s{number}_")
            cases += f" WHEN a.id IN ({among.sql}) THEN {number}"
            parameters |= among.constants
            thresholds.append((number, each))
    few = account_ids is not None
    statement = _FOUND.format(
        columns=", ".join(f"{name} {kind}" for name, kind in _columns(known.parameters).items()),
        place=f"CASE{cases} ELSE -1 END" if cases else "-1",
        living="" if known.churned else "AND a.phase <> 'churned'",
        these="AND a.id = ANY(%(ids)s)" if few else "",
        of_these="AND account_id = ANY(%(ids)s)" if few else "",
        not_over=NOT_OVER_SQL,
        select=known.select,
    )
    today = here.date()
    return statement, parameters | {
        "ws": tx.workspace_id,
        "kind": rule.kind,
        "rule_version": rule.version,
        "ids": list(account_ids or ()),
        "thresholds": Jsonb([_row(place, said) for place, said in thresholds if said.enabled]),
        "size_bands": Jsonb((await account_settings(tx)).model_dump(mode="json")["size_bands"]),
        "now": clock.now(),
        "today": today,
        "monday": today - dt.timedelta(days=today.weekday()),
        "zone": str(here.tzinfo),
    }


def _row(place: int, said: Thresholds) -> dict[str, Any]:
    return {"place": place, "severity": said.severity.value, **said.parameters.model_dump(mode="json")}


def _columns(shape: type[Input]) -> dict[str, str]:
    """The columns of a row of thresholds with their types."""
    found = {"place": "integer", "severity": "text"}
    for name, field in shape.model_fields.items():
        kind = (get_args(field.annotation) or (field.annotation,))[0]  # of `Key | None` the first
        found[name] = _COLUMN_TYPES[get_args(kind)[0] if get_origin(kind) is Annotated else kind]
    return found


async def _still_there(tx: Tx, segment_ids: Sequence[UUID]) -> set[UUID]:
    if not segment_ids:
        return set()
    rows = await tx.fetch(
        "SELECT id FROM segments WHERE workspace_id = %s AND id = ANY(%s) AND archived_at IS NULL",
        [tx.workspace_id, list(segment_ids)],
    )
    return {row[0] for row in rows}


async def _tell(tx: Tx, kind: str, rows: Sequence[tuple[Any, ...]]) -> None:
    acts = [(action, signal_id, ["status"]) for action, signal_id, _, _ in rows]
    await audit.record_many(tx, SIGNAL, acts)
    facts = [
        (action, signal_id, {"account_id": str(account_id), "kind": kind, "severity": severity, "by_itself": True})
        for action, signal_id, account_id, severity in rows
    ]
    await outbox.record_many(tx, SIGNAL, facts)
