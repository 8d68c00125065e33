"""How often customers are asked, and what the reference programme aims at: the workspace's configuration."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field

from api.auth.configuration import Configuration, all_there
from api.kit.schemas import Input, Key, shown
from api.reference_cases import examples

Days = Annotated[int, Field(strict=True, ge=0, le=730)]
Times = Annotated[int, Field(strict=True, ge=1, le=100)]


class ReferenceSettings(Input):
    """The workspace's configuration of reference cases."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SETTINGS))

    asks_per_account: Times = Field(default=2, description="An account is asked at most so often …")
    asks_per_account_days: Days = Field(default=90, description="… in so many days.")
    asks_per_contact: Times = Field(default=1, description="A contact is asked at most so often …")
    asks_per_contact_days: Days = Field(default=60, description="… in so many days.")
    renewal_days: Days = Field(default=60, description="No live asks within so many days before a renewal.")
    blocking_bands: list[Key] = Field(
        default=["red"], max_length=7, description="No live asks while health is in one of these bands."
    )
    four_eyes: Annotated[bool, Field(strict=True)] = Field(
        default=True, description="Whoever wrote a version of a case may not review it."
    )
    coverage_goal: Annotated[float, Field(strict=True, ge=0, le=1)] = Field(
        default=0.35, description="The share of active accounts that should have a consent in force."
    )


class ReferenceSettingsRead(ReferenceSettings):
    """The workspace's configuration of reference cases; what was never set has its default."""

    model_config = ConfigDict(json_schema_extra=all_there)


CONFIGURATION: Final = Configuration("reference_cases", ReferenceSettings)
