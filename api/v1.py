"""Table of contents of the API, version 1."""

from collections.abc import Mapping
from typing import Final

from api.accounts.configuration_routes import field_router as custom_fields
from api.accounts.configuration_routes import policy_router as assignment_policies
from api.accounts.configuration_routes import segment_router as segments
from api.accounts.configuration_routes import settings_router as account_settings
from api.accounts.configuration_routes import view_router as saved_views
from api.accounts.routes import router as accounts
from api.accounts.team_routes import router as account_team
from api.analytics.cost_routes import router as acquisition_costs
from api.analytics.me import router as me
from api.analytics.routes import router as analytics
from api.analytics.screen_routes import account_router as account_screens
from api.analytics.screen_routes import portfolio_router as portfolio
from api.auth.routes import routers as identity
from api.auth.routes import well_known
from api.contacts.routes import router as contacts
from api.contracts.churn_routes import router as churn_reports
from api.contracts.ledger_routes import account_router as account_revenue
from api.contracts.ledger_routes import movement_router as mrr_movements
from api.contracts.ledger_routes import rate_router as exchange_rates
from api.contracts.ledger_routes import renewal_router as renewals
from api.contracts.routes import router as contracts
from api.contracts.routes import settings_router as contract_settings
from api.events.routes import router as events
from api.exports.partner_routes import router as partner_exports
from api.exports.routes import router as exports
from api.health_scores.approach_routes import account_router as account_approach
from api.health_scores.approach_routes import intent_router as approach_intents
from api.health_scores.approach_routes import score_router as approach_scores
from api.health_scores.approach_routes import settings_router as approach_settings
from api.health_scores.routes import backtest_router as backtests
from api.health_scores.routes import model_router as health_models
from api.health_scores.routes import source_router as health_sources
from api.health_scores.score_routes import account_router as account_maturity
from api.health_scores.score_routes import pulse_router as csm_pulses
from api.health_scores.score_routes import run_router as health_score_runs
from api.health_scores.score_routes import score_router as health_scores
from api.health_scores.target_routes import router as health_targets
from api.imports.routes import mapping_router as import_mappings
from api.imports.routes import router as imports
from api.interactions.routes import router as interactions
from api.kit.tables import tables
from api.product_gaps.report_routes import comment_router as product_gap_comments
from api.product_gaps.report_routes import report_router as product_gap_reports
from api.product_gaps.routes import renewal_router as renewal_board
from api.product_gaps.routes import router as product_gaps
from api.products.routes import router as products
from api.programs.routes import participant_router as program_participants
from api.programs.routes import router as programs
from api.reference_cases.candidate_routes import router as reference_candidates
from api.reference_cases.case_routes import router as reference_cases
from api.reference_cases.catalogue_routes import initiative_router as initiatives
from api.reference_cases.catalogue_routes import metric_router as outcome_metrics
from api.reference_cases.catalogue_routes import settings_router as reference_settings
from api.reference_cases.consent_routes import account_router as account_reference_profile
from api.reference_cases.consent_routes import contact_router as contact_reference_profile
from api.reference_cases.consent_routes import profile_router as reference_profiles
from api.reference_cases.consent_routes import router as reference_consents
from api.reference_cases.partner_routes import case_router as partner_cases
from api.reference_cases.partner_routes import request_router as partner_requests
from api.reference_cases.request_routes import ask_router as reference_asks
from api.reference_cases.request_routes import router as reference_requests
from api.search.routes import router as search
from api.signals.routes import router as signals
from api.signals.routes import rule_router as signal_rules
from api.success_roadmaps.onboarding_routes import router as onboardings
from api.success_roadmaps.routes import goal_router as roadmap_goals
from api.success_roadmaps.routes import milestone_router as roadmap_milestones
from api.success_roadmaps.routes import router as success_roadmaps
from api.success_roadmaps.routes import settings_router as success_roadmap_settings
from api.success_roadmaps.share_routes import comment_router as roadmap_comments
from api.success_roadmaps.share_routes import page_router as shared_roadmap
from api.success_roadmaps.share_routes import share_router as roadmap_shares
from api.success_roadmaps.template_routes import template_router as roadmap_templates
from api.success_roadmaps.value_routes import router as value_realisations
from api.surveys.answer_routes import answer_router as survey_answers
from api.surveys.answer_routes import invitation_router as survey_invitations
from api.surveys.answer_routes import response_router as survey_responses
from api.surveys.routes import router as surveys
from api.tasks.routes import router as tasks
from api.tickets.routes import router as tickets
from api.usage.routes import account_router as account_usage
from api.usage.routes import measurement_router as usage_measurements
from api.usage.routes import metric_router as usage_metrics
from api.usage.routes import settings_router as usage_settings

CHAPTERS: Final[Mapping[str, Mapping[str, str]]] = {
    "Identity, and what happened": {
        "sign-in": "Access tokens for people: sign in, refresh, sign out, and the keys that verify a token.",
        "users": "The people of the workspace, invitations to it, and oneself.",
        "workspace": "The company that runs customer success here: currency, time zone, calendar.",
        "api-keys": "Credentials for programs, each with its own scopes.",
        "partners": "Outside organisations with people and keys of their own, who see reference cases only.",
        "audit-log": "Who did what, and when. It cannot be changed.",
        "events": "The change feed: every fact in commit order, to keep a copy in step.",
    },
    "Customers": {
        "accounts": "Customers: what they are, their phase, where they stand; bulk upsert by your own ids.",
        "account-team": "Who plays which part for which account, with dates.",
        "segments": "Saved, versioned filters over accounts.",
        "saved-views": "A list's filters, order and columns, kept for oneself or for everyone.",
        "custom-fields": "The workspace's own fields on accounts and contacts.",
        "assignment-policies": "Rules that assign accounts to users, with a preview.",
        "interactions": "Meetings, QBRs, calls, mails and notes: who was there, what was decided, what is to be done.",
        "contacts": "The people at accounts: their part, who is primary, what they personally stake.",
    },
    "Commercial": {
        "products": "What the workspace sells, and what success with it means.",
        "contracts": "What customers bought: items, terms, amendments, renewals, notice.",
        "renewals": "The renewal board: what is due when, by when notice can be given, what we expect.",
        "ledger": "Movements of MRR, append-only; figures as of any day and as known at any moment; exchange rates.",
    },
    "Health": {
        "health-models": "Health models as versions, what they are made of, and the backtests that prove them.",
        "health-scores": "Snapshots of scores and why they changed; runs, pulses, maturity.",
        "health-targets": "What accounts' health should reach by a day, and whether it did.",
        "approach-scores": "When to make contact: intents that fade, overrides, and the tasks that follow.",
    },
    "Success": {
        "onboardings": "The board of onboardings: stage, days in it, milestones, what blocks.",
        "value-realisations": "Work that people no longer do: what it is worth, what came back for its cost, who confirmed it.",
        "shared-roadmaps": "Links that show a roadmap to the customer, and comments from both sides.",
        "success-roadmaps": "What customers want to achieve and how far they are: goals, milestones, reviews, templates, progress.",
    },
    "Voice of the customer": {
        "surveys": "NPS, CSAT and CES: schedules, who is asked when, links to be mailed.",
        "survey-answers": "Answers by link, without a login; responses of other tools; corrections that keep what was known.",
        "product-gaps": "What customers miss in the product, who reports it, what it puts at risk, and what becomes of it.",
        "signals": "What was noticed about accounts, by rules with thresholds per segment or by the news, and what became of it.",
    },
    "References": {
        "reference-cases": "What customers achieved, as numbers, found in Japanese and English; catalogues; reviews.",
        "reference-consents": "What customers agreed to, for whom and until when; what they would do as references.",
        "reference-requests": "Live asks: who fits, who is asked too often already, what came of it; candidates for cases.",
        "for-partners": "What partners call with people and keys of their own: cases as far as customers agreed, and asking.",
    },
    "Ways of working": {
        "programs": "Tech-touch and community work over many accounts: webinars, user groups, trials, co-creation.",
        "tasks": "Whatever someone must do, wherever it came from; with a second person's check where it matters.",
    },
    "Usage and support": {
        "usage": "What customers do with the products: metrics, measurements by day, utilisation and usage statuses.",
        "tickets": "Support tickets, as the support desk states them.",
    },
    "Files": {
        "imports": "Files in: CSV, XLSX and JSON Lines, with a report for each row, as a job that can be followed.",
        "exports": "Any list, with its filters, as a file: CSV, XLSX or JSON Lines.",
    },
    "Figures": {
        "portfolio": "Screens in one call: the portfolio, an account at a glance, what happened to it, its figures over time.",
        "analytics": "Retention, movements, cohorts, renewal rates and unit economics, as of any day and as known then.",
        "acquisition-costs": "What winning customers cost, for CAC, life-time value and payback.",
    },
    "Over everything": {
        "search": "One search box over all that the caller may see.",
    },
}

ROUTERS: Final = (
    # Identity, and what happened.
    *identity,
    me,
    events,
    # Customers.
    accounts,
    account_team,
    account_settings,
    segments,
    saved_views,
    custom_fields,
    assignment_policies,
    contacts,
    interactions,
    # Commercial.
    products,
    contracts,
    contract_settings,
    renewal_board,
    renewals,
    mrr_movements,
    account_revenue,
    exchange_rates,
    churn_reports,
    # Health.
    health_models,
    health_sources,
    backtests,
    health_scores,
    health_score_runs,
    csm_pulses,
    account_maturity,
    health_targets,
    approach_scores,
    approach_intents,
    account_approach,
    approach_settings,
    # Success.
    onboardings,
    value_realisations,
    roadmap_shares,
    roadmap_comments,
    shared_roadmap,
    success_roadmaps,
    roadmap_goals,
    roadmap_milestones,
    roadmap_templates,
    success_roadmap_settings,
    # Voice of the customer.
    surveys,
    survey_invitations,
    survey_answers,
    survey_responses,
    product_gaps,
    product_gap_reports,
    product_gap_comments,
    signals,
    signal_rules,
    # Ways of working.
    tasks,
    programs,
    program_participants,
    # References.
    reference_cases,
    initiatives,
    outcome_metrics,
    reference_settings,
    reference_consents,
    reference_profiles,
    account_reference_profile,
    contact_reference_profile,
    partner_cases,
    partner_requests,
    reference_requests,
    reference_asks,
    reference_candidates,
    # Usage and support.
    usage_metrics,
    usage_measurements,
    account_usage,
    usage_settings,
    tickets,
    # Files.
    imports,
    import_mappings,
    exports,
    partner_exports,
    # Figures.
    analytics,
    acquisition_costs,
    portfolio,
    account_screens,
    # Over everything.
    search,
)

__all__ = ["CHAPTERS", "ROUTERS", "tables", "well_known"]
