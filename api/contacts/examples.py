"""Examples of people at accounts, in Japanese and English: the first of a body is what the reference shows first."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ACCOUNT_ID: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_HANAKO: Final[JsonDict] = {
    "account_id": _ACCOUNT_ID,
    "name": "佐藤 花子",
    "kana": "サトウ ハナコ",
    "email": "hanako.sato@sakura-logi.example",
    "title": "物流企画部 部長",
    "department": "物流企画部",
    "language": "ja",
    "stakeholder_role": "decision_maker",
    "influence": 5,
    "stance": "supportive",
    "since": "2024-04-01",
    "tags": ["ユーザー会"],
}
_DANA: Final[JsonDict] = {
    "account_id": _ACCOUNT_ID,
    "name": "Dana Reyes",
    "email": "dana.reyes@harbor.example",
    "stakeholder_role": "champion",
}
_CONTACT: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "external_id": "crm-c-88",
    "kana": None,
    "email": None,
    "phone": None,
    "title": None,
    "department": None,
    "language": None,
    "influence": None,
    "stance": None,
    "is_primary": False,
    "since": None,
    "left_on": None,
    "notes": "",
    "tags": [],
    "custom": {},
    "erased_at": None,
}
_HANAKO_IN_BULK: Final[JsonDict] = {
    "external_id": "crm-c-88",
    "account_external_id": "crm-1042",
    "name": "佐藤 花子",
}
_DANA_IN_BULK: Final[JsonDict] = {"external_id": "crm-c-89", "account_external_id": "crm-7", "name": "Dana Reyes"}

CONTACT_READ: Final[Examples] = [{**_CONTACT, **_HANAKO, "is_primary": True}, {**_CONTACT, **_DANA}]
CONTACT_CREATE: Final[Examples] = [{"external_id": "crm-c-88", **_HANAKO}, _DANA]
CONTACT_UPDATE: Final[Examples] = [{"title": "執行役員", "influence": 5}, {"title": "VP Operations", "stance": None}]
CONTACT_UPSERT: Final[Examples] = [_HANAKO, _DANA]
CONTACT_BULK_ITEM: Final[Examples] = [_HANAKO_IN_BULK, _DANA_IN_BULK]
CONTACT_BULK_UPSERT: Final[Examples] = [{"items": [_HANAKO_IN_BULK]}, {"items": [_DANA_IN_BULK]}]
CONTACT_LEFT: Final[Examples] = [{"left_on": "2026-10-31"}]
PRIMARY_CONTACT_WRITE: Final[Examples] = [
    {"contact_id": "0199c2f0-8a11-7c3e-b1d4-5e9a0c7d6b21", "reason": "4月の人事異動で担当者が交代"},
    {"contact_id": "0199c2f0-8a11-7c3e-b1d4-5e9a0c7d6b21", "reason": "Moved to another team in April"},
]
STAKE_WRITE: Final[Examples] = [
    {"text": "来期の昇進がこの導入の成否にかかっている"},
    {"text": "Wants to show the board a result before the summer"},
]
