"""Examples of the figures of health."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import Examples

_ID: Final = "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e"
_ABOUT: Final[JsonDict] = {"basis": ["logo"], "as_of": "2026-09-30", "known_at": None, "definition_version": 1}
_ATTAINED: Final[JsonDict] = {
    "attainment": 0.75, "numerator": 33, "denominator": 44, "pending": 6, "withdrawn": 1,
}  # fmt: skip
ATTAINMENT_READ: Final[Examples] = [
    {
        **_ABOUT, "from": "2026-04-01", "to": "2026-09-30", "total": _ATTAINED,
        "parts": [{"key": _ID, "label": "佐藤 葵", **_ATTAINED}],
    }
]  # fmt: skip
_SPREAD: Final[JsonDict] = {
    "scored": 120, "unscored": 3, "mean_score": 63.1,
    "bands": [
        {"band": "red", "accounts": 24, "share": 0.2, "mean_score": 28.4},
        {"band": "yellow", "accounts": 36, "share": 0.3, "mean_score": 55.0},
        {"band": "green", "accounts": 60, "share": 0.5, "mean_score": 81.9},
    ],
}  # fmt: skip
DISTRIBUTION_READ: Final[Examples] = [
    {
        **_ABOUT, "week": "2026-09-27", "total": _SPREAD,
        "parts": [{"key": "adoption", "label": None, **_SPREAD}],
    }
]  # fmt: skip
TRANSITIONS_READ: Final[Examples] = [
    {
        **_ABOUT, "from_week": "2026-08-30", "to_week": "2026-09-27", "bands": ["red", "yellow", "green"],
        "cells": [
            {"from": "red", "to": "yellow", "accounts": 8}, {"from": "green", "to": "red", "accounts": 3},
            {"from": "green", "to": "green", "accounts": 57},
        ],
        "improved": 8, "worsened": 3, "unchanged": 57,
        "arrived": [{"band": "green", "accounts": 2}], "left": [{"band": "red", "accounts": 1}],
    }
]  # fmt: skip
HIT_RATE_READ: Final[Examples] = [
    {
        **_ABOUT, "from": "2026-04-01", "to": "2026-09-30", "hit_rate": 0.4, "numerator": 12, "denominator": 30,
        "low": 0.246, "high": 0.577,
        "outcomes": [{"outcome": "succeeded", "tasks": 12}, {"outcome": "no_effect", "tasks": 18}],
        "opened": 35, "waiting": 5,
    }
]  # fmt: skip
