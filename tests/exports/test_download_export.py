"""GET /v1/exports/{id}/file."""

import datetime as dt
import hashlib

from api.kit import clock
from api.kit.files import CHUNK_BYTES
from tests.exports.conftest import Exports
from tests.support.workspaces import WorkspaceForTest


async def test_the_file_comes_with_its_name_size_and_digest(exports: Exports) -> None:
    await exports.account("株式会社さくら物流")
    export = await exports.make(await exports.ask(filename='今期の"更新"'))
    answer = await exports.download(export)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"_______.csv\"; filename*=UTF-8''%E4%BB%8A%E6%9C%9F%E3%81%AE%22%E6%9B%B4%E6%96%B0%22.csv"
    )
    assert int(answer.headers["Content-Length"]) == len(answer.content) == export["size"]
    assert hashlib.sha256(answer.content).hexdigest() == export["digest"]
    assert answer.content.startswith(b"\xef\xbb\xbfid,")
    known = await exports.client.get(
        f"/v1/exports/{export['id']}/file", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (known.status_code, known.content) == (304, b"")


async def test_a_file_of_many_chunks_comes_whole(exports: Exports) -> None:
    async with exports.workspace.write() as tx:
        await tx.execute(
            "INSERT INTO products (workspace_id, id, version, created_at, updated_at, name, description, sellable) "
            "SELECT %(ws)s, gen_random_uuid(), 1, now(), now(), 'p' || n, repeat('説明', 500), true "
            "FROM generate_series(1, 500) AS n",
            {"ws": exports.workspace.id},
        )
    export = await exports.make(await exports.ask("products", "jsonl"))
    answer = await exports.download(export)
    assert (export["rows"], export["total_rows"]) == (500, 500)
    assert answer.content.count(b"\n") == 500
    assert export["size"] == len(answer.content) > 5 * CHUNK_BYTES
    assert exports.chunks() == -(-export["size"] // CHUNK_BYTES)


async def test_there_is_no_file_before_it_is_done(exports: Exports) -> None:
    export = await exports.ask()
    answer = await exports.download(export)
    assert (answer.status_code, answer.json()["code"]) == (409, "export_not_done")
    assert "running" in answer.json()["detail"]


async def test_a_file_expires(exports: Exports) -> None:
    export = await exports.make(await exports.ask())
    ends = dt.datetime.fromisoformat(export["expires_at"])
    assert dt.timedelta(days=6, hours=23) < ends - clock.now() <= dt.timedelta(days=7)
    exports.owner.execute("UPDATE exports SET expires_at = now() WHERE id = %s", [export["id"]])
    answer = await exports.download(export)
    assert (answer.status_code, answer.json()["code"]) == (410, "export_expired")


async def test_administrators_may_fetch_it_and_others_not(exports: Exports) -> None:
    csm = await exports.workspace.client("csm")
    export = (await csm.post("/v1/exports", json={"resource": "accounts", "format": "csv"})).json()
    await exports.make(export)
    assert (await exports.download(export)).status_code == 200
    assert (await exports.download(export, csm)).status_code == 200
    assert (await exports.download(export, await exports.workspace.client("manager"))).status_code == 404
    other_csm = await exports.workspace.signed_in(await exports.workspace.user("csm"))
    assert (await exports.download(export, other_csm)).status_code == 404


async def test_the_reading_scope_is_checked_again(exports: Exports) -> None:
    workspace = exports.workspace
    user = await workspace.user("admin")
    client = await workspace.signed_in(user)
    export = (await client.post("/v1/exports", json={"resource": "audit_log", "format": "csv"})).json()
    await exports.make(export)
    assert (await exports.download(export, client)).status_code == 200
    exports.owner.execute("UPDATE users SET role = 'csm' WHERE id = %s", [user.id])
    answer = await exports.download(export, client)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "audit_log:read" in answer.json()["detail"]


async def test_a_stranger_finds_no_file(exports: Exports, other_workspace: WorkspaceForTest) -> None:
    export = await exports.make(await exports.ask())
    assert (await exports.download(export, await other_workspace.client())).status_code == 404
