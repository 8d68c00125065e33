"""Examples of interactions, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ACCOUNT_ID: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_CONTACT_ID: Final = "0199c2f0-8a11-7c3e-b1d4-5e9a0c7d6b21"
_USER_ID: Final = "0199c2f0-6a00-7b11-8c33-0d4e5f607182"
_QBR_JA: Final[JsonDict] = {
    "kind": "qbr",
    "subject": "第3四半期の振り返り",
    "occurred_at": "2026-10-14T05:00:00.000000Z",
    "duration_minutes": 60,
    "effort_minutes": 180,
    "minutes": "配車計画の作成時間は月 40 時間から 24 時間に短縮。来期は倉庫部門へ展開する。",
    "decisions": ["倉庫部門 120 名へ 1 月に展開する"],
    "action_items": ["倉庫部門向けの活用案を送る", "経理部に費用対効果の試算を渡す"],
    "recording_url": "https://meet.example.com/rec/8f21",
    "shared_at": "2026-10-15T01:30:00.000000Z",
}
_CALL_EN: Final[JsonDict] = {
    "kind": "call",
    "subject": "Check-in after the migration",
    "occurred_at": "2026-11-04T09:30:00.000000Z",
    "duration_minutes": 20,
    "notes": "Dana wants the dispatch team live before the holidays.",
    "action_items": ["Send the training calendar"],
}
_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "account_id": _ACCOUNT_ID,
    "external_id": None,
    "duration_minutes": None,
    "effort_minutes": None,
    "notes": "",
    "minutes": "",
    "decisions": [],
    "action_items": [],
    "recorded": False,
    "recording_url": None,
    "shared_at": None,
    "recorded_at": "2026-11-04T10:02:00.000000Z",
    "backfilled": False,
}
_QBR_IN_BULK: Final[JsonDict] = {
    "external_id": "cal-20261014-8f21",
    "account_external_id": "crm-1042",
    **_QBR_JA,
    "attendee_emails": ["hanako.sato@sakura-logi.example", "aoi.tanaka@hinata-cloud.example"],
}
_CALL_IN_BULK: Final[JsonDict] = {"external_id": "tel-991", "account_external_id": "crm-7", **_CALL_EN}

INTERACTION_READ: Final[Examples] = [{**_READ, **_QBR_JA, "recorded": True}, {**_READ, **_CALL_EN}]
INTERACTION_CREATE: Final[Examples] = [
    {"account_id": _ACCOUNT_ID, **_QBR_JA, "contact_ids": [_CONTACT_ID], "user_ids": [_USER_ID]},
    {"account_id": _ACCOUNT_ID, **_CALL_EN, "contact_ids": [_CONTACT_ID]},
]
INTERACTION_UPDATE: Final[Examples] = [
    {"minutes": "決定事項を追記", "shared_at": "2026-10-15T01:30:00.000000Z"},
    {"recording_url": "https://meet.example.com/rec/8f21", "contact_ids": [_CONTACT_ID]},
]
INTERACTION_BULK_ITEM: Final[Examples] = [_QBR_IN_BULK, _CALL_IN_BULK]
INTERACTION_BULK_UPSERT: Final[Examples] = [{"items": [_QBR_IN_BULK]}, {"items": [_CALL_IN_BULK]}]
ACTION_ITEMS: Final[Examples] = [
    {"items": [{"text": "倉庫部門向けの活用案を送る", "due_on": "2026-10-21", "priority": "high"}]},
    {"items": [{"text": "Send the training calendar", "owner_id": _USER_ID}]},
]
OPENED_TASKS: Final[Examples] = [{"task_ids": ["0199c2f1-0a4c-7a51-9d2e-3f6b8f1f2a77"]}]
