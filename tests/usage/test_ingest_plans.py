"""A load reads what it writes, and no more, where statistics do not know the tables yet."""

import datetime as dt
from uuid import UUID

from api.accounts.models import Account
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.kit.tables import new_id
from api.usage.ingest import Ingest, copied
from tests.contracts.conftest import on
from tests.usage.conftest import Meter

ACCOUNTS, WEEKS = 200, 10
MONDAY = dt.date(2026, 9, 7)


async def test_each_line_finds_its_week_alone(meter: Meter) -> None:
    workspace = meter.workspace
    ids = [new_id() for _ in range(ACCOUNTS)]
    began = dt.date(2026, 1, 1)
    await workspace.add_all(
        *(Account(workspace_id=workspace.id, id=each, name=f"株式会社{each}", phase_since=began) for each in ids)
    )
    metric = UUID((await meter.metric("logins"))["id"])
    with on("2026-11-22"):
        async with workspace.database.write(workspace.id) as tx:
            await load(tx, metric, ids, day=0)
        async with workspace.database.write(workspace.id) as tx:
            before = await read(tx)
            await load(tx, metric, ids, day=1)
            # each week is looked up once and written once, and found again where an index leads to its older version
            assert await read(tx) - before <= 4 * ACCOUNTS * WEEKS


async def load(tx: Tx, metric: UUID, accounts: list[UUID], *, day: int) -> None:
    """A day in each of the weeks, of all accounts."""
    ingest = Ingest(tx, KnownAt.import_time)
    days = [MONDAY + dt.timedelta(weeks=week, days=day) for week in range(WEEKS)]
    each = [(account, on) for account in accounts for on in days]
    async with ingest.staging() as copy:
        for line, (account, on) in enumerate(each):
            await copy.write(copied(line, external_id=None, account_id=account, metric_id=metric, day=on, value=1.0))
    await ingest.check({on.replace(day=1) for on in days})
    assert (await ingest.write()).created == len(each)


async def read(tx: Tx) -> int:
    """Rows of usage_weekly that the transaction read through an index."""
    [(found,)] = await tx.fetch("SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'usage_weekly'")
    return int(found)
