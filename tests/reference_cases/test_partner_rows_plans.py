"""To show a partner one customer's cases anew reads what belongs to that customer, however large the workspace is."""

import psycopg

from api.kit.db import Tx
from api.reference_cases.partner_rows import rebuild
from tests.reference_cases.conftest import Library, Partner, on

OTHERS = 2_000
MOST_READ = (("accounts", 20), ("account_standing", 10), ("reference_cases", 20), ("partner_reference_cases", 5))
_PAYING = "UPDATE account_standing SET mrr_minor = 1000 WHERE workspace_id = %(ws)s"
_SEEN_OTHERWISE = """
INSERT INTO partner_reference_cases (
    workspace_id, id, visible_from, visible_until, partner_id, case_id, named, logo, live_acts, initiatives, outcomes,
    catalogue_text
)
SELECT workspace_id, id, visible_from - n * interval '1 day', visible_from, partner_id, case_id, named, logo, live_acts,
    initiatives, outcomes, catalogue_text
FROM partner_reference_cases, generate_series(1, %(others)s) AS n
WHERE workspace_id = %(ws)s AND partner_id = %(partner)s AND named
"""


async def test_one_customers_cases_are_shown_without_reading_those_of_others(
    library: Library, two: tuple[Partner, Partner], owner: psycopg.Connection
) -> None:
    harbor, _ = two
    bot, time = await library.initiative(), await library.metric()
    crowd = [{"external_id": f"c-{n}", "name": f"物流 {n}", "industry": "logistics"} for n in range(OTHERS)]
    await library.post("/v1/accounts:bulk-upsert", {"items": crowd}, 207)
    with on("2026-11-22"):
        mine, other = [await library.account(name=name, industry="logistics") for name in ("匿名", "実名")]
        for account in (mine, other):
            await library.approved(
                account, bot, time, 400, 300, industry="logistics", anonymous_summary_ja="物流業の例"
            )
        await library.consent(mine, await library.contact(mine), naming="anonymous", fields=["industry"])
        await library.consent(other, await library.contact(other))
        async with library.workspace.database.write(library.workspace.id) as tx:
            await tx.execute(_PAYING, {"ws": tx.workspace_id})
            await tx.execute(_SEEN_OTHERWISE, {"ws": tx.workspace_id, "partner": harbor.id, "others": OTHERS})
        # Of customers the statistics know, as they do of any that are there for more than minutes; of the partners' rows not.
        owner.execute("ANALYZE accounts, account_standing, contacts, reference_cases, reference_consents")
        async with library.workspace.database.write(library.workspace.id) as tx:
            before = [await read(tx, table) for table, _ in MOST_READ]
            await rebuild(tx, accounts=[mine], partners=[harbor.id])
            for (table, most), so_far in zip(MOST_READ, before, strict=True):
                assert await read(tx, table) - so_far <= most, table
        shown = {case["anonymous"]: case["industry"] for case in await harbor.sees()}
    assert shown == {True: "logistics", False: "logistics"}


async def read(tx: Tx, table: str) -> int:
    """Rows of a table that the connection has read lately."""
    [(found,)] = await tx.fetch(
        "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = %s", [table]
    )
    return int(found)
