"""Examples of customers, in Japanese and English: the first of a body is what the reference shows first."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_SAKURA: Final[JsonDict] = {
    "external_id": "crm-1042",
    "name": "株式会社さくら物流",
    "legal_name": "株式会社さくら物流",
    "kana": "カブシキガイシャサクラブツリュウ",
    "domain": "sakura-logi.example",
    "industry": "物流",
    "employee_count": 320,
    "country": "JP",
    "tags": ["重点"],
}
_HARBOR: Final[JsonDict] = {
    "external_id": "crm-7",
    "name": "Harbor Analytics",
    "domain": "harbor.example",
    "industry": "Software",
    "employee_count": 45,
    "country": "US",
    "tags": ["design partner"],
}
_ACCOUNT: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "legal_name": None,
    "kana": None,
    "corporate_number": None,
    "language": None,
    "parent_id": None,
    "owner_id": "01966f30-aa10-7d43-b1c8-7b0a3f5de611",
    "phase": "adoption",
    "phase_since": "2026-04-01",
    "onboarding_completed_at": "2026-03-31T15:00:00.000000Z",
    "is_first_renewal": True,
    "touch_model": "high",
    "touch_model_override": None,
    "sources": {"name": "crm"},
    "custom": {"tier": "gold"},
    "mrr": {"amount": 120000, "currency": "JPY"},
    "arr": {"amount": 1440000, "currency": "JPY"},
    "seats": 80,
    "first_paid_on": "2025-10-01",
    "renewal_on": "2026-10-01",
    "notice_deadline": "2026-08-01",
    "health_score": 72.5,
    "health_band": "green",
    "usage_status": None,
    "icp_fit": 80.0,
    "importance": 64.0,
}
_USER_ID: Final = "01966f30-aa10-7d43-b1c8-7b0a3f5de611"
_ACCOUNT_ID: Final = "01966f3b-1d20-7f0e-9d37-5a1c44b0e2aa"

ACCOUNT_READ: Final[Examples] = [
    {**_ACCOUNT, **_SAKURA},
    {
        **_ACCOUNT,
        **_HARBOR,
        "mrr": {"amount": 240000, "currency": "USD"},
        "arr": {"amount": 2880000, "currency": "USD"},
    },
]
ACCOUNT_CREATE: Final[Examples] = [_SAKURA, _HARBOR]
ACCOUNT_UPDATE: Final[Examples] = [
    {"industry": "物流", "custom": {"tier": "gold"}},
    {"employee_count": 60, "language": None},
]
ACCOUNT_UPSERT: Final[Examples] = [_SAKURA, _HARBOR]
ACCOUNT_BULK_UPSERT: Final[Examples] = [{"items": [_SAKURA]}, {"items": [_HARBOR]}]
ACCOUNT_BATCH_GET: Final[Examples] = [{"ids": [_ACCOUNT_ID]}]
ACCOUNT_MERGE: Final[Examples] = [{"loser_id": _ACCOUNT_ID}]
EXTERNAL_REF_WRITE: Final[Examples] = [{"ref": "取引先-0042"}, {"ref": "0015g00000Xq1"}]
PHASE_CHANGE: Final[Examples] = [
    {"phase": "adoption", "reason": "初期設定が完了"},
    {"phase": "renewal", "on": "2026-08-01", "reason": "Notice period begins"},
]
CRITERION_WRITE: Final[Examples] = [{"met": True}]

TEAM_MEMBER_CREATE: Final[Examples] = [{"user_id": _USER_ID, "role": "csm", "starts_on": "2026-04-01"}]
TEAM_MEMBER_END: Final[Examples] = [{"ends_before": "2026-10-01"}]

SEGMENT_READ: Final[Examples] = [
    {
        **RECORD_EXAMPLE,
        "name": "物流・SMB",
        "description": "500 名以下の物流会社",
        "filter": {"industry": ["物流"], "employee_count_max": 500},
        "filter_version": 2,
    }
]
SEGMENT_CREATE: Final[Examples] = [
    {"name": "物流・SMB", "filter": {"industry": ["物流"], "employee_count_max": 500}},
    {"name": "At risk in the US", "filter": {"country": ["US"], "health_max": 40}},
]
SEGMENT_UPDATE: Final[Examples] = [
    {"filter": {"industry": ["物流", "倉庫"]}},
    {"description": "Reviewed every Monday"},
]
SAVED_VIEW_CREATE: Final[Examples] = [
    {"name": "今月の更新", "query": {"sort": "renewal_on", "phase": ["renewal"]}},
    {"name": "My renewals", "query": {"sort": "renewal_on", "owner_id": [_USER_ID]}, "shared": True},
]
SAVED_VIEW_UPDATE: Final[Examples] = [{"name": "来月の更新"}, {"shared": True}]
CUSTOM_FIELD_CREATE: Final[Examples] = [
    {"resource": "account", "key": "tier", "label": "ランク", "type": "option", "options": ["gold", "silver"]},
    {"resource": "contact", "key": "shirt_size", "label": "Shirt size", "type": "text"},
]
CUSTOM_FIELD_UPDATE: Final[Examples] = [{"label": "等級"}, {"options": ["gold", "silver", "bronze"]}]

POLICY_CREATE: Final[Examples] = [
    {
        "name": "フェーズで割り当て",
        "kind": "phase",
        "rules": [{"user_ids": [_USER_ID], "phase": "renewal"}],
    },
    {
        "name": "By company size",
        "kind": "size",
        "rules": [{"user_ids": [_USER_ID], "size_band": "smb"}],
    },
]
POLICY_UPDATE: Final[Examples] = [{"name": "新しい割り当て"}, {"name": "By size, from April"}]
ACCOUNT_SETTINGS: Final[Examples] = [
    {
        "icp_criteria": [{"field": "industry", "values": ["物流", "SaaS"], "weight": 2}],
        "onboarding_criteria": [{"key": "kickoff", "label": "キックオフを実施"}],
    },
    {
        "size_bands": [{"name": "small", "employees_max": 99}, {"name": "large", "employees_min": 100}],
        "renewal_lead_days": 60,
    },
]
