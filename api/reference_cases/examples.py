"""Examples of catalogues, cases and their settings, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

ACCOUNT_ID: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
CASE_ID: Final = "0199c2f0-8a00-7c22-9a10-5b6c7d8e9f01"
INITIATIVE_ID: Final = "0199c2f0-8a00-7c22-9a10-5b6c7d8e9f02"
METRIC_ID: Final = "0199c2f0-8a00-7c22-9a10-5b6c7d8e9f03"
USER_ID: Final = "0199c2f0-6a00-7b11-8c33-0d4e5f607182"

SETTINGS: Final[Examples] = [
    {"asks_per_account": 2, "asks_per_account_days": 90, "blocking_bands": ["red"], "coverage_goal": 0.35},
    {"asks_per_contact": 1, "asks_per_contact_days": 120, "four_eyes": False},
]

_INITIATIVE_JA: Final[JsonDict] = {
    "key": "ai_voice_bot",
    "name_ja": "AI 音声応答の導入",
    "name_en": "AI voice agent",
    "synonyms": ["ボイスボット", "自動応答", "IVR"],
    "description": "一次受付を AI 音声に任せ、人は相談に専念する。",
}
_INITIATIVE_EN: Final[JsonDict] = {
    "key": "qbr",
    "name_ja": "QBR",
    "name_en": "QBR",
    "synonyms": ["Quarterly business review"],
}
INITIATIVE_CREATE: Final[Examples] = [_INITIATIVE_JA, _INITIATIVE_EN]
INITIATIVE_UPDATE: Final[Examples] = [{"synonyms": ["ボイスボット", "電話自動応答"]}, {"active": False}]
INITIATIVE_READ: Final[Examples] = [{**RECORD_EXAMPLE, **_INITIATIVE_JA, "active": True}]

_METRIC_JA: Final[JsonDict] = {
    "key": "average_handle_time",
    "name_ja": "平均処理時間",
    "name_en": "Average handle time",
    "synonyms": ["AHT", "通話時間"],
    "unit": "秒",
    "direction": "lower_is_better",
    "description": "一件の問い合わせにかかる時間。",
}
_METRIC_EN: Final[JsonDict] = {
    "key": "nps",
    "name_ja": "NPS",
    "name_en": "NPS",
    "synonyms": ["Net Promoter Score"],
    "unit": "points",
    "direction": "higher_is_better",
}
METRIC_CREATE: Final[Examples] = [_METRIC_JA, _METRIC_EN]
METRIC_UPDATE: Final[Examples] = [{"synonyms": ["AHT", "応対時間"]}, {"unit": "seconds"}]
METRIC_READ: Final[Examples] = [{**RECORD_EXAMPLE, **_METRIC_JA, "active": True}]

CONTENT_JA: Final[JsonDict] = {
    "title_ja": "AI 音声応答で平均処理時間を 32% 短縮",
    "summary_ja": "夜間の一次受付を AI に切り替え、有人対応を相談業務へ集中させた。",
    "anonymous_summary_ja": "あるサービス業の企業が一次受付を AI に切り替え、処理時間を短縮した。",
    "quote": "電話が鳴り続ける朝がなくなりました。",
    "evidence": "応対ログの月次集計（2026 年 3 月と 9 月）",
    "initiative_ids": [INITIATIVE_ID],
    "outcomes": [{"metric_id": METRIC_ID, "baseline": 420, "result": 285.6}],
    "period_starts_on": "2026-04-01",
    "period_ends_before": "2026-10-01",
}
CASE_CREATE: Final[Examples] = [
    {"account_id": ACCOUNT_ID, "origin": "co_created", **CONTENT_JA},
    {
        "account_id": ACCOUNT_ID,
        "title_en": "First contact resolution up by 18 %",
        "summary_en": "A new onboarding programme taught agents where answers are.",
        "initiative_ids": [INITIATIVE_ID],
        "outcomes": [{"metric_id": METRIC_ID, "baseline": 61, "result": 72}],
        "industry": "telecom",
        "employee_count": 1200,
    },
]
CASE_UPDATE: Final[Examples] = [
    {"summary_ja": "夜間と休日の一次受付を AI に切り替えた。"},
    {"outcomes": [{"metric_id": METRIC_ID, "baseline": 420, "result": 273}], "evidence_url": None},
]
CASE_REVIEW: Final[Examples] = [
    {"decision": "approve", "comment": "数値の根拠を確認しました。"},
    {"decision": "return", "comment": "Please say where the baseline comes from."},
]
_INITIATIVE: Final[JsonDict] = {
    "id": INITIATIVE_ID, "key": "ai_voice_bot", "name_ja": "AI 音声応答の導入", "name_en": "AI voice agent",
}  # fmt: skip
_OUTCOME: Final[JsonDict] = {
    "metric_id": METRIC_ID,
    "key": "average_handle_time",
    "name_ja": "平均処理時間",
    "name_en": "Average handle time",
    "unit": "秒",
    "direction": "lower_is_better",
    "baseline": 420,
    "result": 285.6,
    "change_pct": -32.0,
    "improvement_pct": 32.0,
}
_CASE: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "id": CASE_ID,
    "account_id": ACCOUNT_ID,
    "state": "approved",
    "origin": "co_created",
    "program_id": None,
    "author_id": USER_ID,
    "title_ja": "AI 音声応答で平均処理時間を 32% 短縮",
    "title_en": "",
    "summary_ja": "夜間の一次受付を AI に切り替え、有人対応を相談業務へ集中させた。",
    "summary_en": "",
    "anonymous_summary_ja": "あるサービス業の企業が一次受付を AI に切り替え、処理時間を短縮した。",
    "anonymous_summary_en": "",
    "quote": "電話が鳴り続ける朝がなくなりました。",
    "evidence": "応対ログの月次集計（2026 年 3 月と 9 月）",
    "evidence_url": None,
    "industry": "hospitality",
    "employee_count": 850,
    "size_band": "250_999",
    "period_starts_on": "2026-04-01",
    "period_ends_before": "2026-10-01",
    "initiatives": [_INITIATIVE],
    "outcomes": [_OUTCOME],
    "listed_at": "2026-11-01T02:00:00.000000Z",
    "revision": 0,
    "revision_state": None,
    "approved_revision": 1,
    "approved_at": "2026-11-01T02:00:00.000000Z",
    "approved_by_id": USER_ID,
    "retired_at": None,
}
CASE_READ: Final[Examples] = [_CASE]
CASE_PAGE: Final[Examples] = [
    {
        "data": [_CASE],
        "page": {"next_cursor": None, "has_more": False, "total_count": 1},
        "facets": {
            "initiative": [{"id": INITIATIVE_ID, "key": "ai_voice_bot", "count": 1}],
            "metric": [{"id": METRIC_ID, "key": "average_handle_time", "count": 1}],
            "industry": [{"value": "hospitality", "count": 1}],
            "size_band": [{"value": "250_999", "count": 1}],
        },
    }
]
