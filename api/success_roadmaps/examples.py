"""Examples of roadmaps, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples
from api.success_roadmaps.share_examples import COMMENT_READ, SHARE_READ
from api.success_roadmaps.value_examples import VALUE_READ

_ROADMAP: Final = "0199d1a0-1b2c-7d3e-8f40-5162738495a6"
_ACCOUNT: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_USER: Final = "0199c2f0-6a00-7b11-8c33-0d4e5f607182"
_CONTACT: Final = "0199c2f0-8e5d-7b62-8e3f-4a7c9a2b3c4d"
_COMPANY_GOAL: Final = "0199d1a0-2c3d-7e4f-9a51-6273849506b7"
_DEPARTMENT_GOAL: Final = "0199d1a0-2c3d-7e4f-9a51-6273849506b8"
_MILESTONE: Final = "0199d1a0-3d4e-7f50-8b62-738495a6b7c8"
_NOW: Final = "2026-05-20T02:15:00.000000Z"

_NEW_JA: Final[JsonDict] = {
    "account_id": _ACCOUNT, "name": "2026年度 紙の申請をなくすロードマップ", "summary": "全社の申請業務を年内に電子化する",
    "contact_id": _CONTACT, "starts_on": "2026-04-01", "due_on": "2027-03-31", "review_every_days": 90,
}  # fmt: skip
_NEW_EN: Final[JsonDict] = {
    "account_id": _ACCOUNT, "template_id": "0199d1a0-4e5f-7a61-9c73-8495a6b7c8d9", "starts_on": "2026-04-01",
}  # fmt: skip
ROADMAP_CREATE: Final[Examples] = [_NEW_JA, _NEW_EN]
ROADMAP_UPDATE: Final[Examples] = [
    {"summary": "経理部を先行し、全社は来期に延ばす", "due_on": "2027-06-30", "contact_id": _CONTACT},
    {"state": "completed", "summary": "All requests go through the workflow"},
]

_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE, "id": _ROADMAP, "account_id": _ACCOUNT, "kind": "success", "state": "active", "owner_id": _USER,
    "contact_id": _CONTACT, "starts_on": "2026-04-01", "due_on": "2027-03-31", "review_every_days": 90,
    "last_reviewed_on": "2026-05-18", "next_review_on": "2026-08-16", "review_overdue": False, "template_id": None,
    "template_version": None, "ended_on": None, "progress": 0.06, "status": "on_track", "progress_on": "2026-05-20",
}  # fmt: skip
_READ_JA: Final[JsonDict] = {**_READ, "name": _NEW_JA["name"], "summary": _NEW_JA["summary"]}
ROADMAP_READ: Final[Examples] = [
    _READ_JA,
    {**_READ, "name": "No more paper by March", "summary": "All requests go through the workflow", "status": "at_risk"},
]
REVIEW_CREATE: Final[Examples] = [
    {"held_on": "2026-05-18", "notes": "経理部の展開を先に進めることで合意。次回は部長も参加。"},
    {"held_on": "2026-05-18", "notes": "Finance goes first", "next_review_on": "2026-07-01"},
]
_REVIEW: Final[JsonDict] = {
    "id": "0199d1a0-5f60-7b72-8d84-95a6b7c8d9ea", "held_on": "2026-05-18", "reviewed_by_id": _USER,
    "notes": "経理部の展開を先に進めることで合意。次回は部長も参加。", "progress": 0.05, "status": "on_track",
    "recorded_at": _NOW,
}  # fmt: skip

_COMPANY_JA: Final[JsonDict] = {
    "level": "company", "title": "申請にかかる時間を半分にする", "contact_id": _CONTACT, "agreed_by_id": _CONTACT,
    "metric_name": "申請1件の所要時間", "metric_unit": "時間", "direction": "lower_is_better", "baseline": 6.0, "target": 3.0,
}  # fmt: skip
ROADMAP_EDIT: Final[Examples] = [
    {
        "goals": [
            {"ref": "halve", **_COMPANY_JA},
            {"parent_ref": "halve", "level": "department", "title": "経理部の申請をすべて電子化する", "ref": "finance"},
        ],
        "milestones": [
            {
                "goal_ref": "finance",
                "title": "経費申請の運用開始",
                "due_on": "2026-06-30",
                "kind": "value",
                "ref": "go_live",
            },
        ],
        "hypotheses": [{"goal_ref": "finance", "statement": "承認者がスマートフォンで承認できれば滞留が減る"}],
        "tasks": [
            {"milestone_ref": "go_live", "title": "経費規程のひな形を送る", "role": "csm", "due_on": "2026-05-29"}
        ],
    },
    {
        "goals": [{"id": _COMPANY_GOAL, "current": 5.5}],
        "milestones": [{"id": _MILESTONE, "reached_on": "2026-05-15", "human_touch": False}],
    },
]
ROADMAP_ARRANGE: Final[Examples] = [
    {
        "goals": [{"id": _DEPARTMENT_GOAL, "parent_id": _COMPANY_GOAL, "position": 0}],
        "milestones": [{"id": _MILESTONE, "goal_id": _DEPARTMENT_GOAL, "position": 1}],
    }
]
_GOAL: Final[JsonDict] = {
    **RECORD_EXAMPLE, "roadmap_id": _ROADMAP, "account_id": _ACCOUNT, "parent_id": None, "level": "company", "position": 0,
    "detail": "", "product_related": False, "weight": 1.0, "owner_id": _USER, "contact_id": _CONTACT, "agreed": True,
    "agreed_by_id": _CONTACT, "agreed_at": _NOW, "starts_on": None, "due_on": None, "direction": "lower_is_better",
    "baseline": 6.0, "target": 3.0, "current": 5.5, "current_on": "2026-05-19", "usage_metric_id": None,
    "progress": 0.1666666666666667, "status": "on_track",
}  # fmt: skip
_GOAL_JA: Final[JsonDict] = {
    **_GOAL, "id": _COMPANY_GOAL, "title": _COMPANY_JA["title"], "metric_name": "申請1件の所要時間", "metric_unit": "時間",
}  # fmt: skip
GOAL_READ: Final[Examples] = [
    _GOAL_JA,
    {**_GOAL, "title": "Halve the time per request", "metric_name": "Time per request", "metric_unit": "hours"},
]
TREE_GOAL: Final[Examples] = [{**_GOAL_JA, "expected": 0.13}]
_MILESTONE_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE, "id": _MILESTONE, "roadmap_id": _ROADMAP, "account_id": _ACCOUNT, "goal_id": _DEPARTMENT_GOAL,
    "kind": "value", "position": 0, "title": "経費申請の運用開始", "detail": "", "weight": 1.0, "due_on": "2026-06-30",
    "reached_on": None, "reached_recorded_at": None, "human_touch": None, "blocker": "承認ルートが未決定",
    "blocked_on": "2026-05-18", "overdue": False, "contact_change_id": None,
}  # fmt: skip
MILESTONE_READ: Final[Examples] = [
    _MILESTONE_READ,
    {**_MILESTONE_READ, "title": "Expenses go live", "blocker": "Approval routes are undecided"},
]
PROGRESS_HISTORY: Final[Examples] = [
    {
        "roadmap_id": _ROADMAP,
        "roadmap": [
            {"day": "2026-05-20", "state": "active", "progress": 0.06, "expected": 0.13, "status": "on_track",
             "recorded_at": _NOW, "backfilled": False}
        ],
        "goals": [
            {"day": "2026-05-19", "goal_id": _COMPANY_GOAL, "current": 5.5, "progress": 0.1666666666666667,
             "expected": 0.13, "status": "on_track", "recorded_at": _NOW, "backfilled": False}
        ],
    }
]  # fmt: skip
_SIGNAL: Final[JsonDict] = {
    "id": "0199d1a0-6a7b-7c83-8e95-a1b2c3d4e5f6",
    "kind": "news",
    "category": "ir",
    "severity": "info",
    "status": "open",
    "title": "中期経営計画を発表、間接業務の 3 割削減を掲げる",
    "url": "https://ir.example.com/2026/05/12",
    "source": "ir_watch",
    "occurred_on": "2026-05-12",
    "first_seen_at": "2026-05-12T06:00:00.000000Z",
}
TREE: Final[Examples] = [
    {
        "roadmap": _READ_JA,
        "goals": [{**_GOAL_JA, "expected": 0.13}],
        "milestones": [_MILESTONE_READ],
        "hypotheses": [
            {**RECORD_EXAMPLE, "goal_id": _DEPARTMENT_GOAL, "position": 0, "state": "open", "evidence": "",
             "statement": "承認者がスマートフォンで承認できれば滞留が減る", "decided_at": None, "decided_by_id": None}
        ],
        "tasks": [],
        "reviews": [_REVIEW],
        "value": [VALUE_READ[0]],
        "comments": [COMMENT_READ[0]],
        "shares": SHARE_READ,
        "signals": [_SIGNAL],
        "explained": {
            "as_of": "2026-05-20", "progress": 0.06, "expected": 0.13, "status": "on_track", "behind_points": 7.0,
            "overdue": False, "at_risk_behind_pct": 10.0, "off_track_behind_pct": 25.0,
            "sentence": {
                "en": "Progress is 6 % where 13 % of the time has passed: 7 points behind.",
                "ja": "期間の13%が過ぎ、進捗は6%です（7ポイントの遅れ）。",
            },
            "pulled_down_by": [
                {"goal_id": _COMPANY_GOAL, "title": _COMPANY_JA["title"], "progress": 0.06, "share": 1.0, "points": 7.0}
            ],
            "unmeasured_goal_ids": [], "overdue_milestone_ids": [], "blocked_milestone_ids": [_MILESTONE],
        },
    }
]  # fmt: skip

_DEFINITION_JA: Final[JsonDict] = {
    "duration_days": 90,
    "review_every_days": 30,
    "goals": [
        {"key": "live", "level": "department", "title": "最初の部門で運用を始める", "product_related": True},
    ],
    "milestones": [
        {"key": "kickoff", "title": "キックオフ", "due_day": 7},
        {"key": "first_value", "goal": "live", "title": "最初の申請が承認された", "kind": "value", "due_day": 45},
    ],
    "tasks": [
        {"milestone": "kickoff", "title": "キックオフの議題を送る", "role": "onboarding_specialist", "due_day": 3}
    ],
    "hypotheses": [{"goal": "live", "statement": "部門長が最初に使えば部員も使う"}],
}
_DEFINITION_EN: Final[JsonDict] = {
    "duration_days": 365,
    "goals": [
        {"key": "time", "level": "company", "title": "Halve the time per request", "metric_name": "Hours per request",
         "direction": "lower_is_better", "baseline": 6.0, "target": 3.0},
    ],
}  # fmt: skip
TEMPLATE_CREATE: Final[Examples] = [
    {"name": "標準オンボーディング", "kind": "onboarding", "definition": _DEFINITION_JA},
    {"name": "Paperless in a year", "definition": _DEFINITION_EN},
]
TEMPLATE_UPDATE: Final[Examples] = [{"definition": {**_DEFINITION_JA, "duration_days": 60}}, {"name": "Paperless"}]
TEMPLATE_READ: Final[Examples] = [
    {
        **RECORD_EXAMPLE, "name": "標準オンボーディング", "description": "", "kind": "onboarding", "newest": 2,
        "definition": _DEFINITION_JA,
    },
    {**RECORD_EXAMPLE, "name": "Paperless in a year", "description": "", "kind": "success", "newest": 1,
     "definition": _DEFINITION_EN},
]  # fmt: skip
