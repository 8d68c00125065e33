"""What was exported and is imported again changes nothing."""

from typing import Any

import pytest

from api.accounts.schemas import AccountUpsert
from api.accounts.service import upsert_accounts
from api.contacts.bulk import upsert_contacts
from api.contacts.schemas import ContactBulkItem
from api.kit.bulk import Upsert, upsert
from api.kit.schemas import ExternalId
from api.products.models import Product
from api.products.schemas import ProductCreate, ProductUpdate
from api.products.service import PRODUCTS
from tests.exports.conftest import Exports
from tests.exports.reading import csv_rows, items, json_lines, xlsx_rows

FORMULA = "=cmd|'/C calc'!A0"
HOSTILE = [FORMULA, "+81-3-1234-5678", "-1+1", "@SUM(A1)", "'=1", "''+2", "'quoted'", 'a "b", c\nd', "１；２", "007"]
FORMATS = ("csv", "xlsx", "jsonl")


class ProductItem(ProductUpdate):
    """A product as another system knows it."""

    external_id: ExternalId


async def read_back(exports: Exports, resource: str, format_: str, shape: Any, types: dict[str, str]) -> list[Any]:
    content = await exports.content(resource, format_)
    if format_ == "jsonl":
        return [
            {name: value for name, value in item.items() if name in shape.model_fields} for item in json_lines(content)
        ]
    return items({"csv": csv_rows, "xlsx": xlsx_rows}[format_](content), shape, types)


async def declare(exports: Exports, resource: str) -> dict[str, str]:
    types = {"tier": "option", "score": "number", "signed": "date", "vip": "boolean", "memo": "text"}
    for key, kind in types.items():
        options = ["gold", "+silver"] if kind == "option" else []
        await exports.post("/v1/custom-fields", resource=resource, key=key, label=key, type=kind, options=options)
    return types


CUSTOM = {"tier": "+silver", "score": -12.5, "signed": "2026-04-01", "vip": True, "memo": FORMULA}


@pytest.mark.parametrize("format_", FORMATS)
async def test_accounts(exports: Exports, format_: str) -> None:
    types = await declare(exports, "account")
    parent = await exports.account("親会社", external_id="parent")
    for place, name in enumerate(HOSTILE):
        await exports.account(
            name,
            external_id=f"{place}-{name}",
            legal_name=name,
            tags=[name, "重点;最重要", "[x]"][: place % 4],
            custom=CUSTOM,
        )
    await exports.account(
        "株式会社さくら物流", external_id="full", kana="サクラ", corporate_number="7010401000000", domain="sakura.example",
        industry="物流", employee_count=320, country="JP", language="ja", parent_id=parent["id"],
        touch_model_override="low", sources={"name": "crm"}, tags=["a", "b"], custom={"score": 3, "vip": False},
    )  # fmt: skip
    found = await read_back(exports, "accounts", format_, AccountUpsert, types)
    assert len(found) == len(HOSTILE) + 2
    async with exports.workspace.write() as tx:
        results = await upsert_accounts(tx, found)
    assert {(result.status.value, str(result.problem or "")) for result in results} == {("unchanged", "")}


@pytest.mark.parametrize("format_", FORMATS)
async def test_contacts(exports: Exports, format_: str) -> None:
    types = await declare(exports, "contact")
    account = await exports.account("株式会社さくら物流")
    for place, name in enumerate(HOSTILE):
        await exports.post(
            "/v1/contacts", account_id=account["id"], external_id=f"c{place}", name=name, title=name, notes=name,
            phone="+81-3-1234-5678", custom=CUSTOM,
        )  # fmt: skip
    await exports.post(
        "/v1/contacts", account_id=account["id"], external_id="full", name="佐藤 花子", kana="サトウ ハナコ",
        email="hanako@sakura.example", phone="+81-3-1234-5678", title="部長", department="物流企画部", language="ja",
        stakeholder_role="champion", influence=4, stance="supportive", since="2024-04-01", left_on="2026-03-31",
        notes="一行目\r\n二行目\tタブ", tags=["x", "y"],
    )  # fmt: skip
    found = await read_back(exports, "contacts", format_, ContactBulkItem, types)
    assert len(found) == len(HOSTILE) + 1
    async with exports.workspace.write() as tx:
        results = await upsert_contacts(tx, found)
    assert {(result.status.value, str(result.problem or "")) for result in results} == {("unchanged", "")}


@pytest.mark.parametrize("format_", FORMATS)
async def test_products(exports: Exports, format_: str) -> None:
    for place, name in enumerate(HOSTILE):
        await exports.post(
            "/v1/products", name=name, external_id=f"p{place}", description=name, sellable=place % 2 == 0, family=name
        )
    found = await read_back(exports, "products", format_, ProductItem, {})
    assert len(found) == len(HOSTILE)
    async with exports.workspace.write() as tx:
        results = await upsert(tx, Upsert(PRODUCTS, Product, ProductItem, ProductCreate), found)
    assert {(result.status.value, str(result.problem or "")) for result in results} == {("unchanged", "")}


async def test_a_changed_cell_is_noticed(exports: Exports) -> None:
    """The control: these tests would see a difference."""
    await exports.account("さくら", external_id="s", legal_name="=1")
    (item,) = await read_back(exports, "accounts", "csv", AccountUpsert, {})
    async with exports.workspace.write() as tx:
        (result,) = await upsert_accounts(tx, [{**item, "legal_name": "'=1"}])
    assert (result.status.value, result.changed) == ("updated", ["legal_name"])
