"""What one can do with metrics and the configuration of usage."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel import col

from api.accounts.merging import after_merge
from api.kit import write
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.kit.resources import Resource
from api.usage.ingest import hold_ingest
from api.usage.merging import take_usage_along
from api.usage.models import MetricRole, UsageMetric, UsageStatusChange
from api.usage.settings import CONFIGURATION, UsageSettings
from api.usage.statuses import refresh_statuses

USAGE_METRICS: Final = Resource(
    "usage_metric", UsageMetric, sorts={"name": col(UsageMetric.name), "created_at": col(UsageMetric.created_at)}
)
USAGE_STATUSES: Final = Resource(
    "usage_status",
    UsageStatusChange,
    sorts={"recorded_at": col(UsageStatusChange.recorded_at)},
    default_sort="-recorded_at",
)

KEY_TAKEN = problem_type(
    "metric_key_taken",
    409,
    en=("Key in use", "Another metric, perhaps an archived one, has this key."),
    ja=("キーは使用中です", "このキーは別の指標（アーカイブ済みの場合もあります）が使用しています。"),
)
ROLE_TAKEN = problem_type(
    "metric_role_taken",
    409,
    en=("Role taken", "Another metric is `{role}` already. Clear its role first."),
    ja=("役割は使用中です", "別の指標がすでに `{role}` です。先にその役割を外してください。"),
)

after_merge(take_usage_along)


async def create_metric(tx: Tx, values: Mapping[str, Any]) -> UsageMetric:
    """Add a metric to the catalogue."""
    rows = await tx.fetch(
        "SELECT 1 FROM usage_metrics WHERE workspace_id = %s AND key = %s", [tx.workspace_id, values["key"]]
    )
    if rows:
        raise KEY_TAKEN()
    await _refuse_second(tx, values.get("role"))
    metric = await write.create(tx, USAGE_METRICS, UsageMetric, values)
    await _follow_role(tx, metric.role)
    return metric


async def update_metric(tx: Tx, metric_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a metric. Weeks are not touched: they hold what every aggregation needs."""
    metric = await write.lock(tx, USAGE_METRICS, UsageMetric, metric_id, version=version)
    before = metric.role
    if values.get("role") != before:
        await _refuse_second(tx, values.get("role"))
    changed = await write.change(tx, USAGE_METRICS, metric, values)
    if {"role", "aggregation"} & set(changed):
        await _follow_role(tx, before or metric.role)


async def archive_metric(tx: Tx, metric_id: UUID, version: int) -> None:
    """Take a metric out of use; what was measured stays."""
    metric = await write.archive(tx, USAGE_METRICS, UsageMetric, metric_id, version)
    await _follow_role(tx, metric.role)


async def restore_metric(tx: Tx, metric_id: UUID) -> None:
    """Bring an archived metric back."""
    metric = await write.lock(tx, USAGE_METRICS, UsageMetric, metric_id, archived=True)
    if metric.archived_at is not None:
        await _refuse_second(tx, metric.role)
    await write.restore(tx, USAGE_METRICS, UsageMetric, metric_id)
    await _follow_role(tx, metric.role)


async def change_usage_settings(tx: Tx, new: UsageSettings) -> None:
    """Replace the configuration; all statuses follow at once."""
    await CONFIGURATION.replace(tx, new)
    await hold_ingest(tx)
    await refresh_statuses(tx, None, new)


async def _refuse_second(tx: Tx, role: MetricRole | str | None) -> None:
    if role is None:
        return
    rows = await tx.fetch(
        "SELECT 1 FROM usage_metrics WHERE workspace_id = %s AND role = %s AND archived_at IS NULL",
        [tx.workspace_id, str(role)],
    )
    if rows:
        raise ROLE_TAKEN(role=str(role))


async def _follow_role(tx: Tx, role: str | None) -> None:
    if role is not None:
        await hold_ingest(tx)
        await refresh_statuses(tx)
