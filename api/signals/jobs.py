"""What signals do in the worker."""

from uuid import UUID

from api.kit import jobs
from api.kit.db import Database, Tx
from api.signals import evaluation, follow

__all__ = ["follow"]


@jobs.housekeeping
async def look_around(tx: Tx) -> int:
    """Evaluate all rules of the workspace."""
    return await evaluation.evaluate_all(tx)


@jobs.job("signals.evaluate")
async def evaluate_kind(database: Database, workspace_id: str, kind: str) -> None:
    """Evaluate one kind over all accounts."""
    async with database.write(UUID(workspace_id)) as tx:
        await evaluation.evaluate_kinds(tx, [kind])


async def defer_evaluation(tx: Tx, kind: str) -> None:
    """Let the worker evaluate a kind once the transaction has committed."""
    once = f"signals.evaluate {tx.workspace_id} {kind}"
    await jobs.defer(tx, evaluate_kind, once=once, workspace_id=str(tx.workspace_id), kind=kind)
