"""The workspace over HTTP."""

from typing import Annotated

from starlette.responses import Response

from api.auth import service
from api.auth.access import reads, writes
from api.auth.schemas import WorkspaceRead, WorkspaceUpdate
from api.auth.service import WORKSPACES
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/workspace", tag="workspace")

CanReadWorkspace = Annotated[Tx, reads("workspace:read")]
CanWriteWorkspace = Annotated[Tx, writes("workspace:write")]


@router.get("", response_model=WorkspaceRead, openapi_extra=WORKSPACES.documented())
async def get_workspace(tx: CanReadWorkspace, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get the workspace of the credential."""
    return await answers.item(tx, WORKSPACES, WorkspaceRead, tx.workspace_id, query)


@router.patch("", response_model=WorkspaceRead)
async def update_workspace(tx: CanWriteWorkspace, version: Version, body: WorkspaceUpdate) -> Response:
    """Change the workspace."""
    assert tx.workspace_id is not None
    await service.update_workspace(tx, version, body.given())
    return await answers.changed(tx, WORKSPACES, WorkspaceRead, tx.workspace_id)
