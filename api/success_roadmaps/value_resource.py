"""Value realisations as a resource: what a list can show, sort and ask for."""

from typing import Any, Final

import sqlalchemy as sa

from api.accounts.models import Account
from api.contacts.models import Contact
from api.kit.resources import Condition, Expansion, Resource, Value, money
from api.success_roadmaps.value_models import SupersededValue, ValueRealisation
from api.success_roadmaps.value_sql import COST, PAYS_ELSEWHERE, ROI

_value: sa.Table = ValueRealisation.__table__  # type: ignore[attr-defined]
_before: sa.Table = SupersededValue.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_contact: sa.Table = Contact.__table__  # type: ignore[attr-defined]


def _same(table: Any, ours: str, theirs: str = "id") -> Condition:  # noqa: ANN401
    return sa.and_(table.c.workspace_id == _value.c.workspace_id, table.c[theirs] == _value.c[ours])


def _figures(table: sa.Table) -> dict[str, Value]:
    return {
        "minutes_per_unit": sa.cast(table.c.minute_hundredths, sa.Double()) / sa.literal_column("100"),
        "hourly_cost": money(table.c.hourly_cost_minor, table.c.currency),
        "value": money(table.c.value_minor, table.c.currency),
    }


VALUES: Final = Resource(
    "value_realisation",
    ValueRealisation,
    values={
        **_figures(_value),
        "last_day": _value.c.ends_before - sa.literal_column("1"),
        "cost": money(COST, _value.c.currency),
        "cost_source": sa.case(
            (_value.c.cost_minor.is_not(None), sa.literal_column("'given'", sa.Text())),
            (PAYS_ELSEWHERE, sa.literal_column("'unknown'", sa.Text())),
            else_=sa.literal_column("'mrr'", sa.Text()),
        ),
        "roi": ROI,
    },
    sorts={"starts_on": _value.c.starts_on, "value": _value.c.value_minor, "created_at": _value.c.created_at},
    default_sort="-starts_on",
    filters={
        "period_after": lambda day: _value.c.ends_before > sa.cast(day, sa.Date()),
        "period_before": lambda day: _value.c.starts_on < sa.cast(day, sa.Date()),
    },
    expands={
        "account": Expansion(_account, _same(_account, "account_id")),
        "confirmed_by": Expansion(_contact, _same(_contact, "confirmed_by_id")),
        "superseded": Expansion(
            _before, _same(_before, "id", "realisation_id"), many=True, order_by=_before.c.recorded_at,
            values=_figures(_before),
        ),
    },
)  # fmt: skip
