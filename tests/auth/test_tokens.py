"""The forgery suite of access tokens: every forgery is refused, and for its own reason."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple
from uuid import UUID

import pytest
import time_machine
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jose import JWTError, jwt

from api.auth import tokens
from api.auth.tokens import AccessClaims, InvalidToken, SigningKey, VerifyingKey

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
ISSUER = "https://perennial.example"
AUDIENCE = "https://perennial.example/v1"
USER = UUID("01890000-0000-7000-8000-000000000001")
WORKSPACE = UUID("01890000-0000-7000-8000-000000000002")
SESSION = UUID("01890000-0000-7000-8000-000000000003")
MINIMUM_FORGERIES = 50


@cache
def our_key() -> SigningKey:
    return SigningKey.generate()


@cache
def retired_key() -> SigningKey:
    return SigningKey.generate()


@cache
def strangers_key() -> SigningKey:
    return SigningKey.generate()


@cache
def accepted_keys() -> Mapping[str, VerifyingKey]:
    return {our_key().kid: our_key(), retired_key().kid: retired_key().public_half()}


def check(token: str, *, now: datetime = NOW) -> AccessClaims:
    return tokens.verify(token, accepted_keys(), issuer=ISSUER, audience=AUDIENCE, now=now)


def issue(key: SigningKey | None = None, *, lifetime: timedelta = timedelta(minutes=10)) -> str:
    token, _claims = tokens.issue(
        key or our_key(),
        issuer=ISSUER,
        audience=AUDIENCE,
        user_id=USER,
        workspace_id=WORKSPACE,
        session_id=SESSION,
        now=NOW,
        lifetime=lifetime,
    )
    return token


# The forger's tools. They share no code with the module under test.

OMIT: Any = object()
Signer = Callable[[bytes], bytes]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@cache
def private_key(key: SigningKey) -> rsa.RSAPrivateKey:
    private = serialization.load_pem_private_key(key.private_pem.encode(), password=None)
    assert isinstance(private, rsa.RSAPrivateKey)
    return private


def rs(key: SigningKey, algorithm: hashes.HashAlgorithm | None = None) -> Signer:
    return lambda data: private_key(key).sign(data, padding.PKCS1v15(), algorithm or hashes.SHA256())


def ps256(data: bytes) -> bytes:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return private_key(our_key()).sign(data, pss, hashes.SHA256())


def es256(data: bytes) -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).sign(data, ec.ECDSA(hashes.SHA256()))


def hs256(secret: bytes) -> Signer:
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def unsigned(data: bytes) -> bytes:
    return b""


def public_der() -> bytes:
    public = serialization.load_pem_public_key(our_key().public_pem.encode())
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def changed(original: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (original | dict(changes)).items() if value is not OMIT}


def header(**changes: Any) -> bytes:
    return json.dumps(changed({"alg": "RS256", "kid": our_key().kid, "typ": "at+jwt"}, changes)).encode()


def payload(**changes: Any) -> bytes:
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(USER),
        "client_id": "perennial",
        "iat": EPOCH,
        "exp": EPOCH + 600,
        "jti": "AAECAwQFBgcICQoLDA0ODw",
        "workspace_id": str(WORKSPACE),
        "sid": str(SESSION),
    }
    return json.dumps(changed(claims, changes)).encode()


def signed(head: bytes | None = None, body: bytes | None = None, by: Signer | None = None) -> str:
    """A token with a valid signature of our own key, unless told otherwise."""
    data = f"{b64(header() if head is None else head)}.{b64(payload() if body is None else body)}"
    return f"{data}.{b64((by or rs(our_key()))(data.encode()))}"


def with_header(**changes: Any) -> Callable[[], str]:
    return lambda: signed(head=header(**changes))


def with_claims(**changes: Any) -> Callable[[], str]:
    return lambda: signed(body=payload(**changes))


def with_body(make: Callable[[bytes], bytes]) -> Callable[[], str]:
    return lambda: signed(body=make(payload()))


class Parts(NamedTuple):
    """The three segments of the forger's unchanged token."""

    h: str
    p: str
    s: str


def spelled(template: str) -> Callable[[], str]:
    return lambda: template.format(**Parts(*signed().split("."))._asdict())


def segments(change: Callable[[Parts], str]) -> Callable[[], str]:
    return lambda: change(Parts(*signed().split(".")))


def with_signature(change: Callable[[bytes], bytes]) -> Callable[[], str]:
    return segments(lambda t: f"{t.h}.{t.p}.{b64(change(unb64(t.s)))}")


def flipped(data: bytes, bit: int) -> bytes:
    changed_data = bytearray(data)
    changed_data[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed_data)


def respelled(segment: str) -> str:
    """The same bytes, written with other spare bits in the last character."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return segment[:-1] + alphabet[alphabet.index(segment[-1]) + 1]


def unsigned_as(alg: str) -> str:
    return signed(head=header(alg=alg), by=unsigned) + "AA"


SHAPE = "not three segments"
CANONICAL = "not canonical"
HEADER = "the header has other members"
ALG = "the algorithm is not ours"
TYP = "the type is not"
KID = "no key of ours"
SIGNATURE = "the signature is not"
CLAIMS = "claims are missing, or there are unknown ones"
JSON = "is not JSON that we would write"
OBJECT = "is not a JSON object"
TWICE = "occurs twice"
NUMBER = "a number is not an integer"

Forgeries = dict[str, tuple[Callable[[], str], str]]

ALGORITHMS: Forgeries = {
    **{
        f"alg {alg or 'empty'} unsigned": (
            partial(unsigned_as, alg),
            ALG,
        )
        for alg in ("none", "None", "NONE", "nOnE", "")
    },
    "alg none with a signature": (with_header(alg="none"), ALG),
    "alg RS256 in lower case": (with_header(alg="rs256"), ALG),
    "alg as list": (with_header(alg=["RS256"]), ALG),
    "alg null": (with_header(alg=None), ALG),
    "alg missing": (with_header(alg=OMIT), HEADER),
    "HS256 with the public key as PEM": (
        lambda: signed(head=header(alg="HS256"), by=hs256(our_key().public_pem.encode())),
        ALG,
    ),
    "HS256 with the public key as stripped PEM": (
        lambda: signed(head=header(alg="HS256"), by=hs256(our_key().public_pem.strip().encode())),
        ALG,
    ),
    "HS256 with the public key as DER": (
        lambda: signed(head=header(alg="HS256"), by=hs256(public_der())),
        ALG,
    ),
    "HS256 with the public key as JWK": (
        lambda: signed(head=header(alg="HS256"), by=hs256(json.dumps(our_key().public_jwk(), sort_keys=True).encode())),
        ALG,
    ),
    "HS256 with an empty secret": (lambda: signed(head=header(alg="HS256"), by=hs256(b"")), ALG),
    "HMAC of the public key, called RS256": (
        lambda: signed(by=hs256(our_key().public_pem.encode())),
        SIGNATURE,
    ),
    "ES256": (lambda: signed(head=header(alg="ES256"), by=es256), ALG),
    "ES256 called RS256": (lambda: signed(by=es256), SIGNATURE),
    "RS384 by our key": (lambda: signed(header(alg="RS384"), by=rs(our_key(), hashes.SHA384())), ALG),
    "RS512 by our key": (lambda: signed(header(alg="RS512"), by=rs(our_key(), hashes.SHA512())), ALG),
    "PS256 by our key": (lambda: signed(header(alg="PS256"), by=ps256), ALG),
    "PS256 called RS256": (lambda: signed(by=ps256), SIGNATURE),
    "SHA-384 called RS256": (lambda: signed(by=rs(our_key(), hashes.SHA384())), SIGNATURE),
}

KEYS: Forgeries = {
    "a stranger's key": (lambda: signed(by=rs(strangers_key())), SIGNATURE),
    "a stranger's key and kid": (
        lambda: signed(head=header(kid=strangers_key().kid), by=rs(strangers_key())),
        KID,
    ),
    "our retired key under the current kid": (lambda: signed(by=rs(retired_key())), SIGNATURE),
    "our current key under the retired kid": (lambda: signed(head=header(kid=retired_key().kid)), SIGNATURE),
    "kid unknown": (with_header(kid="2026-11"), KID),
    "kid missing": (with_header(kid=OMIT), HEADER),
    "kid null": (with_header(kid=None), KID),
    "kid empty": (with_header(kid=""), KID),
    "kid as list": (lambda: signed(head=header(kid=[our_key().kid])), KID),
    "kid as object": (lambda: signed(head=header(kid={our_key().kid: 1})), KID),
    "kid as number": (with_header(kid=0), KID),
    "kid a path": (with_header(kid="../../../../dev/null"), KID),
    "kid an SQL fragment": (with_header(kid="x' UNION SELECT 'secret"), KID),
    "kid with a NUL": (lambda: signed(head=header(kid=our_key().kid + "\x00")), KID),
    "kid with a space": (lambda: signed(head=header(kid=our_key().kid + " ")), KID),
}

HEADERS: Forgeries = {
    "header jku": (with_header(jku="https://evil.example/jwks.json"), HEADER),
    "header x5u": (with_header(x5u="https://evil.example/cert.pem"), HEADER),
    "header x5c": (with_header(x5c=["MIIB"]), HEADER),
    "header x5t": (with_header(x5t="AAAA"), HEADER),
    "header jwk, signed by it": (
        lambda: signed(head=header(jwk=strangers_key().public_jwk()), by=rs(strangers_key())),
        HEADER,
    ),
    "header crit of something unknown": (with_header(crit=["exp2"], exp2=1), HEADER),
    "header crit empty": (with_header(crit=[]), HEADER),
    "header b64 false": (with_header(b64=False, crit=["b64"]), HEADER),
    "header zip": (with_header(zip="DEF"), HEADER),
    "header cty": (with_header(cty="JWT"), HEADER),
    "header enc": (with_header(enc="A256GCM"), HEADER),
    "header of our own invention": (with_header(admin=True), HEADER),
    "typ JWT": (with_header(typ="JWT"), TYP),
    "typ of a logout token": (with_header(typ="logout+jwt"), TYP),
    "typ in capitals": (with_header(typ="AT+JWT"), TYP),
    "typ null": (with_header(typ=None), TYP),
    "typ as list": (with_header(typ=["at+jwt"]), TYP),
    "typ missing": (with_header(typ=OMIT), HEADER),
    "alg twice, none first": (
        lambda: signed(head=b'{"alg":"none",' + header()[1:]),
        TWICE,
    ),
    "kid twice": (lambda: signed(head=header()[:-1] + b',"kid":"x"}'), TWICE),
    "header a list": (lambda: signed(head=b'["RS256"]'), OBJECT),
    "header a string": (lambda: signed(head=b'"RS256"'), OBJECT),
    "header null": (lambda: signed(head=b"null"), OBJECT),
    "header not JSON": (lambda: signed(head=b"alg=RS256"), JSON),
    "header not UTF-8": (lambda: signed(head=b'{"alg":"\xff"}'), JSON),
    "header in UTF-16": (lambda: signed(head=header().decode().encode("utf-16")), JSON),
    "header after a byte order mark": (lambda: signed(head=b"\xef\xbb\xbf" + header()), JSON),
    "header with text after it": (lambda: signed(head=header() + b"{}"), JSON),
    "header nested 2,500 deep": (lambda: signed(head=b"[" * 2_500, by=unsigned) + "AA", JSON),
}

ID_VALUES: dict[str, Any] = {
    "null": None,
    "a number": 1,
    "a list": [str(USER)],
    "empty": "",
    "a name": "admin",
    "an id without hyphens": USER.hex,
    "an id in capitals": "01890000-0000-7000-8000-00000000000A",
    "an id in braces": "{" + str(USER) + "}",
    "an id as URN": USER.urn,
    "an id and a NUL": str(USER) + "\x00",
    "an id and a line end": str(USER) + "\n",
    "an id in fullwidth digits": str(USER).replace("1", "\uff11"),
}
TIME_VALUES: dict[str, Any] = {
    "null": None,
    "a string": str(EPOCH + 60),
    "true": True,
    "false": False,
    "a list": [EPOCH],
    "an object": {},
    "a float": EPOCH + 60.5,
    "a whole float": float(EPOCH),
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}


def reason_for_time(name: str, value: Any) -> str:
    return NUMBER if isinstance(value, float) else f"{name} is not a whole number"


CLAIM_TYPES: Forgeries = {
    **{
        f"{name} {what}": (with_claims(**{name: value}), f"{name} is not an id")
        for name in ("sub", "sid", "workspace_id")
        for what, value in ID_VALUES.items()
    },
    **{
        f"{name} {what}": (with_claims(**{name: value}), reason_for_time(name, value))
        for name in ("exp", "iat")
        for what, value in TIME_VALUES.items()
    },
    **{
        f"jti {what}": (with_claims(jti=value), "jti is not a token id")
        for what, value in {
            "null": None,
            "a number": 12345678901234567890,
            "empty": "",
            "short": "abc",
            "endless": "a" * 65,
            "with a slash": "AAECAwQFBgcICQoLDA0O/w",
            "with a line end": "AAECAwQFBgcICQoLDA0ODw\n",
        }.items()
    },
}

CLAIM_VALUES: Forgeries = {
    **{
        f"{name} missing": (with_claims(**{name: OMIT}), CLAIMS)
        for name in ("iss", "aud", "sub", "client_id", "iat", "exp", "jti", "workspace_id", "sid")
    },
    "another issuer": (with_claims(iss="https://evil.example"), "iss is not"),
    "issuer with a slash": (with_claims(iss=ISSUER + "/"), "iss is not"),
    "issuer as list": (with_claims(iss=[ISSUER]), "iss is not"),
    "issuer null": (with_claims(iss=None), "iss is not"),
    "issuer empty": (with_claims(iss=""), "iss is not"),
    "another audience": (with_claims(aud="https://other.example"), "aud is not"),
    "audience as list": (with_claims(aud=[AUDIENCE]), "aud is not"),
    "audience as list with others": (with_claims(aud=["https://other.example", AUDIENCE]), "aud is not"),
    "audience as object": (with_claims(aud={AUDIENCE: 1}), "aud is not"),
    "audience null": (with_claims(aud=None), "aud is not"),
    "audience with a space": (with_claims(aud=AUDIENCE + " "), "aud is not"),
    "another client": (with_claims(client_id="evil"), "client_id is not"),
    "client null": (with_claims(client_id=None), "client_id is not"),
    "expired an hour ago": (with_claims(iat=EPOCH - 4200, exp=EPOCH - 3600), "expired"),
    "expires this second": (with_claims(iat=EPOCH - 600, exp=EPOCH), "expired"),
    "expires in 1970": (with_claims(exp=0), "expired"),
    "expires before 1970": (with_claims(exp=-EPOCH), "expired"),
    "expires far before 1970": (with_claims(exp=-(10**400)), "expired"),
    "expires before its issue": (
        with_claims(iat=EPOCH + 4, exp=EPOCH + 3),
        "valid for longer",
    ),
    "lives a second too long": (with_claims(exp=EPOCH + 3601), "valid for longer"),
    "lives for years": (with_claims(exp=EPOCH + 10**9), "valid for longer"),
    "lives for ever": (with_claims(exp=10**1000), "valid for longer"),
    "issued in 1970": (with_claims(iat=0), "valid for longer"),
    "issued before the universe": (with_claims(iat=-(10**400)), "valid for longer"),
    "issued six seconds ahead": (with_claims(iat=EPOCH + 6), "issued in the future"),
    "issued tomorrow": (with_claims(iat=EPOCH + 86_400, exp=EPOCH + 87_000), "issued in the future"),
    "nbf tomorrow": (with_claims(nbf=EPOCH + 86_400), CLAIMS),
    "nbf now": (with_claims(nbf=EPOCH), CLAIMS),
    "a role of its own": (with_claims(role="owner"), CLAIMS),
    "a scope of its own": (with_claims(scope="*"), CLAIMS),
    "sub in another case too": (with_claims(SUB=str(USER)), CLAIMS),
}

PAYLOADS: Forgeries = {
    "payload a list": (with_body(lambda body: b"[" + body + b"]"), OBJECT),
    "payload a string": (with_body(lambda body: json.dumps(body.decode()).encode()), OBJECT),
    "payload a number": (with_body(lambda _: b"1"), OBJECT),
    "payload null": (with_body(lambda _: b"null"), OBJECT),
    "payload an empty object": (with_body(lambda _: b"{}"), CLAIMS),
    "payload not JSON": (with_body(lambda _: b"sub=admin"), JSON),
    "payload not UTF-8": (with_body(lambda body: body.replace(b"perennial", b"perennia\xff", 1)), JSON),
    "payload in UTF-16": (with_body(lambda body: body.decode().encode("utf-16")), JSON),
    "payload with a NUL after it": (with_body(lambda body: body + b"\x00"), JSON),
    "payload a raw NUL in a string": (with_body(lambda body: body.replace(b"7000", b"70\x000", 1)), JSON),
    "payload twice": (with_body(lambda body: body + body), JSON),
    "payload cut short": (with_body(lambda body: body[:-1]), JSON),
    "payload nested 2,500 deep": (with_body(lambda _: b"[" * 2_500), JSON),
    "payload objects nested 500 deep": (with_body(lambda _: b'{"a":' * 500), JSON),
    "sub twice": (with_body(lambda body: body[:-1] + b',"sub":"admin"}'), TWICE),
    "exp twice": (with_body(lambda body: b'{"exp":9999999999,' + body[1:]), TWICE),
    "exp twice, once escaped": (with_body(lambda body: body[:-1] + b',"\\u0065xp":1}'), TWICE),
    "a name twice inside a claim": (
        with_body(lambda body: body.replace(json.dumps(AUDIENCE).encode(), b'{"a":1,"a":2}')),
        TWICE,
    ),
    "exp 1e400": (with_body(lambda b: b.replace(str(EPOCH + 600).encode(), b"1e400")), NUMBER),
    "exp 1e9": (with_body(lambda b: b.replace(str(EPOCH + 600).encode(), b"1e9")), NUMBER),
    "exp with a leading zero": (with_body(lambda b: b.replace(str(EPOCH + 600).encode(), b"0999")), JSON),
}

SPELLINGS: Forgeries = {
    "empty": (lambda: "", SHAPE),
    "dots only": (lambda: "..", SHAPE),
    "one segment": (spelled("{h}"), SHAPE),
    "two segments": (spelled("{h}.{p}"), SHAPE),
    "signature stripped": (spelled("{h}.{p}."), SHAPE),
    "header stripped": (spelled(".{p}.{s}"), SHAPE),
    "payload stripped": (spelled("{h}..{s}"), SHAPE),
    "four segments": (spelled("{h}.{p}.{s}.{s}"), SHAPE),
    "five segments like JWE": (spelled("{h}.{p}.{s}.{s}.{s}"), SHAPE),
    "dot at the end": (spelled("{h}.{p}.{s}."), SHAPE),
    "signature padded": (spelled("{h}.{p}.{s}=="), SHAPE),
    "header padded": (spelled("{h}=.{p}.{s}"), SHAPE),
    "space before": (spelled(" {h}.{p}.{s}"), SHAPE),
    "space after": (spelled("{h}.{p}.{s} "), SHAPE),
    "line end after": (spelled("{h}.{p}.{s}\n"), SHAPE),
    "line end inside": (spelled("{h}.\n{p}.{s}"), SHAPE),
    "tab inside": (segments(lambda t: f"{t.h}.{t.p[:9]}\t{t.p[9:]}.{t.s}"), SHAPE),
    "NUL after": (spelled("{h}.{p}.{s}\x00"), SHAPE),
    "NUL inside": (spelled("{h}.{p}\x00.{s}"), SHAPE),
    "zero-width space": (spelled("{h}\u200b.{p}.{s}"), SHAPE),
    "fullwidth dot": (spelled("{h}\uff0e{p}.{s}"), SHAPE),
    "Cyrillic letter": (spelled("{h}.{p}.{s}\u0430"), SHAPE),
    "lone surrogate": (spelled("{h}.{p}.{s}\ud800"), SHAPE),
    "plain base64 alphabet": (segments(lambda t: f"{t.h}.{t.p}.{t.s[:-2]}+/"), SHAPE),
    "JSON serialisation": (
        segments(lambda t: json.dumps({"protected": t.h, "payload": t.p, "signature": t.s})),
        SHAPE,
    ),
    "with its scheme": (spelled("Bearer {h}.{p}.{s}"), SHAPE),
    "longer than the cap": (spelled("{h}.{p}.{s}" + "A" * 4096), "longer than"),
    "a megabyte of dots": (lambda: "." * 2**20, "longer than"),
    "longer than the cap, signed": (with_claims(jti="a" * 4096), "longer than"),
    "signature cut by a byte": (
        with_signature(lambda signature: signature[:-1]),
        SIGNATURE,
    ),
    "signature longer by a byte": (with_signature(lambda signature: signature + b"A"), SIGNATURE),
    "signature behind a zero byte": (
        with_signature(lambda signature: bytes(1) + signature),
        SIGNATURE,
    ),
    "signature of zeros": (with_signature(lambda _: bytes(256)), SIGNATURE),
    "signature of ones": (with_signature(lambda _: b"\xff" * 256), SIGNATURE),
    "signature spelled twice": (segments(lambda t: f"{t.h}.{t.p}.{respelled(t.s)}"), CANONICAL),
    "signature with an impossible length": (spelled("{h}.{p}.{s}AAA"), "not base64url"),
    **{
        f"signature bit {bit} flipped": (
            with_signature(partial(flipped, bit=bit)),
            SIGNATURE,
        )
        for bit in (0, 7, 1024, 2047)
    },
    "payload bit flipped": (segments(lambda t: f"{t.h}.{b64(flipped(unb64(t.p), bit=81))}.{t.s}"), SIGNATURE),
    "payload swapped": (
        segments(lambda t: f"{t.h}.{b64(payload(sub=str(SESSION)))}.{t.s}"),
        SIGNATURE,
    ),
    "header re-spaced": (segments(lambda t: f"{b64(unb64(t.h) + b' ')}.{t.p}.{t.s}"), SIGNATURE),
    "signature of another token": (
        segments(lambda t: f"{t.h}.{t.p}.{signed(body=payload(sub=str(SESSION))).split('.')[2]}"),
        SIGNATURE,
    ),
    "header and payload exchanged": (spelled("{p}.{h}.{s}"), HEADER),
}

GROUPS = (ALGORITHMS, KEYS, HEADERS, CLAIM_TYPES, CLAIM_VALUES, PAYLOADS, SPELLINGS)
FORGERIES: Forgeries = {name: forgery for group in GROUPS for name, forgery in group.items()}


def test_a_token_of_ours_is_accepted() -> None:
    token, claims = tokens.issue(
        our_key(),
        issuer=ISSUER,
        audience=AUDIENCE,
        user_id=USER,
        workspace_id=WORKSPACE,
        session_id=SESSION,
        now=NOW,
        lifetime=timedelta(minutes=10),
    )
    assert check(token) == claims
    assert (claims.user_id, claims.workspace_id, claims.session_id) == (USER, WORKSPACE, SESSION)
    assert claims.expires_at - claims.issued_at == 600


def test_the_forgers_unchanged_token_is_accepted() -> None:
    """Without this, every forgery below might be refused for a reason that is not its own."""
    assert check(signed()).user_id == USER
    assert check(with_claims(iat=EPOCH + 5)()).user_id == USER
    assert check(with_claims(exp=EPOCH + 3600)()).user_id == USER


def test_the_header_and_claims_are_those_of_rfc_9068() -> None:
    head, body, _signature = (part for part in issue().split("."))
    assert json.loads(unb64(head)) == {"alg": "RS256", "typ": "at+jwt", "kid": our_key().kid}
    claims = json.loads(unb64(body))
    assert claims.keys() >= {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"}
    assert claims["sub"] == str(USER)


@pytest.mark.parametrize(("build", "reason"), FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_is_refused_for_its_own_reason(build: Callable[[], str], reason: str) -> None:
    with pytest.raises(InvalidToken, match=reason):
        check(build())


def test_there_are_enough_distinct_forgeries(capsys: pytest.CaptureFixture[str]) -> None:
    distinct = {build() for build, _reason in FORGERIES.values()}
    assert sum(len(group) for group in GROUPS) == len(FORGERIES) == len(distinct)
    with capsys.disabled():
        print(f"\n{len(distinct)} distinct forged access tokens")  # noqa: T201 - the count is evidence
    assert len(distinct) >= MINIMUM_FORGERIES


@time_machine.travel(NOW, tick=False)
def test_jose_alone_would_accept_many_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    """The control: the forgeries are good enough to pass the check that one would write first."""
    accepted = {name for name, (build, _reason) in FORGERIES.items() if naively_accepted(build())}
    with capsys.disabled():
        print(f"\n{len(accepted)} of them accepted by jose.jwt.decode alone")  # noqa: T201 - the count is evidence
    assert accepted >= {
        "aud missing",
        "exp missing",
        "issued tomorrow",
        "header crit of something unknown",
        "typ JWT",
        "kid unknown",
        "lives for years",
        "sub twice",
        "signature spelled twice",
    }


def naively_accepted(token: str) -> bool:
    try:
        jwt.decode(token, our_key().public_pem, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)
    except (JWTError, TypeError, ValueError, OverflowError, RecursionError):  # jose lets these escape
        return False
    return True


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", fullmatch=True))
@hypothesis_settings(max_examples=200, deadline=None, database=None)
def test_any_other_text_is_refused_with_invalid_token(text: str) -> None:
    with pytest.raises(InvalidToken):
        check(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
claim_names = st.sampled_from(["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "workspace_id", "sid"])


@given(claim_names, json_values)
@hypothesis_settings(max_examples=200, deadline=None, database=None)
def test_no_value_of_a_claim_raises_anything_but_invalid_token(name: str, value: object) -> None:
    with suppress(InvalidToken):
        check(with_claims(**{name: value})())


@given(st.sampled_from(["alg", "kid", "typ"]), json_values)
@hypothesis_settings(max_examples=100, deadline=None, database=None)
def test_no_value_of_a_header_raises_anything_but_invalid_token(name: str, value: object) -> None:
    with suppress(InvalidToken):
        check(with_header(**{name: value})())


def test_a_token_of_a_retired_key_is_accepted_until_the_key_is_forgotten() -> None:
    token = issue(retired_key())
    assert check(token).user_id == USER
    with pytest.raises(InvalidToken, match=KID):
        tokens.verify(token, {our_key().kid: our_key()}, issuer=ISSUER, audience=AUDIENCE, now=NOW)


def test_without_keys_nothing_is_accepted() -> None:
    with pytest.raises(InvalidToken, match=KID):
        tokens.verify(issue(), {}, issuer=ISSUER, audience=AUDIENCE, now=NOW)


def test_a_token_expires_when_it_says() -> None:
    token = issue(lifetime=timedelta(seconds=60))
    assert check(token, now=NOW + timedelta(seconds=59.9)).user_id == USER
    with pytest.raises(InvalidToken, match="expired"):
        check(token, now=NOW + timedelta(seconds=60))


def test_no_two_tokens_share_an_id() -> None:
    assert len({check(issue()).token_id for _ in range(20)}) == 20


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(hours=1, seconds=1)])
def test_a_lifetime_outside_the_limits_is_not_issued(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="lives between"):
        issue(lifetime=lifetime)


def test_a_time_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="time zone"):
        check(issue(), now=NOW.replace(tzinfo=None))


def test_the_published_keys_hold_nothing_private() -> None:
    published = tokens.jwks([our_key(), retired_key().public_half()])
    assert [key["kid"] for key in published["keys"]] == [our_key().kid, retired_key().kid]
    for key in published["keys"]:
        assert key.keys() == {"kty", "n", "e", "kid", "use", "alg"}
        assert key["alg"] == "RS256"
        assert len(unb64(key["n"])) == 256


@time_machine.travel(NOW, tick=False)
def test_the_published_key_verifies_our_tokens() -> None:
    (key,) = tokens.jwks([our_key()])["keys"]
    claims = jwt.decode(issue(), dict(key), algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)
    assert claims["sub"] == str(USER)


def test_the_key_id_is_the_rfc_7638_thumbprint() -> None:
    """The example of RFC 7638, section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi"
        "FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb"
        "9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls"
        "1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    public = rsa.RSAPublicNumbers(65537, int.from_bytes(unb64(modulus), "big")).public_key()
    assert tokens._thumbprint(public) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_the_private_key_stays_out_of_logs() -> None:
    assert "PRIVATE" not in repr(our_key())
