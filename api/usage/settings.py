"""What the workspace calls healthy usage: its configuration, with the defaults."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, model_validator

from api.auth.configuration import Configuration, all_there
from api.kit.schemas import Input, refused, shown

Percentage = Annotated[float, Field(strict=True, ge=0, le=1000, allow_inf_nan=False)]


class UsageSettings(Input):
    """The workspace's configuration of usage."""

    model_config = ConfigDict(
        json_schema_extra=shown([{"healthy_from_pct": 60, "attention_from_pct": 20, "idle_days": 28}])
    )

    healthy_from_pct: Percentage = Field(default=60, description="`healthy` from this utilisation on, in percent.")
    attention_from_pct: Percentage = Field(
        default=20, description="`needs_attention` from this utilisation on; below it `inactive`."
    )
    idle_days: Annotated[int, Field(strict=True, ge=1, le=365)] = Field(
        default=28, description="`inactive` after so many days without any activity, whatever the utilisation."
    )

    @model_validator(mode="after")
    def _in_order(self) -> "UsageSettings":
        if self.attention_from_pct > self.healthy_from_pct:
            raise refused(
                "attention_from_pct must not be above healthy_from_pct",
                "attention_from_pct は healthy_from_pct 以下にしてください",
            )
        return self


class UsageSettingsRead(UsageSettings):
    """The workspace's configuration of usage; what was never set has its default."""

    model_config = ConfigDict(json_schema_extra=all_there)


CONFIGURATION: Final = Configuration("usage", UsageSettings)
usage_settings: Final = CONFIGURATION.read
