"""Two years of movements of a workspace's accounts, and their rollups."""

import asyncio
from typing import Protocol
from uuid import UUID

import psycopg

from api.contracts.rollup import AT_ONCE, reach, refresh_batch
from api.kit.db import Database
from api.kit.settings import Settings

MONTHS = 24


class Workspace(Protocol):
    """A tenant, as far as it matters here."""

    @property
    def id(self) -> str: ...


# A start within the first 20 months, then up to five changes of level, three to five months apart; one account in five
# leaves with its third change, and every other of these comes back with its fourth.
MOVEMENTS = """
WITH product AS (
    INSERT INTO products (workspace_id, id, version, created_at, updated_at, name, description, sellable)
    VALUES (%(ws)s, uuidv7(), 1, now(), now(), 'アナリティクス', '', true) RETURNING id
), drawn AS (
    SELECT id, substr(external_id, 5)::integer AS n, CASE WHEN country = 'JP' THEN 'JPY' ELSE 'USD' END AS currency,
        (date_trunc('month', now()) - (%(months)s - pg_temp.chance(substr(external_id, 5)::integer, 31) %% 20) * interval '1 month')::date
            + pg_temp.chance(substr(external_id, 5)::integer, 32) %% 28 AS starts_on
    FROM accounts WHERE workspace_id = %(ws)s
), levels AS (
    SELECT id, n, starts_on, step, (starts_on + step * (90 + pg_temp.chance(n, 33) %% 60)) AS day,
        CASE WHEN n %% 5 = 0 AND (step = 3 OR (step > 3 AND n %% 10 = 0)) THEN 0
            ELSE (10000 + pg_temp.chance(n, 34) %% 300000) * (70 + pg_temp.chance(n, 40 + step) %% 100) / 100 END::bigint AS level
    FROM drawn, generate_series(0, 5) AS step
), steps AS (
    SELECT levels.*, level - coalesce(lag(level) OVER past, 0) AS change, coalesce(lag(level) OVER past, 0) AS before
    FROM levels WINDOW past AS (PARTITION BY id ORDER BY step)
)
INSERT INTO mrr_movements (workspace_id, id, account_id, product_id, currency, effective_on, type, amount_minor, cause,
    backfilled, recorded_at)
SELECT %(ws)s, uuidv7(), s.id, product.id, w.base_currency, s.day, CASE WHEN step = 0 THEN 'new' WHEN level = 0 THEN 'churn'
        WHEN before = 0 THEN 'reactivation' WHEN change > 0 THEN 'expansion' ELSE 'contraction' END,
    change, CASE WHEN step = 0 THEN 'signed' ELSE 'amendment' END, n %% 4 = 0, s.day
FROM steps s, product, workspaces w WHERE w.workspace_id = %(ws)s AND change <> 0 AND s.day <= now()
"""


def two_years(connection: psycopg.Connection, url: str, tenant: Workspace) -> None:
    """Two years of a tenant's ledger, and its rollups; ``PICK`` has been sent on this connection."""
    connection.execute(MOVEMENTS, {"ws": tenant.id, "months": MONTHS})
    connection.execute("ANALYZE")
    asyncio.run(_roll_up(url, UUID(tenant.id)))


async def _roll_up(url: str, workspace_id: UUID) -> None:
    async with Database(url, Settings(), size=1) as database:
        remaining = True
        while remaining:
            async with database.write(workspace_id) as tx:
                await reach(tx)
                remaining = await refresh_batch(tx) == AT_ONCE
