"""Examples of surveys' scores."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import Examples

_FIGURES: Final[JsonDict] = {
    "n": 100,
    "score": 10.0,
    "mean": 7.4,
    "standard_error": 7.0,
    "interval_low": -3.72,
    "interval_high": 23.72,
    "sufficient_sample": True,
    "positive": 30,
    "neutral": 50,
    "negative": 20,
    "distribution": [{"score": 6, "count": 20}, {"score": 8, "count": 50}, {"score": 9, "count": 30}],
    "invited": 180,
    "invited_and_answered": 100,
    "response_rate": 0.5555555555555556,
}
SURVEY_SCORES_READ: Final[Examples] = [
    {
        "kind": "nps",
        "basis": ["response"],
        "from": "2026-04-01",
        "to": "2026-04-30",
        "as_of": "2026-04-30",
        "known_at": None,
        "definition_version": 1,
        "kpi_eligible": False,
        "backfilled_share": 0.0,
        "total": _FIGURES,
        "months": [{**_FIGURES, "month": "2026-04-01"}],
        "parts": [{**_FIGURES, "key": "healthy", "label": None}],
    }
]
