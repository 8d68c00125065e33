"""Keyset cursors: opaque, signed, bound to the list, filter and sort they came from."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import orjson

from api.kit.problems import INVALID_CURSOR
from api.kit.settings import settings

_SIGNATURE_BYTES = 12


@lru_cache
def _key() -> bytes:
    secret = settings().secret_key.get_secret_value().encode()
    return hmac.digest(secret, b"perennial cursor", "sha256")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: its sort key as text, and its id."""

    key: str
    id: UUID

    def sealed(self, binding: bytes) -> str:
        """The cursor as callers see it, valid only with the same ``binding``."""
        payload = orjson.dumps([self.key, str(self.id)])
        return base64.urlsafe_b64encode(_signature(payload, binding) + payload).decode().rstrip("=")

    @classmethod
    def opened(cls, text: str, binding: bytes) -> "Cursor":
        """The cursor inside ``text``; the problem ``invalid_cursor`` when it is not ours or not for this list."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
            if not hmac.compare_digest(signature, _signature(payload, binding)):
                raise INVALID_CURSOR()
            key, row_id = orjson.loads(payload)
            return cls(key, UUID(row_id))
        except (ValueError, TypeError) as error:
            raise INVALID_CURSOR() from error


def _signature(payload: bytes, binding: bytes) -> bytes:
    # Keyed BLAKE2 is a MAC of its own: one small function, where an HMAC goes through OpenSSL three times.
    bound = len(binding).to_bytes(4, "big") + binding
    return hashlib.blake2b(bound + payload, key=_key(), digest_size=_SIGNATURE_BYTES).digest()
