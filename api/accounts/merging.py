"""Merging two accounts that are the same customer.

Everything that points at the loser points at the winner afterwards: every declared foreign key to ``accounts`` is
repointed, found from the tables themselves, so that a package added later takes part by declaring its key. Where
both have a row that may exist once (the same person in the same role, say), the winner's stays. The loser is
kept, archived, and its ids lead to the winner.
"""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from api.accounts.models import Account, AccountRef
from api.accounts.resource import ACCOUNTS
from api.accounts.standing import refresh_standing
from api.auth.service import workspace_today
from api.kit import clock, write
from api.kit.custom_fields import index_values
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.kit.repoint import repoint

NOT_WITH_ITSELF = problem_type(
    "merge_with_itself",
    409,
    en=("Same account", "An account cannot be merged with itself."),
    ja=("同じアカウントです", "アカウントを自分自身と統合することはできません。"),
)

FORMER_ID = "merged"
"""The source under which a merged account's own external id leads to the winner."""

AfterMerge = Callable[[Tx, UUID, UUID], Awaitable[None]]
AFTER_MERGE: Final[list[AfterMerge]] = []
"""What upper packages do in the merger's own transaction, with the winner and the loser."""


def after_merge(follow: AfterMerge) -> AfterMerge:
    """Declare a function that runs once everything points at the winner."""
    AFTER_MERGE.append(follow)
    return follow


async def merge_accounts(tx: Tx, winner_id: UUID, loser_id: UUID, version: int) -> None:
    """Fold the loser into the winner; ``version`` is the winner's. Both stay locked until the end."""
    if winner_id == loser_id:
        raise NOT_WITH_ITSELF()
    locked = {}
    for account_id in sorted((winner_id, loser_id)):
        expected = version if account_id == winner_id else None
        locked[account_id] = await write.lock(tx, ACCOUNTS, Account, account_id, version=expected)
    winner, loser = locked[winner_id], locked[loser_id]
    former = loser.external_id
    if winner.parent_id == loser_id:
        await write.change(tx, ACCOUNTS, winner, {"parent_id": loser.parent_id})
    await _close_history(tx, winner_id, loser_id)
    moved = await repoint(tx, Account, loser_id, winner_id)
    await write.change(
        tx, ACCOUNTS, loser,
        {"merged_into_id": winner_id, "archived_at": clock.now(), "external_id": None, "parent_id": None},
        action="merged", announce={"into": str(winner_id)},
    )  # fmt: skip
    fill = {
        name: getattr(loser, name)
        for name in (
            "legal_name",
            "kana",
            "corporate_number",
            "domain",
            "industry",
            "employee_count",
            "country",
            "language",
        )
        if getattr(winner, name) is None
    }
    if winner.external_id is None:
        fill["external_id"] = former
    elif former is not None:
        tx.session.add(AccountRef(workspace_id=winner.workspace_id, account_id=winner_id, source=FORMER_ID, ref=former))
    if winner.owner_id is None:  # then the loser's CSM has just become the winner's
        fill["owner_id"] = loser.owner_id
    fill["tags"] = list(dict.fromkeys([*winner.tags, *loser.tags]))
    fill["custom"] = {**loser.custom, **winner.custom}
    await write.change(tx, ACCOUNTS, winner, fill, action="absorbed", announce={"from": str(loser_id), "moved": moved})
    await index_values(tx, ACCOUNTS, [winner_id])
    await refresh_standing(tx, [winner_id])
    for follow in AFTER_MERGE:
        await follow(tx, winner_id, loser_id)


async def _close_history(tx: Tx, winner_id: UUID, loser_id: UUID) -> None:
    """End the loser's stay in its phase, and its CSM's time where the winner has one."""
    parameters = {"ws": tx.workspace_id, "loser": loser_id, "winner": winner_id, "today": await workspace_today(tx)}
    await tx.execute(
        "UPDATE account_phases SET ends_before = %(today)s "
        "WHERE workspace_id = %(ws)s AND account_id = %(loser)s AND ends_before IS NULL",
        parameters,
    )
    await tx.execute(
        """
        UPDATE account_team SET ends_before = greatest(%(today)s, starts_on)
        WHERE workspace_id = %(ws)s AND account_id = %(loser)s AND role = 'csm' AND ends_before IS NULL AND EXISTS (
            SELECT FROM account_team kept WHERE kept.workspace_id = %(ws)s AND kept.account_id = %(winner)s
            AND kept.role = 'csm' AND kept.ends_before IS NULL AND kept.archived_at IS NULL
        )
        """,
        parameters,
    )
