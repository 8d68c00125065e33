"""Every list of the API can be exported, or says why not."""

import pytest

from api.exports.sources import SOURCES
from api.kit.queries import Asked
from api.kit.routing import operations_among
from api.kit.settings import Settings
from api.main import create_app
from tests.exports.conftest import Exports
from tests.exports.reading import csv_rows, json_lines, xlsx_rows
from tests.whole_api.operations import LISTS
from tests.whole_api.requests import example_of

TOP_LEVEL = {
    operation.path.removeprefix("/v1/").replace("-", "_"): operation
    for operation in LISTS
    if not operation.parameters("path")
}
EXCEPTIONS = {
    "exports": "an export of the exports tells nothing that their list does not",
    "imports": "a log of the service itself; what an import brought in is exported with its records",
    "portfolio": "a screen of the accounts, which are exported themselves",
    "partner/reference_cases": "partners make no exports; what they see are cases, which are exported themselves",
    "partner/reference_requests": "partners make no exports; what they ask are requests, which are exported themselves",
    "import_mappings": "a setting of imports, not data of the workspace",
}


def test_every_list_is_registered_or_excepted() -> None:
    assert TOP_LEVEL.keys() == SOURCES.keys() | EXCEPTIONS.keys()


def test_a_source_is_what_its_list_says() -> None:
    routes = {route.name: route for route in operations_among(create_app(Settings()).routes)}
    for name, source in SOURCES.items():
        operation = TOP_LEVEL[name]
        route = routes[operation.id]
        queries = [part.call.model for part in route.dependant.dependencies if isinstance(part.call, Asked)]
        assert (source.scope, [source.query]) == (operation.scope, queries)
        assert route.response_model.model_fields["data"].annotation == list[source.read]  # type: ignore[name-defined]


@pytest.mark.parametrize("name", SOURCES)
async def test_each_is_exported_in_each_format(exports: Exports, name: str) -> None:
    operation = TOP_LEVEL[name]
    make = example_of(operation).makes
    assert make is not None
    for _ in range(2):
        await make(exports.workspace)
    export = await exports.ask(name, "jsonl")
    csv_export = await exports.ask(name, "csv")
    xlsx_export = await exports.ask(name, "xlsx")
    listed = (await exports.client.get(operation.path, params={"limit": 200})).json()["data"]
    made = [await exports.make(each) for each in (export, csv_export, xlsx_export)]
    assert [each["state"] for each in made] == ["done"] * 3, made
    files = [(await exports.download(each)).content for each in made]
    items = json_lines(files[0])
    # Making an export is itself an act and an event, which the lists of those show.
    known = {item["id"] for item in items}
    assert [item for item in listed if item["id"] in known] == [item for item in items if item in listed]
    assert len(items) >= 2
    for rows in (csv_rows(files[1]), xlsx_rows(files[2])):
        assert {item["id"] for item in items} <= {row["id"] for row in rows}
        assert made[1]["columns"] == list(rows[0])
