"""Examples of identity, in Japanese and English: the first of a body is what the reference shows first."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_WORKSPACE: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "name": "株式会社みのり",
    "base_currency": "JPY",
    "time_zone": "Asia/Tokyo",
    "language": "ja",
    "week_starts_on": 1,
    "fiscal_year_starts_in": 4,
    "business_calendar": {"weekdays": [1, 2, 3, 4, 5], "holidays": ["2026-12-31", "2027-01-01"]},
}
_USER: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "email": "sato@example.co.jp",
    "name": "佐藤 葵",
    "role": "csm",
    "language": "ja",
    "time_zone": None,
    "suspended": False,
    "suspended_at": None,
    "partner_id": None,
}
_INVITATION: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "email": "tanaka@example.co.jp",
    "role": "csm",
    "state": "open",
    "expires_at": "2026-04-15T00:30:00.000000Z",
    "accepted_at": None,
    "invited_by": "01966f30-aa10-7d43-b1c8-7b0a3f5de611",
    "partner_id": None,
}
_API_KEY: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "name": "請求システム連携",
    "prefix": "pk_live_01HV…8Q2d",
    "scopes": ["accounts:read", "accounts:write"],
    "state": "active",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": "2026-04-20T05:12:00.000000Z",
    "created_by": "01966f30-aa10-7d43-b1c8-7b0a3f5de611",
    "replaced_by": None,
    "partner_id": None,
}

TOKEN_REQUEST: Final[Examples] = [
    {"grant_type": "password", "username": "sato@example.co.jp", "password": "毎朝七時に珈琲を二杯だけ飲む"},
    {"grant_type": "refresh_token", "refresh_token": "rt_…"},
]
TOKEN_READ: Final[Examples] = [
    {
        "access_token": "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.…",
        "token_type": "Bearer",
        "expires_in": 600,
        "refresh_token": "rt_…",
        "scope": "accounts:read accounts:write",
    }
]
TOKEN_REVOCATION: Final[Examples] = [{"token": "rt_…"}]

BUSINESS_CALENDAR: Final[Examples] = [_WORKSPACE["business_calendar"]]
WORKSPACE_READ: Final[Examples] = [
    _WORKSPACE,
    {**_WORKSPACE, "name": "Minori Inc.", "base_currency": "USD", "time_zone": "America/New_York", "language": "en"},
]
WORKSPACE_UPDATE: Final[Examples] = [
    {"name": "株式会社みのり", "time_zone": "Asia/Tokyo", "fiscal_year_starts_in": 4},
    {"name": "Minori Inc.", "language": "en", "base_currency": "USD"},
]

USER_READ: Final[Examples] = [_USER, {**_USER, "email": "dana@example.com", "name": "Dana Reyes", "language": "en"}]
PROFILE_UPDATE: Final[Examples] = [{"name": "佐藤 葵", "language": "ja"}, {"time_zone": "Europe/Berlin"}]
USER_UPDATE: Final[Examples] = [{"name": "佐藤 葵", "role": "manager"}, {"suspended": True}]
PASSWORD_CHANGE: Final[Examples] = [
    {"current_password": "毎朝七時に珈琲を二杯だけ飲む", "new_password": "correct horse battery staple"},
    {"current_password": "correct horse battery staple", "new_password": "four clouds over the harbor"},
]

INVITATION_READ: Final[Examples] = [_INVITATION]
INVITATION_CREATED: Final[Examples] = [{**_INVITATION, "token": "inv_…"}]
INVITATION_CREATE: Final[Examples] = [
    {"email": "tanaka@example.co.jp", "role": "csm"},
    {"email": "alex@harbor.example.com", "role": "partner", "partner_id": "01966f3b-1d20-7f0e-9d37-5a1c44b0e2aa"},
]
INVITATION_ACCEPTANCE: Final[Examples] = [
    {"token": "inv_…", "name": "田中 陽菜", "password": "毎朝七時に珈琲を二杯だけ飲む", "language": "ja"},
    {"token": "inv_…", "name": "Dana Reyes", "password": "four clouds over the harbor"},
]

API_KEY_READ: Final[Examples] = [_API_KEY, {**_API_KEY, "name": "Warehouse export", "scopes": ["events:read"]}]
API_KEY_CREATED: Final[Examples] = [{**_API_KEY, "secret": "pk_live_…"}]
API_KEY_CREATE: Final[Examples] = [
    {"name": "請求システム連携", "scopes": ["accounts:read", "accounts:write"]},
    {"name": "Warehouse export", "scopes": ["events:read"], "expires_at": "2027-03-31T15:00:00Z"},
    {
        "name": "Harbor Consulting",
        "scopes": ["partner_reference_cases:read"],
        "partner_id": "01966f3b-1d20-7f0e-9d37-5a1c44b0e2aa",
    },
]
API_KEY_ROTATION: Final[Examples] = [{"overlap_hours": 48}]

AUDIT_ENTRY_READ: Final[Examples] = [
    {
        "id": "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e",
        "at": "2026-04-20T05:12:41.903000Z",
        "actor_kind": "user",
        "actor_id": "01966f30-aa10-7d43-b1c8-7b0a3f5de611",
        "action": "updated",
        "resource": "account",
        "resource_id": "01966f3b-1d20-7f0e-9d37-5a1c44b0e2aa",
        "fields": ["name"],
        "request_id": "01966f3c-7a7f-7b02-9c60-3f1e8f3f0c55",
    }
]
