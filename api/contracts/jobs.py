"""What time does to contracts: terms renew by themselves or lapse, future movements become current."""

import datetime as dt
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.jobs import NIGHT_HOUR
from api.accounts.phases import follow_mrr
from api.auth.service import workspace_now, workspace_today
from api.contracts.known import follow_knowledge
from api.contracts.ledger import Recording, follow_contracts
from api.contracts.models import Contract, ContractTerm, Decision
from api.contracts.mrr import Cause
from api.contracts.rates import refresh_states, replace_rates
from api.contracts.resource import CONTRACTS
from api.contracts.settings import contract_settings
from api.contracts.standing import refresh_commercial_standing
from api.contracts.terms import add_term, decide, latest_term, term_end
from api.kit import jobs, write
from api.kit.db import Tx

AT_ONCE: Final = 500
"""Terms in one run; the next one comes within the hour."""
LOOK_BACK: Final = dt.timedelta(days=40)
"""How far back movements are looked for each hour; once a night from the beginning, if the worker was away longer."""


@jobs.housekeeping
async def follow_the_calendar(tx: Tx) -> int:
    """Bring the workspace's contracts to what they are today; how many terms, contracts and accounts moved."""
    today = await workspace_today(tx)
    moved = await renew_by_themselves(tx, today)
    moved += await let_lapse(tx, today)
    moved += await refresh_states(tx)
    at_night = (await workspace_now(tx)).hour == NIGHT_HOUR
    return moved + await _become_current(tx, today, since=dt.date.min if at_night else today - LOOK_BACK)


async def renew_by_themselves(tx: Tx, today: dt.date) -> int:
    """Begin the next terms of contracts that renew automatically and got no notice; how many."""
    count, accounts, contracts = 0, set(), list[UUID]()
    for contract, term in await _ended_terms(tx, today, auto_renew=True):
        accounts.add(contract.account_id)
        contracts.append(contract.id)
        while term.ends_before <= today:
            await decide(tx, term, Decision.renewed, term.ends_before, automatic=True)
            begins = term.ends_before
            add_term(tx, contract, begins, term_end(contract, term, begins))
            await tx.flush()
            term = await latest_term(tx, contract)  # noqa: PLW2901 - it walks to the term that runs today
            count += 1
        told = {"account_id": str(contract.account_id), "ends_before": term.ends_before.isoformat(), "automatic": True}
        await write.change(tx, CONTRACTS, contract, {"ends_before": term.ends_before}, action="renewed", announce=told)
    await follow_knowledge(tx, contracts, Recording(Cause.renewal))
    await refresh_commercial_standing(tx, sorted(accounts))
    return count


async def let_lapse(tx: Tx, today: dt.date) -> int:
    """End contracts whose term is over, undecided, for longer than the days of grace: churned at the old end."""
    grace = dt.timedelta(days=(await contract_settings(tx)).renewal_grace_days)
    lapsed = [(contract, term) for contract, term in await _ended_terms(tx, today - grace, auto_renew=False)]
    for contract, term in lapsed:
        values = {"stops_before": term.ends_before, "stops_as": Cause.lapsed.value}
        told = {"account_id": str(contract.account_id), "ends_before": term.ends_before.isoformat()}
        await decide(tx, term, Decision.churned, term.ends_before, automatic=True)
        await write.change(tx, CONTRACTS, contract, values, action="lapsed", announce=told)
    if lapsed:
        await replace_rates(tx, [contract.id for contract, _ in lapsed])
        await refresh_states(tx, [contract.id for contract, _ in lapsed])
        await follow_knowledge(tx, [contract.id for contract, _ in lapsed], Recording(Cause.lapsed))
        await follow_contracts(tx, [contract.account_id for contract, _ in lapsed], Recording(Cause.lapsed))
    return len(lapsed)


async def _ended_terms(tx: Tx, by: dt.date, *, auto_renew: bool) -> list[tuple[Contract, ContractTerm]]:
    await tx.flush()
    found = await tx.session.execute(
        sa.select(Contract, ContractTerm)
        .join(
            ContractTerm,
            sa.and_(
                col(ContractTerm.workspace_id) == col(Contract.workspace_id),
                col(ContractTerm.contract_id) == col(Contract.id),
            ),
        )
        .where(
            col(ContractTerm.workspace_id) == tx.workspace_id,
            col(ContractTerm.decision) == Decision.pending.value,
            col(ContractTerm.ends_before) <= by,
            col(Contract.auto_renew) == auto_renew,
            col(Contract.stops_before).is_(None),
            col(Contract.archived_at).is_(None),
        )
        .order_by(col(Contract.id))
        .limit(AT_ONCE)
        .with_for_update()
    )
    return [(contract, term) for contract, term in found]


async def _become_current(tx: Tx, today: dt.date, since: dt.date) -> int:
    """Let accounts follow the movements and rates that have taken effect since the last run."""
    rows = await tx.fetch(
        """
        SELECT s.account_id FROM account_standing s WHERE s.workspace_id = %(ws)s AND s.account_id IN (
            SELECT account_id FROM mrr_movements
            WHERE workspace_id = %(ws)s AND effective_on BETWEEN %(since)s AND %(today)s
        ) AND s.mrr_minor IS DISTINCT FROM (
            SELECT sum(m.amount_minor) FROM mrr_movements m WHERE m.workspace_id = %(ws)s
            AND m.account_id = s.account_id AND m.effective_on <= %(today)s AND m.currency = s.currency
        )
        """,
        {"ws": tx.workspace_id, "since": since, "today": today},
    )
    ids = [row[0] for row in rows]
    await refresh_commercial_standing(tx, ids)
    if ids:
        await follow_mrr(tx, ids)
    return len(ids)
