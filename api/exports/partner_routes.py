"""What partners may see of reference cases, as a file that is made when it is asked for."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Final

from pydantic import Field
from starlette.responses import Response

from api.auth.access import reads
from api.auth.service import workspace_today
from api.exports.columns import columns_of
from api.exports.formats import MEDIA_TYPES, encoder
from api.exports.models import ExportFormat
from api.exports.sources import Source
from api.kit import answers
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.kit.queries import asked
from api.kit.read import chosen, find_page
from api.kit.routing import resource_router
from api.kit.schemas import Include
from api.reference_cases import partner_search
from api.reference_cases.partner_resource import PARTNER_ENTRIES
from api.reference_cases.partner_schemas import (
    PartnerCaseFilters,
    PartnerReferenceCaseQuery,
    PartnerReferenceCaseRead,
)

router = resource_router("/partner/reference-cases", tag="for-partners")

CanSeeCases = Annotated[Tx, reads("partner_reference_cases:read")]

MOST_CASES: Final = 5_000
PAGE_ROWS: Final = 200
OUTCOMES: Final = "outcomes"
TOO_MANY_CASES = problem_type(
    "too_many_cases", 422,
    en=("Too many cases for a file", "You may see {cases} of these cases, and a file holds {most}. Filter them."),
    ja=("件数が多すぎます", "該当する事例は {cases} 件ありますが、ファイルに入るのは {most} 件までです。条件で絞り込んでください。"),
)  # fmt: skip
SOURCE: Final = Source(
    PARTNER_ENTRIES, PartnerReferenceCaseRead, PartnerReferenceCaseQuery, "partner_reference_cases:read",
    applied=partner_search.applied,
)  # fmt: skip
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_TYPES.values()}}
}


class PartnerCaseExportQuery(PartnerCaseFilters):
    """The cases to save, and how."""

    format: ExportFormat = Field(
        default=ExportFormat.csv, description="CSV and XLSX have a row for each outcome; JSON Lines one for each case."
    )


@router.get(":export", response_class=Response, responses=_FILE)
async def export_partner_reference_cases(
    tx: CanSeeCases, query: Annotated[PartnerCaseExportQuery, asked(PartnerCaseExportQuery)]
) -> Response:
    """Save the cases that you may see as a file, with the filters of the list: CSV, XLSX or JSON Lines, 5,000 at most.

    It is made when you ask and kept nowhere, so that it never holds a case whose customer has taken the consent back.
    """
    pieces = await _pieces(tx, query)
    digest = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        digest.update(piece)
    day = await workspace_today(tx)
    return answers.file(
        tx,
        _sent(pieces),
        media_type=MEDIA_TYPES[query.format],
        filename=f"reference-cases-{day.isoformat()}.{query.format.value}",
        size=sum(len(piece) for piece in pieces),
        digest=digest.hexdigest(),
    )


async def _pieces(tx: Tx, query: PartnerCaseExportQuery) -> list[bytes]:
    given = {name: getattr(query, name) for name in query.model_fields_set - {"format"}}
    listed = PartnerReferenceCaseQuery.model_validate(given)
    fields, _ = chosen(PARTNER_ENTRIES, PartnerReferenceCaseRead, listed)
    columns = columns_of(SOURCE, fields, (), (), OUTCOMES)
    applied = (await SOURCE.applied(tx, listed)).model_copy(update={"limit": PAGE_ROWS})
    pieces: list[bytes] = []
    following: dict[str, Any] = {"include": Include.total_count}
    async with encoder(query.format, columns, bom=True, per=OUTCOMES) as encoding:
        while True:
            page = await find_page(tx, PARTNER_ENTRIES, PartnerReferenceCaseRead, applied.model_copy(update=following))
            if not pieces:
                total = page.total or 0
                if total > MOST_CASES:
                    raise TOO_MANY_CASES(cases=f"{total:,}", most=f"{MOST_CASES:,}")
                pieces.append(encoding.start(total))
            pieces.append(await asyncio.to_thread(encoding.page, page.items))
            if page.next_cursor is None:
                break
            following = {"cursor": page.next_cursor}
        pieces += await asyncio.to_thread(lambda: list(encoding.end()))
    return pieces


async def _sent(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        if piece:
            yield piece
