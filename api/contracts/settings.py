"""How a workspace treats renewals: its configuration, with the defaults."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from api.auth.configuration import Configuration, all_there
from api.kit.schemas import Input, shown


class RenewalCloser(StrEnum):
    """Who closes renewals."""

    csm = "csm"
    sales = "sales"
    either = "either"


class ContractSettings(Input):
    """The workspace's configuration of contracts."""

    model_config = ConfigDict(json_schema_extra=shown([{"renewal_grace_days": 30, "renewal_closer": "csm"}]))

    renewal_grace_days: Annotated[int, Field(strict=True, ge=0, le=365)] = Field(
        default=30, description="How long the MRR of an undecided term is kept after its end."
    )
    renewal_closer: RenewalCloser = Field(default=RenewalCloser.either, description="Who closes renewals.")


class ContractSettingsRead(ContractSettings):
    """The workspace's configuration of contracts; what was never set has its default."""

    model_config = ConfigDict(json_schema_extra=all_there)


CONFIGURATION: Final = Configuration("contracts", ContractSettings)
contract_settings: Final = CONFIGURATION.read
change_contract_settings: Final = CONFIGURATION.replace
