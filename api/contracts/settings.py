"""How a workspace treats renewals: its configuration, with the defaults."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.auth.models import Workspace
from api.auth.service import WORKSPACES
from api.kit import write
from api.kit.db import Tx
from api.kit.schemas import Input, shown

KEY: Final = "contracts"


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


def _all_there(schema: JsonDict) -> None:
    schema["required"] = list(schema["properties"])  # type: ignore[arg-type]


class ContractSettingsRead(ContractSettings):
    """The workspace's configuration of contracts; what was never set has its default."""

    model_config = ConfigDict(json_schema_extra=_all_there)


async def contract_settings(tx: Tx) -> ContractSettings:
    """The workspace's configuration; defaults where it has none."""
    rows = await tx.fetch("SELECT settings -> %s FROM workspaces WHERE workspace_id = %s", [KEY, tx.workspace_id])
    return ContractSettings.model_validate(rows[0][0] or {})


async def change_contract_settings(tx: Tx, new: ContractSettings) -> None:
    """Replace the configuration."""
    assert tx.workspace_id is not None
    workspace = await write.lock(tx, WORKSPACES, Workspace, tx.workspace_id)
    settings = {**workspace.settings, KEY: new.model_dump(mode="json")}
    await write.change(tx, WORKSPACES, workspace, {"settings": settings})
