"""The keys that sign and verify access tokens, kept in Postgres and shared by all processes."""

import asyncio
import base64
import datetime as dt
import hmac
import time
from typing import Final
from uuid import UUID

from cryptography.fernet import Fernet
from cryptography.fernet import InvalidToken as InvalidSeal

from api.auth import tokens
from api.auth.tokens import AccessClaims, InvalidToken, SigningKey, VerifyingKey
from api.kit import clock
from api.kit.db import Database, Tx
from api.kit.settings import Settings

KEPT_AFTER_RETIREMENT: Final = dt.timedelta(hours=2)


class OtherSecretError(RuntimeError):
    """The service was started with another secret than the one its keys were sealed with."""


class Keyring:
    """Issues and verifies access tokens. Whether a token's session still lives is asked in every request."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._issuer = settings.public_url
        self._lifetime = dt.timedelta(seconds=settings.access_token_seconds)
        self._box = _box(settings)
        self._signing: SigningKey | None = None
        self._verifying: dict[str, VerifyingKey] = {}
        self._loaded_at = -1e9
        self._loading = asyncio.Lock()

    async def load(self) -> None:
        """Read the keys; make the first one where there is none."""
        async with self._database.write(None) as tx:
            await tx.fetch("SELECT pg_advisory_xact_lock(7355608)")
            rows = await tx.fetch(
                "SELECT kid, sealed_private_key, public_key, retired_at FROM signing_keys "
                "WHERE retired_at IS NULL OR retired_at > %s ORDER BY created_at DESC",
                [clock.now() - KEPT_AFTER_RETIREMENT],
            )
            if not any(retired_at is None for *_, retired_at in rows):
                key = SigningKey.generate()
                await _store(tx, key, self._box)
                rows.insert(0, (key.kid, self._box.encrypt(key.private_pem.encode()), key.public_pem, None))
        self._verifying = {kid: VerifyingKey(kid=kid, public_pem=public) for kid, _, public, _ in rows}
        kid, sealed, public, _ = next(row for row in rows if row[3] is None)
        try:
            private = self._box.decrypt(bytes(sealed)).decode()
        except InvalidSeal as error:
            raise OtherSecretError(
                "the signing keys were sealed with another PERENNIAL_SECRET_KEY; set that one, "
                "or delete them and let everyone sign in again (docs/operations.md)"
            ) from error
        self._signing = SigningKey(kid=kid, public_pem=public, private_pem=private)
        self._loaded_at = time.monotonic()

    async def rotate(self) -> str:
        """Sign with a new key from now on; the old ones verify until their tokens have expired."""
        key = SigningKey.generate()
        async with self._database.write(None) as tx:
            await tx.execute(
                "UPDATE signing_keys SET retired_at = %(now)s WHERE retired_at IS NULL", {"now": clock.now()}
            )
            await _store(tx, key, self._box)
        await self.load()
        return key.kid

    async def issue(self, *, user_id: UUID, workspace_id: UUID, session_id: UUID) -> tuple[str, int]:
        """A fresh access token and the seconds it lives."""
        await self._load_when_older_than(60)
        assert self._signing is not None
        token, claims = tokens.issue(
            self._signing,
            issuer=self._issuer,
            audience=self._issuer,
            user_id=user_id,
            workspace_id=workspace_id,
            session_id=session_id,
            now=clock.now(),
            lifetime=self._lifetime,
        )
        return token, claims.expires_at - claims.issued_at

    async def verify(self, token: str) -> AccessClaims:
        """The claims of an access token of ours; raises :class:`InvalidToken`."""
        try:
            return self._verify(token)
        except InvalidToken:
            # Another process may have rotated the key; look again, but not for every bad token.
            if time.monotonic() - self._loaded_at < 5:
                raise
            await self.load()
            return self._verify(token)

    def _verify(self, token: str) -> AccessClaims:
        return tokens.verify(token, self._verifying, issuer=self._issuer, audience=self._issuer, now=clock.now())

    async def public_keys(self) -> dict[str, list[dict[str, str]]]:
        """The JSON Web Key Set."""
        await self._load_when_older_than(60)
        return tokens.jwks(self._verifying.values())

    async def _load_when_older_than(self, seconds: float) -> bool:
        async with self._loading:
            old = time.monotonic() - self._loaded_at >= seconds
            if old:
                await self.load()
            return old


async def _store(tx: Tx, key: SigningKey, box: Fernet) -> None:
    await tx.execute(
        "INSERT INTO signing_keys (kid, sealed_private_key, public_key, created_at) "
        "VALUES (%(kid)s, %(sealed)s, %(public)s, %(now)s)",
        {
            "kid": key.kid,
            "sealed": box.encrypt(key.private_pem.encode()),
            "public": key.public_pem,
            "now": clock.now(),
        },
    )


def _box(settings: Settings) -> Fernet:
    secret = settings.secret_key.get_secret_value().encode()
    return Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"perennial signing keys", "sha256")))
