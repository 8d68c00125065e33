"""Examples of contracts and the ledger, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ACCOUNT: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_PRODUCT: Final = "0199c2f0-9b22-7e01-8c3d-2b1a0f9e8d7c"
_ITEM: Final = "0199c2f0-aa10-7b44-9e5f-6c7d8e9f0a1b"
_CONTRACT: Final = "0199c2f0-bb21-7c55-af60-7d8e9f0a1b2c"
_YEN: Final[JsonDict] = {"amount": 4000, "currency": "JPY"}
_DOLLARS: Final[JsonDict] = {"amount": 120000, "currency": "USD"}
_ITEM_JA: Final[JsonDict] = {"product_id": _PRODUCT, "quantity": 30, "unit_price": _YEN}
_ITEM_EN: Final[JsonDict] = {
    "product_id": _PRODUCT,
    "quantity": 10,
    "unit_price": _DOLLARS,
    "interval_months": 12,
    "discount_pct": 15,
    "discount_ends_before": "2027-01-01",
}
_JA: Final[JsonDict] = {
    "external_id": "k-2026-104",
    "account_id": _ACCOUNT,
    "name": "株式会社さくら物流 年間契約",
    "currency": "JPY",
    "signed_on": "2026-03-16",
    "starts_on": "2026-04-01",
    "ends_before": "2027-04-01",
    "auto_renew": True,
    "notice_days": 60,
}
_EN: Final[JsonDict] = {
    "external_id": "sub-881",
    "account_id": _ACCOUNT,
    "name": "Harbor Freight, annual",
    "currency": "USD",
    "starts_on": "2026-01-01",
    "ends_before": "2027-01-01",
}
CONTRACT_CREATE: Final[Examples] = [{**_JA, "items": [_ITEM_JA]}, {**_EN, "items": [_ITEM_EN]}]
CONTRACT_UPDATE: Final[Examples] = [{"name": "さくら物流 本契約", "notice_days": 90}, {"auto_renew": True}]
_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "kind": "subscription",
    "signed_on": None,
    "auto_renew": False,
    "renewal_months": None,
    "notice_days": 30,
    "notice_received_on": None,
    "stops_before": None,
    "stops_as": None,
    "state": "running",
}
CONTRACT_READ: Final[Examples] = [
    {**_READ, **_JA, "last_day": "2027-03-31", "mrr": {"amount": 120000, "currency": "JPY"}},
    {**_READ, **_EN, "last_day": "2026-12-31", "mrr": {"amount": 85000, "currency": "USD"}},
]
AMENDMENT: Final[Examples] = [
    {"effective_on": "2026-10-01", "change": [{"item_id": _ITEM, "quantity": 45}], "comment": "大阪支社でも利用開始"},
    {"effective_on": "2026-07-01", "add": [_ITEM_EN], "remove": [_ITEM], "comment": "Moved to the annual plan"},
]
RENEWAL: Final[Examples] = [
    {
        "ends_before": "2028-04-01",
        "change": [{"item_id": _ITEM, "unit_price": {"amount": 4400, "currency": "JPY"}}],
        "reasons": ["価格改定"],
    },
    {"starts_on": "2027-02-01", "ends_before": "2028-02-01"},
]
NOTICE: Final[Examples] = [
    {"received_on": "2027-01-20", "reasons": ["担当者の異動"]},
    {"received_on": "2026-11-02", "ends_before": "2027-01-01", "reasons": ["budget"]},
]
TERMINATION: Final[Examples] = [
    {"ends_before": "2026-12-01", "reasons": ["事業撤退"]},
    {"ends_before": "2026-12-01", "reasons": ["company closed"]},
]
_TERM: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "contract_id": _CONTRACT,
    "account_id": _ACCOUNT,
    "starts_on": "2026-04-01",
    "ends_before": "2027-04-01",
    "last_day": "2027-03-31",
    "notice_deadline": "2027-01-31",
    "decision": "pending",
    "decided_on": None,
    "automatic": False,
    "forecast": "likely",
    "reasons": [],
    "due": {"amount": 120000, "currency": "JPY"},
    "currency": "JPY",
    "contract_state": "running",
    "auto_renew": True,
    "notice_received_on": None,
    "health_score": 71.5,
    "health_band": "green",
    "owner_id": None,
}
RENEWAL_READ: Final[Examples] = [{**_TERM, "comment": "稟議中"}, {**_TERM, "comment": "Board approval in March"}]
RENEWAL_UPDATE: Final[Examples] = [
    {"forecast": "at_risk", "reasons": ["利用低下"], "comment": "四半期レビューで再提案"},
    {"forecast": "commit", "comment": "Verbal yes from the CFO"},
]
MOVEMENT_READ: Final[Examples] = [
    {
        "id": "0199c2f0-cc32-7d66-b071-8e9f0a1b2c3d",
        "account_id": _ACCOUNT,
        "product_id": _PRODUCT,
        "contract_id": _CONTRACT,
        "effective_on": "2026-04-01",
        "type": "expansion",
        "amount": {"amount": 12000, "currency": "JPY"},
        "currency": "JPY",
        "cause": "renewal",
        "corrects_id": None,
        "backfilled": False,
        "recorded_at": "2026-04-20T05:12:41.903000Z",
    }
]
EXCHANGE_RATE: Final[Examples] = [{"rate": "150.25", "source": "三菱UFJ TTM"}, {"rate": "0.0064", "source": "ECB"}]
EXCHANGE_RATE_READ: Final[Examples] = [
    {**RECORD_EXAMPLE, "currency": "USD", "day": "2026-04-01", "rate": "150.25", "source": "三菱UFJ TTM"}
]
_BULK_JA: Final[JsonDict] = {
    "external_id": "k-2026-104",
    "account_external_id": "crm-1042",
    "name": "株式会社さくら物流 年間契約",
    "currency": "JPY",
    "starts_on": "2026-04-01",
    "items": [{"product_external_id": "sku-analytics", "quantity": 30, "unit_price": _YEN}],
}
_BULK_EN: Final[JsonDict] = {
    "external_id": "sub-881",
    "account_external_id": "crm-7",
    "name": "Harbor Freight, annual",
    "currency": "USD",
    "starts_on": "2026-01-01",
    "stops_before": "2026-09-01",
    "items": [{"product_external_id": "sku-analytics", "unit_price": _DOLLARS, "interval_months": 12}],
}
BULK_ITEM: Final[Examples] = [_BULK_JA, _BULK_EN]
BULK_UPSERT: Final[Examples] = [{"items": [_BULK_JA]}, {"items": [_BULK_EN]}]
MRR_READ: Final[Examples] = [
    {
        "account_id": _ACCOUNT,
        "as_of": "2026-11-22",
        "known_at": None,
        "definition_version": 1,
        "currencies": [
            {
                "mrr": {"amount": 120000, "currency": "JPY"},
                "arr": {"amount": 1440000, "currency": "JPY"},
                "overdue_mrr": {"amount": 0, "currency": "JPY"},
                "notified_churn_mrr": {"amount": 0, "currency": "JPY"},
                "contracted_mrr": {"amount": 0, "currency": "JPY"},
                "products": [{"product_id": _PRODUCT, "mrr": {"amount": 120000, "currency": "JPY"}}],
            }
        ],
    }
]
WHITESPACE_READ: Final[Examples] = [
    {
        "account_id": _ACCOUNT,
        "as_of": "2026-11-22",
        "owned": [{"product_id": _PRODUCT, "name": "アナリティクス", "family": "Insights"}],
        "open": [{"product_id": _ITEM, "name": "配車最適化", "family": "Logistics"}],
    }
]
