"""Shapes of search."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, BaseModel, ConfigDict, Field

from api.kit.schemas import Read, SearchText


class SearchKind(StrEnum):
    """What can be found."""

    account = "account"
    contact = "contact"
    product = "product"
    interaction = "interaction"
    task = "task"
    product_gap = "product_gap"
    program = "program"
    success_roadmap = "success_roadmap"
    roadmap_goal = "roadmap_goal"
    reference_case = "reference_case"


class SearchQuery(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    q: SearchText = Field(description="Text in Japanese or English, from one character on.", examples=["さくら"])
    kind: list[SearchKind] | MISSING = Field(default=MISSING, description="Only these kinds.")
    limit: Annotated[int, Field(ge=1, le=50)] = 20


class SearchHit(Read):
    """One record that was found."""

    kind: SearchKind
    id: UUID
    title: str
    subtitle: str | None = Field(
        description="The account of a contact, an interaction, a task or a case, the family of a product, the area of a gap, the kind of a program, an external id."
    )


class SearchResult(Read):
    """What was found, best first: texts that begin with the words sought, then shorter ones."""

    data: list[SearchHit]
