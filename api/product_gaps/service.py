"""What one can do with gaps. Every change is announced with all that a message about it needs."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from api.accounts.merging import after_merge
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import NOT_FOUND, FieldError, invalid, problem_type
from api.kit.settings import settings
from api.kit.tables import new_id
from api.product_gaps.models import NOT_OVER, GapStatus, GapStatusChange, ProductGap
from api.product_gaps.resource import PRODUCT_GAPS
from api.product_gaps.shipping import tell_reporters

TRANSITION_REFUSED: Final = problem_type(
    "gap_transition_refused", 409,
    en=("Not from this status", "A gap that is `{current}` can become: {allowed}."),
    ja=("この状態からは変更できません", "`{current}` のギャップから変更できる状態は {allowed} です。"),
)  # fmt: skip

_S = GapStatus
_NEXT: Final[Mapping[GapStatus, Sequence[GapStatus]]] = {
    _S.open: (_S.planned, _S.in_progress, _S.declined),
    _S.planned: (_S.open, _S.in_progress, _S.declined),
    _S.in_progress: (_S.planned, _S.shipped, _S.declined),
    _S.shipped: (_S.open,),
    _S.declined: (_S.open,),
}

AfterChange = Callable[[Tx, Sequence[UUID]], Awaitable[None]]
AFTER_CHANGE: Final[list[AfterChange]] = []
"""What upper packages do in the transaction in which it changed what these accounts go without."""


def after_change(follow: AfterChange) -> AfterChange:
    """Declare a function that runs once reports, or the status of a gap, changed for some accounts."""
    AFTER_CHANGE.append(follow)
    return follow


async def follow_accounts(tx: Tx, account_ids: Sequence[UUID]) -> None:
    """Let upper packages follow what these accounts go without."""
    if account_ids:
        await tx.flush()
        for follow in AFTER_CHANGE:
            await follow(tx, account_ids)


async def follow_gap(tx: Tx, gap_id: UUID) -> None:
    """Let upper packages follow the accounts that report a gap as blocking."""
    await tx.flush()
    rows = await tx.fetch(
        "SELECT DISTINCT account_id FROM product_gap_reports WHERE workspace_id = %s AND gap_id = %s "
        "AND blocks_renewal AND archived_at IS NULL",
        [tx.workspace_id, gap_id],
    )
    await follow_accounts(tx, [row[0] for row in rows])


@after_merge
async def follow_merger(tx: Tx, winner_id: UUID, loser_id: UUID) -> None:
    """Let what blocked the loser's renewal block the winner's."""
    await follow_accounts(tx, [winner_id, loser_id])


def told_of(gap: ProductGap, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What an event says of a gap, as it is once these values are set: enough for a message without a look-up."""
    after = {name: getattr(gap, name) for name in ("title", "area", "severity", "status", "issue_url")} | {
        name: value for name, value in (values or {}).items() if name in _TOLD
    }
    return {
        "gap_id": str(gap.id),
        "url": f"{settings().public_url}/v1/product-gaps/{gap.id}",
        **{name: str(value) if value is not None else None for name, value in after.items()},
    }


_TOLD: Final = frozenset({"title", "area", "severity", "status", "issue_url"})


async def create_gap(tx: Tx, values: Mapping[str, Any]) -> ProductGap:
    """Add a gap; it starts open."""
    given = {"reported_by_id": tx.actor.user_id, **values}
    gap = ProductGap.model_validate({**given, "workspace_id": tx.workspace_id, "id": new_id()})
    told = {**told_of(gap), "fields": sorted(given)}
    gap = await write.create(tx, PRODUCT_GAPS, ProductGap, {**given, "id": gap.id}, announce=told)
    _note_step(tx, gap, None, None)
    await tx.flush()
    return gap


async def update_gap(tx: Tx, gap_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a gap; a step of its status enters its history, and shipping opens the tasks to tell who reported."""
    gap = await write.lock(tx, PRODUCT_GAPS, ProductGap, gap_id, version=version)
    values = dict(values)
    before, after = GapStatus(gap.status), GapStatus(values.get("status", gap.status))
    if before is after:
        values.pop("status_reason", None)
        await write.change(tx, PRODUCT_GAPS, gap, values, announce=told_of(gap, values))
        return
    reason = _refuse_wrong_step(before, after, values)
    values |= {"status": after.value, "status_reason": reason, "status_changed_at": clock.now()}
    told = {**told_of(gap, values), "from_status": before.value, "reason": reason}
    await write.change(tx, PRODUCT_GAPS, gap, values, action="status_changed", announce=told)
    _note_step(tx, gap, before, reason)
    if after is GapStatus.shipped:
        await tell_reporters(tx, gap)
    await follow_gap(tx, gap_id)


def _refuse_wrong_step(before: GapStatus, after: GapStatus, values: Mapping[str, Any]) -> str | None:
    if after not in _NEXT[before]:
        raise TRANSITION_REFUSED(current=before.value, allowed=", ".join(_NEXT[before]))
    reason: str | None = values.get("status_reason") or None
    if reason is None and (after is GapStatus.declined or before not in NOT_OVER):
        told = ("Say why a gap is declined, or opened again", "却下または再開の理由を入力してください")
        raise invalid(FieldError("/status_reason", "missing", *told))
    return reason


def _note_step(tx: Tx, gap: ProductGap, before: GapStatus | None, reason: str | None) -> None:
    tx.session.add(
        GapStatusChange(
            workspace_id=gap.workspace_id, gap_id=gap.id, from_status=before and before.value, to_status=gap.status,
            reason=reason, changed_at=gap.status_changed_at, changed_by_id=tx.actor.user_id,
        )
    )  # fmt: skip


async def archive_gap(tx: Tx, gap_id: UUID, version: int) -> None:
    """Take a gap out of lists; it blocks nothing any more."""
    await write.archive(tx, PRODUCT_GAPS, ProductGap, gap_id, version)
    await follow_gap(tx, gap_id)


async def restore_gap(tx: Tx, gap_id: UUID) -> None:
    """Bring an archived gap back."""
    await write.restore(tx, PRODUCT_GAPS, ProductGap, gap_id)
    await follow_gap(tx, gap_id)


async def merged_into(tx: Tx, gap_id: UUID) -> UUID:
    """The gap that now stands for one that was merged away; ``not_found`` when it was not."""
    rows = await tx.fetch(
        "SELECT merged_into_id FROM product_gaps WHERE workspace_id = %s AND id = %s AND merged_into_id IS NOT NULL",
        [tx.workspace_id, gap_id],
    )
    if not rows:
        raise NOT_FOUND(what=PRODUCT_GAPS.name)
    found: UUID = rows[0][0]
    return found
