"""Shapes of identity: signing in, the workspace, its users, invitations, API keys and the audit log."""

import datetime as dt
from enum import StrEnum
from functools import lru_cache
from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    MISSING,
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
)

from api.auth import examples
from api.auth.business_calendar import BusinessCalendar
from api.auth.permissions import Role
from api.auth.service import folded_email
from api.kit.actors import ActorKind
from api.kit.problems import Language
from api.kit.schemas import (
    CurrencyCode,
    Input,
    Key,
    Line,
    ListQuery,
    Moment,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    clean_text,
    refused,
    shown,
)


@lru_cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_time_zone(name: str) -> str:
    if name not in _time_zones():
        raise refused("Must be an IANA time zone such as Asia/Tokyo", "Asia/Tokyo のような IANA 名にしてください")
    return name


TimeZone = Annotated[
    str,
    StringConstraints(max_length=64),
    AfterValidator(_known_time_zone),
    Field(description="An IANA name.", examples=["Asia/Tokyo"]),
]
EmailAddress = Annotated[EmailStr, StringConstraints(max_length=254), AfterValidator(folded_email)]
NewPassword = Annotated[
    str,
    StringConstraints(min_length=12, max_length=200),
    AfterValidator(clean_text),
    Field(description="12 characters or more.", examples=["毎朝七時に珈琲を二杯だけ飲む"]),
]
GivenPassword = Annotated[str, StringConstraints(min_length=1, max_length=200)]
GivenToken = Annotated[str, StringConstraints(min_length=1, max_length=5000)]
MonthNumber = Annotated[int, Field(strict=True, ge=1, le=12)]
WeekdayNumber = Annotated[int, Field(strict=True, ge=1, le=7, description="1 is Monday (ISO 8601).")]


class GrantType(StrEnum):
    """The ways to get an access token."""

    password = "password"  # noqa: S105
    refresh_token = "refresh_token"  # noqa: S105


class TokenRequest(BaseModel):
    """A form after OAuth 2.0 (RFC 6749); parameters that we do not know are ignored, as it demands."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TOKEN_REQUEST))

    grant_type: GrantType
    username: Line | None = Field(default=None, description="With `password`: the e-mail address.")
    password: GivenPassword | None = Field(default=None, description="With `password`.")
    refresh_token: GivenToken | None = Field(default=None, description="With `refresh_token`.")


class TokenRead(Read):
    """What a sign-in or refresh gives. The refresh token works once, and its answer brings the next."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TOKEN_READ))

    access_token: str
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds that the access token lives.")
    refresh_token: str
    scope: str = Field(description="What the token allows, separated by spaces.")


class TokenRevocation(BaseModel):
    """A form after RFC 7009."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TOKEN_REVOCATION))

    token: GivenToken = Field(description="A refresh or access token; its whole session ends.")


class JsonWebKey(Read):
    """The public half of a signing key."""

    kty: str
    n: str
    e: str
    kid: str
    use: str
    alg: str


class JsonWebKeySet(Read):
    """The keys whose access tokens are valid (RFC 7517)."""

    keys: list[JsonWebKey]


class BusinessCalendarRead(Read):
    """The days on which people work: these days of the week, but not the holidays."""

    weekdays: list[WeekdayNumber]
    holidays: list[dt.date]


class WorkspaceRead(RecordRead):
    """The workspace: one company that runs customer success here."""

    model_config = ConfigDict(json_schema_extra=shown(examples.WORKSPACE_READ))

    name: str
    base_currency: CurrencyCode
    time_zone: str
    language: Language
    week_starts_on: WeekdayNumber
    fiscal_year_starts_in: MonthNumber
    business_calendar: BusinessCalendarRead


class WorkspaceUpdate(Input):
    """Changes to the workspace; absent fields stay."""

    model_config = ConfigDict(json_schema_extra=shown(examples.WORKSPACE_UPDATE))

    name: Name | MISSING = MISSING
    base_currency: CurrencyCode | MISSING = MISSING
    time_zone: TimeZone | MISSING = MISSING
    language: Language | MISSING = MISSING
    week_starts_on: WeekdayNumber | MISSING = MISSING
    fiscal_year_starts_in: MonthNumber | MISSING = MISSING
    business_calendar: BusinessCalendar | MISSING = Field(
        default=MISSING, description="Replaced as a whole. Due dates in business days follow it."
    )


class UserRead(RecordRead):
    """A person of the workspace."""

    model_config = ConfigDict(json_schema_extra=shown(examples.USER_READ))

    email: str
    name: str
    role: Role
    language: Language
    time_zone: str | None = Field(description="Null: the workspace's.")
    suspended: bool
    suspended_at: AwareDatetime | None
    partner_id: UUID | None = Field(description="The partner whose person this is; null for the workspace's own.")


class ProfileUpdate(Input):
    """Changes to one's own profile; absent fields stay, null clears."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PROFILE_UPDATE))

    name: Name | MISSING = MISSING
    language: Language | MISSING = MISSING
    time_zone: TimeZone | None | MISSING = MISSING


class UserUpdate(ProfileUpdate):
    """Changes to a user; absent fields stay, null clears."""

    model_config = ConfigDict(json_schema_extra=shown(examples.USER_UPDATE))

    role: Role | MISSING = MISSING
    suspended: Annotated[bool, Field(strict=True)] | MISSING = Field(
        default=MISSING, description="True ends the user's sessions, and refuses new ones."
    )


class PasswordChange(Input):
    """A new password, and the proof that it is you who sets it."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PASSWORD_CHANGE))

    current_password: GivenPassword
    new_password: NewPassword


class UserSort(StrEnum):
    """The orders of a list of users."""

    name = "name"
    name_down = "-name"


class UserQuery(RecordQuery):
    """The users to list."""

    sort: UserSort | MISSING = MISSING
    role: list[Role] | MISSING = MISSING
    suspended: bool | MISSING = MISSING
    email: list[Annotated[Line, AfterValidator(folded_email)]] | MISSING = MISSING
    partner_id: list[UUID] | MISSING = MISSING


class UserPage(Page[UserRead]):
    """One page of users."""


class InvitationState(StrEnum):
    """Where an invitation stands."""

    open = "open"
    accepted = "accepted"
    expired = "expired"
    withdrawn = "withdrawn"


class InvitationRead(RecordRead):
    """An invitation to join the workspace."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INVITATION_READ))

    email: str
    role: Role
    state: InvitationState
    expires_at: AwareDatetime
    accepted_at: AwareDatetime | None
    invited_by: UUID | None
    partner_id: UUID | None


class InvitationCreated(InvitationRead):
    """A new invitation with the token that accepts it."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INVITATION_CREATED))

    token: str = Field(description="Shown once; give it to the invited person.")


class InvitationCreate(Input):
    """Someone to invite."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INVITATION_CREATE))

    email: EmailAddress
    role: Role
    partner_id: UUID | None = Field(default=None, description="With the role `partner`: whose person it will be.")


class InvitationAcceptance(Input):
    """What an invited person says about themselves."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INVITATION_ACCEPTANCE))

    token: GivenToken
    name: Name
    password: NewPassword
    language: Language = Language.en


class NewestFirst(StrEnum):
    """The orders of a list by date of creation."""

    created_at = "created_at"
    created_at_down = "-created_at"


class InvitationQuery(ListQuery):
    """The invitations to list."""

    sort: NewestFirst | MISSING = MISSING
    state: list[InvitationState] | MISSING = MISSING
    partner_id: list[UUID] | MISSING = MISSING


class InvitationPage(Page[InvitationRead]):
    """One page of invitations."""


class AuditEntryRead(Read):
    """One act: who did what to what. Ids and field names, never values."""

    model_config = ConfigDict(json_schema_extra=shown(examples.AUDIT_ENTRY_READ))

    id: UUID
    at: AwareDatetime
    actor_kind: ActorKind
    actor_id: UUID | None
    action: str = Field(examples=["updated"])
    resource: str = Field(examples=["account"])
    resource_id: UUID | None
    fields: list[str] = Field(description="The names of the fields that changed.")
    request_id: str | None


class AuditSort(StrEnum):
    """The orders of the audit log."""

    at = "at"
    at_down = "-at"


class AuditQuery(ListQuery):
    """The entries to list."""

    sort: AuditSort | MISSING = MISSING
    actor_id: list[UUID] | MISSING = MISSING
    resource: list[Key] | MISSING = MISSING
    resource_id: list[UUID] | MISSING = MISSING
    action: list[Key] | MISSING = MISSING
    at_after: Moment | MISSING = MISSING
    at_before: Moment | MISSING = MISSING


class AuditPage(Page[AuditEntryRead]):
    """One page of the audit log."""
