"""`cli import`: maps, fields read off a file, retries, and whole imports into the application."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import file_import, mapping, upload
from api.cli.commands import app
from api.cli.file_import import Plan
from api.cli.mapping import MapError
from api.cli.upload import Rejected
from tests.support.importing import imports_running
from tests.support.workspaces import WorkspaceForTest

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "ravenstack-accounts.map"
SMALL_MAP = "id=external_id,name,seats=employee_count,tier=custom.tier,memo=tags"


def test_a_map_names_fields_by_column() -> None:
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
    [("id=external_id,a=name,a=kana", "column `a` is mapped twice"), ("@/nowhere/at/all.map", "No such file")],
)
def test_a_map_that_cannot_be_read_is_told(text: str, told: str) -> None:
    with pytest.raises(MapError, match=told):
        mapping.parse_map(text)


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
    field = mapping.inferred_field("account", "tier", "Tier", cells)
    assert field["type"] == type_
    assert ("options" in field) == (type_ == "option")


Answer = Callable[[httpx.Request], httpx.Response]


def service(*answers: Answer | httpx.Response) -> tuple[httpx.AsyncClient, list[httpx.Request]]:
    """A client of a service that answers so, in this order, and what it was asked."""
    asked: list[httpx.Request] = []
    waiting = list(answers)

    async def handle(request: httpx.Request) -> httpx.Response:
        await request.aread()
        asked.append(request)
        answer = waiting.pop(0)
        return answer if isinstance(answer, httpx.Response) else answer(request)

    return httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="https://perennial.test"), asked


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("gone", request=request)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were asked for; none is made."""
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr(upload.asyncio, "sleep", sleep)  # type: ignore[attr-defined]
    return asked


async def test_a_request_that_is_sent_again_keeps_its_key_and_its_whole_body(
    pauses: list[float], tmp_path: Path
) -> None:
    busy = httpx.Response(503, headers={"Retry-After": "7"})
    running_ = httpx.Response(409, headers={"Retry-After": "1"})
    client, asked = service(busy, running_, lost, httpx.Response(200), busy, httpx.Response(200))
    await upload.request(client, "POST", "/v1/imports", json={})
    keys = {request.headers["Idempotency-Key"] for request in asked}
    assert (len(asked), len(keys), pauses[:2]) == (4, 1, [7, 1])
    file = tmp_path / "file.csv"
    file.write_bytes(b"id\n" * 1000)
    await upload.request(client, "PUT", "/v1/imports/x/file", body=lambda: mapping.pieces(file))
    assert [request.content for request in asked[4:]] == [file.read_bytes()] * 2


async def test_a_refusal_is_told_at_once(pauses: list[float]) -> None:
    problem = {"title": "Forbidden", "detail": "`accounts:write` is missing."}
    client, asked = service(httpx.Response(403, json=problem))
    with pytest.raises(upload.UploadError, match="403 Forbidden: `accounts:write` is missing"):
        await upload.request(client, "POST", "/v1/imports", json={})
    assert (len(asked), pauses) == (1, [])


async def test_it_gives_up_in_the_end(pauses: list[float]) -> None:
    client, _ = service(*[lost] * upload.ATTEMPTS)
    with pytest.raises(upload.UploadError, match="no answer"):
        await upload.custom_keys(client, "account")
    assert len(pauses) == upload.ATTEMPTS - 1
    assert max(pauses) <= upload.LONGEST_WAIT_SECONDS


FILE = """\ufeffid,name,seats,tier,memo,internal
a-1,株式会社さくら物流,320,gold,重点;東日本,x
a-2,みどり商事株式会社,12,silver,,x
a-3,,40,gold,,x
a-4,Harbor Analytics,many,gold,,x
"""


class Command:
    """The command, with a worker that runs each import at the first look at it."""

    def __init__(self, workspace: WorkspaceForTest, folder: Path) -> None:
        self.workspace = workspace
        self.file = folder / "accounts.csv"

    async def __call__(self, text: str, map_: str = SMALL_MAP, **options: Any) -> file_import.Outcome:
        self.file.write_text(text, encoding="utf-8")
        async with imports_running(self.workspace) as client:
            return await file_import.bring_in(client, Plan("accounts", self.file, map_, **options))


@pytest.fixture
def command(workspace: WorkspaceForTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setattr(file_import, "POLL_SECONDS", 0.05)
    return Command(workspace, tmp_path)


def counted(outcome: file_import.Outcome) -> tuple[int, ...]:
    return tuple(outcome.ended[f"rows_{name}"] for name in ("created", "updated", "unchanged", "failed"))


async def test_a_file_comes_in_and_the_second_time_changes_nothing(
    workspace: WorkspaceForTest, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(upload.UploadError, match="custom field `tier` is not declared"):
        await command(FILE)
    dry = await command(FILE, declare_custom=True, dry_run=True)
    assert [each.number for each in dry.rejected] == [4, 5]
    client = await workspace.client()
    assert (await client.get("/v1/custom-fields")).json()["data"] == []
    assert (await client.get("/v1/accounts")).json()["data"] == []
    first = await command(FILE, declare_custom=True)
    assert counted(first) == (2, 0, 0, 2)
    told = [(each.number, each.key, each.pointer) for each in first.rejected]
    assert told == [(4, "a-3", "/name"), (5, "a-4", "/employee_count")]
    query = {"custom.tier": "gold", "tags": "東日本", "fields": "name,employee_count,custom"}
    (found,) = (await client.get("/v1/accounts", params=query)).json()["data"]
    assert (found["name"], found["employee_count"], found["custom"]) == ("株式会社さくら物流", 320, {"tier": "gold"})
    assert counted(await command(FILE)) == (0, 0, 2, 2)
    assert counted(await command(FILE.replace("320", "330"))) == (0, 1, 1, 2)
    shown = capsys.readouterr().out
    assert "Ignored columns: internal" in shown
    assert "Would declare custom.tier: option (gold, silver)" in shown
    assert "Declared custom.tier: option (gold, silver)" in shown


@pytest.mark.parametrize(
    ("map_", "told"),
    [
        ("name", "Map one column to `external_id`"),
        ("id=external_id,mrr=mrr", "`mrr` is no field of accounts"),
        ("id=external_id,seats=name,name=name", "mapped to `name` already"),
        ("id=external_id,color=name", "/mapping/color The file has no such column"),
    ],
)
async def test_a_map_that_does_not_fit_is_told(command: Command, map_: str, told: str) -> None:
    with pytest.raises(upload.UploadError, match=told):
        await command(FILE, map_)


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("id,name\n1,A\n")
    command = ["import", "accounts", str(file), "--map", "id=external_id,id=name"]
    without_key = CliRunner().invoke(app, command, env={"PERENNIAL_API_KEY": ""})
    assert without_key.exit_code == 1
    assert "PERENNIAL_API_KEY" in str(without_key.exception or without_key.output)
    unfit = CliRunner().invoke(app, [*command, "--api-key", "pk_test_x"])
    assert unfit.exit_code == 1
    assert "`id` is mapped twice" in str(unfit.exception or unfit.output)


def test_the_report_names_every_row_and_no_formula(tmp_path: Path) -> None:
    rejected = [Rejected(7, "=1+1", "/name", "Required"), Rejected(9, None, "/external_id", "is empty")]
    path = tmp_path / "failed.csv"
    file_import._write_report(path, rejected)
    assert path.read_text(encoding="utf-8-sig").splitlines() == [
        "line,external_id,pointer,reason",
        "7,'=1+1,/name,Required",
        "9,,/external_id,is empty",
    ]
