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

MODEL_CREATE: Final[Examples] = [
    {"name": "標準モデル", "phases": ["adoption", "renewal"], "definition": _COMPONENTS_JA},
    {"name": "Onboarding", "phases": ["onboarding"], "priority": 50, "definition": _COMPONENTS_EN},
]
MODEL_UPDATE: Final[Examples] = [{"description": "利用者数の重みを見直し"}, {"priority": 20}]
MODEL_ACTIVATE: Final[Examples] = [
    {"override_reason": "導入直後で解約の実績が足りないため、半年後に再検証する"},
    {"override_reason": "Too few churns yet; to be tested again in May"},
]
_HASH: Final = "5f0c1f0a5d8e4b7c9a3e2d1c0b9a8f7e6d5c4b3a29181716151413121110ffee"
_MODEL: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "number": 3,
    "description": "",
    "state": "active",
    "phases": ["adoption", "renewal"],
    "segment_id": None,
    "priority": 100,
    "definition_hash": _HASH,
    "activated_at": "2026-04-02T01:00:00.000000Z",
    "retired_at": None,
    "passed_backtest_id": _ID,
    "override_reason": None,
    "overridden_by_id": None,
}
MODEL_READ: Final[Examples] = [
    {**_MODEL, "name": "標準モデル", "definition": _COMPONENTS_JA},
    {**_MODEL, "name": "Onboarding", "definition": _COMPONENTS_EN},
]
SOURCES_READ: Final[Examples] = [
    {
        "data": [
            {
                "source": "usage",
                "name": {"en": "A usage metric over the window", "ja": "期間内の利用指標"},
                "unit": "as the metric",
                "needs_metric": True,
                "past": "recorded",
            }
        ]
    }
]
SIMULATION_ASK: Final[Examples] = [{"account_id": _ID}, {"segment_id": _ID}]
_COMPONENT: Final[JsonDict] = {
    "key": "active_users",
    "source": "usage",
    "raw": 18,
    "points": 70.7,
    "weight": 60,
    "contribution": 42.4,
    "missing": None,
}
_SILENT: Final[JsonDict] = {
    "key": "last_contact",
    "source": "days_since_interaction",
    "raw": None,
    "points": 0,
    "weight": 40,
    "contribution": 0,
    "missing": "no_data",
}
SIMULATION_READ: Final[Examples] = [
    {
        "accounts": 1,
        "scored": 1,
        "mean_score": 42.4,
        "bands": [{"band": "yellow", "accounts": 1}],
        "moves": [{"before": "red", "after": "yellow", "accounts": 1}],
        "score": 42.4,
        "band": "yellow",
        "components": [_COMPONENT, _SILENT],
    },
    {
        "accounts": 120,
        "scored": 118,
        "mean_score": 61.3,
        "bands": [{"band": "red", "accounts": 20}, {"band": "green", "accounts": 98}, {"band": None, "accounts": 2}],
        "moves": [{"before": "green", "after": "red", "accounts": 4}],
        "score": None,
        "band": None,
        "components": [],
    },
]
SCORE_CREATE: Final[Examples] = [{"account_id": _ID}]
SCORE_READ: Final[Examples] = [
    {
        "id": _ID,
        "account_id": _ID,
        "model_id": _ID,
        "kind": "weekly",
        "as_of": "2026-04-19",
        "phase": "adoption",
        "score": 42.4,
        "band": "yellow",
        "recent": 42.4,
        "state": None,
        "maturity": None,
        "usable_weight": 100,
        "components": [_COMPONENT, _SILENT],
        "recorded_at": "2026-04-20T00:07:11.204000Z",
    }
]
EXPLANATION_READ: Final[Examples] = [
    {
        "health_score_id": _ID,
        "previous_id": _ID,
        "score": 42.4,
        "previous_score": 61.0,
        "change": -18.6,
        "parts": [
            {"cause": "behaviour", "component": "active_users", "effect": -8.6},
            {"cause": "missing_data", "component": "last_contact", "effect": -10.0},
        ],
    }
]
RUN_READ: Final[Examples] = [
    {
        **RECORD_EXAMPLE,
        "kind": "weekly",
        "as_of": "2026-04-19",
        "state": "done",
        "models_total": 2,
        "models_done": 2,
        "accounts_scored": 412,
        "accounts_unscored": 3,
        "transitions": 17,
        "finished_at": "2026-04-20T00:07:12.100000Z",
    }
]
PULSE_CREATE: Final[Examples] = [
    {"account_id": _ID, "value": 2, "comment": "担当者の反応が鈍くなった"},
    {"account_id": _ID, "value": 5, "comment": "Asked for a second team"},
]
_PULSE: Final[JsonDict] = {
    "id": _ID,
    "account_id": _ID,
    "day": "2026-04-20",
    "given_by_id": _ID,
    "recorded_at": "2026-04-20T05:12:41.903000Z",
}
PULSE_READ: Final[Examples] = [
    {**_PULSE, "value": 2, "comment": "担当者の反応が鈍くなった"},
    {**_PULSE, "value": 5, "comment": "Asked for a second team"},
]
MATURITY_READ: Final[Examples] = [
    {
        "account_id": _ID,
        "level": 2,
        "since": "2026-04-20",
        "evidence_from": "2026-04-20",
        "unconfirmed": True,
        "history": [
            {
                "from_level": 4,
                "to_level": 2,
                "day": "2026-04-20",
                "cause": "contact_changed",
                "recorded_at": "2026-04-20T05:12:41.903000Z",
            }
        ],
    }
]
BACKTEST_CREATE: Final[Examples] = [
    {"model_id": _ID, "label": "churn", "horizon_days": 90, "weeks": 52},
    {"model_id": _ID, "label": "contraction", "weeks": 26},
]
_GROUP: Final[JsonDict] = {"name": "red", "cases": 4120, "events": 371, "rate": 0.09, "mean_score": 27.4}
_FIGURES: Final[JsonDict] = {
    "cases": 20410,
    "unscored": 112,
    "accounts": 431,
    "events": 612,
    "accounts_with_events": 58,
    "base_rate": 0.03,
    "auc": 0.74,
    "auc_low": 0.66,
    "auc_high": 0.81,
    "top_decile_lift": 3.4,
    "red_precision": 0.09,
    "red_recall": 0.61,
    "bands_monotonic": True,
    "bands": [_GROUP],
    "calibration": [{**_GROUP, "name": "20-30"}],
}
BACKTEST_READ: Final[Examples] = [
    {
        **RECORD_EXAMPLE,
        "model_id": _ID,
        "compared_model_id": None,
        "definition_hash": _HASH,
        "label": "churn",
        "horizon_days": 90,
        "weeks": 52,
        "until": None,
        "weeks_done": 52,
        "seed": 1,
        "state": "done",
        "passed": True,
        "failed_criteria": [],
        "report": {
            "label": "churn",
            "horizon_days": 90,
            "first_week": "2025-01-12",
            "last_week": "2026-01-04",
            "backfilled_share": 0.4,
            "components_without_past": [],
            "model": _FIGURES,
            "active": None,
            "same_cases": None,
            "renewals_due": {**_FIGURES, "cases": 310},
            "by_phase": {"adoption": _FIGURES},
            "by_segment": {"SMB": _FIGURES},
        },
        "finished_at": "2026-04-20T05:14:02.000000Z",
    }
]
