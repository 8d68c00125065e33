"""Surveys, invitations and responses as resources: what a list can show, sort and ask for."""

from typing import Any, Final

import sqlalchemy as sa

from api.accounts.models import Account
from api.contacts.models import Contact
from api.kit.resources import Condition, Expansion, Resource
from api.surveys.models import Survey, SurveyInvitation, SurveyResponse

_survey: sa.Table = Survey.__table__  # type: ignore[attr-defined]
_invitation: sa.Table = SurveyInvitation.__table__  # type: ignore[attr-defined]
_response: sa.Table = SurveyResponse.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_contact: sa.Table = Contact.__table__  # type: ignore[attr-defined]


def _same(left: Any, right: Any, *pairs: tuple[str, str]) -> Condition:  # noqa: ANN401
    return sa.and_(left.c.workspace_id == right.c.workspace_id, *(left.c[a] == right.c[b] for a, b in pairs))


def _people(table: sa.Table) -> dict[str, Expansion]:
    return {
        "contact": Expansion(_contact, _same(_contact, table, ("id", "contact_id"))),
        "account": Expansion(_account, _same(_account, table, ("id", "account_id"))),
    }


_of_invitation = _survey.alias("of_invitation")
_of_response = _survey.alias("of_response")
_low = sa.func.coalesce(_response.c.score <= _of_response.c.low_at_most, sa.false())

SURVEYS: Final = Resource(
    "survey",
    Survey,
    values={"scale_min": sa.case((_survey.c.kind == sa.literal_column("'nps'"), sa.literal_column("0")), else_=1)},
    sorts={"name": _survey.c.name, "created_at": _survey.c.created_at},
    upsert_key="external_id",
)
INVITATIONS: Final = Resource(
    "survey_invitation",
    SurveyInvitation,
    values={"kind": _of_invitation.c.kind},
    joins=((_of_invitation, _same(_of_invitation, _invitation, ("id", "survey_id"))),),
    sorts={"due_on": _invitation.c.due_on, "created_at": _invitation.c.created_at},
    default_sort="-due_on",
    filters={
        "due_after": lambda day: _invitation.c.due_on >= sa.cast(day, sa.Date()),
        "due_before": lambda day: _invitation.c.due_on < sa.cast(day, sa.Date()),
    },
    expands=_people(_invitation),
)
RESPONSES: Final = Resource(
    "survey_response",
    SurveyResponse,
    values={"kind": _of_response.c.kind, "low": _low},
    joins=((_of_response, _same(_of_response, _response, ("id", "survey_id"))),),
    sorts={
        "answered_at": _response.c.answered_at,
        "recorded_at": _response.c.recorded_at,
        "score": _response.c.score,
    },
    default_sort="-answered_at",
    filters={"low": lambda value: _low == sa.cast(value, sa.Boolean)},
    expands=_people(_response),
    upsert_key="external_id",
)
