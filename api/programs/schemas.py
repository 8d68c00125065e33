"""Shapes of programs."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    MISSING,
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from api.accounts.schemas import AccountSummary, UserSummary
from api.contacts.schemas import ContactSummary
from api.kit.schemas import (
    Count,
    Day,
    Input,
    Line,
    ListQuery,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    SearchText,
    Text,
    clean_text,
    refused,
    shown,
)
from api.programs import examples
from api.programs.models import ParticipantState, ProgramKind, ProgramState, ResultKind

WebAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^https?://[^\s]+$"),
    AfterValidator(clean_text),
]
EndsBefore = Annotated[Day, Field(description="The first day after it.")]
Effort = Annotated[Count, Field(description="Minutes that our people spent on it.")]


class ResultWrite(Input):
    """What came of a co-creation: a record of ours, or an address."""

    kind: ResultKind
    id: UUID | None = None
    url: WebAddress | None = None
    title: Line = ""

    @model_validator(mode="after")
    def _points_somewhere(self) -> Self:
        if self.id is None and self.url is None:
            raise refused("Send an id or a URL", "id か url のどちらかを送ってください")
        return self


Results = Annotated[list[ResultWrite], Field(max_length=100, description="Of a co-creation: what came of it.")]


class ProgramCreate(Input):
    """A program to plan."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PROGRAM_CREATE))

    name: Name
    kind: ProgramKind
    description: Text = ""
    state: ProgramState = ProgramState.planned
    owner_id: UUID | None = None
    starts_on: Day
    ends_before: EndsBefore | None = None
    url: WebAddress | None = None
    effort_minutes: Effort | None = None
    results: Results = []


class ProgramUpdate(Input):
    """Changes to a program; absent fields stay, null clears, `results` are replaced."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PROGRAM_UPDATE))

    name: Name | MISSING = MISSING
    kind: ProgramKind | MISSING = MISSING
    description: Text | MISSING = MISSING
    state: ProgramState | MISSING = MISSING
    owner_id: UUID | None | MISSING = MISSING
    starts_on: Day | MISSING = MISSING
    ends_before: EndsBefore | None | MISSING = MISSING
    url: WebAddress | None | MISSING = MISSING
    effort_minutes: Effort | None | MISSING = MISSING
    results: Results | MISSING = MISSING


class ParticipantWrite(Input):
    """An account, or one of its contacts, and how far it is."""

    account_id: UUID | None = Field(default=None, description="A contact's account need not be named.")
    contact_id: UUID | None = None
    state: ParticipantState
    outcome: Text | None = Field(default=None, description="Absent: the outcome noted before stays.")

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if self.account_id is None and self.contact_id is None:
            raise refused("Send an account or a contact", "account_id か contact_id を送ってください")
        return self


class ParticipantsWrite(Input):
    """Participants to add or to change."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PARTICIPANTS_WRITE))

    items: Annotated[list[ParticipantWrite], Field(min_length=1, max_length=5000)]


class ParticipantsChanged(Read):
    """What became of the participants."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PARTICIPANTS_CHANGED))

    created: int
    updated: int
    unchanged: int


class ResultRead(Read):
    """What came of a co-creation."""

    kind: ResultKind
    id: UUID | None
    url: str | None
    title: str


class Participation(Read):
    """How many accounts take part, and how many participants are how far."""

    accounts: int
    invited: int
    registered: int
    attended: int
    completed: int
    dropped: int


class ProgramSummary(Read):
    """A program, in short."""

    id: UUID
    name: str
    kind: ProgramKind
    state: ProgramState
    starts_on: dt.date


class ProgramRead(RecordRead):
    """Work for many accounts at once."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PROGRAM_READ))

    name: str
    kind: ProgramKind
    description: str
    state: ProgramState
    owner_id: UUID | None
    starts_on: dt.date
    ends_before: dt.date | None
    url: str | None
    effort_minutes: int | None
    results: list[ResultRead]
    owner: UserSummary | None | MISSING = MISSING
    participation: Participation | MISSING = MISSING


class ProgramSort(StrEnum):
    """The orders of a list of programs."""

    starts_on = "starts_on"
    starts_on_down = "-starts_on"
    name = "name"
    name_down = "-name"


class ProgramQuery(RecordQuery):
    """The programs to list."""

    sort: ProgramSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Text in name or description.")
    kind: list[ProgramKind] | MISSING = MISSING
    state: list[ProgramState] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    starts_after: Day | MISSING = MISSING
    starts_before: Day | MISSING = MISSING


class ProgramPage(Page[ProgramRead]):
    """One page of programs, the latest first."""


class ParticipantRead(Read):
    """An account, or one of its contacts, in a program."""

    id: UUID
    program_id: UUID
    account_id: UUID
    contact_id: UUID | None
    state: ParticipantState
    outcome: str | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    program: ProgramSummary | MISSING = MISSING
    account: AccountSummary | MISSING = MISSING
    contact: ContactSummary | None | MISSING = MISSING


class ParticipantSort(StrEnum):
    """The orders of a list of participants."""

    created_at = "created_at"
    created_at_down = "-created_at"


class ParticipantQuery(ListQuery):
    """The participants to list."""

    sort: ParticipantSort | MISSING = MISSING
    program_id: list[UUID] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    state: list[ParticipantState] | MISSING = MISSING


class ParticipantPage(Page[ParticipantRead]):
    """One page of participants, the latest first."""
