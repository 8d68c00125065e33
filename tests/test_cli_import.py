"""`cli import accounts`: maps, cells, chunks, retries, and a whole import into the application."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import account_import, mapping, upload
from api.cli.account_import import Plan
from api.cli.commands import app
from api.cli.mapping import CellError, Line, MapError
from tests.support.workspaces import WorkspaceForTest

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "ravenstack-accounts.map"
SMALL_MAP = {"id": "external_id", "name": "name", "seats": "employee_count", "tier": "custom.tier", "memo": "tags"}


def plan(text: str, targets: dict[str, str]) -> Plan:
    content = text.encode()
    columns, lines = mapping.read_lines(content, "utf-8-sig")
    return Plan(content, targets, lines, mapping.ignored_columns(columns, targets))


def test_a_map_names_targets_by_column() -> None:
    text = "account_id=external_id, account_name = name,industry,tier=custom.plan_tier,memo=tags,source=tags"
    assert mapping.parse_map(text) == {
        "account_id": "external_id",
        "account_name": "name",
        "industry": "industry",
        "tier": "custom.plan_tier",
        "memo": "tags",
        "source": "tags",
    }


def test_a_map_can_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "顧客.map"
    file.write_text("# 顧客\n\nID = external_id\n会社名, 正式 = legal_name\nname\n", encoding="utf-8-sig")
    assert mapping.parse_map(f"@{file}") == {"ID": "external_id", "会社名, 正式": "legal_name", "name": "name"}
    assert mapping.parse_map(f"@{EXAMPLE}")["plan_tier"] == "custom.plan_tier"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name", "must be mapped to `external_id`"),
        ("id=external_id,mrr=mrr", "`mrr` is no field of accounts"),
        ("id=external_id,a=name,b=name", "two columns are mapped to `name`"),
        ("id=external_id,a=name,a=kana", "column `a` is mapped twice"),
        ("id=external_id,a=custom.Plan-Tier", "lower_snake_case"),
        ("@/nowhere/at/all.map", "No such file"),
    ],
)
def test_a_map_that_cannot_work_is_told(text: str, told: str) -> None:
    with pytest.raises(MapError, match=told):
        mapping.parse_map(text)


def test_lines_are_numbered_as_editors_number_them() -> None:
    content = '\ufeffid,memo\n1,"two\nlines"\n\n2,x\n'.encode()
    columns, lines = mapping.read_lines(content, "utf-8-sig")
    assert columns == ["id", "memo"]
    assert lines == [Line(2, {"id": "1", "memo": "two\nlines"}), Line(5, {"id": "2", "memo": "x"})]
    assert mapping.read_lines("名前\n株式会社".encode("cp932"), "cp932")[1][0].cells == {"名前": "株式会社"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("名前\n".encode("cp932"), "try --encoding"),
        (b"", "the file is empty"),
        (b"a,a\n1,2\n", "names `a` twice"),
        (b"a\n1,2\n", "line 2 has 2 cells"),
        (b'a\n1\n"2\n', "line 3"),
    ],
)
def test_a_file_that_is_no_table_is_told(content: bytes, told: str) -> None:
    with pytest.raises(MapError, match=told):
        mapping.read_lines(content, "utf-8-sig")


def test_columns_are_accounted_for() -> None:
    assert mapping.ignored_columns(["id", "churn_flag"], {"id": "external_id"}) == ["churn_flag"]
    with pytest.raises(MapError, match="no column `seats`"):
        mapping.ignored_columns(["id"], {"id": "external_id", "seats": "employee_count"})


@pytest.mark.parametrize(
    ("cell", "type_", "value"),
    [
        ("1,200", "count", 1200),
        ("1200.0", "count", 1200),
        ("-3.5", "number", -3.5),
        ("TRUE", "boolean", True),
        ("いいえ", "boolean", False),
        ("2026/4/1", "date", "2026-04-01"),
        ("2026年4月1日", "date", "2026-04-01"),
        ("0120", "text", "0120"),
        ("0120", "option", "0120"),
    ],
)
def test_a_cell_becomes_what_its_target_needs(cell: str, type_: str, value: object) -> None:
    assert mapping.cell_value(cell, type_) == value


@pytest.mark.parametrize(
    ("cell", "type_", "told"),
    [
        ("約10", "count", "a number"),
        ("12,00", "number", "a number"),
        ("nan", "number", "a number"),
        ("1.5", "count", "whole"),
        ("maybe", "boolean", "true or false"),
        ("2026-02-30", "date", "a day"),
        ("4/1/2026", "date", "a day"),
    ],
)
def test_a_cell_that_cannot_is_told(cell: str, type_: str, told: str) -> None:
    with pytest.raises(CellError, match=told):
        mapping.cell_value(cell, type_)


def test_records_become_items_or_reasons() -> None:
    lines = [
        Line(2, {"id": "a", "name": " 株式会社A ", "seats": "10", "tier": "3", "memo": "重点; 新規;重点"}),
        Line(3, {"id": "b", "name": "B", "seats": "", "tier": "high", "memo": ""}),
        Line(4, {"id": "", "name": "C"}),
        Line(5, {"id": "a", "name": "D"}),
        Line(6, {"id": "e", "name": "E", "seats": "", "tier": "", "memo": ""}),
    ]
    converted = mapping.convert(lines, SMALL_MAP, {"tier": "number"})
    assert converted.items == [
        (
            2,
            {
                "external_id": "a",
                "name": "株式会社A",
                "employee_count": 10,
                "custom": {"tier": 3},
                "tags": ["重点", "新規"],
            },
        ),
        (6, {"external_id": "e", "name": "E"}),
    ]
    told = [(each.number, each.key, each.pointer) for each in converted.rejected]
    assert told == [(3, "b", "/custom/tier"), (4, None, "/external_id"), (5, "a", "/external_id")]
    assert "line 2" in converted.rejected[2].reason


@pytest.mark.parametrize(
    ("cells", "type_"),
    [
        (["True", "false", ""], "boolean"),
        (["1", "0"], "number"),
        (["1,200", "3.5", "-2"], "number"),
        (["007", "12"], "option"),
        (["2026-04-01", "2026/5/1"], "date"),
        (["Basic", "Pro", "Basic"], "option"),
        ([f"text {number}" for number in range(13)], "text"),
        (["", " "], "text"),
    ],
)
def test_the_type_of_a_field_is_read_off_its_cells(cells: list[str], type_: str) -> None:
    field = mapping.inferred_field("tier", "Tier", cells)
    assert field["type"] == type_
    assert ("options" in field) == (type_ == "option")


def test_keys_differ_by_file_map_run_and_chunk() -> None:
    targets = {"id": "external_id"}
    same = upload.run_key(b"file", targets, "run")
    others = [
        upload.run_key(b"other", targets, "run"),
        upload.run_key(b"file", targets, "next"),
        upload.run_key(b"file", {}, "run"),
    ]
    keys = {same(0), same(1), *(key(0) for key in others)}
    assert len(keys) == 5
    assert upload.run_key(b"file", dict(targets), "run")(0) == same(0)


Answer = Callable[[httpx.Request], httpx.Response]


def service(*answers: Answer | httpx.Response) -> tuple[httpx.AsyncClient, list[httpx.Request]]:
    """A client of a service that answers so, in this order, and what it was asked."""
    asked: list[httpx.Request] = []
    waiting = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = waiting.pop(0)
        return answer if isinstance(answer, httpx.Response) else answer(request)

    return httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="https://perennial.test"), asked


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("gone", request=request)


def all_unchanged(request: httpx.Request) -> httpx.Response:
    items = json.loads(request.content)["items"]
    return httpx.Response(207, json={"items": [{"status": "unchanged"} for _ in items]})


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were asked for; none is made."""
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr(upload.asyncio, "sleep", sleep)  # type: ignore[attr-defined]
    return asked


async def test_items_go_in_chunks_and_a_chunk_keeps_its_key_when_sent_again(pauses: list[float]) -> None:
    busy = httpx.Response(503, headers={"Retry-After": "7"})
    limited, running = (
        httpx.Response(429, headers={"Retry-After": "2"}),
        httpx.Response(409, headers={"Retry-After": "1"}),
    )
    client, asked = service(all_unchanged, busy, limited, running, lost, all_unchanged, all_unchanged)
    done: list[int] = []
    items = [(line, {"external_id": str(line)}) for line in range(2_500)]
    outcome = await upload.upsert(client, items, upload.run_key(b"", {}, ""), done.append)
    assert (outcome.unchanged, done) == (2_500, [1000, 1000, 500])
    keys = [request.headers["Idempotency-Key"] for request in asked]
    assert len(set(keys)) == 3
    assert len(set(keys[1:6])) == 1
    assert pauses[:3] == [7, 2, 1]
    assert len(pauses) == 4


async def test_a_refusal_is_told_at_once(pauses: list[float]) -> None:
    problem = {"title": "Forbidden", "detail": "`accounts:write` is missing."}
    client, asked = service(httpx.Response(403, json=problem))
    with pytest.raises(upload.UploadError, match="403 Forbidden: `accounts:write` is missing"):
        await upload.upsert(client, [(2, {"external_id": "a"})], str)
    assert (len(asked), pauses) == (1, [])


async def test_it_gives_up_in_the_end(pauses: list[float]) -> None:
    client, _ = service(*[lost] * upload.ATTEMPTS)
    with pytest.raises(upload.UploadError, match="no answer"):
        await upload.field_types(client)
    assert len(pauses) == upload.ATTEMPTS - 1
    assert max(pauses) <= upload.LONGEST_WAIT_SECONDS


FILE = """\ufeffid,name,seats,tier,memo,internal
a-1,株式会社さくら物流,320,gold,重点;東日本,x
a-2,みどり商事株式会社,12,silver,,x
a-3,,40,gold,,x
a-4,Harbor Analytics,many,gold,,x
"""


async def run(workspace: WorkspaceForTest, text: str, **options: Any) -> upload.Outcome:
    options = {"declare_custom": False, "dry_run": False, **options}
    return await account_import.bring_in(await workspace.client(), plan(text, SMALL_MAP), **options)


async def test_a_file_comes_in_and_the_second_time_changes_nothing(
    workspace: WorkspaceForTest, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(upload.UploadError, match="custom field `tier` is not declared"):
        await run(workspace, FILE)
    dry = await run(workspace, FILE, declare_custom=True, dry_run=True)
    assert [each.number for each in dry.rejected] == [5]
    client = await workspace.client()
    assert (await client.get("/v1/custom-fields")).json()["data"] == []
    first = await run(workspace, FILE, declare_custom=True)
    assert (first.created, first.updated, first.unchanged) == (2, 0, 0)
    told = [(each.number, each.key, each.pointer) for each in first.rejected]
    assert told == [(4, "a-3", "/name"), (5, "a-4", "/employee_count")]
    query = {"custom.tier": "gold", "tags": "東日本", "fields": "name,employee_count,custom"}
    (found,) = (await client.get("/v1/accounts", params=query)).json()["data"]
    assert (found["name"], found["employee_count"], found["custom"]) == ("株式会社さくら物流", 320, {"tier": "gold"})
    second = await run(workspace, FILE)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 2)
    third = await run(workspace, FILE.replace("320", "330"))
    assert (third.created, third.updated, third.unchanged) == (0, 1, 1)
    shown = capsys.readouterr().out
    assert "Ignored columns: internal" in shown
    assert "Declared custom.tier: option (gold, silver)" in shown


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("id,name\n1,A\n")
    command = ["import", "accounts", str(file), "--map", "id=external_id,seats=employee_count"]
    without_key = CliRunner().invoke(app, command, env={"PERENNIAL_API_KEY": ""})
    assert without_key.exit_code == 1
    assert "PERENNIAL_API_KEY" in str(without_key.exception or without_key.output)
    unfit = CliRunner().invoke(app, [*command, "--api-key", "pk_test_x"])
    assert unfit.exit_code == 1
    assert "no column `seats`" in str(unfit.exception or unfit.output)


def test_the_report_names_every_row_and_no_formula(tmp_path: Path) -> None:
    rejected = [mapping.Rejected(7, "=1+1", "/name", "Required"), mapping.Rejected(9, None, "/external_id", "is empty")]
    path = tmp_path / "failed.csv"
    account_import._write_report(path, rejected)
    assert path.read_text(encoding="utf-8-sig").splitlines() == [
        "line,external_id,pointer,reason",
        "7,'=1+1,/name,Required",
        "9,,/external_id,is empty",
    ]
