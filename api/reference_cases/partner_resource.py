"""Reference cases as a resource of partners: every read of them goes through :func:`_seen`, whatever it is for."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from api.kit.resources import NOW, PARTNER, Condition, Resource
from api.reference_cases.models import Initiative, OutcomeMetric
from api.reference_cases.partner_models import PartnerCaseEntry, PartnerReferenceCase
from api.reference_cases.resource import named_by, word_filters, word_orders

NAME: Final = "reference_case"
_case: sa.Table = PartnerReferenceCase.__table__  # type: ignore[attr-defined]
_entry: sa.Table = PartnerCaseEntry.__table__  # type: ignore[attr-defined]
_other = _entry.alias("other")


def _seen(table: sa.Table) -> Condition:
    """The one condition: the partner's own rows, while what was agreed holds."""
    return sa.and_(table.c.partner_id == PARTNER, table.c.visible_from <= NOW, table.c.visible_until > NOW)


def seen_by(alias: str) -> str:
    """:func:`_seen` as text, for statements written by hand; of :data:`NOW` and :data:`PARTNER`."""
    return (
        f"{alias}.partner_id = %(partner_id)s AND {alias}.visible_from <= %(now)s AND {alias}.visible_until > %(now)s"
    )


def _uuids(value: Any) -> Any:  # noqa: ANN401
    return sa.any_(sa.cast(value, ARRAY(sa.Uuid())))


def _first_among(column: str, number: str, wanted: Any) -> Condition:  # noqa: ANN401
    """Of a case's entries that name one of several, the first one only: each case once."""
    other_number = "outcome_no" if number == "initiative_no" else "initiative_no"
    before = sa.exists(
        sa.select(sa.literal_column("1")).where(
            _other.c.workspace_id == _entry.c.workspace_id,
            _other.c.id == _entry.c.id,
            _other.c.visible_from == _entry.c.visible_from,
            _other.c[other_number] == _entry.c[other_number],
            _other.c[number] < _entry.c[number],
            _other.c[column] == _uuids(wanted),
        )
    )
    return sa.and_(_entry.c[column] == _uuids(wanted), ~before)


PARTNER_CASES: Final = Resource(
    NAME,
    PartnerReferenceCase,
    values={"anonymous": ~_case.c.named},
    visible=_seen(_case),
    sorts={"id": _case.c.id},
)
"""A case by the id that the partner knows it by."""

PARTNER_ENTRIES: Final = Resource(
    NAME,
    PartnerCaseEntry,
    joins=[
        (
            _case,
            sa.and_(
                _case.c.workspace_id == _entry.c.workspace_id,
                _case.c.id == _entry.c.id,
                _case.c.visible_from == _entry.c.visible_from,
            ),
        )
    ],
    values={
        **{column.name: column for column in _case.c if column.name not in {"workspace_id", "id"}},
        "anonymous": ~_case.c.named,
        "industry": _entry.c.industry,
        "size_band": _entry.c.size_band,
    },
    visible=_seen(_entry),
    filters={
        # The numbers stand in the statement itself: the partial indexes are chosen by them.
        "any_initiative": lambda _: _entry.c.initiative_no == sa.literal_column("0"),
        "any_metric": lambda _: _entry.c.outcome_no == sa.literal_column("0"),
        "one_initiative": lambda value: _entry.c.initiative_id == sa.cast(value, sa.Uuid()),
        "initiative_key": named_by(_entry.c.initiative_id, Initiative),
        "one_metric": lambda value: _entry.c.metric_id == sa.cast(value, sa.Uuid()),
        "metric_key": named_by(_entry.c.metric_id, OutcomeMetric),
        "some_initiatives": lambda value: _first_among("initiative_id", "initiative_no", value),
        "some_metrics": lambda value: _first_among("metric_id", "outcome_no", value),
        "min_improvement_pct": lambda value: _entry.c.improvement_sort >= sa.cast(value, sa.Double()),
        "among": lambda value: _entry.c.id == _uuids(value),
        **word_filters(_case.c.search_text),
    },
    sorts={"improvement": _entry.c.improvement_sort, **word_orders(_case, _entry.c.improvement_sort)},
    default_sort="-improvement",
)
"""Cases as they are found; :func:`api.reference_cases.partner_search.applied` says which entries stand for a case."""
