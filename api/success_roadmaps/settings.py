"""When a roadmap counts as behind, and how often one looks at it: configuration, with the defaults."""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, model_validator

from api.auth.configuration import Configuration, all_there
from api.kit.schemas import Input, refused, shown

Points = Annotated[float, Field(strict=True, gt=0, le=100)]


class RoadmapSettings(Input):
    """The workspace's configuration of roadmaps."""

    model_config = ConfigDict(
        json_schema_extra=shown([{"at_risk_behind_pct": 10, "off_track_behind_pct": 25, "review_every_days": 90}])
    )

    at_risk_behind_pct: Points = Field(
        default=10, description="`at_risk` from so many percentage points on by which progress is behind the time."
    )
    off_track_behind_pct: Points = Field(default=25, description="`off_track` from so many points on.")
    review_every_days: Annotated[int, Field(strict=True, ge=1, le=730)] = Field(
        default=90, description="The cadence of reviews of roadmaps that name none."
    )
    confirm_goals_days: Annotated[int, Field(strict=True, ge=0, le=365)] = Field(
        default=14, description="Within how many days the goals are confirmed with a new primary contact."
    )
    usage_window_days: Annotated[int, Field(strict=True, ge=1, le=366)] = Field(
        default=28, description="The days that the present value of a goal's usage metric is made of."
    )

    @model_validator(mode="after")
    def _in_order(self) -> "RoadmapSettings":
        if self.off_track_behind_pct < self.at_risk_behind_pct:
            raise refused(
                "off_track_behind_pct: not below at_risk_behind_pct",
                "off_track_behind_pct: at_risk_behind_pct 以上にしてください",
            )
        return self


class RoadmapSettingsRead(RoadmapSettings):
    """The workspace's configuration of roadmaps; what was never set has its default."""

    model_config = ConfigDict(json_schema_extra=all_there)


CONFIGURATION: Final = Configuration("success_roadmaps", RoadmapSettings)
roadmap_settings: Final = CONFIGURATION.read
change_roadmap_settings: Final = CONFIGURATION.replace
