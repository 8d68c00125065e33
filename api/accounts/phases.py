"""The phases of an account's life and their history."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel import col

from api.accounts.models import Account, AccountPhase, Phase
from api.accounts.resource import ACCOUNTS
from api.accounts.settings import account_settings
from api.auth.service import workspace_today
from api.kit import audit, clock, outbox, write
from api.kit.db import Tx
from api.kit.following import tell_followers
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.resources import Resource
from api.kit.tables import new_id

PHASES: Final = Resource(
    "account_phase", AccountPhase, sorts={"starts_on": col(AccountPhase.starts_on)}, default_sort="-starts_on"
)

NEXT: Final = {
    Phase.onboarding: {Phase.adoption, Phase.churned},
    Phase.adoption: {Phase.renewal, Phase.churned},
    Phase.renewal: {Phase.adoption, Phase.churned},
    Phase.churned: {Phase.onboarding},
}

PHASE_NOT_NEXT = problem_type(
    "phase_not_next",
    409,
    en=("Not the next phase", "From `{phase}` an account can go to: {allowed}."),
    ja=("次のフェーズではありません", "`{phase}` から移れるのは次のフェーズです: {allowed}。"),
)
NO_SUCH_CRITERION = problem_type(
    "no_such_criterion",
    404,
    en=("No such criterion", "The account settings name no onboarding criterion `{key}`."),
    ja=("条件がありません", "アカウント設定にオンボーディング条件 `{key}` はありません。"),
)


async def change_phase(
    tx: Tx, account_id: UUID, version: int | None, to: Phase, *, on: dt.date | None = None, reason: str | None = None
) -> None:
    """Move an account to another phase as of a day (default today), and keep the history."""
    account = await write.lock(tx, ACCOUNTS, Account, account_id, version=version)
    await _move(tx, account, to, on, reason)


async def note_criterion(tx: Tx, account_id: UUID, key: str, *, met: bool) -> None:
    """Note that an onboarding criterion is met, or is not. When all are, onboarding ends by itself."""
    criteria = [criterion.key for criterion in (await account_settings(tx)).onboarding_criteria]
    if key not in criteria:
        raise NO_SUCH_CRITERION(key=key)
    account = await write.lock(tx, ACCOUNTS, Account, account_id)
    noted = {name: day for name, day in account.onboarding_criteria_met.items() if name != key}
    if met:
        noted[key] = account.onboarding_criteria_met.get(key) or clock.now().isoformat()
    await write.change(tx, ACCOUNTS, account, {"onboarding_criteria_met": noted})
    if account.phase == Phase.onboarding and set(criteria) <= noted.keys():
        await _move(tx, account, Phase.adoption, None, "onboarding criteria met")


async def _move(tx: Tx, account: Account, to: Phase, on: dt.date | None, reason: str | None) -> None:
    today = await workspace_today(tx)
    now, on = Phase(account.phase), on or today
    if to not in NEXT[now]:
        raise PHASE_NOT_NEXT(phase=now.value, allowed=", ".join(sorted(NEXT[now])))
    if not account.phase_since <= on <= today:
        raise invalid(
            FieldError(
                "/on", "out_of_range",
                f"Between {account.phase_since} (the current phase's start) and today",
                f"{account.phase_since}（現在のフェーズの開始日）から本日までの日付にしてください",
            )
        )  # fmt: skip
    values: dict[str, Any] = {"phase": to.value, "phase_since": on}
    if now is Phase.onboarding and to is Phase.adoption:
        values["onboarding_completed_at"] = clock.now()
    if now is Phase.churned:
        values |= {"onboarding_completed_at": None, "onboarding_criteria_met": {}, "is_first_renewal": True}
    if now is Phase.renewal and to is Phase.adoption:
        values["is_first_renewal"] = False
    moved = {"from": now.value, "to": to.value, "on": on.isoformat()}
    await write.change(tx, ACCOUNTS, account, values, action="phase_changed", announce=moved)
    await _enter(tx, {account.id: to.value}, on, reason)


async def _enter(tx: Tx, phases: Mapping[UUID, str], on: dt.date, reason: str | None) -> None:
    """Keep in the history that these accounts leave their phase for another as of a day."""
    parameters = {
        "ws": tx.workspace_id, "accounts": list(phases), "phases": list(phases.values()), "on": on, "reason": reason,
        "ids": [new_id() for _ in phases], "now": clock.now(),
    }  # fmt: skip
    await tx.execute(
        "UPDATE account_phases SET ends_before = %(on)s "
        "WHERE workspace_id = %(ws)s AND account_id = ANY(%(accounts)s) AND ends_before IS NULL",
        parameters,
    )
    await tx.execute(
        "INSERT INTO account_phases (workspace_id, id, account_id, phase, starts_on, reason, recorded_at) "
        "SELECT %(ws)s, id, account_id, phase, %(on)s, %(reason)s, %(now)s "
        "FROM unnest(%(ids)s::uuid[], %(accounts)s::uuid[], %(phases)s::text[]) AS new (id, account_id, phase)",
        parameters,
    )


async def follow_renewals(tx: Tx) -> int:
    """Begin the renewal phase where the notice deadline is near, and end it where the deadline moved on.

    Set-based over the workspace; how many accounts moved.
    """
    today = await workspace_today(tx)
    lead = dt.timedelta(days=(await account_settings(tx)).renewal_lead_days)
    due = """
        SELECT a.id, a.phase AS before, CASE WHEN a.phase = 'adoption' THEN 'renewal' ELSE 'adoption' END AS after,
            a.is_first_renewal AS first
        FROM accounts a JOIN account_standing s ON s.workspace_id = a.workspace_id AND s.account_id = a.id
        WHERE a.workspace_id = %(ws)s AND a.archived_at IS NULL AND (
            (a.phase = 'adoption' AND s.notice_deadline BETWEEN %(today)s AND %(near)s)
            OR (a.phase = 'renewal' AND s.notice_deadline > %(near)s)
        )
    """
    async with tx.joining_many():
        return await _follow(tx, due, {"today": today, "near": today + lead}, "notice deadline")


async def follow_mrr(tx: Tx, account_ids: Sequence[UUID]) -> int:
    """Let those of these accounts that pay nothing any more be ``churned``, and those that pay again start over."""
    due = """
        SELECT a.id, a.phase AS before, CASE WHEN a.phase = 'churned' THEN 'onboarding' ELSE 'churned' END AS after,
            a.is_first_renewal AS first
        FROM accounts a JOIN account_standing s ON s.workspace_id = a.workspace_id AND s.account_id = a.id
        WHERE a.workspace_id = %(ws)s AND a.id = ANY(%(accounts)s) AND a.merged_into_id IS NULL AND (
            (a.phase = 'churned' AND s.mrr_minor > 0)
            OR (a.phase <> 'churned' AND s.mrr_minor = 0 AND s.first_paid_on < %(today)s)
        )
    """
    today = await workspace_today(tx)
    return await _follow(tx, due, {"today": today, "accounts": list(account_ids)}, "recurring revenue")


async def _follow(tx: Tx, due: str, parameters: Mapping[str, Any], reason: str) -> int:
    """Move the accounts that ``due`` selects (id, before, after, first), set-based; how many there were."""
    moved = await tx.fetch(
        f"""
        WITH due AS ({due} ORDER BY a.id FOR UPDATE OF a)
        UPDATE accounts a SET phase = due.after, phase_since = %(today)s, version = version + 1, updated_at = %(now)s,
            is_first_renewal = due.after = 'onboarding'
                OR a.is_first_renewal AND NOT (due.before = 'renewal' AND due.after = 'adoption'),
            onboarding_completed_at = CASE WHEN due.after = 'onboarding' THEN NULL ELSE a.onboarding_completed_at END,
            onboarding_criteria_met =
                CASE WHEN due.after = 'onboarding' THEN '{{}}'::jsonb ELSE a.onboarding_criteria_met END
        FROM due WHERE a.workspace_id = %(ws)s AND a.id = due.id
        RETURNING a.id, due.before, due.after, a.version, due.first <> a.is_first_renewal
        """,  # noqa: S608
        {**parameters, "ws": tx.workspace_id, "now": clock.now()},
    )
    if not moved:
        return 0
    today = parameters["today"]
    await _enter(tx, {row[0]: row[2] for row in moved}, today, reason)
    acts, facts = [], []
    for account_id, before, after, version, other_renewal in moved:
        fields = ["is_first_renewal"] * other_renewal + ["phase", "phase_since"]
        told = {"fields": fields, "version": version, "from": before, "to": after, "on": today.isoformat()}
        acts.append(("phase_changed", account_id, fields))
        facts.append(("phase_changed", account_id, told))
    await audit.record_many(tx, ACCOUNTS.name, acts)
    await outbox.record_many(tx, ACCOUNTS.name, facts)
    await tell_followers(tx, ACCOUNTS.name, ["phase"], [row[0] for row in moved])
    return len(moved)
