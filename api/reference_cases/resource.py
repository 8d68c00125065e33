"""Reference cases as a resource: one read by its id, and many found through the narrow table of entries."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from api.accounts.models import Account
from api.kit.resources import Condition, Expansion, Resource, Value
from api.reference_cases.models import CaseEntry, CaseState, Initiative, OutcomeMetric, ReferenceCase

CASE: Final = "reference_case"
_case: sa.Table = ReferenceCase.__table__  # type: ignore[attr-defined]
_entry: sa.Table = CaseEntry.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_other = _entry.alias("other")


_VALUES: Final[dict[str, Any]] = {
    "listed_at": sa.func.coalesce(_case.c.approved_at, _case.c.created_at, type_=_case.c.created_at.type),
}
_EXPANDS: Final = {
    "account": Expansion(
        _account, sa.and_(_account.c.workspace_id == _case.c.workspace_id, _account.c.id == _case.c.account_id)
    )
}

CASES: Final = Resource(
    CASE,
    ReferenceCase,
    values=_VALUES,
    filters={
        "approved_once": lambda _: sa.and_(_case.c.approved_revision > 0, _case.c.state == CaseState.approved.value)
    },
    sorts={"created_at": _case.c.created_at},
    expands=_EXPANDS,
)
"""A case by its id."""


def _uuids(value: Any) -> Any:  # noqa: ANN401
    return sa.any_(sa.cast(value, ARRAY(sa.Uuid())))


def _first_among(column: str, number: str, wanted: Any) -> Condition:  # noqa: ANN401
    """Of a case's entries that name one of several, the first one only: each case once."""
    before = sa.exists(
        sa.select(sa.literal_column("1")).where(
            _other.c.workspace_id == _entry.c.workspace_id,
            _other.c.case_id == _entry.c.case_id,
            _other.c[number] < _entry.c[number],
            _other.c[column] == _uuids(wanted),
        )
    )
    return sa.and_(_entry.c[column] == _uuids(wanted), ~before)


def named_by(column: Value, catalogue: type[Initiative | OutcomeMetric]) -> Callable[[Any], Condition]:
    """The filter for rows that name, in a column, an entry of a catalogue with a key."""
    entries: sa.Table = catalogue.__table__  # type: ignore[union-attr]
    here = entries.c.workspace_id == sa.bindparam("workspace_id", type_=sa.Uuid())
    return lambda key: column == sa.select(entries.c.id).where(here, entries.c.key == key).scalar_subquery()


NUMBERS_OF_WORDS: Final = range(1, 9)
"""How many words of a text count. Each number is a statement of its own, which looks no more often into a text than that."""


def _places(text: Value, words: Any, count: int) -> list[Value]:  # noqa: ANN401
    """Where each of the words stands in a text; 0 where it does not."""
    listed = sa.sql.elements.Grouping(sa.cast(words, ARRAY(sa.Text())))
    numbers = [sa.literal_column(str(number), sa.Integer()) for number in range(1, count + 1)]
    return [sa.func.strpos(text, listed[number]) for number in numbers]


def word_filters(text: Value) -> dict[str, Callable[[Any], Condition]]:
    """The filters ``holds_<count>``: all of so many words stand in a text."""
    return {f"holds_{count}": partial(_holds_all, text, count) for count in NUMBERS_OF_WORDS}


def _holds_all(text: Value, count: int, words: Any) -> Condition:  # noqa: ANN401
    # One condition: of eight the planner would expect that hardly a row holds, and sort all instead of walking. And one
    # that stops at the first word that is missing, the longest word being the first.
    found: Any = sa.literal_column("true")
    for place in reversed(_places(text, words, count)):
        found = sa.case((place > sa.literal_column("0"), found), else_=sa.literal_column("false"))
    return sa.type_coerce(found, sa.Boolean())


def word_orders(case: Any, improved: Value) -> dict[str, Value]:  # noqa: ANN401
    """The orders ``relevance_<count>``, of as many words as the filter ``holds_<count>`` has.

    Words in the title count most, then those of the catalogue; among equals the greater improvement is first. ``case``
    has the columns ``heading_text`` and ``catalogue_text``.
    """
    return {f"relevance_{count}": _relevance(case, improved, count) for count in NUMBERS_OF_WORDS}


def _relevance(case: Any, improved: Value, count: int) -> Value:  # noqa: ANN401
    zero: Value = sa.literal_column("0")
    hits = [
        sa.case((place > zero, sa.literal_column(weight)), else_=zero)
        for text, weight in ((case.c.heading_text, "3"), (case.c.catalogue_text, "2"))
        for place in _places(text, sa.bindparam(f"f_holds_{count}"), count)
    ]
    # Typed, or SQLAlchemy would have Postgres divide numerics, digit by digit.
    size: Value = sa.func.abs(improved, type_=sa.Double())
    nearer = sa.literal_column("0.49", sa.Double()) * improved / (sa.literal_column("100", sa.Double()) + size)
    return sa.type_coerce(sum(hits[1:], hits[0]) + nearer, sa.Double())


ENTRIES: Final = Resource(
    CASE,
    CaseEntry,
    joins=[(_case, sa.and_(_case.c.workspace_id == _entry.c.workspace_id, _case.c.id == _entry.c.case_id))],
    values={
        **{column.name: column for column in _case.c if column.name != "workspace_id"},
        **_VALUES,
        "employee_count": _entry.c.employee_count,
        "industry": _entry.c.industry,
        "listed": _entry.c.listed_at,
    },
    filters={
        "state": lambda value: _entry.c.state == sa.cast(value, sa.Text()),
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
        "one_industry": lambda value: _entry.c.industry == sa.cast(value, sa.Text()),
        "owner_id": lambda value: sa.exists(
            sa.select(sa.literal_column("1")).where(
                _account.c.workspace_id == _case.c.workspace_id,
                _account.c.id == _case.c.account_id,
                _account.c.owner_id == _uuids(value),
            )
        ),
        "among": lambda value: _entry.c.case_id == _uuids(value),
        **word_filters(_case.c.search_text),
    },
    sorts={
        "listed_at": _entry.c.listed_at,
        "improvement": _entry.c.improvement_sort,
        **word_orders(_case, _entry.c.improvement_sort),
    },
    default_sort="-listed_at",
    expands=_EXPANDS,
)
"""Cases as they are found; :func:`api.reference_cases.search.applied` says which entries stand for a case."""
