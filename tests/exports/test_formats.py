"""The bytes of each format: nothing that a spreadsheet would run, nothing cut."""

import asyncio
import csv
import io
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import orjson
import pytest

from api.exports import formats
from api.exports.columns import Cell, Table, columns_of
from api.exports.formats import encoder
from api.exports.models import ExportFormat
from api.exports.sources import SOURCES
from api.kit.formulas import harmless
from api.kit.problems import Problem
from tests.exports.reading import csv_rows, restored, xlsx_rows

HOSTILE = ["=cmd|'/C calc'!A0", "+81-3-1234-5678", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@x"]


async def encoded(format_: ExportFormat, items: Sequence[object], columns: list[str], *, bom: bool = True) -> bytes:
    async with encoder(format_, columns, bom=bom) as encoding:
        content = encoding.start(len(items)) + encoding.page(orjson.dumps(items))
        return content + b"".join(encoding.end())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_formula_gets_a_mark_that_can_be_taken_away(text: str) -> None:
    assert harmless(text) == "'" + text
    assert restored(harmless(text)) == text


@pytest.mark.parametrize("text", ["", "さくら", "'quoted'", "a=b", " =1", "1-2", "２＋２"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text == restored(text)


@pytest.mark.parametrize("format_", [ExportFormat.csv, ExportFormat.xlsx])
async def test_no_cell_is_a_formula_and_numbers_stay_numbers(format_: ExportFormat) -> None:
    items = [{"text": text, "number": -5, "half": -0.5, "flag": True, "none": None} for text in HOSTILE]
    content = await encoded(format_, items, ["text", "number", "half", "flag", "none"])
    rows = csv_rows(content) if format_ is ExportFormat.csv else xlsx_rows(content)
    assert [row["text"] for row in rows] == ["'" + text for text in HOSTILE]
    plain = {"number": "-5", "half": "-0.5", "flag": "true", "none": ""}
    typed = {"number": -5, "half": -0.5, "flag": True, "none": None}
    for row in rows:
        expected = plain if format_ is ExportFormat.csv else typed
        assert {name: row[name] for name in expected} == expected


async def test_csv_is_quoted_after_rfc_4180() -> None:
    texts = ['a "b", c', "一行目\n二行目", "a\rb", "x;y", ""]
    content = await encoded(ExportFormat.csv, [{"t": text, "u": 1} for text in texts], ["t", "u"], bom=False)
    assert content.startswith(b't,u\r\n"a ""b"", c",1\r\n')
    assert [row["t"] for row in csv_rows(content)] == texts
    assert [len(row) for row in csv.reader(io.StringIO(content.decode(), newline=""))] == [2] * 6


async def test_the_mark_for_excel_can_be_left_out() -> None:
    with_mark = await encoded(ExportFormat.csv, [], ["a"])
    assert (with_mark, await encoded(ExportFormat.csv, [], ["a"], bom=False)) == (b"\xef\xbb\xbfa\r\n", b"a\r\n")


def test_lists_are_joined_where_they_can_be_parted_again() -> None:
    values = [["a", "b"], [], ["a;b", "c"], ["[x]"], [" a"], [""], [1, True], [{"a": 1}], {"a": [1]}]
    rows = chain.from_iterable(Table(["v"]).rows(orjson.dumps([{"v": value} for value in values])))
    assert [row[0] for row in rows] == [
        "a;b", "", '["a;b","c"]', '["[x]"]', '[" a"]', '[""]', "1;true", '[{"a":1}]', '{"a":[1]}'
    ]  # fmt: skip


def test_columns_follow_the_schema() -> None:
    found = columns_of(SOURCES["accounts"], ["id", "mrr", "tags", "sources", "custom"], ["owner", "team"], ["a", "b"])
    assert found == (
        "id", "mrr.amount", "mrr.currency", "tags", "sources", "custom.a", "custom.b",
        "owner.id", "owner.name", "owner.role", "team",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["x" * 32_768, "=" + "x" * 32_766, "🌸" * 16_384])
async def test_a_cell_too_long_for_a_sheet_is_a_problem(text: str) -> None:
    with pytest.raises(Problem) as raised:
        await encoded(ExportFormat.xlsx, [{"a": 1, "t": "fits"}, {"a": 2, "t": text}], ["a", "t"])
    assert raised.value.type is formats.CELL_TOO_LONG
    assert raised.value.parameters == {"row": 3, "column": "t"}


async def test_the_longest_cell_that_fits_is_whole() -> None:
    longest = "x" * 32_767
    (row,) = xlsx_rows(await encoded(ExportFormat.xlsx, [{"t": longest}], ["t"]))
    assert row["t"] == longest


async def test_more_rows_than_a_sheet_has_are_a_problem() -> None:
    async with encoder(ExportFormat.xlsx, ["a"], bom=True) as encoding:
        encoding.start(formats.SHEET_ROWS - 1)
        with pytest.raises(Problem) as raised:
            encoding.start(formats.SHEET_ROWS)
    assert raised.value.type is formats.TOO_MANY_ROWS


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_the_temporary_folder_goes_even_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[list[str]] = []

    async def fail_midway() -> None:
        async with encoder(ExportFormat.xlsx, ["t"], bom=True) as encoding:
            encoding.start(1)
            encoding.page(orjson.dumps([{"t": "さくら"}]))
            seen.append(names(tmp_path))
            raise RuntimeError("as asked")

    with pytest.raises(RuntimeError):
        await fail_midway()
    assert (len(seen[0]), names(tmp_path)) == (1, [])


async def test_a_job_cancelled_within_a_page_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    begun, errors = threading.Event(), list[BaseException]()

    async def write() -> None:
        async with encoder(ExportFormat.xlsx, ["t"], bom=True) as encoding:
            encoding.start(2)
            rows = encoding._table.rows  # type: ignore[attr-defined]

            def slowly(items: bytes) -> Iterator[list[Cell]]:
                for row in rows(items):
                    begun.set()
                    time.sleep(0.3)
                    yield row

            def page() -> None:
                try:
                    encoding.page(orjson.dumps([{"t": "さくら"}] * 2))
                except BaseException as error:
                    errors.append(error)
                    raise

            monkeypatch.setattr(encoding._table, "rows", slowly)  # type: ignore[attr-defined]
            await asyncio.to_thread(page)

    task = asyncio.create_task(write())
    await asyncio.to_thread(begun.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.7)  # an unguarded page would go on after the folder went
    assert (errors, names(tmp_path)) == ([], [])
