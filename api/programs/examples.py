"""Examples of programs, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ACCOUNT_ID: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_CONTACT_ID: Final = "0199c2f0-8a11-7c3e-b1d4-5e9a0c7d6b21"
_OWNER_ID: Final = "0199c2f0-6a00-7b11-8c33-0d4e5f607182"
_WEBINAR_JA: Final[JsonDict] = {
    "name": "年末調整に向けた活用セミナー",
    "kind": "webinar",
    "description": "申請の一括処理と差し戻しの減らし方",
    "state": "planned",
    "owner_id": _OWNER_ID,
    "starts_on": "2026-12-03",
    "ends_before": "2026-12-04",
    "url": "https://events.example.com/nencho-2026",
}
_CO_CREATION_EN: Final[JsonDict] = {
    "name": "Predictive dispatch with three carriers",
    "kind": "co_creation",
    "description": "Tried together for a quarter; what worked goes into the product.",
    "state": "finished",
    "starts_on": "2026-04-01",
    "ends_before": "2026-07-01",
    "effort_minutes": 5400,
    "results": [
        {
            "kind": "product_gap",
            "id": "0199c2f0-9b00-7d11-9e2f-5a6b7c8d9e01",
            "url": None,
            "title": "Forecasts by depot",
        },
        {
            "kind": "release",
            "id": None,
            "url": "https://example.com/releases/2026-08",
            "title": "Predictive dispatch, August",
        },
    ],
}
_READ: Final[JsonDict] = {**RECORD_EXAMPLE, "owner_id": None, "url": None, "effort_minutes": None, "results": []}

PROGRAM_READ: Final[Examples] = [{**_READ, **_WEBINAR_JA}, {**_READ, **_CO_CREATION_EN}]
PROGRAM_CREATE: Final[Examples] = [_WEBINAR_JA, _CO_CREATION_EN]
PROGRAM_UPDATE: Final[Examples] = [
    {"state": "finished", "effort_minutes": 960},
    {"results": [{"kind": "reference_case", "id": "0199c2f0-9b00-7d11-9e2f-5a6b7c8d9e44", "title": "事例公開"}]},
]
PARTICIPANTS_WRITE: Final[Examples] = [
    {
        "items": [
            {"contact_id": _CONTACT_ID, "state": "attended", "outcome": "翌週に一括処理を試す予定"},
            {"account_id": _ACCOUNT_ID, "state": "invited"},
        ]
    },
    {"items": [{"contact_id": _CONTACT_ID, "state": "completed", "outcome": "Uses it every day"}]},
]
PARTICIPANTS_CHANGED: Final[Examples] = [{"created": 1, "updated": 1, "unchanged": 0}]
