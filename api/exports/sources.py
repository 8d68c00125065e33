"""What can be exported: every list of the workspace's records, one line each.

A line says what the list's route says: its resource and shapes, the scope that reads it, and, where the route adds to
the caller's query, the same addition. A test compares this registry with the lists of the OpenAPI document.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from api.accounts import segments
from api.accounts.assignment import POLICIES
from api.accounts.configuration_schemas import (
    CustomFieldQuery,
    CustomFieldRead,
    PolicyQuery,
    PolicyRead,
    SavedViewQuery,
    SavedViewRead,
    SegmentRead,
    TeamMemberRead,
    TeamQuery,
)
from api.accounts.custom_fields import CUSTOM_FIELDS, SAVED_VIEWS
from api.accounts.resource import ACCOUNTS
from api.accounts.schemas import AccountQuery, AccountRead
from api.accounts.segments import SEGMENTS
from api.accounts.team import TEAM
from api.analytics.acquisition_costs import ACQUISITION_COSTS
from api.analytics.economics_schemas import AcquisitionCostQuery, AcquisitionCostRead
from api.auth.invitations import INVITATIONS
from api.auth.key_schemas import ApiKeyQuery, ApiKeyRead
from api.auth.keys import API_KEYS
from api.auth.partner_schemas import PartnerQuery, PartnerRead
from api.auth.partners import PARTNERS
from api.auth.schemas import (
    AuditEntryRead,
    AuditQuery,
    InvitationQuery,
    InvitationRead,
    UserQuery,
    UserRead,
)
from api.auth.service import AUDIT_LOG, USERS
from api.contacts.resource import CONTACTS
from api.contacts.schemas import ContactQuery, ContactRead
from api.contracts.churn_reports import CHURN_REPORTS, ChurnReportQuery, ChurnReportRead
from api.contracts.ledger_schemas import ExchangeRateQuery, ExchangeRateRead, MovementQuery, MovementRead
from api.contracts.resource import CONTRACTS, EXCHANGE_RATES, MOVEMENTS
from api.contracts.schemas import ContractQuery, ContractRead
from api.events.schemas import EventQuery, EventRead
from api.events.service import EVENTS
from api.health_scores.approach import APPROACH_SCORES
from api.health_scores.approach_schemas import (
    ApproachIntentQuery,
    ApproachIntentRead,
    ApproachScoreQuery,
    ApproachScoreRead,
)
from api.health_scores.backtest_schemas import BacktestQuery, BacktestRead
from api.health_scores.backtests import BACKTESTS
from api.health_scores.intents import INTENTS
from api.health_scores.resource import PULSES, SCORES
from api.health_scores.runs import RUNS
from api.health_scores.schemas import HealthModelQuery, HealthModelRead
from api.health_scores.score_schemas import (
    CsmPulseQuery,
    CsmPulseRead,
    HealthScoreQuery,
    HealthScoreRead,
    HealthScoreRunQuery,
    HealthScoreRunRead,
)
from api.health_scores.service import MODELS
from api.health_scores.target_schemas import HealthTargetQuery, HealthTargetRead
from api.health_scores.targets import TARGETS
from api.interactions.resource import INTERACTIONS
from api.interactions.schemas import InteractionQuery, InteractionRead
from api.kit.db import Tx
from api.kit.resources import Resource
from api.kit.schemas import ListQuery, Read, RecordQuery
from api.product_gaps.renewals import RENEWALS, RenewalBoardQuery, RenewalBoardRead
from api.product_gaps.renewals import allowed as allowed_board
from api.product_gaps.report_schemas import GapCommentQuery, GapCommentRead, GapReportQuery, GapReportRead
from api.product_gaps.resource import COMMENTS as GAP_COMMENTS
from api.product_gaps.resource import PRODUCT_GAPS, REPORTS
from api.product_gaps.schemas import GapQuery, GapRead
from api.products.schemas import ProductQuery, ProductRead
from api.products.service import PRODUCTS
from api.programs.schemas import ParticipantQuery, ParticipantRead, ProgramQuery, ProgramRead
from api.programs.service import PARTICIPANTS, PROGRAMS
from api.reference_cases import search
from api.reference_cases.candidate_schemas import ReferenceCandidateQuery, ReferenceCandidateRead
from api.reference_cases.candidates import CANDIDATES
from api.reference_cases.case_schemas import ReferenceCaseQuery, ReferenceCaseRead
from api.reference_cases.catalogue import INITIATIVES, OUTCOME_METRICS
from api.reference_cases.catalogue_schemas import CatalogueQuery, InitiativeRead, OutcomeMetricRead
from api.reference_cases.consent_schemas import (
    ReferenceConsentQuery,
    ReferenceConsentRead,
    ReferenceProfileQuery,
    ReferenceProfileRead,
)
from api.reference_cases.consents import CONSENTS
from api.reference_cases.profiles import PROFILES
from api.reference_cases.request_schemas import (
    ReferenceAskQuery,
    ReferenceAskRead,
    ReferenceRequestQuery,
    ReferenceRequestRead,
)
from api.reference_cases.requests import ASKS, REQUESTS
from api.reference_cases.resource import ENTRIES
from api.signals.resource import SIGNALS
from api.signals.schemas import SignalQuery, SignalRead
from api.success_roadmaps.comments import COMMENTS as ROADMAP_COMMENTS
from api.success_roadmaps.onboarding import ONBOARDINGS
from api.success_roadmaps.onboarding_schemas import OnboardingQuery, OnboardingRead
from api.success_roadmaps.part_schemas import (
    RoadmapGoalQuery,
    RoadmapGoalRead,
    RoadmapMilestoneQuery,
    RoadmapMilestoneRead,
)
from api.success_roadmaps.resource import GOALS, MILESTONES, ROADMAPS
from api.success_roadmaps.resource import TEMPLATES as ROADMAP_TEMPLATES
from api.success_roadmaps.schemas import RoadmapQuery, RoadmapRead
from api.success_roadmaps.share_schemas import (
    RoadmapCommentQuery,
    RoadmapCommentRead,
    RoadmapShareQuery,
    RoadmapShareRead,
)
from api.success_roadmaps.shares import SHARES
from api.success_roadmaps.template_schemas import RoadmapTemplateQuery, RoadmapTemplateRead
from api.success_roadmaps.value_resource import VALUES
from api.success_roadmaps.value_schemas import ValueRealisationQuery, ValueRealisationRead
from api.surveys.answer_schemas import (
    SurveyInvitationQuery,
    SurveyInvitationRead,
    SurveyResponseQuery,
    SurveyResponseRead,
)
from api.surveys.resource import INVITATIONS as SURVEY_INVITATIONS
from api.surveys.resource import RESPONSES, SURVEYS
from api.surveys.schemas import SurveyQuery, SurveyRead
from api.tasks.resource import TASKS
from api.tasks.schemas import TaskQuery, TaskRead
from api.tickets.schemas import TicketQuery, TicketRead
from api.tickets.service import TICKETS
from api.usage.schemas import MetricQuery, MetricRead
from api.usage.service import USAGE_METRICS


async def _as_asked(_tx: Tx, query: Any) -> Any:  # noqa: ANN401
    return query


def _all(_tx: Tx) -> Mapping[str, object]:
    return {}


def _visible_views(tx: Tx) -> Mapping[str, object]:
    return {"visible_to": tx.actor.user_id}


@dataclass(frozen=True)
class Source:
    """A list that can be exported.

    ``applied`` completes the query (a segment's filters, say), and ``where`` adds the filters that follow from who
    reads. ``about_people`` marks lists whose files go when a contact is erased.
    """

    resource: Resource
    read: type[Read]
    query: type[ListQuery]
    scope: str
    applied: Callable[[Tx, Any], Awaitable[Any]] = _as_asked
    where: Callable[[Tx], Mapping[str, object]] = _all
    about_people: bool = False


SOURCES: Final[Mapping[str, Source]] = {
    "users": Source(USERS, UserRead, UserQuery, "users:read"),
    "invitations": Source(INVITATIONS, InvitationRead, InvitationQuery, "invitations:read"),
    "api_keys": Source(API_KEYS, ApiKeyRead, ApiKeyQuery, "api_keys:read"),
    "partners": Source(PARTNERS, PartnerRead, PartnerQuery, "partners:read"),
    "audit_log": Source(AUDIT_LOG, AuditEntryRead, AuditQuery, "audit_log:read"),
    "events": Source(EVENTS, EventRead, EventQuery, "events:read"),
    "accounts": Source(ACCOUNTS, AccountRead, AccountQuery, "accounts:read", applied=segments.applied),
    "account_team": Source(TEAM, TeamMemberRead, TeamQuery, "account_team:read"),
    "segments": Source(SEGMENTS, SegmentRead, RecordQuery, "segments:read"),
    "saved_views": Source(SAVED_VIEWS, SavedViewRead, SavedViewQuery, "saved_views:read", where=_visible_views),
    "custom_fields": Source(CUSTOM_FIELDS, CustomFieldRead, CustomFieldQuery, "custom_fields:read"),
    "assignment_policies": Source(POLICIES, PolicyRead, PolicyQuery, "assignment_policies:read"),
    "contacts": Source(CONTACTS, ContactRead, ContactQuery, "contacts:read", about_people=True),
    "contracts": Source(CONTRACTS, ContractRead, ContractQuery, "contracts:read"),
    "renewals": Source(RENEWALS, RenewalBoardRead, RenewalBoardQuery, "contracts:read", applied=allowed_board),
    "mrr_movements": Source(MOVEMENTS, MovementRead, MovementQuery, "contracts:read"),
    "exchange_rates": Source(EXCHANGE_RATES, ExchangeRateRead, ExchangeRateQuery, "contracts:read"),
    "health_models": Source(MODELS, HealthModelRead, HealthModelQuery, "health_models:read"),
    "backtests": Source(BACKTESTS, BacktestRead, BacktestQuery, "health_models:read"),
    "health_scores": Source(SCORES, HealthScoreRead, HealthScoreQuery, "health_scores:read"),
    "health_score_runs": Source(RUNS, HealthScoreRunRead, HealthScoreRunQuery, "health_scores:read"),
    "csm_pulses": Source(PULSES, CsmPulseRead, CsmPulseQuery, "health_scores:read"),
    "churn_reports": Source(CHURN_REPORTS, ChurnReportRead, ChurnReportQuery, "contracts:read"),
    "usage_metrics": Source(USAGE_METRICS, MetricRead, MetricQuery, "usage:read"),
    "tickets": Source(TICKETS, TicketRead, TicketQuery, "tickets:read", about_people=True),
    "acquisition_costs": Source(ACQUISITION_COSTS, AcquisitionCostRead, AcquisitionCostQuery, "acquisition_costs:read"),
    "products": Source(PRODUCTS, ProductRead, ProductQuery, "products:read"),
    "health_targets": Source(TARGETS, HealthTargetRead, HealthTargetQuery, "health_targets:read"),
    "approach_scores": Source(APPROACH_SCORES, ApproachScoreRead, ApproachScoreQuery, "approach_scores:read"),
    "approach_intents": Source(INTENTS, ApproachIntentRead, ApproachIntentQuery, "approach_scores:read"),
    "product_gaps": Source(PRODUCT_GAPS, GapRead, GapQuery, "product_gaps:read"),
    "product_gap_reports": Source(REPORTS, GapReportRead, GapReportQuery, "product_gaps:read", about_people=True),
    "product_gap_comments": Source(GAP_COMMENTS, GapCommentRead, GapCommentQuery, "product_gaps:read"),
    "value_realisations": Source(VALUES, ValueRealisationRead, ValueRealisationQuery, "value_realisations:read"),
    "roadmap_shares": Source(SHARES, RoadmapShareRead, RoadmapShareQuery, "roadmap_shares:read", about_people=True),
    "roadmap_comments": Source(
        ROADMAP_COMMENTS, RoadmapCommentRead, RoadmapCommentQuery, "roadmap_comments:read", about_people=True
    ),
    "onboardings": Source(ONBOARDINGS, OnboardingRead, OnboardingQuery, "onboardings:read"),
    "success_roadmaps": Source(ROADMAPS, RoadmapRead, RoadmapQuery, "success_roadmaps:read"),
    "roadmap_goals": Source(GOALS, RoadmapGoalRead, RoadmapGoalQuery, "success_roadmaps:read"),
    "roadmap_milestones": Source(MILESTONES, RoadmapMilestoneRead, RoadmapMilestoneQuery, "success_roadmaps:read"),
    "roadmap_templates": Source(ROADMAP_TEMPLATES, RoadmapTemplateRead, RoadmapTemplateQuery, "success_roadmaps:read"),
    "surveys": Source(SURVEYS, SurveyRead, SurveyQuery, "surveys:read"),
    "survey_invitations": Source(
        SURVEY_INVITATIONS, SurveyInvitationRead, SurveyInvitationQuery, "survey_invitations:read"
    ),
    "survey_responses": Source(
        RESPONSES, SurveyResponseRead, SurveyResponseQuery, "survey_responses:read", about_people=True
    ),
    "interactions": Source(INTERACTIONS, InteractionRead, InteractionQuery, "interactions:read", about_people=True),
    "programs": Source(PROGRAMS, ProgramRead, ProgramQuery, "programs:read"),
    "program_participants": Source(PARTICIPANTS, ParticipantRead, ParticipantQuery, "programs:read", about_people=True),
    "initiatives": Source(INITIATIVES, InitiativeRead, CatalogueQuery, "reference_catalogue:read"),
    "outcome_metrics": Source(OUTCOME_METRICS, OutcomeMetricRead, CatalogueQuery, "reference_catalogue:read"),
    "reference_cases": Source(
        ENTRIES, ReferenceCaseRead, ReferenceCaseQuery, "reference_cases:read", applied=search.applied
    ),
    "reference_consents": Source(
        CONSENTS, ReferenceConsentRead, ReferenceConsentQuery, "reference_consents:read", about_people=True
    ),
    "reference_profiles": Source(
        PROFILES, ReferenceProfileRead, ReferenceProfileQuery, "reference_consents:read", about_people=True
    ),
    "reference_requests": Source(REQUESTS, ReferenceRequestRead, ReferenceRequestQuery, "reference_requests:read"),
    "reference_asks": Source(ASKS, ReferenceAskRead, ReferenceAskQuery, "reference_requests:read", about_people=True),
    "reference_candidates": Source(
        CANDIDATES, ReferenceCandidateRead, ReferenceCandidateQuery, "reference_candidates:read"
    ),
    "signals": Source(SIGNALS, SignalRead, SignalQuery, "signals:read"),
    "tasks": Source(TASKS, TaskRead, TaskQuery, "tasks:read"),
}
"""By the name of the list: its path with ``_`` for ``-``."""

if TYPE_CHECKING:
    ExportedList = StrEnum  # its members are the names above, which mypy cannot follow
else:
    ExportedList = StrEnum("ExportedList", {name: name for name in SOURCES})
    ExportedList.__doc__ = "The lists that can be exported, by the last part of their address."
