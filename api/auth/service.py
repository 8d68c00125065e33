"""What one can do with workspaces, users, invitations and API keys."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from api.auth.business_calendar import CALENDAR, BusinessCalendar
from api.auth.models import Credential, CredentialKind, Invitation, Password, User, Workspace
from api.auth.passwords import hash_password, is_password
from api.auth.permissions import PROFILE_SCOPES, ROLE_SCOPES, SCOPES, Role
from api.auth.secret_tokens import SecretToken
from api.kit import audit, clock, write
from api.kit.actors import Actor, ActorKind
from api.kit.audit import AuditEntry
from api.kit.db import Database, Tx
from api.kit.problems import FORBIDDEN, FieldError, invalid, problem_type
from api.kit.resources import Resource, Value
from api.kit.settings import Environment, settings
from api.kit.tables import new_id


def _state(*states: tuple[sa.ColumnElement[bool], str], otherwise: str) -> Value:
    """The first state whose condition holds."""
    named = [(holds, sa.literal_column(f"'{name}'", sa.Text())) for holds, name in states]
    return sa.case(*named, else_=sa.literal_column(f"'{otherwise}'", sa.Text()))


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
API_KEYS: Final = Resource(
    "api_key",
    Credential,
    values={
        "state": _state(
            (col(Credential.revoked_at).is_not(None), "revoked"),
            (col(Credential.expires_at) <= sa.func.now(), "expired"),
            otherwise="active",
        )
    },
    sorts={"created_at": col(Credential.created_at)},
    default_sort="-created_at",
    visible=col(Credential.kind) == sa.literal_column("'api_key'"),
)
INVITATIONS: Final = Resource(
    "invitation",
    Invitation,
    values={
        "state": _state(
            (col(Invitation.accepted_at).is_not(None), "accepted"),
            (col(Invitation.archived_at).is_not(None), "withdrawn"),
            (col(Invitation.expires_at) <= sa.func.now(), "expired"),
            otherwise="open",
        )
    },
    sorts={"created_at": col(Invitation.created_at)},
    default_sort="-created_at",
)

AUDIT_LOG: Final = Resource("audit_entry", AuditEntry, sorts={"at": col(AuditEntry.at)}, default_sort="-at")

INVITATION_PREFIX: Final = "inv_"
_INVITATION_LIFETIME: Final = dt.timedelta(days=7)

EMAIL_TAKEN = problem_type(
    "email_taken",
    409,
    en=("E-mail address in use", "Another user signs in with this e-mail address."),
    ja=("メールアドレスは使用中です", "このメールアドレスは別のユーザーがログインに使っています。"),
)
INVITATION_INVALID = problem_type(
    "invitation_invalid",
    410,
    en=(
        "Invitation no longer valid",
        "The invitation was used, withdrawn or has expired. Ask for a new one.",
    ),
    ja=(
        "招待は無効です",
        "この招待は使用済みか、取り消されたか、期限切れです。新しい招待を依頼してください。",
    ),
)
INVITATION_ACCEPTED = problem_type(
    "invitation_accepted",
    409,
    en=("Invitation accepted", "The invitation was accepted. Suspend or archive the user instead."),
    ja=(
        "承諾済みの招待",
        "この招待はすでに承諾されています。代わりにユーザーを停止またはアーカイブしてください。",
    ),
)
LAST_ADMIN = problem_type(
    "last_admin",
    409,
    en=("Last administrator", "The workspace must keep at least one active administrator."),
    ja=("最後の管理者です", "ワークスペースには有効な管理者が 1 人以上必要です。"),
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
KEY_ENDED = problem_type(
    "key_ended",
    409,
    en=("Key no longer in use", "This API key is revoked, expired or already replaced. Create a new one."),
    ja=(
        "使われていないキー",
        "この API キーは失効済みか、期限切れか、すでに置き換えられています。新しく作成してください。",
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
) -> User:
    """Add a user who signs in with this e-mail address."""
    assert tx.workspace_id is not None
    address, user_id = folded_email(email), user_id or new_id()
    (claimed,) = (await tx.fetch("SELECT claim_login(%s, %s, %s)", [address, tx.workspace_id, user_id]))[0]
    if not claimed:
        raise EMAIL_TAKEN()
    values = {"email": address, "name": name, "role": role.value, "language": language}
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
        suspended = values.get("suspended_at", user.suspended_at) is not None
        if role != user.role or (user.suspended_at is not None and not suspended):
            _check_role(tx, role)
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


def _check_role(tx: Tx, role: Role) -> None:
    """Refuse to give a role with more rights than the giver has, as an API key might."""
    if missing := sorted(ROLE_SCOPES[role] - PROFILE_SCOPES - _grantable(tx)):
        raise FORBIDDEN(scope=", ".join(missing))


def _grantable(tx: Tx) -> frozenset[str]:
    return frozenset(SCOPES) if tx.actor.kind is ActorKind.system else tx.actor.scopes


async def create_api_key(
    tx: Tx, *, name: str, scopes: Iterable[str], expires_at: dt.datetime | None = None
) -> tuple[Credential, str]:
    """A new API key and its secret, which is not stored and cannot be shown again."""
    wanted = list(dict.fromkeys(scopes))
    _check_scopes(tx, wanted)
    if expires_at is not None and expires_at <= clock.now():
        raise invalid(FieldError("/expires_at", "out_of_range", "Must be in the future", "未来の日時にしてください"))
    assert tx.workspace_id is not None
    key_id = new_id()
    token = SecretToken.generate(tx.workspace_id, key_id)
    text = token.text(_key_prefix())
    key = await write.create(
        tx, API_KEYS, Credential,
        {
            "id": key_id, "kind": CredentialKind.api_key.value, "name": name, "scopes": sorted(wanted),
            "prefix": f"{text[:12]}…{text[-4:]}", "secret_hash": token.hash(), "expires_at": expires_at,
            "created_by": tx.actor.user_id,
        },
    )  # fmt: skip
    return key, text


def _check_scopes(tx: Tx, scopes: Iterable[str]) -> None:
    errors = []
    for index, scope in enumerate(scopes):
        if scope not in SCOPES:
            errors.append(
                FieldError(
                    f"/scopes/{index}",
                    "not_allowed",
                    f"No scope `{scope[:60]}`",
                    f"スコープ `{scope[:60]}` はありません",
                )
            )
        elif scope not in _grantable(tx):
            errors.append(
                FieldError(
                    f"/scopes/{index}", "not_allowed",
                    f"You cannot grant `{scope}` without having it",
                    f"自分が持たない `{scope}` は付与できません",
                )
            )  # fmt: skip
    if errors:
        raise invalid(*errors)


async def rotate_api_key(tx: Tx, key_id: UUID, overlap: dt.timedelta) -> tuple[Credential, str]:
    """A new key with the same name and scopes; the old one works for ``overlap`` longer."""
    old = await write.lock(tx, API_KEYS, Credential, key_id)
    expired = old.expires_at is not None and old.expires_at <= clock.now()
    if expired or old.revoked_at is not None or old.replaced_by is not None:
        raise KEY_ENDED()
    if missing := sorted(set(old.scopes) - _grantable(tx)):
        raise FORBIDDEN(scope=", ".join(missing))
    new, text = await create_api_key(tx, name=old.name, scopes=old.scopes, expires_at=old.expires_at)
    end = clock.now() + overlap
    ends = min(old.expires_at, end) if old.expires_at else end
    await write.change(tx, API_KEYS, old, {"expires_at": ends, "replaced_by": new.id}, action="rotated")
    return new, text


async def revoke_api_key(tx: Tx, key_id: UUID, version: int) -> None:
    """End an API key, at once."""
    key = await write.lock(tx, API_KEYS, Credential, key_id, version=version)
    if key.revoked_at is None:
        await write.change(tx, API_KEYS, key, {"revoked_at": clock.now()}, action="revoked")


async def invite(tx: Tx, *, email: str, role: Role) -> tuple[Invitation, str]:
    """An invitation, and the token that accepts it."""
    _check_role(tx, role)
    assert tx.workspace_id is not None
    invitation_id = new_id()
    token = SecretToken.generate(tx.workspace_id, invitation_id)
    invitation = await write.create(
        tx, INVITATIONS, Invitation,
        {
            "id": invitation_id, "email": folded_email(email), "role": role.value,
            "secret_hash": token.hash(), "expires_at": clock.now() + _INVITATION_LIFETIME,
            "invited_by": tx.actor.user_id,
        },
    )  # fmt: skip
    return invitation, token.text(INVITATION_PREFIX)


async def accept_invitation(tx: Tx, token: SecretToken, *, name: str, password: str, language: str) -> User:
    """Make the invited person a user; each invitation works once."""
    invitation = await tx.session.scalar(
        sa.select(Invitation)
        .where(col(Invitation.workspace_id) == token.workspace_id, col(Invitation.id) == token.id)
        .with_for_update()
    )
    usable = (
        invitation is not None
        and token.proves(bytes(invitation.secret_hash))
        and invitation.accepted_at is None
        and invitation.archived_at is None
        and invitation.expires_at > clock.now()
    )
    if invitation is None or not usable:
        raise INVITATION_INVALID()
    role, user_id = Role(invitation.role), new_id()
    tx.actor = Actor(ActorKind.user, user_id, role, ROLE_SCOPES[role], user_id=user_id)
    await write.change(tx, INVITATIONS, invitation, {"accepted_at": clock.now()}, action="accepted")
    return await create_user(
        tx,
        email=invitation.email,
        name=name,
        role=role,
        password=password,
        language=language,
        user_id=user_id,
    )


async def withdraw_invitation(tx: Tx, invitation_id: UUID, version: int) -> None:
    """Take an invitation back."""
    invitation = await write.lock(tx, INVITATIONS, Invitation, invitation_id, version=version)
    if invitation.accepted_at is not None:
        raise INVITATION_ACCEPTED()
    await write.archive(tx, INVITATIONS, Invitation, invitation_id, version)


def folded_email(email: str) -> str:
    """An e-mail address as it is stored and compared."""
    return re.sub(r"\s", "", email).lower()


def _key_prefix() -> str:
    return "pk_live_" if settings().environment is Environment.production else "pk_test_"
