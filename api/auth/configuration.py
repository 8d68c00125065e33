"""A package's configuration of the workspace: one shape, kept under the package's name, with defaults.

A package declares it beside the shape::

    CONFIGURATION: Final = Configuration("contracts", ContractSettings)

The representation is a subclass of the shape with ``json_schema_extra=all_there``: what was never set is shown with its
default.
"""

from typing import Generic, TypeVar

from pydantic.config import JsonDict

from api.auth.models import Workspace
from api.auth.service import WORKSPACES
from api.kit import write
from api.kit.db import Tx
from api.kit.schemas import Input

S = TypeVar("S", bound=Input)


def all_there(schema: JsonDict) -> None:
    """Make every property of a representation a required one."""
    schema["required"] = list(schema["properties"])  # type: ignore[arg-type]


class Configuration(Generic[S]):
    """Where a package's configuration is kept, and what it looks like."""

    def __init__(self, key: str, shape: type[S]) -> None:
        self.key = key
        self.shape = shape

    async def read(self, tx: Tx) -> S:
        """The workspace's configuration; defaults where it has none."""
        rows = await tx.fetch(
            "SELECT settings -> %s FROM workspaces WHERE workspace_id = %s", [self.key, tx.workspace_id]
        )
        return self.shape.model_validate(rows[0][0] or {})

    async def replace(self, tx: Tx, new: S) -> None:
        """Replace it. Figures that depend on it are recomputed by the caller."""
        assert tx.workspace_id is not None
        workspace = await write.lock(tx, WORKSPACES, Workspace, tx.workspace_id)
        settings = {**workspace.settings, self.key: new.model_dump(mode="json")}
        await write.change(tx, WORKSPACES, workspace, {"settings": settings})
