"""Examples of health targets and approach scores, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ID: Final = "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e"
_TARGET_JA: Final[JsonDict] = {
    "account_id": _ID, "kind": "maturity", "value": 4, "due_on": "2026-09-30", "note": "上期中に全店で利用",
}  # fmt: skip
_TARGET_EN: Final[JsonDict] = {
    "account_id": _ID, "kind": "band", "band": "green", "due_on": "2026-06-28", "note": "Before the renewal talks",
}  # fmt: skip
TARGET_CREATE: Final[Examples] = [_TARGET_JA, _TARGET_EN]
TARGET_UPDATE: Final[Examples] = [{"value": 3, "note": "担当者交代のため見直し"}, {"due_on": "2026-07-31"}]
TARGET_READ: Final[Examples] = [
    {
        **RECORD_EXAMPLE, **_TARGET_JA, "band": None, "outcome": "met", "outcome_reason": "reached",
        "judged_at": "2026-10-01T01:07:12.100000Z", "health_score_id": _ID, "owner_id": _ID, "phase": "adoption",
    },
    {
        **RECORD_EXAMPLE, **_TARGET_EN, "value": None, "outcome": "pending", "outcome_reason": None, "judged_at": None,
        "health_score_id": None, "owner_id": _ID, "phase": "renewal",
    },
]  # fmt: skip

INTENT_CREATE: Final[Examples] = [
    {"account_id": _ID, "key": "pricing_page_viewed", "external_id": "web-20260420-17"},
    {"account_id": _ID, "key": "partner_referral", "points": 35, "occurred_at": "2026-04-20T05:00:00Z"},
]
INTENT_READ: Final[Examples] = [
    {
        "id": _ID, "account_id": _ID, "key": "pricing_page_viewed", "points": 20, "source": "posted",
        "occurred_at": "2026-04-20T05:12:41.903000Z", "external_id": "web-20260420-17", "event_id": None,
        "recorded_at": "2026-04-20T05:12:41.903000Z",
    }
]  # fmt: skip
_OVERRIDE: Final[JsonDict] = {
    "value": 20,
    "reason": "昨日訪問済み。次は予算確定後",
    "expires_at": "2026-05-31T15:00:00.000000Z",
    "by_id": _ID,
    "at": "2026-04-20T05:12:41.903000Z",
}
SCORE_READ: Final[Examples] = [
    {
        "id": _ID, "account_id": _ID, "owner_id": _ID, "phase": "adoption", "computed": 71.5, "override": _OVERRIDE,
        "effective": 20, "computed_at": "2026-04-20T05:12:41.903000Z",
        "last_intent_at": "2026-04-20T05:12:41.903000Z", "task_opened_at": "2026-04-18T02:07:09.120000Z",
    }
]  # fmt: skip
ACCOUNT_READ: Final[Examples] = [
    {
        "account_id": _ID, "as_of": "2026-04-20T05:12:42.000000Z", "computed": 71.5, "override": _OVERRIDE,
        "effective": 20, "threshold": 60, "half_life_days": 14,
        "contributions": [
            {
                "key": "low_survey_score", "name": "アンケートで低評価 / Low survey score", "times": 1,
                "last_at": "2026-04-19T03:00:00.000000Z", "points": 38.1,
            },
            {
                "key": "pricing_page_viewed", "name": "料金ページを閲覧 / Viewed the pricing page", "times": 2,
                "last_at": "2026-04-20T05:12:41.903000Z", "points": 33.4,
            },
        ],
        "task_opened_at": "2026-04-18T02:07:09.120000Z",
    }
]  # fmt: skip
OVERRIDE_SET: Final[Examples] = [
    {"value": 20, "reason": "昨日訪問済み。次は予算確定後", "expires_at": "2026-05-31T15:00:00Z"},
    {"value": 90, "reason": "Asked for a quote by phone", "expires_at": "2026-05-07T00:00:00Z"},
]
SETTINGS: Final[Examples] = [
    {
        "half_life_days": 14, "threshold": 60, "pause_days": 30, "task_due_days": 3, "task_title": None,
        "intents": [
            {
                "key": "low_survey_score", "name": "アンケートで低評価 / Low survey score", "points": 40,
                "event": "survey_response.low", "conditions": [],
            },
            {
                "key": "usage_declined", "name": "利用状況が悪化 / Usage declined", "points": 25,
                "event": "account.usage_status_changed",
                "conditions": [{"field": "to", "values": ["needs_attention", "inactive"]}],
            },
        ],
    },
    {
        "half_life_days": 7, "threshold": 50, "pause_days": 14, "task_due_days": 2, "task_title": "Get in touch",
        "intents": [
            {
                "key": "pricing_page", "name": "Looked at the pricing page", "points": 20, "event": None, "conditions": [],
            }
        ],
    },
]  # fmt: skip
