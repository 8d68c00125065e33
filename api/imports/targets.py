"""What can be imported: one entry of ``TARGETS`` per resource."""

from collections.abc import Mapping
from typing import Final

from api.accounts.resource import ACCOUNTS
from api.accounts.schemas import AccountUpsert
from api.accounts.service import upsert_accounts
from api.contacts.bulk import upsert_contacts
from api.contacts.resource import CONTACTS
from api.contacts.schemas import ContactBulkItem
from api.contracts.churn_reports import ChurnReportItem, upsert_churn_reports
from api.contracts.row_shapes import ITEM_COLUMNS, ContractRow
from api.imports.importable import Importable, Known
from api.imports.loaders import (
    ProductItem,
    load_contracts,
    load_interactions,
    load_products,
    load_survey_responses,
    one_by_one,
    with_known_at,
    without_options,
)
from api.interactions.schemas import InteractionBulkItem
from api.product_gaps.bulk import upsert_reports
from api.product_gaps.report_schemas import GapReportItem
from api.surveys.answer_schemas import SurveyResponseBulkItem
from api.tickets.bulk import upsert_tickets
from api.tickets.schemas import TicketItem
from api.usage.measurements import MeasurementItem, upsert_measurements

_ACCOUNT_IDS: Final = ("account", "account id", "company id", "customer id", "会社ID", "顧客ID", "顧客コード",
                       "取引先ID", "取引先コード")  # fmt: skip
_IDS: Final = ("id", "code", "コード", "ID", "管理番号")
TARGETS: Final[Mapping[str, Importable]] = {
    target.name: target
    for target in (
        Importable(
            "accounts",
            "accounts:write",
            AccountUpsert,
            one_by_one(without_options(upsert_accounts)),
            custom=ACCOUNTS,
            without=frozenset({"custom", "sources"}),
            synonyms={
                "external_id": (*_IDS, "account id", "customer id", "company id", "顧客ID", "顧客コード", "取引先ID",
                                "取引先コード", "会社ID", "企業ID"),
                "name": ("account", "account name", "company", "company name", "customer", "customer name", "会社名",
                         "企業名", "顧客名", "取引先名", "名称"),
                "legal_name": ("legal entity", "正式名称", "商号", "法人名"),
                "kana": ("フリガナ", "ふりがな", "カナ", "会社名カナ"),
                "corporate_number": ("法人番号", "company number"),
                "domain": ("website", "web site", "ドメイン"),
                "industry": ("sector", "業種", "業界"),
                "employee_count": ("employees", "number of employees", "headcount", "従業員数", "社員数"),
                "country": ("country code", "国", "国コード"),
                "language": ("言語", "言語コード"),
                "tags": ("labels", "タグ", "ラベル"),
            },
        ),
        Importable(
            "contacts",
            "contacts:write",
            ContactBulkItem,
            one_by_one(without_options(upsert_contacts)),
            custom=CONTACTS,
            synonyms={
                "external_id": (*_IDS, "contact id", "person id", "担当者ID", "連絡先ID"),
                "account_external_id": _ACCOUNT_IDS,
                "name": ("full name", "contact", "contact name", "氏名", "名前", "担当者名", "お名前"),
                "kana": ("フリガナ", "ふりがな", "カナ", "氏名カナ"),
                "email": ("e-mail", "mail", "email address", "メール", "メールアドレス", "Eメール"),
                "phone": ("phone number", "tel", "telephone", "電話", "電話番号"),
                "title": ("job title", "position", "役職", "肩書"),
                "department": ("division", "部署", "部門", "所属"),
                "language": ("言語",),
                "stakeholder_role": ("role", "役割"),
                "influence": ("影響度",),
                "notes": ("note", "memo", "comment", "備考", "メモ"),
                "tags": ("labels", "タグ", "ラベル"),
            },
        ),
        Importable(
            "contracts",
            "contracts:write",
            ContractRow,
            load_contracts,
            joins=True,
            known=Known(),
            exported={
                "account.external_id": "account_external_id",
                "mrr.amount": None,
                **{f"items.{name}": name for name in ITEM_COLUMNS},
                "items.starts_on": "item_starts_on",
                "items.ends_before": "item_ends_before",
                "items.starts_as": "item_starts_as",
                "items.ends_as": "item_ends_as",
                "items.unit_price.amount": "unit_price_minor",
                "items.commitment.amount": "commitment_minor",
            },
            synonyms={
                "external_id": (*_IDS, "contract id", "contract number", "subscription id", "契約ID", "契約番号"),
                "account_external_id": _ACCOUNT_IDS,
                "product_external_id": ("product", "plan", "sku", "product id", "商品コード", "製品コード", "プラン"),
                "name": ("contract", "contract name", "契約名", "件名"),
                "currency": ("通貨",),
                "signed_on": ("signed", "signature date", "契約締結日", "締結日"),
                "starts_on": ("start", "start date", "開始日", "契約開始日"),
                "ends_before": ("term end", "期間満了日"),
                "stops_before": ("end date", "cancelled on", "解約日"),
                "auto_renew": ("auto renewal", "auto renew flag", "自動更新"),
                "quantity": ("seats", "licences", "licenses", "席数", "数量", "ライセンス数"),
                "unit_price": ("price", "単価"),
                "monthly_amount": ("mrr", "mrr amount", "月額"),
                "notice_days": ("解約予告日数",),
                "effective_on": ("effective date", "適用日", "適用開始日"),
                "known_at": ("recorded at", "entered on", "記録日", "登録日"),
            },
        ),
        Importable(
            "interactions",
            "interactions:write",
            InteractionBulkItem,
            one_by_one(load_interactions),
            without=frozenset(),
            synonyms={
                "external_id": (*_IDS, "interaction id", "activity id", "meeting id", "event id", "活動ID"),
                "account_external_id": ("account", "account id", "company id", "customer id", "会社ID", "顧客ID",
                                        "顧客コード", "取引先ID", "取引先コード"),
                "kind": ("type", "activity type", "種別", "活動種別"),
                "subject": ("title", "件名", "タイトル"),
                "occurred_at": ("date", "start", "started at", "activity date", "日時", "開始日時", "実施日時"),
                "duration_minutes": ("duration", "所要時間", "時間（分）"),
                "effort_minutes": ("effort", "工数（分）"),
                "notes": ("note", "memo", "description", "メモ", "備考"),
                "minutes": ("meeting minutes", "議事録"),
                "decisions": ("決定事項",),
                "action_items": ("actions", "to do", "next steps", "宿題", "ネクストアクション"),
                "recording_url": ("recording", "録画", "録画URL"),
                "shared_at": ("議事録共有日時",),
                "attendee_emails": ("attendees", "participants", "参加者", "出席者"),
            },
        ),
        Importable(
            "products",
            "products:write",
            ProductItem,
            one_by_one(without_options(load_products)),
            synonyms={
                "external_id": (*_IDS, "sku", "product id", "product code", "商品コード", "製品コード", "品番"),
                "name": ("product", "product name", "商品名", "製品名", "品名"),
                "family": ("category", "product family", "分類", "カテゴリ", "製品群"),
                "description": ("説明", "概要"),
                "sellable": ("販売中", "販売可"),
            },
        ),
        Importable(
            "tickets",
            "tickets:write",
            TicketItem,
            one_by_one(with_known_at(upsert_tickets)),
            without=frozenset({"account_id"}),
            synonyms={
                "external_id": (*_IDS, "ticket id", "ticket number", "チケットID", "問い合わせ番号", "受付番号"),
                "account_external_id": _ACCOUNT_IDS,
                "subject": ("title", "summary", "件名"),
                "severity": ("priority", "重要度", "優先度"),
                "opened_at": ("submitted at", "created", "受付日時", "作成日時"),
                "closed_at": ("solved at", "resolved at", "完了日時", "解決日時"),
                "first_answered_at": ("first response", "初回回答日時"),
                "escalated": ("escalation flag", "エスカレーション"),
                "satisfaction_score": ("csat", "rating", "満足度"),
            },
        ),
        Importable(
            "product_gap_reports",
            "product_gaps:report",
            GapReportItem,
            one_by_one(with_known_at(upsert_reports)),
            without=frozenset({"account_id"}),
            synonyms={
                "external_id": (*_IDS, "report id", "request id", "要望ID", "報告ID"),
                "gap_external_id": ("gap", "gap id", "feature", "idea id", "ギャップID", "機能要望ID"),
                "account_external_id": _ACCOUNT_IDS,
                "impact": ("comment", "note", "影響", "内容"),
                "blocks_renewal": ("blocker", "deal breaker", "更新の障害"),
                "reported_on": ("date", "created", "報告日", "受付日"),
            },
        ),
        Importable(
            "churn_reports",
            "contracts:write",
            ChurnReportItem,
            one_by_one(with_known_at(upsert_churn_reports)),
            without=frozenset({"account_id"}),
            synonyms={
                "external_id": (*_IDS, "churn event id", "解約ID"),
                "account_external_id": _ACCOUNT_IDS,
                "occurred_on": ("churn date", "cancelled on", "解約日"),
                "reason_code": ("reason", "解約理由"),
                "comment": ("feedback text", "feedback", "コメント"),
                "reactivation": ("is reactivation", "再契約"),
            },
        ),
        Importable(
            "usage_measurements",
            "usage:write",
            MeasurementItem,
            with_known_at(upsert_measurements),
            key="account_external_id",
            without=frozenset({"account_id"}),
            synonyms={
                "account_external_id": _ACCOUNT_IDS,
                "metric": ("metric key", "event", "指標"),
                "day": ("date", "日付", "利用日"),
                "value": ("count", "値", "回数"),
            },
            batch=10_000,
        ),
        Importable(
            "survey_responses",
            "survey_responses:write",
            SurveyResponseBulkItem,
            one_by_one(load_survey_responses),
            synonyms={
                "external_id": (*_IDS, "response id", "answer id", "回答ID", "回答番号"),
                "survey_external_id": ("survey", "survey id", "アンケートID", "調査ID"),
                "account_external_id": ("account", "account id", "company id", "customer id", "会社ID", "顧客ID",
                                        "顧客コード", "取引先ID", "取引先コード"),
                "contact_external_id": ("contact", "contact id", "respondent", "回答者ID", "担当者ID", "連絡先ID"),
                "score": ("nps", "nps score", "rating", "csat", "ces", "点数", "スコア", "評価"),
                "comment": ("comments", "feedback", "reason", "verbatim", "コメント", "自由記述", "理由"),
                "answered_at": ("answered", "submitted at", "response date", "timestamp", "回答日時", "回答日"),
            },
        ),
    )
}  # fmt: skip
