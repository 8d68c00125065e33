"""Tables of health."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from api.accounts.models import Phase
from api.kit import clock
from api.kit.tables import (
    DISTRIBUTED,
    Record,
    Row,
    belongs_to,
    empty_list,
    in_workspace,
    index,
    json_column,
    one_of,
    unique,
)


class ModelState(StrEnum):
    """The life of a version of a health model."""

    draft = "draft"
    backtested = "backtested"
    shadow = "shadow"
    active = "active"
    retired = "retired"


class ScoreKind(StrEnum):
    """Why a snapshot was taken. Figures use the weekly ones; a shadow model's count for nothing yet."""

    weekly = "weekly"
    on_demand = "on_demand"
    shadow = "shadow"


class JobState(StrEnum):
    """The states of a run of scores, or of a backtest."""

    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"


class Label(StrEnum):
    """The outcome that a backtest looks for."""

    churn = "churn"
    contraction = "contraction"
    churn_report = "churn_report"
    onboarding_not_completed = "onboarding_not_completed"


class MaturityCause(StrEnum):
    """Why an account's maturity changed."""

    criteria_met = "criteria_met"
    contact_changed = "contact_changed"
    contact_change_reverted = "contact_change_reverted"
    goals_confirmed = "goals_confirmed"


class HealthModel(Record, table=True):
    """A version of a health model. Versions of one model share its name."""

    __tablename__ = "health_models"
    __table_args__ = (
        in_workspace(),
        belongs_to("segment_id", "segments"),
        unique("name", "number"),
        index("created_at", "id"),
        index("name", "id"),
        index("state", "name", "id"),
        sa.Index(
            "uq_health_models_active", "workspace_id", "name", unique=True,
            postgresql_where=sa.text("state = 'active'"),
        ),
        one_of("state", ModelState),
        DISTRIBUTED,
    )  # fmt: skip

    name: str
    number: int
    description: str = ""
    state: str = ModelState.draft.value
    priority: int = 100
    phases: list[str] = Field(sa_type=ARRAY(sa.Text), nullable=False)
    segment_id: UUID | None = None
    definition: dict[str, Any] = json_column()
    definition_hash: str
    activated_at: dt.datetime | None = None
    retired_at: dt.datetime | None = None
    passed_backtest_id: UUID | None = None
    override_reason: str | None = None
    overridden_by_id: UUID | None = None


class HealthScore(Row, table=True):
    """A snapshot. ``raws``, ``points`` and ``missing`` stand in the order of the model's components."""

    __tablename__ = "health_scores"
    __table_args__ = (
        # Stays with the account it was taken of, also after a merger.
        sa.ForeignKeyConstraint(
            ["workspace_id", "account_id"], ["accounts.workspace_id", "accounts.id"], info={"stays": True}
        ),
        belongs_to("model_id", "health_models"),
        index("account_id", "as_of", "id"),
        index("as_of", "id"),
        sa.Index(
            "uq_health_scores_weekly", "workspace_id", "account_id", "as_of", unique=True,
            postgresql_where=sa.text("kind = 'weekly'"),
        ),
        one_of("kind", ScoreKind),
        one_of("phase", Phase),
        DISTRIBUTED,
    )  # fmt: skip

    account_id: UUID
    model_id: UUID
    kind: str
    as_of: dt.date
    phase: str
    score: float | None = None
    band: str | None = None
    recent: float | None = None
    state: int | None = None
    maturity: int | None = None
    usable_weight: float
    raws: list[float | None] = Field(sa_type=ARRAY(sa.Double), nullable=False)
    points: list[float | None] = Field(sa_type=ARRAY(sa.Double), nullable=False)
    missing: list[str | None] = Field(sa_type=ARRAY(sa.Text), nullable=False)
    recorded_at: dt.datetime = Field(default_factory=clock.now)


class HealthScoreRun(Record, table=True):
    """Scores of all accounts of the workspace, taken by a job."""

    __tablename__ = "health_score_runs"
    __table_args__ = (in_workspace(), index("created_at", "id"), one_of("state", JobState), DISTRIBUTED)

    kind: str = ScoreKind.on_demand.value
    as_of: dt.date
    state: str = JobState.running.value
    model_ids: list[UUID] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Uuid), nullable=False)
    models_total: int = 0
    models_done: int = 0
    accounts_scored: int = 0
    accounts_unscored: int = 0
    transitions: int = 0
    finished_at: dt.datetime | None = None


class AccountMaturity(SQLModel, table=True):
    """How far an account has come. Without a row it stands on level 1."""

    __tablename__ = "account_maturity"
    __table_args__ = (belongs_to("account_id", "accounts", on_delete="CASCADE"), {**DISTRIBUTED})

    workspace_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    level: int
    since: dt.date
    evidence_from: dt.date | None = None
    unconfirmed: bool = False


class MaturityChange(Row, table=True):
    """One step of an account's maturity, and why."""

    __tablename__ = "maturity_changes"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        index("account_id", "recorded_at", "id"),
        one_of("cause", MaturityCause),
        DISTRIBUTED,
    )

    account_id: UUID
    from_level: int
    to_level: int
    day: dt.date
    cause: str
    change_id: UUID | None = None
    recorded_at: dt.datetime = Field(default_factory=clock.now)


class CsmPulse(Row, table=True):
    """What the person who looks after an account feels about it, 1 (bad) to 5 (good)."""

    __tablename__ = "csm_pulses"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        index("account_id", "day", "id"),
        index("day", "id"),
        DISTRIBUTED,
    )

    account_id: UUID
    value: int
    comment: str = ""
    day: dt.date
    given_by_id: UUID | None = None
    recorded_at: dt.datetime = Field(default_factory=clock.now)


class Backtest(Record, table=True):
    """A model's scores as of past weeks, from what was known then, against what came."""

    __tablename__ = "backtests"
    __table_args__ = (
        belongs_to("model_id", "health_models"),
        belongs_to("compared_model_id", "health_models"),
        index("created_at", "id"),
        index("model_id", "created_at", "id"),
        one_of("state", JobState),
        one_of("label", Label),
        DISTRIBUTED,
    )

    model_id: UUID
    compared_model_id: UUID | None = None
    definition_hash: str
    label: str = Label.churn.value
    horizon_days: int = 90
    weeks: int = 52
    until: dt.date | None = None
    seed: int = 1
    state: str = JobState.running.value
    weeks_done: int = 0
    passed: bool | None = None
    failed_criteria: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    report: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    finished_at: dt.datetime | None = None
