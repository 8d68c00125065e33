"""The renewal board: what one can do with terms, and their totals by month."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from api.auth.permissions import Role
from api.auth.service import workspace_today
from api.contracts.models import ContractTerm
from api.contracts.renewal_schemas import RenewalMonth, RenewalTotals
from api.contracts.resource import TERMS
from api.contracts.settings import RenewalCloser, contract_settings
from api.contracts.terms import months_later
from api.kit import write
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.kit.schemas import Money

NOT_CLOSER: Final = problem_type(
    "renewal_closed_by_others",
    403,
    en=("Renewals are closed by others", "The workspace's `renewal_closer` is {closer}."),
    ja=("更新の確定権限がありません", "このワークスペースで更新を確定するのは {closer} です。"),
)
_MAY_CLOSE: Final = {RenewalCloser.csm: Role.csm, RenewalCloser.sales: Role.sales}

_TOTALS: Final = """
    SELECT date_trunc('month', t.ends_before)::date AS month, c.currency, count(*), coalesce(sum(due.mrr), 0)::bigint,
        coalesce(sum(due.mrr) FILTER (WHERE t.decision = 'pending'), 0)::bigint,
        coalesce(sum(due.mrr) FILTER (WHERE t.decision = 'pending' AND t.forecast = 'commit'), 0)::bigint,
        coalesce(sum(due.mrr) FILTER (WHERE t.decision = 'pending' AND t.forecast = 'likely'), 0)::bigint,
        coalesce(sum(due.mrr) FILTER (WHERE t.decision = 'pending' AND t.forecast = 'at_risk'), 0)::bigint,
        coalesce(sum(due.mrr) FILTER (WHERE t.decision = 'pending' AND t.forecast = 'lost'), 0)::bigint,
        coalesce(sum(due.mrr) FILTER (WHERE t.decision IN ('renewed', 'expanded', 'contracted')), 0)::bigint,
        coalesce(sum(due.mrr) FILTER (WHERE t.decision = 'churned'), 0)::bigint,
        coalesce(sum(due.mrr) FILTER (WHERE t.decision = 'pending' AND NOT c.auto_renew
            AND t.ends_before <= %(today)s), 0)::bigint
    FROM contract_terms t
    JOIN contracts c ON c.workspace_id = t.workspace_id AND c.id = t.contract_id
    JOIN accounts a ON a.workspace_id = t.workspace_id AND a.id = t.account_id
    CROSS JOIN LATERAL (
        SELECT perennial_minor(coalesce(sum(r.parts), 0)) AS mrr FROM contract_rates r
        WHERE r.workspace_id = t.workspace_id AND r.contract_id = t.contract_id AND r.starts_on < t.ends_before
        AND (r.ends_before IS NULL OR r.ends_before >= t.ends_before)
    ) AS due
    WHERE t.workspace_id = %(ws)s AND t.ends_before >= %(after)s AND t.ends_before < %(before)s
    AND c.archived_at IS NULL AND (%(owners)s::uuid[] IS NULL OR a.owner_id = ANY(%(owners)s::uuid[]))
    GROUP BY 1, 2 ORDER BY 1, 2
"""


async def update_renewal(tx: Tx, term_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Note what we expect of a term's end."""
    term = await write.lock(tx, TERMS, ContractTerm, term_id, version=version)
    await write.change(tx, TERMS, term, values, announce={"account_id": str(term.account_id)})


async def refuse_others(tx: Tx) -> None:
    """Raise ``renewal_closed_by_others`` when the workspace lets another role close renewals."""
    closer = (await contract_settings(tx)).renewal_closer
    others = {role.value for role in _MAY_CLOSE.values()} - {_MAY_CLOSE.get(closer, "")}
    if closer in _MAY_CLOSE and tx.actor.role in others:
        raise NOT_CLOSER(closer=closer.value)


async def renewal_totals(
    tx: Tx, *, after: dt.date | None, before: dt.date | None, owner_ids: Sequence[UUID] | None
) -> RenewalTotals:
    """The terms that end from ``after`` until before ``before``, summed by month and currency."""
    today = await workspace_today(tx)
    first = after or today.replace(day=1)
    rows = await tx.fetch(
        _TOTALS,
        {
            "ws": tx.workspace_id,
            "today": today,
            "after": first,
            "before": before or months_later(first, 12),
            "owners": None if owner_ids is None else list(owner_ids),
        },
    )
    names = ("due", "pending", "commit", "likely", "at_risk", "lost", "renewed", "churned", "overdue")
    return RenewalTotals(
        data=[
            RenewalMonth(
                month=month, currency=currency, terms=terms,
                **{n: Money(amount=amount, currency=currency) for n, amount in zip(names, amounts, strict=True)},
            )
            for month, currency, terms, *amounts in rows
        ]
    )  # fmt: skip
