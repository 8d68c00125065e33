"""What one can do with workspaces, users, invitations and API keys."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.auth.models import Credential, CredentialKind, Invitation, Password, User, Workspace
from api.auth.passwords import hash_password
from api.auth.permissions import ROLE_SCOPES, SCOPES, Role
from api.auth.secret_tokens import SecretToken
from api.kit import audit, clock, write
from api.kit.db import Database, Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.resources import Resource
from api.kit.settings import Environment, settings
from api.kit.tables import new_id

WORKSPACES: Final = Resource("workspace", Workspace)
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
    sorts={"created_at": col(Credential.created_at)},
    default_sort="-created_at",
    visible=col(Credential.kind) == sa.literal_column("'api_key'"),
)
INVITATIONS: Final = Resource(
    "invitation",
    Invitation,
    values={
        "state": sa.case(
            (col(Invitation.accepted_at).is_not(None), "accepted"),
            (col(Invitation.archived_at).is_not(None), "withdrawn"),
            else_="open",
        )
    },
    sorts={"created_at": col(Invitation.created_at)},
    default_sort="-created_at",
)

INVITATION_PREFIX: Final = "inv_"
_INVITATION_LIFETIME: Final = dt.timedelta(days=7)

EMAIL_TAKEN = problem_type(
    "email_taken", 409,
    en=("E-mail address in use", "Another user signs in with this e-mail address."),
    ja=("メールアドレスは使用中です", "このメールアドレスは別のユーザーがログインに使っています。"),
)
INVITATION_INVALID = problem_type(
    "invitation_invalid", 410,
    en=("Invitation no longer valid", "The invitation was used, withdrawn or has expired. Ask for a new one."),
    ja=("招待は無効です", "この招待は使用済みか、取り消されたか、期限切れです。新しい招待を依頼してください。"),
)
LAST_ADMIN = problem_type(
    "last_admin", 409,
    en=("Last administrator", "The workspace must keep at least one active administrator."),
    ja=("最後の管理者です", "ワークスペースには有効な管理者が 1 人以上必要です。"),
)
KEY_REVOKED = problem_type(
    "key_revoked", 409,
    en=("Key revoked", "This API key is revoked. Create a new one."),
    ja=("失効済みのキー", "この API キーは失効しています。新しく作成してください。"),
)


async def create_workspace(database: Database, values: Mapping[str, Any]) -> UUID:
    """Open a new workspace; its id."""
    workspace_id = new_id()
    async with database.write(workspace_id) as tx:
        tx.session.add(Workspace.model_validate({**values, "id": workspace_id, "workspace_id": workspace_id}))
        await tx.flush()
        audit.record(tx, "created", "workspace", workspace_id, values)
        await tx.fetch("SELECT enter_workspace(%s)", [workspace_id])
    return workspace_id


async def update_workspace(tx: Tx, version: int, values: Mapping[str, Any]) -> None:
    """Change the workspace's own properties."""
    assert tx.workspace_id is not None
    workspace = await write.lock(tx, WORKSPACES, Workspace, tx.workspace_id, version=version)
    await write.change(tx, WORKSPACES, workspace, values)


async def create_user(tx: Tx, *, email: str, name: str, role: Role, password: str, language: str = "en") -> User:
    """Add a user who signs in with this e-mail address."""
    address = folded_email(email)
    user = await write.create(
        tx, USERS, User, {"email": address, "name": name, "role": role.value, "language": language}
    )
    (claimed,) = (await tx.fetch("SELECT claim_login(%s, %s, %s)", [address, tx.workspace_id, user.id]))[0]
    if not claimed:
        raise EMAIL_TAKEN()
    assert tx.workspace_id is not None
    tx.session.add(Password(workspace_id=tx.workspace_id, user_id=user.id, hash=await hash_password(password)))
    await tx.flush()
    return user


async def update_user(tx: Tx, user_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a user's name, role, language or suspension; the role counts from the user's next request."""
    user = await write.lock(tx, USERS, User, user_id, version=version)
    values = dict(values)
    if "suspended" in values:
        values["suspended_at"] = clock.now() if values.pop("suspended") else None
    loses_admin = values.get("role", user.role) != Role.admin or values.get("suspended_at") is not None
    if user.role == Role.admin and loses_admin:
        await _keep_an_admin(tx, user_id)
    await write.change(tx, USERS, user, values)
    if values.get("suspended_at") is not None:
        await revoke_sessions(tx, user_id)


async def archive_user(tx: Tx, user_id: UUID, version: int) -> None:
    """Take a user out of the workspace: sessions end, the e-mail address becomes free."""
    user = await write.lock(tx, USERS, User, user_id, version=version)
    if user.role == Role.admin:
        await _keep_an_admin(tx, user_id)
    await write.archive(tx, USERS, User, user_id, version)
    await revoke_sessions(tx, user_id)
    await tx.fetch("SELECT release_login(%s, %s)", [user.email, user_id])


async def change_password(tx: Tx, user_id: UUID, password: str, *, keep_session: UUID | None) -> None:
    """Set a user's password and end the other sessions."""
    row = await tx.session.get(Password, (tx.workspace_id, user_id))
    assert row is not None
    row.hash, row.changed_at = await hash_password(password), clock.now()
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


async def _keep_an_admin(tx: Tx, leaving: UUID) -> None:
    others = await tx.session.scalars(
        sa.select(User.id)
        .where(
            col(User.workspace_id) == tx.workspace_id,
            col(User.role) == Role.admin.value,
            col(User.suspended_at).is_(None),
            col(User.archived_at).is_(None),
        )
        .order_by(col(User.id))
        .with_for_update()  # two admins must not demote each other at the same moment
    )
    if not set(others) - {leaving}:
        raise LAST_ADMIN()


async def create_api_key(
    tx: Tx, *, name: str, scopes: Iterable[str], expires_at: dt.datetime | None = None
) -> tuple[Credential, str]:
    """A new API key and its secret, which is not stored and cannot be shown again."""
    wanted = sorted(set(scopes))
    _check_scopes(tx, wanted)
    assert tx.workspace_id is not None
    key_id = new_id()
    token = SecretToken.generate(tx.workspace_id, key_id)
    text = token.text(_key_prefix())
    key = await write.create(
        tx, API_KEYS, Credential,
        {
            "id": key_id, "kind": CredentialKind.api_key.value, "name": name, "scopes": wanted,
            "prefix": text[:16], "secret_hash": token.hash(), "expires_at": expires_at,
            "created_by": tx.actor.user_id,
        },
    )  # fmt: skip
    return key, text


def _check_scopes(tx: Tx, scopes: Iterable[str]) -> None:
    errors = []
    for index, scope in enumerate(scopes):
        if scope not in SCOPES:
            errors.append(
                FieldError(f"/scopes/{index}", "not_allowed", f"No scope `{scope[:60]}`", f"スコープ `{scope[:60]}` はありません")
            )
        elif tx.actor.scopes and not tx.actor.may(scope):
            errors.append(
                FieldError(
                    f"/scopes/{index}", "not_allowed",
                    f"You cannot grant `{scope}` without having it", f"自分が持たない `{scope}` は付与できません",
                )
            )  # fmt: skip
    if errors:
        raise invalid(*errors)


async def rotate_api_key(tx: Tx, key_id: UUID, overlap: dt.timedelta) -> tuple[Credential, str]:
    """A new key with the same name and scopes; the old one works for ``overlap`` longer."""
    old = await write.lock(tx, API_KEYS, Credential, key_id)
    if old.revoked_at is not None:
        raise KEY_REVOKED()
    new, text = await create_api_key(tx, name=old.name, scopes=old.scopes, expires_at=old.expires_at)
    end = clock.now() + overlap
    ends = min(old.expires_at, end) if old.expires_at else end
    await write.change(
        tx, API_KEYS, old, {"expires_at": ends, "replaced_by": new.id}, action="rotated"
    )
    return new, text


async def revoke_api_key(tx: Tx, key_id: UUID, version: int) -> None:
    """End an API key, at once."""
    key = await write.lock(tx, API_KEYS, Credential, key_id, version=version)
    if key.revoked_at is None:
        await write.change(tx, API_KEYS, key, {"revoked_at": clock.now()}, action="revoked")


async def invite(tx: Tx, *, email: str, role: Role) -> tuple[Invitation, str]:
    """An invitation, and the token that accepts it."""
    assert tx.workspace_id is not None
    invitation_id = new_id()
    token = SecretToken.generate(tx.workspace_id, invitation_id)
    invitation = await write.create(
        tx, INVITATIONS, Invitation,
        {
            "id": invitation_id, "email": folded_email(email), "role": role.value, "secret_hash": token.hash(),
            "expires_at": clock.now() + _INVITATION_LIFETIME, "invited_by": tx.actor.user_id,
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
    await write.change(tx, INVITATIONS, invitation, {"accepted_at": clock.now()}, action="accepted")
    return await create_user(
        tx, email=invitation.email, name=name, role=Role(invitation.role), password=password, language=language
    )


async def withdraw_invitation(tx: Tx, invitation_id: UUID, version: int) -> None:
    """Take an invitation back."""
    await write.archive(tx, INVITATIONS, Invitation, invitation_id, version)


def folded_email(email: str) -> str:
    """An e-mail address as it is stored and compared."""
    return re.sub(r"\s", "", email).lower()


def role_scopes(role: str) -> list[str]:
    """The scopes of a role, sorted."""
    return sorted(ROLE_SCOPES[Role(role)]) if role in Role.__members__ else []


def _key_prefix() -> str:
    return "pk_live_" if settings().environment is Environment.production else "pk_test_"
