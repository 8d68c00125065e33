"""The account team: who of ours plays which part, from when until when. The current CSM is the owner."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Account, TeamMember, TeamRole
from api.accounts.resource import ACCOUNTS
from api.auth.models import User
from api.auth.service import workspace_today
from api.kit import audit, clock, outbox, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.resources import Expansion, Resource
from api.kit.tables import new_id

TEAM: Final = Resource(
    "account_team",
    TeamMember,
    sorts={"starts_on": col(TeamMember.starts_on)},
    default_sort="-starts_on",
    filters={
        "current": lambda value: col(TeamMember.ends_before).is_(None) == sa.cast(value, sa.Boolean),
        "on": lambda value: sa.and_(
            col(TeamMember.starts_on) <= sa.cast(value, sa.Date),
            sa.or_(col(TeamMember.ends_before).is_(None), col(TeamMember.ends_before) > sa.cast(value, sa.Date)),
        ),
    },
    expands={
        "user": Expansion(
            User,
            sa.and_(col(User.workspace_id) == col(TeamMember.workspace_id), col(User.id) == col(TeamMember.user_id)),
        ),
        "account": Expansion(
            Account,
            sa.and_(
                col(Account.workspace_id) == col(TeamMember.workspace_id),
                col(Account.id) == col(TeamMember.account_id),
            ),
        ),
    },
)

ALREADY_IN_ROLE = problem_type(
    "already_in_role",
    409,
    en=("Already in this role", "This user already has the role `{role}` for the account."),
    ja=("すでにこの役割です", "このユーザーはすでにこのアカウントの `{role}` です。"),
)
_ONE_AT_A_TIME: Final = {TeamRole.csm.value}


async def join(tx: Tx, account_id: UUID, values: Mapping[str, Any]) -> TeamMember:
    """Give a user a role for an account. A new CSM follows the old one, whose time ends that day."""
    account = await write.lock(tx, ACCOUNTS, Account, account_id)
    today = await workspace_today(tx)
    starts_on: dt.date = values.get("starts_on") or today
    role = values["role"]
    current = await _current(tx, account_id, role)
    if any(member.user_id == values["user_id"] for member in current):
        raise ALREADY_IN_ROLE(role=role)
    if role in _ONE_AT_A_TIME:
        for member in current:
            _refuse_before(starts_on, member.starts_on)
            await write.change(tx, TEAM, member, {"ends_before": starts_on}, action="ended")
    member = await write.create(
        tx, TEAM, TeamMember,
        {**values, "account_id": account_id, "starts_on": starts_on},
        announce={"account_id": str(account_id), "user_id": str(values["user_id"]), "role": role},
    )  # fmt: skip
    if role == TeamRole.csm.value:
        await _own(tx, account, values["user_id"])
    return member


async def leave(tx: Tx, member_id: UUID, version: int, ends_before: dt.date | None) -> TeamMember:
    """End a user's time in a role, as of a day (default today, exclusive)."""
    member = await write.lock(tx, TEAM, TeamMember, member_id, version=version)
    day = ends_before or await workspace_today(tx)
    _refuse_before(day, member.starts_on)
    account = await write.lock(tx, ACCOUNTS, Account, member.account_id, archived=True)
    announce = {"account_id": str(member.account_id), "user_id": str(member.user_id), "role": member.role}
    await write.change(tx, TEAM, member, {"ends_before": day}, action="ended", announce=announce)
    if member.role == TeamRole.csm.value and account.owner_id == member.user_id:
        await _own(tx, account, None)
    return member


async def assign_many(tx: Tx, owners: Mapping[UUID, UUID], role: str, on: dt.date) -> None:
    """Give many accounts the user for a role at once, set-based; the ones before them end that day."""
    pairs = sorted(owners.items())
    accounts, users = [account for account, _ in pairs], [user for _, user in pairs]
    ids = [new_id() for _ in pairs]
    parameters = {
        "ws": tx.workspace_id, "accounts": accounts, "users": users, "role": role, "on": on, "now": clock.now(), "ids": ids,
    }  # fmt: skip
    ended = await tx.fetch(
        "UPDATE account_team SET ends_before = greatest(%(on)s, starts_on), version = version + 1, updated_at = %(now)s "
        "WHERE workspace_id = %(ws)s AND account_id = ANY(%(accounts)s) AND role = %(role)s "
        "AND ends_before IS NULL AND archived_at IS NULL RETURNING id, account_id, user_id",
        parameters,
    )
    await tx.execute(
        "INSERT INTO account_team (workspace_id, id, version, created_at, updated_at, account_id, user_id, role, starts_on) "
        "SELECT %(ws)s, id, 1, %(now)s, %(now)s, account_id, user_id, %(role)s, %(on)s "
        "FROM unnest(%(ids)s::uuid[], %(accounts)s::uuid[], %(users)s::uuid[]) AS new (id, account_id, user_id)",
        parameters,
    )
    begun = list(zip(ids, accounts, users, strict=True))
    facts = [("ended", *member, ["ends_before"]) for member in ended]
    facts += [("created", *member, ["account_id", "role", "starts_on", "user_id"]) for member in begun]
    await audit.record_many(tx, TEAM.name, [(action, member, fields) for action, member, *_, fields in facts])
    await outbox.record_many(
        tx, TEAM.name,
        [
            (action, member, {"fields": fields, "account_id": str(account), "user_id": str(user), "role": role})
            for action, member, account, user, fields in facts
        ],
    )  # fmt: skip
    if role == TeamRole.csm.value:
        await _own_many(tx, parameters)


async def _own_many(tx: Tx, parameters: Mapping[str, Any]) -> None:
    async with tx.joining_many(len(parameters["accounts"])):
        changed = await tx.fetch(
            "UPDATE accounts a SET owner_id = new.user_id, version = a.version + 1, updated_at = %(now)s "
            "FROM unnest(%(accounts)s::uuid[], %(users)s::uuid[]) AS new (account_id, user_id) "
            "JOIN accounts old ON old.workspace_id = %(ws)s AND old.id = new.account_id "
            "WHERE a.workspace_id = %(ws)s AND a.id = new.account_id RETURNING a.id, a.version, old.owner_id, a.owner_id",
            parameters,
        )
    await audit.record_many(tx, ACCOUNTS.name, [("owner_changed", row[0], ["owner_id"]) for row in changed])
    await outbox.record_many(
        tx, ACCOUNTS.name,
        [
            ("owner_changed", account, {"fields": ["owner_id"], "version": version, **_handed(before, after)})
            for account, version, before, after in changed
        ],
    )  # fmt: skip


def _handed(before: UUID | None, after: UUID | None) -> dict[str, str | None]:
    return {"from": str(before) if before else None, "to": str(after) if after else None}


async def _current(tx: Tx, account_id: UUID, role: str) -> Sequence[TeamMember]:
    members = await tx.session.scalars(
        sa.select(TeamMember).where(
            col(TeamMember.workspace_id) == tx.workspace_id,
            col(TeamMember.account_id) == account_id,
            col(TeamMember.role) == role,
            col(TeamMember.ends_before).is_(None),
            col(TeamMember.archived_at).is_(None),
        )
    )
    return members.all()


async def _own(tx: Tx, account: Account, user_id: UUID | None) -> None:
    announce = _handed(account.owner_id, user_id)
    await write.change(tx, ACCOUNTS, account, {"owner_id": user_id}, action="owner_changed", announce=announce)


def _refuse_before(day: dt.date, start: dt.date) -> None:
    if day < start:
        raise invalid(
            FieldError(
                "/starts_on", "out_of_range",
                f"Not before {start}, when the current one began", f"現在の担当の開始日 {start} 以降にしてください",
            )
        )  # fmt: skip
