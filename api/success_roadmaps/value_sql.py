# ruff: noqa: S608 - only names of our own stand in these texts; values are bound
"""The arithmetic of :mod:`api.success_roadmaps.value` in SQL: what was known when, and what a period cost.

Functions of the database: ``perennial_month_parts(day)`` and ``perennial_half_even(parts, of)``.
"""

from typing import Any, Final

import sqlalchemy as sa

from api.contracts.models import MrrMovement
from api.success_roadmaps.value import MONTH
from api.success_roadmaps.value_models import ValueRealisation

_value: sa.Table = ValueRealisation.__table__  # type: ignore[attr-defined]
_movement: sa.Table = MrrMovement.__table__  # type: ignore[attr-defined]

Value = sa.ColumnElement[Any]


def _parts(day: Any) -> Value:  # noqa: ANN401
    return sa.func.perennial_month_parts(day, type_=sa.BigInteger())


def _of_account(movement: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.and_(movement.c.workspace_id == _value.c.workspace_id, movement.c.account_id == _value.c.account_id)


def _paid(movement: sa.FromClause, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return (
        sa.exists(sa.select(sa.literal_column("1")).select_from(movement).where(_of_account(movement), *conditions))
        .correlate(_value)
    )  # fmt: skip


def _ledger_cost() -> Value:
    """What the ledger says the customer pays over the period, in the currency of the value."""
    months = _parts(_value.c.ends_before) - _parts(sa.func.greatest(_movement.c.effective_on, _value.c.starts_on))
    owed = sa.func.coalesce(
        sa.func.sum(sa.cast(_movement.c.amount_minor, sa.Numeric()) * months), sa.literal_column("0")
    )
    return (
        sa.select(sa.func.perennial_half_even(owed, sa.literal_column(str(MONTH)), type_=sa.BigInteger()))
        .where(
            _of_account(_movement),
            _movement.c.currency == _value.c.currency,
            _movement.c.effective_on < _value.c.ends_before,
        )
        .correlate(_value)
        .scalar_subquery()
    )


_any, _same = _movement.alias("any_movement"), _movement.alias("same_currency")
PAYS_ELSEWHERE: Final = sa.and_(_paid(_any), ~_paid(_same, _same.c.currency == _value.c.currency))
"""The customer pays in other currencies only: the ledger cannot say the cost in this one."""
COST: Final[Value] = sa.case(
    (_value.c.cost_minor.is_not(None), _value.c.cost_minor),
    (PAYS_ELSEWHERE, sa.null()),
    else_=_ledger_cost(),
)
ROI: Final[Value] = (
    sa.cast(_value.c.value_minor, sa.Double()) - sa.cast(COST, sa.Double())
) / sa.func.nullif(sa.cast(COST, sa.Double()), sa.literal_column("0"))  # fmt: skip

KNOWN: Final = """
    SELECT v.id, v.account_id, v.roadmap_id, v.state, v.starts_on, v.ends_before, v.currency, v.value_minor, v.cost_minor
    FROM value_realisations v WHERE v.workspace_id = %(ws)s AND v.archived_at IS NULL AND v.recorded_at <= %(known_at)s
    UNION ALL
    SELECT s.realisation_id, s.account_id, s.roadmap_id, s.state, s.starts_on, s.ends_before, s.currency, s.value_minor,
        s.cost_minor
    FROM value_realisations_superseded s WHERE s.workspace_id = %(ws)s AND s.recorded_at <= %(known_at)s
    AND s.superseded_at > %(known_at)s
"""
"""The value realisations as they were known at a moment."""

_MOVEMENTS: Final = "mrr_movements m WHERE m.workspace_id = %(ws)s AND m.account_id = {of}.account_id"
_UNKNOWN: Final = f"""
    v.cost_minor IS NULL AND EXISTS (SELECT FROM {_MOVEMENTS.format(of="v")} AND m.recorded_at <= %(known_at)s)
    AND NOT EXISTS (SELECT FROM {_MOVEMENTS.format(of="v")} AND m.currency = v.currency AND m.recorded_at <= %(known_at)s)
"""
SUMMED: Final = f"""
    SELECT {{by}}, count(*) AS realisations, count(*) FILTER (WHERE {_UNKNOWN}) AS without_cost,
        sum(v.value_minor) AS value, coalesce(sum(v.cost_minor), 0) AS given,
        range_agg(daterange(v.starts_on, v.ends_before)) FILTER (WHERE v.cost_minor IS NULL) AS days,
        max(v.ends_before) - 1 AS last_day, min(v.starts_on) AS first_day
    FROM {{source}} v GROUP BY {{by}}
"""
"""Sums of value realisations; ``days`` are those whose cost the ledger says, each once."""
COST_OF_DAYS: Final = f"""(
    SELECT perennial_half_even(coalesce(sum(m.amount_minor::numeric * (perennial_month_parts(upper(piece))
        - perennial_month_parts(greatest(m.effective_on, lower(piece))))), 0), {MONTH})
    FROM unnest(summed.days) AS piece
    JOIN mrr_movements m ON m.workspace_id = %(ws)s AND m.account_id = summed.account_id
        AND m.currency = summed.currency AND m.effective_on < upper(piece) AND m.recorded_at <= %(known_at)s
)"""
"""What the customer paid for the ``days`` of a row of ``summed``, in its currency."""
