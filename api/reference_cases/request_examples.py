"""Examples of reference requests, asks and candidates, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples
from api.reference_cases.consent_examples import CONTACT_ID
from api.reference_cases.examples import ACCOUNT_ID, CASE_ID, INITIATIVE_ID, METRIC_ID, USER_ID

_ID: Final = "0199c2f0-8a00-7c22-9a10-5b6c7d8e9f06"
_REQUEST_JA: Final[JsonDict] = {
    "prospect": "北斗通信株式会社",
    "prospect_domain": "hokuto.example",
    "industry": "telecom",
    "employee_count": 1500,
    "initiative_id": INITIATIVE_ID,
    "metric_id": METRIC_ID,
    "act": "call",
    "language": "ja",
    "due_on": "2026-12-10",
    "note": "決裁者が同業種の話を聞きたいとのこと。",
}
_REQUEST_EN: Final[JsonDict] = {
    "prospect": "Northwind Retail",
    "industry": "retail",
    "act": "visit",
    "due_on": "2026-12-20",
}
REQUEST_CREATE: Final[Examples] = [_REQUEST_JA, _REQUEST_EN]
REQUEST_UPDATE: Final[Examples] = [
    {"state": "fulfilled", "outcome": "won", "influenced_mrr": {"amount": 450000, "currency": "JPY"}},
    {"due_on": "2026-12-15", "note": "Moved by a week"},
    {"state": "fulfilled", "answer": "12 月 12 日 15 時でお受けいただけます。"},
]
REQUEST_READ: Final[Examples] = [
    {
        **RECORD_EXAMPLE,
        **_REQUEST_JA,
        "id": _ID,
        "requested_by_id": USER_ID,
        "state": "open",
        "outcome": None,
        "influenced_mrr": None,
        "closed_at": None,
        "partner_id": None,
        "case_id": None,
        "answer": None,
    }
]
_ASK: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "request_id": _ID,
    "account_id": ACCOUNT_ID,
    "contact_id": CONTACT_ID,
    "case_id": CASE_ID,
    "act": "call",
    "state": "reserved",
    "reserved_at": "2026-11-22T02:00:00.000000Z",
    "answered_at": None,
    "released_at": None,
    "note": "",
}
ASK_CREATE: Final[Examples] = [
    {"account_id": ACCOUNT_ID, "contact_id": CONTACT_ID, "case_id": CASE_ID},
    {"account_id": ACCOUNT_ID},
]
ASK_UPDATE: Final[Examples] = [{"state": "accepted", "note": "12/3 の午後に 30 分"}, {"state": "released"}]
ASK_READ: Final[Examples] = [_ASK]
MATCHES_READ: Final[Examples] = [
    {
        "data": [
            {
                "account_id": ACCOUNT_ID,
                "account_name": "ひかりホテルズ",
                "case_id": CASE_ID,
                "title_ja": "AI 音声応答で平均処理時間を 32% 短縮",
                "title_en": "",
                "improvement_pct": 32.0,
                "contact_id": CONTACT_ID,
                "score": 87.5,
                "criteria": [
                    {"criterion": "initiative", "weight": 40, "score": 40},
                    {"criterion": "metric", "weight": 25, "score": 25},
                    {"criterion": "industry", "weight": 15, "score": 5},
                ],
                "reasons": [],
            }
        ],
        "left_out": [],
    }
]
CANDIDATE_ACCEPT: Final[Examples] = [
    {"initiative_ids": [INITIATIVE_ID], "title_ja": "推奨者の声から：一次受付の自動化"},
    {"initiative_ids": [INITIATIVE_ID], "title_en": "What the promoters tell"},
]
CANDIDATE_DISMISS: Final[Examples] = [{"reason": "社名を出せない業種のため"}, {"reason": "Too early"}]
CANDIDATE_READ: Final[Examples] = [
    {
        **RECORD_EXAMPLE,
        "account_id": ACCOUNT_ID,
        "owner_id": USER_ID,
        "kind": "promoter",
        "event_id": _ID,
        "evidence": {"score": 10},
        "state": "open",
        "noticed_at": "2026-11-20T03:00:00.000000Z",
        "closed_at": None,
        "case_id": None,
        "dismiss_reason": None,
    }
]
