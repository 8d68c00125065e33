"""Tables of consents and of reference profiles."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from api.kit.tables import DISTRIBUTED, Record, Row, belongs_to, empty_list, index, one_of, personal, unique


class Act(StrEnum):
    """What a customer can agree to."""

    search = "search"
    quote = "quote"
    logo = "logo"
    call = "call"
    visit = "visit"
    speak = "speak"


class ConsentField(StrEnum):
    """What of a case may be shown outside. Initiatives, metrics and `change_pct` always come with `search`."""

    account_name = "account_name"
    title = "title"  # type: ignore[assignment]
    summary = "summary"
    quote = "quote"
    industry = "industry"
    size = "size"
    period = "period"
    baseline_and_result = "baseline_and_result"
    evidence = "evidence"


class AudienceKind(StrEnum):
    """Who may see."""

    internal = "internal"
    named_partners = "named_partners"
    all_partners = "all_partners"
    public = "public"


class Naming(StrEnum):
    """Whether the customer's name may be said."""

    anonymous = "anonymous"
    named = "named"


def only(column: str, values: type[StrEnum]) -> sa.CheckConstraint:
    """A check that an array holds nothing but these values."""
    allowed = ", ".join(f"'{value.value}'" for value in values)
    return sa.CheckConstraint(f"{column} <@ ARRAY[{allowed}]::text[]", name=column)


class ReferenceConsent(Record, table=True):
    """One grant of a customer, for one case or (without ``case_id``) for all of the account's.

    What was granted never changes: another grant is another row. It is in force from ``granted_on`` through
    ``expires_on`` unless it was revoked, and while the contact who granted or reconfirmed it is with the account.
    """

    __tablename__ = "reference_consents"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("case_id", "reference_cases"),
        belongs_to("contact_id", "contacts"),
        belongs_to("revoked_by_id", "users"),
        index("account_id", "granted_on", "id"),
        index("case_id"),
        index("contact_id"),
        index("granted_on", "id"),
        index("expires_on"),
        only("acts", Act),
        only("fields", ConsentField),
        one_of("audience", AudienceKind),
        one_of("naming", Naming),
        sa.CheckConstraint("expires_on IS NULL OR expires_on >= granted_on", name="expires_after_grant"),
        DISTRIBUTED,
    )

    account_id: UUID
    case_id: UUID | None = None
    contact_id: UUID
    acts: list[str] = Field(sa_type=ARRAY(sa.Text), nullable=False)
    fields: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    audience: str
    naming: str = Naming.anonymous.value
    evidence: str = personal()
    evidence_url: str | None = personal(default=None)
    granted_on: dt.date
    expires_on: dt.date | None = None
    reconfirmed_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    revoked_by_id: UUID | None = None
    revoke_reason: str | None = personal(default=None)


class ConsentPartner(SQLModel, table=True):
    """A partner that a consent for named partners names."""

    __tablename__ = "reference_consent_partners"
    __table_args__ = (
        belongs_to("consent_id", "reference_consents"),
        belongs_to("partner_id", "partners"),
        index("partner_id"),
        {**DISTRIBUTED},
    )

    workspace_id: UUID = Field(primary_key=True)
    consent_id: UUID = Field(primary_key=True)
    partner_id: UUID = Field(primary_key=True)


class ConsentExclusion(Row, table=True):
    """A company that must not learn of what a consent grants: by name, by domain, or as an account of ours.

    Name and domain are kept folded, as they are compared.
    """

    __tablename__ = "reference_consent_exclusions"
    __table_args__ = (
        belongs_to("consent_id", "reference_consents"),
        belongs_to("account_id", "accounts"),
        index("consent_id"),
        index("account_id"),
        DISTRIBUTED,
    )

    consent_id: UUID
    company: str | None = None
    domain: str | None = None
    account_id: UUID | None = None


class ReferenceProfile(Record, table=True):
    """What an account, or one of its contacts, would do as a reference, on which topics, in which languages."""

    __tablename__ = "reference_profiles"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("contact_id", "contacts"),
        unique("account_id", where="contact_id IS NULL"),
        unique("contact_id", where="contact_id IS NOT NULL"),
        index("account_id", "id"),
        index("created_at", "id"),
        only("acts", Act),
        DISTRIBUTED,
    )

    account_id: UUID
    contact_id: UUID | None = None
    acts: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    topics: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    languages: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    note: str = personal(default="")
