"""POST /v1/exports: what is checked before a job begins."""

import datetime as dt

import pytest

from api.kit.tables import new_id
from tests.exports.conftest import Exports, Json
from tests.exports.reading import csv_rows, json_lines


async def test_an_export_tells_what_it_will_be(exports: Exports) -> None:
    export = await exports.ask(query={"phase": ["adoption"], "sort": "-mrr", "fields": ["name", "mrr"]})
    assert (export["state"], export["rows"], export["total_rows"], export["size"]) == ("running", 0, None, None)
    assert export["columns"] == ["id", "name", "mrr.amount", "mrr.currency"]
    assert export["query"] == {"phase": ["adoption"], "sort": "-mrr", "fields": ["name", "mrr"]}
    today = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=9))).date()
    assert export["filename"] in {f"accounts-{day}.csv" for day in (today, today - dt.timedelta(days=1))}
    assert (export["asked_by_kind"], export["expires_at"]) == ("user", None)
    assert exports.events(export) == ["export.created"]
    assert exports.acts(export) == ["created"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"resource": "stakes"}, [("/resource", "not_allowed")]),
        ({"format": "pdf"}, [("/format", "not_allowed")]),
        ({"query": {"phasee": ["adoption"]}}, [("/query/phasee", "unknown_field")]),
        ({"query": {"phase": ["happy"]}}, [("/query/phase/0", "not_allowed")]),
        ({"query": {"phase": "adoption"}}, [("/query/phase", "invalid_type")]),
        ({"query": {"limit": 5, "cursor": "x"}}, [("/query/cursor", "not_allowed"), ("/query/limit", "not_allowed")]),
        ({"query": {"include": "total_count"}}, [("/query/include", "not_allowed")]),
        ({"query": {"sort": "nonsense"}}, [("/query/sort", "not_allowed")]),
        ({"resource": "segments", "query": {"sort": "nonsense"}}, [("/query/sort", "unknown_name")]),
        ({"resource": "reference_cases", "query": {"metric": ["nonsense"]}}, [("/query/metric", "unknown_name")]),
        ({"query": {"fields": ["nonsense"]}}, [("/query/fields", "unknown_name")]),
        ({"query": {"expand": ["nonsense"]}}, [("/query/expand", "unknown_name")]),
        ({"query": {"segment_id": str(new_id())}}, [("/query/segment_id", "reference_not_found")]),
        ({"columns": ["name", "nonsense", "custom.tier"]}, [("/columns/1", "unknown_name"), ("/columns/2", "unknown_name")]),
        ({"columns": ["name"], "query": {"fields": ["phase"]}}, [("/columns/0", "unknown_name")]),
        ({"columns": []}, [("/columns", "too_short")]),
        ({"format": "jsonl", "columns": ["name"]}, [("/columns", "not_allowed")]),
        ({"filename": "../../etc/passwd"}, [("/filename", "not_allowed")]),
        ({"filename": "C:\\x.csv"}, [("/filename", "not_allowed")]),
        ({"bom": "yes"}, [("/bom", "invalid_type")]),
    ],
)  # fmt: skip
async def test_what_the_list_refuses_is_refused_with_a_pointer(
    exports: Exports, body: Json, errors: list[tuple[str, str]]
) -> None:
    assert await exports.refused(**body) == errors


async def test_the_reading_scope_of_the_list_is_needed_too(exports: Exports) -> None:
    key = await exports.workspace.key_client({"exports:write", "exports:read", "accounts:read"})
    assert (await key.post("/v1/exports", json={"resource": "accounts", "format": "csv"})).status_code == 202
    answer = await key.post("/v1/exports", json={"resource": "contacts", "format": "csv"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "contacts:read" in answer.json()["detail"]
    csm = await exports.workspace.client("csm")
    assert (await csm.post("/v1/exports", json={"resource": "audit_log", "format": "csv"})).status_code == 403


async def test_columns_are_chosen_and_ordered(exports: Exports) -> None:
    await exports.post("/v1/custom-fields", resource="account", key="tier", label="tier", type="text")
    await exports.account("さくら", external_id="s", custom={"tier": "gold"})
    content = await exports.content(columns=["custom.tier", "name", "external_id", "name"])
    assert content.decode("utf-8-sig") == "custom.tier,name,external_id\r\ngold,さくら,s\r\n"


async def test_a_name_gets_the_ending_of_its_format(exports: Exports) -> None:
    names = [(await exports.ask(format_="xlsx", filename=name))["filename"] for name in ("今期の更新", "今期.XLSX")]
    assert names == ["今期の更新.xlsx", "今期.XLSX"]


async def test_filters_are_honoured(exports: Exports) -> None:
    for key, kind in (("tier", "text"), ("seats", "number")):
        await exports.post("/v1/custom-fields", resource="account", key=key, label=key, type=kind)
    await exports.account("さくら物流", industry="物流", tags=["重点"], custom={"tier": "gold"})
    await exports.account("みのり物流", industry="物流", tags=["新規"], custom={"tier": "silver"})
    await exports.account("ひかり商事", industry="商社", tags=["重点"], custom={"tier": "gold"})
    gone = await exports.account("旧さくら物流")
    await exports.client.delete(f"/v1/accounts/{gone['id']}", headers={"If-Match": "1"})
    segment = await exports.post("/v1/segments", name="重点", filter={"tags": ["重点"]})
    for query, names in [
        ({"custom": {"tier": ["gold"]}}, ["さくら物流", "ひかり商事"]),
        ({"custom.tier": "silver"}, ["みのり物流"]),
        ({"tags": ["重点"], "industry": ["物流"]}, ["さくら物流"]),
        ({"q": "物流", "sort": "-name"}, ["みのり物流", "さくら物流"]),
        ({"segment_id": segment["id"], "sort": "-created_at"}, ["ひかり商事", "さくら物流"]),
        ({"archived": True}, ["旧さくら物流"]),
        ({"q": "どこにもない"}, []),
    ]:
        rows = csv_rows(await exports.content(query=query))
        items = json_lines(await exports.content(format_="jsonl", query=query))
        assert [row["name"] for row in rows] == [item["name"] for item in items] == names, query


async def test_expanded_objects_become_columns(exports: Exports) -> None:
    account = await exports.account("さくら物流", external_id="s")
    user = await exports.workspace.user(name="山田 花子")
    await exports.post(f"/v1/accounts/{account['id']}/team", user_id=str(user.id), role="csm")
    query = {"fields": ["name", "mrr"], "expand": ["owner", "team", "parent"]}
    (row,) = csv_rows(await exports.content(query=query))
    assert (row["owner.name"], row["owner.role"], row["parent.name"], row["mrr.amount"]) == ("山田 花子", "csm", "", "")
    assert row["team"].startswith('[{"id":')
    (item,) = json_lines(await exports.content(format_="jsonl", query=query))
    listed = await exports.client.get("/v1/accounts", params={"fields": "name,mrr", "expand": "owner,team,parent"})
    assert item == listed.json()["data"][0]
    assert item["owner"]["name"] == "山田 花子"


async def test_lists_show_ones_own_exports_and_administrators_all(exports: Exports) -> None:
    ours = await exports.ask()
    csm = await exports.workspace.client("csm")
    theirs = (await csm.post("/v1/exports", json={"resource": "accounts", "format": "csv"})).json()
    for client, seen in ((exports.client, [theirs["id"], ours["id"]]), (csm, [theirs["id"]])):
        answer = await client.get("/v1/exports")
        assert [export["id"] for export in answer.json()["data"]] == seen
    for path in (f"/v1/exports/{ours['id']}", f"/v1/exports/{ours['id']}/file"):
        assert (await csm.get(path)).status_code == 404
    assert (await csm.post(f"/v1/exports/{ours['id']}:cancel")).status_code == 404
