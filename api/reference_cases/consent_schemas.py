"""Shapes of consents and reference profiles."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from api.accounts.schemas import AccountSummary
from api.contacts.schemas import ContactSummary
from api.kit.schemas import Day, Input, Line, ListQuery, Moment, Page, Read, RecordRead, Tag, Text, refused, shown
from api.reference_cases import consent_examples as examples
from api.reference_cases.case_schemas import WebAddress
from api.reference_cases.consent_models import Act, AudienceKind, ConsentField, Naming

Acts = Annotated[list[Act], Field(max_length=len(Act))]
Domain = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, max_length=253, pattern=r"^[^\s@/]+\.[^\s@/]+$"),
]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
SAID_ANONYMOUSLY = frozenset({ConsentField.industry, ConsentField.size})


class Exclusion(Input):
    """A company that must not learn of it: by name, by domain, or as an account."""

    company: Annotated[Line, Field(min_length=1)] | None = None
    domain: Domain | None = None
    account_id: UUID | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.company is None and self.domain is None and self.account_id is None:
            raise refused(
                "Name a company, a domain or an account", "企業名・ドメイン・アカウントのいずれかを指定してください"
            )
        return self


class ExclusionRead(Read):
    """A company that must not learn of it."""

    company: str | None
    domain: str | None
    account_id: UUID | None


class ReferenceConsentCreate(Input):
    """What a customer granted. It never changes: what is granted otherwise is another consent."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONSENT_CREATE))

    account_id: UUID
    case_id: UUID | None = Field(default=None, description="Only for this case; without, for all of the account's.")
    contact_id: UUID = Field(
        description="Who granted it. When they leave, it is suspended until somebody reconfirms it."
    )
    acts: Annotated[Acts, Field(min_length=1)]
    fields: list[ConsentField] = Field(
        default=[],
        max_length=len(ConsentField),
        description="What of the case may be shown. Initiatives, metrics and `change_pct` come with `search`.",
    )
    audience: AudienceKind
    partner_ids: list[UUID] = Field(default=[], max_length=200, description="Of `named_partners`: which.")
    exclusions: list[Exclusion] = Field(
        default=[], max_length=200, description="Competitors that must not learn of it, whatever other consents say."
    )
    naming: Naming = Naming.anonymous
    evidence: Annotated[Text, Field(min_length=1, description="How we know: the mail, the minutes, the contract.")]
    evidence_url: WebAddress | None = None
    granted_on: Day
    expires_on: Day | None = Field(default=None, description="The last day on which it holds.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.expires_on is not None and self.expires_on < self.granted_on:
            raise refused("expires_on is before granted_on", "expires_on が granted_on より前です")
        if bool(self.partner_ids) != (self.audience is AudienceKind.named_partners):
            raise refused(
                "partner_ids go with the audience named_partners, and with no other",
                "partner_ids は audience が named_partners の場合にのみ、必ず指定してください",
            )
        telling = set(self.fields) - SAID_ANONYMOUSLY
        if self.naming is Naming.anonymous and (telling or Act.logo in self.acts):
            raise refused(
                "Anonymously, only industry and size can be shown, and no logo",
                "匿名の場合に見せられるのは業種と規模だけで、ロゴは使えません",
            )
        return self


class ConsentState(StrEnum):
    """Whether a consent holds now."""

    in_force = "in_force"
    scheduled = "scheduled"
    suspended = "suspended"
    expired = "expired"
    revoked = "revoked"


class ReferenceConsentRead(RecordRead):
    """What a customer granted."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONSENT_READ))

    account_id: UUID
    case_id: UUID | None
    contact_id: UUID
    state: ConsentState = Field(description="`suspended`: who granted it has left the account.")
    acts: list[Act]
    fields: list[ConsentField]
    audience: AudienceKind
    partner_ids: list[UUID]
    exclusions: list[ExclusionRead]
    naming: Naming
    evidence: str
    evidence_url: str | None
    granted_on: dt.date
    expires_on: dt.date | None
    reconfirmed_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    revoked_by_id: UUID | None
    revoke_reason: str | None
    account: AccountSummary | MISSING = MISSING
    contact: ContactSummary | MISSING = MISSING


class ConsentSort(StrEnum):
    """The orders of a list of consents."""

    granted_on = "granted_on"
    granted_on_down = "-granted_on"


class ReferenceConsentQuery(ListQuery):
    """The consents to list."""

    sort: ConsentSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    case_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    state: list[ConsentState] | MISSING = MISSING
    audience: list[AudienceKind] | MISSING = MISSING
    naming: list[Naming] | MISSING = MISSING
    act: Act | MISSING = Field(default=MISSING, description="Those that grant this act.")
    expires_before: Day | MISSING = MISSING


class ReferenceConsentPage(Page[ReferenceConsentRead]):
    """One page of consents, those granted last first."""


class ConsentRevoke(Input):
    """Why a consent ends."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONSENT_REVOKE))

    reason: Annotated[Line, Field(min_length=1)]


class ConsentReconfirm(Input):
    """Who stands behind a consent from now on, and how we know."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONSENT_RECONFIRM))

    contact_id: UUID
    evidence: Annotated[Text, Field(min_length=1)]
    evidence_url: WebAddress | None = None


class ReferenceProfileSet(Input):
    """What somebody would do as a reference; replaces what was known."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PROFILE_SET))

    acts: Acts = []
    topics: list[Tag] = Field(default=[], max_length=50)
    languages: list[LanguageCode] = Field(default=[], max_length=20)
    note: Text = ""


class ReferenceProfileRead(RecordRead):
    """What an account, or one of its contacts, would do as a reference."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PROFILE_READ))

    account_id: UUID
    contact_id: UUID | None = Field(description="Null: what holds of the account.")
    acts: list[Act]
    topics: list[str]
    languages: list[str]
    note: str
    account: AccountSummary | MISSING = MISSING
    contact: ContactSummary | None | MISSING = MISSING


class ProfileSort(StrEnum):
    """The orders of a list of profiles."""

    created_at = "created_at"
    created_at_down = "-created_at"


class ReferenceProfileQuery(ListQuery):
    """The profiles to list."""

    sort: ProfileSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    act: Act | MISSING = Field(default=MISSING, description="Who would do this.")
    updated_after: Moment | MISSING = MISSING


class ReferenceProfilePage(Page[ReferenceProfileRead]):
    """One page of profiles."""
