"""What is looked at again as soon as it happens, in the transaction in which it happened."""

from uuid import UUID

from api.contacts.models import PrimaryContactChange
from api.contacts.primary import after_primary_change
from api.contracts.mrr import Cause
from api.contracts.service import after_settling
from api.kit.db import Tx
from api.signals.evaluation import evaluate_kinds

_OF_NOTICES = {Cause.notice, Cause.reinstated, Cause.renewal, Cause.terminated, Cause.correction}


@after_primary_change
async def follow_primary_contact(tx: Tx, change: PrimaryContactChange) -> None:
    """Notice that the person in charge changed, or that this was taken back."""
    await evaluate_kinds(tx, ["contact_changed"], [change.account_id])


@after_settling
async def follow_contract(tx: Tx, account_id: UUID, cause: Cause) -> None:
    """Notice a notice, and that a renewal is decided."""
    if cause in _OF_NOTICES:
        await evaluate_kinds(tx, ["notice_received", "overdue_renewal"], [account_id])
