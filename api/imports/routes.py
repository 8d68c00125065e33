"""Imports over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from api.auth.access import Access, Steps, reads, writes, writes_in_steps
from api.imports import reporting, service
from api.imports.resource import IMPORT_MAPPINGS, IMPORT_ROWS, IMPORTS
from api.imports.schemas import (
    ImportCreate,
    ImportMappingCreate,
    ImportMappingPage,
    ImportMappingQuery,
    ImportMappingRead,
    ImportMappingUpdate,
    ImportPage,
    ImportQuery,
    ImportRead,
    ImportRowPage,
    ImportRowQuery,
    ImportRowRead,
    ImportStart,
)
from api.imports.uploading import Upload
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.problems import BAD_REQUEST
from api.kit.queries import asked
from api.kit.routing import resource_router, takes_file
from api.kit.schemas import ItemQuery

router = resource_router("/imports", tag="imports")
mapping_router = resource_router("/import-mappings", tag="imports")

CanReadImports = Annotated[Tx, reads("imports:read")]
CanWriteImports = Annotated[Tx, writes("imports:write")]
CanUploadFiles = Annotated[Steps, writes_in_steps("imports:write")]


class CsvFile(StreamingResponse):
    """A CSV file, sent as it is made."""

    media_type = "text/csv"


@router.get("", response_model=ImportPage, openapi_extra=IMPORTS.documented())
async def list_imports(tx: CanReadImports, query: Annotated[ImportQuery, asked(ImportQuery)]) -> Response:
    """List imports, the newest first."""
    return await answers.page(tx, IMPORTS, ImportRead, query)


@router.post("", response_model=ImportRead, status_code=201)
async def create_import(tx: CanWriteImports, body: ImportCreate) -> Response:
    """Prepare an import.

    Then upload its file and start it. The caller needs the scope to write what is imported as well, such as
    `accounts:write`.
    """
    row = await service.create_import(tx, body.given())
    return await answers.created(tx, IMPORTS, ImportRead, row.id)


@router.get("/{import_id}", response_model=ImportRead, openapi_extra=IMPORTS.documented())
async def get_import(tx: CanReadImports, import_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one import: how its file is read, and how far it has come."""
    return await answers.item(tx, IMPORTS, ImportRead, import_id, query)


@router.put(
    "/{import_id}/file",
    response_model=ImportRead,
    openapi_extra=takes_file(
        en="id,company,industry\ncrm-1042,Harbor Analytics,Software\n",
        ja="顧客ID,会社名,業種\ncrm-1042,株式会社さくら物流,物流\n",
    ),
)
async def upload_import_file(steps: CanUploadFiles, import_id: UUID) -> Response:
    """Upload the file of an import, as the body and of any media type; up to 500 MB.

    Its head is looked at: format, encoding, columns with samples, and the field that each column seems to be. Until
    the import starts, another file may take its place.
    """
    request = steps.request
    async with steps.write() as tx:
        upload = await Upload.begun(tx, steps.database, import_id)
    try:
        await upload.take(request.stream(), most_workbook_bytes=request.app.state.settings.workbook_bytes)
        async with steps.write() as tx:
            await upload.finish(tx)
            return await answers.changed(tx, IMPORTS, ImportRead, import_id)
    except ClientDisconnect as error:
        await upload.abandon()
        raise BAD_REQUEST() from error
    except BaseException:
        await upload.abandon()
        raise


@router.post("/{import_id}:start", response_model=ImportRead)
async def start_import(tx: CanWriteImports, import_id: UUID, body: ImportStart) -> Response:
    """Start an import: the worker brings its rows in, 1,000 at a time.

    A row is known by its `external_id`: it creates a record or changes what the row says differently. An empty cell
    leaves its field as it is. A later row with the same id changes the record again; of `contracts` rows with the same
    id that follow one another are one contract with their items, which is refused whole. With `dry_run` nothing is
    written, and the report says what would happen. The report is in the language of this request.
    """
    await service.start_import(tx, import_id, body.given())
    return await answers.changed(tx, IMPORTS, ImportRead, import_id)


@router.post("/{import_id}:cancel", response_model=ImportRead)
async def cancel_import(tx: CanWriteImports, import_id: UUID) -> Response:
    """Cancel an import. One that runs stops within a batch; rows that came in stay."""
    await service.cancel_import(tx, import_id)
    return await answers.changed(tx, IMPORTS, ImportRead, import_id)


@router.get("/{import_id}/rows", response_model=ImportRowPage, openapi_extra=IMPORT_ROWS.documented())
async def list_import_rows(
    tx: CanReadImports, import_id: UUID, query: Annotated[ImportRowQuery, asked(ImportRowQuery)]
) -> Response:
    """List what became of the rows: those that failed, and of a dry run all.

    They are kept, as the file is, until 30 days after the end.
    """
    await service.columns_of(tx, import_id)
    return await answers.page(tx, IMPORT_ROWS, ImportRowRead, query, where={"import_id": import_id})


@router.get("/{import_id}/rejected-rows", response_class=CsvFile)
async def download_rejected_rows(tx: CanReadImports, import_id: UUID) -> Response:
    """Download the rows that failed as CSV (UTF-8), with their line and the reasons in two more columns.

    Mend them and import the file again: its columns are those of the original.
    """
    assert tx.request is not None
    assert tx.workspace_id is not None
    access: Access = tx.request.app.state.access
    columns = await service.columns_of(tx, import_id)
    content = reporting.rejected_rows(access.replica, tx.workspace_id, import_id, columns)
    disposition = f'attachment; filename="rejected-{import_id}.csv"'
    return CsvFile(content, headers={"Content-Disposition": disposition})


@mapping_router.get("", response_model=ImportMappingPage, openapi_extra=IMPORT_MAPPINGS.documented())
async def list_import_mappings(
    tx: CanReadImports, query: Annotated[ImportMappingQuery, asked(ImportMappingQuery)]
) -> Response:
    """List the saved mappings."""
    return await answers.page(tx, IMPORT_MAPPINGS, ImportMappingRead, query)


@mapping_router.post("", response_model=ImportMappingRead, status_code=201)
async def create_import_mapping(tx: CanWriteImports, body: ImportMappingCreate) -> Response:
    """Keep a mapping of columns to fields for the next file."""
    row = await service.create_mapping(tx, body.given())
    return await answers.created(tx, IMPORT_MAPPINGS, ImportMappingRead, row.id)


@mapping_router.get("/{mapping_id}", response_model=ImportMappingRead, openapi_extra=IMPORT_MAPPINGS.documented())
async def get_import_mapping(
    tx: CanReadImports, mapping_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one saved mapping."""
    return await answers.item(tx, IMPORT_MAPPINGS, ImportMappingRead, mapping_id, query)


@mapping_router.patch("/{mapping_id}", response_model=ImportMappingRead)
async def update_import_mapping(
    tx: CanWriteImports, mapping_id: UUID, version: Version, body: ImportMappingUpdate
) -> Response:
    """Change a saved mapping; imports that used it stay as they are."""
    await service.update_mapping(tx, mapping_id, version, body.given())
    return await answers.changed(tx, IMPORT_MAPPINGS, ImportMappingRead, mapping_id)


@mapping_router.delete("/{mapping_id}", response_model=ImportMappingRead)
async def archive_import_mapping(tx: CanWriteImports, mapping_id: UUID, version: Version) -> Response:
    """Archive a saved mapping: it leaves lists and can be restored."""
    await service.archive_mapping(tx, mapping_id, version)
    return await answers.changed(tx, IMPORT_MAPPINGS, ImportMappingRead, mapping_id)


@mapping_router.post("/{mapping_id}:restore", response_model=ImportMappingRead)
async def restore_import_mapping(tx: CanWriteImports, mapping_id: UUID) -> Response:
    """Restore an archived mapping."""
    await service.restore_mapping(tx, mapping_id)
    return await answers.changed(tx, IMPORT_MAPPINGS, ImportMappingRead, mapping_id)
