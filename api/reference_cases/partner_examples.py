"""Examples of what partners see and ask, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import Examples

_ID: Final = "7c9d2c54-2f0b-4f4e-9a52-5d8f3f1f6a10"
_OUTCOME: Final[JsonDict] = {
    "metric_id": "01966f3b-1d20-7f0e-9d37-5a1c44b0e2ab",
    "key": "first_response_time",
    "name_ja": "初回応答時間",
    "name_en": "First response time",
    "unit": "min",
    "direction": "lower_is_better",
    "change_pct": -32.5,
    "improvement_pct": 32.5,
    "baseline": None,
    "result": None,
}
_ANONYMOUS: Final[JsonDict] = {
    "id": _ID,
    "anonymous": True,
    "account_name": None,
    "logo": False,
    "live_acts": ["call"],
    "title_ja": None,
    "title_en": None,
    "summary_ja": "問い合わせの一次回答を自動化し、初回応答時間を三割短縮しました。",
    "summary_en": "Automated first replies cut the time to first response by a third.",
    "quote": None,
    "evidence": None,
    "evidence_url": None,
    "industry": "物流",
    "size_band": None,
    "period_starts_on": None,
    "period_ends_before": None,
    "initiatives": [
        {
            "id": "01966f3b-1d20-7f0e-9d37-5a1c44b0e2ac",
            "key": "self_service",
            "name_ja": "セルフサービス化",
            "name_en": "Self-service",
        }
    ],
    "outcomes": [_OUTCOME],
}
_NAMED: Final[JsonDict] = {
    **_ANONYMOUS,
    "anonymous": False,
    "account_name": "Sakura Logistics",
    "logo": True,
    "title_en": "A third faster in one quarter",
    "summary_ja": None,
    "quote": "Our agents have time for the hard questions again.",
    "industry": "Logistics",
    "initiatives": [
        {"id": "01966f3b-1d20-7f0e-9d37-5a1c44b0e2ad", "key": "faq", "name_ja": "FAQ", "name_en": "FAQ"},
    ],
    "outcomes": [{**_OUTCOME, "key": "frt", "name_ja": "FRT", "name_en": "FRT", "baseline": 40.0, "result": 27.0}],
}
CASE_READ: Final[Examples] = [_ANONYMOUS, _NAMED]
CASE_PAGE: Final[Examples] = [
    {"data": [_ANONYMOUS], "page": {"next_cursor": None, "has_more": False}},
    {"data": [_NAMED], "page": {"next_cursor": None, "has_more": False}},
]

_REQUEST_JA: Final[JsonDict] = {
    "case_id": _ID,
    "act": "call",
    "prospect": "株式会社みなと倉庫",
    "prospect_domain": "minato.example.jp",
    "industry": "物流",
    "employee_count": 300,
    "language": "ja",
    "due_on": "2026-05-15",
    "note": "導入後の運用体制について 30 分ほど伺いたいです。",
}
_REQUEST_EN: Final[JsonDict] = {"act": "call", "prospect": "Harbor Freight Lines", "due_on": "2026-05-15"}
REQUEST_CREATE: Final[Examples] = [_REQUEST_JA, _REQUEST_EN]
REQUEST_READ: Final[Examples] = [
    {
        **_REQUEST_JA,
        "id": "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e",
        "created_at": "2026-04-20T05:12:41.903000Z",
        "state": "fulfilled",
        "answer": "5 月 12 日 15 時でお受けいただけます。",
    }
]
