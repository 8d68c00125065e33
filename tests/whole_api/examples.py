"""One example request per operation; an operation without one fails the build.

A function in a path, query or body stands for the id of a row that it makes in the workspace at hand.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import SQLModel

from api.accounts.models import (
    Account,
    AccountPhase,
    AccountRef,
    AssignmentPolicy,
    SavedView,
    Segment,
    TeamMember,
)
from api.analytics.models import AcquisitionCost
from api.auth.models import Credential, Invitation, Partner, User, Workspace
from api.contacts.models import Contact, Stake
from api.contracts.churn_reports import ChurnReport
from api.contracts.models import Contract, ContractItem, ContractTerm, ExchangeRate
from api.exports.models import Export
from api.health_scores.goal_models import ApproachIntent, ApproachScore, HealthTarget
from api.health_scores.models import Backtest, CsmPulse, HealthModel, HealthScore
from api.imports.models import Import, ImportMapping
from api.interactions.models import Interaction
from api.kit.custom_fields import CustomField
from api.product_gaps.models import GapComment, GapReport, ProductGap
from api.products.models import Product, SuccessOverride
from api.programs.models import Participant, Program
from api.reference_cases.consent_models import ReferenceConsent, ReferenceProfile
from api.reference_cases.models import Initiative, OutcomeMetric, ReferenceCase
from api.reference_cases.partner_models import PartnerReferenceRequest
from api.reference_cases.request_models import ReferenceAsk, ReferenceCandidate, ReferenceRequest
from api.signals.models import Signal, SignalRule
from api.success_roadmaps.history_models import RoadmapTemplate
from api.success_roadmaps.models import RoadmapGoal, RoadmapReview, SuccessRoadmap
from api.success_roadmaps.share_models import RoadmapComment, RoadmapShare
from api.success_roadmaps.value_models import ValueRealisation
from api.surveys.models import Survey, SurveyInvitation, SurveyResponse
from api.tasks.models import Task
from api.tickets.models import Ticket
from api.usage.models import UsageDay, UsageMetric
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers as a
from tests.whole_api import reference_makers as r
from tests.whole_api.makers import Maker


@dataclass(frozen=True)
class Computed:
    """A value that is made for the request, and no id."""

    compute: Callable[[WorkspaceForTest], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Example:
    """How to call an operation.

    Attributes:
        table: The table behind a write.
        optional_ids: Optional body fields (of a list: filters) that name rows, with what makes such a row.
        version: The version that ``If-Match`` names; None sends no such header.
        makes: Makes a row that the list shows.
        per_item: Whether a stranger's id fails one item of the answer rather than the request.
        silent: Why a write announces no event.
        secrets: Fields that a repeated answer must not show again.
        file: The body of an operation that takes a file.
        lines: Makes the body of an operation that takes JSON Lines.
    """

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    table: type[SQLModel] | None = None
    optional_ids: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = 1
    makes: Maker | None = None
    per_item: bool = False
    silent: str = ""
    secrets: tuple[str, ...] = ()
    file: bytes | None = None
    lines: Callable[[WorkspaceForTest], Awaitable[bytes]] | None = None


MORE_READERS = "the event log has more readers than a stake"
PRIVATE = "concerns nobody but the principal"
NEW_PASSWORD = {"current_password": Computed(a.password_of_the_admin), "new_password": "correct horse battery"}
INVITED = {"email": "tanaka@example.co.jp", "role": "partner", "partner_id": a.partner}
A_KEY = {"name": "つなぐパートナーズ", "scopes": ["partner_reference_cases:read"], "partner_id": a.partner}
A_PARTNER = {"name": "株式会社つなぐパートナーズ", "domain": "tsunagu.example.jp"}
AN_ACCOUNT = {"name": "株式会社さくら物流", "country": "JP", "tags": ["重点"]}
A_FIELD = {"resource": "account", "key": "tier", "label": "ランク", "type": "option", "options": ["gold"]}
A_DEFINITION = {"success_statement": "資料作成が半日で終わる", "value_milestone": "経営会議で利用"}
AN_EXPORT = {"resource": "accounts", "format": "csv", "query": {"phase": ["adoption"]}, "columns": ["name"]}

IDENTITY: Mapping[str, Example] = {
    "create_token": Example(),
    "revoke_token": Example(),
    "get_signing_keys": Example(),
    "accept_invitation": Example(),
    "get_me": Example(),
    "update_me": Example(body={"name": "佐藤 葵"}, table=User),
    "change_my_password": Example(body=NEW_PASSWORD, table=User, silent=PRIVATE),
    "get_workspace": Example(),
    "update_workspace": Example(body={"name": "株式会社みのり"}, table=Workspace),
    "list_users": Example(makes=a.user, optional_ids={"partner_id": a.partner}),
    "get_user": Example(path={"user_id": a.user}),
    "update_user": Example(path={"user_id": a.user}, body={"role": "manager"}, table=User),
    "archive_user": Example(path={"user_id": a.user}),
    "list_invitations": Example(makes=a.invitation, optional_ids={"partner_id": a.partner}),
    "create_invitation": Example(body=INVITED, table=Invitation, secrets=("token",)),
    "withdraw_invitation": Example(path={"invitation_id": a.invitation}),
    "list_api_keys": Example(makes=a.api_key, optional_ids={"partner_id": a.partner}),
    "create_api_key": Example(body=A_KEY, table=Credential, secrets=("secret",)),
    "get_api_key": Example(path={"api_key_id": a.api_key}),
    "revoke_api_key": Example(path={"api_key_id": a.api_key}),
    "rotate_api_key": Example(
        path={"api_key_id": a.api_key}, body={"overlap_hours": 48}, table=Credential, secrets=("secret",)
    ),
    "list_partners": Example(makes=a.partner),
    "create_partner": Example(body=A_PARTNER, table=Partner),
    "get_partner": Example(path={"partner_id": a.partner}),
    "update_partner": Example(path={"partner_id": a.partner}, body={"language": "ja"}, table=Partner),
    "archive_partner": Example(path={"partner_id": a.partner}),
    "restore_partner": Example(path={"partner_id": a.archived_partner}),
    "list_audit_log": Example(makes=a.audit_entry),
    "get_audit_entry": Example(path={"entry_id": a.audit_entry}),
    "list_events": Example(makes=a.event),
    "get_event": Example(path={"event_id": a.event}),
}

ACCOUNTS: Mapping[str, Example] = {
    "list_accounts": Example(
        makes=a.account, optional_ids={"owner_id": a.user, "parent_id": a.account, "segment_id": a.segment}
    ),
    "create_account": Example(body=AN_ACCOUNT, table=Account, optional_ids={"parent_id": a.account}),
    "get_account_by_external_id": Example(path={"external_id": Computed(a.external_id)}),
    "upsert_account": Example(
        path={"external_id": "crm-1042"},
        body={**AN_ACCOUNT, "external_id": "crm-1042"},
        table=Account,
        optional_ids={"parent_id": a.account},
        version=None,
    ),
    "get_account_by_ref": Example(path={"source": "crm", "ref": a.account_with_ref}),
    "get_account": Example(path={"account_id": a.account}),
    "update_account": Example(
        path={"account_id": a.account}, body={"industry": "物流"}, table=Account, optional_ids={"parent_id": a.account}
    ),
    "archive_account": Example(path={"account_id": a.account}),
    "restore_account": Example(path={"account_id": a.archived_account}),
    "merge_accounts": Example(path={"account_id": a.account}, body={"loser_id": a.account}, table=Account),
    "bulk_upsert_accounts": Example(
        body={"items": [{**AN_ACCOUNT, "external_id": "crm-1042", "parent_id": a.account}]},
        table=Account,
        per_item=True,
    ),
    "batch_get_accounts": Example(body={"ids": [a.account]}, per_item=True),
    "set_account_ref": Example(path={"account_id": a.account, "source": "crm"}, body={"ref": "17"}, table=AccountRef),
    "remove_account_ref": Example(path={"account_id": a.account_with_ref, "source": "crm"}),
    "list_account_phases": Example(path={"account_id": a.account_with_history}),
    "change_account_phase": Example(path={"account_id": a.account}, body={"phase": "adoption"}, table=AccountPhase),
    "note_onboarding_criterion": Example(
        path={"account_id": a.account, "key": Computed(a.onboarding_criterion)}, body={"met": True}, table=Account
    ),
    "list_team_members": Example(makes=a.team_member, optional_ids={"account_id": a.account, "user_id": a.user}),
    "get_team_member": Example(path={"member_id": a.team_member}),
    "add_team_member": Example(
        path={"account_id": a.account}, body={"user_id": a.user, "role": "support"}, table=TeamMember
    ),
    "end_team_member": Example(path={"member_id": a.team_member}, body={}, table=TeamMember),
    "get_account_settings": Example(),
    "set_account_settings": Example(body={"renewal_lead_days": 60}, table=Workspace),
    "set_primary_contact": Example(
        path={"account_id": a.account}, body={"contact_id": a.contact_of_latest_account}, table=Contact
    ),
    "list_primary_contact_changes": Example(path={"account_id": a.account_with_primary_contacts}),
    "list_segments": Example(makes=a.segment),
    "create_segment": Example(body={"name": "物流", "filter": {"industry": ["物流"]}}, table=Segment),
    "get_segment": Example(path={"segment_id": a.segment}),
    "update_segment": Example(path={"segment_id": a.segment}, body={"name": "SMB"}, table=Segment),
    "archive_segment": Example(path={"segment_id": a.segment}),
    "restore_segment": Example(path={"segment_id": a.archived_segment}),
    "count_segment": Example(path={"segment_id": a.segment}),
    "list_segment_versions": Example(path={"segment_id": a.segment_with_history}),
    "list_saved_views": Example(makes=a.saved_view),
    "create_saved_view": Example(body={"name": "今月の更新", "query": {"phase": ["renewal"]}}, table=SavedView),
    "get_saved_view": Example(path={"view_id": a.saved_view}),
    "update_saved_view": Example(path={"view_id": a.saved_view}, body={"name": "来月の更新"}, table=SavedView),
    "archive_saved_view": Example(path={"view_id": a.saved_view}),
    "list_custom_fields": Example(makes=a.custom_field),
    "declare_custom_field": Example(body=A_FIELD, table=CustomField),
    "get_custom_field": Example(path={"field_id": a.custom_field}),
    "update_custom_field": Example(path={"field_id": a.custom_field}, body={"label": "等級"}, table=CustomField),
    "archive_custom_field": Example(path={"field_id": a.custom_field}),
    "restore_custom_field": Example(path={"field_id": a.archived_custom_field}),
    "list_assignment_policies": Example(makes=a.policy),
    "create_assignment_policy": Example(
        body={"name": "担当", "kind": "phase", "rules": [{"user_ids": [a.user], "phase": "renewal"}]},
        table=AssignmentPolicy,
    ),
    "get_assignment_policy": Example(path={"policy_id": a.policy}),
    "update_assignment_policy": Example(
        path={"policy_id": a.policy},
        body={"name": "新担当"},
        table=AssignmentPolicy,
        optional_ids={"rules": [{"user_ids": [a.user], "phase": "renewal"}]},
    ),
    "archive_assignment_policy": Example(path={"policy_id": a.policy}),
    "preview_assignment_policy": Example(path={"policy_id": a.policy}),
    "apply_assignment_policy": Example(path={"policy_id": a.policy}),
}

PEOPLE: Mapping[str, Example] = {
    "list_contacts": Example(makes=a.contact, optional_ids={"account_id": a.account}),
    "create_contact": Example(body={"account_id": a.account, "name": "山田 花子"}, table=Contact),
    "get_contact": Example(path={"contact_id": a.contact}),
    "update_contact": Example(
        path={"contact_id": a.contact}, body={"title": "部長"}, table=Contact, optional_ids={"account_id": a.account}
    ),
    "archive_contact": Example(path={"contact_id": a.contact}),
    "upsert_contact": Example(
        path={"external_id": "crm-17"}, body={"account_id": a.account, "name": "山田 花子"}, table=Contact
    ),
    "bulk_upsert_contacts": Example(
        body={"items": [{"external_id": "crm-17", "account_id": a.account, "name": "山田 花子"}]},
        table=Contact,
        per_item=True,
    ),
    "restore_contact": Example(path={"contact_id": a.archived_contact}),
    "note_contact_left": Example(path={"contact_id": a.contact}, body={"left_on": "2026-04-01"}, table=Contact),
    "erase_contact": Example(path={"contact_id": a.contact}),
    "revert_primary_contact_change": Example(path={"change_id": a.primary_contact_change}),
    "get_stake": Example(path={"contact_id": a.contact_with_stake}),
    "set_stake": Example(
        path={"contact_id": a.contact_of_my_account}, body={"text": "昇進がかかる"}, table=Stake, silent=MORE_READERS
    ),
    "delete_stake": Example(path={"contact_id": a.contact_with_stake}, silent=MORE_READERS),
}

CATALOGUE: Mapping[str, Example] = {
    "list_products": Example(makes=a.product),
    "create_product": Example(body={"name": "アナリティクス"}, table=Product),
    "get_product": Example(path={"product_id": a.product}),
    "update_product": Example(path={"product_id": a.product}, body={"name": "分析"}, table=Product),
    "archive_product": Example(path={"product_id": a.product}),
    "restore_product": Example(path={"product_id": a.archived_product}),
    "set_success_override": Example(
        path={"product_id": a.product, "segment_id": a.segment}, body=A_DEFINITION, table=SuccessOverride
    ),
}

YEN = {"amount": 120_000, "currency": "JPY"}
A_CONTRACT = {"name": "年間契約", "currency": "JPY", "starts_on": "2026-04-01", "ends_before": "2027-04-01"}

COMMERCIAL: Mapping[str, Example] = {
    "list_contracts": Example(makes=a.contract, optional_ids={"account_id": a.account}),
    "create_contract": Example(
        body={**A_CONTRACT, "account_id": a.account, "items": [{"product_id": a.product, "unit_price": YEN}]},
        table=Contract,
    ),
    "bulk_upsert_contracts": Example(
        body={
            "items": [
                {
                    **A_CONTRACT,
                    "external_id": "k-2026-104",
                    "account_id": a.account,
                    "items": [{"product_id": a.product, "unit_price": YEN}],
                }
            ]
        },
        table=Contract,
        per_item=True,
    ),
    "get_contract": Example(path={"contract_id": a.contract}),
    "update_contract": Example(path={"contract_id": a.contract}, body={"name": "本契約"}, table=Contract),
    "amend_contract": Example(
        path={"contract_id": a.contract},
        body={
            "effective_on": "2026-10-01",
            "change": [{"item_id": a.item_of_latest_contract, "quantity": 2}],
            "add": [{"product_id": a.product, "unit_price": YEN}],
            "remove": [a.first_item_of_latest_contract],
        },
        table=ContractItem,
    ),
    "renew_contract": Example(
        path={"contract_id": a.contract},
        body={
            "change": [{"item_id": a.item_of_latest_contract, "quantity": 2}],
            "add": [{"product_id": a.product, "unit_price": YEN}],
            "remove": [a.first_item_of_latest_contract],
        },
        table=ContractTerm,
    ),
    "give_notice": Example(
        path={"contract_id": a.contract}, body={"received_on": "2026-11-02", "reasons": ["予算"]}, table=Contract
    ),
    "terminate_contract": Example(path={"contract_id": a.contract}, body={"ends_before": "2026-12-01"}, table=Contract),
    "reinstate_contract": Example(path={"contract_id": a.contract_under_notice}),
    "archive_contract": Example(path={"contract_id": a.contract}),
    "restore_contract": Example(path={"contract_id": a.archived_contract}),
    "get_contract_settings": Example(),
    "set_contract_settings": Example(body={"renewal_grace_days": 14}, table=Workspace),
    "list_renewals": Example(
        makes=a.term, optional_ids={"account_id": a.account, "contract_id": a.contract, "owner_id": a.user}
    ),
    "get_renewals_by_month": Example(query={"renewal_after": "2027-04-01"}, optional_ids={"owner_id": a.user}),
    "get_renewal": Example(path={"renewal_id": a.term}),
    "update_renewal": Example(path={"renewal_id": a.term}, body={"forecast": "commit"}, table=ContractTerm),
    "list_mrr_movements": Example(
        makes=a.movement, optional_ids={"account_id": a.account, "product_id": a.product, "contract_id": a.contract}
    ),
    "get_mrr_movement": Example(path={"movement_id": a.movement}),
    "get_account_mrr": Example(path={"account_id": a.account_with_revenue}),
    "get_account_whitespace": Example(path={"account_id": a.account}),
    "list_exchange_rates": Example(makes=a.exchange_rate),
    "set_exchange_rate": Example(
        path={"currency": "USD", "day": "2026-04-01"}, body={"rate": "150.25"}, table=ExchangeRate
    ),
}

A_METRIC = {"key": "active_users", "name": "アクティブユーザー", "aggregation": "avg", "role": "active"}
A_TICKET = {"subject": "取り込みが止まる", "opened_at": "2026-04-01T01:12:00Z", "severity": "high"}

USAGE: Mapping[str, Example] = {
    "list_usage_metrics": Example(makes=a.usage_metric, optional_ids={"product_id": a.product}),
    "create_usage_metric": Example(body=A_METRIC, table=UsageMetric, optional_ids={"product_id": a.product}),
    "get_usage_metric": Example(path={"metric_id": a.usage_metric}),
    "update_usage_metric": Example(
        path={"metric_id": a.usage_metric},
        body={"name": "利用者数"},
        table=UsageMetric,
        optional_ids={"product_id": a.product},
    ),
    "archive_usage_metric": Example(path={"metric_id": a.usage_metric}),
    "restore_usage_metric": Example(path={"metric_id": a.archived_usage_metric}),
    "bulk_upsert_usage_measurements": Example(
        body={
            "items": [
                {"account_id": a.account, "metric": Computed(a.usage_metric_key), "day": "2026-04-01", "value": 38}
            ]
        },
        table=UsageDay,
        per_item=True,
    ),
    "bulk_load_usage_measurements": Example(lines=a.usage_line),
    "get_account_usage": Example(path={"account_id": a.account_with_usage}),
    "list_usage_statuses": Example(path={"account_id": a.account_with_statuses}),
    "get_usage_settings": Example(),
    "set_usage_settings": Example(body={"idle_days": 14}, table=Workspace),
    "list_tickets": Example(makes=a.ticket, optional_ids={"account_id": a.account, "contact_id": a.contact}),
    "create_ticket": Example(
        body={**A_TICKET, "account_id": a.account}, table=Ticket, optional_ids={"contact_id": a.contact}
    ),
    "get_ticket": Example(path={"ticket_id": a.ticket}),
    "update_ticket": Example(
        path={"ticket_id": a.ticket},
        body={"closed_at": "2026-04-02T01:00:00Z"},
        table=Ticket,
        optional_ids={"contact_id": a.contact},
    ),
    "archive_ticket": Example(path={"ticket_id": a.ticket}),
    "restore_ticket": Example(path={"ticket_id": a.archived_ticket}),
    "bulk_upsert_tickets": Example(
        body={"items": [{**A_TICKET, "external_id": "zd-20881", "account_id": a.account}]}, table=Ticket, per_item=True
    ),
    "list_churn_reports": Example(makes=a.churn_report, optional_ids={"account_id": a.account}),
    "bulk_upsert_churn_reports": Example(
        body={"items": [{"external_id": "C-1", "account_id": a.account, "occurred_on": "2026-04-01"}]},
        table=ChurnReport,
        per_item=True,
    ),
}

EXPORTS: Mapping[str, Example] = {
    "list_exports": Example(makes=a.export),
    "create_export": Example(body=AN_EXPORT, table=Export),
    "get_export": Example(path={"export_id": a.export}),
    "cancel_export": Example(path={"export_id": a.export}),
    "download_export": Example(path={"export_id": a.export_with_file}),
}

FILES: Mapping[str, Example] = {
    "list_imports": Example(makes=a.import_),
    "create_import": Example(
        body={"resource": "accounts", "filename": "顧客一覧.csv"},
        table=Import,
        optional_ids={"mapping_id": a.import_mapping},
    ),
    "get_import": Example(path={"import_id": a.import_}),
    "upload_import_file": Example(
        path={"import_id": a.import_}, file="顧客ID,会社名\ncrm-1,株式会社さくら物流\n".encode()
    ),
    "start_import": Example(path={"import_id": a.import_with_file}, body={"dry_run": True}, table=Import),
    "cancel_import": Example(path={"import_id": a.import_with_file}),
    "list_import_rows": Example(path={"import_id": a.import_with_rows}),
    "download_rejected_rows": Example(path={"import_id": a.import_with_rows}),
    "list_import_mappings": Example(makes=a.import_mapping),
    "create_import_mapping": Example(
        body={"name": "基幹システム", "resource": "accounts", "mapping": {"顧客ID": "external_id"}}, table=ImportMapping
    ),
    "get_import_mapping": Example(path={"mapping_id": a.import_mapping}),
    "update_import_mapping": Example(
        path={"mapping_id": a.import_mapping}, body={"name": "販売管理"}, table=ImportMapping
    ),
    "archive_import_mapping": Example(path={"mapping_id": a.import_mapping}),
    "restore_import_mapping": Example(path={"mapping_id": a.archived_import_mapping}),
}

OF_REVENUE = {"segment_id": a.segment, "owner_id": a.user, "parent_id": a.account, "product_id": a.product}
OF_HEALTH = {"segment_id": a.segment, "owner_id": a.user}
A_YEAR = {"from": "2025-04-01", "to": "2026-03-31"}
A_COST = {
    "starts_on": "2026-04-01", "ends_before": "2026-05-01", "amount": {"amount": 600_000, "currency": "JPY"},
    "customers_won": 3,
}  # fmt: skip
FIGURES: Mapping[str, Example] = {
    "get_retention": Example(query=A_YEAR, optional_ids=OF_REVENUE),
    "get_movements": Example(query=A_YEAR, optional_ids=OF_REVENUE),
    "get_cohorts": Example(query={"as_of": "2026-03-31"}, optional_ids=OF_REVENUE),
    "get_renewal_rates": Example(query=A_YEAR, optional_ids=OF_REVENUE),
    "get_unit_economics": Example(query=A_YEAR, optional_ids=OF_REVENUE),
    "get_touch": Example(
        query=A_YEAR, optional_ids={"segment_id": a.segment, "owner_id": a.user, "parent_id": a.account}
    ),
    "get_health_target_attainment": Example(query=A_YEAR, optional_ids=OF_HEALTH),
    "get_health_distribution": Example(query={"as_of": "2026-03-31"}, optional_ids=OF_HEALTH),
    "get_health_transitions": Example(query=A_YEAR, optional_ids=OF_HEALTH),
    "get_roadmap_coverage": Example(query={"as_of": "2026-03-31"}, optional_ids=OF_HEALTH),
    "get_approach_hit_rate": Example(query=A_YEAR, optional_ids={"owner_id": a.user}),
    "get_portfolio": Example(
        makes=a.account, optional_ids={"owner_id": a.user, "parent_id": a.account, "segment_id": a.segment}
    ),
    "get_account_overview": Example(path={"account_id": a.account}),
    "get_account_timeline": Example(path={"account_id": a.account_with_history}),
    "get_account_history": Example(path={"account_id": a.account}),
    "list_acquisition_costs": Example(makes=a.acquisition_cost, optional_ids={"segment_id": a.segment}),
    "create_acquisition_cost": Example(body=A_COST, table=AcquisitionCost, optional_ids={"segment_id": a.segment}),
    "get_acquisition_cost": Example(path={"cost_id": a.acquisition_cost}),
    "update_acquisition_cost": Example(
        path={"cost_id": a.acquisition_cost},
        body={"customers_won": 4},
        table=AcquisitionCost,
        optional_ids={"segment_id": a.segment},
    ),
    "archive_acquisition_cost": Example(path={"cost_id": a.acquisition_cost}),
    "restore_acquisition_cost": Example(path={"cost_id": a.archived_acquisition_cost}),
}

A_MEETING = {"kind": "meeting", "subject": "定例会", "occurred_at": "2026-04-01T10:00:00+09:00"}
A_PROGRAM = {"name": "活用セミナー", "kind": "webinar", "starts_on": "2026-04-01"}
WORK: Mapping[str, Example] = {
    "list_interactions": Example(
        makes=a.interaction, optional_ids={"account_id": a.account, "contact_id": a.contact, "user_id": a.user}
    ),
    "create_interaction": Example(
        body={**A_MEETING, "account_id": a.account},
        table=Interaction,
        optional_ids={"contact_ids": [a.contact], "user_ids": [a.user]},
    ),
    "bulk_upsert_interactions": Example(
        body={"items": [{**A_MEETING, "external_id": "cal-1", "account_id": a.account}]},
        table=Interaction,
        per_item=True,
    ),
    "get_interaction": Example(path={"interaction_id": a.interaction}),
    "update_interaction": Example(
        path={"interaction_id": a.interaction},
        body={"minutes": "来期の展開を決めた"},
        table=Interaction,
        optional_ids={"account_id": a.account, "contact_ids": [a.contact], "user_ids": [a.user]},
    ),
    "open_action_items": Example(
        path={"interaction_id": a.interaction},
        body={"items": [{"text": "資料を送る"}]},
        table=Task,
        optional_ids={"items": [{"text": "資料を送る", "owner_id": a.user}]},
    ),
    "archive_interaction": Example(path={"interaction_id": a.interaction}),
    "restore_interaction": Example(path={"interaction_id": a.archived_interaction}),
    "list_programs": Example(makes=a.program, optional_ids={"owner_id": a.user}),
    "create_program": Example(body=A_PROGRAM, table=Program, optional_ids={"owner_id": a.user}),
    "get_program": Example(path={"program_id": a.program}),
    "update_program": Example(
        path={"program_id": a.program}, body={"state": "finished"}, table=Program, optional_ids={"owner_id": a.user}
    ),
    "set_participants": Example(
        path={"program_id": a.program},
        body={"items": [{"account_id": a.account, "state": "invited"}, {"contact_id": a.contact, "state": "attended"}]},
        table=Participant,
    ),
    "archive_program": Example(path={"program_id": a.program}),
    "restore_program": Example(path={"program_id": a.archived_program}),
    "list_program_participants": Example(
        makes=a.participant, optional_ids={"program_id": a.program, "account_id": a.account, "contact_id": a.contact}
    ),
    "list_tasks": Example(
        makes=a.task, optional_ids={"account_id": a.account, "owner_id": a.user, "origin_id": a.task}
    ),
    "create_task": Example(
        body={"title": "更新の打ち合わせ", "due_on": "2026-12-04"},
        table=Task,
        optional_ids={"account_id": a.account, "owner_id": a.user},
    ),
    "get_task": Example(path={"task_id": a.task}),
    "update_task": Example(
        path={"task_id": a.task},
        body={"state": "in_progress"},
        table=Task,
        optional_ids={"account_id": a.account, "owner_id": a.user},
    ),
    "complete_task": Example(path={"task_id": a.task}, body={"outcome": "succeeded"}, table=Task),
    "check_task": Example(path={"task_id": a.task_in_check}, body={"approved": True}, table=Task),
    "archive_task": Example(path={"task_id": a.task}),
    "restore_task": Example(path={"task_id": a.archived_task}),
}

A_MODEL = {
    "name": "標準モデル",
    "definition": {
        "components": [
            {
                "key": "pulse",
                "source": "csm_pulse",
                "breakpoints": [{"raw": 1, "points": 0}, {"raw": 5, "points": 100}],
                "weight": 1,
            }
        ],
        "bands": [{"key": "red", "min": 0}, {"key": "green", "min": 60}],
    },
}
HEALTH: Mapping[str, Example] = {
    "list_health_sources": Example(),
    "list_health_models": Example(makes=a.health_model),
    "create_health_model": Example(body=A_MODEL, table=HealthModel, optional_ids={"segment_id": a.segment}),
    "get_health_model": Example(path={"model_id": a.health_model}),
    "update_health_model": Example(
        path={"model_id": a.health_model},
        body={"description": "重みを見直し"},
        table=HealthModel,
        optional_ids={"segment_id": a.segment},
    ),
    "archive_health_model": Example(path={"model_id": a.health_model}),
    "restore_health_model": Example(path={"model_id": a.archived_health_model}),
    "activate_health_model": Example(path={"model_id": a.proven_model}, body={}, table=HealthModel),
    "shadow_health_model": Example(path={"model_id": a.health_model}),
    "retire_health_model": Example(path={"model_id": a.model_in_use}),
    "simulate_health_model": Example(
        path={"model_id": a.health_model}, body={"segment_id": a.segment}, optional_ids={"account_id": a.account}
    ),
    "list_backtests": Example(makes=a.backtest, optional_ids={"model_id": a.health_model}),
    "create_backtest": Example(body={"model_id": a.health_model, "weeks": 4}, table=Backtest),
    "get_backtest": Example(path={"backtest_id": a.backtest}),
    "cancel_backtest": Example(path={"backtest_id": a.backtest}),
    "list_health_scores": Example(
        makes=a.health_score, optional_ids={"account_id": a.account, "model_id": a.health_model}
    ),
    "create_health_score": Example(body={"account_id": a.account_with_model}, table=HealthScore),
    "get_health_score": Example(path={"score_id": a.health_score}),
    "get_health_score_explanation": Example(path={"score_id": a.health_score}),
    "list_health_score_runs": Example(makes=a.health_score_run),
    "create_health_score_run": Example(),
    "get_health_score_run": Example(path={"run_id": a.health_score_run}),
    "list_csm_pulses": Example(makes=a.csm_pulse, optional_ids={"account_id": a.account}),
    "create_csm_pulse": Example(body={"account_id": a.account, "value": 2, "comment": "反応が鈍い"}, table=CsmPulse),
    "get_account_maturity": Example(path={"account_id": a.account}),
    "confirm_account_goals": Example(path={"account_id": a.account_with_new_contact}),
}

A_SURVEY = {"kind": "nps", "name": "導入後の NPS", "anchor": "first_paid", "offsets": [{"days": 30}], "asks": "stakeholders",
            "stakeholder_roles": ["champion"]}  # fmt: skip
A_RESPONSE = {"external_id": "tool-1", "score": 9, "comment": "速い", "answered_at": "2026-05-02T03:15:00Z"}
VOICE: Mapping[str, Example] = {
    "list_surveys": Example(makes=a.survey),
    "create_survey": Example(body=A_SURVEY, table=Survey),
    "get_survey": Example(path={"survey_id": a.survey}),
    "update_survey": Example(path={"survey_id": a.survey}, body={"name": "四半期 NPS"}, table=Survey),
    "archive_survey": Example(path={"survey_id": a.survey}),
    "restore_survey": Example(path={"survey_id": a.archived_survey}),
    "invite_to_survey": Example(
        path={"survey_id": a.survey},
        body={"contact_id": a.contact_with_email},
        table=SurveyInvitation,
        secrets=("token",),
    ),
    "list_survey_invitations": Example(
        makes=a.survey_invitation,
        optional_ids={"survey_id": a.survey, "account_id": a.account, "contact_id": a.contact},
    ),
    "get_survey_invitation": Example(path={"survey_invitation_id": a.survey_invitation}),
    "send_survey_invitations": Example(
        body={"ids": [a.survey_invitation]},
        table=SurveyInvitation,
        optional_ids={"survey_id": [a.survey]},
        secrets=("data",),
    ),
    "open_survey": Example(),
    "answer_survey": Example(),
    "list_survey_responses": Example(
        makes=a.survey_response,
        optional_ids={"survey_id": a.survey, "account_id": a.account, "contact_id": a.contact},
    ),
    "bulk_upsert_survey_responses": Example(
        body={"items": [{**A_RESPONSE, "survey_id": a.survey, "account_id": a.account, "contact_id": a.contact}]},
        table=SurveyResponse,
        per_item=True,
    ),
    "get_survey_response": Example(path={"survey_response_id": a.survey_response}),
    "correct_survey_response": Example(
        path={"survey_response_id": a.survey_response}, body={"comment": "電話で確認"}, table=SurveyResponse
    ),
    "archive_survey_response": Example(path={"survey_response_id": a.survey_response}),
    "restore_survey_response": Example(path={"survey_response_id": a.archived_survey_response}),
    "get_survey_scores": Example(
        query={**A_YEAR, "kind": "nps"}, optional_ids={"survey_id": a.survey, "segment_id": a.segment}
    ),
}

SIGNALS: Mapping[str, Example] = {
    "list_signals": Example(
        makes=a.signal, optional_ids={"account_id": a.account, "owner_id": a.user, "roadmap_id": a.roadmap}
    ),
    "post_news": Example(
        body={
            "account_id": a.account, "category": "press", "title": "百店舗目を開店", "source": "press_feed",
            "external_id": "pr-8812", "occurred_on": "2026-11-18",
        },
        table=Signal,
        optional_ids={"roadmap_id": a.roadmap_of_latest_account},
    ),
    "get_signal": Example(path={"signal_id": a.signal}),
    "acknowledge_signal": Example(path={"signal_id": a.signal}),
    "resolve_signal": Example(path={"signal_id": a.signal}),
    "dismiss_signal": Example(path={"signal_id": a.signal}, body={"reason": "年末の閉店期間"}, table=Signal),
    "attach_signal": Example(
        path={"signal_id": a.signal}, body={"roadmap_id": a.roadmap_of_latest_account}, table=Signal
    ),
    "open_task_for_signal": Example(
        path={"signal_id": a.signal}, body={"title": "状況を聞く"}, table=Task, optional_ids={"owner_id": a.user}
    ),
    "list_signal_rules": Example(),
    "set_signal_rule": Example(
        path={"kind": "usage_drop"},
        body={"parameters": {"drop_pct": 20}, "segments": [{"segment_id": a.segment, "parameters": {"weeks": 2}}]},
        table=SignalRule,
    ),
    "preview_signal_rule": Example(
        path={"kind": "single_threaded"},
        body={"segments": [{"segment_id": a.segment, "enabled": False}]},
    ),
}  # fmt: skip

A_TARGET = {"account_id": a.account, "kind": "score", "value": 70, "due_on": "2099-03-31"}
AN_INTENT = {"account_id": a.account, "key": "pricing_page_viewed", "external_id": "web-17"}
AN_OVERRIDE = {"value": 20, "reason": "昨日訪問済み", "expires_at": "2099-03-31T00:00:00Z"}
GOALS: Mapping[str, Example] = {
    "list_health_targets": Example(makes=a.health_target, optional_ids={"account_id": a.account, "owner_id": a.user}),
    "create_health_target": Example(body=A_TARGET, table=HealthTarget),
    "get_health_target": Example(path={"target_id": a.health_target}),
    "update_health_target": Example(path={"target_id": a.health_target}, body={"value": 80}, table=HealthTarget),
    "archive_health_target": Example(path={"target_id": a.health_target}),
    "restore_health_target": Example(path={"target_id": a.withdrawn_health_target}),
    "list_approach_intents": Example(makes=a.approach_intent, optional_ids={"account_id": a.account}),
    "create_approach_intent": Example(body=AN_INTENT, table=ApproachIntent),
    "list_approach_scores": Example(makes=a.approach_score, optional_ids={"account_id": a.account, "owner_id": a.user}),
    "get_account_approach_score": Example(path={"account_id": a.account}),
    "set_approach_override": Example(path={"account_id": a.account}, body=AN_OVERRIDE, table=ApproachScore),
    "withdraw_approach_override": Example(path={"account_id": a.overridden_account}),
    "get_approach_settings": Example(),
    "set_approach_settings": Example(body={"half_life_days": 7}, table=Workspace),
}

A_REPORT = {"impact": "承認待ちが月 40 件たまる", "blocks_renewal": True, "reported_on": "2026-04-16"}
OF_A_REPORT = {
    "contact_id": a.contact_of_latest_account,
    "reported_by_id": a.user,
    "interaction_id": a.interaction_of_latest_account,
    "ticket_id": a.ticket_of_latest_account,
    "survey_response_id": a.survey_response_of_latest_account,
}

GAPS: Mapping[str, Example] = {
    "list_product_gaps": Example(
        makes=a.gap_on_board, optional_ids={"owner_id": a.user, "product_id": a.product, "account_id": a.account}
    ),
    "create_product_gap": Example(
        body={"title": "承認者を部署ごとに切り替えられない", "area": "承認フロー"},
        table=ProductGap,
        optional_ids={
            "owner_id": a.user,
            "product_id": a.product,
            "report": {**A_REPORT, "account_id": a.account, **OF_A_REPORT},
        },
    ),
    "get_product_gap_board": Example(makes=a.gap_on_board, optional_ids={"owner_id": a.user, "product_id": a.product}),
    "get_product_gaps_by_area": Example(
        makes=a.gap_on_board, optional_ids={"owner_id": a.user, "product_id": a.product}
    ),
    "get_product_gap": Example(path={"gap_id": a.product_gap}),
    "update_product_gap": Example(
        path={"gap_id": a.product_gap},
        body={"status": "planned", "planned_for": "2026 Q3"},
        table=ProductGap,
        optional_ids={"owner_id": a.user, "product_id": a.product},
    ),
    "archive_product_gap": Example(path={"gap_id": a.product_gap}),
    "restore_product_gap": Example(path={"gap_id": a.archived_product_gap}),
    "merge_product_gaps": Example(path={"gap_id": a.product_gap}, body={"loser_id": a.product_gap}, table=ProductGap),
    "list_product_gap_reports": Example(
        makes=a.gap_report,
        optional_ids={
            "gap_id": a.product_gap,
            "account_id": a.account,
            "contact_id": a.contact,
            "reported_by_id": a.user,
        },
    ),
    "create_product_gap_report": Example(
        body={**A_REPORT, "gap_id": a.product_gap, "account_id": a.account}, table=GapReport, optional_ids=OF_A_REPORT
    ),
    "bulk_upsert_product_gap_reports": Example(
        body={"items": [{**A_REPORT, "external_id": "cb-3391", "gap_id": a.product_gap, "account_id": a.account}]},
        table=GapReport,
        per_item=True,
    ),
    "get_product_gap_report": Example(path={"report_id": a.gap_report}),
    "update_product_gap_report": Example(
        path={"report_id": a.gap_report},
        body={"blocks_renewal": False},
        table=GapReport,
        optional_ids={"gap_id": a.product_gap, **OF_A_REPORT},
    ),
    "archive_product_gap_report": Example(path={"report_id": a.gap_report}),
    "restore_product_gap_report": Example(path={"report_id": a.archived_gap_report}),
    "list_product_gap_comments": Example(
        makes=a.gap_comment, optional_ids={"gap_id": a.product_gap, "author_id": a.user}
    ),
    "create_product_gap_comment": Example(
        body={"gap_id": a.product_gap, "text": "次の四半期に対応できそうです"}, table=GapComment
    ),
    "get_product_gap_comment": Example(path={"comment_id": a.gap_comment}),
    "update_product_gap_comment": Example(
        path={"comment_id": a.gap_comment}, body={"text": "対応できそうです"}, table=GapComment
    ),
    "archive_product_gap_comment": Example(path={"comment_id": a.gap_comment}),
}
A_ROADMAP = {"account_id": a.account, "name": "2026年度", "starts_on": "2026-04-01", "due_on": "2027-03-31"}
A_TEMPLATE = {"name": "標準オンボーディング", "definition": {"duration_days": 90}}
AN_EDIT = {
    "goals": [
        {
            "id": a.goal_of_latest_roadmap, "title": "申請を半分の時間で", "owner_id": a.user,
            "usage_metric_id": a.usage_metric,
        },
        {"parent_id": a.goal_of_latest_roadmap, "level": "project", "title": "経費申請", "ref": "expenses"},
    ],
    "milestones": [{"goal_id": a.goal_of_latest_roadmap, "title": "運用開始", "due_on": "2026-06-30"}],
    "hypotheses": [
        {"goal_ref": "expenses", "statement": "承認者が使えば全員が使う"},
        {"goal_id": a.goal_of_latest_roadmap, "statement": "部門長から始めると早い"},
    ],
    "tasks": [{"title": "ひな形を送る", "owner_id": a.user}],
}  # fmt: skip
AN_ARRANGEMENT = {
    "goals": [{"id": a.goal_of_latest_roadmap, "parent_id": None, "position": 3}],
    "milestones": [{"id": a.milestone_of_latest_roadmap, "goal_id": a.goal_of_latest_roadmap, "position": 3}],
}
ROADMAPS: Mapping[str, Example] = {
    "list_success_roadmaps": Example(
        makes=a.roadmap,
        optional_ids={
            "account_id": a.account, "owner_id": a.user, "contact_id": a.contact, "template_id": a.roadmap_template,
        },
    ),
    "create_success_roadmap": Example(
        body=A_ROADMAP,
        table=SuccessRoadmap,
        optional_ids={
            "owner_id": a.user, "contact_id": a.contact_of_latest_account, "template_id": a.roadmap_template,
        },
    ),
    "get_success_roadmap": Example(path={"roadmap_id": a.roadmap}),
    "update_success_roadmap": Example(
        path={"roadmap_id": a.roadmap},
        body={"summary": "全社で電子化"},
        table=SuccessRoadmap,
        optional_ids={"owner_id": a.user, "contact_id": a.contact_of_latest_account},
    ),
    "archive_success_roadmap": Example(path={"roadmap_id": a.roadmap}),
    "restore_success_roadmap": Example(path={"roadmap_id": a.archived_roadmap}),
    "review_success_roadmap": Example(
        path={"roadmap_id": a.roadmap}, body={"held_on": "2026-05-18", "notes": "順調"}, table=RoadmapReview
    ),
    "get_success_roadmap_tree": Example(path={"roadmap_id": a.roadmap_with_goal}),
    "edit_success_roadmap": Example(path={"roadmap_id": a.roadmap_with_goal}, body=AN_EDIT, table=RoadmapGoal),
    "arrange_success_roadmap": Example(
        path={"roadmap_id": a.roadmap_with_goal}, body=AN_ARRANGEMENT, table=RoadmapGoal
    ),
    "get_success_roadmap_progress": Example(path={"roadmap_id": a.roadmap_with_history}),
    "list_roadmap_goals": Example(
        makes=a.roadmap_goal,
        optional_ids={
            "roadmap_id": a.roadmap, "account_id": a.account, "owner_id": a.user, "contact_id": a.contact,
        },
    ),
    "list_roadmap_milestones": Example(
        makes=a.roadmap_milestone,
        optional_ids={"roadmap_id": a.roadmap, "goal_id": a.roadmap_goal, "account_id": a.account},
    ),
    "list_roadmap_templates": Example(makes=a.roadmap_template),
    "create_roadmap_template": Example(body=A_TEMPLATE, table=RoadmapTemplate),
    "get_roadmap_template": Example(path={"template_id": a.roadmap_template}),
    "update_roadmap_template": Example(
        path={"template_id": a.roadmap_template}, body={"definition": {"duration_days": 60}}, table=RoadmapTemplate
    ),
    "archive_roadmap_template": Example(path={"template_id": a.roadmap_template}),
    "restore_roadmap_template": Example(path={"template_id": a.archived_roadmap_template}),
    "get_success_roadmap_settings": Example(),
    "set_success_roadmap_settings": Example(body={"review_every_days": 30}, table=Workspace),
}  # fmt: skip

A_VALUE = {
    "account_id": a.account, "name": "一次回答", "starts_on": "2026-07-01", "ends_before": "2026-10-01", "volume": 1200,
    "minutes_per_unit": 8, "hourly_cost": {"amount": 3000, "currency": "JPY"},
}  # fmt: skip
OF_A_ROADMAP = {"roadmap_id": a.roadmap_of_latest_account, "goal_id": a.goal_of_latest_roadmap}
SHARED: Mapping[str, Example] = {
    "list_value_realisations": Example(
        makes=a.value_realisation,
        optional_ids={
            "account_id": a.account, "roadmap_id": a.roadmap, "goal_id": a.roadmap_goal, "confirmed_by_id": a.contact,
        },
    ),
    "create_value_realisation": Example(body=A_VALUE, table=ValueRealisation, optional_ids=OF_A_ROADMAP),
    "get_value_totals": Example(
        optional_ids={"account_id": a.account, "roadmap_id": a.roadmap, "owner_id": a.user}
    ),
    "get_value_realisation": Example(path={"value_realisation_id": a.value_realisation}),
    "update_value_realisation": Example(
        path={"value_realisation_id": a.value_realisation}, body={"volume": 7}, table=ValueRealisation,
        optional_ids=OF_A_ROADMAP,
    ),
    "confirm_value_realisation": Example(
        path={"value_realisation_id": a.value_realisation}, body={"contact_id": a.contact_of_latest_account},
        table=ValueRealisation,
    ),
    "archive_value_realisation": Example(path={"value_realisation_id": a.value_realisation}),
    "restore_value_realisation": Example(path={"value_realisation_id": a.archived_value_realisation}),
    "list_roadmap_shares": Example(
        makes=a.roadmap_share,
        optional_ids={"roadmap_id": a.roadmap, "account_id": a.account, "contact_id": a.contact},
    ),
    "share_roadmap": Example(
        body={"roadmap_id": a.roadmap}, table=RoadmapShare, optional_ids={"contact_id": a.contact_of_latest_account},
        secrets=("token",),
    ),
    "revoke_roadmap_share": Example(path={"share_id": a.roadmap_share}),
    "list_roadmap_comments": Example(
        makes=a.roadmap_comment,
        optional_ids={
            "roadmap_id": a.roadmap, "account_id": a.account, "goal_id": a.roadmap_goal, "share_id": a.roadmap_share,
            "contact_id": a.contact, "user_id": a.user,
        },
    ),
    "create_roadmap_comment": Example(
        body={"roadmap_id": a.roadmap_with_goal, "body": "役員に確認する"}, table=RoadmapComment,
        optional_ids={"goal_id": a.goal_of_latest_roadmap},
    ),
    "archive_roadmap_comment": Example(path={"comment_id": a.roadmap_comment}),
    "get_shared_roadmap": Example(),
    "comment_on_shared_roadmap": Example(),
    "list_onboardings": Example(makes=a.onboarding, optional_ids={"account_id": a.account, "owner_id": a.user}),
    "get_onboarding_totals": Example(optional_ids={"owner_id": a.user}),
}  # fmt: skip

A_CASE = {
    "title_ja": "処理時間を短縮", "summary_ja": "一次受付を自動化した。", "initiative_ids": [r.initiative],
    "outcomes": [{"metric_id": r.metric, "baseline": 420, "result": 300}],
}  # fmt: skip
A_CONSENT = {
    "account_id": r.only_account, "contact_id": r.only_contact, "acts": ["search", "call"], "audience": "named_partners",
    "partner_ids": [a.partner], "exclusions": [{"company": "競合商事", "account_id": a.account}], "evidence": "9 月の議事録", "granted_on": "2026-04-01",
}  # fmt: skip
A_PROFILE = {"acts": ["call"], "topics": ["定着支援"], "languages": ["ja"]}
A_REQUEST = {"prospect": "北斗通信", "act": "call", "due_on": "2099-01-31"}
REFERENCES: Mapping[str, Example] = {
    "list_initiatives": Example(makes=r.initiative),
    "create_initiative": Example(
        body={"key": "voice_bot", "name_ja": "音声応答", "name_en": "Voice agent"}, table=Initiative
    ),
    "get_initiative": Example(path={"initiative_id": r.initiative}),
    "update_initiative": Example(path={"initiative_id": r.initiative}, body={"synonyms": ["IVR"]}, table=Initiative),
    "list_outcome_metrics": Example(makes=r.metric),
    "create_outcome_metric": Example(
        body={"key": "aht", "name_ja": "処理時間", "name_en": "Handle time", "direction": "lower_is_better"},
        table=OutcomeMetric,
    ),
    "get_outcome_metric": Example(path={"metric_id": r.metric}),
    "update_outcome_metric": Example(path={"metric_id": r.metric}, body={"unit": "秒"}, table=OutcomeMetric),
    "get_reference_settings": Example(),
    "get_reference_coverage": Example(),
    "set_reference_settings": Example(body={"asks_per_account": 3}, table=Workspace),
    "list_reference_cases": Example(
        makes=r.case,
        optional_ids={"account_id": a.account, "owner_id": a.user, "initiative": r.initiative, "metric": r.metric},
    ),
    "create_reference_case": Example(
        body={"account_id": a.account, **A_CASE}, table=ReferenceCase, optional_ids={"program_id": a.program}
    ),
    "get_reference_case": Example(path={"case_id": r.case}),
    "update_reference_case": Example(
        path={"case_id": r.draft}, body=A_CASE, table=ReferenceCase, optional_ids={"program_id": a.program}
    ),
    "list_reference_case_versions": Example(path={"case_id": r.case}),
    "submit_reference_case": Example(path={"case_id": r.draft}),
    "review_reference_case": Example(
        path={"case_id": r.case_in_review}, body={"decision": "approve"}, table=ReferenceCase
    ),
    "retire_reference_case": Example(path={"case_id": r.case}),
    "list_reference_consents": Example(
        makes=r.consent, optional_ids={"account_id": a.account, "case_id": r.case, "contact_id": a.contact}
    ),
    "create_reference_consent": Example(
        body=A_CONSENT, table=ReferenceConsent, optional_ids={"case_id": r.only_case}
    ),
    "get_reference_consent": Example(path={"consent_id": r.consent}),
    "revoke_reference_consent": Example(
        path={"consent_id": r.consent}, body={"reason": "広報方針の変更"}, table=ReferenceConsent
    ),
    "reconfirm_reference_consent": Example(
        path={"consent_id": r.consent}, body={"contact_id": r.only_contact, "evidence": "後任から返信"},
        table=ReferenceConsent,
    ),
    "list_reference_profiles": Example(makes=r.profile, optional_ids={"account_id": a.account, "contact_id": a.contact}),
    "set_account_reference_profile": Example(path={"account_id": a.account}, body=A_PROFILE, table=ReferenceProfile),
    "set_contact_reference_profile": Example(path={"contact_id": a.contact}, body=A_PROFILE, table=ReferenceProfile),
    "list_reference_requests": Example(
        makes=r.request, optional_ids={"requested_by_id": a.user, "initiative_id": r.initiative}
    ),
    "create_reference_request": Example(
        body=A_REQUEST, table=ReferenceRequest,
        optional_ids={"requested_by_id": a.user, "initiative_id": r.initiative, "metric_id": r.metric},
    ),
    "get_reference_request": Example(path={"request_id": r.request}),
    "update_reference_request": Example(
        path={"request_id": r.request}, body={"outcome": "won"}, table=ReferenceRequest,
        optional_ids={"initiative_id": r.initiative, "metric_id": r.metric},
    ),
    "match_reference_request": Example(path={"request_id": r.request}),
    "reserve_reference": Example(
        path={"request_id": r.request}, body={"account_id": r.only_account}, table=ReferenceAsk,
        optional_ids={"contact_id": r.only_contact, "case_id": r.only_case},
    ),
    "list_reference_asks": Example(
        makes=r.ask, optional_ids={"request_id": r.request, "account_id": a.account, "contact_id": a.contact}
    ),
    "get_reference_ask": Example(path={"ask_id": r.ask}),
    "update_reference_ask": Example(path={"ask_id": r.ask}, body={"state": "accepted"}, table=ReferenceAsk),
    "list_partner_reference_cases": Example(makes=r.partner_case, optional_ids={"initiative": r.initiative, "metric": r.metric}),
    "export_partner_reference_cases": Example(
        makes=r.partner_case, optional_ids={"initiative": r.initiative, "metric": r.metric}
    ),
    "get_partner_reference_case": Example(path={"case_id": r.partner_case}),
    "list_partner_reference_requests": Example(makes=r.partner_request),
    "create_partner_reference_request": Example(
        body={"act": "call", "prospect": "株式会社みなと倉庫", "due_on": "2027-05-15"}, table=PartnerReferenceRequest,
        optional_ids={"case_id": r.partner_case},
    ),
    "get_partner_reference_request": Example(path={"request_id": r.partner_request}),
    "list_reference_candidates": Example(makes=r.candidate, optional_ids={"account_id": a.account, "owner_id": a.user}),
    "accept_reference_candidate": Example(
        path={"candidate_id": r.candidate}, table=ReferenceCase,
        body={
            "initiative_ids": [r.initiative], "outcomes": [{"metric_id": r.metric, "baseline": 420, "result": 300}],
        },
    ),
    "dismiss_reference_candidate": Example(
        path={"candidate_id": r.candidate}, body={"reason": "時期尚早"}, table=ReferenceCandidate
    ),
}  # fmt: skip

OVER_EVERYTHING: Mapping[str, Example] = {"search": Example(query={"q": "!秘密"}, makes=a.account)}

EXAMPLES: Mapping[str, Example] = {
    **IDENTITY,
    **ACCOUNTS,
    **PEOPLE,
    **CATALOGUE,
    **COMMERCIAL,
    **USAGE,
    **EXPORTS,
    **FILES,
    **FIGURES,
    **VOICE,
    **WORK,
    **HEALTH,
    **SIGNALS,
    **GAPS,
    **GOALS,
    **ROADMAPS,
    **SHARED,
    **REFERENCES,
    **OVER_EVERYTHING,
}
