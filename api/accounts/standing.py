"""What is derived of an account from its own row, its standing and the workspace's configuration.

One set-based statement computes touch model, fit with the ideal customer and importance, each with its reasons,
for a few accounts or for all of them. A criterion about which nothing is known is left out of the average; when
nothing is known at all, the figure is null.
"""

from collections.abc import Sequence
from uuid import UUID

from psycopg.types.json import Jsonb

from api.accounts.settings import AccountSettings, account_settings
from api.kit.db import Tx

_REFRESH = """
WITH subject AS (
    SELECT a.id, a.industry, a.country, a.language, a.tags, a.touch_model_override, s.acv_minor, s.mrr_minor, s.seats,
        s.health_score, s.case_willingness, s.expansion_likelihood,
        (
            SELECT band.name FROM jsonb_to_recordset(%(size_bands)s)
                AS band (name text, employees_min integer, employees_max integer)
            WHERE a.employee_count BETWEEN band.employees_min AND coalesce(band.employees_max, 2147483647)
        ) AS size_band
    FROM accounts a JOIN account_standing s ON s.workspace_id = a.workspace_id AND s.account_id = a.id
    WHERE a.workspace_id = %(ws)s AND (%(ids)s::uuid[] IS NULL OR a.id = ANY(%(ids)s))
), touch AS (
    SELECT subject.id, coalesce(subject.touch_model_override, (
        SELECT band.touch_model FROM jsonb_to_recordset(%(touch_bands)s) AS band (touch_model text, acv_min bigint)
        WHERE subject.acv_minor >= band.acv_min ORDER BY band.acv_min DESC LIMIT 1
    )) AS touch_model
    FROM subject
), fit_criteria AS (
    SELECT subject.id, criterion.weight, criterion.field || ': ' || (
        SELECT string_agg(value, ', ') FROM jsonb_array_elements_text(criterion."values") AS value
    ) AS criterion,
    100 * (CASE criterion.field
        WHEN 'industry' THEN criterion."values" ? subject.industry
        WHEN 'country' THEN criterion."values" ? subject.country
        WHEN 'language' THEN criterion."values" ? subject.language
        WHEN 'size_band' THEN criterion."values" ? subject.size_band
        WHEN 'tag' THEN criterion."values" ?| subject.tags
    END)::integer::float8 AS met
    FROM subject, jsonb_to_recordset(%(icp_criteria)s) AS criterion (field text, "values" jsonb, weight float8)
), fit AS (
    SELECT id, sum(met * weight) / nullif(sum(weight) FILTER (WHERE met IS NOT NULL), 0) AS score,
        jsonb_agg(jsonb_build_object('criterion', criterion, 'met', met, 'weight', weight)) AS reasons
    FROM fit_criteria GROUP BY id
), importance_criteria AS (
    SELECT subject.id, criterion.name, criterion.met,
        (%(importance)s::jsonb ->> criterion.name)::float8 AS weight
    FROM subject, LATERAL (VALUES -- least() ignores nulls, the sum does not
        ('contract_amount', least(100, 100.0 * mrr_minor / (%(importance)s::jsonb ->> 'full_amount')::float8) + 0 * mrr_minor),
        ('seats', least(100, 100.0 * seats / (%(importance)s::jsonb ->> 'full_seats')::float8) + 0 * seats),
        ('case_willingness', case_willingness),
        ('expansion_likelihood', expansion_likelihood),
        ('churn_likelihood', 100 - health_score)
    ) AS criterion (name, met)
), importance AS (
    SELECT id, sum(met * weight) / nullif(sum(weight) FILTER (WHERE met IS NOT NULL), 0) AS score,
        jsonb_agg(jsonb_build_object('criterion', name, 'met', met, 'weight', weight)) AS reasons
    FROM importance_criteria GROUP BY id
)
UPDATE account_standing s SET
    touch_model = touch.touch_model,
    icp_fit = fit.score, icp_fit_reasons = coalesce(fit.reasons, '[]'),
    importance = importance.score, importance_reasons = importance.reasons
FROM touch JOIN importance ON importance.id = touch.id LEFT JOIN fit ON fit.id = touch.id
WHERE s.workspace_id = %(ws)s AND s.account_id = touch.id AND (
    s.touch_model, s.icp_fit, s.icp_fit_reasons, s.importance, s.importance_reasons
) IS DISTINCT FROM (
    touch.touch_model, fit.score, coalesce(fit.reasons, '[]'), importance.score, importance.reasons
)
"""


async def refresh_standing(
    tx: Tx, account_ids: Sequence[UUID] | None = None, settings: AccountSettings | None = None
) -> int:
    """Recompute the derived figures of these accounts (None: all of the workspace); how many changed."""
    settings = settings or await account_settings(tx)
    known = settings.model_dump(mode="json")
    return await tx.execute(
        _REFRESH,
        {
            "ws": tx.workspace_id,
            "ids": None if account_ids is None else list(account_ids),
            "size_bands": Jsonb(known["size_bands"]),
            "touch_bands": Jsonb(known["touch_bands"]),
            "icp_criteria": Jsonb(known["icp_criteria"]),
            "importance": Jsonb(known["importance"]),
        },
    )


async def begin_standing(tx: Tx, account_ids: Sequence[UUID]) -> None:
    """Give new accounts their row, their first phase in the history, and the derived figures."""
    await tx.execute(
        "INSERT INTO account_standing (workspace_id, account_id, icp_fit_reasons, importance_reasons) "
        "SELECT %(ws)s, unnest(%(ids)s::uuid[]), '[]', '[]'",
        {"ws": tx.workspace_id, "ids": list(account_ids)},
    )
    await refresh_standing(tx, account_ids)
