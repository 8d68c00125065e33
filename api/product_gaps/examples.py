"""Examples of product gaps, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_GAP_ID: Final = "0199c2f0-9b00-7d11-9e2f-5a6b7c8d9e01"
_OTHER_GAP_ID: Final = "0199c2f0-9b00-7d11-9e2f-5a6b7c8d9e44"
_ACCOUNT_ID: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_USER_ID: Final = "0199c2f0-6a00-7b11-8c33-0d4e5f607182"
_GAP_JA: Final[JsonDict] = {
    "title": "承認者を部署ごとに切り替えられない",
    "expectation": "申請者の部署に応じて承認者が自動で決まる",
    "actual": "承認者は全社で一つの順番しか設定できない",
    "reason": "拠点ごとに決裁権限が違うため、紙の申請が残ってしまう",
    "area": "承認フロー",
    "severity": "high",
    "workaround": "部署ごとに申請書を分けて作成する",
    "issue_url": "https://issues.example.com/browse/APP-1204",
}
_GAP_EN: Final[JsonDict] = {
    "title": "No single sign-on for guests",
    "expectation": "Contractors sign in through our identity provider",
    "actual": "Guests need a password of their own",
    "reason": "The security review forbids passwords outside the identity provider",
    "area": "Identity",
    "severity": "critical",
    "workaround": None,
    "issue_url": "https://issues.example.com/browse/APP-977",
}


def _yen(amount: int) -> JsonDict:
    return {"amount": amount, "currency": "JPY"}


FIGURES: Final[JsonDict] = {
    "reports": 12, "accounts": 9, "blocking_accounts": 3, "unconverted_accounts": 0,
    "mrr_affected": _yen(2_480_000), "mrr_at_risk": _yen(960_000),
    "renewing_accounts": 2, "renewing_mrr": _yen(540_000),
    "renewing_blocking_accounts": 1, "renewing_mrr_at_risk": _yen(320_000),
}  # fmt: skip
_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "external_id": None, "product_id": None, "status": "planned", "status_reason": None,
    "status_changed_at": "2026-04-18T02:00:00.000000Z", "rank": 1.5, "planned_for": "2026 Q3", "shipped_in": None,
    "customer_response": None, "customer_response_reason": None, "owner_id": _USER_ID, "reported_by_id": _USER_ID,
    "figures": FIGURES,
}  # fmt: skip
GAP_READ: Final[Examples] = [{**_READ, **_GAP_JA}, {**_READ, **_GAP_EN}]
GAP_CREATE: Final[Examples] = [
    {
        **_GAP_JA,
        "report": {"account_id": _ACCOUNT_ID, "impact": "承認待ちが月 40 件たまる", "blocks_renewal": True},
    },
    _GAP_EN,
]
GAP_UPDATE: Final[Examples] = [
    {"status": "declined", "status_reason": "標準の権限管理の方針と合わないため", "rank": None},
    {"status": "planned", "planned_for": "2026 Q3", "rank": 1.5},
]
GAP_MERGE: Final[Examples] = [{"loser_id": _OTHER_GAP_ID}]

_REPORT_JA: Final[JsonDict] = {
    "gap_id": _GAP_ID,
    "account_id": _ACCOUNT_ID,
    "impact": "承認待ちが月 40 件たまり、更新の稟議が止まっている",
    "blocks_renewal": True,
    "reported_on": "2026-04-16",
}
_REPORT_EN: Final[JsonDict] = {
    "gap_id": _GAP_ID,
    "account_id": _ACCOUNT_ID,
    "impact": "Forty approvals wait each month",
    "blocks_renewal": False,
    "reported_on": "2026-04-16",
}
_REPORT_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "contact_id": None, "external_id": None, "reported_by_id": _USER_ID, "interaction_id": None, "ticket_id": None,
    "survey_response_id": None, "recorded_at": "2026-04-16T01:00:00.000000Z", "backfilled": False,
}  # fmt: skip
REPORT_READ: Final[Examples] = [{**_REPORT_READ, **_REPORT_JA}, {**_REPORT_READ, **_REPORT_EN}]
REPORT_CREATE: Final[Examples] = [_REPORT_JA, _REPORT_EN]
REPORT_UPDATE: Final[Examples] = [
    {"impact": "回避策で運用できている", "blocks_renewal": False},
    {"blocks_renewal": True},
]
REPORT_IN_GAP: Final[Examples] = [
    {"account_id": _ACCOUNT_ID, "impact": "承認待ちが月 40 件たまる", "blocks_renewal": True},
    {"account_id": _ACCOUNT_ID, "impact": "Forty approvals wait each month"},
]
REPORT_ITEM: Final[Examples] = [
    {
        "external_id": "cb-3391", "gap_external_id": "APP-1204", "account_external_id": "crm-1042",
        "impact": "承認待ちが月 40 件たまる", "blocks_renewal": True, "reported_on": "2026-04-16",
    },
    {"external_id": "cb-3391", "blocks_renewal": False},
]  # fmt: skip
REPORT_BULK: Final[Examples] = [{"items": [item]} for item in REPORT_ITEM]

_COMMENT_READ: Final[JsonDict] = {**RECORD_EXAMPLE, "gap_id": _GAP_ID, "author_id": _USER_ID, "internal": True}
COMMENT_READ: Final[Examples] = [
    {**_COMMENT_READ, "text": "権限設定の刷新とあわせて対応できそうです"},
    {**_COMMENT_READ, "text": "Goes well with the new roles"},
]
COMMENT_CREATE: Final[Examples] = [
    {"gap_id": _GAP_ID, "text": "権限設定の刷新とあわせて対応できそうです"},
    {"gap_id": _GAP_ID, "text": "Goes well with the new roles", "internal": True},
]
COMMENT_UPDATE: Final[Examples] = [{"text": "次の四半期に対応できそうです"}, {"text": "Fits into the next quarter"}]

BOARD: Final[Examples] = [
    {
        "figures": FIGURES,
        "columns": [{"status": "planned", "gaps": 1, "figures": FIGURES, "cards": [GAP_READ[0]]}],
    }
]
BY_AREA: Final[Examples] = [{"data": [{"area": "承認フロー", "gaps": 4, "figures": FIGURES}]}]
