"""The job: one consistent walk, seen with the asker's eyes, safe to stop and to repeat anywhere."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import procrastinate
import psycopg
import pytest
from anyio import fail_after

from api.auth.models import Credential
from api.exports import making
from api.kit import jobs
from api.kit.files import FileWriter
from api.kit.problems import UNAVAILABLE, Problem
from api.kit.settings import Settings
from api.worker import load_jobs
from tests.exports.conftest import Exports, Json
from tests.exports.reading import csv_rows, json_lines
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many pages of few rows, and a look at the export's row after each."""
    monkeypatch.setattr(making, "PAGE_ROWS", 2)
    monkeypatch.setattr(making, "NOTED_EVERY", 0.0)


async def products(exports: Exports, count: int = 7) -> list[str]:
    names = [f"製品{place}" for place in range(count)]
    for name in names:
        await exports.post("/v1/products", name=name)
    return names


class BetweenPages:
    """Does something before a page's rows are written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, page: int, act: Callable[[], Awaitable[Any]]) -> None:
        note, self.seen = making._note, 0

        async def noted(*arguments: Any) -> bool:
            self.seen += 1
            if self.seen == page:
                await act()
            return await note(*arguments)

        monkeypatch.setattr(making, "_note", noted)


async def test_a_finished_export_is_audited_and_announced(exports: Exports) -> None:
    names = await products(exports)
    asked = await exports.ask("products", "jsonl")
    export = await exports.make(asked)
    assert (export["state"], export["rows"], export["total_rows"], export["problem"]) == ("done", 7, 7, None)
    assert [item["name"] for item in json_lines((await exports.download(export)).content)] == names
    assert exports.events(export) == ["export.created", "export.finished"]
    assert exports.acts(export) == ["created", "finished"]
    actors = exports.owner.execute("SELECT DISTINCT actor_id FROM audit_log WHERE resource_id = %s", [export["id"]])
    assert actors.fetchall() == [(UUID(export["asked_by_id"]),)]


async def test_a_second_run_changes_nothing(exports: Exports) -> None:
    await products(exports)
    export = await exports.make(await exports.ask("products"))
    before = (await exports.download(export)).content
    await products(exports, 1)
    assert await exports.make(export) == export
    assert (await exports.download(export)).content == before


async def test_all_pages_show_one_moment(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that move in the order, come or go while the file is made are neither missed nor repeated."""
    names = await products(exports)

    async def shuffle() -> None:
        exports.owner.execute(
            "UPDATE products SET name = 'zz' || name WHERE workspace_id = %s AND name IN ('製品0', '製品6')",
            [exports.workspace.id],
        )
        exports.owner.execute(
            "UPDATE products SET archived_at = now() WHERE workspace_id = %s AND name = '製品5'", [exports.workspace.id]
        )
        await exports.post("/v1/products", name="製品4.5")

    moved = BetweenPages(monkeypatch, 2, shuffle)
    rows = csv_rows(await exports.content("products", query={"sort": "name"}))
    assert [row["name"] for row in rows] == names
    assert moved.seen == 4


async def test_the_progress_is_shown_while_it_runs(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    await products(exports)
    export = await exports.ask("products")
    seen: list[Json] = []

    async def look() -> None:
        seen.append(await exports.get(export))

    BetweenPages(monkeypatch, 4, look)
    await exports.make(export)
    assert [(one["state"], one["rows"], one["total_rows"]) for one in seen] == [("running", 4, 7)]


async def test_a_cancelled_export_stops_and_leaves_no_file(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    await products(exports)
    for format_ in ("csv", "xlsx", "jsonl"):
        export = await exports.ask("products", format_)

        async def cancel(export: Json = export) -> None:
            answer = await exports.client.post(f"/v1/exports/{export['id']}:cancel")
            assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")

        with monkeypatch.context() as patch:
            stopped = BetweenPages(patch, 2, cancel)
            after = await exports.make(export)
        assert (after["state"], stopped.seen, exports.chunks()) == ("cancelled", 2, 0)
        assert exports.events(export) == ["export.created", "export.cancelled"]
        answer = await exports.client.post(f"/v1/exports/{export['id']}:cancel")
        assert (answer.status_code, answer.json()["code"]) == (409, "export_not_running")
        assert (await exports.download(export)).status_code == 409


async def test_one_cancelled_before_it_began_is_never_made(exports: Exports) -> None:
    export = await exports.ask()
    await exports.client.post(f"/v1/exports/{export['id']}:cancel")
    assert (await exports.make(export))["state"] == "cancelled"
    assert exports.chunks() == 0


async def test_a_crash_is_made_good_by_the_next_run(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    names = await products(exports)
    monkeypatch.setattr("api.kit.files.CHUNK_BYTES", 100)
    export = await exports.ask("products", "jsonl")

    class KilledError(BaseException):
        pass

    async def die() -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        BetweenPages(patch, 3, die)
        with pytest.raises(KilledError):
            await exports.make(export)
    left, halfway = exports.chunks(), await exports.get(export)
    assert left > 0
    assert (halfway["state"], (await exports.download(export)).status_code) == ("running", 409)
    done = await exports.make(export)
    content = (await exports.download(export)).content
    assert [item["name"] for item in json_lines(content)] == names
    assert (done["state"], done["rows"], exports.chunks()) == ("done", 7, -(-len(content) // 100))


async def test_a_run_that_was_overtaken_gives_up(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    names = await products(exports)
    export = await exports.ask("products", "jsonl")
    overtaking = BetweenPages(monkeypatch, 2, lambda: exports.make(export))
    done = await exports.make(export)
    assert overtaking.seen > 2
    content = (await exports.download(done)).content
    assert [item["name"] for item in json_lines(content)] == names
    assert (len(content), exports.chunks()) == (done["size"], 1)
    assert exports.events(export) == ["export.created", "export.finished"]


async def test_an_outage_is_tried_again(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    export = await exports.ask()

    async def unavailable() -> None:
        raise UNAVAILABLE()

    with monkeypatch.context() as patch:
        BetweenPages(patch, 1, unavailable)
        with pytest.raises(Problem):
            await exports.make(export)
    assert (await exports.get(export))["state"] == "running"
    assert (await exports.make(export))["state"] == "done"


async def test_a_mistake_of_ours_fails_the_export_at_once(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    export = await exports.ask()

    async def break_down() -> None:
        raise ZeroDivisionError

    BetweenPages(monkeypatch, 1, break_down)
    with pytest.raises(ZeroDivisionError):
        await exports.make(export)
    failed = await exports.get(export)
    assert (failed["state"], failed["problem"]["code"], exports.chunks()) == ("failed", "internal_error", 0)


async def test_a_statement_that_takes_too_long_fails_it(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    export = await exports.ask()

    async def take_too_long() -> None:
        raise psycopg.errors.QueryCanceled

    BetweenPages(monkeypatch, 1, take_too_long)
    failed = await exports.make(export)
    assert (failed["state"], failed["problem"]["code"]) == ("failed", "timed_out")


async def test_what_is_wrong_with_it_is_told_in_the_askers_language(exports: Exports) -> None:
    segment = await exports.post("/v1/segments", name="重点", filter={"country": ["JP"]})
    body = {"resource": "accounts", "format": "csv", "query": {"segment_id": segment["id"]}}
    answer = await exports.client.post("/v1/exports", json=body, headers={"Accept-Language": "ja"})
    await exports.client.delete(f"/v1/segments/{segment['id']}", headers={"If-Match": "1"})
    failed = await exports.make(answer.json())
    assert (failed["state"], failed["problem"]["code"]) == ("failed", "invalid_input")
    assert failed["problem"]["errors"][0]["detail"] == "該当するセグメントがありません"
    assert exports.events(failed) == ["export.created", "export.failed"]


async def test_a_text_too_long_for_a_sheet_fails_with_its_place(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = [{"phase": "adoption", "user_ids": [exports_id] * 100} for exports_id in [str(exports.workspace.id)] * 50]
    exports.owner.execute(
        "INSERT INTO assignment_policies (workspace_id, id, version, created_at, updated_at, name, kind, role, score, rules, "
        "policy_version, active) VALUES (%s, gen_random_uuid(), 1, now(), now(), 'p', 'phase', 'csm', 'importance', %s, 1, false)",
        [exports.workspace.id, psycopg.types.json.Jsonb(rules)],
    )
    failed = await exports.make(await exports.ask("assignment_policies", "xlsx"))
    assert (failed["problem"]["code"], exports.chunks()) == ("cell_too_long_for_xlsx", 0)
    assert "`rules`" in failed["problem"]["detail"]
    assert (await exports.make(await exports.ask("assignment_policies", "csv")))["state"] == "done"


async def test_other_peoples_views_stay_theirs(exports: Exports) -> None:
    workspace = exports.workspace
    clients = [await workspace.client(), await workspace.client("csm")]
    for client, owner in zip(clients, ("admin", "csm"), strict=True):
        for shared in (True, False):
            name = f"{owner} {'shared' if shared else 'private'}"
            body = {"name": name, "query": {"phase": ["renewal"]}, "shared": shared}
            assert (await client.post("/v1/saved-views", json=body)).status_code == 201
    key = await workspace.key_client({"exports:read", "exports:write", "saved_views:read"})
    for client, seen in [
        (clients[0], ["admin private", "admin shared", "csm shared"]),
        (clients[1], ["admin shared", "csm private", "csm shared"]),
        (key, ["admin shared", "csm shared"]),
    ]:
        answer = await client.post("/v1/exports", json={"resource": "saved_views", "format": "csv"})
        await making.make(workspace.database, workspace.id, UUID(answer.json()["id"]))
        content = (await client.get(f"/v1/exports/{answer.json()['id']}/file")).content
        listed = (await client.get("/v1/saved-views")).json()["data"]
        assert [row["name"] for row in csv_rows(content)] == [view["name"] for view in listed] == seen


@pytest.mark.parametrize("loss", ["role = 'csm'", "suspended_at = now()", "archived_at = now()"])
async def test_who_may_no_longer_read_the_list_gets_no_file(exports: Exports, loss: str) -> None:
    user = await exports.workspace.user("admin")
    client = await exports.workspace.signed_in(user)
    export = (await client.post("/v1/exports", json={"resource": "audit_log", "format": "csv"})).json()
    exports.owner.execute(f"UPDATE users SET {loss} WHERE id = %s".encode(), [user.id])
    failed = await exports.make(export)
    assert (failed["state"], failed["problem"]["code"], exports.chunks()) == ("failed", "forbidden", 0)


@pytest.mark.parametrize("loss", ["scopes = '{exports:write}'", "revoked_at = now()", "expires_at = now()"])
async def test_a_key_that_may_no_longer_read_the_list_gets_no_file(exports: Exports, loss: str) -> None:
    key = await exports.workspace.key_client({"exports:write", "accounts:read"})
    export = (await key.post("/v1/exports", json={"resource": "accounts", "format": "csv"})).json()
    exports.owner.execute(
        f"UPDATE {Credential.__tablename__} SET {loss} WHERE id = %s".encode(), [export["asked_by_id"]]
    )
    assert (await exports.make(export))["problem"]["code"] == "forbidden"


async def test_a_strangers_rows_stay_theirs(exports: Exports, other_workspace: WorkspaceForTest) -> None:
    await makers.account(other_workspace)
    await makers.account(exports.workspace)
    content = await exports.content(format_="jsonl")
    assert [item["name"] for item in json_lines(content)] == [exports.workspace.marker]


@pytest.fixture
async def work(
    settings: Settings, workspace: WorkspaceForTest, owner: psycopg.Connection
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Runs the jobs that wait, as the worker does, until there are none."""
    load_jobs()
    owner.execute("DELETE FROM procrastinate_jobs")
    connector = procrastinate.PsycopgConnector(conninfo=settings.worker_url.get_secret_value(), min_size=1, max_size=3)
    with jobs.app.replace_connector(connector):
        async with jobs.app.open_async():

            async def run() -> None:
                await jobs.app.run_worker_async(
                    wait=False, install_signal_handlers=False, listen_notify=False,
                    additional_context={"heads": workspace.database, "tenants": workspace.database},
                )  # fmt: skip

            yield run


async def test_asking_starts_the_job(exports: Exports, work: Callable[[], Awaitable[None]]) -> None:
    names = await products(exports, 3)
    export = await exports.ask("products")
    with fail_after(30):
        await work()
    assert (await exports.get(export))["state"] == "done"
    assert [row["name"] for row in csv_rows((await exports.download(export)).content)] == names


async def test_chunks_are_written_as_the_walk_goes(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays flat: what is encoded is stored before the next page is read."""
    await products(exports)
    monkeypatch.setattr("api.kit.files.CHUNK_BYTES", 10)
    written: list[int] = []
    store = FileWriter._store

    async def counted(writer: FileWriter, content: bytes) -> None:
        written.append(len(content))
        await store(writer, content)

    monkeypatch.setattr(FileWriter, "_store", counted)
    counts: list[int] = []

    async def count() -> None:
        counts.append(len(written))

    BetweenPages(monkeypatch, 4, count)
    await exports.content("products", "jsonl")
    assert 0 < counts[0] < len(written)
