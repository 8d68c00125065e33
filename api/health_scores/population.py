"""Which accounts a model is for.

An account that still is a customer belongs to the active model with the lowest priority that is for its phase and
its segment. Segments are taken as they are today, also for the past.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from api.accounts.resource import ACCOUNTS
from api.accounts.schemas import AccountFilter
from api.accounts.segments import segment_filter
from api.health_scores.models import HealthModel, ModelState
from api.kit.db import Tx
from api.kit.problems import FieldError, Problem, invalid
from api.kit.read import filters_of, ids_matching
from api.kit.statements import Statement

Parameters = dict[str, Any]

LIVE: Final = """
SELECT a.id AS account_id, a.phase, coalesce(m.level, 1) AS level, m.evidence_from, coalesce(m.unconfirmed, false) AS unconfirmed
FROM accounts a LEFT JOIN account_maturity m ON m.workspace_id = a.workspace_id AND m.account_id = a.id
WHERE a.workspace_id = %(ws)s AND a.archived_at IS NULL AND {these}
"""

AS_WAS: Final = """
SELECT a.id AS account_id, a.phase, coalesce(m.level, 1) AS level, m.evidence_from, coalesce(m.unconfirmed, false) AS unconfirmed
FROM (
    SELECT DISTINCT ON (c.id) c.workspace_id, c.id, p.phase
    FROM accounts c JOIN account_phases p ON p.workspace_id = c.workspace_id AND p.account_id = c.id
    WHERE c.workspace_id = %(ws)s AND c.merged_into_id IS NULL AND (c.archived_at IS NULL OR c.archived_at >= %(until)s)
        AND p.starts_on <= %(as_of)s AND (p.ends_before IS NULL OR p.ends_before > %(as_of)s)
    ORDER BY c.id, p.starts_on DESC, p.id DESC
) AS a LEFT JOIN account_maturity m ON m.workspace_id = a.workspace_id AND m.account_id = a.id
WHERE {these}
"""
"""The accounts that were there on the day, in the phase of that day: for weeks that nobody scored when they ended."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition on ``accounts a`` and its parameters."""

    sql: str
    parameters: Parameters


async def refuse_unknown(tx: Tx, account_id: UUID) -> None:
    """Refuse a body that names an account which the caller cannot see."""
    if not await tx.fetch(
        "SELECT 1 FROM accounts WHERE workspace_id = %s AND id = %s AND merged_into_id IS NULL",
        [tx.workspace_id, account_id],
    ):
        text = ("There is no such record", "該当するデータがありません")
        raise invalid(FieldError("/account_id", "reference_not_found", *text))


async def active_models(tx: Tx) -> Sequence[HealthModel]:
    """The active models, those that win first."""
    return await _models(tx, ModelState.active)


async def shadow_models(tx: Tx) -> Sequence[HealthModel]:
    """The models that are tried beside the active ones."""
    return await _models(tx, ModelState.shadow)


async def _models(tx: Tx, state: ModelState) -> Sequence[HealthModel]:
    found = await tx.session.scalars(
        select(HealthModel)
        .where(
            col(HealthModel.workspace_id) == tx.workspace_id,
            col(HealthModel.state) == state.value,
            col(HealthModel.archived_at).is_(None),
        )
        .order_by(col(HealthModel.priority), col(HealthModel.activated_at), col(HealthModel.id))
    )
    return found.all()


async def meant_for(tx: Tx, model: HealthModel, mark: str) -> Clause:
    """That an account is of the model's phases and segment; parameters begin with ``mark``."""
    phases = Clause(f"a.phase = ANY(%({mark}phases)s)", {f"{mark}phases": list(model.phases)})
    if model.segment_id is None:
        return phases
    among = await members(tx, model.segment_id, mark)
    return Clause(f"{phases.sql} AND a.id IN ({among.sql})", phases.parameters | dict(among.constants))


async def members(tx: Tx, segment_id: UUID, mark: str) -> Statement:
    """The select of the ids of a segment's accounts; an archived one has none, so that other models go on."""
    try:
        stored = await segment_filter(tx, segment_id)
    except Problem:
        return Statement("SELECT NULL::uuid AS id WHERE false", {})
    return await ids_matching(tx, ACCOUNTS, filters_of(AccountFilter.model_validate(stored)), mark)


async def applying(tx: Tx, models: Sequence[HealthModel]) -> list[tuple[HealthModel, Clause]]:
    """Each active model with the accounts that it, and none before it, is for."""
    taken: list[Clause] = []
    result = []
    for place, model in enumerate(models):
        own = await meant_for(tx, model, f"m{place}_")
        parameters = own.parameters
        for earlier in taken:
            parameters = parameters | earlier.parameters
        others = "".join(f" AND NOT ({earlier.sql})" for earlier in taken)
        result.append((model, Clause(f"{own.sql}{others}", parameters)))
        taken.append(own)
    return result
