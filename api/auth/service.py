"""What one can do with the workspace and its users."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from api.auth.business_calendar import CALENDAR, BusinessCalendar
from api.auth.granting import check_role
from api.auth.models import Password, User, Workspace
from api.auth.passwords import hash_password, is_password
from api.auth.permissions import Role
from api.kit import audit, clock, write
from api.kit.audit import AuditEntry
from api.kit.db import Database, Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.resources import Resource
from api.kit.tables import new_id

WORKSPACES: Final = Resource(
    "workspace",
    Workspace,
    values={
        "business_calendar": sa.func.coalesce(
            col(Workspace.settings)[sa.literal_column(f"'{CALENDAR}'")],
            sa.literal_column(f"'{BusinessCalendar().model_dump_json()}'", JSONB()),
        )
    },
)
USERS: Final = Resource(
    "user",
    User,
    values={"suspended": col(User.suspended_at).is_not(None)},
    sorts={"name": col(User.name)},
    filters={"suspended": lambda value: col(User.suspended_at).is_not(None) == sa.cast(value, sa.Boolean)},
)
AUDIT_LOG: Final = Resource("audit_entry", AuditEntry, sorts={"at": col(AuditEntry.at)}, default_sort="-at")

EMAIL_TAKEN = problem_type(
    "email_taken",
    409,
    en=("E-mail address in use", "Another user signs in with this e-mail address."),
    ja=("メールアドレスは使用中です", "このメールアドレスは別のユーザーがログインに使っています。"),
)
LAST_ADMIN = problem_type(
    "last_admin",
    409,
    en=("Last administrator", "The workspace must keep at least one active administrator."),
    ja=("最後の管理者です", "ワークスペースには有効な管理者が 1 人以上必要です。"),
)
ROLE_OF_PARTNERS = problem_type(
    "role_of_partners",
    409,
    en=(
        "Role of partners",
        "A partner's people keep the role `partner`, and nobody else takes it. Invite them instead.",
    ),
    ja=(
        "パートナー専用のロールです",
        "パートナーのユーザーのロールは常に `partner` で、他のユーザーには付与できません。招待してください。",
    ),
)
USER_REQUIRED = problem_type(
    "user_required",
    403,
    en=("For users only", "An API key has no profile and no password. Sign in as a user."),
    ja=(
        "ユーザー専用です",
        "API キーにはプロフィールもパスワードもありません。ユーザーとしてログインしてください。",
    ),
)


async def create_workspace(database: Database, values: Mapping[str, Any]) -> UUID:
    """Open a new workspace; its id."""
    workspace_id = new_id()
    async with database.write(workspace_id) as tx:
        await found_workspace(tx, values)
    return workspace_id


async def found_workspace(tx: Tx, values: Mapping[str, Any]) -> None:
    """Make the transaction's workspace, which is not there yet."""
    assert tx.workspace_id is not None
    tx.session.add(Workspace.model_validate({**values, "id": tx.workspace_id, "workspace_id": tx.workspace_id}))
    await tx.flush()
    audit.record(tx, "created", "workspace", tx.workspace_id, values)
    await tx.fetch("SELECT enter_workspace(%s)", [tx.workspace_id])


async def update_workspace(tx: Tx, version: int, values: Mapping[str, Any]) -> None:
    """Change the workspace's own properties."""
    assert tx.workspace_id is not None
    workspace = await write.lock(tx, WORKSPACES, Workspace, tx.workspace_id, version=version)
    values = dict(values)
    if CALENDAR in values:
        calendar = BusinessCalendar.model_validate(values.pop(CALENDAR)).model_dump(mode="json")
        values["settings"] = {**workspace.settings, CALENDAR: calendar}
    await write.change(tx, WORKSPACES, workspace, values)


async def workspace_zone(tx: Tx) -> ZoneInfo:
    """The workspace's time zone."""
    rows = await tx.fetch("SELECT time_zone FROM workspaces WHERE workspace_id = %s", [tx.workspace_id])
    return ZoneInfo(rows[0][0])


async def workspace_now(tx: Tx) -> dt.datetime:
    """The present moment on the workspace's clocks."""
    return clock.now().astimezone(await workspace_zone(tx))


async def workspace_currency(tx: Tx) -> str:
    """The workspace's base currency."""
    rows = await tx.fetch("SELECT base_currency FROM workspaces WHERE workspace_id = %s", [tx.workspace_id])
    return str(rows[0][0])


async def workspace_today(tx: Tx) -> dt.date:
    """Today in the workspace's time zone."""
    return (await workspace_now(tx)).date()


async def create_user(
    tx: Tx,
    *,
    email: str,
    name: str,
    role: Role,
    password: str,
    language: str = "en",
    user_id: UUID | None = None,
    partner_id: UUID | None = None,
) -> User:
    """Add a user who signs in with this e-mail address."""
    assert tx.workspace_id is not None
    address, user_id = folded_email(email), user_id or new_id()
    (claimed,) = (await tx.fetch("SELECT claim_login(%s, %s, %s)", [address, tx.workspace_id, user_id]))[0]
    if not claimed:
        raise EMAIL_TAKEN()
    values = {"email": address, "name": name, "role": role.value, "language": language, "partner_id": partner_id}
    user = await write.create(tx, USERS, User, {"id": user_id, **values})
    tx.session.add(Password(workspace_id=tx.workspace_id, user_id=user_id, hash=await hash_password(password)))
    await tx.flush()
    return user


def acting_user(tx: Tx) -> UUID:
    """The user who acts; refuses API keys."""
    if tx.actor.user_id is None:
        raise USER_REQUIRED()
    return tx.actor.user_id


async def update_user(tx: Tx, user_id: UUID, version: int | None, values: Mapping[str, Any]) -> None:
    """Change a user's name, role, language or suspension; the role counts from the user's next request."""
    values = dict(values)
    standing = not values.keys().isdisjoint({"role", "suspended"})
    admins = await _locked_admins(tx) if standing else set()
    user = await write.lock(tx, USERS, User, user_id, version=version)
    if "suspended" in values:
        values["suspended_at"] = (user.suspended_at or clock.now()) if values.pop("suspended") else None
    if standing:
        role = Role(values.get("role", user.role))
        if (role is Role.partner) != (user.partner_id is not None):
            raise ROLE_OF_PARTNERS()
        suspended = values.get("suspended_at", user.suspended_at) is not None
        if role != user.role or (user.suspended_at is not None and not suspended):
            check_role(tx, role)
        if user_id in admins and (role is not Role.admin or suspended) and len(admins) == 1:
            raise LAST_ADMIN()
    await write.change(tx, USERS, user, values)
    if values.get("suspended_at") is not None:
        await revoke_sessions(tx, user_id)


async def archive_user(tx: Tx, user_id: UUID, version: int) -> None:
    """Take a user out of the workspace: sessions end, the e-mail address becomes free."""
    if await _locked_admins(tx) == {user_id}:
        raise LAST_ADMIN()
    user = await write.archive(tx, USERS, User, user_id, version)
    await revoke_sessions(tx, user_id)
    await tx.fetch("SELECT release_login(%s, %s)", [user.email, user_id])


async def change_password(tx: Tx, user_id: UUID, current: str, new: str, *, keep_session: UUID | None) -> None:
    """Replace a user's password, who must know the current one, and end the other sessions."""
    row = await tx.session.get(Password, (tx.workspace_id, user_id), with_for_update=True)
    if row is None or not await is_password(current, row.hash):
        raise invalid(
            FieldError(
                "/current_password", "wrong_password",
                "This is not your current password", "現在のパスワードと一致しません",
            )
        )  # fmt: skip
    row.hash, row.changed_at = await hash_password(new), clock.now()
    audit.record(tx, "password_changed", "user", user_id)
    await tx.flush()
    await revoke_sessions(tx, user_id, keep=keep_session)


async def revoke_sessions(tx: Tx, user_id: UUID, *, keep: UUID | None = None) -> None:
    """End a user's sessions, at once."""
    await tx.execute(
        "UPDATE credentials SET revoked_at = %(now)s WHERE workspace_id = %(ws)s AND user_id = %(user)s "
        "AND kind = 'session' AND revoked_at IS NULL AND id IS DISTINCT FROM %(keep)s",
        {"now": clock.now(), "ws": tx.workspace_id, "user": user_id, "keep": keep},
    )


async def _locked_admins(tx: Tx) -> set[UUID]:
    """The active administrators.

    Locked in the order of their ids, before the user to change: two of them may demote each other at once.
    """
    admins = await tx.session.scalars(
        sa.select(col(User.id))
        .where(
            col(User.workspace_id) == tx.workspace_id,
            col(User.role) == Role.admin.value,
            col(User.suspended_at).is_(None),
            col(User.archived_at).is_(None),
        )
        .order_by(col(User.id))
        .with_for_update()
    )
    return set(admins)


def folded_email(email: str) -> str:
    """An e-mail address as it is stored and compared."""
    return re.sub(r"\s", "", email).lower()
