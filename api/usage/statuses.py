"""Utilisation and the three usage statuses, computed set-based from the weeks.

Active is what the metric with the role ``active`` says, by its own aggregation, of the ISO weeks that began in the last
28 days; licensed is the last value of the metric with the role ``licensed``, or else the seats of the account's
contracts. Without licences, or for an account that was never measured, both are null.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from api.auth.service import workspace_today
from api.kit import clock, outbox
from api.kit.db import Tx
from api.usage.settings import UsageSettings, usage_settings

WINDOW_DAYS: Final = 28

_METRICS: Final = """
    SELECT role, id, aggregation FROM usage_metrics WHERE workspace_id = %s AND role IS NOT NULL AND archived_at IS NULL
"""
# Laterals for each account, so that no join order matters on a fresh workspace.
FIGURES: Final = """
    SELECT s.account_id, a.active, l.licensed, a.last_active_day, EXISTS (
        SELECT FROM usage_weekly w WHERE w.workspace_id = %(ws)s AND w.account_id = s.account_id
        AND w.metric_id = %(active)s
    ) AS measured
    FROM account_standing s
    CROSS JOIN LATERAL (
        SELECT coalesce(CASE %(aggregation)s
            WHEN 'sum' THEN sum(w.sum) FILTER (WHERE w.week > %(window)s)
            WHEN 'max' THEN max(w.max) FILTER (WHERE w.week > %(window)s)
            WHEN 'avg' THEN sum(w.sum) FILTER (WHERE w.week > %(window)s) / sum(w.n) FILTER (WHERE w.week > %(window)s)
            ELSE (array_agg(w.last ORDER BY w.week DESC) FILTER (WHERE w.week > %(window)s))[1]
        END, 0) AS active, max(w.last_active_day) AS last_active_day
        FROM usage_weekly w WHERE w.workspace_id = %(ws)s AND w.account_id = s.account_id
        AND w.metric_id = %(active)s AND w.week > least(%(window)s, %(idle)s - 7) AND w.week <= %(today)s
    ) AS a
    CROSS JOIN LATERAL (
        SELECT CASE WHEN %(licensed)s::uuid IS NULL THEN s.seats::float8 ELSE (
            SELECT w.last FROM usage_weekly w WHERE w.workspace_id = %(ws)s AND w.account_id = s.account_id
            AND w.metric_id = %(licensed)s::uuid AND w.week <= %(today)s ORDER BY w.week DESC LIMIT 1
        ) END AS licensed
    ) AS l
    WHERE s.workspace_id = %(ws)s
"""
OF_THESE: Final = " AND s.account_id = ANY(%(ids)s)"
_REFRESH: Final = """
WITH figures AS MATERIALIZED ({figures}
), judged AS MATERIALIZED (
    SELECT account_id, active, licensed, utilisation, CASE
        WHEN utilisation IS NULL THEN NULL
        WHEN last_active_day IS NULL OR last_active_day <= %(idle)s THEN 'inactive'
        WHEN 100 * utilisation >= %(healthy_from)s THEN 'healthy'
        WHEN 100 * utilisation >= %(attention_from)s THEN 'needs_attention' ELSE 'inactive' END AS status
    FROM (
        SELECT *, CASE WHEN measured AND licensed > 0
            THEN round((active / licensed)::numeric, 4)::float8 END AS utilisation
        FROM figures
    ) AS with_utilisation
), locked AS MATERIALIZED ( -- in the order of ids, so that two of them cannot deadlock
    SELECT s.account_id, s.usage_status FROM account_standing s
    WHERE s.workspace_id = %(ws)s AND s.account_id IN (
        SELECT j.account_id FROM judged j JOIN account_standing o ON o.workspace_id = %(ws)s AND o.account_id = j.account_id
        WHERE o.usage_status IS DISTINCT FROM j.status OR o.utilisation IS DISTINCT FROM j.utilisation
    ) ORDER BY s.account_id FOR UPDATE
), standing AS (
    UPDATE account_standing s SET usage_status = j.status, utilisation = j.utilisation
    FROM judged j JOIN locked USING (account_id) WHERE s.workspace_id = %(ws)s AND s.account_id = j.account_id
), history AS (
    INSERT INTO usage_statuses
        (workspace_id, id, account_id, status, since, utilisation, active, licensed, backfilled, recorded_at)
    SELECT %(ws)s, uuidv7(), j.account_id, j.status, %(today)s, j.utilisation, j.active, j.licensed, false, %(now)s
    FROM judged j JOIN locked o USING (account_id) WHERE o.usage_status IS DISTINCT FROM j.status
)
SELECT j.account_id, o.usage_status, j.status FROM judged j JOIN locked o USING (account_id)
WHERE o.usage_status IS DISTINCT FROM j.status ORDER BY 1
"""


async def refresh_statuses(
    tx: Tx, account_ids: Sequence[UUID] | None = None, settings: UsageSettings | None = None
) -> int:
    """Bring utilisation and status of these accounts (None: of all) up to date; how many statuses changed.

    Each change is kept in the history and announced as ``account.usage_status_changed``.
    """
    settings = settings or await usage_settings(tx)
    parameters = {**await status_parameters(tx, settings), "ids": list(account_ids or ())}
    figures = FIGURES if account_ids is None else FIGURES + OF_THESE
    async with tx.joining_many(None if account_ids is None else len(account_ids)):
        changed = await tx.fetch(_REFRESH.format(figures=figures), parameters)
    await outbox.record_many(
        tx,
        "account",
        [("usage_status_changed", account_id, {"from": old, "to": new}) for account_id, old, new in changed],
    )
    return len(changed)


async def status_parameters(tx: Tx, settings: UsageSettings, today: dt.date | None = None) -> dict[str, Any]:
    """What :data:`FIGURES` and the judgement of a status are computed with."""
    today = today or await workspace_today(tx)
    metrics = {role: (metric_id, how) for role, metric_id, how in await tx.fetch(_METRICS, [tx.workspace_id])}
    active, aggregation = metrics.get("active", (None, "avg"))
    licensed, _ = metrics.get("licensed", (None, ""))
    return {
        "ws": tx.workspace_id,
        "now": clock.now(),
        "today": today,
        "window": today - dt.timedelta(days=WINDOW_DAYS),
        "idle": today - dt.timedelta(days=settings.idle_days),
        "active": active,
        "aggregation": aggregation,
        "licensed": licensed,
        "healthy_from": settings.healthy_from_pct,
        "attention_from": settings.attention_from_pct,
    }
