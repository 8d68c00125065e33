"""What an import does with the rows of a file."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from api.imports import loading, running
from api.imports.targets import TARGETS
from tests.imports.conftest import ACCOUNTS, Importer, counted
from tests.support.workspaces import WorkspaceForTest

FILE = """\ufeffid,name,seats,tier,memo,internal
a-1,株式会社さくら物流,"1,320",gold,重点;東日本,x
a-2,みどり商事株式会社,12,silver,,x
a-3,,40,gold,,x
a-4,Harbor Analytics,many,gold,,x
,No Id,1,gold,,x
"""
MAPPING = {"id": "external_id", "name": "name", "seats": "employee_count", "tier": "custom.tier", "memo": "tags"}


async def declare_tier(importer: Importer, *options: str) -> None:
    field = {"resource": "account", "key": "tier", "label": "ランク", "type": "option", "options": list(options)}
    assert (await importer.client.post("/v1/custom-fields", json=field)).status_code == 201


async def test_the_worker_runs_it(importer: Importer, worker: Callable[[], Awaitable[None]]) -> None:
    await declare_tier(importer, "gold", "silver")
    import_id = await importer.started(FILE, MAPPING)
    assert (await importer.get(import_id))["state"] == "running"
    await worker()
    found = await importer.get(import_id)
    assert (found["state"], found["rows_done"], found["rows_total"]) == ("done", 5, 5)
    assert found["bytes_done"] == found["size_bytes"] == len(FILE.encode())
    assert counted(found) == (2, 0, 0, 3)
    assert await importer.accounts("name", "employee_count", "tags", "custom") == {
        "a-1": ["株式会社さくら物流", 1320, ["重点", "東日本"], {"tier": "gold"}],
        "a-2": ["みどり商事株式会社", 12, [], {"tier": "silver"}],
    }
    told = [
        (row["number"], row["key"], [(error["pointer"], error["code"]) for error in row["errors"]])
        for row in await importer.rows(import_id)
    ]
    assert told == [
        (4, "a-3", [("/name", "missing")]),
        (5, "a-4", [("/employee_count", "invalid_format")]),
        (6, None, [("/external_id", "missing")]),
    ]


async def test_the_second_time_changes_nothing_and_then_only_what_differs(importer: Importer) -> None:
    await declare_tier(importer, "gold", "silver")
    assert counted(await importer.done(FILE, MAPPING)) == (2, 0, 0, 3)
    assert counted(await importer.done(FILE, MAPPING)) == (0, 0, 2, 3)
    assert counted(await importer.done(FILE.replace("1,320", "1,330"), MAPPING)) == (0, 1, 1, 3)


async def test_it_is_announced_and_audited_in_the_name_of_who_started_it(
    importer: Importer, workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    found = await importer.done("id,name\na,A\n", ACCOUNTS)
    events = owner.execute("SELECT type FROM events WHERE resource_id = %s ORDER BY id", [UUID(found["id"])]).fetchall()
    assert events == [("import.created",), ("import.updated",), ("import.started",), ("import.finished",)]
    admin = (await workspace.person("admin")).id
    actors = owner.execute(
        "SELECT DISTINCT actor_kind, actor_id FROM audit_log WHERE workspace_id = %s AND action IN "
        "('created', 'finished') AND resource IN ('account', 'import')",
        [workspace.id],
    ).fetchall()
    assert actors == [("user", admin)]


async def test_a_dry_run_tells_and_leaves_nothing(
    importer: Importer, workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    await importer.done("id,name\na,A\nb,B\n", ACCOUNTS)
    found = await importer.done("id,name\na,A2\nb,B\nc,C\nd,\n", ACCOUNTS, dry_run=True)
    assert counted(found) == (1, 1, 1, 1)
    statuses = [row["status"] for row in await importer.rows(found["id"])]
    assert statuses == ["updated", "unchanged", "created", "failed"]
    failed = await importer.rows(found["id"], status="failed")
    assert [row["number"] for row in failed] == [5]
    assert await importer.accounts("name") == {"a": ["A"], "b": ["B"]}
    query = "SELECT count(*) FROM {} WHERE workspace_id = %s AND resource = 'account'"
    for table in ("events", "audit_log"):
        assert owner.execute(query.format(table).encode(), [workspace.id]).fetchone() == (2,)


async def test_a_later_row_with_the_same_id_changes_the_record_again(importer: Importer) -> None:
    found = await importer.done("id,name\na,First\nb,B\na,Second\na,Second\n", ACCOUNTS)
    assert counted(found) == (2, 1, 1, 0)
    assert await importer.accounts("name") == {"a": ["Second"], "b": ["B"]}


async def test_a_row_that_a_rule_refuses_fails_alone(importer: Importer) -> None:
    await importer.done("id,name\nparent,P\nother,O\n", ACCOUNTS)
    data = (await importer.client.get("/v1/accounts", params={"external_id": "parent"})).json()["data"]
    content = f"id,name,parent\nnew,N,{data[0]['id']}\nparent,P,{data[0]['id']}\nother,O2,\nlast,L,no-uuid\n"
    found = await importer.done(content, {**ACCOUNTS, "parent": "parent_id"})
    assert counted(found) == (1, 1, 0, 2)
    told = [(row["key"], row["errors"][0]["code"]) for row in await importer.rows(found["id"])]
    assert told == [("parent", "circular_hierarchy"), ("last", "invalid_format")]
    assert set(await importer.accounts()) == {"parent", "other", "new"}


async def test_contacts_and_products_come_in_too(importer: Importer) -> None:
    await importer.done("id,name\na,A\n", ACCOUNTS)
    contacts = (
        "担当者ID,氏名,顧客ID,メール,影響度,役割\nc-1,佐藤 花子,a,HANAKO@example.com,5,Decision Maker\nc-2,B,zz,,,\n"
    )
    found = await importer.done(contacts, resource="contacts")
    assert counted(found) == (1, 0, 0, 1)
    (contact,) = (await importer.client.get("/v1/contacts")).json()["data"]
    assert (contact["email"], contact["influence"]) == ("hanako@example.com", 5)
    assert contact["stakeholder_role"] == "decision_maker"
    found = await importer.done("商品コード,商品名,販売中\np-1,分析,いいえ\n", resource="products")
    assert counted(found) == (1, 0, 0, 0)
    (product,) = (await importer.client.get("/v1/products")).json()["data"]
    assert (product["name"], product["sellable"]) == ("分析", False)


async def test_reports_speak_the_language_of_the_start(importer: Importer) -> None:
    import_id = await importer.create()
    await importer.upload(import_id, b"id,name\na,\n")
    await importer.client.post(f"/v1/imports/{import_id}:start", json={}, headers={"Accept-Language": "ja"})
    await importer.work(import_id)
    (row,) = await importer.rows(import_id)
    assert row["errors"] == [{"pointer": "/name", "code": "missing", "detail": "必須です"}]


async def test_the_rejected_rows_can_be_mended_and_come_in(importer: Importer) -> None:
    found = await importer.done('id,name,memo\na,A,\nb,,"=1+1, ""x"""\n', {**ACCOUNTS, "memo": "tags"})
    answer = await importer.client.get(f"/v1/imports/{found['id']}/rejected-rows")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines == ["id,name,memo,import_line,import_reason", """b,,"'=1+1, ""x""\",3,/name Required"""]
    mended = answer.content.replace(b"b,,", b"b,B,")
    assert counted(await importer.done(mended, {**ACCOUNTS, "memo": "tags"})) == (1, 0, 0, 0)
    assert (await importer.accounts("tags"))["b"] == [['=1+1, "x"']]


class _StoppedError(BaseException):
    """The process ends here."""


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for target in TARGETS.values():
        monkeypatch.setitem(vars(target), "batch", 10)


def stops_after(monkeypatch: pytest.MonkeyPatch, batches: int, *, committed: bool) -> None:
    """Let the process end after the commit of a batch, or within the next one."""
    apply, load, done = running._Running._apply, loading.load, 0

    async def stopping_load(*arguments: Any, **options: Any) -> Any:
        results = await load(*arguments, **options)
        if not committed and done == batches:
            raise _StoppedError
        return results

    async def stopping_apply(self: Any, rows: Any) -> bool:
        nonlocal done
        found = await apply(self, rows)
        done += 1
        if committed and done == batches:
            raise _StoppedError
        return found

    monkeypatch.setattr(running._Running, "_apply", stopping_apply)
    monkeypatch.setattr(running, "load", stopping_load)


@pytest.mark.parametrize("committed", [True, False], ids=["between batches", "within a batch"])
@pytest.mark.usefixtures("small_batches")
async def test_an_interrupted_import_applies_each_row_once(
    importer: Importer,
    workspace: WorkspaceForTest,
    owner: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    committed: bool,
) -> None:
    content = "id,name\n" + "".join(f"a-{n},{'' if n % 7 == 0 else n}\n" for n in range(1, 56))
    import_id = await importer.started(content, ACCOUNTS)
    with monkeypatch.context() as patched:
        stops_after(patched, 2, committed=committed)
        with pytest.raises(_StoppedError):
            await importer.work(import_id)
    halfway = await importer.get(import_id)
    assert (halfway["state"], halfway["rows_done"]) == ("running", 20)
    assert len(await importer.accounts()) == halfway["rows_created"] == 18
    found = await importer.work(import_id)
    assert (found["state"], found["rows_done"], counted(found)) == ("done", 55, (48, 0, 0, 7))
    assert [row["number"] for row in await importer.rows(import_id)] == [n + 1 for n in range(7, 56, 7)]
    created = owner.execute(
        "SELECT count(*), count(DISTINCT resource_id) FROM events WHERE workspace_id = %s AND type = 'account.created'",
        [workspace.id],
    ).fetchone()
    assert created == (48, 48)


@pytest.mark.usefixtures("small_batches")
async def test_two_workers_on_one_import_apply_each_row_once(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = await importer.started("id,name\n" + "".join(f"a-{n},{n}\n" for n in range(30)), ACCOUNTS)
    real, calls = running._Running._apply, list[Any]()

    async def apply(self: Any, rows: Any) -> bool:
        calls.append(self)
        place = len(calls)
        if place == 1:
            await importer.work(import_id)  # another worker, which is stopped after one batch
        return place != 3 and await real(self, rows)

    with monkeypatch.context() as patched:
        patched.setattr(running._Running, "_apply", apply)
        halfway = await importer.work(import_id)
    assert (halfway["state"], halfway["rows_done"], counted(halfway)) == ("running", 10, (10, 0, 0, 0))
    found = await importer.work(import_id)
    assert (found["state"], found["rows_done"], counted(found)) == ("done", 30, (30, 0, 0, 0))


@pytest.mark.usefixtures("small_batches")
async def test_a_cancelled_import_stops_between_batches(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = await importer.started("id,name\n" + "".join(f"a-{n},{n}\n" for n in range(50)), ACCOUNTS)
    real = running._Running._apply

    async def apply(self: Any, rows: Any) -> bool:
        found = await real(self, rows)
        if found and self._done == 20:
            answer = await importer.client.post(f"/v1/imports/{import_id}:cancel")
            assert answer.json()["state"] == "cancelled"
        return found

    monkeypatch.setattr(running._Running, "_apply", apply)
    found = await importer.work(import_id)
    assert (found["state"], found["rows_done"], len(await importer.accounts())) == ("cancelled", 20, 20)
    assert (await importer.work(import_id))["rows_done"] == 20
    again = await importer.client.post(f"/v1/imports/{import_id}:cancel")
    assert (again.status_code, again.json()["code"]) == (409, "import_ended")


async def test_it_fails_after_some_attempts_that_got_nowhere(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = await importer.started("id,name\na,A\n", ACCOUNTS)

    async def broken(*_: Any) -> bool:
        raise RuntimeError("as asked")

    monkeypatch.setattr(running._Running, "_apply", broken)
    for _ in range(running.MOST_FAILED_ATTEMPTS - 1):
        with pytest.raises(RuntimeError):
            await importer.work(import_id)
    found = await importer.work(import_id)
    assert (found["state"], found["failure"]["code"]) == ("failed", "internal_error")
