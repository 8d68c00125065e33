"""Examples of consents and reference profiles, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples
from api.reference_cases.examples import ACCOUNT_ID, CASE_ID

CONTACT_ID: Final = "0199c2f0-8a00-7c22-9a10-5b6c7d8e9f04"

_NAMED: Final[JsonDict] = {
    "account_id": ACCOUNT_ID,
    "case_id": CASE_ID,
    "contact_id": CONTACT_ID,
    "acts": ["search", "quote", "logo"],
    "fields": ["account_name", "title", "summary", "quote", "industry", "size"],
    "audience": "all_partners",
    "naming": "named",
    "evidence": "9 月 30 日の打ち合わせ議事録で合意（広報部長が確認）",
    "evidence_url": "https://files.example.com/consents/2026-0930",
    "granted_on": "2026-09-30",
    "expires_on": "2027-09-29",
}
_ANONYMOUS: Final[JsonDict] = {
    "account_id": ACCOUNT_ID,
    "contact_id": CONTACT_ID,
    "acts": ["search"],
    "fields": ["industry", "size"],
    "audience": "public",
    "naming": "anonymous",
    "evidence": "Mail of 2 October 2026 from their head of support",
    "granted_on": "2026-10-02",
}
CONSENT_CREATE: Final[Examples] = [
    {**_NAMED, "exclusions": [{"company": "競合コール株式会社", "domain": "rival.example"}]},
    _ANONYMOUS,
]
_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    **_NAMED,
    "state": "in_force",
    "partner_ids": [],
    "exclusions": [{"company": "競合コール株式会社", "domain": "rival.example", "account_id": None}],
    "reconfirmed_at": None,
    "revoked_at": None,
    "revoked_by_id": None,
    "revoke_reason": None,
}
CONSENT_READ: Final[Examples] = [_READ]
CONSENT_REVOKE: Final[Examples] = [{"reason": "広報方針の変更"}, {"reason": "They asked us by phone"}]
CONSENT_RECONFIRM: Final[Examples] = [
    {"contact_id": CONTACT_ID, "evidence": "後任の方から 11 月 4 日にメールで再確認"},
    {"contact_id": CONTACT_ID, "evidence": "Confirmed again at the QBR"},
]
PROFILE_SET: Final[Examples] = [
    {"acts": ["call", "speak"], "topics": ["定着支援", "コールセンター"], "languages": ["ja"], "note": "午前中なら可"},
    {"acts": ["visit"], "topics": ["AI"], "languages": ["en", "ja"]},
]
PROFILE_READ: Final[Examples] = [
    {
        **RECORD_EXAMPLE,
        "account_id": ACCOUNT_ID,
        "contact_id": None,
        "acts": ["call", "speak"],
        "topics": ["定着支援", "コールセンター"],
        "languages": ["ja"],
        "note": "午前中なら可",
    }
]
