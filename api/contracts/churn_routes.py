"""Churn reports over HTTP."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.auth.access import reads, writes
from api.contracts.churn_reports import (
    CHURN_REPORTS,
    ChurnReportBulkUpsert,
    ChurnReportPage,
    ChurnReportQuery,
    ChurnReportRead,
    upsert_churn_reports,
)
from api.kit import answers
from api.kit.bulk_schemas import BulkResult
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router

router = resource_router("/churn-reports", tag="contracts")

CanReadReports = Annotated[Tx, reads("contracts:read")]
CanBulkWriteReports = Annotated[Tx, writes("contracts:write", key_required=True)]


@router.get("", response_model=ChurnReportPage, openapi_extra=CHURN_REPORTS.documented())
async def list_churn_reports(
    tx: CanReadReports, query: Annotated[ChurnReportQuery, asked(ChurnReportQuery)]
) -> Response:
    """List the churns that other systems told of. The ledger has its own; these never touch it."""
    return await answers.page(tx, CHURN_REPORTS, ChurnReportRead, query)


@router.post(":bulk-upsert", response_model=BulkResult, status_code=207)
async def bulk_upsert_churn_reports(
    tx: CanBulkWriteReports,
    body: ChurnReportBulkUpsert,
    atomic: Annotated[bool, Query(description="All items or none.")] = False,  # noqa: FBT002
) -> Response:
    """Create or bring up to date up to 5,000 churn reports by external id, each with its own result."""
    return await answers.bulk(tx, await upsert_churn_reports(tx, body.items, atomic=atomic))
