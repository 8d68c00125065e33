"""Shapes of signals."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, StringConstraints

from api.accounts.schemas import AccountSummary
from api.kit.schemas import (
    Day,
    ExternalId,
    Input,
    JsonObject,
    Key,
    Line,
    Moment,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    Text,
    shown,
)
from api.signals import examples
from api.signals.kinds import SignalKind
from api.signals.models import NewsCategory, SignalSeverity, SignalStatus
from api.tasks.models import TaskPriority
from api.tasks.schemas import DueAt, DueOn, SlaMinutes

WebAddress = Annotated[str, StringConstraints(pattern=r'^https?://[^\s<>"]+$', max_length=2000)]


class NewsCreate(Input):
    """News of a customer that another system has found."""

    model_config = ConfigDict(json_schema_extra=shown(examples.NEWS_CREATE))

    account_id: UUID
    roadmap_id: UUID | None = Field(default=None, description="A roadmap of the account that it matters to.")
    category: NewsCategory
    title: Name = Field(description="The headline.")
    url: WebAddress | None = None
    source: Key = Field(description="The system that found it.")
    external_id: ExternalId = Field(description="The source's id of it: posted again, it is the same signal.")
    occurred_on: Day
    severity: SignalSeverity = SignalSeverity.info


class SignalDismiss(Input):
    """Why a signal is nothing to act on, and for how long it shall not be raised again."""

    model_config = ConfigDict(json_schema_extra=shown(examples.DISMISS))

    reason: Annotated[Line, Field(min_length=1)]
    snooze_days: Annotated[int, Field(strict=True, ge=1, le=400)] = Field(
        default=30,
        description="While the cause lasts no new signal is opened for so many days, unless it gets more severe.",
    )


class SignalAttach(Input):
    """The roadmap that a signal matters to; null takes it off."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ATTACH))

    roadmap_id: UUID | None


class SignalTask(Input):
    """The task to open for a signal. Without an owner it goes to the account's."""

    model_config = ConfigDict(json_schema_extra=shown(examples.OPEN_TASK))

    title: Name
    detail: Text = ""
    owner_id: UUID | None = None
    due_on: DueOn | None = None
    due_at: DueAt | None = None
    sla_minutes: SlaMinutes | None = None
    priority: TaskPriority = TaskPriority.normal


class SignalRead(RecordRead):
    """Something noticed about an account."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SIGNAL_READ))

    account_id: UUID
    roadmap_id: UUID | None = Field(description="The roadmap that somebody attached it to.")
    owner_id: UUID | None = Field(description="The account's owner.")
    kind: SignalKind
    subject: str = Field(description="Tells several causes of one kind apart, such as a contract's id; else empty.")
    rule_version: int = Field(description="The version of the rule that saw it last; 0 for the kind's defaults.")
    severity: SignalSeverity
    status: SignalStatus
    evidence: dict[str, Any] = Field(description="Numbers, days and ids, by kind.")
    title: str | None = Field(description="Of news, like what follows.")
    url: str | None
    source: str | None
    external_id: str | None
    category: NewsCategory | None
    occurred_on: dt.date | None
    first_seen_at: AwareDatetime
    last_seen_at: AwareDatetime = Field(description="Refreshed once a day while nothing changes.")
    acknowledged_at: AwareDatetime | None
    acknowledged_by_id: UUID | None
    resolved_at: AwareDatetime | None
    resolved_by_id: UUID | None = Field(description="Null also when it resolved by itself, or an API key did it.")
    resolved_by_itself: bool = Field(description="The cause is gone.")
    dismissed_at: AwareDatetime | None
    dismissed_by_id: UUID | None
    dismiss_reason: str | None
    snoozed_until: AwareDatetime | None
    account: AccountSummary | MISSING = MISSING


class SignalSort(StrEnum):
    """The orders of a list of signals."""

    first_seen_at = "first_seen_at"
    first_seen_at_down = "-first_seen_at"
    last_seen_at = "last_seen_at"
    last_seen_at_down = "-last_seen_at"


class SignalQuery(RecordQuery):
    """The signals to list."""

    sort: SignalSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    roadmap_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = Field(default=MISSING, description="The accounts' owners.")
    kind: list[SignalKind] | MISSING = MISSING
    severity: list[SignalSeverity] | MISSING = MISSING
    status: list[SignalStatus] | MISSING = MISSING
    category: list[NewsCategory] | MISSING = MISSING
    first_seen_after: Moment | MISSING = MISSING
    first_seen_before: Moment | MISSING = MISSING


class SignalPage(Page[SignalRead]):
    """One page of signals, those noticed last first."""


class SegmentThresholds(Input):
    """What holds for a segment's accounts; what is left out is as for all others."""

    segment_id: UUID
    enabled: Annotated[bool, Field(strict=True)] = True
    severity: SignalSeverity | None = None
    parameters: JsonObject = {}


class SignalRuleSet(Input):
    """What a workspace sets of a kind; what is left out has the kind's default."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RULE_SET))

    enabled: Annotated[bool, Field(strict=True)] = True
    severity: SignalSeverity | None = None
    parameters: JsonObject = Field(default={}, description="Those of `parameters_schema`.")
    segments: list[SegmentThresholds] = Field(
        default=[], max_length=20, description="The first segment that an account is in counts."
    )


class KindName(Read):
    """What a kind is called."""

    en: str
    ja: str


class SegmentThresholdsRead(Read):
    """What holds for a segment's accounts."""

    segment_id: UUID
    enabled: bool
    severity: SignalSeverity
    parameters: dict[str, Any]


class SignalRuleRead(Read):
    """A kind of signal, and from which thresholds on it is raised."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RULE_READ))

    kind: SignalKind
    name: KindName
    version: int = Field(description="Grows with each change; 0 when it was never set.")
    enabled: bool
    severity: SignalSeverity
    parameters: dict[str, Any] = Field(description="As they hold, defaults included.")
    defaults: dict[str, Any]
    parameters_schema: dict[str, Any] = Field(description="JSON Schema of the parameters.")
    segments: list[SegmentThresholdsRead]


class SignalRulesRead(Read):
    """All kinds of signals."""

    data: list[SignalRuleRead]


class SignalOutlook(Read):
    """What a rule would find now, beside the signals that are open."""

    accounts: int
    signals: int = Field(description="Causes found; an account can have several.")
    would_open: int = Field(description="Causes without an open signal, those that are snoozed included.")
    would_resolve: int = Field(description="Open signals whose cause the rule does not find.")
    info: int
    warning: int
    critical: int
