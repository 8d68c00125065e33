"""Examples of surveys, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_SURVEY: Final = "0199c2f0-11aa-7c01-8d2e-4a5b6c7d8e9f"
_ACCOUNT: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_CONTACT: Final = "0199c2f0-22bb-7d12-9e3f-5b6c7d8e9f0a"
_INVITATION: Final = "0199c2f0-33cc-7e23-8f40-6c7d8e9f0a1b"
_TOKEN: Final = "srv_0bB4…"  # noqa: S105 - shortened
_NPS_JA: Final[JsonDict] = {
    "external_id": "nps-30-90",
    "kind": "nps",
    "name": "導入後 30 日と 90 日の NPS",
    "question": {
        "ja": "このサービスを同僚や知人に薦める可能性は、どのくらいありますか？",
        "en": "How likely are you to recommend us to a colleague?",
    },
    "follow_up": {"ja": "その点数の理由を教えてください。", "en": "What is the main reason for your score?"},
    "active": True,
    "anchor": "first_paid",
    "offsets": [{"months": 0, "days": 30}, {"months": 0, "days": 90}],
    "asks": "primary_contact",
}
_CSAT_EN: Final[JsonDict] = {
    "kind": "csat",
    "name": "Satisfaction with onboarding",
    "question": {"en": "How satisfied are you with the onboarding?"},
    "scale_max": 5,
    "active": True,
    "anchor": "onboarding_completed",
    "offsets": [{"months": 0, "days": 3}],
    "repeat_months": 6,
    "asks": "stakeholders",
    "stakeholder_roles": ["champion", "decision_maker"],
    "low_at_most": 2,
}
SURVEY_CREATE: Final[Examples] = [_NPS_JA, _CSAT_EN]
SURVEY_UPDATE: Final[Examples] = [{"name": "四半期 NPS", "repeat_months": 3}, {"active": False}]
_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "external_id": None,
    "kpi_eligible": False,
    "repeat_months": None,
    "starts_on": "2026-04-01",
    "stakeholder_roles": [],
    "throttle_days": 30,
    "account_throttle_days": 0,
    "expires_after_days": 14,
    "response_business_days": 2,
}
SURVEY_READ: Final[Examples] = [
    {**_READ, **_NPS_JA, "scale_min": 0, "scale_max": 10, "low_at_most": 6},
    {
        **_READ,
        **_CSAT_EN,
        "question": {"en": "How satisfied are you with the onboarding?", "ja": None},
        "follow_up": {"en": "What is the main reason for your score?", "ja": None},
        "kpi_eligible": True,
        "scale_min": 1,
    },
]

SURVEY_INVITE: Final[Examples] = [{"contact_id": _CONTACT}]
_INVITED: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "id": _INVITATION,
    "survey_id": _SURVEY,
    "account_id": _ACCOUNT,
    "contact_id": _CONTACT,
    "kind": "nps",
    "occasion": "30d",
    "due_on": "2026-05-01",
    "state": "sent",
    "skip_reason": None,
    "sent_at": "2026-05-01T00:07:00.000000Z",
    "expires_at": "2026-05-15T00:07:00.000000Z",
    "answered_at": None,
}
INVITATION_READ: Final[Examples] = [_INVITED]
INVITATION_CREATED: Final[Examples] = [{**_INVITED, "occasion": "asked 0199c2f0", "token": _TOKEN}]
INVITATIONS_SEND: Final[Examples] = [{"survey_id": [_SURVEY], "limit": 100}, {"ids": [_INVITATION]}]
_SENT: Final[JsonDict] = {
    "id": _INVITATION,
    "survey_id": _SURVEY,
    "account_id": _ACCOUNT,
    "contact_id": _CONTACT,
    "language": "ja",
    "expires_at": "2026-05-15T00:07:00.000000Z",
    "token": _TOKEN,
}
INVITATIONS_SENT: Final[Examples] = [
    {"data": [{**_SENT, "name": "佐藤 花子", "email": "hanako.sato@sakura-logi.example"}]},
    {"data": [{**_SENT, "name": "Maria Lopez", "email": "maria.lopez@harbor.example", "language": "en"}]},
]

SURVEY_OPEN: Final[Examples] = [{"token": _TOKEN}]
SURVEY_OPENED: Final[Examples] = [
    {
        "workspace": "株式会社みのり",
        "kind": "nps",
        "question": _NPS_JA["question"],
        "follow_up": _NPS_JA["follow_up"],
        "scale_min": 0,
        "scale_max": 10,
        "language": "ja",
        "expires_at": "2026-05-15T00:07:00.000000Z",
    }
]
SURVEY_ANSWER: Final[Examples] = [
    {"token": _TOKEN, "score": 9, "comment": "請求の締めが一日で終わるようになりました。"},
    {"token": _TOKEN, "score": 4, "comment": "The exports keep timing out."},
]
SURVEY_ANSWERED: Final[Examples] = [{"score": 9, "answered_at": "2026-05-02T03:15:00.000000Z"}]

_RESPONSE: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "survey_id": _SURVEY,
    "account_id": _ACCOUNT,
    "contact_id": _CONTACT,
    "invitation_id": _INVITATION,
    "external_id": None,
    "kind": "nps",
    "score": 4,
    "low": True,
    "answered_at": "2026-05-02T03:15:00.000000Z",
    "answered_on": "2026-05-02",
    "recorded_at": "2026-05-02T03:15:00.000000Z",
    "backfilled": False,
    "usage_status": "needs_attention",
    "phase": "adoption",
    "segment_ids": [],
}
RESPONSE_READ: Final[Examples] = [
    {**_RESPONSE, "comment": "請求の画面が遅いです。"},
    {**_RESPONSE, "comment": "The exports keep timing out."},
]
RESPONSE_UPDATE: Final[Examples] = [
    {"score": 7},
    {"comment": "電話で確認して追記。"},
    {"comment": "As told on the phone."},
]
_ITEM_JA: Final[JsonDict] = {
    "external_id": "tool-7781",
    "survey_external_id": "nps-30-90",
    "account_external_id": "crm-1042",
    "contact_external_id": "crm-17",
    "score": 9,
    "comment": "サポートの返事が早い。",
    "answered_at": "2026-05-02T03:15:00Z",
}
_ITEM_EN: Final[JsonDict] = {
    "external_id": "tool-7782",
    "survey_external_id": "nps-30-90",
    "account_external_id": "crm-1043",
    "score": 3,
    "comment": "Too many clicks.",
    "answered_at": "2026-05-03T10:00:00Z",
}
RESPONSE_BULK_ITEM: Final[Examples] = [_ITEM_JA, _ITEM_EN]
RESPONSE_BULK_UPSERT: Final[Examples] = [{"items": [_ITEM_JA]}, {"items": [_ITEM_EN]}]
