"""Shapes of people at accounts."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from api.accounts.schemas import AccountSummary, LanguageCode
from api.contacts import examples
from api.contacts.models import StakeholderRole, Stance
from api.kit.bulk_schemas import BulkItems, items_of
from api.kit.flexible import CustomValues, FlexibleQuery, Tags
from api.kit.schemas import (
    Day,
    ExternalId,
    Input,
    Line,
    ListQuery,
    Name,
    Page,
    Read,
    RecordRead,
    SearchText,
    Text,
    clean_text,
    shown,
)

# Stricter rules refuse addresses that work: Japanese carriers have handed out `a..b.@docomo.ne.jp`.
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^\s@]+@[^\s@]+\.[^\s@.]+$"),
    AfterValidator(clean_text),
    Field(description="Kept in lower case.", examples=["hanako.sato@sakura-logi.example"]),
]
Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^[0-9+() .;=a-z#/-]+$"),
    Field(examples=["+81-3-1234-5678"]),
]
Influence = Annotated[int, Field(strict=True, ge=1, le=5, description="Weight in decisions: 1 little, 5 decisive.")]
InfluenceParameter = Annotated[int, Field(ge=1, le=5)]
StakeText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), AfterValidator(clean_text)
]


class ContactCreate(Input):
    """A person to add to an account."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONTACT_CREATE))

    account_id: UUID
    external_id: ExternalId | None = None
    name: Name
    kana: Line | None = None
    email: Email | None = None
    phone: Phone | None = None
    title: Line | None = None
    department: Line | None = None
    language: LanguageCode | None = None
    stakeholder_role: StakeholderRole | None = None
    influence: Influence | None = None
    stance: Stance | None = None
    since: Day | None = Field(default=None, description="Since when the person has had this part.")
    left_on: Day | None = Field(default=None, description="For people who have left already.")
    notes: Text = ""
    tags: Tags = []
    custom: CustomValues = {}


class _ContactChanges(Input):
    kana: Line | None | MISSING = MISSING
    email: Email | None | MISSING = MISSING
    phone: Phone | None | MISSING = MISSING
    title: Line | None | MISSING = MISSING
    department: Line | None | MISSING = MISSING
    language: LanguageCode | None | MISSING = MISSING
    stakeholder_role: StakeholderRole | None | MISSING = MISSING
    influence: Influence | None | MISSING = MISSING
    stance: Stance | None | MISSING = MISSING
    since: Day | None | MISSING = MISSING
    left_on: Day | None | MISSING = Field(
        default=MISSING, description="Null: the person is still there. A day is the same as `:left`."
    )
    notes: Text | MISSING = MISSING
    tags: Tags | MISSING = MISSING
    custom: CustomValues | MISSING = MISSING


class ContactUpdate(_ContactChanges):
    """Changes to a contact; absent fields stay, null clears, custom values merge."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONTACT_UPDATE))

    account_id: UUID | MISSING = Field(default=MISSING, description="Moves the person to another account.")
    external_id: ExternalId | None | MISSING = MISSING
    name: Name | MISSING = MISSING


class ContactUpsert(_ContactChanges):
    """A contact as another system knows it; absent fields stay as they are, or get their defaults."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONTACT_UPSERT))

    account_id: UUID
    name: Name


class ContactBulkItem(_ContactChanges):
    """A contact as another system knows it, with its account by our id or by yours."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONTACT_BULK_ITEM))

    external_id: ExternalId
    name: Name | MISSING = MISSING
    account_id: UUID | None | MISSING = MISSING
    account_external_id: ExternalId | MISSING = MISSING


class ContactBulkUpsert(Input):
    """Up to 5,000 contacts by external id."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONTACT_BULK_UPSERT))

    items: Annotated[BulkItems, items_of(ContactBulkItem)]


class ContactLeft(Input):
    """When a person left."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONTACT_LEFT))

    left_on: Day | None = Field(default=None, description="Today in the workspace's time zone by default.")


class ContactSummary(Read):
    """A contact, in short."""

    id: UUID
    name: str
    title: str | None


class ContactRead(RecordRead):
    """A person at an account."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONTACT_READ))

    account_id: UUID
    external_id: str | None
    name: str
    kana: str | None
    email: str | None
    phone: str | None
    title: str | None
    department: str | None
    language: str | None
    stakeholder_role: StakeholderRole | None
    influence: int | None
    stance: Stance | None
    is_primary: bool = Field(description="Set with `PUT /v1/accounts/{account_id}/primary-contact`.")
    since: dt.date | None
    left_on: dt.date | None
    notes: str
    tags: list[str]
    custom: dict[str, Any]
    erased_at: AwareDatetime | None = Field(description="When the personal data was erased on request.")
    account: AccountSummary | None | MISSING = MISSING


class ContactSort(StrEnum):
    """The orders of a list of contacts."""

    name = "name"
    name_down = "-name"
    created_at = "created_at"
    created_at_down = "-created_at"


class ContactQuery(FlexibleQuery):
    """The contacts to list."""

    sort: ContactSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Text in name, kana, e-mail, title or department.")
    account_id: list[UUID] | MISSING = MISSING
    external_id: list[ExternalId] | MISSING = MISSING
    email: list[Email] | MISSING = MISSING
    stakeholder_role: list[StakeholderRole] | MISSING = MISSING
    stance: list[Stance] | MISSING = MISSING
    influence_min: InfluenceParameter | MISSING = MISSING
    influence_max: InfluenceParameter | MISSING = MISSING
    is_primary: bool | MISSING = MISSING
    has_left: bool | MISSING = MISSING


class ContactPage(Page[ContactRead]):
    """One page of contacts."""


class PrimaryContactWrite(Input):
    """Who becomes the account's primary contact, and why."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PRIMARY_CONTACT_WRITE))

    contact_id: UUID
    reason: Line | None = None


class PrimaryContactChangeRead(Read):
    """One change of an account's primary contact."""

    id: UUID
    account_id: UUID
    from_contact_id: UUID | None
    to_contact_id: UUID | None = Field(description="Null: the contact left and nobody followed.")
    reason: str | None
    changed_on: dt.date
    changed_at: AwareDatetime
    reverted_at: AwareDatetime | None
    from_contact: ContactSummary | None | MISSING = MISSING
    to_contact: ContactSummary | None | MISSING = MISSING


class PrimaryContactChangeSort(StrEnum):
    """The orders of a list of changes of a primary contact."""

    changed_at = "changed_at"
    changed_at_down = "-changed_at"


class PrimaryContactChangeQuery(ListQuery):
    """The changes to list."""

    sort: PrimaryContactChangeSort | MISSING = MISSING


class PrimaryContactChangePage(Page[PrimaryContactChangeRead]):
    """One page of changes of a primary contact, newest first."""


class StakeWrite(Input):
    """What the contact personally gains or risks."""

    model_config = ConfigDict(json_schema_extra=shown(examples.STAKE_WRITE))

    text: StakeText


class StakeRead(Read):
    """What a contact personally gains or risks; for the account's team only."""

    id: UUID
    contact_id: UUID
    text: str
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
