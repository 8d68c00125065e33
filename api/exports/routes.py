"""Exports over HTTP."""

from typing import Annotated, Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.auth.access import Access, reads, writes
from api.exports import service
from api.exports.formats import MEDIA_TYPES
from api.exports.resource import EXPORTS, within_sight
from api.exports.schemas import ExportCreate, ExportPage, ExportQuery, ExportRead
from api.kit import answers
from api.kit.db import Tx
from api.kit.files import read_file
from api.kit.problems import preferred_language
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/exports", tag="exports")

CanReadExports = Annotated[Tx, reads("exports:read")]
CanWriteExports = Annotated[Tx, writes("exports:write")]

_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_TYPES.values()}},
    409: {"$ref": "#/components/responses/Problem409"},
    410: {"$ref": "#/components/responses/Problem410"},
}


@router.get("", response_model=ExportPage, openapi_extra=EXPORTS.documented())
async def list_exports(tx: CanReadExports, query: Annotated[ExportQuery, asked(ExportQuery)]) -> Response:
    """List your exports, the newest first; administrators see everyone's."""
    return await answers.page(tx, EXPORTS, ExportRead, query, where=within_sight(tx))


@router.post("", response_model=ExportRead, status_code=202)
async def create_export(request: Request, tx: CanWriteExports, body: ExportCreate) -> Response:
    """Export a list, with its filters, to a file.

    A job makes it; get the export again to see how far it is, and its file once it is `done`. You need the scope that
    reads the list, too.
    """
    language = preferred_language(request.headers.get("accept-language"))
    export = await service.ask_for_export(tx, body.given(), language)
    return await answers.created(tx, EXPORTS, ExportRead, export.id, status=202)


@router.get("/{export_id}", response_model=ExportRead, openapi_extra=EXPORTS.documented())
async def get_export(tx: CanReadExports, export_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one export: its state, and how many rows are written."""
    return await answers.item(tx, EXPORTS, ExportRead, export_id, query, where=within_sight(tx))


@router.post("/{export_id}:cancel", response_model=ExportRead)
async def cancel_export(tx: CanWriteExports, export_id: UUID) -> Response:
    """Cancel a running export; it leaves no file."""
    await service.cancel_export(tx, export_id)
    return await answers.changed(tx, EXPORTS, ExportRead, export_id)


@router.get("/{export_id}/file", response_class=Response, responses=_FILE)
async def download_export(request: Request, tx: CanReadExports, export_id: UUID) -> Response:
    """Download the file of an export that is done.

    It is kept for seven days. You need the scope that reads the list, too.
    """
    file = await service.file_of(tx, export_id)
    access: Access = request.app.state.access
    assert tx.workspace_id is not None
    assert file.file_id is not None
    assert file.size is not None
    assert file.digest is not None
    return answers.file(
        tx,
        read_file(access.database, tx.workspace_id, file.file_id),
        media_type=MEDIA_TYPES[file.format],
        filename=file.filename,
        size=file.size,
        digest=file.digest,
    )
