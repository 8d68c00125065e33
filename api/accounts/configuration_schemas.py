"""Shapes of segments, saved views, custom fields, policies and the account team."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, model_validator

from api.accounts import examples
from api.accounts.models import Phase, PolicyKind, TeamRole
from api.accounts.schemas import AccountSummary, UserSummary
from api.kit.custom_fields import FieldType
from api.kit.schemas import (
    Count,
    Day,
    Input,
    JsonObject,
    Key,
    Line,
    ListQuery,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    Text,
    refused,
    shown,
)

FilterObject = Annotated[
    JsonObject,
    Field(
        max_length=40,
        description="Filters of `GET /v1/accounts` as a JSON object; a list means any of its values.",
        examples=[{"phase": ["adoption"], "employee_count_min": 10, "custom": {"tier": ["gold"]}}],
    ),
]
Flag = Annotated[bool, Field(strict=True)]


class SegmentCreate(Input):
    """A segment to add."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SEGMENT_CREATE))

    name: Name
    description: Text = ""
    filter: FilterObject


class SegmentUpdate(Input):
    """Changes to a segment; another filter makes its next version."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SEGMENT_UPDATE))

    name: Name | MISSING = MISSING
    description: Text | MISSING = MISSING
    filter: FilterObject | MISSING = MISSING


class SegmentRead(RecordRead):
    """A segment."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SEGMENT_READ))

    name: str
    description: str
    filter: dict[str, Any]
    filter_version: int


class SegmentPage(Page[SegmentRead]):
    """One page of segments."""


class SegmentCount(Read):
    """How many accounts are in the segment now."""

    segment_id: UUID
    account_count: int


class SegmentVersionRead(Read):
    """What the filter was, and from when."""

    id: UUID
    segment_id: UUID
    filter_version: int
    filter: dict[str, Any]
    valid_from: AwareDatetime


class SegmentVersionPage(Page[SegmentVersionRead]):
    """One page of a segment's versions."""


class SavedViewCreate(Input):
    """A view to save."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SAVED_VIEW_CREATE))

    name: Name
    resource: Key = "accounts"
    query: JsonObject = Field(max_length=60, description="The list's query string as a JSON object, and columns.")
    shared: Flag = Field(default=False, description="Whether everyone in the workspace sees it.")


class SavedViewUpdate(Input):
    """Changes to a view."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SAVED_VIEW_UPDATE))

    name: Name | MISSING = MISSING
    query: Annotated[JsonObject, Field(max_length=60)] | MISSING = MISSING
    shared: Flag | MISSING = MISSING


class SavedViewRead(RecordRead):
    """A saved view."""

    user_id: UUID | None
    name: str
    resource: str
    query: dict[str, Any]
    shared: bool


class SavedViewPage(Page[SavedViewRead]):
    """One page of saved views."""


class SavedViewQuery(RecordQuery):
    """The views to list."""

    resource: list[Key] | MISSING = MISSING


class FlexibleResource(StrEnum):
    """The kinds of records that take custom fields."""

    account = "account"
    contact = "contact"


class CustomFieldCreate(Input):
    """A field to declare."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CUSTOM_FIELD_CREATE))

    resource: FlexibleResource
    key: Key
    label: Line
    type: FieldType
    options: list[Name] = Field(default=[], max_length=100)


class CustomFieldUpdate(Input):
    """Changes to a field; its key and type stay."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CUSTOM_FIELD_UPDATE))

    label: Line | MISSING = MISSING
    options: Annotated[list[Name], Field(max_length=100)] | MISSING = MISSING


class CustomFieldRead(RecordRead):
    """A declared field."""

    resource: FlexibleResource
    key: str
    label: str
    type: FieldType
    options: list[str]


class CustomFieldPage(Page[CustomFieldRead]):
    """One page of declared fields."""


class CustomFieldQuery(RecordQuery):
    """The fields to list."""

    resource: list[FlexibleResource] | MISSING = MISSING


class TeamMemberCreate(Input):
    """A user to put on the account's team."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TEAM_MEMBER_CREATE))

    user_id: UUID
    role: TeamRole
    starts_on: Day | MISSING = Field(default=MISSING, description="Default: today.")


class TeamMemberEnd(Input):
    """When the time in the role ends."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TEAM_MEMBER_END))

    ends_before: Day | MISSING = Field(default=MISSING, description="The first day without the role; default today.")


class TeamMemberRead(RecordRead):
    """A user's time in a role for an account."""

    account_id: UUID
    user_id: UUID
    role: TeamRole
    starts_on: dt.date
    ends_before: dt.date | None
    user: UserSummary | MISSING = MISSING
    account: AccountSummary | MISSING = MISSING


class TeamMemberPage(Page[TeamMemberRead]):
    """One page of team memberships."""


class TeamQuery(RecordQuery):
    """The team memberships to list."""

    account_id: list[UUID] | MISSING = MISSING
    user_id: list[UUID] | MISSING = MISSING
    role: list[TeamRole] | MISSING = MISSING
    current: bool | MISSING = Field(default=MISSING, description="True: without an end; false: with one.")
    on: Day | MISSING = Field(default=MISSING, description="Those in force on this day.")


class ScoreAxis(StrEnum):
    """The score on a two-axes policy's first axis."""

    importance = "importance"
    health_score = "health_score"
    icp_fit = "icp_fit"


class PolicyRule(Input):
    """One rule: which accounts, and the pool of users who share them."""

    user_ids: list[UUID] = Field(min_length=1, max_length=100)
    size_band: Key | MISSING = Field(default=MISSING, description="For the kind `size`.")
    phase: Phase | MISSING = Field(default=MISSING, description="For the kind `phase`.")
    score_min: Annotated[float, Field(allow_inf_nan=False, strict=True)] | MISSING = MISSING
    score_max: Annotated[float, Field(allow_inf_nan=False, strict=True)] | MISSING = MISSING
    months_min: Count | MISSING = Field(default=MISSING, description="Contract length from (months, inclusive).")
    months_max: Count | MISSING = Field(default=MISSING, description="Contract length to (exclusive).")


def _check_rules(kind: PolicyKind, rules: list[PolicyRule]) -> None:
    needed = {PolicyKind.size: {"size_band"}, PolicyKind.phase: {"phase"}}.get(kind, set())
    axes = {"score_min", "score_max", "months_min", "months_max"}
    for place, rule in enumerate(rules):
        given = rule.model_fields_set - {"user_ids"}
        fits = given == needed if needed else given and given <= axes
        if not fits:
            wanted = ", ".join(sorted(needed or axes))
            raise refused(
                f"rules/{place}: the kind {kind} takes {wanted}",
                f"rules/{place}: {kind} には {wanted} を指定してください",
            )


class PolicyCreate(Input):
    """A policy to add. It does nothing until it is applied."""

    model_config = ConfigDict(json_schema_extra=shown(examples.POLICY_CREATE))

    name: Name
    kind: PolicyKind
    role: TeamRole = TeamRole.csm
    score: ScoreAxis = ScoreAxis.importance
    rules: list[PolicyRule] = Field(min_length=1, max_length=50)

    @model_validator(mode="after")
    def _rules_fit(self) -> "PolicyCreate":
        _check_rules(self.kind, self.rules)
        return self


class PolicyUpdate(Input):
    """Changes to a policy; other rules make its next version."""

    model_config = ConfigDict(json_schema_extra=shown(examples.POLICY_UPDATE))

    name: Name | MISSING = MISSING
    rules: Annotated[list[PolicyRule], Field(min_length=1, max_length=50)] | MISSING = MISSING


class PolicyRead(RecordRead):
    """An assignment policy."""

    name: str
    kind: PolicyKind
    role: TeamRole
    score: ScoreAxis
    rules: list[dict[str, Any]]
    policy_version: int
    active: bool


class PolicyPage(Page[PolicyRead]):
    """One page of policies."""


class PolicyQuery(RecordQuery):
    """The policies to list."""

    active: bool | MISSING = MISSING


class AssignmentChange(Read):
    """One account whose user changes."""

    account_id: UUID
    account_name: str
    rule: int = Field(description="The index of the rule that fits.")
    before: UUID | None
    after: UUID


class AssignmentOutcome(Read):
    """What a policy does: how many accounts its rules fit, how many change hands, and the first 200 of those."""

    matched: int
    changed: int
    changes: list[AssignmentChange]


class PlainQuery(ListQuery):
    """A list without filters."""
