"""The maturity of accounts: what makes it fall, and how it is told.

It climbs with the weekly snapshots (:mod:`api.health_scores.snapshots`). When the person in charge changes it falls to
level 2, at once and in the same transaction; only newer evidence counts from then on, and it stays at 2 until the new
person has confirmed the goals. Taking the change back gives the old level back.
"""

import datetime as dt
from uuid import UUID

from api.auth.service import workspace_today
from api.contacts.models import PrimaryContactChange
from api.contacts.primary import after_primary_change, see_account
from api.health_scores.models import MaturityCause, MaturityChange
from api.health_scores.scoring import RESET_LEVEL
from api.kit import audit, outbox
from api.kit.db import Tx
from api.success_roadmaps.confirming import after_goals_confirmed, reach_confirmations


@after_primary_change
async def follow_primary_contact(tx: Tx, change: PrimaryContactChange) -> None:
    """Reset the maturity of an account whose primary contact changed, or undo that."""
    if change.reverted_at is not None:
        await _undo(tx, change)
    elif change.from_contact_id is not None:
        await _reset(tx, change.account_id, change.changed_on, MaturityCause.contact_changed, change.id)


async def _reset(tx: Tx, account_id: UUID, on: dt.date, cause: MaturityCause, change_id: UUID) -> None:
    # An account that stands on level 1 still has no row, but what it showed the old contact must not count either.
    [(level, known)] = await tx.fetch(
        "INSERT INTO account_maturity AS m (workspace_id, account_id, level, since, unconfirmed) "
        "VALUES (%(ws)s, %(account)s, 1, %(on)s, true) "
        "ON CONFLICT (workspace_id, account_id) DO UPDATE SET level = m.level RETURNING level, old.level IS NOT NULL",
        {"ws": tx.workspace_id, "account": account_id, "on": on},
    )
    await tx.execute(
        """
        UPDATE account_maturity SET level = least(level, %(reset)s), evidence_from = %(on)s, unconfirmed = true,
            since = CASE WHEN level > %(reset)s THEN %(on)s ELSE since END
        WHERE workspace_id = %(ws)s AND account_id = %(account)s
        """,
        {"ws": tx.workspace_id, "account": account_id, "on": on, "reset": RESET_LEVEL},
    )
    if known:
        await _tell(tx, account_id, (level, min(level, RESET_LEVEL)), cause, change_id)


async def _undo(tx: Tx, change: PrimaryContactChange) -> None:
    """Back to the level before, unless the account has climbed beyond it since."""
    rows = await tx.fetch(
        """
        SELECT coalesce(c.from_level, 1), m.level, earlier.reset_on, coalesce(earlier.reset_at > (
            SELECT coalesce(max(g.recorded_at), '-infinity') FROM maturity_changes g WHERE g.workspace_id = %(ws)s
            AND g.account_id = m.account_id AND g.cause = 'goals_confirmed'
        ), false), c.id IS NOT NULL
        FROM account_maturity m
        LEFT JOIN maturity_changes c ON c.workspace_id = m.workspace_id AND c.account_id = m.account_id
            AND c.change_id = %(change)s AND c.cause = 'contact_changed'
        CROSS JOIN (
            SELECT max(p.changed_on) AS reset_on, max(p.changed_at) AS reset_at FROM primary_contact_changes p
            WHERE p.workspace_id = %(ws)s AND p.account_id = %(account)s AND p.reverted_at IS NULL
            AND p.from_contact_id IS NOT NULL AND p.id <> %(change)s
        ) AS earlier
        WHERE m.workspace_id = %(ws)s AND m.account_id = %(account)s
        """,
        {"ws": tx.workspace_id, "change": change.id, "account": change.account_id},
    )
    if not rows or change.from_contact_id is None:
        return
    before, now, earlier_reset, unconfirmed, told = rows[0]
    level, today = max(before, now), await workspace_today(tx)
    await tx.execute(
        """
        UPDATE account_maturity SET level = %(level)s, since = CASE WHEN level < %(level)s THEN %(on)s ELSE since END,
            evidence_from = %(earlier)s, unconfirmed = %(unconfirmed)s
        WHERE workspace_id = %(ws)s AND account_id = %(account)s
        """,
        {
            "ws": tx.workspace_id, "account": change.account_id, "level": level, "on": today, "earlier": earlier_reset,
            "unconfirmed": unconfirmed,
        },
    )  # fmt: skip
    if told:
        await _tell(tx, change.account_id, (now, level), MaturityCause.contact_change_reverted, change.id)


async def confirm_goals(tx: Tx, account_id: UUID) -> None:
    """Note that the person in charge has confirmed the goals, so that maturity may pass level 2 again."""
    await see_account(tx, account_id)
    await reach_confirmations(tx, account_id)
    await _note_confirmed(tx, account_id)


@after_goals_confirmed
async def follow_roadmaps(tx: Tx, account_id: UUID) -> None:
    """Note the same once no open roadmap waits for it any more."""
    await _note_confirmed(tx, account_id)


async def _note_confirmed(tx: Tx, account_id: UUID) -> None:
    confirmed = await tx.fetch(
        "UPDATE account_maturity SET unconfirmed = false WHERE workspace_id = %(ws)s AND account_id = %(account)s "
        "AND unconfirmed RETURNING level",
        {"ws": tx.workspace_id, "account": account_id},
    )
    for (level,) in confirmed:
        await _tell(tx, account_id, (level, level), MaturityCause.goals_confirmed)


async def _tell(
    tx: Tx, account_id: UUID, step: tuple[int, int], cause: MaturityCause, change_id: UUID | None = None
) -> None:
    assert tx.workspace_id is not None
    (before, after), on = step, await workspace_today(tx)
    tx.session.add(
        MaturityChange(
            workspace_id=tx.workspace_id,
            account_id=account_id,
            from_level=before,
            to_level=after,
            day=on,
            cause=cause.value,
            change_id=change_id,
        )
    )
    data = {"from": before, "to": after, "cause": cause.value, "on": on.isoformat()}
    audit.record(tx, "maturity_changed", "account", account_id, data)
    outbox.record(tx, "account.maturity_changed", "account", account_id, data)
    await tx.flush()
