"""Reports of gaps, and comments on them, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.bulk_schemas import BulkResult
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.product_gaps import bulk, comments, reports
from api.product_gaps.report_schemas import (
    GapCommentCreate,
    GapCommentPage,
    GapCommentQuery,
    GapCommentRead,
    GapCommentUpdate,
    GapReportBulkUpsert,
    GapReportCreate,
    GapReportPage,
    GapReportQuery,
    GapReportRead,
    GapReportUpdate,
)
from api.product_gaps.resource import COMMENTS, REPORTS

report_router = resource_router("/product-gap-reports", tag="product-gaps")
comment_router = resource_router("/product-gap-comments", tag="product-gaps")

CanReadGaps = Annotated[Tx, reads("product_gaps:read")]
CanReportGaps = Annotated[Tx, writes("product_gaps:report")]
CanBulkReportGaps = Annotated[Tx, writes("product_gaps:report", key_required=True)]


@report_router.get("", response_model=GapReportPage, openapi_extra=REPORTS.documented())
async def list_product_gap_reports(
    tx: CanReadGaps, query: Annotated[GapReportQuery, asked(GapReportQuery)]
) -> Response:
    """List which accounts miss what, the latest first."""
    return await answers.page(tx, REPORTS, GapReportRead, query)


@report_router.post("", response_model=GapReportRead, status_code=201)
async def create_product_gap_report(tx: CanReportGaps, body: GapReportCreate) -> Response:
    """Report that an account misses something."""
    return await answers.created(tx, REPORTS, GapReportRead, await reports.create_report(tx, body.given()))


@report_router.post(":bulk-upsert", response_model=BulkResult, status_code=207)
async def bulk_upsert_product_gap_reports(
    tx: CanBulkReportGaps,
    body: GapReportBulkUpsert,
    atomic: Annotated[bool, Query(description="All items or none.")] = False,  # noqa: FBT002
) -> Response:
    """Create or bring up to date up to 5,000 reports by external id, each with its own result."""
    return await answers.bulk(tx, await bulk.upsert_reports(tx, body.items, atomic=atomic))


@report_router.get("/{report_id}", response_model=GapReportRead, openapi_extra=REPORTS.documented())
async def get_product_gap_report(
    tx: CanReadGaps, report_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one report."""
    return await answers.item(tx, REPORTS, GapReportRead, report_id, query)


@report_router.patch("/{report_id}", response_model=GapReportRead)
async def update_product_gap_report(
    tx: CanReportGaps, report_id: UUID, version: Version, body: GapReportUpdate
) -> Response:
    """Change a report, or move it to another gap."""
    await reports.update_report(tx, report_id, version, body.given())
    return await answers.changed(tx, REPORTS, GapReportRead, report_id)


@report_router.delete("/{report_id}", response_model=GapReportRead)
async def archive_product_gap_report(tx: CanReportGaps, report_id: UUID, version: Version) -> Response:
    """Archive a report: it counts no more and can be restored."""
    await reports.archive_report(tx, report_id, version)
    return await answers.changed(tx, REPORTS, GapReportRead, report_id)


@report_router.post("/{report_id}:restore", response_model=GapReportRead)
async def restore_product_gap_report(tx: CanReportGaps, report_id: UUID) -> Response:
    """Restore an archived report."""
    await reports.restore_report(tx, report_id)
    return await answers.changed(tx, REPORTS, GapReportRead, report_id)


@comment_router.get("", response_model=GapCommentPage, openapi_extra=COMMENTS.documented())
async def list_product_gap_comments(
    tx: CanReadGaps, query: Annotated[GapCommentQuery, asked(GapCommentQuery)]
) -> Response:
    """List what we say about gaps, the latest first."""
    return await answers.page(tx, COMMENTS, GapCommentRead, query)


@comment_router.post("", response_model=GapCommentRead, status_code=201)
async def create_product_gap_comment(tx: CanReportGaps, body: GapCommentCreate) -> Response:
    """Comment on a gap."""
    return await answers.created(tx, COMMENTS, GapCommentRead, await comments.create_comment(tx, body.given()))


@comment_router.get("/{comment_id}", response_model=GapCommentRead, openapi_extra=COMMENTS.documented())
async def get_product_gap_comment(
    tx: CanReadGaps, comment_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one comment."""
    return await answers.item(tx, COMMENTS, GapCommentRead, comment_id, query)


@comment_router.patch("/{comment_id}", response_model=GapCommentRead)
async def update_product_gap_comment(
    tx: CanReportGaps, comment_id: UUID, version: Version, body: GapCommentUpdate
) -> Response:
    """Change a comment of one's own."""
    await comments.update_comment(tx, comment_id, version, body.given())
    return await answers.changed(tx, COMMENTS, GapCommentRead, comment_id)


@comment_router.delete("/{comment_id}", response_model=GapCommentRead)
async def archive_product_gap_comment(tx: CanReportGaps, comment_id: UUID, version: Version) -> Response:
    """Remove a comment of one's own from the lists."""
    await comments.archive_comment(tx, comment_id, version)
    return await answers.changed(tx, COMMENTS, GapCommentRead, comment_id)
