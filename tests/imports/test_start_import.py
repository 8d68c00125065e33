"""A mapping is checked before anything runs, and so is what the caller may write."""

from typing import Any

import pytest

from api.auth.permissions import SCOPES
from tests.imports.conftest import ACCOUNTS, Importer, counted
from tests.support.workspaces import WorkspaceForTest


@pytest.mark.parametrize(
    ("mapping", "errors"),
    [
        ({"id": "external_id", "name": "mrr"}, [("/mapping/name", "unknown_target")]),
        ({"id": "external_id", "name": "custom.tier"}, [("/mapping/name", "unknown_target")]),
        ({"id": "external_id", "会社/名": "name"}, [("/mapping/会社~1名", "unknown_column")]),
        ({"id": "name", "name": "name"}, [("/mapping/name", "repeated_target")]),
        ({"name": "name"}, [("/mapping", "missing")]),
        ({"id": "external_id", "name": "sources"}, [("/mapping/name", "unknown_target")]),
    ],
)
async def test_a_mapping_that_does_not_fit_is_refused(
    importer: Importer, mapping: dict[str, str], errors: list[tuple[str, str]]
) -> None:
    import_id = await importer.create()
    await importer.upload(import_id, b"id,name\n")
    answer = await importer.start(import_id, mapping=mapping)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == errors
    assert (await importer.get(import_id))["state"] == "ready"


async def test_what_cannot_be_imported_is_refused(importer: Importer) -> None:
    answer = await importer.client.post("/v1/imports", json={"resource": "segments", "filename": "x"})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/resource"]
    body = {"resource": "accounts", "filename": "x", "mapping": {"a": "nonsense"}}
    answer = await importer.client.post("/v1/imports", json=body)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/mapping/a"]


async def test_importing_takes_the_scope_of_writing_as_well(importer: Importer, workspace: WorkspaceForTest) -> None:
    key = await workspace.key_client(SCOPES.keys() - {"accounts:write"})
    import_id = await importer.create()
    await importer.upload(import_id, b"id,name\na,A\n")
    answers = [
        await key.post("/v1/imports", json={"resource": "accounts", "filename": "x"}),
        await key.put(f"/v1/imports/{import_id}/file", content=b"id\n"),
        await key.post(f"/v1/imports/{import_id}:start", json={}),
        await key.post(f"/v1/imports/{import_id}:cancel"),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "accounts:write" in answer.json()["detail"]
    assert (await key.post("/v1/imports", json={"resource": "contacts", "filename": "x"})).status_code == 201


async def test_a_saved_mapping_is_used(importer: Importer) -> None:
    saved: dict[str, Any] = {"name": "CRM", "resource": "accounts", "mapping": {"Nr": "external_id", "Firma": "name"}}
    mapping = (await importer.client.post("/v1/import-mappings", json=saved)).json()
    found = await importer.done("Nr,Firma,Rest\n1,A,x\n", mapping_id=mapping["id"])
    assert (found["mapping"], counted(found)) == (saved["mapping"], (1, 0, 0, 0))
    for body in (
        {"resource": "contacts", "mapping_id": mapping["id"]},
        {"resource": "accounts", "mapping_id": mapping["id"], "mapping": ACCOUNTS},
    ):
        answer = await importer.client.post("/v1/imports", json={"filename": "x", **body})
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/mapping_id"]
    refused = await importer.client.patch(
        f"/v1/import-mappings/{mapping['id']}", json={"mapping": {"Nr": "email"}}, headers={"If-Match": "1"}
    )
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/mapping/Nr"]


async def test_a_start_happens_once(importer: Importer) -> None:
    import_id = await importer.started("id,name\na,A\n", ACCOUNTS)
    again = await importer.start(import_id)
    assert (again.status_code, again.json()["code"]) == (409, "import_not_ready")
