"""Tables of reference requests, of the asks made for them, and of candidates for new cases."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from api.kit import clock
from api.kit.tables import DISTRIBUTED, Record, belongs_to, in_workspace, index, json_column, one_of, personal, unique
from api.reference_cases.consent_models import Act


class RequestState(StrEnum):
    """How far a request is."""

    open = "open"
    fulfilled = "fulfilled"
    cancelled = "cancelled"


class RequestOutcome(StrEnum):
    """What became of the deal."""

    won = "won"
    lost = "lost"
    undecided = "undecided"


class LiveAct(StrEnum):
    """The acts for which somebody must be asked."""

    call = "call"
    visit = "visit"
    speak = "speak"


class AskState(StrEnum):
    """How far an ask is; a released one was never made."""

    reserved = "reserved"
    accepted = "accepted"
    declined = "declined"
    done = "done"
    released = "released"


class ReferenceRequest(Record, table=True):
    """Somebody needs a reference for a prospect."""

    __tablename__ = "reference_requests"
    __table_args__ = (
        in_workspace(),
        belongs_to("requested_by_id", "users"),
        belongs_to("initiative_id", "initiatives"),
        belongs_to("metric_id", "outcome_metrics"),
        index("created_at", "id"),
        index("due_on", "id"),
        index("state", "due_on", "id"),
        one_of("state", RequestState),
        one_of("outcome", RequestOutcome),
        one_of("act", LiveAct),
        DISTRIBUTED,
    )

    requested_by_id: UUID | None = None
    prospect: str
    prospect_domain: str | None = None
    industry: str | None = None
    employee_count: int | None = None
    initiative_id: UUID | None = None
    metric_id: UUID | None = None
    act: str
    language: str | None = None
    due_on: dt.date
    note: str = ""
    state: str = RequestState.open.value
    outcome: str | None = None
    influenced_mrr_minor: int | None = Field(default=None, sa_type=sa.BigInteger)
    influenced_mrr_currency: str | None = None
    closed_at: dt.datetime | None = None


class ReferenceAsk(Record, table=True):
    """One customer asked for one request. While it is not released it counts towards how often we ask."""

    __tablename__ = "reference_asks"
    __table_args__ = (
        belongs_to("request_id", "reference_requests"),
        belongs_to("account_id", "accounts"),
        belongs_to("contact_id", "contacts"),
        belongs_to("case_id", "reference_cases"),
        index("request_id", "reserved_at", "id"),
        index("account_id", "reserved_at", "id"),
        index("contact_id", "reserved_at"),
        index("reserved_at", "id"),
        one_of("act", Act),
        one_of("state", AskState),
        DISTRIBUTED,
    )

    request_id: UUID
    account_id: UUID
    contact_id: UUID | None = None
    case_id: UUID | None = None
    act: str
    state: str = AskState.reserved.value
    reserved_at: dt.datetime = Field(default_factory=clock.now)
    answered_at: dt.datetime | None = None
    released_at: dt.datetime | None = None
    note: str = personal(default="")


class CandidateKind(StrEnum):
    """What made an account a candidate for a case."""

    promoter = "promoter"
    target_met = "target_met"
    health_improved = "health_improved"
    usage_improved = "usage_improved"
    value_realised = "value_realised"


class CandidateState(StrEnum):
    """What became of a candidate."""

    open = "open"
    accepted = "accepted"
    dismissed = "dismissed"


class ReferenceCandidate(Record, table=True):
    """An account that has a story to tell, as an event said. At most one is open for an account and a kind."""

    __tablename__ = "reference_candidates"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("case_id", "reference_cases"),
        index("noticed_at", "id"),
        index("state", "noticed_at", "id"),
        index("account_id", "noticed_at", "id"),
        unique("account_id", "kind", where="state = 'open'"),
        one_of("kind", CandidateKind),
        one_of("state", CandidateState),
        DISTRIBUTED,
    )

    account_id: UUID
    kind: str
    event_id: UUID | None = None
    evidence: dict[str, Any] = json_column(default_factory=dict)
    state: str = CandidateState.open.value
    noticed_at: dt.datetime = Field(default_factory=clock.now)
    closed_at: dt.datetime | None = None
    case_id: UUID | None = None
    dismiss_reason: str | None = None


class CandidateProgress(SQLModel, table=True):
    """Up to which event candidates were taken from the log."""

    __tablename__ = "reference_candidate_progress"
    __table_args__ = (in_workspace(), {**DISTRIBUTED})

    workspace_id: UUID = Field(primary_key=True)
    position: int = Field(sa_type=sa.BigInteger)
