"""The MRR ledger: movements derived from the rates of contracts, set-based, and only ever added to.

What the ledger should say of an account follows from its contracts' rates (:mod:`api.contracts.mrr` has the
definition). What it does say is the sum of its lines. The difference is appended, so that the ledger as known at any
earlier moment stays what it was.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from api.accounts.phases import follow_mrr
from api.contracts.models import MrrMovement
from api.contracts.mrr import Cause
from api.contracts.rollup import mark_stale
from api.contracts.standing import refresh_commercial_standing
from api.kit import clock, outbox
from api.kit.db import Tx
from api.kit.tables import new_id

# The steps are those of mrr.movements: level by product, share of the rounded total, change, type.
_DIFFERENCE: Final = """
WITH changes AS (
    SELECT account_id, currency, product_id, starts_on AS day, parts AS delta,
        CASE WHEN parts > 0 THEN starts_as END AS cause, CASE WHEN parts > 0 THEN contract_id END AS contract_id
    FROM contract_rates WHERE workspace_id = %(ws)s AND parts <> 0 {of_these}
    UNION ALL
    SELECT account_id, currency, product_id, ends_before, -parts, ends_as, contract_id
    FROM contract_rates WHERE workspace_id = %(ws)s AND parts <> 0 AND ends_before IS NOT NULL {of_these}
), moves AS (
    SELECT account_id, currency, product_id, day, sum(delta) AS delta,
        (array_agg(cause ORDER BY delta DESC))[1] AS cause, (array_agg(contract_id ORDER BY delta DESC))[1] AS contract_id
    FROM changes GROUP BY account_id, currency, product_id, day HAVING sum(delta) <> 0
), levels AS (
    -- Every product of an account on each day on which the account changes: rounding may shift a unit between them.
    SELECT d.account_id, p.currency, p.product_id, d.day, m.cause, m.contract_id,
        sum(coalesce(m.delta, 0)) OVER (PARTITION BY d.account_id, p.currency, p.product_id ORDER BY d.day) AS parts
    FROM (SELECT DISTINCT account_id, day FROM moves) AS d
    JOIN (SELECT DISTINCT account_id, currency, product_id FROM moves) AS p USING (account_id)
    LEFT JOIN moves AS m USING (account_id, currency, product_id, day)
), running AS (
    SELECT levels.*, sum(parts) OVER (PARTITION BY account_id, currency, day ORDER BY product_id) AS up_to FROM levels
), amounts AS (
    SELECT account_id, currency, product_id, day, cause, contract_id,
        perennial_minor(up_to) - perennial_minor(up_to - parts) AS amount
    FROM running
), steps AS (
    SELECT amounts.*, amount - coalesce(
        lag(amount) OVER (PARTITION BY account_id, currency, product_id ORDER BY day), 0) AS change
    FROM amounts
), days AS (
    SELECT account_id, day, sum(amount) > 0 AS has, sum(amount - change) > 0 AS had
    FROM steps GROUP BY account_id, day
), turns AS (
    SELECT days.*, coalesce(bool_or(has) OVER (
        PARTITION BY account_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false) AS had_once
    FROM days
), wanted AS (
    SELECT account_id, currency, product_id, day, cause, contract_id, change::bigint AS amount, CASE
        WHEN has AND NOT had THEN CASE WHEN had_once THEN 'reactivation' ELSE 'new' END
        WHEN had AND NOT has THEN 'churn'
        WHEN sum(change) OVER (PARTITION BY account_id, currency, day) >= 0 THEN 'expansion'
        ELSE 'contraction'
    END AS type
    FROM steps JOIN turns USING (account_id, day)
), recorded AS (
    SELECT account_id, currency, product_id, effective_on AS day, type, sum(amount_minor)::bigint AS amount
    FROM mrr_movements WHERE workspace_id = %(ws)s {of_these}
    GROUP BY account_id, currency, product_id, effective_on, type
)
SELECT account_id, currency, product_id, day, type,
    coalesce(w.amount, 0) - coalesce(r.amount, 0) AS amount, w.cause, w.contract_id,
    r.account_id IS NOT NULL AS known
FROM (SELECT * FROM wanted WHERE amount <> 0) AS w
FULL JOIN recorded AS r USING (account_id, currency, product_id, day, type)
WHERE coalesce(w.amount, 0) <> coalesce(r.amount, 0)
ORDER BY account_id, day, currency, product_id, type
"""
_OF_THESE: Final = "AND account_id = ANY(%(ids)s)"
_FOR_THESE: Final = _DIFFERENCE.format(of_these=_OF_THESE)
_FOR_ALL: Final = _DIFFERENCE.format(of_these="")


@dataclass(frozen=True, slots=True)
class Difference:
    """What the ledger lacks, in minor units: an amount of a type, on a day, of an account's product."""

    account_id: UUID
    currency: str
    product_id: UUID
    effective_on: dt.date
    type: str
    amount: int
    cause: str | None
    contract_id: UUID | None
    known: bool
    """Whether the ledger has a line there already, so that this one corrects it."""


@dataclass(frozen=True, slots=True)
class Recording:
    """When lines are recorded, and why.

    A history that is brought in (``backfilled``) is recorded as known at the days of its facts, or, of an account in
    ``known``, at that moment; everything else at the present.
    """

    cause: Cause
    backfilled: bool = False
    known: Mapping[UUID, dt.datetime] = field(default_factory=dict)

    def moment(self, day: str, known: str) -> str:
        """The SQL of when a fact was recorded, beside ``workspaces w`` and the parameters ``now`` and ``backfilled``.

        Args:
            day: The expression of its day.
            known: That of the moment when it became known, or null.
        """
        of_day = f"CASE WHEN %(backfilled)s THEN least(%(now)s, ({day}::timestamp AT TIME ZONE w.time_zone)) END"
        return f"coalesce({known}, {of_day}, %(now)s)"


async def follow_contracts(tx: Tx, account_ids: Sequence[UUID], recording: Recording) -> list[Difference]:
    """Append what the ledger lacks of these accounts; what that was. Their standing and phase follow."""
    ids = sorted(set(account_ids))
    if not ids:
        return []
    await tx.flush()
    # One writer per account: two that derive at once would both append the same difference.
    await tx.execute(
        "SELECT id FROM accounts WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) ORDER BY id FOR UPDATE",
        {"ws": tx.workspace_id, "ids": ids},
    )
    async with tx.joining_many(len(ids)):
        found = await differences(tx, ids)
        await _append(tx, found, recording)
        await mark_stale(tx, sorted({each.account_id for each in found}))
        await refresh_commercial_standing(tx, ids)
    await follow_mrr(tx, ids)
    await _announce(tx, found)
    return found


async def differences(tx: Tx, account_ids: Sequence[UUID] | None = None) -> list[Difference]:
    """Where the ledger and the contracts disagree, of these accounts or of the whole workspace; empty when they agree."""
    query = _FOR_ALL if account_ids is None else _FOR_THESE
    rows = await tx.fetch(query, {"ws": tx.workspace_id, "ids": list(account_ids or ())})
    return [Difference(*row) for row in rows]


async def _append(tx: Tx, found: Sequence[Difference], recording: Recording) -> None:
    if not found:
        return
    # What is told of an account comes after what was: what was known at any earlier moment stays as it was.
    latest = "(SELECT max(m.recorded_at) FROM mrr_movements m WHERE m.workspace_id = %(ws)s AND m.account_id = line.account_id)"
    known = f"CASE WHEN line.known IS NOT NULL THEN greatest(line.known, {latest}) END"
    await tx.execute(
        f"""
        INSERT INTO {MrrMovement.__tablename__} (workspace_id, id, account_id, product_id, contract_id, currency,
            effective_on, type, amount_minor, cause, corrects_id, backfilled, recorded_at)
        SELECT %(ws)s, line.id, line.account_id, line.product_id, line.contract_id, line.currency, line.day, line.type,
            line.amount, coalesce(line.cause, %(cause)s), CASE WHEN line.corrects THEN (
                SELECT m.id FROM mrr_movements m WHERE m.workspace_id = %(ws)s AND m.account_id = line.account_id
                AND m.effective_on = line.day AND m.product_id = line.product_id AND m.currency = line.currency
                ORDER BY m.id DESC LIMIT 1
            ) END, %(backfilled)s, {recording.moment("line.day", known)}
        FROM workspaces w, unnest(%(ids)s::uuid[], %(accounts)s::uuid[], %(products)s::uuid[], %(contracts)s::uuid[],
            %(currencies)s::text[], %(days)s::date[], %(types)s::text[], %(amounts)s::bigint[], %(causes)s::text[],
            %(corrects)s::boolean[], %(known)s::timestamptz[]) AS line (id, account_id, product_id, contract_id, currency,
            day, type, amount, cause, corrects, known)
        WHERE w.workspace_id = %(ws)s
        """,  # noqa: S608
        {
            "ws": tx.workspace_id,
            "now": clock.now(),
            "backfilled": recording.backfilled,
            "cause": recording.cause.value,
            "ids": [new_id() for _ in found],
            "accounts": [each.account_id for each in found],
            "products": [each.product_id for each in found],
            "contracts": [each.contract_id for each in found],
            "currencies": [each.currency for each in found],
            "days": [each.effective_on for each in found],
            "types": [each.type for each in found],
            "amounts": [each.amount for each in found],
            "causes": [None if each.known else each.cause for each in found],
            "corrects": [each.known for each in found],
            "known": [recording.known.get(each.account_id) for each in found],
        },
    )


async def _announce(tx: Tx, found: Sequence[Difference]) -> None:
    told: dict[UUID, dict[str, Any]] = {}
    for each in found:
        about = told.setdefault(each.account_id, {"from": each.effective_on.isoformat(), "movements": 0, "types": []})
        about["movements"] += 1
        if each.type not in about["types"]:
            about["types"].append(each.type)
    await outbox.record_many(tx, "account", [("mrr_changed", account_id, about) for account_id, about in told.items()])
