"""Files as people have them: encodings, formats, damage and hostility."""

import datetime as dt
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from api.auth.permissions import SCOPES
from api.imports import jobs
from api.imports.uploading import Upload
from api.kit import clock
from tests.imports.conftest import ACCOUNTS, Importer, counted
from tests.imports.workbooks import packed, workbook
from tests.support.workspaces import WorkspaceForTest

JAPANESE = "顧客ID,会社名,業種,従業員数,メモ\na-1,株式会社髙田①,物流,320,\n"


@pytest.fixture
def chunks(owner: psycopg.Connection, workspace: WorkspaceForTest) -> Callable[[], int]:
    """How many pieces of files the workspace has stored."""

    def count() -> int:
        row = owner.execute("SELECT count(*) FROM file_chunks WHERE workspace_id = %s", [workspace.id]).fetchone()
        assert row is not None
        return int(row[0])

    return count


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (JAPANESE.encode(), "utf-8"),
        (JAPANESE.encode("utf-8-sig"), "utf-8-sig"),
        (JAPANESE.encode("utf-16"), "utf-16"),
        (JAPANESE.encode("utf-16-le"), "utf-16"),
        (JAPANESE.encode("cp932"), None),
        (b"\xfe\xff" + JAPANESE.encode("utf-16-be"), "utf-16"),
        (JAPANESE.encode("cp932"), "cp932"),
    ],
    ids=["utf-8", "utf-8-sig", "utf-16", "utf-16 without mark", "chosen", "utf-16-be", "cp932"],
)
async def test_encodings_are_found(importer: Importer, content: bytes, encoding: str | None) -> None:
    import_id = await importer.create(**({} if encoding else {"encoding": "shift_jis"}))
    ready = (await importer.upload(import_id, content)).json()
    assert (ready["state"], ready["format"], ready["delimiter"]) == ("ready", "csv", ",")
    assert ready["encoding"] == (encoding or "shift_jis")
    assert ready["columns"][1] == {"name": "会社名", "samples": ["株式会社髙田①"], "suggested_target": "name"}
    suggested = {"顧客ID": "external_id", "会社名": "name", "業種": "industry", "従業員数": "employee_count"}
    assert ready["mapping"] == suggested
    await importer.start(import_id)
    assert counted(await importer.work(import_id)) == (1, 0, 0, 0)
    assert await importer.accounts("name", "industry") == {"a-1": ["株式会社髙田①", "物流"]}


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
async def test_delimiters_and_line_ends_are_found(importer: Importer, delimiter: str) -> None:
    for number, end in enumerate(["\n", "\r\n", "\r"]):
        text = end.join([f'id{delimiter}"na;,me"', f'{number}{delimiter}"A{delimiter}\nB"', ""])
        found = await importer.done(text, {"id": "external_id", "na;,me": "name"})
        assert (found["delimiter"], counted(found)) == (delimiter, (1, 0, 0, 0))


async def test_custom_fields_are_suggested_by_key_and_label(importer: Importer) -> None:
    field = {"resource": "account", "key": "tier", "label": "ランク", "type": "text"}
    await importer.client.post("/v1/custom-fields", json=field)
    ready = (await importer.upload(await importer.create(), "ＩＤ,ランク,tier\n".encode())).json()
    assert ready["mapping"] == {"ＩＤ": "external_id", "ランク": "custom.tier"}


async def test_json_lines_come_in(importer: Importer) -> None:
    field = {"resource": "account", "key": "seats", "label": "Seats", "type": "number"}
    await importer.client.post("/v1/custom-fields", json=field)
    lines = [
        {"external_id": "a", "name": "株式会社A", "tags": ["x", "y"], "custom": {"seats": 3}, "employee_count": 5},
        {"external_id": "b", "name": "'=B", "tags": [], "custom": {}, "employee_count": None},
        {"external_id": 3, "name": "C", "employee_count": "1,200"},
    ]
    text = "\n".join([*map(json.dumps, lines), "", "[1]", '{"name": 1e999}', '{"external_id": "d", "name": ["x"]}'])
    found = await importer.done(text)
    assert (found["format"], counted(found)) == ("jsonl", (3, 0, 0, 3))
    assert [row["number"] for row in await importer.rows(found["id"])] == [5, 6, 7]
    accounts = await importer.accounts("name", "tags", "custom", "employee_count")
    assert accounts["a"] == ["株式会社A", ["x", "y"], {"seats": 3}, 5]
    assert accounts["b"][0] == "'=B"
    assert accounts["3"][3] == 1200


async def test_workbooks_come_in(importer: Importer) -> None:
    rows: list[list[object]] = [
        ["id", "name", "seats", "memo"],
        [1042, "株式会社A", 320, "'=1+1"],
        ["b", "<f>1+1</f><v>2</v>", 12.5, ""],
        ["", "", "", ""],
        ["c", "C", "", "x;y"],
    ]
    mapping = {**ACCOUNTS, "seats": "employee_count", "memo": "tags"}
    found = await importer.done(workbook(rows), mapping, filename="顧客.xlsx")
    assert (found["format"], found["rows_total"], counted(found)) == ("xlsx", 3, (2, 0, 0, 1))
    (row,) = await importer.rows(found["id"])
    assert (row["number"], row["errors"][0]["pointer"]) == (3, "/employee_count")
    accounts = await importer.accounts("name", "employee_count", "tags")
    assert accounts == {"1042": ["株式会社A", 320, ["=1+1"]], "c": ["C", None, ["x", "y"]]}


SPARSE = '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row><row r="1048576"><c r="{}1048576"><v>1</v></c></row>'
REFUSED: list[tuple[bytes, dict[str, Any], str]] = [
    (b"", {}, "empty_file"),
    (b"\n\n \n", {}, "empty_file"),
    (b"\xef\xbb\xbf", {}, "empty_file"),
    (b"GIF87a\x01\x00\x01\x00\x80\x00\x00\x00;", {}, "not_the_format"),
    (b"id,name,id\n1,2,3\n", {}, "repeated_column"),
    (",".join(f"c{n}" for n in range(10_000)).encode(), {}, "too_many_columns"),
    (json.dumps({f"c{n}": 1 for n in range(10_000)}).encode(), {}, "too_many_columns"),
    (b"id,name\n", {"format": "xlsx"}, "not_the_format"),
    (workbook([["id"], ["1"]]), {"format": "csv"}, "not_the_format"),
    (b"\xd0\xcf\x11\xe0 old", {}, "not_the_format"),
    (b"id,name\n", {"filename": "x.xlsx"}, "not_the_format"),
    (b"PK\x03\x04 broken", {}, "unreadable_workbook"),
    (workbook([]), {}, "empty_file"),
    (workbook([[f"c{n}" for n in range(20)]])[:-40], {}, "unreadable_workbook"),
    (packed('<row r="1"><c r="A1"><v>1</v></c><c r="SG1"><v>1</v></c></row>'), {}, "too_many_columns"),
    (packed(SPARSE.format("XFD")), {}, "unreadable_workbook"),
    (b"id,name\n", {"format": "jsonl"}, "malformed_json"),
    (b'"id,name\n1,2\n', {}, "malformed_row"),
    (b"x" * 1_100_000, {}, "too_long"),
]


@pytest.mark.parametrize(("content", "values", "code"), REFUSED, ids=range(len(REFUSED)))
async def test_a_file_that_cannot_be_imported_is_refused(
    importer: Importer, chunks: Callable[[], int],
    content: bytes, values: dict[str, Any], code: str,
) -> None:  # fmt: skip
    import_id = await importer.create(**values)
    answer = await importer.upload(import_id, content)
    assert (answer.status_code, [error["code"] for error in answer.json()["errors"]]) == (422, [code])
    assert (await importer.get(import_id))["state"] == "waiting_for_file"
    assert chunks() == 0


async def test_damaged_rows_fail_alone(importer: Importer) -> None:
    content = b"".join(
        [
            b"\xef\xbb\xbfid,name\n",
            b"a,A\n",
            b"b,\x00B\n",
            b'c,"never closed\n',
            b"d,D\n",
            b"e,E,more,cells\n",
            "f,株式会社\n".encode("cp932"),
            b"g\x00,G\n",
            b"h," + b"H" * 2_000_000 + b"\n",
            b'i,"I"x\n',
            b"j,J,,\n",
            b"\xef\xbb\xbfk,K\n",
            b'l,"L\nL"\n',
            b"m",
        ]
    )
    found = await importer.done(content, ACCOUNTS)
    assert counted(found) == (5, 0, 0, 8)
    told = {row["number"]: (row["key"], row["errors"][0]["code"]) for row in await importer.rows(found["id"])}
    assert told == {
        3: ("b", "invalid_characters"),
        4: (None, "malformed_row"),
        6: (None, "too_many_cells"),
        7: (None, "undecodable"),
        8: ("g\ufffd", "invalid_characters"),
        9: (None, "too_long"),
        10: (None, "malformed_row"),
        15: ("m", "missing"),
    }
    assert set(await importer.accounts()) == {"a", "d", "j", "k", "l"}
    answer = await importer.client.get(f"/v1/imports/{found['id']}/rejected-rows")
    assert len(answer.text.splitlines()) == 9


async def test_a_header_alone_is_no_mistake(importer: Importer) -> None:
    found = await importer.done("id,name\n", ACCOUNTS)
    assert (found["state"], found["rows_total"]) == ("done", 0)


async def test_a_workbook_that_asks_for_all_memory_is_refused(importer: Importer) -> None:
    cells = packed(SPARSE.format("SF"))
    answer = await importer.upload(await importer.create(), cells)
    assert answer.json()["errors"][0]["code"] == "unreadable_workbook"


async def test_a_workbook_may_not_be_larger_than_the_operator_says(
    importer: Importer, monkeypatch: pytest.MonkeyPatch, workspace: WorkspaceForTest
) -> None:
    monkeypatch.setattr(workspace.app.state.settings, "workbook_bytes", 1000)
    answer = await importer.upload(await importer.create(), b"PK\x03\x04" + bytes(2_000_000))
    assert answer.json()["errors"][0]["code"] == "workbook_too_large"


async def test_a_file_may_not_be_larger_than_the_operator_says(
    importer: Importer, monkeypatch: pytest.MonkeyPatch, workspace: WorkspaceForTest, chunks: Callable[[], int]
) -> None:
    monkeypatch.setattr(workspace.app.state.settings, "upload_bytes", 3_000_000)
    import_id = await importer.create()

    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * 999_999 + b"\n"

    declared = await importer.upload(import_id, b"x" * 3_000_001)
    undeclared = await importer.client.put(f"/v1/imports/{import_id}/file", content=in_pieces())
    for answer in (declared, undeclared):
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert chunks() == 0
    # More than other operations take.
    allowed = await importer.upload(import_id, b"id,name\n" + b"a,A\n" * 400_000)
    assert (allowed.status_code, allowed.json()["size_bytes"]) == (200, 1_600_008)


async def test_a_file_can_be_replaced_until_the_start(
    importer: Importer, workspace: WorkspaceForTest, chunks: Callable[[], int]
) -> None:
    import_id = await importer.create()
    early = await importer.start(import_id)
    assert (early.status_code, early.json()["code"]) == (409, "import_not_ready")
    await importer.upload(import_id, b"id,name\na,A\n")
    refused = await importer.upload(import_id, b"id,id\n")
    assert refused.status_code == 422
    assert [column["name"] for column in (await importer.get(import_id))["columns"]] == ["id", "name"]
    await importer.upload(import_id, b"id,company\nb,B\n")
    assert chunks() == 1
    await importer.start(import_id)
    late = await importer.upload(import_id, b"id,name\na,A\n")
    assert (late.status_code, late.json()["code"]) == (409, "import_file_in_use")
    await importer.work(import_id)
    assert set(await importer.accounts()) == {"b"}


async def test_of_two_uploads_at_once_the_later_stays(
    importer: Importer, workspace: WorkspaceForTest, chunks: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = await importer.create()
    finish, met = Upload.finish, list[bool]()

    async def overtaken(self: Upload, tx: Any) -> None:
        if not met:
            met.append(True)
            assert (await importer.upload(import_id, b"id,later\n")).status_code == 200
        await finish(self, tx)

    monkeypatch.setattr(Upload, "finish", overtaken)
    answer = await importer.upload(import_id, b"id,earlier\n")
    assert (answer.status_code, answer.json()["code"]) == (409, "upload_overtaken")
    assert [column["name"] for column in (await importer.get(import_id))["columns"]] == ["id", "later"]
    assert chunks() == 1


async def test_what_lies_long_is_forgotten(
    importer: Importer, workspace: WorkspaceForTest, chunks: Callable[[], int]
) -> None:
    done = await importer.done("id,name\na,A\nb,\n", ACCOUNTS)
    never_started = await importer.create()
    await importer.upload(never_started, b"id,name\n")
    abandoned = await importer.create()
    async with workspace.write() as tx:
        tx.actor = replace(tx.actor, scopes=frozenset(SCOPES))
        upload = await Upload.begun(tx, workspace.database, UUID(abandoned))
    await upload._writer.write(b"x" * 300_000)
    assert chunks() == 3

    async def after(days: float) -> None:
        with clock.moved_to(clock.now() + dt.timedelta(days=days)):
            for keep in (jobs.forget_files, jobs.forget_abandoned_uploads):
                async with workspace.write() as tx:
                    await keep(tx)

    await after(0.9)
    assert chunks() == 3
    await after(1.1)
    assert chunks() == 2
    await after(30.1)
    assert chunks() == 0
    assert await importer.rows(done["id"]) == []
    assert (await importer.get(never_started))["state"] == "cancelled"
    assert counted(await importer.get(done["id"])) == (1, 0, 0, 1)


async def test_an_import_that_stands_still_is_queued_again(
    importer: Importer, workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    import_id = await importer.started("id,name\na,A\n", ACCOUNTS)
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'imports.run' AND args ->> 'import_id' = %s"
    owner.execute("DELETE FROM procrastinate_jobs")
    for hours, expected in ((0.9, 0), (1.1, 1), (1.2, 1)):
        with clock.moved_to(clock.now() + dt.timedelta(hours=hours)):
            async with workspace.write() as tx:
                await jobs.resume_stalled_imports(tx)
        assert owner.execute(waiting, [import_id]).fetchone() == (expected,)
    owner.execute("DELETE FROM procrastinate_jobs")
