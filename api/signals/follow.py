"""What is looked at again as soon as it happens, in the transaction in which it happened."""

from collections.abc import Sequence
from uuid import UUID

from api.contacts.models import PrimaryContactChange
from api.contacts.primary import after_primary_change
from api.contracts.mrr import Cause
from api.contracts.service import after_settling
from api.kit.db import Tx
from api.product_gaps.service import after_change
from api.signals.evaluation import evaluate_kinds

_OF_RENEWALS = {Cause.notice, Cause.reinstated, Cause.renewal, Cause.terminated, Cause.correction}


@after_primary_change
async def follow_primary_contact(tx: Tx, change: PrimaryContactChange) -> None:
    """Notice that the person in charge changed, or that this was taken back."""
    await evaluate_kinds(tx, ["contact_changed"], [change.account_id])


@after_settling
async def follow_contract(tx: Tx, account_id: UUID, cause: Cause) -> None:
    """Notice a notice, and that a renewal is decided."""
    if cause in _OF_RENEWALS:
        await evaluate_kinds(tx, ["notice_received", "overdue_renewal", "gap_blocking_renewal"], [account_id])


@after_change
async def follow_gaps(tx: Tx, account_ids: Sequence[UUID]) -> None:
    """Notice that a gap blocks the renewal of these accounts, or that it does no more."""
    await evaluate_kinds(tx, ["gap_blocking_renewal"], account_ids)
