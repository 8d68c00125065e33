"""Opaque secrets that callers carry: API keys, refresh tokens, invitations.

``<prefix><workspace, id and secret in base62><checksum>``. The text names its own row, so no table outside
the workspace is needed to find it; the checksum lets scanners and the service tell a typo from a key; only a
keyed hash of the secret is stored.
"""

import hmac
import secrets
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from api.kit.settings import settings

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUE: Final = {digit: value for value, digit in enumerate(_DIGITS)}
_SECRET_BYTES: Final = 24
_BODY_LENGTH: Final = 76  # base62 digits of 16 + 16 + 24 bytes
_CHECKSUM_LENGTH: Final = 6


@dataclass(frozen=True, slots=True)
class SecretToken:
    """A token taken apart: the row it names, and the proof."""

    workspace_id: UUID
    id: UUID
    secret: bytes

    @classmethod
    def generate(cls, workspace_id: UUID, row_id: UUID) -> "SecretToken":
        """A token for this row with a fresh secret."""
        return cls(workspace_id, row_id, secrets.token_bytes(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str, prefix: str) -> "SecretToken | None":
        """The token in ``text``, or None when it is not one of ours."""
        body, checksum = text[len(prefix) : -_CHECKSUM_LENGTH], text[-_CHECKSUM_LENGTH:]
        if not text.startswith(prefix) or len(body) != _BODY_LENGTH or not set(body) <= _VALUE.keys():
            return None
        if not hmac.compare_digest(checksum.encode(), _checksum(prefix + body).encode()):
            return None
        number = 0
        for digit in body:
            number = number * 62 + _VALUE[digit]
        if number >> (8 * (32 + _SECRET_BYTES)):
            return None
        raw = number.to_bytes(32 + _SECRET_BYTES, "big")
        return cls(UUID(bytes=raw[:16]), UUID(bytes=raw[16:32]), raw[32:])

    def text(self, prefix: str) -> str:
        """The token as the caller carries it."""
        raw = self.workspace_id.bytes + self.id.bytes + self.secret
        body = _base62(int.from_bytes(raw, "big"), _BODY_LENGTH)
        return prefix + body + _checksum(prefix + body)

    def hash(self) -> bytes:
        """What is stored: a keyed hash of the whole token."""
        return hmac.digest(_key(), self.workspace_id.bytes + self.id.bytes + self.secret, "sha256")

    def proves(self, stored: bytes) -> bool:
        """Whether this is the token behind the stored hash."""
        return hmac.compare_digest(self.hash(), stored)


@lru_cache
def _key() -> bytes:
    return hmac.digest(settings().secret_key.get_secret_value().encode(), b"perennial secret tokens", "sha256")


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECKSUM_LENGTH)
