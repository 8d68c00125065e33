"""Examples of tickets, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ACCOUNT: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_JA: Final[JsonDict] = {
    "account_id": _ACCOUNT,
    "contact_id": None,
    "external_id": "zd-20881",
    "subject": "CSV の取り込みが途中で止まる",
    "severity": "high",
    "opened_at": "2026-04-01T01:12:00.000000Z",
    "first_answered_at": "2026-04-01T01:40:00.000000Z",
    "closed_at": "2026-04-02T06:00:00.000000Z",
    "escalated": False,
    "satisfaction_score": 4,
    "satisfaction_min": 1,
    "satisfaction_max": 5,
}
_EN: Final[JsonDict] = {
    "account_id": _ACCOUNT,
    "contact_id": None,
    "external_id": "zd-20902",
    "subject": "Dashboard shows yesterday's figures",
    "severity": "normal",
    "opened_at": "2026-04-03T09:30:00.000000Z",
    "first_answered_at": None,
    "closed_at": None,
    "escalated": False,
    "satisfaction_score": None,
    "satisfaction_min": 0,
    "satisfaction_max": 100,
}
_READ: Final[JsonDict] = {"recorded_at": "2026-04-01T01:13:00.000000Z", "backfilled": False}
TICKET_READ: Final[Examples] = [
    {**RECORD_EXAMPLE, **_JA, **_READ, "state": "closed", "satisfaction": 75},
    {**RECORD_EXAMPLE, **_EN, **_READ, "state": "open", "satisfaction": None},
]
TICKET_CREATE: Final[Examples] = [
    {name: value for name, value in each.items() if value is not None} for each in (_JA, _EN)
]
TICKET_UPDATE: Final[Examples] = [
    {"closed_at": "2026-04-02T06:00:00Z", "satisfaction_score": 4, "satisfaction_min": 1, "satisfaction_max": 5},
    {"severity": "urgent", "escalated": True},
]
_ITEM_JA: Final[JsonDict] = {
    "external_id": "zd-20881",
    "account_external_id": "crm-1042",
    "subject": "CSV の取り込みが途中で止まる",
    "severity": "high",
    "opened_at": "2026-04-01T01:12:00Z",
}
_ITEM_EN: Final[JsonDict] = {
    "external_id": "zd-20902",
    "account_id": _ACCOUNT,
    "subject": "Dashboard shows yesterday's figures",
    "opened_at": "2026-04-03T09:30:00Z",
}
ITEM: Final[Examples] = [_ITEM_JA, _ITEM_EN]
BULK: Final[Examples] = [{"items": [_ITEM_JA]}, {"items": [_ITEM_EN]}]
