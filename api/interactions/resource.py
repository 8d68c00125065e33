"""Interactions as a resource: what a list can show, sort and ask for."""

from typing import Any, Final

import sqlalchemy as sa

from api.accounts.models import Account
from api.auth.models import User
from api.contacts.models import Contact
from api.interactions.models import Attendee, Interaction
from api.kit.resources import Condition, Expansion, Resource
from api.tasks.models import Task, TaskOrigin
from api.tasks.resource import TASKS

_interaction: sa.Table = Interaction.__table__  # type: ignore[attr-defined]
_attendee: sa.Table = Attendee.__table__  # type: ignore[attr-defined]
_task: sa.Table = Task.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_contact: sa.Table = Contact.__table__  # type: ignore[attr-defined]
_user: sa.Table = User.__table__  # type: ignore[attr-defined]


def _name_of(person: sa.Table, column: str) -> Any:  # noqa: ANN401
    return (
        sa.select(person.c.name)
        .where(person.c.workspace_id == _attendee.c.workspace_id, person.c.id == _attendee.c[column])
        .correlate(_attendee)
        .scalar_subquery()
    )


def _attended(column: str) -> Any:  # noqa: ANN401
    def by(value: sa.BindParameter[Any]) -> Condition:
        there = _attendee.alias("there")
        return sa.exists().where(
            there.c.workspace_id == _interaction.c.workspace_id,
            there.c.interaction_id == _interaction.c.id,
            there.c.superseded_at.is_(None),
            there.c[column] == sa.any_(sa.cast(value, sa.dialects.postgresql.ARRAY(sa.Uuid()))),
        )

    return by


INTERACTIONS: Final = Resource(
    "interaction",
    Interaction,
    sorts={"occurred_at": _interaction.c.occurred_at, "created_at": _interaction.c.created_at},
    default_sort="-occurred_at",
    filters={
        "contact_id": _attended("contact_id"),
        "user_id": _attended("user_id"),
        "shared": lambda value: _interaction.c.shared_at.is_not(None) == sa.cast(value, sa.Boolean),
    },
    search_text=_interaction.c.search_text,
    upsert_key="external_id",
    expands={
        "account": Expansion(
            _account,
            sa.and_(_account.c.workspace_id == _interaction.c.workspace_id, _account.c.id == _interaction.c.account_id),
        ),
        "attendees": Expansion(
            _attendee,
            sa.and_(
                _attendee.c.workspace_id == _interaction.c.workspace_id,
                _attendee.c.interaction_id == _interaction.c.id,
                _attendee.c.superseded_at.is_(None),
            ),
            many=True,
            values={"name": sa.func.coalesce(_name_of(_contact, "contact_id"), _name_of(_user, "user_id"))},
        ),
        "tasks": Expansion(
            _task,
            sa.and_(
                _task.c.workspace_id == _interaction.c.workspace_id,
                _task.c.origin_kind == sa.literal_column(f"'{TaskOrigin.interaction.value}'"),
                _task.c.origin_id == _interaction.c.id,
                _task.c.archived_at.is_(None),
            ),
            many=True,
            values={"overdue": TASKS.value("overdue")},
        ),
    },
)
