"""Search over HTTP."""

from typing import Annotated

from pydantic import MISSING
from starlette.responses import Response

from api.auth.access import reads
from api.kit import answers
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.search import service
from api.search.schemas import SearchKind, SearchQuery, SearchResult

router = resource_router("/search", tag="search")

CanSearch = Annotated[Tx, reads("search:read")]


@router.get("", response_model=SearchResult)
async def search(tx: CanSearch, query: Annotated[SearchQuery, asked(SearchQuery)]) -> Response:
    """Search accounts, contacts and products at once.

    Kinds that your credential may not read are left out.
    """
    kinds = list(SearchKind) if query.kind is MISSING else query.kind
    return answers.represented(tx, await service.search(tx, query.q, kinds, query.limit), None)
