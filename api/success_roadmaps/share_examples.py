"""Examples of shared pages and comments, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ACCOUNT_ID: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_ROADMAP_ID: Final = "0199c2f0-8a10-7c22-8d31-5b6c7d8e9f01"
_GOAL_ID: Final = "0199c2f0-8a11-7c22-8d31-5b6c7d8e9f02"
_CONTACT_ID: Final = "0199c2f0-9b20-7d33-9e42-6c7d8e9f0a12"
_SHARE_ID: Final = "0199c2f0-9c30-7e44-8f53-7d8e9f0a1b23"
_USER_ID: Final = "0199c2f0-6a00-7b11-8c33-0d4e5f607182"
_TOKEN: Final = "rms_" + "0" * 82
_SHARE: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "roadmap_id": _ROADMAP_ID,
    "account_id": _ACCOUNT_ID,
    "contact_id": _CONTACT_ID,
    "label": "",
    "scope": "comment",
    "sections": ["goals", "milestones", "comments"],
    "state": "active",
    "expires_at": "2026-12-22T00:00:00.000000Z",
    "revoked_at": None,
    "revoked_by_id": None,
    "last_opened_at": "2026-11-22T06:12:00.000000Z",
}
_COMMENT: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "roadmap_id": _ROADMAP_ID,
    "account_id": _ACCOUNT_ID,
    "goal_id": _GOAL_ID,
    "body": "目標値は来期の計画に合わせて見直したいです",
    "internal": False,
    "from_customer": True,
    "author_name": "佐藤 花子",
    "user_id": None,
    "share_id": _SHARE_ID,
    "contact_id": _CONTACT_ID,
}
_SHARED_COMMENT: Final[JsonDict] = {
    "id": "0199c2f0-9d40-7f55-9064-8e9f0a1b2c34",
    "goal_id": _GOAL_ID,
    "body": "目標値は来期の計画に合わせて見直したいです",
    "author_name": "佐藤 花子",
    "from_customer": True,
    "created_at": "2026-11-22T06:15:00.000000Z",
}

SHARE_CREATE: Final[Examples] = [
    {"roadmap_id": _ROADMAP_ID, "contact_id": _CONTACT_ID, "scope": "comment", "expires_at": "2026-12-22T00:00:00Z"},
    {"roadmap_id": _ROADMAP_ID, "label": "steering committee", "sections": ["goals", "value"]},
    {"roadmap_id": _ROADMAP_ID, "label": "経営会議"},
]
SHARE_READ: Final[Examples] = [_SHARE]
SHARE_CREATED: Final[Examples] = [{**_SHARE, "last_opened_at": None, "token": _TOKEN}]
COMMENT_CREATE: Final[Examples] = [
    {"roadmap_id": _ROADMAP_ID, "body": "次回の定例会で先方の役員に確認する", "internal": True},
    {"roadmap_id": _ROADMAP_ID, "goal_id": _GOAL_ID, "body": "We raised the target as agreed", "internal": False},
]
COMMENT_READ: Final[Examples] = [
    _COMMENT,
    {**_COMMENT, "body": "We raised the target as agreed", "from_customer": False, "author_name": "Aoi Yamada",
     "user_id": _USER_ID, "share_id": None, "contact_id": None},
]  # fmt: skip
SHARED_COMMENT_CREATE: Final[Examples] = [
    {"body": "目標値は来期の計画に合わせて見直したいです", "goal_id": _GOAL_ID},
    {"body": "When does the second wave start?", "author_name": "Hanako Sato"},
]
SHARED_COMMENT_READ: Final[Examples] = [_SHARED_COMMENT]
SHARED_READ: Final[Examples] = [
    {
        "workspace": "株式会社みのり",
        "account": "さくら物流株式会社",
        "name": "2026年度 サクセスロードマップ",
        "kind": "success",
        "state": "active",
        "starts_on": "2026-04-01",
        "due_on": "2027-03-31",
        "progress": 0.55,
        "status": "on_track",
        "owner_name": "山田 葵",
        "scope": "comment",
        "sections": ["goals", "milestones", "value", "comments"],
        "expires_at": "2026-12-22T00:00:00.000000Z",
        "goals": [
            {
                "id": _GOAL_ID, "parent_id": None, "level": "company", "title": "問い合わせ対応の時間を半分にする",
                "starts_on": "2026-04-01", "due_on": "2027-03-31", "agreed_at": "2026-04-10T01:00:00.000000Z",
                "metric_name": "一次回答の所要時間", "metric_unit": "分", "baseline": 8.0, "target": 4.0, "current": 5.5,
                "current_on": "2026-11-20", "progress": 0.63, "status": "on_track",
            }
        ],
        "milestones": [
            {
                "id": "0199c2f0-9e50-7066-a175-9f0a1b2c3d45", "goal_id": _GOAL_ID, "title": "全部署に展開",
                "due_on": "2026-09-30", "reached_on": "2026-09-24",
            }
        ],
        "value": [
            {
                "id": "0199c2f0-9f60-7177-b286-0a1b2c3d4e56", "goal_id": _GOAL_ID, "name": "問い合わせへの一次回答",
                "unit": "件", "starts_on": "2026-07-01", "ends_before": "2026-10-01", "volume": 1200,
                "minutes_per_unit": 8.0, "hourly_cost": {"amount": 3000, "currency": "JPY"},
                "value": {"amount": 480000, "currency": "JPY"}, "cost": {"amount": 300000, "currency": "JPY"},
                "roi": 0.6,
            }
        ],
        "comments": [_SHARED_COMMENT],
    }
]  # fmt: skip
