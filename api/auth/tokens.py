"""Access tokens: short-lived RS256 JSON Web Tokens after RFC 9068, and the keys that sign them.

The only module that imports ``jose``. python-jose alone accepts tokens without an audience or an expiry, with
unknown critical headers, and HS256 tokens signed with the text of a public key. So jose only checks the
signature here, with one algorithm and a key chosen by a known ``kid``; everything else of the token must be
exactly what :func:`issue` writes, header by header and claim by claim.

Pure: no database, no FastAPI, and the time is a parameter.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NoReturn, Self
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwk, jws
from jose.backends.base import Key
from jose.exceptions import JOSEError

ALGORITHM: Final = "RS256"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - a media type (RFC 9068), not a password
CLIENT_ID: Final = "perennial"
MAXIMUM_LIFETIME: Final = timedelta(hours=1)
MAXIMUM_LENGTH: Final = 4096
CLOCK_LEEWAY: Final = timedelta(seconds=5)

_HEADER_NAMES: Final = frozenset({"alg", "kid", "typ"})
_CLAIM_NAMES: Final = frozenset({"iss", "aud", "sub", "client_id", "iat", "exp", "jti", "workspace_id", "sid"})
_SEGMENTS: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
_TOKEN_ID: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


class InvalidToken(Exception):  # noqa: N818 - reads as the fact it states
    """The token is not one that this service issued for this use, or it is no longer valid.

    The reason is for logs and tests; callers of the API should only learn that the token is invalid.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public half of a signing key: what remains of a retired one until its last token expires."""

    kid: str
    public_pem: str

    def public_jwk(self) -> dict[str, str]:
        """The key as a JSON Web Key, for the published key set."""
        return _rsa_members(_load_public(self.public_pem)) | {
            "kid": self.kid,
            "use": "sig",
            "alg": ALGORITHM,
        }


@dataclass(frozen=True, slots=True)
class SigningKey(VerifyingKey):
    """An RSA key that signs access tokens."""

    private_pem: str = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Make a new 2048-bit key, identified by its RFC 7638 thumbprint."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = private.public_key()
        return cls(
            kid=_thumbprint(public),
            public_pem=public.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ).decode("ascii"),
            private_pem=private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode("ascii"),
        )

    def public_half(self) -> VerifyingKey:
        """The part to keep once this key signs no more."""
        return VerifyingKey(kid=self.kid, public_pem=self.public_pem)


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """Who a verified access token speaks for, and until when."""

    user_id: UUID
    workspace_id: UUID
    session_id: UUID
    token_id: str
    issued_at: int
    expires_at: int


def issue(
    key: SigningKey,
    *,
    issuer: str,
    audience: str,
    user_id: UUID,
    workspace_id: UUID,
    session_id: UUID,
    now: datetime,
    lifetime: timedelta,
) -> tuple[str, AccessClaims]:
    """Sign an access token.

    Args:
        key: The key that signs; its ``kid`` goes into the header.
        issuer: The address of this service, as receivers know it.
        audience: Who shall accept the token.
        user_id: The signed-in user.
        workspace_id: The one workspace the token is good for.
        session_id: The session whose end also ends the token.
        now: The time of issue, with a time zone.
        lifetime: How long the token is valid, whole seconds, at most an hour.

    Returns:
        The token and what it says.

    Raises:
        ValueError: The lifetime is not between one second and an hour, or `now` has no time zone.
    """
    if not timedelta(seconds=1) <= lifetime <= MAXIMUM_LIFETIME:
        raise ValueError(f"an access token lives between a second and {MAXIMUM_LIFETIME}")
    issued_at = int(_timestamp(now))
    claims = AccessClaims(
        user_id=user_id,
        workspace_id=workspace_id,
        session_id=session_id,
        token_id=secrets.token_urlsafe(16),
        issued_at=issued_at,
        expires_at=issued_at + int(lifetime.total_seconds()),
    )
    payload = {
        "iss": issuer,
        "aud": audience,
        "sub": str(claims.user_id),
        "client_id": CLIENT_ID,
        "iat": claims.issued_at,
        "exp": claims.expires_at,
        "jti": claims.token_id,
        "workspace_id": str(claims.workspace_id),
        "sid": str(claims.session_id),
    }
    header = {"typ": TOKEN_TYPE, "kid": key.kid}
    return jws.sign(payload, _jose_key(key.private_pem), header, ALGORITHM), claims


def verify(token: str, keys: Mapping[str, VerifyingKey], *, issuer: str, audience: str, now: datetime) -> AccessClaims:
    """Check that a token is one of ours, for this audience, and valid now.

    Args:
        token: The text after ``Bearer``.
        keys: The keys whose tokens are still accepted, by their ``kid``.
        issuer: The only issuer to accept.
        audience: The only audience to accept.
        now: The present, with a time zone.

    Returns:
        What the token says.

    Raises:
        InvalidToken: For every token that :func:`issue` would not have written, or that has expired.
        ValueError: `now` has no time zone.
    """
    timestamp = _timestamp(now)
    key = _key_named_by(_json_object(_header_of(token), "header"), keys)
    claims = _json_object(_signed_payload(token, key), "payload")
    return _checked(claims, issuer=issuer, audience=audience, timestamp=timestamp)


def jwks(keys: Iterable[VerifyingKey]) -> dict[str, list[dict[str, str]]]:
    """The public halves of the keys as a JSON Web Key Set."""
    return {"keys": [key.public_jwk() for key in keys]}


def _timestamp(now: datetime) -> float:
    if now.tzinfo is None:
        raise ValueError("the time needs a time zone")
    return now.timestamp()


def _header_of(token: str) -> bytes:
    if len(token) > MAXIMUM_LENGTH:
        raise InvalidToken("longer than any token of ours")
    if not (match := _SEGMENTS.fullmatch(token)):
        raise InvalidToken("not three segments of base64url without padding")
    header, _payload, _signature = (_decoded(segment.encode("ascii")) for segment in match.groups())
    return header


def _decoded(segment: bytes) -> bytes:
    """Decode base64url, refusing the second spellings that spare bits in the last character allow."""
    try:
        decoded = base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    except ValueError:
        raise InvalidToken("a segment is not base64url") from None
    if _base64url(decoded).encode("ascii") != segment:
        raise InvalidToken("a segment is not canonical base64url")
    return decoded


def _json_object(text: bytes, where: str) -> dict[str, object]:
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError):
        raise InvalidToken(f"the {where} is not JSON that we would write") from None
    if not isinstance(value, dict):
        raise InvalidToken(f"the {where} is not a JSON object")
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise InvalidToken("a JSON name occurs twice")
    return names


def _refuse_number(_text: str) -> NoReturn:
    raise InvalidToken("a number is not an integer")


def _key_named_by(header: Mapping[str, object], keys: Mapping[str, VerifyingKey]) -> VerifyingKey:
    if header.keys() != _HEADER_NAMES:
        raise InvalidToken("the header has other members than alg, kid and typ")
    if header["alg"] != ALGORITHM:
        raise InvalidToken("the algorithm is not ours")
    if header["typ"] != TOKEN_TYPE:
        raise InvalidToken("the type is not that of an access token")
    kid = header["kid"]
    if not isinstance(kid, str) or kid not in keys:
        raise InvalidToken("no key of ours has this id")
    return keys[kid]


def _signed_payload(token: str, key: VerifyingKey) -> bytes:
    public = _jose_key(key.public_pem)
    try:
        return jws.verify(token, public, [ALGORITHM])
    except JOSEError:
        raise InvalidToken("the signature is not that of the named key") from None


def _checked(claims: Mapping[str, object], *, issuer: str, audience: str, timestamp: float) -> AccessClaims:
    if claims.keys() != _CLAIM_NAMES:
        raise InvalidToken("claims are missing, or there are unknown ones")
    for name, expected in (("iss", issuer), ("aud", audience), ("client_id", CLIENT_ID)):
        if claims[name] != expected:
            raise InvalidToken(f"{name} is not the expected one")
    checked = AccessClaims(
        user_id=_uuid(claims, "sub"),
        workspace_id=_uuid(claims, "workspace_id"),
        session_id=_uuid(claims, "sid"),
        token_id=_token_id(claims),
        issued_at=_seconds(claims, "iat"),
        expires_at=_seconds(claims, "exp"),
    )
    _check_times(checked, timestamp)
    return checked


def _check_times(claims: AccessClaims, timestamp: float) -> None:
    if claims.issued_at > timestamp + CLOCK_LEEWAY.total_seconds():
        raise InvalidToken("issued in the future")
    if claims.expires_at <= timestamp:
        raise InvalidToken("expired")
    if not 0 < claims.expires_at - claims.issued_at <= MAXIMUM_LIFETIME.total_seconds():
        raise InvalidToken("valid for longer than any token of ours")


def _uuid(claims: Mapping[str, object], name: str) -> UUID:
    text = claims[name]
    try:
        value = UUID(text) if isinstance(text, str) else None
    except ValueError:
        value = None
    # UUID() also reads braces, "urn:uuid:" and capitals; a second spelling is not ours.
    if value is None or str(value) != text:
        raise InvalidToken(f"{name} is not an id")
    return value


def _token_id(claims: Mapping[str, object]) -> str:
    token_id = claims["jti"]
    if not isinstance(token_id, str) or not _TOKEN_ID.fullmatch(token_id):
        raise InvalidToken("jti is not a token id")
    return token_id


def _seconds(claims: Mapping[str, object], name: str) -> int:
    seconds = claims[name]
    if type(seconds) is not int:  # isinstance would let a bool through
        raise InvalidToken(f"{name} is not a whole number of seconds")
    return seconds


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


@lru_cache(maxsize=64)
def _jose_key(pem: str) -> Key:
    """Parse a key once: reading a private key costs far more than signing with it."""
    return jwk.construct(pem, ALGORITHM)


def _load_public(pem: str) -> rsa.RSAPublicKey:
    public = serialization.load_pem_public_key(pem.encode("ascii"))
    if not isinstance(public, rsa.RSAPublicKey):
        raise TypeError("not an RSA key")
    return public


def _rsa_members(public: rsa.RSAPublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)
    exponent = numbers.e.to_bytes((numbers.e.bit_length() + 7) // 8)
    return {"kty": "RSA", "n": _base64url(modulus), "e": _base64url(exponent)}


def _thumbprint(public: rsa.RSAPublicKey) -> str:
    canonical = json.dumps(_rsa_members(public), separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(canonical.encode("ascii")).digest())
