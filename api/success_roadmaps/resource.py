"""Roadmaps and their parts as resources: what a list can show, sort and ask for."""

import datetime as dt
from typing import Any, Final

import sqlalchemy as sa

from api.accounts.models import Account
from api.auth.models import User, Workspace
from api.contacts.models import Contact
from api.kit.resources import NOW, Expansion, Resource
from api.success_roadmaps.history_models import RoadmapTemplate, RoadmapTemplateVersion
from api.success_roadmaps.models import (
    OPEN,
    RoadmapGoal,
    RoadmapHypothesis,
    RoadmapMilestone,
    RoadmapReview,
    SuccessRoadmap,
)

_workspace: sa.Table = Workspace.__table__  # type: ignore[attr-defined]
_roadmap: sa.Table = SuccessRoadmap.__table__  # type: ignore[attr-defined]
_goal: sa.Table = RoadmapGoal.__table__  # type: ignore[attr-defined]
_milestone: sa.Table = RoadmapMilestone.__table__  # type: ignore[attr-defined]
_template: sa.Table = RoadmapTemplate.__table__  # type: ignore[attr-defined]
_version: sa.Table = RoadmapTemplateVersion.__table__  # type: ignore[attr-defined]


def one(parent: sa.Table, model: Any, column: str) -> Expansion:  # noqa: ANN401
    """The row that ``column`` refers to, as an expansion."""
    alias = model.__table__.alias(column.removesuffix("_id"))
    return Expansion(alias, sa.and_(alias.c.workspace_id == parent.c.workspace_id, alias.c.id == parent.c[column]))


def _in(column: sa.ColumnElement[Any], values: tuple[str, ...]) -> sa.ColumnElement[bool]:
    return column.in_([sa.literal_column(f"'{value}'", sa.Text()) for value in values])


def _today(row: sa.Table) -> sa.ColumnElement[dt.date]:
    """The workspace's day."""
    zone = sa.select(_workspace.c.time_zone).where(_workspace.c.workspace_id == row.c.workspace_id).correlate(row)
    return sa.cast(sa.func.timezone(zone.scalar_subquery(), NOW), sa.Date())


_open = _in(_roadmap.c.state, OPEN)

ROADMAPS: Final = Resource(
    "success_roadmap",
    SuccessRoadmap,
    values={
        "open": _open,
        "due": _roadmap.c.due_on,
        "next_review": _roadmap.c.next_review_on,
        "review_overdue": sa.and_(
            _open, _roadmap.c.next_review_on.is_not(None), _roadmap.c.review_sort < _today(_roadmap)
        ),
        "template_id": sa.select(_version.c.template_id)
        .where(_version.c.workspace_id == _roadmap.c.workspace_id, _version.c.id == _roadmap.c.template_version_id)
        .correlate(_roadmap)
        .scalar_subquery(),
        "template_version": sa.select(_version.c.number)
        .where(_version.c.workspace_id == _roadmap.c.workspace_id, _version.c.id == _roadmap.c.template_version_id)
        .correlate(_roadmap)
        .scalar_subquery(),
    },
    sorts={
        "due_on": _roadmap.c.due_on,
        "name": _roadmap.c.name,
        "next_review_on": _roadmap.c.review_sort,
        "created_at": _roadmap.c.created_at,
    },
    search_text=_roadmap.c.search_text,
    expands={
        "account": one(_roadmap, Account, "account_id"),
        "owner": one(_roadmap, User, "owner_id"),
        "contact": one(_roadmap, Contact, "contact_id"),
    },
)
GOALS: Final = Resource(
    "roadmap_goal",
    RoadmapGoal,
    values={
        "agreed": _goal.c.agreed_at.is_not(None),
        "due": _goal.c.due_on,
    },
    sorts={"due_on": _goal.c.due_sort, "created_at": _goal.c.created_at},
    search_text=_goal.c.search_text,
    expands={
        "roadmap": one(_goal, SuccessRoadmap, "roadmap_id"),
        "account": one(_goal, Account, "account_id"),
        "owner": one(_goal, User, "owner_id"),
        "contact": one(_goal, Contact, "contact_id"),
        "agreed_by": one(_goal, Contact, "agreed_by_id"),
    },
)
_overdue = sa.and_(_milestone.c.reached_on.is_(None), _milestone.c.due_sort < _today(_milestone))
MILESTONES: Final = Resource(
    "roadmap_milestone",
    RoadmapMilestone,
    values={
        "reached": _milestone.c.reached_on.is_not(None),
        "blocked": sa.and_(_milestone.c.blocker.is_not(None), _milestone.c.reached_on.is_(None)),
        "overdue": _overdue,
        "due": _milestone.c.due_on,
    },
    sorts={"due_on": _milestone.c.due_sort, "created_at": _milestone.c.created_at},
    expands={
        "roadmap": one(_milestone, SuccessRoadmap, "roadmap_id"),
        "goal": one(_milestone, RoadmapGoal, "goal_id"),
        "account": one(_milestone, Account, "account_id"),
    },
)
HYPOTHESES: Final = Resource("roadmap_hypothesis", RoadmapHypothesis)
REVIEWS: Final = Resource("roadmap_review", RoadmapReview)
TEMPLATES: Final = Resource(
    "roadmap_template",
    RoadmapTemplate,
    values={
        "definition": sa.select(_version.c.definition)
        .where(
            _version.c.workspace_id == _template.c.workspace_id,
            _version.c.template_id == _template.c.id,
            _version.c.number == _template.c.newest,
        )
        .correlate(_template)
        .scalar_subquery(),
    },
    sorts={"name": _template.c.name, "created_at": _template.c.created_at},
    search_text=_template.c.search_text,
    expands={
        "versions": Expansion(
            _version,
            sa.and_(_version.c.workspace_id == _template.c.workspace_id, _version.c.template_id == _template.c.id),
            many=True,
            order_by=_version.c.number.desc(),
        )
    },
)
