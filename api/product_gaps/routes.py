"""Gaps and the renewal board over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.problems import NOT_FOUND, Problem
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.product_gaps import board, merging, reports, service
from api.product_gaps.board_schemas import GapAreaQuery, GapBoard, GapBoardQuery, GapsByArea
from api.product_gaps.renewals import RENEWALS, RenewalBoardPage, RenewalBoardQuery, RenewalBoardRead, allowed
from api.product_gaps.resource import PRODUCT_GAPS
from api.product_gaps.schemas import GapCreate, GapMerge, GapPage, GapQuery, GapRead, GapUpdate

router = resource_router("/product-gaps", tag="product-gaps")
renewal_router = resource_router("/renewals", tag="renewals")

CanReadGaps = Annotated[Tx, reads("product_gaps:read")]
CanReportGaps = Annotated[Tx, writes("product_gaps:report")]
CanWriteGaps = Annotated[Tx, writes("product_gaps:write")]
CanReadContracts = Annotated[Tx, reads("contracts:read")]


@router.get("", response_model=GapPage, openapi_extra=PRODUCT_GAPS.documented())
async def list_product_gaps(tx: CanReadGaps, query: Annotated[GapQuery, asked(GapQuery)]) -> Response:
    """List what customers miss, by rank, or by what it puts at risk."""
    return await answers.page(tx, PRODUCT_GAPS, GapRead, query)


@router.post("", response_model=GapRead, status_code=201)
async def create_product_gap(tx: CanReportGaps, body: GapCreate) -> Response:
    """Add a gap, together with its first report if you like."""
    values = body.given()
    report = values.pop("report", None)
    gap_id = await reports.create_gap_with_report(tx, values, report)
    return await answers.created(tx, PRODUCT_GAPS, GapRead, gap_id)


@router.get("/board", response_model=GapBoard)
async def get_product_gap_board(tx: CanReadGaps, query: Annotated[GapBoardQuery, asked(GapBoardQuery)]) -> Response:
    """Gaps in columns by status: the first cards of each, and what all of the column put at stake."""
    return answers.represented(tx, await board.board(tx, query), None)


@router.get(":by-area", response_model=GapsByArea)
async def get_product_gaps_by_area(tx: CanReadGaps, query: Annotated[GapAreaQuery, asked(GapAreaQuery)]) -> Response:
    """Gaps summed up by part of the product, the highest MRR at risk first."""
    return answers.represented(tx, await board.by_area(tx, query), None)


@router.get("/{gap_id}", response_model=GapRead, openapi_extra=PRODUCT_GAPS.documented())
async def get_product_gap(tx: CanReadGaps, gap_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one gap.

    The id of a gap that was merged away answers with the gap it was merged into; `Content-Location` names it.
    """
    try:
        return await answers.item(tx, PRODUCT_GAPS, GapRead, gap_id, query)
    except Problem as problem:
        if problem.type is not NOT_FOUND:
            raise
        winner_id = await service.merged_into(tx, gap_id)
        response = await answers.item(tx, PRODUCT_GAPS, GapRead, winner_id, query)
        response.headers["Content-Location"] = f"/v1/product-gaps/{winner_id}"
        return response


@router.patch("/{gap_id}", response_model=GapRead)
async def update_product_gap(tx: CanWriteGaps, gap_id: UUID, version: Version, body: GapUpdate) -> Response:
    """Change a gap: rank it, answer customers, move it on.

    Once it is `shipped`, whoever reported it gets a task to tell the customer: one for each account and person, ever.
    """
    await service.update_gap(tx, gap_id, version, body.given())
    return await answers.changed(tx, PRODUCT_GAPS, GapRead, gap_id)


@router.delete("/{gap_id}", response_model=GapRead)
async def archive_product_gap(tx: CanWriteGaps, gap_id: UUID, version: Version) -> Response:
    """Archive a gap: it leaves lists and can be restored."""
    await service.archive_gap(tx, gap_id, version)
    return await answers.changed(tx, PRODUCT_GAPS, GapRead, gap_id)


@router.post("/{gap_id}:restore", response_model=GapRead)
async def restore_product_gap(tx: CanWriteGaps, gap_id: UUID) -> Response:
    """Restore an archived gap."""
    await service.restore_gap(tx, gap_id)
    return await answers.changed(tx, PRODUCT_GAPS, GapRead, gap_id)


@router.post("/{gap_id}:merge", response_model=GapRead)
async def merge_product_gaps(tx: CanWriteGaps, gap_id: UUID, version: Version, body: GapMerge) -> Response:
    """Merge a duplicate into this gap, for good.

    Its reports, comments, history and tasks belong to this one afterwards, and its id leads here. An account that
    reported both counts once.
    """
    await merging.merge_gaps(tx, gap_id, body.loser_id, version)
    return await answers.changed(tx, PRODUCT_GAPS, GapRead, gap_id)


@renewal_router.get("", response_model=RenewalBoardPage, openapi_extra=RENEWALS.documented())
async def list_renewals(
    tx: CanReadContracts, query: Annotated[RenewalBoardQuery, asked(RenewalBoardQuery)]
) -> Response:
    """The renewal board: terms with what is due, by when notice can be given, what we expect, and what blocks them."""
    return await answers.page(tx, RENEWALS, RenewalBoardRead, await allowed(tx, query))


@renewal_router.get("/{renewal_id}", response_model=RenewalBoardRead, openapi_extra=RENEWALS.documented())
async def get_renewal(
    tx: CanReadContracts, renewal_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one term."""
    return await answers.item(tx, RENEWALS, RenewalBoardRead, renewal_id, await allowed(tx, query))
