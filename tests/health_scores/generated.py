"""A company whose customers leave because they stop using the product.

Each account has a hidden satisfaction that drifts by a random walk. What it does each week (a usage metric) follows
its satisfaction with noise, and so does the chance that it gives up in a week. Half a year after an account has left,
somebody *corrects* its past usage to the level of the last weeks: known to everybody who looks back, and to nobody at
the time. Rows are written past the rules of the service, set-based, and all from one seed.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from api.kit.db import Tx
from api.kit.tables import new_id
from tests.support.workspaces import WorkspaceForTest

FIRST_WEEK = dt.date(2025, 1, 6)
WEEKS = 90
LAST_DAY = FIRST_WEEK + dt.timedelta(days=7 * WEEKS)


@dataclass(frozen=True)
class Generated:
    """What was generated: how many accounts there are and how many of them left."""

    accounts: int
    left: int


async def generate(workspace: WorkspaceForTest, accounts: int, seed: int, *, driven: bool = True) -> Generated:
    """Fill a workspace; with ``driven=False`` customers leave for reasons that usage knows nothing of."""
    random = np.random.default_rng(seed)
    satisfaction = np.cumsum(random.normal(0, 0.18, (accounts, WEEKS)), axis=1) + random.normal(0.8, 0.8, (accounts, 1))
    activity = np.maximum(0, np.round(40 + 22 * satisfaction + random.normal(0, 12, (accounts, WEEKS))))
    felt = satisfaction if driven else np.zeros_like(satisfaction)
    gives_up = random.random((accounts, WEEKS)) < 1 / (1 + np.exp(5.1 + 1.6 * felt))
    gives_up[:, :12] = False
    leaves = np.where(gives_up.any(axis=1), gives_up.argmax(axis=1), WEEKS)
    ids = [new_id() for _ in range(accounts)]
    async with workspace.write() as tx:
        metric, product = await _catalogue(tx)
        await _customers(tx, ids, leaves, product)
        await _usage(tx, ids, metric, activity, leaves)
    return Generated(accounts, int((leaves < WEEKS).sum()))


async def _catalogue(tx: Tx) -> tuple[UUID, UUID]:
    metric, product = new_id(), new_id()
    moment = dt.datetime(2024, 12, 1, tzinfo=dt.UTC)
    named = {"ws": tx.workspace_id, "metric": metric, "product": product, "at": moment}
    await tx.execute(
        "INSERT INTO usage_metrics (workspace_id, id, version, created_at, updated_at, key, name, description, aggregation, "
        "direction) VALUES (%(ws)s, %(metric)s, 1, %(at)s, %(at)s, 'active_users', '利用者数', '', 'avg', "
        "'higher_is_better')",
        named,
    )
    await tx.execute(
        "INSERT INTO products (workspace_id, id, version, created_at, updated_at, name, description, sellable) "
        "VALUES (%(ws)s, %(product)s, 1, %(at)s, %(at)s, '基本', '', true)",
        named,
    )
    return metric, product


async def _customers(tx: Tx, ids: list[UUID], leaves: np.ndarray, product: UUID) -> None:
    begins = dt.datetime.combine(FIRST_WEEK, dt.time(), dt.UTC)
    named = {"ws": tx.workspace_id, "ids": ids, "product": product, "from": FIRST_WEEK, "at": begins}
    await tx.execute(
        "INSERT INTO accounts (workspace_id, id, version, created_at, updated_at, name, phase, phase_since, "
        "onboarding_criteria_met, is_first_renewal, sources, tags, custom) SELECT %(ws)s, id, 1, %(at)s, %(at)s, "
        "'会社 ' || row_number() OVER (), 'adoption', %(from)s, '{}', true, '{}', '{}', '{}' "
        "FROM unnest(%(ids)s::uuid[]) AS new (id)",
        named,
    )
    await tx.execute(
        "INSERT INTO account_standing (workspace_id, account_id, icp_fit_reasons, importance_reasons) "
        "SELECT %(ws)s, unnest(%(ids)s::uuid[]), '[]', '[]'",
        named,
    )
    await tx.execute(
        "INSERT INTO contracts (workspace_id, id, version, created_at, updated_at, account_id, name, kind, currency, "
        "starts_on, auto_renew, notice_days, state, stated_items, mrr_minor) SELECT %(ws)s, id, 1, %(at)s, %(at)s, id, "
        "'月次', 'subscription', 'JPY', %(from)s, true, 30, 'running', '[]', 1000 FROM unnest(%(ids)s::uuid[]) AS new (id)",
        named,
    )
    lines = [(FIRST_WEEK, "new", 1000, account) for account in ids]
    for account, week in zip(ids, leaves, strict=True):
        if week < WEEKS:
            lines.append((FIRST_WEEK + dt.timedelta(days=7 * int(week) + 6), "churn", -1000, account))
    await tx.execute(
        "INSERT INTO mrr_movements (workspace_id, id, account_id, product_id, currency, effective_on, type, amount_minor, "
        "cause, backfilled, recorded_at) SELECT %(ws)s, id, account, %(product)s, 'JPY', day, type, amount, 'signed', "
        "false, day::timestamp AT TIME ZONE 'Asia/Tokyo' FROM unnest(%(lines)s::uuid[], %(accounts)s::uuid[], "
        "%(days)s::date[], %(types)s::text[], %(amounts)s::bigint[]) AS line (id, account, day, type, amount)",
        {
            **named,
            "lines": [new_id() for _ in lines],
            "accounts": [line[3] for line in lines],
            "days": [line[0] for line in lines],
            "types": [line[1] for line in lines],
            "amounts": [line[2] for line in lines],
        },
    )


async def _usage(tx: Tx, ids: list[UUID], metric: UUID, activity: np.ndarray, leaves: np.ndarray) -> None:
    """One measurement a week, on its Wednesday, known the same evening; of leavers corrected later."""
    await tx.fetch("SELECT make_usage_partitions(%s, %s)", [FIRST_WEEK, LAST_DAY])
    rows = [
        (account, FIRST_WEEK + dt.timedelta(days=7 * week + 2), float(values[week]), left)
        for account, values, left in zip(ids, activity, leaves, strict=True)
        for week in range(min(WEEKS, int(left) + 1))
    ]
    corrected = [int(left) < WEEKS for *_, left in rows]
    named = {
        "ws": tx.workspace_id,
        "metric": metric,
        "accounts": [row[0] for row in rows],
        "days": [row[1] for row in rows],
        "values": [row[2] for row in rows],
        "lows": [1.0 if late else row[2] for row, late in zip(rows, corrected, strict=True)],
        "late": [
            FIRST_WEEK + dt.timedelta(days=7 * int(row[3]) + 180) if late else None
            for row, late in zip(rows, corrected, strict=True)
        ],
    }
    given = (
        "FROM unnest(%(accounts)s::uuid[], %(days)s::date[], %(values)s::float8[], %(lows)s::float8[], %(late)s::date[]) "
        "AS said (account, day, value, low, late)"
    )
    first_known = "(day + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'"
    known = f"coalesce(late::timestamp AT TIME ZONE 'Asia/Tokyo', {first_known})"
    await tx.execute(
        f"INSERT INTO usage_daily SELECT %(ws)s, account, %(metric)s, day, low, {known}, false {given}", named
    )
    await tx.execute(
        "INSERT INTO usage_superseded (workspace_id, account_id, metric_id, day, superseded_at, recorded_at, value, backfilled) "
        f"SELECT %(ws)s, account, %(metric)s, day, {known}, {first_known}, value, false {given} WHERE late IS NOT NULL",
        named,
    )
    await tx.execute(
        "INSERT INTO usage_weekly (workspace_id, account_id, metric_id, week, n, sum, max, sumsq, last, last_day, "
        "last_recorded_at, backfilled_n) SELECT %(ws)s, account, %(metric)s, day - 2, 1, low, low, low * low, low, day, "
        f"{known}, 0 {given}",
        named,
    )
