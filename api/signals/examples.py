"""Examples of signals, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ACCOUNT_ID: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_OWNER_ID: Final = "0199c2f0-6a00-7b11-8c33-0d4e5f607182"
_ROADMAP_ID: Final = "0199c2f0-8a10-7c22-8d31-5b6c7d8e9f01"
_SEGMENT_ID: Final = "01966f3c-7a80-7c11-8a52-2f6f0d1c9b90"
_NEWS_JA: Final[JsonDict] = {
    "account_id": _ACCOUNT_ID,
    "category": "personnel",
    "title": "新社長が就任、全社の業務改革を掲げる",
    "url": "https://ir.example.com/2026/11/20",
    "source": "ir_watch",
    "external_id": "ir-20261120-1",
    "occurred_on": "2026-11-20",
}
_NEWS_EN: Final[JsonDict] = {
    "account_id": _ACCOUNT_ID,
    "category": "press",
    "title": "Opens its hundredth store",
    "url": None,
    "source": "press_feed",
    "external_id": "pr-8812",
    "occurred_on": "2026-11-18",
    "severity": "info",
}
_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "account_id": _ACCOUNT_ID,
    "roadmap_id": None,
    "owner_id": _OWNER_ID,
    "subject": "",
    "rule_version": 0,
    "status": "open",
    "title": None,
    "url": None,
    "source": None,
    "external_id": None,
    "category": None,
    "occurred_on": None,
    "first_seen_at": "2026-11-20T00:07:00.000000Z",
    "last_seen_at": "2026-11-22T00:07:00.000000Z",
    "acknowledged_at": None,
    "acknowledged_by_id": None,
    "resolved_at": None,
    "resolved_by_id": None,
    "resolved_by_itself": False,
    "dismissed_at": None,
    "dismissed_by_id": None,
    "dismiss_reason": None,
    "snoozed_until": None,
}
_DROP: Final[JsonDict] = {
    "metric": "active_users",
    "weeks": 4,
    "before": 42.5,
    "recent": 18.25,
    "change_pct": -57.1,
    "from_status": "healthy",
    "to_status": "needs_attention",
}

SIGNAL_READ: Final[Examples] = [
    {**_READ, "kind": "usage_drop", "severity": "warning", "evidence": _DROP},
    {**_READ, **_NEWS_EN, "kind": "news", "subject": "press_feed pr-8812", "evidence": {}},
    {
        **_READ, "kind": "usage_drop", "severity": "warning", "evidence": _DROP, "status": "dismissed",
        "dismissed_at": "2026-11-21T02:00:00.000000Z", "dismissed_by_id": _OWNER_ID,
        "dismiss_reason": "年末の閉店期間のため", "snoozed_until": "2027-01-10T00:00:00.000000Z",
    },
]  # fmt: skip
NEWS_CREATE: Final[Examples] = [_NEWS_JA, _NEWS_EN]
DISMISS: Final[Examples] = [
    {"reason": "年末の閉店期間のため", "snooze_days": 45},
    {"reason": "They are moving to the new app"},
]
ATTACH: Final[Examples] = [{"roadmap_id": _ROADMAP_ID}, {"roadmap_id": None}]
OPEN_TASK: Final[Examples] = [
    {"title": "新しい担当者と目標を確認する", "due_on": "2026-12-01", "priority": "high"},
    {"title": "Call about the errors of the last weeks", "sla_minutes": 2880},
]
RULE_SET: Final[Examples] = [
    {
        "severity": "critical",
        "parameters": {"drop_pct": 25},
        "segments": [
            {"segment_id": _SEGMENT_ID, "parameters": {"drop_pct": 15}},
        ],
    },
    {"enabled": False},
]
RULE_READ: Final[Examples] = [
    {
        "kind": "usage_drop",
        "name": {"en": "Usage drop", "ja": "利用の減少"},
        "version": 2,
        "enabled": True,
        "severity": "warning",
        "parameters": {"weeks": 4, "drop_pct": 25, "critical_drop_pct": 60, "minimum": 1, "metric": None},
        "defaults": {"weeks": 4, "drop_pct": 30, "critical_drop_pct": 60, "minimum": 1, "metric": None},
        "parameters_schema": {"type": "object", "properties": {"weeks": {"type": "integer", "default": 4}}},
        "segments": [
            {
                "segment_id": _SEGMENT_ID,
                "enabled": True,
                "severity": "warning",
                "parameters": {"weeks": 4, "drop_pct": 15, "critical_drop_pct": 60, "minimum": 1, "metric": None},
            }
        ],
    }
]
