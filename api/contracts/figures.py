"""An account's recurring revenue as of a day and as known at a moment, and what it could still buy."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from api.accounts.service import require_account
from api.auth.service import workspace_today
from api.contracts.ledger_schemas import (
    DEFINITION_VERSION,
    CurrencyMrr,
    MrrRead,
    ProductMrr,
    ProductSummary,
    WhitespaceRead,
)
from api.kit import clock
from api.kit.db import Tx
from api.kit.schemas import Money

_LEDGER: Final = """
    SELECT currency, product_id, sum(amount_minor)::bigint FROM mrr_movements
    WHERE workspace_id = %(ws)s AND account_id = %(id)s AND effective_on <= %(day)s AND recorded_at <= %(known)s
    GROUP BY currency, product_id HAVING sum(amount_minor) <> 0 ORDER BY currency, product_id
"""
_PARTS: Final = """
    SELECT r.currency,
        perennial_minor(coalesce(sum(r.parts) FILTER (WHERE runs), 0)),
        perennial_minor(coalesce(sum(r.parts) FILTER (WHERE runs), 0) * 12),
        perennial_minor(coalesce(sum(r.parts) FILTER (WHERE runs AND overdue.yes), 0)),
        perennial_minor(coalesce(sum(r.parts) FILTER (WHERE runs AND c.notice_received_on <= %(day)s
            AND c.stops_before > %(day)s), 0)),
        perennial_minor(coalesce(sum(r.parts) FILTER (WHERE r.starts_on = c.starts_on AND c.starts_on > %(day)s
            AND coalesce(c.signed_on, c.created_at::date) <= %(day)s), 0))
    FROM contract_rates r
    JOIN contracts c ON c.workspace_id = r.workspace_id AND c.id = r.contract_id
    CROSS JOIN LATERAL (SELECT r.starts_on <= %(day)s AND (r.ends_before IS NULL OR r.ends_before > %(day)s) AS runs) AS at
    CROSS JOIN LATERAL (
        -- Over, and undecided as of the day; a later decision was not known then.
        SELECT NOT c.auto_renew AND EXISTS (
            SELECT FROM contract_terms t WHERE t.workspace_id = c.workspace_id AND t.contract_id = c.id
            AND t.ends_before <= %(day)s AND NOT EXISTS (
                SELECT FROM renewal_decisions d WHERE d.workspace_id = t.workspace_id AND d.term_id = t.id
                AND d.decision <> 'pending' AND d.recorded_at <= %(known)s
            ) AND NOT EXISTS (
                SELECT FROM contract_terms later WHERE later.workspace_id = t.workspace_id
                AND later.contract_id = t.contract_id AND later.starts_on >= t.ends_before
                AND later.created_at <= %(known)s
            )
        ) AS yes
    ) AS overdue
    WHERE r.workspace_id = %(ws)s AND r.account_id = %(id)s
    GROUP BY r.currency
"""


async def account_mrr(tx: Tx, account_id: UUID, as_of: dt.date | None, known_at: dt.datetime | None) -> MrrRead:
    """What an account was worth on a day, by what had been recorded at a moment.

    MRR comes from the ledger; its overdue, notified and contracted parts, and ARR, from the contracts as they are
    known today.
    """
    await require_account(tx, account_id)
    day = as_of or await workspace_today(tx)
    parameters: Mapping[str, Any] = {
        "ws": tx.workspace_id,
        "id": account_id,
        "day": day,
        "known": known_at or clock.now(),
    }
    by_currency: dict[str, dict[UUID, int]] = {}
    for currency, product_id, amount in await tx.fetch(_LEDGER, parameters):
        by_currency.setdefault(currency, {})[product_id] = amount
    figures = {row[0]: row[1:] for row in await tx.fetch(_PARTS, parameters)}
    shown = []
    for currency in sorted(by_currency.keys() | figures.keys()):
        _, arr, overdue, notified, contracted = figures.get(currency, (0, 0, 0, 0, 0))
        products = by_currency.get(currency, {})
        mrr = sum(products.values())

        def money(amount: int, currency: str = currency) -> Money:
            return Money(amount=amount, currency=currency)

        shown.append(
            CurrencyMrr(
                mrr=money(mrr),
                arr=money(arr),
                overdue_mrr=money(min(overdue, mrr)),
                notified_churn_mrr=money(min(notified, mrr)),
                contracted_mrr=money(contracted),
                products=[ProductMrr(product_id=each, mrr=money(amount)) for each, amount in products.items()],
            )
        )
    return MrrRead(
        account_id=account_id, as_of=day, known_at=known_at, definition_version=DEFINITION_VERSION, currencies=shown
    )


async def whitespace(tx: Tx, account_id: UUID) -> WhitespaceRead:
    """What an account has today, and which products on sale it has not."""
    await require_account(tx, account_id)
    today = await workspace_today(tx)
    rows = await tx.fetch(
        """
        SELECT p.id, p.name, p.family, EXISTS (
            SELECT FROM contract_rates r WHERE r.workspace_id = p.workspace_id AND r.account_id = %(id)s
            AND r.product_id = p.id AND r.starts_on <= %(today)s AND (r.ends_before IS NULL OR r.ends_before > %(today)s)
        ), p.sellable AND p.archived_at IS NULL
        FROM products p WHERE p.workspace_id = %(ws)s ORDER BY p.name, p.id
        """,
        {"ws": tx.workspace_id, "id": account_id, "today": today},
    )
    owned: list[ProductSummary] = []
    still: list[ProductSummary] = []
    for product_id, name, family, owns, sold in rows:
        if owns or sold:
            (owned if owns else still).append(ProductSummary(product_id=product_id, name=name, family=family))
    return WhitespaceRead(account_id=account_id, as_of=today, owned=owned, open=still)
