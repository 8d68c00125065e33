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

# Correlated per account, so that no join order matters: of a workspace that has just got its first accounts the
# planner's statistics know nothing, and a join as sets looped over them quadratically.
_REFRESH = """
UPDATE account_standing s SET (touch_model, icp_fit, icp_fit_reasons, importance, importance_reasons) = (
    SELECT coalesce(a.touch_model_override, touch.touch_model), fit.score, coalesce(fit.reasons, '[]'),
        importance.score, importance.reasons
    FROM accounts a
    LEFT JOIN LATERAL (
        SELECT band.touch_model FROM jsonb_to_recordset(%(touch_bands)s) AS band (touch_model text, acv_min bigint)
        WHERE s.acv_minor >= band.acv_min ORDER BY band.acv_min DESC LIMIT 1
    ) AS touch ON true
    LEFT JOIN LATERAL (
        SELECT band.name FROM jsonb_to_recordset(%(size_bands)s)
            AS band (name text, employees_min integer, employees_max integer)
        WHERE a.employee_count BETWEEN band.employees_min AND coalesce(band.employees_max, 2147483647)
    ) AS size ON true
    CROSS JOIN LATERAL (
        SELECT sum(met * weight) / nullif(sum(weight) FILTER (WHERE met IS NOT NULL), 0) AS score,
            jsonb_agg(jsonb_build_object('criterion', criterion, 'met', met, 'weight', weight)) AS reasons
        FROM (
            SELECT wanted.weight, wanted.field || ': ' || (
                SELECT string_agg(value, ', ') FROM jsonb_array_elements_text(wanted."values") AS value
            ) AS criterion,
            100 * (CASE wanted.field
                WHEN 'industry' THEN wanted."values" ? a.industry
                WHEN 'country' THEN wanted."values" ? a.country
                WHEN 'language' THEN wanted."values" ? a.language
                WHEN 'size_band' THEN wanted."values" ? size.name
                WHEN 'tag' THEN wanted."values" ?| a.tags
            END)::integer::float8 AS met
            FROM jsonb_to_recordset(%(icp_criteria)s) AS wanted (field text, "values" jsonb, weight float8)
        ) AS criteria
    ) AS fit
    CROSS JOIN LATERAL (
        SELECT sum(met * weight) / nullif(sum(weight) FILTER (WHERE met IS NOT NULL), 0) AS score,
            jsonb_agg(jsonb_build_object('criterion', criterion, 'met', met, 'weight', weight)) AS reasons
        FROM (
            SELECT name AS criterion, met, (%(importance)s::jsonb ->> name)::float8 AS weight
            FROM (VALUES -- least() ignores nulls, the sum does not
                ('contract_amount',
                    least(100, 100.0 * s.mrr_minor / (%(importance)s::jsonb ->> 'full_amount')::float8) + 0 * s.mrr_minor),
                ('seats', least(100, 100.0 * s.seats / (%(importance)s::jsonb ->> 'full_seats')::float8) + 0 * s.seats),
                ('case_willingness', s.case_willingness),
                ('expansion_likelihood', s.expansion_likelihood),
                ('churn_likelihood', 100 - s.health_score)
            ) AS known (name, met)
        ) AS criteria
    ) AS importance
    WHERE a.workspace_id = s.workspace_id AND a.id = s.account_id
)
WHERE s.workspace_id = %(ws)s
"""
_OF_THESE = " AND s.account_id = ANY(%(ids)s)"


async def refresh_standing(
    tx: Tx, account_ids: Sequence[UUID] | None = None, settings: AccountSettings | None = None
) -> int:
    """Recompute the derived figures of these accounts (None: all of the workspace); how many there were."""
    settings = settings or await account_settings(tx)
    known = settings.model_dump(mode="json")
    return await tx.execute(
        _REFRESH if account_ids is None else _REFRESH + _OF_THESE,
        {
            "ws": tx.workspace_id,
            "ids": list(account_ids or ()),
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
