"""A part of a transaction that fails by itself takes only its own with it."""

from contextlib import nullcontext

import psycopg
import pytest

from api.kit import audit, outbox
from api.kit.tables import new_id
from api.products.models import Product
from tests.support.workspaces import WorkspaceForTest


async def test_an_attempt_that_fails_undoes_rows_and_notes(
    workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    ids = [new_id() for _ in range(3)]
    async with workspace.write() as tx:
        for place, product_id in enumerate(ids):
            with pytest.raises(ZeroDivisionError) if place == 1 else nullcontext():
                async with tx.attempt():
                    tx.session.add(Product(workspace_id=workspace.id, id=product_id, name=str(place)))
                    audit.record(tx, "created", "product", product_id)
                    outbox.record(tx, "product.created", "product", product_id)
                    await tx.flush()
                    assert await tx.fetch("SELECT 1 FROM products WHERE id = %s", [product_id])
                    assert 1 / (place - 1)
    for query in (
        "SELECT id FROM products WHERE workspace_id = %s ORDER BY name",
        "SELECT resource_id FROM audit_log WHERE workspace_id = %s AND resource = 'product' ORDER BY id",
        "SELECT resource_id FROM events WHERE workspace_id = %s AND resource = 'product' ORDER BY id",
    ):
        assert [row[0] for row in owner.execute(query.encode(), [workspace.id])] == [ids[0], ids[2]]
