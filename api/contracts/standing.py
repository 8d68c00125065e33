"""What the lists of accounts show of contracts: MRR, ARR, ACV, seats, first paid day, renewal date, notice deadline."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from api.accounts.standing import refresh_standing
from api.auth.service import workspace_today
from api.kit.db import Tx

# Correlated per account, as in accounts.standing. MRR is the ledger's, so that both always agree; ARR is exact from
# the rates and rounded once. ACV is what the current contract years are worth: twelve months from each one's start.
_REFRESH: Final = """
UPDATE account_standing s SET
    (currency, mrr_minor, arr_minor, acv_minor, seats, contract_months, first_paid_on, renewal_on, notice_deadline) = (
    SELECT coalesce(running.currency, ledger.currency, any_contract.currency),
        CASE WHEN any_contract.currency IS NULL THEN NULL ELSE coalesce(ledger.mrr, 0) END,
        CASE WHEN any_contract.currency IS NULL THEN NULL ELSE coalesce(running.arr, 0) END,
        CASE WHEN any_contract.currency IS NULL THEN NULL ELSE coalesce(years.acv, 0) END,
        running.seats, term.months, paid.first_on, term.ends_before, term.notice_deadline
    FROM (SELECT min(c.currency) AS currency FROM contracts c
        WHERE c.workspace_id = s.workspace_id AND c.account_id = s.account_id AND c.archived_at IS NULL) AS any_contract
    CROSS JOIN LATERAL (
        SELECT min(r.currency) AS currency,
            CASE WHEN sum(r.seats) > 2147483647 THEN 2147483647 ELSE sum(r.seats) END::integer AS seats,
            perennial_minor(sum(r.parts) * 12) AS arr
        FROM contract_rates r WHERE r.workspace_id = s.workspace_id AND r.account_id = s.account_id
        AND r.starts_on <= %(today)s AND (r.ends_before IS NULL OR r.ends_before > %(today)s)
    ) AS running
    CROSS JOIN LATERAL (
        SELECT max(m.currency) AS currency, sum(m.amount_minor)::bigint AS mrr FROM mrr_movements m
        WHERE m.workspace_id = s.workspace_id AND m.account_id = s.account_id AND m.effective_on <= %(today)s
        AND (running.currency IS NULL OR m.currency = running.currency)
    ) AS ledger
    CROSS JOIN LATERAL (
        SELECT min(r.starts_on) AS first_on FROM contract_rates r
        WHERE r.workspace_id = s.workspace_id AND r.account_id = s.account_id AND r.parts > 0
    ) AS paid
    CROSS JOIN LATERAL (
        SELECT perennial_minor(sum(r.parts)) AS acv
        FROM contracts c
        CROSS JOIN generate_series(0, 11) AS month
        JOIN contract_rates r ON r.workspace_id = c.workspace_id AND r.account_id = c.account_id
            AND r.contract_id = c.id
        CROSS JOIN LATERAL (SELECT (c.starts_on
            + make_interval(years => extract(year FROM age(%(today)s, c.starts_on))::integer, months => month))::date AS day) AS at
        WHERE c.workspace_id = s.workspace_id AND c.account_id = s.account_id AND c.starts_on <= %(today)s
        AND (c.stops_before IS NULL OR c.stops_before > %(today)s)
        AND r.starts_on <= at.day AND (r.ends_before IS NULL OR r.ends_before > at.day)
    ) AS years
    LEFT JOIN LATERAL (
        SELECT t.ends_before, t.notice_deadline, greatest(1, (extract(year FROM age(t.ends_before, t.starts_on)) * 12
            + extract(month FROM age(t.ends_before, t.starts_on))))::integer AS months
        FROM contract_terms t JOIN contracts c ON c.workspace_id = t.workspace_id AND c.id = t.contract_id
        WHERE t.workspace_id = s.workspace_id AND t.account_id = s.account_id AND t.decision = 'pending'
        AND c.archived_at IS NULL AND c.stops_before IS NULL
        ORDER BY t.ends_before, t.id LIMIT 1
    ) AS term ON true
)
WHERE s.workspace_id = %(ws)s AND s.account_id = ANY(%(ids)s)
"""


async def refresh_commercial_standing(tx: Tx, account_ids: Sequence[UUID]) -> None:
    """Bring the commercial figures of these accounts to what contracts and ledger say today."""
    if not account_ids:
        return
    ids = list(account_ids)
    await tx.execute(_REFRESH, {"ws": tx.workspace_id, "ids": ids, "today": await workspace_today(tx)})
    await refresh_standing(tx, ids)
