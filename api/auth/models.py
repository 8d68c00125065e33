"""Tables of identity."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from api.auth.permissions import PARTNER_SCOPES, Role
from api.kit import clock
from api.kit.tables import (
    DISTRIBUTED,
    LOCAL,
    Record,
    Row,
    belongs_to,
    empty_list,
    in_workspace,
    index,
    json_column,
    one_of,
    personal,
    unique,
)


class Workspace(Record, table=True):
    """One company that runs customer success here: the tenant. ``id`` equals ``workspace_id``."""

    __tablename__ = "workspaces"
    __table_args__ = (
        sa.UniqueConstraint("workspace_id"),
        sa.CheckConstraint("id = workspace_id", name="is_its_own_workspace"),
        DISTRIBUTED,
    )

    name: str
    base_currency: str
    time_zone: str = "UTC"
    language: str = "en"
    week_starts_on: int = 1
    fiscal_year_starts_in: int = 1
    settings: dict[str, Any] = json_column(default_factory=dict)


class WorkspaceDirectory(SQLModel, table=True):
    """The workspaces there are, for work that runs over all of them."""

    __tablename__ = "workspace_directory"
    __table_args__ = LOCAL

    workspace_id: UUID = Field(primary_key=True)
    created_at: dt.datetime = Field(default_factory=clock.now)


class Partner(Record, table=True):
    """An outside organisation whose people and programs may look for reference cases, and for nothing else."""

    __tablename__ = "partners"
    __table_args__ = (in_workspace(), index("name", "id"), DISTRIBUTED)

    name: str
    domain: str | None = None
    language: str = "en"


def _partners_alone() -> sa.CheckConstraint:
    """A check that whoever has the role of a partner belongs to one, and nobody else does."""
    return sa.CheckConstraint("(role = 'partner') = (partner_id IS NOT NULL)", name="partners_alone")


def _partners_scopes() -> sa.CheckConstraint:
    """A check that a partner's key holds no scopes but a partner's."""
    allowed = ", ".join(f"'{scope}'" for scope in sorted(PARTNER_SCOPES))
    return sa.CheckConstraint(f"partner_id IS NULL OR scopes <@ ARRAY[{allowed}]::text[]", name="partners_scopes")


class User(Record, table=True):
    """A person of the workspace, or of a partner."""

    __tablename__ = "users"
    __table_args__ = (
        in_workspace(),
        belongs_to("partner_id", "partners"),
        unique("email", where="archived_at IS NULL"),
        index("name", "id"),
        one_of("role", Role),
        _partners_alone(),
        DISTRIBUTED,
    )

    email: str = personal()
    name: str = personal()
    role: str
    language: str = "en"
    time_zone: str | None = None
    suspended_at: dt.datetime | None = None
    partner_id: UUID | None = None


class Login(SQLModel, table=True):
    """Which user an e-mail address signs in. The application reaches it only through functions."""

    __tablename__ = "logins"
    __table_args__ = LOCAL

    email: str = personal(primary_key=True)
    workspace_id: UUID
    user_id: UUID


class Password(SQLModel, table=True):
    """A user's password, hashed with argon2id."""

    __tablename__ = "passwords"
    __table_args__ = (belongs_to("user_id", "users"), DISTRIBUTED)

    workspace_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    hash: str
    changed_at: dt.datetime = Field(default_factory=clock.now)


class CredentialKind(StrEnum):
    """The kinds of credentials."""

    session = "session"
    api_key = "api_key"


class Credential(Record, table=True):
    """A signed-in session, or an API key. A key's secret is kept as a keyed hash."""

    __tablename__ = "credentials"
    __table_args__ = (
        in_workspace(),
        belongs_to("user_id", "users"),
        belongs_to("created_by", "users"),
        belongs_to("partner_id", "partners"),
        index("kind", "created_at", "id"),
        one_of("kind", CredentialKind),
        _partners_scopes(),
        DISTRIBUTED,
    )

    kind: str
    user_id: UUID | None = None
    created_by: UUID | None = None
    name: str = ""
    prefix: str = ""
    secret_hash: bytes = b""
    scopes: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    expires_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    last_used_at: dt.datetime | None = None
    replaced_by: UUID | None = None
    partner_id: UUID | None = None


class RefreshToken(Row, table=True):
    """One refresh token of a session; used once, then replaced."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (belongs_to("session_id", "credentials"), index("session_id"), DISTRIBUTED)

    session_id: UUID
    secret_hash: bytes
    issued_at: dt.datetime = Field(default_factory=clock.now)
    expires_at: dt.datetime
    used_at: dt.datetime | None = None


class Invitation(Record, table=True):
    """An invitation to join the workspace with a role."""

    __tablename__ = "invitations"
    __table_args__ = (
        in_workspace(),
        belongs_to("invited_by", "users"),
        belongs_to("partner_id", "partners"),
        index("created_at", "id"),
        one_of("role", Role),
        _partners_alone(),
        DISTRIBUTED,
    )

    email: str = personal()
    role: str
    secret_hash: bytes = b""
    expires_at: dt.datetime
    accepted_at: dt.datetime | None = None
    invited_by: UUID | None = None
    partner_id: UUID | None = None


class SigningKey(SQLModel, table=True):
    """A key that signs access tokens; the private half is encrypted with the service's secret."""

    __tablename__ = "signing_keys"
    __table_args__ = LOCAL

    kid: str = Field(primary_key=True)
    sealed_private_key: bytes
    public_key: str
    created_at: dt.datetime = Field(default_factory=clock.now)
    retired_at: dt.datetime | None = None
