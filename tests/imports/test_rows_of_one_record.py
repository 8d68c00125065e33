"""Rows that are one record together: whole or not at all, wherever a batch or a process ends."""

from typing import Any

import pytest

from api.imports import joining
from api.imports.targets import TARGETS
from tests.imports.conftest import Importer, counted
from tests.imports.test_run_import import _StoppedError, stops_after
from tests.whole_api import makers

HEADER = "external_id,account_external_id,product_external_id,starts_on,unit_price\n"


async def ready(importer: Importer) -> str:
    await makers.account(importer.workspace, external_id="a-1")
    return await makers.product_with_external_id(importer.workspace)


async def items(importer: Importer) -> dict[str, list[int]]:
    """The prices of the items of each contract."""
    found = (await importer.client.get("/v1/contracts?expand=items&limit=200")).json()["data"]
    return {each["external_id"]: sorted(item["unit_price"]["amount"] for item in each["items"]) for each in found}


async def told(importer: Importer, import_id: str) -> list[tuple[int, str, str]]:
    rows = await importer.rows(import_id, status="failed")
    return [(row["number"], error["pointer"], error["code"]) for row in rows for error in row["errors"]]


@pytest.mark.parametrize(
    "keys",
    [
        "aab", "a-ab-", "-a--aa-b", "abab", "--", "a", "", "aaab--b-c",
    ],
)  # fmt: skip
def test_records_are_runs_of_a_key_and_what_stands_within_them(keys: str) -> None:
    read = [None if key == "-" else key for key in keys]
    found = list(joining.records(read))
    assert [place for places in found for place in places] == list(range(len(read)))
    for places in found:
        within = [read[place] for place in places]
        assert len({key for key in within if key}) == bool(within[0])
        assert within[-1] or len(within) == 1
    ends = joining.whole(read)
    assert ends == len(read) or not {k for k in read[:ends] if k and k == read[ends]} or "abab" in keys


async def test_a_bad_row_refuses_its_record_and_no_other(importer: Importer) -> None:
    product = await ready(importer)
    content = HEADER + "".join(
        f"{line}\n"
        for line in (
            f"k-1,a-1,{product},2026-01-01,100",
            f"k-1,,{product},,200",
            f"k-2,a-1,{product},2026-01-01,100",
            f"k-2,,{product},,cheap",  # no number
            f"k-3,a-1,{product},2026-01-01,100",
            "k-3,,sku-nothing,,100",
            f"k-3,,{product},2026-02-02,100",  # another start than its contract's, which nobody gets to
            f"k-4,a-1,{product},2026-01-01,100",
            f"k-4,a-1,{product},2026-02-02,100",
            f"k-5,a-1,{product},2026-01-01,500",
            f'k-5,,"{product}',  # a cell that is never closed
            f"k-5,,{product},,700",
        )
    )
    found = await importer.done(content, resource="contracts")
    assert counted(found) == (2, 0, 0, 10), await told(importer, found["id"])
    assert await items(importer) == {"k-1": [100, 200]}
    assert await told(importer, found["id"]) == [
        (4, "", "refused_with_others"), (5, "/unit_price", "invalid_format"),
        (6, "", "refused_with_others"), (7, "", "refused_with_others"), (8, "/starts_on", "contradicts"),
        (9, "", "refused_with_others"), (10, "/starts_on", "contradicts"),
        (11, "", "refused_with_others"), (12, "", "malformed_row"), (13, "", "refused_with_others"),
    ]  # fmt: skip


async def test_a_problem_of_an_item_points_into_its_row(importer: Importer) -> None:
    product = await ready(importer)
    content = HEADER + f"k-1,a-1,{product},2026-01-01,100\nk-1,,sku-nothing,,100\nk-1,,{product},,0.5\n"
    found = await importer.done(content, resource="contracts")
    assert await told(importer, found["id"]) == [
        (2, "", "refused_with_others"), (3, "", "refused_with_others"), (4, "", "too_many_decimals"),
    ]  # fmt: skip
    found = await importer.done(content.replace("0.5", "5"), resource="contracts")
    assert await told(importer, found["id"]) == [
        (2, "", "refused_with_others"), (3, "/product_external_id", "reference_not_found"),
        (4, "", "refused_with_others"),
    ]  # fmt: skip


@pytest.mark.parametrize("committed", [True, False], ids=["between batches", "within a batch"])
async def test_a_record_is_never_parted(importer: Importer, monkeypatch: pytest.MonkeyPatch, committed: bool) -> None:
    product = await ready(importer)
    for target in TARGETS.values():
        monkeypatch.setitem(vars(target), "batch", 10)
    lines = [f"k-{n // 4},a-1,{product},2026-01-01,{n}" for n in range(48)]
    content = HEADER + "\n".join([*lines, f"k-0,a-1,{product},2026-01-01,999"]) + "\n"
    import_id = await importer.started(content, resource="contracts")
    with monkeypatch.context() as patched:
        stops_after(patched, 2, committed=committed)
        with pytest.raises(_StoppedError):
            await importer.work(import_id)
    assert (await importer.get(import_id))["rows_done"] == 16
    whole: dict[str, Any] = {f"k-{n}": [4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3] for n in range(12)}
    assert await items(importer) == {key: whole[key] for key in ("k-0", "k-1", "k-2", "k-3")}
    found = await importer.work(import_id)
    assert (found["state"], counted(found)) == ("done", (48, 0, 0, 1))
    assert await items(importer) == whole
    # Known to stand apart even by the process that has not applied the first rows itself.
    assert await told(importer, import_id) == [(50, "", "stands_apart")]


async def test_json_lines_nest_items_and_one_line_has_them_all(importer: Importer) -> None:
    product = await ready(importer)
    line = (
        '{"external_id": "%s", "account": {"external_id": "a-1"}, "starts_on": "2026-01-01", "items": ['
        '{"product_external_id": "%s", "unit_price": {"amount": 1, "currency": "JPY"}, "ramp": '
        '[{"starts_on": "2026-02-01", "quantity": null, "unit_price": 7}]}, '
        '{"product_external_id": "%s", "unit_price": {"amount": %s, "currency": "JPY"}}]}'
    )
    content = "\n".join(
        line % values
        for values in (
            ("k-1", product, product, 2),
            ("k-2", product, product, '"x"'),
            *2 * [("k-3", product, product, 2)],
        )
    )
    found = await importer.done(content, resource="contracts", filename="contracts.jsonl")
    assert await items(importer) == {"k-1": [1, 2]}
    assert await told(importer, found["id"]) == [
        (2, "/items/1/unit_price/amount", "invalid_type"), (3, "", "refused_with_others"),
        (4, "/items", "contradicts"),
    ]  # fmt: skip
