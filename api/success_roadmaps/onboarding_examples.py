"""Examples of the onboarding board."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ROW: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "account_id": "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10",
    "name": "導入プラン",
    "state": "active",
    "owner_id": "0199c2f0-6a00-7b11-8c33-0d4e5f607182",
    "starts_on": "2026-10-01",
    "due_on": "2026-12-20",
    "ended_on": None,
    "overdue": False,
    "stage": {
        "milestone_id": "0199c2f0-9e50-7066-a175-9f0a1b2c3d45",
        "title": "データ移行",
        "due_on": "2026-11-15",
        "since": "2026-10-24",
        "days": 29,
        "overdue": True,
    },
    "milestones": {"done": 2, "total": 6},
    "blocker": {
        "milestone_id": "0199c2f0-9e50-7066-a175-9f0a1b2c3d45",
        "title": "データ移行",
        "blocker": "先方の情報システム部の承認待ち",
        "blocked_on": "2026-11-10",
        "days": 12,
    },
    "progress": 0.33,
    "status": "at_risk",
}
ONBOARDING_READ: Final[Examples] = [_ROW, {**_ROW, "name": "Onboarding", "stage": None, "blocker": None,
    "milestones": {"done": 6, "total": 6}, "progress": 1.0, "status": "on_track"}]  # fmt: skip
_SUM: Final[JsonDict] = {"onboardings": 4, "overdue": 1, "blocked": 1, "mean_days_in_stage": 17.5}
ONBOARDING_TOTALS: Final[Examples] = [
    {
        "as_of": "2026-11-22",
        "all": _SUM,
        "by_status": [{"status": "at_risk", **_SUM}],
        "by_stage": [{"stage": "データ移行", **_SUM}],
    }
]
