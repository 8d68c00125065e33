"""Candidates for new cases over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.reference_cases import candidates
from api.reference_cases.candidate_schemas import (
    CandidateAccept,
    CandidateDismiss,
    ReferenceCandidatePage,
    ReferenceCandidateQuery,
    ReferenceCandidateRead,
)
from api.reference_cases.candidates import CANDIDATES
from api.reference_cases.case_schemas import ReferenceCaseRead
from api.reference_cases.resource import CASES

router = resource_router("/reference-candidates", tag="reference-requests")

CanReadCandidates = Annotated[Tx, reads("reference_candidates:read")]
CanWriteCandidates = Annotated[Tx, writes("reference_candidates:write")]


@router.get("", response_model=ReferenceCandidatePage, openapi_extra=CANDIDATES.documented())
async def list_reference_candidates(
    tx: CanReadCandidates, query: Annotated[ReferenceCandidateQuery, asked(ReferenceCandidateQuery)]
) -> Response:
    """List accounts that have a story to tell, the latest first; the worker takes them from what happens."""
    return await answers.page(tx, CANDIDATES, ReferenceCandidateRead, query)


@router.post("/{candidate_id}:accept", response_model=ReferenceCaseRead, status_code=201)
async def accept_reference_candidate(
    tx: CanWriteCandidates, candidate_id: UUID, version: Version, body: CandidateAccept
) -> Response:
    """Draft a case for a candidate."""
    case = await candidates.accept(tx, candidate_id, version, body.given())
    return await answers.created(tx, CASES, ReferenceCaseRead, case.id, location="/v1/reference-cases")


@router.post("/{candidate_id}:dismiss", response_model=ReferenceCandidateRead)
async def dismiss_reference_candidate(
    tx: CanWriteCandidates, candidate_id: UUID, version: Version, body: CandidateDismiss
) -> Response:
    """Note that a candidate makes no case. It is not proposed again for the same thing for half a year."""
    await candidates.dismiss(tx, candidate_id, version, body.reason)
    return await answers.changed(tx, CANDIDATES, ReferenceCandidateRead, candidate_id)
