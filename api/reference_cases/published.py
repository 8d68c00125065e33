"""The one place that is told when something changes what may be seen of an account's cases outside.

Approval and retirement of cases, consents and their ends, contacts who leave or come back, customers who churn, are
archived, merged or renamed, partners, names of the catalogues: whatever may change the answer of
:mod:`api.reference_cases.visibility` comes here, in the transaction of the change, and
:mod:`~api.reference_cases.partner_rows` says anew what partners see. Days that pass are no change: the rows carry them.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from procrastinate.types import JSONValue

from api.accounts.merging import after_merge
from api.accounts.resource import ACCOUNTS
from api.auth.partners import PARTNERS
from api.auth.service import WORKSPACES
from api.contacts.resource import CONTACTS
from api.kit import following, jobs
from api.kit.db import Database, Tx
from api.reference_cases.catalogue import INITIATIVES, OUTCOME_METRICS
from api.reference_cases.partner_rows import clear, rebuild

AT_ONCE: Final = 2_000
"""Cases that a partner is shown within the request that adds it; of more it takes a job."""
RENAMED_AT_ONCE: Final = 200
"""Accounts whose cases show another name of the catalogue within the request that gives it; of more it takes a job."""

_MANY: Final = """
SELECT count(*) > %(most)s FROM (
    SELECT FROM reference_cases WHERE workspace_id = %(ws)s AND state = 'approved' LIMIT %(most)s + 1
) AS approved
"""
AT_A_TIME: Final = 500
"""Cases, and what is left of the last one's account, that are written while other changes of what partners see wait."""
_NEXT: Final = """
SELECT DISTINCT account_id FROM (
    SELECT account_id FROM reference_cases WHERE workspace_id = %(ws)s AND account_id > %(after)s AND state = 'approved'
    ORDER BY account_id LIMIT %(most)s
) AS following ORDER BY account_id
"""


async def changed(tx: Tx, account_ids: Sequence[UUID]) -> None:
    """Show partners of these accounts' cases what they may see now, in this transaction."""
    if account_ids:
        await tx.flush()
        await rebuild(tx, accounts=account_ids)


_WITH_CASES: Final = """
SELECT a.id FROM accounts a WHERE a.workspace_id = %(ws)s AND a.id = ANY(%(ids)s)
AND EXISTS (SELECT FROM reference_cases c WHERE c.workspace_id = %(ws)s AND c.account_id = a.id)
"""
_NAMED_AS_RIVALS: Final = """
SELECT DISTINCT k.account_id FROM reference_consent_exclusions x
JOIN reference_consents k ON k.workspace_id = x.workspace_id AND k.id = x.consent_id
WHERE x.workspace_id = %(ws)s AND x.account_id = ANY(%(ids)s)
"""
_OF_GRANTERS: Final = """
SELECT DISTINCT k.account_id FROM reference_consents k WHERE k.workspace_id = %(ws)s AND k.contact_id = ANY(%(ids)s)
"""
_NAMING: Final = """
SELECT DISTINCT c.account_id FROM reference_case_entries e
JOIN reference_cases c ON c.workspace_id = e.workspace_id AND c.id = e.case_id
WHERE e.workspace_id = %(ws)s AND (e.initiative_id = ANY(%(ids)s) OR e.metric_id = ANY(%(ids)s))
"""


@following.after_change(ACCOUNTS.name, "phase", "archived_at", "merged_into_id", "name", "industry", "employee_count")
async def _follow_accounts(tx: Tx, account_ids: Sequence[UUID]) -> None:
    await changed(tx, await _ids(tx, _WITH_CASES, account_ids))


@following.after_change(ACCOUNTS.name, "name", "legal_name", "domain")
async def _follow_rivals(tx: Tx, account_ids: Sequence[UUID]) -> None:
    await changed(tx, await _ids(tx, _NAMED_AS_RIVALS, account_ids))


@following.after_change(CONTACTS.name, "left_on", "archived_at", "erased_at", "account_id")
async def _follow_contacts(tx: Tx, contact_ids: Sequence[UUID]) -> None:
    await changed(tx, await _ids(tx, _OF_GRANTERS, contact_ids))


@following.after_change(INITIATIVES.name, "key", "name_ja", "name_en")
@following.after_change(OUTCOME_METRICS.name, "key", "name_ja", "name_en", "unit")
async def _follow_catalogue(tx: Tx, entry_ids: Sequence[UUID]) -> None:
    accounts = await _ids(tx, _NAMING, entry_ids)
    if len(accounts) <= RENAMED_AT_ONCE:
        await changed(tx, accounts)
    else:
        await _show_soon(tx, await _partners(tx))


@following.after_change(PARTNERS.name, "name", "domain", "archived_at")
async def _follow_partners(tx: Tx, partner_ids: Sequence[UUID]) -> None:
    await _show_anew(tx, partner_ids)


@following.after_change(WORKSPACES.name, "time_zone")
async def _follow_time_zone(tx: Tx, _ids: Sequence[UUID]) -> None:
    await _show_anew(tx, await _partners(tx))


async def _partners(tx: Tx) -> list[UUID]:
    rows = await tx.fetch("SELECT id FROM partners WHERE workspace_id = %s AND archived_at IS NULL", [tx.workspace_id])
    return [partner_id for (partner_id,) in rows]


async def _show_anew(tx: Tx, partner_ids: Sequence[UUID]) -> None:
    """Show partners all that they may see; of many cases soon, and until then nothing, which is never too much."""
    [(many,)] = await tx.fetch(_MANY, {"ws": tx.workspace_id, "most": AT_ONCE})
    if not many:
        await rebuild(tx, partners=partner_ids)
        return
    await clear(tx, partners=partner_ids)
    await _show_soon(tx, partner_ids)


async def _show_soon(tx: Tx, partner_ids: Sequence[UUID]) -> None:
    ids: list[JSONValue] = [str(partner_id) for partner_id in partner_ids]
    await jobs.defer(tx, show_all_cases, workspace_id=str(tx.workspace_id), partner_ids=ids)


@jobs.job("reference_cases.show_all_cases")
async def show_all_cases(database: Database, workspace_id: str, partner_ids: list[str]) -> None:
    """Show partners all that they may see."""
    await show_all(database, UUID(workspace_id), [UUID(partner_id) for partner_id in partner_ids])


async def show_all(database: Database, workspace_id: UUID, partner_ids: Sequence[UUID]) -> None:
    """Show partners all that they may see, some accounts at a time: no change of a consent waits for all of them."""
    after = UUID(int=0)
    while True:
        async with database.write(workspace_id) as tx:
            found = await tx.fetch(_NEXT, {"ws": workspace_id, "after": after, "most": AT_A_TIME})
            if not found:
                return
            accounts = [account_id for (account_id,) in found]
            await rebuild(tx, accounts=accounts, partners=partner_ids)
            after = accounts[-1]


# The exclusions of the loser name the winner by now; the words that the loser was excluded by must go on counting.
_KEEP_NAMES: Final = """
INSERT INTO reference_consent_exclusions (workspace_id, id, consent_id, company, domain)
SELECT DISTINCT ON (x.consent_id, known.company, known.domain) %(ws)s, uuidv7(), x.consent_id, known.company, known.domain
FROM reference_consent_exclusions x
JOIN accounts loser ON loser.workspace_id = %(ws)s AND loser.id = %(loser)s
CROSS JOIN LATERAL (VALUES
    (perennial_fold(loser.name), NULL), (perennial_fold(loser.legal_name), NULL), (NULL, perennial_fold(loser.domain))
) AS known (company, domain)
WHERE x.workspace_id = %(ws)s AND x.account_id = %(winner)s AND coalesce(known.company, known.domain) IS NOT NULL
"""


@after_merge
async def _follow_merger(tx: Tx, winner_id: UUID, loser_id: UUID) -> None:
    await tx.flush()
    await tx.execute(_KEEP_NAMES, {"ws": tx.workspace_id, "winner": winner_id, "loser": loser_id})
    await changed(tx, [winner_id, loser_id, *await _ids(tx, _NAMED_AS_RIVALS, [winner_id])])


async def _ids(tx: Tx, statement: str, ids: Sequence[UUID]) -> list[UUID]:
    return [row[0] for row in await tx.fetch(statement, {"ws": tx.workspace_id, "ids": list(ids)})]
