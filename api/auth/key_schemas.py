"""Shapes of API keys."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.auth import examples
from api.auth.schemas import NewestFirst
from api.kit.schemas import Input, Line, ListQuery, Moment, Name, Page, RecordRead, shown


class ApiKeyState(StrEnum):
    """Whether an API key works."""

    active = "active"
    expired = "expired"
    revoked = "revoked"


class ApiKeyRead(RecordRead):
    """An API key, without its secret."""

    model_config = ConfigDict(json_schema_extra=shown(examples.API_KEY_READ))

    name: str
    prefix: str = Field(description="How the key begins and ends, to recognise it by.")
    scopes: list[str]
    state: ApiKeyState
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    last_used_at: AwareDatetime | None = Field(description="To within a minute.")
    created_by: UUID | None
    replaced_by: UUID | None = Field(description="The key that replaces it after a rotation.")
    partner_id: UUID | None = Field(description="The partner whose key this is; null for the workspace's own.")


class ApiKeyCreated(ApiKeyRead):
    """A new API key with its secret."""

    model_config = ConfigDict(json_schema_extra=shown(examples.API_KEY_CREATED))

    secret: str = Field(description="The key itself. Shown once; only a hash of it is kept.")


class ApiKeyCreate(Input):
    """An API key to create."""

    model_config = ConfigDict(json_schema_extra=shown(examples.API_KEY_CREATE))

    name: Name
    scopes: list[Line] = Field(
        min_length=1,
        max_length=200,
        description="What the key may do; only scopes that you hold yourself, or that partners have.",
    )
    expires_at: Moment | None = None
    partner_id: UUID | None = Field(
        default=None, description="Makes it a partner's key, with no other scopes than a partner's."
    )


class ApiKeyRotation(Input):
    """How to replace an API key."""

    model_config = ConfigDict(json_schema_extra=shown(examples.API_KEY_ROTATION))

    overlap_hours: Annotated[int, Field(strict=True, ge=0, le=168)] = Field(
        default=24, description="Hours that the old key goes on working."
    )


class ApiKeyQuery(ListQuery):
    """The API keys to list."""

    sort: NewestFirst | MISSING = MISSING
    state: list[ApiKeyState] | MISSING = MISSING
    partner_id: list[UUID] | MISSING = MISSING


class ApiKeyPage(Page[ApiKeyRead]):
    """One page of API keys."""
