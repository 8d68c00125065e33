"""How a workspace sizes, weighs and touches its accounts: its configuration, with the defaults."""

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final

from pydantic import ConfigDict, Field, model_validator

from api.accounts import examples
from api.accounts.models import TouchModel
from api.auth.configuration import Configuration, all_there
from api.kit.schemas import Count, Input, Key, Line, MinorUnits, Name, refused, shown


class SizeBand(Input):
    """A band of company sizes, by employees, both ends included."""

    name: Key
    employees_min: Count = 0
    employees_max: Count | None = None


class TouchBand(Input):
    """The touch model from an annual contract value on, with what it includes and may cost."""

    touch_model: TouchModel
    acv_min: MinorUnits = Field(description="From this ACV on, in minor units of the base currency.")
    entitlements: list[Line] = Field(default=[], max_length=20)
    cost_budget_pct: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, strict=True)] = Field(
        default=0, description="Cost to serve, as a share of ACV in percent."
    )


class CriterionField(StrEnum):
    """What a criterion of the ideal customer looks at."""

    industry = "industry"
    country = "country"
    language = "language"
    size_band = "size_band"
    tag = "tag"


class FitCriterion(Input):
    """One criterion of the ideal customer: a field that should have one of these values."""

    field: CriterionField
    values: list[Name] = Field(min_length=1, max_length=100)
    weight: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False, strict=True)] = 1


class ImportanceWeights(Input):
    """How much each criterion of importance weighs."""

    contract_amount: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, strict=True)] = 40
    seats: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, strict=True)] = 15
    case_willingness: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, strict=True)] = 15
    expansion_likelihood: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, strict=True)] = 15
    churn_likelihood: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, strict=True)] = 15
    full_amount: MinorUnits = Field(default=1_000_000, gt=0, description="The MRR that counts as 100.")
    full_seats: Count = Field(default=500, gt=0, description="The seats that count as 100.")


class OnboardingCriterion(Input):
    """Something that must be true before onboarding ends."""

    key: Key
    label: Line


class AccountSettings(Input):
    """The workspace's configuration of accounts."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACCOUNT_SETTINGS))

    size_bands: list[SizeBand] = Field(
        default=[
            SizeBand(name="micro", employees_max=9),
            SizeBand(name="smb", employees_min=10, employees_max=500),
            SizeBand(name="enterprise", employees_min=501),
        ],
        min_length=1,
        max_length=20,
    )
    touch_bands: list[TouchBand] = Field(
        default=[
            TouchBand(touch_model=TouchModel.tech, acv_min=0),
            TouchBand(touch_model=TouchModel.low, acv_min=1_000_000),
            TouchBand(touch_model=TouchModel.high, acv_min=6_000_000),
        ],
        max_length=3,
    )
    icp_criteria: list[FitCriterion] = Field(default=[], max_length=20)
    importance: ImportanceWeights = ImportanceWeights()
    onboarding_criteria: list[OnboardingCriterion] = Field(default=[], max_length=30)
    renewal_lead_days: Annotated[int, Field(ge=0, le=730, strict=True)] = Field(
        default=90, description="The renewal phase begins this many days before the notice deadline."
    )

    @model_validator(mode="after")
    def _bands_in_order(self) -> "AccountSettings":
        for index, band in enumerate(self.size_bands):
            if band.employees_max is not None and band.employees_max < band.employees_min:
                raise refused(
                    f"size_bands/{index}: the upper end is below the lower end",
                    f"size_bands/{index}: 上限が下限を下回っています",
                )
        ordered = sorted(self.size_bands, key=lambda band: band.employees_min)
        for lower, upper in pairwise(ordered):
            if lower.employees_max is None or lower.employees_max >= upper.employees_min:
                raise refused(
                    f"The size bands {lower.name} and {upper.name} overlap",
                    f"規模帯 {lower.name} と {upper.name} が重なっています",
                )
        if len({criterion.key for criterion in self.onboarding_criteria}) < len(self.onboarding_criteria):
            raise refused("Two onboarding criteria have the same key", "同じキーのオンボーディング条件があります")
        return self


class AccountSettingsRead(AccountSettings):
    """The workspace's configuration of accounts; what was never set has its default."""

    model_config = ConfigDict(json_schema_extra=all_there)


CONFIGURATION: Final = Configuration("accounts", AccountSettings)
account_settings: Final = CONFIGURATION.read
change_account_settings: Final = CONFIGURATION.replace
