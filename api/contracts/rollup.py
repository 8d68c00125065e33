"""Rollups of the ledger: each account's months, and their totals by the month in which accounts first paid.

They answer what is asked often, as known now and over whole months; the ledger answers everything. Whoever appends to
the ledger marks the accounts in the same transaction, and a job brings their months up to date, in batches and
set-based. A reader takes the rollups only where :func:`fresh_until` covers the question, so they may be late and are
never wrong.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from api.auth.service import workspace_today
from api.contracts.terms import months_later
from api.kit import clock, jobs
from api.kit.db import Database, Tx
from api.kit.tables import DISTRIBUTED, Row, in_workspace, index, new_id

AT_ONCE: Final = 2_000
"""Accounts in one transaction."""
AHEAD: Final = 3
"""How many months beyond the present one the months reach, when they are extended."""
SOON: Final = dt.timedelta(seconds=10)
"""A mark that is younger has a job on its way."""


def _of_account(column: str = "account_id") -> sa.ForeignKeyConstraint:
    # Not repointed by a merger: its lines are told by the ledger, and the months follow.
    return sa.ForeignKeyConstraint(
        ["workspace_id", column], ["accounts.workspace_id", "accounts.id"], info={"stays": True}
    )


class MrrMark(Row, table=True):
    """An account whose months are older than its ledger. A row of its own per act, so that none hides another."""

    __tablename__ = "mrr_marks"
    __table_args__ = (_of_account(), index("account_id"), DISTRIBUTED)

    account_id: UUID
    marked_at: dt.datetime = Field(default_factory=clock.now)


class MrrMonth(SQLModel, table=True):
    """What a month made of an account's MRR, in minor units of the currency; months with nothing to tell are left out.

    ``cohort`` is the month in which the account first paid, ``is_first`` marks that month's own row.
    """

    __tablename__ = "mrr_months"
    __table_args__ = (
        _of_account(),
        sa.Index(
            # In the order of accounts, so that two months merge without sorting.
            "ix_mrr_months_of_month", "workspace_id", "month", "account_id",
            postgresql_include=["opening_minor", "closing_minor"],
        ),
        DISTRIBUTED,
    )  # fmt: skip

    workspace_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    month: dt.date = Field(primary_key=True)
    cohort: dt.date
    is_first: bool
    opening_minor: int = Field(sa_type=sa.BigInteger)
    closing_minor: int = Field(sa_type=sa.BigInteger)
    new_minor: int = Field(sa_type=sa.BigInteger)
    reactivation_minor: int = Field(sa_type=sa.BigInteger)
    expansion_minor: int = Field(sa_type=sa.BigInteger)
    contraction_minor: int = Field(sa_type=sa.BigInteger)
    churn_minor: int = Field(sa_type=sa.BigInteger)
    lines: int
    backfilled_lines: int


class MrrTotal(SQLModel, table=True):
    """The months of all accounts that first paid in the same month, summed; kept by differences."""

    __tablename__ = "mrr_totals"
    __table_args__ = (in_workspace(), DISTRIBUTED)

    workspace_id: UUID = Field(primary_key=True)
    cohort: dt.date = Field(primary_key=True)
    month: dt.date = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    started: int
    accounts: int
    opening_minor: int = Field(sa_type=sa.BigInteger)
    closing_minor: int = Field(sa_type=sa.BigInteger)
    new_minor: int = Field(sa_type=sa.BigInteger)
    reactivation_minor: int = Field(sa_type=sa.BigInteger)
    expansion_minor: int = Field(sa_type=sa.BigInteger)
    contraction_minor: int = Field(sa_type=sa.BigInteger)
    churn_minor: int = Field(sa_type=sa.BigInteger)
    lines: int
    backfilled_lines: int


class MrrRollup(SQLModel, table=True):
    """Up to which month a workspace's rollups reach. Who changes them holds this row."""

    __tablename__ = "mrr_rollups"
    __table_args__ = (in_workspace(), DISTRIBUTED)

    workspace_id: UUID = Field(primary_key=True)
    horizon: dt.date


_SUMS: Final = (
    "opening_minor", "closing_minor", "new_minor", "reactivation_minor", "expansion_minor", "contraction_minor",
    "churn_minor", "lines", "backfilled_lines",
)  # fmt: skip
_BY_TYPE: Final = ", ".join(
    f"coalesce(sum(amount_minor) FILTER (WHERE type = '{kind}'), 0) AS {kind}_minor"
    for kind in ("new", "reactivation", "expansion", "contraction", "churn")
)
_MONTHS: Final = f"""
WITH moved AS (
    SELECT account_id, currency, date_trunc('month', effective_on::timestamp)::date AS month, sum(amount_minor) AS net, {_BY_TYPE},
        count(*) AS lines, count(*) FILTER (WHERE backfilled) AS backfilled_lines
    FROM mrr_movements WHERE workspace_id = %(ws)s AND account_id = ANY(%(ids)s)
    GROUP BY 1, 2, 3
), starts AS (
    SELECT account_id, min(month) AS month FROM moved WHERE new_minor > 0 GROUP BY account_id
), months AS (
    SELECT account_id, currency, first_month, month::date AS month
    FROM (SELECT account_id, currency, min(month) AS first_month FROM moved GROUP BY account_id, currency) AS spans
    CROSS JOIN LATERAL generate_series(first_month::timestamp, %(horizon)s::timestamp, interval '1 month') AS month
), levels AS (
    SELECT m.account_id, m.currency, m.month, m.first_month, moved.net, moved.new_minor, moved.reactivation_minor,
        moved.expansion_minor, moved.contraction_minor, moved.churn_minor, moved.lines, moved.backfilled_lines,
        sum(coalesce(moved.net, 0)) OVER (PARTITION BY m.account_id, m.currency ORDER BY m.month) AS closing
    FROM months AS m LEFT JOIN moved USING (account_id, currency, month)
)
INSERT INTO mrr_months (workspace_id, account_id, currency, month, cohort, is_first, {", ".join(_SUMS)})
SELECT %(ws)s, l.account_id, l.currency, l.month, coalesce(s.month, l.first_month), coalesce(l.month = s.month, false),
    l.closing - coalesce(l.net, 0), l.closing, coalesce(l.new_minor, 0), coalesce(l.reactivation_minor, 0),
    coalesce(l.expansion_minor, 0), coalesce(l.contraction_minor, 0), coalesce(l.churn_minor, 0),
    coalesce(l.lines, 0), coalesce(l.backfilled_lines, 0)
FROM levels AS l LEFT JOIN starts AS s USING (account_id)
WHERE l.closing <> 0 OR l.lines > 0
"""  # noqa: S608
_DIFFERENCES: Final = f"""
INSERT INTO mrr_totals (workspace_id, cohort, month, currency, started, accounts, {", ".join(_SUMS)})
SELECT %(ws)s, cohort, month, currency, %(sign)s * count(*) FILTER (WHERE is_first),
    %(sign)s * count(*) FILTER (WHERE closing_minor > 0), {", ".join(f"%(sign)s * sum({name})" for name in _SUMS)}
FROM mrr_months WHERE workspace_id = %(ws)s AND account_id = ANY(%(ids)s)
GROUP BY cohort, month, currency
ON CONFLICT (workspace_id, cohort, month, currency) DO UPDATE SET
    {", ".join(f"{name} = mrr_totals.{name} + excluded.{name}" for name in ("started", "accounts", *_SUMS))}
"""  # noqa: S608


async def mark_stale(tx: Tx, account_ids: Sequence[UUID]) -> None:
    """Note that these accounts' ledger has changed; a job follows once the transaction has committed."""
    if not account_ids:
        return
    rows = await tx.fetch(
        """
        WITH waiting AS (
            SELECT EXISTS (SELECT FROM mrr_marks WHERE workspace_id = %(ws)s AND marked_at > %(recently)s) AS yes
        ), marked AS (
            INSERT INTO mrr_marks (workspace_id, id, account_id, marked_at)
            SELECT %(ws)s, id, account_id, %(now)s FROM unnest(%(ids)s::uuid[], %(accounts)s::uuid[]) AS m (id, account_id)
        )
        SELECT yes FROM waiting
        """,
        {
            "ws": tx.workspace_id,
            "now": clock.now(),
            "recently": clock.now() - SOON,
            "ids": [new_id() for _ in account_ids],
            "accounts": list(account_ids),
        },
    )
    if not rows[0][0]:
        await jobs.defer(tx, refresh_rollups, workspace_id=str(tx.workspace_id))


async def fresh_until(tx: Tx) -> dt.date | None:
    """The last month that the rollups hold; None while they are not built, or any account is marked."""
    rows = await tx.fetch(
        "SELECT horizon FROM mrr_rollups r WHERE workspace_id = %(ws)s "
        "AND NOT EXISTS (SELECT FROM mrr_marks m WHERE m.workspace_id = %(ws)s)",
        {"ws": tx.workspace_id},
    )
    return rows[0][0] if rows else None


@jobs.job("contracts.refresh_rollups")
async def refresh_rollups(database: Database, workspace_id: str) -> None:
    """Bring the marked accounts up to date, a batch to a transaction, until none is marked."""
    remaining = True
    while remaining:
        async with database.write(UUID(workspace_id)) as tx:
            await reach(tx)
            remaining = await refresh_batch(tx) == AT_ONCE


@jobs.housekeeping
async def keep_rollups(tx: Tx) -> int:
    """Let the months reach into the future, and see to marks whose job was lost; whether there is work, as 0 or 1."""
    await reach(tx)
    rows = await tx.fetch("SELECT EXISTS (SELECT FROM mrr_marks WHERE workspace_id = %(ws)s)", {"ws": tx.workspace_id})
    if rows[0][0]:
        await jobs.defer(tx, refresh_rollups, workspace_id=str(tx.workspace_id))
    return int(rows[0][0])


async def reach(tx: Tx) -> None:
    """Begin the workspace's rollups, or extend them when the present nears their end: all accounts are marked then."""
    this_month = (await workspace_today(tx)).replace(day=1)
    parameters: dict[str, Any] = {
        "ws": tx.workspace_id,
        "near": months_later(this_month, 1),
        "horizon": months_later(this_month, AHEAD),
        "now": clock.now(),
    }
    extended = await tx.execute(
        "INSERT INTO mrr_rollups (workspace_id, horizon) VALUES (%(ws)s, %(horizon)s) "
        "ON CONFLICT (workspace_id) DO UPDATE SET horizon = excluded.horizon WHERE mrr_rollups.horizon < %(near)s",
        parameters,
    )
    if extended:
        await tx.execute(
            "INSERT INTO mrr_marks (workspace_id, id, account_id, marked_at) SELECT %(ws)s, uuidv7(), account_id, %(now)s "
            "FROM (SELECT DISTINCT account_id FROM mrr_movements WHERE workspace_id = %(ws)s) AS all_of_them",
            parameters,
        )


async def refresh_batch(tx: Tx) -> int:
    """Compute the months of up to ``AT_ONCE`` marked accounts anew, and their part of the totals; how many."""
    here = {"ws": tx.workspace_id}
    # One at a time in a workspace: totals are kept by differences.
    rows = await tx.fetch("SELECT horizon FROM mrr_rollups WHERE workspace_id = %(ws)s FOR UPDATE", here)
    if not rows:
        return 0
    marked = await tx.fetch(
        "SELECT DISTINCT account_id FROM mrr_marks WHERE workspace_id = %(ws)s ORDER BY account_id LIMIT %(most)s",
        {**here, "most": AT_ONCE},
    )
    parameters: dict[str, Any] = {**here, "ids": [row[0] for row in marked], "horizon": rows[0][0]}
    if not marked:
        return 0
    # The marks first: whoever marks after this statement has not been read by the next ones, and stays marked.
    await tx.execute("DELETE FROM mrr_marks WHERE workspace_id = %(ws)s AND account_id = ANY(%(ids)s)", parameters)
    await tx.execute(_DIFFERENCES, {**parameters, "sign": -1})
    await tx.execute("DELETE FROM mrr_months WHERE workspace_id = %(ws)s AND account_id = ANY(%(ids)s)", parameters)
    async with tx.joining_many(len(marked)):
        await tx.execute(_MONTHS, parameters)
    await tx.execute(_DIFFERENCES, {**parameters, "sign": 1})
    return len(marked)
