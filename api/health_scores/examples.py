"""Examples of health scores, in Japanese and English: the first of a body is what the reference shows first."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ID: Final = "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e"
_COMPONENTS_JA: Final[JsonDict] = {
    "components": [
        {
            "key": "active_users",
            "name": "利用者数",
            "source": "usage",
            "of": "active_users",
            "window_days": 28,
            "breakpoints": [{"raw": 0, "points": 0}, {"raw": 10, "points": 60}, {"raw": 40, "points": 100}],
            "weight": 60,
            "missing": "worst",
            "freshness_days": 14,
        },
        {
            "key": "last_contact",
            "name": "最終接触からの日数",
            "source": "days_since_interaction",
            "window_days": 180,
            "breakpoints": [{"raw": 14, "points": 100}, {"raw": 90, "points": 0}],
            "weight": 40,
            "missing": "worst",
        },
    ],
    "bands": [
        {"key": "red", "name": "要対応", "min": 0},
        {"key": "yellow", "name": "注意", "min": 40},
        {"key": "green", "name": "健全", "min": 70},
    ],
}
_COMPONENTS_EN: Final[JsonDict] = {
    "components": [
        {
            "key": "pulse",
            "name": "What the CSM feels",
            "source": "csm_pulse",
            "window_days": 90,
            "breakpoints": [{"raw": 1, "points": 0}, {"raw": 5, "points": 100}],
            "weight": 1,
        },
    ],
    "bands": [{"key": "red", "min": 0}, {"key": "green", "min": 60}],
    "maturity": {
        "levels": [
            {"level": 2, "name": "Set up", "criteria": [{"component": "pulse", "min": 2}]},
            {"level": 3, "name": "In daily use", "criteria": [{"component": "pulse", "min": 4}]},
        ]
    },
}
DEFINITION: Final[Examples] = [_COMPONENTS_JA, _COMPONENTS_EN]
