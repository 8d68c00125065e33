"""Shapes of candidates for new cases."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.accounts.schemas import AccountSummary
from api.kit.schemas import Input, Line, ListQuery, Moment, Page, RecordRead, Text, shown
from api.reference_cases import request_examples as examples
from api.reference_cases.case_schemas import Initiatives, Outcomes
from api.reference_cases.request_models import CandidateKind, CandidateState


class CandidateAccept(Input):
    """The case to draft for a candidate."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CANDIDATE_ACCEPT))

    initiative_ids: Initiatives
    outcomes: Outcomes = []
    title_ja: Line = ""
    title_en: Line = ""
    summary_ja: Text = ""
    summary_en: Text = ""


class CandidateDismiss(Input):
    """Why a candidate makes no case."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CANDIDATE_DISMISS))

    reason: Annotated[Line, Field(min_length=1)]


class ReferenceCandidateRead(RecordRead):
    """An account that has a story to tell, as an event said."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CANDIDATE_READ))

    account_id: UUID
    owner_id: UUID | None = Field(description="The account's owner.")
    kind: CandidateKind
    event_id: UUID | None = Field(description="The event that told it.")
    evidence: dict[str, Any]
    state: CandidateState
    noticed_at: AwareDatetime
    closed_at: AwareDatetime | None
    case_id: UUID | None = Field(description="The case that was drafted for it.")
    dismiss_reason: str | None
    account: AccountSummary | MISSING = MISSING


class CandidateSort(StrEnum):
    """The orders of a list of candidates."""

    noticed_at = "noticed_at"
    noticed_at_down = "-noticed_at"


class ReferenceCandidateQuery(ListQuery):
    """The candidates to list."""

    sort: CandidateSort | MISSING = MISSING
    state: list[CandidateState] | MISSING = MISSING
    kind: list[CandidateKind] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = Field(default=MISSING, description="The accounts' owners.")
    noticed_after: Moment | MISSING = MISSING


class ReferenceCandidatePage(Page[ReferenceCandidateRead]):
    """One page of candidates, the latest first."""
