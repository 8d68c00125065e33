"""Shapes of partners."""

from enum import StrEnum

from pydantic import MISSING, ConfigDict, Field

from api.auth import partner_examples as examples
from api.kit.problems import Language
from api.kit.schemas import Domain, Input, Name, Page, RecordQuery, RecordRead, shown


class PartnerRead(RecordRead):
    """An outside organisation whose people and programs look for reference cases."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PARTNER_READ))

    name: str
    domain: str | None = Field(description="Consents exclude competitors by this domain, or by the name.")
    language: Language


class PartnerCreate(Input):
    """A partner to add."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PARTNER_CREATE))

    name: Name
    domain: Domain | None = None
    language: Language = Language.en


class PartnerUpdate(Input):
    """Changes to a partner; absent fields stay, null clears."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PARTNER_UPDATE))

    name: Name | MISSING = MISSING
    domain: Domain | None | MISSING = MISSING
    language: Language | MISSING = MISSING


class PartnerSort(StrEnum):
    """The orders of a list of partners."""

    name = "name"
    name_down = "-name"


class PartnerQuery(RecordQuery):
    """The partners to list."""

    sort: PartnerSort | MISSING = MISSING


class PartnerPage(Page[PartnerRead]):
    """One page of partners."""
