"""Examples of usage, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_JA: Final[JsonDict] = {
    "key": "active_users",
    "name": "アクティブユーザー",
    "unit": "人",
    "description": "その日に操作した人数",
    "aggregation": "avg",
    "direction": "higher_is_better",
    "product_id": None,
    "role": "active",
}
_EN: Final[JsonDict] = {
    "key": "errors",
    "name": "Errors shown",
    "unit": "errors",
    "description": "Errors that users saw",
    "aggregation": "sum",
    "direction": "lower_is_better",
    "product_id": None,
    "role": None,
}
METRIC_READ: Final[Examples] = [{**RECORD_EXAMPLE, **_JA}, {**RECORD_EXAMPLE, **_EN}]
METRIC_CREATE: Final[Examples] = [_JA, {name: value for name, value in _EN.items() if value is not None}]
METRIC_UPDATE: Final[Examples] = [{"name": "利用者数"}, {"aggregation": "max"}]

_BY_OURS: Final[JsonDict] = {
    "account_id": "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10",
    "metric": "active_users",
    "day": "2026-04-01",
    "value": 38,
}
_BY_THEIRS: Final[JsonDict] = {
    "account_external_id": "crm-1042",
    "metric": "active_users",
    "day": "2026-04-02",
    "value": 41,
}
MEASUREMENT: Final[Examples] = [_BY_THEIRS, _BY_OURS]
BULK: Final[Examples] = [{"items": [_BY_THEIRS, _BY_OURS]}]
LINES: Final = (
    '{"account_external_id":"crm-1042","metric":"active_users","day":"2026-04-01","value":38}\n'
    '{"account_external_id":"crm-1042","metric":"logins","day":"2026-04-01","value":112}\n'
)
LOADED: Final[Examples] = [
    {
        "lines": 3,
        "created": 1,
        "updated": 1,
        "unchanged": 0,
        "failed": 1,
        "problems": [
            {
                "line": 3,
                "problem": {
                    "type": "/problems/invalid_input",
                    "title": "Invalid input",
                    "status": 422,
                    "detail": "The input has 1 error(s); see `errors`.",
                    "code": "invalid_input",
                    "errors": [
                        {
                            "pointer": "/metric",
                            "code": "reference_not_found",
                            "detail": "There is no such metric in use",
                        }
                    ],
                },
            }
        ],
    }
]
SERIES: Final[Examples] = [
    {
        "from": "2026-03-30",
        "to": "2026-04-12",
        "grain": "week",
        "known_at": None,
        "utilisation": {
            "status": "healthy",
            "utilisation": 0.76,
            "active": 38,
            "licensed": 50,
            "as_of": "2026-04-12",
        },
        "metrics": [
            {
                "key": "active_users",
                "name": "アクティブユーザー",
                "unit": "人",
                "aggregation": "avg",
                "direction": "higher_is_better",
                "points": [
                    {"date": "2026-03-30", "value": 38.4, "days": 7},
                    {"date": "2026-04-06", "value": None, "days": 0},
                ],
            }
        ],
    }
]
STATUS: Final[Examples] = [
    {
        "id": "0199c2f0-cc32-7d66-b171-8e9f0a1b2c3d",
        "status": "needs_attention",
        "since": "2026-04-06",
        "utilisation": 0.42,
        "active": 21,
        "licensed": 50,
        "backfilled": False,
        "recorded_at": "2026-04-06T00:07:00.000000Z",
    }
]
