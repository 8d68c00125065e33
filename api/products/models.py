"""Tables of the catalogue."""

from uuid import UUID

from sqlmodel import Field

from api.kit.search import search_index, searched
from api.kit.tables import DISTRIBUTED, Record, belongs_to, in_workspace, index, unique


class Product(Record, table=True):
    """Something the workspace sells."""

    __tablename__ = "products"
    __table_args__ = (in_workspace(), unique("external_id"), index("name", "id"), search_index("products"), DISTRIBUTED)

    external_id: str | None = None
    name: str
    family: str | None = None
    description: str = ""
    sellable: bool = Field(default=True)
    success_statement: str | None = None
    value_milestone: str | None = None
    search_text: str = searched("name", "family", "description", "external_id")


class SuccessOverride(Record, table=True):
    """The success definition of a product for one segment."""

    __tablename__ = "success_overrides"
    __table_args__ = (
        in_workspace(),
        belongs_to("product_id", "products"),
        belongs_to("segment_id", "segments"),
        unique("product_id", "segment_id"),
        DISTRIBUTED,
    )

    product_id: UUID
    segment_id: UUID
    success_statement: str
    value_milestone: str
