"""Facts that became known when a column says so."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from api.contracts.row_shapes import ContractRow
from api.imports.importable import Known
from api.imports.items import Conversion
from api.imports.models import FileFormat
from api.imports.table import SourceRow
from api.imports.targets import TARGETS
from tests.contracts.conftest import Desk, desk, on
from tests.imports.conftest import Importer, counted
from tests.whole_api import makers

__all__ = ["desk"]
MAPPING = {
    "id": "external_id", "account": "account_external_id", "product": "product_external_id", "from": "starts_on",
    "price": "unit_price", "entered": "known_at",
}  # fmt: skip
HEADER = "id,account,product,from,price,entered\n"


async def test_the_ledger_knows_of_each_row_since_its_moment(desk: Desk) -> None:
    importer = Importer(desk.workspace, desk.client)
    with on("2026-05-10"):
        account, product = await desk.account(external_id="a-1"), await makers.product_with_external_id(desk.workspace)
        content = HEADER + "".join(
            f"{key},a-1,{product},{start},{price},{known}\n"
            for key, start, price, known in (
                ("k-2", "2025-02-01", 50, "2025-04-01T09:30:00+09:00"),
                ("k-1", "2025-03-01", 100, "2025/1/20"),  # entered before it begins, and before k-2 was
                ("k-3", "2025-05-01", 7, ""),
                ("k-4", "2025-05-01", 7, "some day"),
                ("k-5", "2025-05-01", 7, "2026-05-11"),
            )
        )
        found = await importer.done(content, MAPPING, resource="contracts", known_at="column")
        assert counted(found) == (2, 0, 0, 3)
        refused = [
            (row["key"], [(error["pointer"], error["code"]) for error in row["errors"]])
            for row in await importer.rows(found["id"])
        ]
        assert refused == [
            ("k-3", [("/known_at", "missing")]), ("k-4", [("/known_at", "invalid_format")]),
            ("k-5", [("/known_at", "invalid_format")]),
        ]  # fmt: skip
        assert await desk.mrr(account, "2025-06-01", known_at="2025-01-19") == 0
        assert await desk.mrr(account, "2025-06-01", known_at="2025-01-20") == 100
        assert await desk.mrr(account, "2025-06-01", known_at="2025-04-01") == 150
        lines = (await desk.get("/v1/mrr-movements?sort=recorded_at"))["data"]
        assert {line["backfilled"] for line in lines} == {True}
        assert [(line["recorded_at"], line["effective_on"], line["type"], line["amount"]["amount"]) for line in lines] == [
            ("2025-01-19T15:00:00.000000Z", "2025-03-01", "new", 100),
            ("2025-04-01T00:30:00.000000Z", "2025-02-01", "new", 50),
            ("2025-04-01T00:30:00.000000Z", "2025-03-01", "expansion", 100),
            ("2025-04-01T00:30:00.000000Z", "2025-03-01", "new", -100),
        ]  # fmt: skip
        # What comes later in another file, but was known before, leaves what was known as it was.
        late = HEADER + f"k-6,a-1,{product},2025-02-01,1000,2025-01-01\n"
        assert counted(await importer.done(late, MAPPING, resource="contracts", known_at="column")) == (1, 0, 0, 0)
        assert await desk.mrr(account, "2025-06-01", known_at="2025-03-31") == 100
        assert await desk.mrr(account, "2025-06-01", known_at="2025-04-01") == 1_150


@pytest.mark.parametrize(
    ("resource", "known_at", "mapped", "pointer"),
    [("contracts", "column", False, "/mapping"), ("contracts", "fact_date", True, "/mapping/entered")],
)
async def test_the_column_and_the_choice_go_together(
    importer: Importer, resource: str, known_at: str, mapped: bool, pointer: str
) -> None:
    import_id = await importer.create(resource, known_at=known_at)
    await importer.upload(import_id, f"{HEADER}k-1,,,,,\n".encode())
    mapping = {column: field for column, field in MAPPING.items() if mapped or field != "known_at"}
    answer = await importer.start(import_id, mapping=mapping)
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_accounts_are_no_facts(importer: Importer) -> None:
    body = {"resource": "accounts", "filename": "a.csv", "known_at": "column"}
    answer = await importer.client.post("/v1/imports", json=body)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/known_at"]


def test_a_fact_that_happens_is_not_known_before() -> None:
    now = dt.datetime(2026, 5, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
    happens = replace(TARGETS["contracts"], known=Known(not_before="starts_on"))
    assert happens.item is ContractRow
    conversion = Conversion.of(happens, MAPPING, {}, FileFormat.csv, now)

    def errors(entered: str) -> list[tuple[str, str]]:
        row = conversion.read(SourceRow(2, {"id": "k", "from": "2026-03-02", "entered": entered}))
        return [(error.pointer, error.code) for error in row.errors]

    assert errors("2026-03-01") == [("/known_at", "out_of_range")]
    assert errors("2026-03-01T15:00:00Z") == []  # the second of March has begun in Tokyo
    assert errors("2026-03-02") == []
