"""What one can do with the catalogue."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.kit import write
from api.kit.db import Tx
from api.kit.resources import Expansion, Resource
from api.products.models import Product, SuccessOverride

PRODUCTS: Final = Resource(
    "product",
    Product,
    sorts={"name": col(Product.name), "created_at": col(Product.created_at)},
    search_text=col(Product.search_text),
    expands={
        "success_overrides": Expansion(
            SuccessOverride,
            sa.and_(
                col(SuccessOverride.workspace_id) == col(Product.workspace_id),
                col(SuccessOverride.product_id) == col(Product.id),
            ),
            many=True,
        )
    },
    upsert_key="external_id",
)
SUCCESS_OVERRIDES: Final = Resource("success_override", SuccessOverride)


async def create_product(tx: Tx, values: Mapping[str, Any]) -> Product:
    """Add a product."""
    return await write.create(tx, PRODUCTS, Product, values)


async def update_product(tx: Tx, product_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a product."""
    product = await write.lock(tx, PRODUCTS, Product, product_id, version=version)
    await write.change(tx, PRODUCTS, product, values)


async def archive_product(tx: Tx, product_id: UUID, version: int) -> None:
    """Take a product out of lists; what refers to it stays."""
    await write.archive(tx, PRODUCTS, Product, product_id, version)


async def restore_product(tx: Tx, product_id: UUID) -> None:
    """Bring an archived product back."""
    await write.restore(tx, PRODUCTS, Product, product_id)


async def override_success(tx: Tx, product_id: UUID, segment_id: UUID, values: Mapping[str, Any]) -> None:
    """Give a segment its own definition of success with the product."""
    await write.lock(tx, PRODUCTS, Product, product_id)
    key = {"product_id": product_id, "segment_id": segment_id}
    existing = await tx.session.scalar(
        sa.select(SuccessOverride).filter_by(workspace_id=tx.workspace_id, **key).with_for_update()
    )
    if existing is None:
        await write.create(tx, SUCCESS_OVERRIDES, SuccessOverride, {**key, **values})
    else:
        await write.change(tx, SUCCESS_OVERRIDES, existing, values)
