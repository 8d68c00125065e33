"""Examples of value realisation, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ACCOUNT_ID: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_ROADMAP_ID: Final = "0199c2f0-8a10-7c22-8d31-5b6c7d8e9f01"
_CONTACT_ID: Final = "0199c2f0-9b20-7d33-9e42-6c7d8e9f0a12"
_JA: Final[JsonDict] = {
    "account_id": _ACCOUNT_ID,
    "roadmap_id": _ROADMAP_ID,
    "name": "問い合わせへの一次回答",
    "unit": "件",
    "starts_on": "2026-07-01",
    "ends_before": "2026-10-01",
    "volume": 1200,
    "minutes_per_unit": 8,
    "hourly_cost": {"amount": 3000, "currency": "JPY"},
    "evidence": "回答ログ（7〜9月）。所要時間は導入前の 50 件の実測平均",
}
_EN: Final[JsonDict] = {
    "account_id": _ACCOUNT_ID,
    "name": "Monthly report put together",
    "unit": "reports",
    "starts_on": "2026-09-01",
    "ends_before": "2026-10-01",
    "volume": 40,
    "minutes_per_unit": 37.5,
    "hourly_cost": {"amount": 4200, "currency": "USD"},
    "cost": {"amount": 50000, "currency": "USD"},
    "evidence": "Time sheets of the finance team",
}
_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    **_JA,
    "goal_id": None,
    "last_day": "2026-09-30",
    "value": {"amount": 480000, "currency": "JPY"},
    "cost": {"amount": 300000, "currency": "JPY"},
    "cost_source": "mrr",
    "roi": 0.6,
    "currency": "JPY",
    "state": "confirmed",
    "confirmed_by_id": _CONTACT_ID,
    "confirmed_at": "2026-10-08T02:10:00.000000Z",
    "recorded_at": "2026-10-08T02:10:00.000000Z",
}
VALUE_CREATE: Final[Examples] = [_JA, _EN]
VALUE_UPDATE: Final[Examples] = [{"volume": 1250, "evidence": "9月分の再集計"}, {"cost": None}]
VALUE_CONFIRM: Final[Examples] = [
    {"contact_id": _CONTACT_ID, "evidence": "10月8日の定例会で佐藤様が確認"},
    {"contact_id": _CONTACT_ID},
]
VALUE_READ: Final[Examples] = [_READ, {**_READ, **_EN, "roadmap_id": None, "last_day": "2026-09-30",
    "value": {"amount": 105000, "currency": "USD"}, "cost_source": "given", "roi": 1.1, "currency": "USD",
    "state": "draft", "confirmed_by_id": None, "confirmed_at": None}]  # fmt: skip
VALUE_TOTALS: Final[Examples] = [
    {
        "by": "account",
        "known_at": None,
        "definition_version": 1,
        "totals": [
            {
                "account_id": None, "roadmap_id": None, "currency": "JPY", "realisations": 1, "without_cost": 0,
                "value": {"amount": 480000, "currency": "JPY"}, "cost": {"amount": 300000, "currency": "JPY"},
                "roi": 0.6,
            }
        ],
        "data": [
            {
                "account_id": _ACCOUNT_ID, "roadmap_id": None, "currency": "JPY", "realisations": 1, "without_cost": 0,
                "value": {"amount": 480000, "currency": "JPY"}, "cost": {"amount": 300000, "currency": "JPY"},
                "roi": 0.6,
            }
        ],
    }
]  # fmt: skip
