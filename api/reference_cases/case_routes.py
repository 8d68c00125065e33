"""Reference cases over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.reference_cases import cases, search
from api.reference_cases.case_schemas import (
    CaseReview,
    CaseVersionsRead,
    ReferenceCaseCreate,
    ReferenceCasePage,
    ReferenceCaseQuery,
    ReferenceCaseRead,
    ReferenceCaseUpdate,
)
from api.reference_cases.resource import CASES, ENTRIES

router = resource_router("/reference-cases", tag="reference-cases")

CanReadCases = Annotated[Tx, reads("reference_cases:read")]
CanReadDrafts = Annotated[Tx, reads("reference_drafts:read")]
CanWriteCases = Annotated[Tx, writes("reference_cases:write")]
CanReviewCases = Annotated[Tx, writes("reference_cases:review")]


@router.get("", response_model=ReferenceCasePage, openapi_extra=ENTRIES.documented())
async def list_reference_cases(
    tx: CanReadCases, query: Annotated[ReferenceCaseQuery, asked(ReferenceCaseQuery)]
) -> Response:
    """Find cases: which customers did this and improved that by so much, in Japanese or English.

    `initiative`, `metric` and `min_improvement_pct` hold of one and the same case; the improvement follows the metric's
    direction, so that handling time which fell by 30 % has improved by 30. Words in `q` are also looked up among names and
    synonyms of the catalogues, in both languages. More than 2,000 matches of a text are ordered by improvement instead.
    """
    body, following = await search.list_cases(tx, query)
    return answers.with_next(tx, answers.represented(tx, body, None), following)


@router.post("", response_model=ReferenceCaseRead, status_code=201)
async def create_reference_case(tx: CanWriteCases, body: ReferenceCaseCreate) -> Response:
    """Draft a case. Readers see it once it was reviewed."""
    given = body.model_dump(exclude_unset=True, exclude={"account_id"})
    case = await cases.create_case(tx, body.account_id, given)
    return await answers.created(tx, CASES, ReferenceCaseRead, case.id)


@router.get("/{case_id}", response_model=ReferenceCaseRead, openapi_extra=CASES.documented())
async def get_reference_case(
    tx: CanReadCases, case_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one case, as it was approved last. Others than approved ones need `reference_drafts:read`."""
    where = None if tx.actor.may(search.SEES_DRAFTS) else {"approved_once": True}
    return await answers.item(tx, CASES, ReferenceCaseRead, case_id, query, where=where)


@router.patch("/{case_id}", response_model=ReferenceCaseRead)
async def update_reference_case(
    tx: CanWriteCases, case_id: UUID, version: Version, body: ReferenceCaseUpdate
) -> Response:
    """Change the working version of a case, which has to be submitted then. Readers keep what was approved last."""
    await cases.update_case(tx, case_id, version, body.given())
    return await answers.changed(tx, CASES, ReferenceCaseRead, case_id)


@router.get("/{case_id}/versions", response_model=CaseVersionsRead)
async def list_reference_case_versions(tx: CanReadDrafts, case_id: UUID) -> Response:
    """All versions of a case, the open one first, with who wrote and who reviewed them."""
    return answers.represented(tx, await cases.versions_of(tx, case_id), None)


@router.post("/{case_id}:submit", response_model=ReferenceCaseRead)
async def submit_reference_case(tx: CanWriteCases, case_id: UUID, version: Version) -> Response:
    """Ask for a review of the working version."""
    await cases.submit_case(tx, case_id, version)
    return await answers.changed(tx, CASES, ReferenceCaseRead, case_id)


@router.post("/{case_id}:review", response_model=ReferenceCaseRead)
async def review_reference_case(tx: CanReviewCases, case_id: UUID, version: Version, body: CaseReview) -> Response:
    """Approve the version that was submitted, or return it. Whoever wrote it may not review it."""
    await cases.review_case(tx, case_id, version, body.decision, body.comment)
    return await answers.changed(tx, CASES, ReferenceCaseRead, case_id)


@router.post("/{case_id}:retire", response_model=ReferenceCaseRead)
async def retire_reference_case(tx: CanReviewCases, case_id: UUID, version: Version) -> Response:
    """Take a case out of use, inside and outside at once."""
    await cases.retire_case(tx, case_id, version)
    return await answers.changed(tx, CASES, ReferenceCaseRead, case_id)
