"""Signing in, staying signed in, and signing out.

A session is a credential. Its access tokens live ten minutes; a refresh token is used once and replaced. A
used refresh token that comes back within the grace (two tabs refreshed at once) gets a token of its own;
after the grace it was stolen, and the whole session ends.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from api.auth import acting, partners
from api.auth.access import Access
from api.auth.models import Credential, CredentialKind, RefreshToken, User
from api.auth.passwords import is_password
from api.auth.permissions import ROLE_SCOPES, Role
from api.auth.secret_tokens import SecretToken
from api.auth.service import folded_email
from api.auth.tokens import InvalidToken
from api.kit import audit, clock
from api.kit.actors import Actor
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.kit.settings import settings
from api.kit.tables import new_id

REFRESH_PREFIX: Final = "rt_"
ATTEMPTS_PER_MINUTE: Final = 10

INVALID_GRANT = problem_type(
    "invalid_grant",
    401,
    en=(
        "Sign-in failed",
        "E-mail address and password do not match, or the refresh token is no longer valid.",
    ),
    ja=("ログインできません", "メールアドレスとパスワードが一致しないか、リフレッシュトークンが無効です。"),
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in or refresh gives."""

    access_token: str
    expires_in: int
    refresh_token: str
    scopes: frozenset[str]


async def sign_in(access: Access, email: str, password: str) -> Grant:
    """A new session for the user with this address and password."""
    address = folded_email(email)
    await access.limiter.count(f"sign-in {address}", limit=ATTEMPTS_PER_MINUTE)
    async with access.database.write(None) as tx:
        found = await tx.fetch("SELECT workspace_id, user_id FROM find_login(%s)", [address])
    # An unknown address goes the whole way too, so that time does not tell which addresses are known.
    workspace_id, user_id = found[0] if found else (new_id(), new_id())
    async with access.database.read(workspace_id) as tx:
        stored = await tx.fetch(
            "SELECT p.hash FROM passwords p "
            "JOIN users u ON u.workspace_id = p.workspace_id AND u.id = p.user_id "
            "WHERE p.workspace_id = %s AND p.user_id = %s "
            "AND u.suspended_at IS NULL AND u.archived_at IS NULL",
            [workspace_id, user_id],
        )
    # Hashing takes tens of milliseconds, so no connection is held meanwhile.
    if not await is_password(password, stored[0][0] if stored else None):
        raise INVALID_GRANT()
    async with access.database.write(workspace_id) as tx:
        user = await tx.session.get(User, (workspace_id, user_id))
        if user is None or await _is_out(tx, user):
            raise INVALID_GRANT()
        tx.actor = _acting(user)
        session = Credential(
            workspace_id=workspace_id,
            kind=CredentialKind.session.value,
            user_id=user_id,
            expires_at=clock.now() + dt.timedelta(days=settings().refresh_token_days),
        )
        tx.session.add(session)
        await tx.flush()
        audit.record(tx, "signed_in", "session", session.id)
        refresh_token = await _next_refresh_token(tx, session)
    return await _grant(access, user, session, refresh_token)


async def refresh(access: Access, text: str) -> Grant:
    """New tokens for a refresh token; see the module's text for what happens to used ones."""
    token = SecretToken.parse(text, REFRESH_PREFIX)
    if token is None:
        raise INVALID_GRANT()
    await access.limiter.count(f"refresh {token.id}", limit=6 * ATTEMPTS_PER_MINUTE)
    async with access.database.write(token.workspace_id) as tx:
        row = await _refresh_token(tx, token)
        if row is None or row.expires_at <= clock.now():
            raise INVALID_GRANT()
        session = await tx.session.get_one(Credential, (token.workspace_id, row.session_id), with_for_update=True)
        user = await tx.session.get_one(User, (token.workspace_id, session.user_id))
        if _is_over(session) or await _is_out(tx, user):
            raise INVALID_GRANT()
        tx.actor = _acting(user)
        grace = dt.timedelta(seconds=settings().refresh_grace_seconds)
        stolen = row.used_at is not None and clock.now() - row.used_at > grace
        if stolen:
            await _end(tx, session, "reuse_detected")
        else:
            row.used_at = row.used_at or clock.now()
            refresh_token = await _next_refresh_token(tx, session)
    # Raised only now: inside the block it would roll the revocation back.
    if stolen:
        raise INVALID_GRANT()
    return await _grant(access, user, session, refresh_token)


async def sign_out(access: Access, text: str) -> None:
    """End the session of a refresh or access token. Any other text is answered just the same (RFC 7009)."""
    if (token := SecretToken.parse(text, REFRESH_PREFIX)) is not None:
        async with access.database.write(token.workspace_id) as tx:
            if (row := await _refresh_token(tx, token)) is not None:
                await _sign_out(tx, row.session_id)
        return
    try:
        claims = await access.keyring.verify(text)
    except InvalidToken:
        return
    async with access.database.write(claims.workspace_id) as tx:
        await _sign_out(tx, claims.session_id)


async def _sign_out(tx: Tx, session_id: UUID) -> None:
    session = await tx.session.get(Credential, (tx.workspace_id, session_id), with_for_update=True)
    if session is not None and session.revoked_at is None:
        tx.actor = _acting(await tx.session.get_one(User, (tx.workspace_id, session.user_id)))
        await _end(tx, session, "signed_out")


async def _end(tx: Tx, session: Credential, action: str) -> None:
    session.revoked_at = clock.now()
    audit.record(tx, action, "session", session.id)
    await tx.flush()


async def _refresh_token(tx: Tx, token: SecretToken) -> RefreshToken | None:
    """The row behind the token, locked: of two who use it at once, the second must see that it is used."""
    row = await tx.session.get(RefreshToken, (token.workspace_id, token.id), with_for_update=True)
    return row if row is not None and token.proves(bytes(row.secret_hash)) else None


async def _next_refresh_token(tx: Tx, session: Credential) -> str:
    token = SecretToken.generate(session.workspace_id, new_id())
    tx.session.add(
        RefreshToken(
            workspace_id=session.workspace_id,
            id=token.id,
            session_id=session.id,
            secret_hash=token.hash(),
            expires_at=clock.now() + dt.timedelta(days=settings().refresh_token_days),
        )
    )
    await tx.flush()
    return token.text(REFRESH_PREFIX)


async def _grant(access: Access, user: User, session: Credential, refresh_token: str) -> Grant:
    # After the transaction: the keyring may need a connection of its own.
    signed, seconds = await access.keyring.issue(user_id=user.id, workspace_id=user.workspace_id, session_id=session.id)
    return Grant(signed, seconds, refresh_token, ROLE_SCOPES[Role(user.role)])


def _is_over(session: Credential) -> bool:
    expired = session.expires_at is not None and session.expires_at <= clock.now()
    return expired or session.revoked_at is not None


async def _is_out(tx: Tx, user: User) -> bool:
    gone = user.suspended_at is not None or user.archived_at is not None
    return gone or not await partners.is_active(tx, user.partner_id)


def _acting(user: User) -> Actor:
    return acting.user(user.id, user.role, user.partner_id)
