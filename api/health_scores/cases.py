# ruff: noqa: S608 - selects are put together from constants
"""The cases of a backtest, week by week: who was a customer then, what was known then, and what came.

An outcome's day is the earliest of its signs: notice received, a ``churned`` decision, MRR reaching zero. What is known
now says whether it came; only the scores must not know it. Contracts that were archived are counted nowhere.
Onboarding is complete when a roadmap's first value milestone is reached; whoever reached one is no case any more.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from api.accounts.models import Phase
from api.health_scores.definition import Definition
from api.health_scores.models import Label
from api.health_scores.moments import Moment
from api.health_scores.statement import WORK_MEMORY, scored
from api.kit.db import Tx

PHASES: Final = tuple(phase.value for phase in Phase)

_STANDING: Final = "contract_id IN (SELECT id FROM contracts WHERE workspace_id = %(ws)s AND archived_at IS NULL) AND archived_at IS NULL"
_OUTCOMES: Final = {
    Label.churn: f"""
        SELECT account_id, notice_received_on AS day FROM contracts
        WHERE workspace_id = %(ws)s AND archived_at IS NULL AND notice_received_on IS NOT NULL
        UNION ALL
        SELECT account_id, decided_on FROM contract_terms
        WHERE workspace_id = %(ws)s AND decision = 'churned' AND decided_on IS NOT NULL AND {_STANDING}
        UNION ALL
        SELECT account_id, least(effective_on, (min(recorded_at) AT TIME ZONE %(zone)s)::date) FROM mrr_movements
        WHERE workspace_id = %(ws)s AND type = 'churn' GROUP BY account_id, effective_on HAVING sum(amount_minor) < 0
    """,
    Label.contraction: """
        SELECT account_id, effective_on AS day FROM mrr_movements
        WHERE workspace_id = %(ws)s AND type = 'contraction'
        GROUP BY account_id, effective_on HAVING sum(amount_minor) < 0
    """,
    Label.churn_report: """
        SELECT account_id, occurred_on AS day FROM churn_reports WHERE workspace_id = %(ws)s AND archived_at IS NULL
    """,
    Label.onboarding_not_completed: """
        SELECT m.account_id, min(m.reached_on) AS day FROM roadmap_milestones m
        JOIN success_roadmaps r ON r.workspace_id = m.workspace_id AND r.id = m.roadmap_id
        WHERE m.workspace_id = %(ws)s AND m.kind = 'value' AND m.reached_on IS NOT NULL AND m.archived_at IS NULL
            AND r.archived_at IS NULL
        GROUP BY m.account_id
    """,
}
_DUE: Final = """
    SELECT account_id, min(least(notice_deadline, ends_before)) FILTER (WHERE least(notice_deadline, ends_before) > %(as_of)s) AS day
    FROM contract_terms WHERE workspace_id = %(ws)s AND starts_on <= %(as_of)s AND ends_before > %(as_of)s
        AND archived_at IS NULL AND (ends_before <= %(horizon)s OR notice_deadline BETWEEN %(as_of)s::date + 1 AND %(horizon)s)
        AND contract_id IN (
            SELECT id FROM contracts WHERE workspace_id = %(ws)s AND archived_at IS NULL
            AND (stops_before IS NULL OR stops_before > %(as_of)s)
        )
    GROUP BY account_id
    UNION ALL
    SELECT DISTINCT account_id, NULL::date FROM contracts
    WHERE workspace_id = %(ws)s AND ends_before IS NULL AND archived_at IS NULL AND kind = 'subscription'
        AND starts_on <= %(as_of)s AND (stops_before IS NULL OR stops_before > %(as_of)s)
"""
# The phase of a time from which no history of phases is kept is adoption. The level is not known here: it is followed
# from week to week beside the statement.
_POPULATION: Final = """
SELECT account_id, coalesce(p.phase, 'adoption') AS phase, 1 AS level, r.evidence_from,
    coalesce(r.unconfirmed, false) AS unconfirmed, {event} AS event, coalesce(due.day - %(as_of)s::date BETWEEN 1 AND 7, false) AS due
FROM (
    SELECT account_id FROM mrr_movements
    WHERE workspace_id = %(ws)s AND effective_on <= %(as_of)s AND recorded_at <= %(then)s
    GROUP BY account_id HAVING sum(amount_minor) > 0
) AS paying
{due}
LEFT JOIN (
    SELECT DISTINCT ON (account_id) account_id, phase FROM account_phases
    WHERE workspace_id = %(ws)s AND starts_on <= %(as_of)s AND (ends_before IS NULL OR ends_before > %(as_of)s)
    ORDER BY account_id, starts_on DESC, id DESC
) AS p USING (account_id)
LEFT JOIN (
    SELECT c.account_id, max(c.changed_on) AS evidence_from, max(c.changed_at) > coalesce((
        SELECT max(m.recorded_at) FROM maturity_changes m WHERE m.workspace_id = %(ws)s
        AND m.account_id = c.account_id AND m.cause = 'goals_confirmed' AND m.recorded_at <= %(then)s
    ), '-infinity') AS unconfirmed
    FROM primary_contact_changes c
    WHERE c.workspace_id = %(ws)s AND c.from_contact_id IS NOT NULL AND c.changed_at <= %(then)s
        AND (c.reverted_at IS NULL OR c.reverted_at > %(then)s)
    GROUP BY c.account_id
) AS r USING (account_id)
LEFT JOIN (
    SELECT DISTINCT account_id FROM ({outcomes}) AS o WHERE day > %(as_of)s AND day <= %(horizon)s
) AS came USING (account_id)
WHERE coalesce(p.phase, 'adoption') = ANY(%(phases)s) AND {unnoticed} {these}
"""
_JOIN_DUE: Final = (
    "JOIN (SELECT account_id, max(day) AS day FROM (" + _DUE + ") AS d GROUP BY account_id) AS due USING (account_id)"
)
_NO_DUE: Final = "CROSS JOIN (SELECT NULL::date AS day) AS due"
_UNNOTICED: Final = f"""NOT EXISTS (
    SELECT 1 FROM contracts c WHERE c.workspace_id = %(ws)s AND c.account_id = paying.account_id AND c.archived_at IS NULL
    AND c.notice_received_on <= %(as_of)s AND (c.stops_before IS NULL OR c.stops_before > %(as_of)s)
) AND account_id NOT IN (
    SELECT account_id FROM contract_terms
    WHERE workspace_id = %(ws)s AND decision = 'churned' AND decided_on <= %(as_of)s AND ends_before > %(as_of)s AND {_STANDING}
    UNION ALL
    SELECT account_id FROM mrr_movements
    WHERE workspace_id = %(ws)s AND type = 'churn' AND effective_on > %(as_of)s
    GROUP BY account_id, effective_on HAVING sum(amount_minor) < 0 AND min(recorded_at) <= %(then)s
)"""

_NOT_COMPLETED: Final = f"account_id NOT IN (SELECT account_id FROM ({_OUTCOMES[Label.onboarding_not_completed]}) AS o WHERE day <= %(as_of)s)"

_COLUMNS: Final = (
    ("tenths", "coalesce(round(score * 10), -1)::int2"),
    ("recent", "coalesce(round(recent * 10), -1)::int2"),
    ("state", "coalesce(state, 0)::int2"),
    ("shown", "coalesce(shown, 1)::int2"),
    ("unconfirmed", "unconfirmed::int::int2"),
    ("reset", "coalesce(evidence_from - DATE '2000-01-01', -1)::int4"),
    ("event", "event::int::int2"),
    ("due", "due::int::int2"),
    ("phase", "array_position(%(all_phases)s::text[], phase)::int2"),
)
_WIDTH: Final = {"reset": ">i4"}
_ROW: Final = np.dtype(
    [("fields", ">i2"), ("id_size", ">i4"), ("id_high", ">u8"), ("id", ">u8")]
    + [part for name, _ in _COLUMNS for part in ((f"{name}_size", ">i4"), (name, _WIDTH.get(name, ">i2")))]
)
_HEAD, _TAIL = 19, 2
"""Bytes around the rows of a binary COPY."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a backtest looks at."""

    label: Label
    horizon_days: int
    phases: tuple[str, ...]
    these: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


Week = npt.NDArray[np.void]
"""A row for each account; ``id`` is the random half of the account's id, which tells accounts apart."""


async def week_of(tx: Tx, definition: Definition, wanted: Wanted, moment: Moment, *, leak_guard: bool = True) -> Week:
    """The cases of the week that ends with ``moment.as_of``; ``moment.known_at`` is its end.

    Without ``leak_guard`` scores see what is known now: only to show what the guard is for.
    """
    event = "came.account_id IS NOT NULL"
    onboarding = wanted.label is Label.onboarding_not_completed
    population = (
        _POPULATION.replace("{event}", f"NOT ({event})" if onboarding else event)
        .replace("{outcomes}", _OUTCOMES[wanted.label])
        .replace("{due}", _NO_DUE if onboarding else _JOIN_DUE)
        .replace("{unnoticed}", _NOT_COMPLETED if onboarding else _UNNOTICED)
        .replace("{these}", wanted.these)
    )
    seen = moment if leak_guard else replace(moment, known_at=moment.begin_of(dt.date(2999, 1, 1)), past=False)
    statement, parameters = scored(definition, population, seen)
    columns = ", ".join(expression for _, expression in _COLUMNS)
    query = f"COPY ({statement} SELECT account_id, {columns} FROM scored) TO STDOUT (FORMAT binary)"
    values = {
        "ws": tx.workspace_id,
        "zone": str(moment.zone),
        "then": moment.known_at,
        "horizon": moment.as_of + dt.timedelta(days=wanted.horizon_days),
        "phases": list(wanted.phases),
        "all_phases": list(PHASES),
        **wanted.parameters,
        **parameters,
    }
    await tx.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
    async with tx.joining_many(), tx.connection.cursor() as cursor, cursor.copy(query, values) as copy:
        data = b"".join([bytes(piece) async for piece in copy])
    return np.frombuffer(data, _ROW, (len(data) - _HEAD - _TAIL) // _ROW.itemsize, _HEAD)


async def account_numbers(tx: Tx) -> npt.NDArray[np.uint64]:
    """The random halves of the ids of all accounts, in order: an account's place is its number."""
    rows = await tx.fetch("SELECT id FROM accounts WHERE workspace_id = %s", [tx.workspace_id])
    return np.sort(np.array([_half(row[0]) for row in rows], np.uint64))


def _half(account_id: UUID) -> int:
    return account_id.int & 0xFFFF_FFFF_FFFF_FFFF
