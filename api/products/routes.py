"""The catalogue over HTTP."""

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
from api.products import service
from api.products.schemas import (
    ProductCreate,
    ProductPage,
    ProductQuery,
    ProductRead,
    ProductUpdate,
    SuccessOverrideWrite,
)
from api.products.service import PRODUCTS

router = resource_router("/products", tag="products")

CanReadProducts = Annotated[Tx, reads("products:read")]
CanWriteProducts = Annotated[Tx, writes("products:write")]


@router.get("", response_model=ProductPage, openapi_extra=PRODUCTS.documented())
async def list_products(tx: CanReadProducts, query: Annotated[ProductQuery, asked(ProductQuery)]) -> Response:
    """List the products of the workspace."""
    return await answers.page(tx, PRODUCTS, ProductRead, query)


@router.post("", response_model=ProductRead, status_code=201)
async def create_product(tx: CanWriteProducts, body: ProductCreate) -> Response:
    """Add a product to the catalogue."""
    product = await service.create_product(tx, body.given())
    return await answers.created(tx, PRODUCTS, ProductRead, product.id)


@router.get("/{product_id}", response_model=ProductRead, openapi_extra=PRODUCTS.documented())
async def get_product(tx: CanReadProducts, product_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one product."""
    return await answers.item(tx, PRODUCTS, ProductRead, product_id, query)


@router.patch("/{product_id}", response_model=ProductRead)
async def update_product(tx: CanWriteProducts, product_id: UUID, version: Version, body: ProductUpdate) -> Response:
    """Change a product."""
    await service.update_product(tx, product_id, version, body.given())
    return await answers.changed(tx, PRODUCTS, ProductRead, product_id)


@router.delete("/{product_id}", response_model=ProductRead)
async def archive_product(tx: CanWriteProducts, product_id: UUID, version: Version) -> Response:
    """Archive a product: it leaves lists and can be restored."""
    await service.archive_product(tx, product_id, version)
    return await answers.changed(tx, PRODUCTS, ProductRead, product_id)


@router.post("/{product_id}:restore", response_model=ProductRead)
async def restore_product(tx: CanWriteProducts, product_id: UUID) -> Response:
    """Restore an archived product."""
    await service.restore_product(tx, product_id)
    return await answers.changed(tx, PRODUCTS, ProductRead, product_id)


@router.put("/{product_id}/success-overrides/{segment_id}", response_model=ProductRead)
async def set_success_override(
    tx: CanWriteProducts, product_id: UUID, segment_id: UUID, body: SuccessOverrideWrite
) -> Response:
    """Give a segment its own definition of success with the product."""
    await service.override_success(tx, product_id, segment_id, body.given())
    return await answers.changed(tx, PRODUCTS, ProductRead, product_id)
