"""Shapes of the board of gaps, and of gaps by area."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, ConfigDict, Field

from api.kit.schemas import Input, Read, SearchText, shown
from api.product_gaps import examples
from api.product_gaps.models import NOT_OVER, GapSeverity, GapStatus
from api.product_gaps.schemas import Area, GapFigures, GapRead


class GapAreaQuery(Input):
    """The gaps to sum up by area; those that are still missing, unless other statuses are asked for."""

    q: SearchText | MISSING = MISSING
    status: list[GapStatus] = list(NOT_OVER)
    area: list[Area] | MISSING = MISSING
    severity: list[GapSeverity] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    product_id: list[UUID] | MISSING = MISSING


class BoardOrder(StrEnum):
    """The orders of a column's cards."""

    rank = "rank"
    mrr_at_risk = "mrr_at_risk"


class GapBoardQuery(GapAreaQuery):
    """The gaps on the board; a column for each status, unless some are asked for."""

    status: list[GapStatus] = list(GapStatus)
    order: BoardOrder = Field(default=BoardOrder.rank, description="By rank, or the highest MRR at risk first.")
    limit: Annotated[int, Field(ge=1, le=40, description="Cards in each column.")] = 20


class GapColumn(Read):
    """The gaps of a status."""

    status: GapStatus
    gaps: int = Field(description="All of them, of which the first are cards.")
    figures: GapFigures = Field(description="An account that reports several gaps of the column counts once.")
    cards: list[GapRead]


class GapBoard(Read):
    """Gaps by status."""

    model_config = ConfigDict(json_schema_extra=shown(examples.BOARD))

    figures: GapFigures = Field(description="Of all columns; an account counts once.")
    columns: list[GapColumn]


class GapArea(Read):
    """The gaps of a part of the product."""

    area: str
    gaps: int
    figures: GapFigures = Field(description="An account that reports several gaps of the area counts once.")


class GapsByArea(Read):
    """Gaps by part of the product, the highest MRR at risk first."""

    model_config = ConfigDict(json_schema_extra=shown(examples.BY_AREA))

    data: list[GapArea]
