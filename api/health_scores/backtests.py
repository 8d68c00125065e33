"""Backtests as the API knows them: asked for, listed, cancelled. What the worker does with them is in backtesting.py.

Apart from it, so that the API's processes do not carry numpy.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Phase
from api.health_scores.models import Backtest, HealthModel, JobState, Label, ModelState
from api.health_scores.service import MODELS
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import NOT_FOUND, FieldError, Problem, invalid, problem_type
from api.kit.resources import Resource

BACKTESTS: Final = Resource(
    "backtest", Backtest, sorts={"created_at": col(Backtest.created_at)}, default_sort="-created_at"
)
ENDED = problem_type(
    "backtest_ended",
    409,
    en=("Backtest has ended", "The backtest is {state} already."),
    ja=("バックテストは終了しています", "このバックテストはすでに {state} です。"),
)


async def ask(tx: Tx, values: Mapping[str, Any]) -> Backtest:
    """Note a backtest of a model, beside the active version of its name if there is one."""
    model_id = values["model_id"]
    model = await _known(tx, model_id)
    if values.get("label") == Label.onboarding_not_completed and set(model.phases) != {Phase.onboarding.value}:
        # Of an account that is past onboarding it would never come.
        raise invalid(
            FieldError(
                "/label", "not_allowed", "Only of a model for the phase `onboarding` alone",
                "onboarding フェーズだけを対象とするモデルの場合だけです",
            )
        )  # fmt: skip
    active = await tx.session.scalar(
        sa.select(col(HealthModel.id)).where(
            col(HealthModel.workspace_id) == tx.workspace_id,
            col(HealthModel.name) == model.name,
            col(HealthModel.state) == ModelState.active.value,
            col(HealthModel.id) != model_id,
        )
    )
    asked = {"compared_model_id": active, "definition_hash": model.definition_hash}
    return await write.create(tx, BACKTESTS, Backtest, {**values, **asked})


async def _known(tx: Tx, model_id: UUID) -> HealthModel:
    try:
        return await write.lock(tx, MODELS, HealthModel, model_id)
    except Problem as problem:
        if problem.type is not NOT_FOUND:
            raise
        text = ("There is no such record", "該当するデータがありません")
        raise invalid(FieldError("/model_id", "reference_not_found", *text)) from problem


async def cancel(tx: Tx, backtest_id: UUID) -> None:
    """End a backtest that runs; it stops within a week's work."""
    backtest = await write.lock(tx, BACKTESTS, Backtest, backtest_id)
    if backtest.state != JobState.running:
        raise ENDED(state=backtest.state)
    ended = {"state": JobState.cancelled.value, "finished_at": clock.now()}
    await write.change(tx, BACKTESTS, backtest, ended, action="cancelled")
