"""Scores, runs, pulses and maturity over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.health_scores import explaining, jobs, maturity, pulses, runs, snapshots
from api.health_scores.models import ScoreKind
from api.health_scores.resource import PULSES, SCORES
from api.health_scores.runs import RUNS
from api.health_scores.score_schemas import (
    CsmPulseCreate,
    CsmPulsePage,
    CsmPulseQuery,
    CsmPulseRead,
    ExplanationRead,
    HealthScoreCreate,
    HealthScorePage,
    HealthScoreQuery,
    HealthScoreRead,
    HealthScoreRunPage,
    HealthScoreRunQuery,
    HealthScoreRunRead,
    MaturityRead,
)
from api.kit import answers
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

score_router = resource_router("/health-scores", tag="health-scores")
run_router = resource_router("/health-score-runs", tag="health-scores")
pulse_router = resource_router("/csm-pulses", tag="health-scores")
account_router = resource_router("/accounts", tag="health-scores")

CanReadScores = Annotated[Tx, reads("health_scores:read")]
CanWriteScores = Annotated[Tx, writes("health_scores:write")]


@score_router.get("", response_model=HealthScorePage, openapi_extra=SCORES.documented())
async def list_health_scores(
    tx: CanReadScores, query: Annotated[HealthScoreQuery, asked(HealthScoreQuery)]
) -> Response:
    """List snapshots of scores, the latest first."""
    return await answers.page(tx, SCORES, HealthScoreRead, query)


@score_router.post("", response_model=HealthScoreRead, status_code=201)
async def create_health_score(tx: CanWriteScores, body: HealthScoreCreate) -> Response:
    """Score one account now, by the active model that is for it."""
    score_id = await snapshots.score_account(tx, body.account_id)
    return await answers.created(tx, SCORES, HealthScoreRead, score_id)


@score_router.get("/{score_id}", response_model=HealthScoreRead, openapi_extra=SCORES.documented())
async def get_health_score(
    tx: CanReadScores, score_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one snapshot, with every component's raw value, points, weight and contribution."""
    return await answers.item(tx, SCORES, HealthScoreRead, score_id, query)


@score_router.get("/{score_id}/explanation", response_model=ExplanationRead)
async def get_health_score_explanation(tx: CanReadScores, score_id: UUID) -> Response:
    """Why the score changed since the account's snapshot before.

    The parts sum to the change: behaviour (by component), maturity, data that is missing or there again, another
    configuration, or another phase and so another model.
    """
    return answers.represented(tx, (await explaining.explain(tx, score_id)).model_dump_json().encode(), None)


@run_router.get("", response_model=HealthScoreRunPage, openapi_extra=RUNS.documented())
async def list_health_score_runs(
    tx: CanReadScores, query: Annotated[HealthScoreRunQuery, asked(HealthScoreRunQuery)]
) -> Response:
    """List runs, the newest first. Each week has one that begins by itself."""
    return await answers.page(tx, RUNS, HealthScoreRunRead, query)


@run_router.post("", response_model=HealthScoreRunRead, status_code=202)
async def create_health_score_run(tx: CanWriteScores) -> Response:
    """Let the worker score all accounts as of today."""
    run = await runs.begin(tx, ScoreKind.on_demand)
    await jobs.defer_run(tx, run.id)
    return await answers.created(tx, RUNS, HealthScoreRunRead, run.id, status=202)


@run_router.get("/{run_id}", response_model=HealthScoreRunRead, openapi_extra=RUNS.documented())
async def get_health_score_run(
    tx: CanReadScores, run_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one run: how far it has come."""
    return await answers.item(tx, RUNS, HealthScoreRunRead, run_id, query)


@pulse_router.get("", response_model=CsmPulsePage, openapi_extra=PULSES.documented())
async def list_csm_pulses(tx: CanReadScores, query: Annotated[CsmPulseQuery, asked(CsmPulseQuery)]) -> Response:
    """List what people felt about accounts, the latest first."""
    return await answers.page(tx, PULSES, CsmPulseRead, query)


@pulse_router.post("", response_model=CsmPulseRead, status_code=201)
async def create_csm_pulse(tx: CanWriteScores, body: CsmPulseCreate) -> Response:
    """Say what one feels about an account today. A later pulse replaces it for scores; all are kept."""
    pulse = await pulses.give(tx, body.given())
    return await answers.created(tx, PULSES, CsmPulseRead, pulse.id)


@account_router.get("/{account_id}/maturity", response_model=MaturityRead)
async def get_account_maturity(tx: CanReadScores, account_id: UUID) -> Response:
    """How far an account has come, and by which steps."""
    return answers.represented(tx, (await explaining.maturity_of(tx, account_id)).model_dump_json().encode(), None)


@account_router.post("/{account_id}/maturity:confirm-goals", response_model=MaturityRead)
async def confirm_account_goals(tx: CanWriteScores, account_id: UUID) -> Response:
    """Note that the account's present contact has confirmed the goals: maturity may pass level 2 again."""
    await maturity.confirm_goals(tx, account_id)
    return await answers.done(tx, await explaining.maturity_of(tx, account_id))
