"""Tasks as a resource: what a list can show, sort and ask for."""

from typing import Any, Final

import sqlalchemy as sa

from api.accounts.models import Account
from api.auth.models import User
from api.kit.resources import NOW, Expansion, Resource
from api.tasks.models import NOT_OVER, Task

_task: sa.Table = Task.__table__  # type: ignore[attr-defined]


def _one(model: Any, column: str) -> Expansion:  # noqa: ANN401
    alias = model.__table__.alias(column.removesuffix("_id"))
    return Expansion(alias, sa.and_(alias.c.workspace_id == _task.c.workspace_id, alias.c.id == _task.c[column]))


# Not one array parameter: a written-out list lets Postgres see that it is the condition of the partial index.
_is_over = _task.c.state.not_in([sa.literal_column(f"'{state}'", sa.Text()) for state in NOT_OVER])
_overdue = sa.and_(sa.not_(_is_over), _task.c.due_sort <= NOW)
_sla_ends = _task.c.created_at + sa.func.make_interval(
    *(sa.literal_column("0") for _ in range(5)), _task.c.sla_minutes, type_=sa.Interval()
)

TASKS: Final = Resource(
    "task",
    Task,
    values={
        "origin": sa.func.json_build_object(
            sa.literal_column("'kind'"), _task.c.origin_kind, sa.literal_column("'id'"), _task.c.origin_id
        ),
        "overdue": _overdue,
        "sla_met": sa.case(
            (_task.c.completed_at.is_not(None), _task.c.completed_at <= _sla_ends),
            (sa.and_(sa.not_(_is_over), _sla_ends <= NOW), sa.false()),
            else_=sa.null(),
        ),
        "due": _task.c.due_on,
    },
    sorts={"due": _task.c.due_sort, "created_at": _task.c.created_at},
    filters={"over": lambda value: _is_over == sa.cast(value, sa.Boolean)},
    search_text=_task.c.search_text,
    expands={
        "account": _one(Account, "account_id"),
        "owner": _one(User, "owner_id"),
        "completed_by_user": _one(User, "completed_by"),
        "checked_by_user": _one(User, "checked_by"),
    },
)
