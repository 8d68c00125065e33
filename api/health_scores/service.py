"""What one can do with health models: draft, change, try, activate, retire."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.segments import segment_filter
from api.health_scores.definition import Definition, HealthSource, as_definition, definition_hash, mistakes
from api.health_scores.models import Backtest, HealthModel, JobState, ModelState
from api.health_scores.sources import SOURCES
from api.kit import clock, write
from api.kit.actors import Actor
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.resources import Resource

MODELS: Final = Resource(
    "health_model",
    HealthModel,
    sorts={"created_at": col(HealthModel.created_at), "name": col(HealthModel.name)},
    default_sort="-created_at",
)
NOT_A_DRAFT = problem_type(
    "health_model_not_a_draft",
    409,
    en=("Not a draft", "The version is {state}. Only drafts can be edited; create a new version of `{name}` instead."),
    ja=(
        "下書きではありません",
        "このバージョンは {state} です。編集できるのは下書きだけです。`{name}` の新しいバージョンを作成してください。",
    ),
)
NOT_PROVEN = problem_type(
    "health_model_not_proven",
    409,
    en=(
        "The model has not proven itself",
        (
            "A model becomes active when a backtest of its exact definition has passed: {found}. An administrator may "
            "override this with a reason, which is kept."
        ),
    ),
    ja=(
        "妥当性が確認されていません",
        (
            "モデルを有効にするには、同じ定義でのバックテストの合格が必要です: {found}。"
            "管理者は理由を残して例外的に有効化できます。"
        ),
    ),
)
NO_LONGER_POSSIBLE = problem_type(
    "health_model_state",
    409,
    en=("Not possible in this state", "The version is {state}."),
    ja=("この状態ではできません", "このバージョンは {state} です。"),
)
ADMIN_ONLY = problem_type(
    "override_needs_admin",
    403,
    en=("Only an administrator may override", "A reason in place of a passed backtest takes an administrator."),
    ja=("例外の有効化は管理者のみです", "バックテスト合格の代わりに理由で有効化できるのは管理者だけです。"),
)
OVERRIDE_SCOPE: Final = "health_models:override"
EDITABLE: Final = {ModelState.draft.value, ModelState.backtested.value}


async def create_model(tx: Tx, values: Mapping[str, Any], definition: Definition) -> HealthModel:
    """Draft a version: the first of its name, or the next."""
    await _check(tx, definition, values.get("segment_id"))
    # Two at once would take the same number; the unique key lets one of them know.
    number = await tx.session.scalar(
        sa.select(sa.func.coalesce(sa.func.max(col(HealthModel.number)), 0) + 1).where(
            col(HealthModel.workspace_id) == tx.workspace_id, col(HealthModel.name) == values["name"]
        )
    )
    return await write.create(tx, MODELS, HealthModel, {**values, **_defined(values, definition), "number": number})


async def update_model(
    tx: Tx, model_id: UUID, version: int, values: Mapping[str, Any], definition: Definition | None
) -> None:
    """Change a draft. Another definition, or other accounts that it is for, needs a backtest of its own."""
    model = await write.lock(tx, MODELS, HealthModel, model_id, version=version)
    if model.state not in EDITABLE:
        raise NOT_A_DRAFT(state=model.state, name=model.name)
    if definition is not None or values.get("segment_id") is not None:
        await _check(tx, definition or as_definition(model.definition), values.get("segment_id"))
    now = {"phases": model.phases, "segment_id": model.segment_id, **values}
    changes = {**values, **_defined(now, definition or as_definition(model.definition))}
    if changes["definition_hash"] != model.definition_hash:
        changes |= {"state": ModelState.draft.value, "passed_backtest_id": None}
    await write.change(tx, MODELS, model, changes)


def _defined(values: Mapping[str, Any], definition: Definition) -> dict[str, Any]:
    return {
        "definition": definition.model_dump(mode="json"),
        "definition_hash": definition_hash(definition, values["phases"], values.get("segment_id")),
    }


async def _check(tx: Tx, definition: Definition, segment_id: UUID | None) -> None:
    """Refuse a definition that contradicts itself or names what is not there."""
    if segment_id is not None:
        await segment_filter(tx, segment_id, "/segment_id")
    errors = mistakes(definition)
    metrics = {
        row[0]
        for row in await tx.fetch(
            "SELECT key FROM usage_metrics WHERE workspace_id = %s AND archived_at IS NULL", [tx.workspace_id]
        )
    }
    for place, component in enumerate(definition.components):
        if component.source in (HealthSource.usage, HealthSource.usage_trend) and component.of not in {None, *metrics}:
            known = ", ".join(sorted(metrics)[:20]) or "-"
            errors.append(
                FieldError(
                    f"/definition/components/{place}/of", "unknown_value",
                    f"There is no usage metric with this key; there are: {known}",
                    f"このキーの利用指標はありません。登録済み: {known}",
                )
            )  # fmt: skip
    if errors:
        raise invalid(*errors)


async def archive_model(tx: Tx, model_id: UUID, version: int) -> None:
    """Take a version that is not in use out of lists."""
    model = await write.lock(tx, MODELS, HealthModel, model_id, version=version)
    if model.state in {ModelState.active, ModelState.shadow}:
        raise NO_LONGER_POSSIBLE(state=model.state)
    await write.change(tx, MODELS, model, {"archived_at": clock.now()}, action="archived")


async def restore_model(tx: Tx, model_id: UUID) -> None:
    """Bring an archived version back."""
    await write.restore(tx, MODELS, HealthModel, model_id)


async def shadow_model(tx: Tx, model_id: UUID) -> None:
    """Let a version be scored each week beside the active ones, without counting yet."""
    model = await write.lock(tx, MODELS, HealthModel, model_id)
    if model.state not in EDITABLE:
        raise NO_LONGER_POSSIBLE(state=model.state)
    await write.change(tx, MODELS, model, {"state": ModelState.shadow.value}, action="shadowed")


async def retire_model(tx: Tx, model_id: UUID) -> None:
    """End a version's service."""
    model = await write.lock(tx, MODELS, HealthModel, model_id)
    if model.state not in {ModelState.active, ModelState.shadow}:
        raise NO_LONGER_POSSIBLE(state=model.state)
    await _retire(tx, model)


async def _retire(tx: Tx, model: HealthModel) -> None:
    values = {"state": ModelState.retired.value, "retired_at": clock.now()}
    await write.change(tx, MODELS, model, values, action="retired")


async def activate_model(tx: Tx, model_id: UUID, override_reason: str | None) -> None:
    """Switch a version on, in place of the active one of its name.

    Raises ``health_model_not_proven`` unless a backtest of its exact definition has passed, or a reason is given by
    an administrator.
    """
    model = await write.lock(tx, MODELS, HealthModel, model_id)
    if model.state in {ModelState.active, ModelState.retired}:
        raise NO_LONGER_POSSIBLE(state=model.state)
    before = await tx.session.scalar(
        sa.select(HealthModel)
        .where(
            col(HealthModel.workspace_id) == tx.workspace_id,
            col(HealthModel.name) == model.name,
            col(HealthModel.state) == ModelState.active.value,
        )
        .with_for_update()
    )
    values: dict[str, Any] = {"state": ModelState.active.value, "activated_at": clock.now()}
    latest = await _latest_backtest(tx, model)
    passed = latest.id if latest is not None and _proves(latest, before) else None
    if passed is not None:
        values["passed_backtest_id"] = passed
    elif override_reason is None:
        raise NOT_PROVEN(found=_found(latest))
    else:
        _refuse_override(tx.actor)
        values |= {"override_reason": override_reason, "overridden_by_id": tx.actor.user_id}
    if before is not None:
        await _retire(tx, before)
    told = {"overridden": passed is None, "backtest_id": None if passed is None else str(passed)}
    await write.change(tx, MODELS, model, values, action="activated", announce=told)


def _refuse_override(actor: Actor) -> None:
    if not actor.may(OVERRIDE_SCOPE):
        raise ADMIN_ONLY()


def _proves(backtest: Backtest, active: HealthModel | None) -> bool:
    """Whether it passed, beside the version that is active now if there is one."""
    return bool(backtest.passed) and (active is None or backtest.compared_model_id == active.id)


async def _latest_backtest(tx: Tx, model: HealthModel) -> Backtest | None:
    """The last finished backtest of the exact definition: a later failure counts more than an earlier pass."""
    found: Backtest | None = await tx.session.scalar(
        sa.select(Backtest)
        .where(
            col(Backtest.workspace_id) == tx.workspace_id,
            col(Backtest.model_id) == model.id,
            col(Backtest.definition_hash) == model.definition_hash,
            col(Backtest.state) == JobState.done.value,
        )
        .order_by(col(Backtest.finished_at).desc(), col(Backtest.id).desc())
        .limit(1)
    )
    return found


def _found(latest: Backtest | None) -> str:
    if latest is None:
        return "no backtest / なし"
    return (
        ", ".join(latest.failed_criteria) or "not beside the version that is active now / 現在有効なバージョンと未比較"
    )


def sources() -> list[dict[str, Any]]:
    """The catalogue of what components can be made of."""
    return [
        {
            "source": key.value,
            "name": {"en": source.en, "ja": source.ja},
            "unit": source.unit,
            "needs_metric": key in (HealthSource.usage, HealthSource.usage_trend),
            "past": source.known_by.value,
        }
        for key, source in SOURCES.items()
    ]
