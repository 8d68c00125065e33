"""A stranger's rows are not there: with either wall alone, and so with both."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from api.auth.permissions import SCOPES
from api.kit.files import FileWriter, delete_file, read_file
from api.kit.settings import Settings
from api.kit.tables import new_id
from api.main import create_app
from tests.analytics.conftest import Figures
from tests.support import rows
from tests.support.cells import cells
from tests.support.isolation import switch_off_row_security, without_filters
from tests.support.postgres import Server
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api.makers import health_score, health_target, onboarding, survey_response, task, value_realisation
from tests.whole_api.operations import SECURED, Operation, Schema, each, resolved
from tests.whole_api.requests import Place, Prepared, example_of, id_places, make_rows, maker_at, request_for

NOT_ROWS = {"actor_id", "resource_id", "request_id", "results"}
"""Parameters and fields that hold an id without claiming that a row with it exists."""


HAVE_A_RULE_OF_THEIR_OWN = {
    "get_stake",  # only the account's team may read it
    # Beside the workspace stands the partner; tests/reference_cases/test_partners.py takes walls between partners away.
    "list_partner_reference_cases",
    "export_partner_reference_cases",
    "get_partner_reference_case",
    "list_partner_reference_requests",
    "get_partner_reference_request",
    # Sums carry no marker; below they meet a stranger's revenue.
    "get_renewals_by_month",
    "get_retention",
    "get_movements",
    "get_cohorts",
    "get_renewal_rates",
    "get_unit_economics",
    "get_survey_scores",
    "get_touch",
    "get_health_target_attainment",
    "get_health_distribution",
    "get_health_transitions",
    "get_approach_hit_rate",
    "get_roadmap_coverage",
    "get_value_totals",
    "get_onboarding_totals",
}
"""Reads that show nothing of a stranger's even without walls."""


class Wall(StrEnum):
    """What keeps workspaces apart. What either wall stops alone, both stop: they are met together further below."""

    row_security = "row-level security alone"
    filters = "application filters alone"


@pytest.fixture(scope="module")
def tables(server: Server, database: str) -> Sequence[rows.Table]:
    """The tables whose rows belong to a workspace."""
    with server.owner(database) as owner:
        return rows.tenant_tables(owner)


@pytest.fixture(scope="module", params=list(Wall), ids=str)
def wall(request: pytest.FixtureRequest) -> Wall:
    """The one wall that stands in this test."""
    return Wall(request.param)


def behind(wall: Wall | None) -> AbstractContextManager[None]:
    """Where only this wall stands; none does without filters in a database without row-level security."""
    return nullcontext() if wall is Wall.filters else without_filters()


@dataclass
class Pair:
    """Our workspace, and a stranger's that has a row in every table."""

    ours: WorkspaceForTest
    theirs: WorkspaceForTest
    owner: psycopg.Connection
    tables: Sequence[rows.Table]


@pytest.fixture(scope="module")
async def served(
    app: FastAPI, server: Server, database: str, settings: Settings, wall: Wall
) -> AsyncIterator[tuple[FastAPI, str]]:
    """The application behind this wall, and its database: one of its own where row-level security is off."""
    if wall is Wall.row_security:
        yield app, database
        return
    with server.scratch() as name:
        with server.owner(name) as owner:
            switch_off_row_security(owner)
        open_app = create_app(
            settings.model_copy(update={"database_url": type(settings.database_url)(server.url(name))})
        )
        async with open_app.router.lifespan_context(open_app):
            yield open_app, name


@pytest.fixture(scope="module")
async def pair(served: tuple[FastAPI, str], server: Server, tables: Sequence[rows.Table]) -> AsyncIterator[Pair]:
    """Two workspaces behind this wall."""
    app, database = served
    theirs = await WorkspaceForTest.create(app)
    with server.owner(database) as owner:
        owner.execute("SET plan_cache_mode = force_generic_plan")  # a digest reads every table: seven times its run
        # First and with the smaller ids, so that they come first in any list that shows them.
        rows.fill(owner, tables, theirs.id, theirs.marker)
        ours = await WorkspaceForTest.create(app)
        yield Pair(ours, theirs, owner, tables)
    await ours.close()
    await theirs.close()


@dataclass
class Attempt:
    """A request with a stranger's row at a place (None: at none), and what its answer must not hold."""

    place: Place | None
    request: Prepared
    secrets: list[str]


async def attempts(operation: Operation, ours: WorkspaceForTest, theirs: WorkspaceForTest) -> list[Attempt]:
    """The rows that requests of ours need, here and there, and the requests; the one that may succeed comes last."""
    made = await make_rows(operation, ours)
    secrets = [theirs.marker]
    found = []
    for place in id_places(operation):
        stranger = str(await maker_at(operation, place)(theirs))
        found.append(Attempt(place, request_for(operation, made, theirs=(place, stranger)), secrets))
    if (make := example_of(operation).makes) is not None:
        secrets.append(str(await make(theirs)))
    return [*found, Attempt(None, request_for(operation, made), secrets)]


async def leaks(operation: Operation, pair: Pair, made: Attempt, wall: Wall | None) -> list[str]:
    """What the operation gives away or accepts behind this wall, or behind none."""
    client = await pair.ours.client()
    with behind(wall):
        # A stranger's row was never written through the API, so it may not even look like one.
        answer = await made.request.send(client, checked=False)
    found = []
    if any(secret in answer.text for secret in made.secrets):
        found.append(f"shown: {answer.text[:500]}")
    refuses = made.place is not None and made.place[0] != "query" and not example_of(operation).per_item
    if refuses and answer.status_code < 400:
        found.append(f"accepted: {answer.status_code} {answer.text[:500]}")
    return found


@each(SECURED)
async def test_a_strangers_rows_stay_theirs(pair: Pair, wall: Wall, operation: Operation) -> None:
    rows.keep_statistics(pair.owner)
    all_made = await attempts(operation, pair.ours, pair.theirs)
    # Once around all of them, since it reads every table; reading operations have a read-only transaction.
    tables = pair.tables if operation.unsafe else ()
    before = rows.digest(pair.owner, tables, pair.theirs.id)
    found = [leak for made in all_made for leak in await leaks(operation, pair, made, wall)]
    after = rows.digest(pair.owner, tables, pair.theirs.id)
    assert found + [f"changed {table}" for table in before if before[table] != after[table]] == []
    if wall is Wall.filters and shows_rows(operation):
        # The control: with both walls down this test sees what it looks for.
        assert [leak for made in all_made for leak in await leaks(operation, pair, made, None)]


def shows_rows(operation: Operation) -> bool:
    """Whether it reads what would be a stranger's without walls."""
    reads = operation.is_list or bool(id_places(operation))
    return reads and not operation.unsafe and operation.id not in HAVE_A_RULE_OF_THEIR_OWN


@pytest.fixture(scope="module")
async def strangers(app: FastAPI) -> AsyncIterator[tuple[WorkspaceForTest, WorkspaceForTest]]:
    """Our workspace and another one, for requests that are refused."""
    ours, theirs = await WorkspaceForTest.create(app), await WorkspaceForTest.create(app)
    yield ours, theirs
    await ours.close()
    await theirs.close()


@each([operation for operation in SECURED if id_places(operation)])
async def test_a_strangers_row_is_not_found(
    strangers: tuple[WorkspaceForTest, WorkspaceForTest], operation: Operation
) -> None:
    ours, theirs = strangers
    client = await ours.client()
    with cells() as checks:
        *refused, _ = await attempts(operation, ours, theirs)
        for made in refused:
            assert made.place is not None
            with checks.cell(made.place):
                check_not_found(operation, made.place, await made.request.send(client))


def check_not_found(operation: Operation, place: Place, answer: httpx.Response) -> None:
    """A request with a stranger's id at this place finds nothing."""
    if place[0] == "path":
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    elif place[0] == "body" and example_of(operation).per_item:
        (item,) = answer.json().get("items") or [{"status": "failed"}]
        assert item["status"] == "failed"
        assert answer.json().get("data") in (None, [])
    elif place[0] == "body" and answer.status_code != 404:
        pointer = "/" + "/".join(str(step) for step in place[1:])
        errors = {(error["pointer"], error["code"]) for error in answer.json().get("errors", [])}
        assert answer.status_code == 422
        assert all(pointer.startswith(at) and code == "reference_not_found" for at, code in errors), errors
    elif place[0] == "query" and answer.headers["content-type"].startswith("text/csv"):
        assert len(answer.content.splitlines()) == 1, "the names of the columns alone"
    elif place[0] == "query":
        assert answer.status_code in {404, 422} or _shows_nothing(answer.json())


def _shows_nothing(body: object) -> bool:
    """Whether a list is empty, and all amounts of sums are zero."""
    if isinstance(body, dict):
        return body.get("data", []) == [] and body.get("amount", 0) == 0 and all(map(_shows_nothing, body.values()))
    return all(map(_shows_nothing, body)) if isinstance(body, list) else True


def test_the_examples_name_every_id_that_the_operations_take() -> None:
    with cells() as checks:
        for operation in SECURED:
            with checks.cell(operation.id):
                named = {(place[0], place[1]) for place in id_places(operation)}
                assert {place for place in ids_taken(operation) if place[1] not in NOT_ROWS} <= named


def ids_taken(operation: Operation) -> set[Place]:
    """Where the document says that the operation takes ids."""
    taken: set[Place] = set()
    for side in ("path", "query"):
        taken |= {(side, name) for name, told in operation.parameters(side).items() if _is_id(told["schema"])}
    properties = (operation.body_schema or {}).get("properties", {})
    return taken | {("body", name) for name, schema in properties.items() if _is_id(schema)}


def _is_id(schema: Schema) -> bool:
    schema = resolved(schema)
    if schema.get("format") == "uuid":
        return True
    inner = [*schema.get("anyOf", []), *schema.get("properties", {}).values()]
    return any(_is_id(part) for part in [*inner, *([schema["items"]] if "items" in schema else [])])


YEAR = {"from": "2025-04-01", "to": "2026-03-31"}
SUMS = {
    "/v1/renewals:by-month": {"renewal_after": "2026-01-01", "renewal_before": "2027-01-01"},
    "/v1/analytics/retention": YEAR,
    "/v1/analytics/movements": YEAR,
    "/v1/analytics/cohorts": {"as_of": "2026-03-31"},
    "/v1/analytics/renewal-rates": YEAR,
    "/v1/analytics/unit-economics": YEAR,
    "/v1/analytics/survey-scores": {**YEAR, "kind": "nps"},
    "/v1/analytics/touch": YEAR,
    "/v1/analytics/health-target-attainment": YEAR,
    "/v1/analytics/health-distribution": {"as_of": "2026-03-31"},
    "/v1/analytics/health-transitions": YEAR,
    "/v1/analytics/approach-hit-rate": YEAR,
    "/v1/analytics/roadmap-coverage": {"as_of": "2025-06-30"},
    "/v1/value-realisations:totals": {"state": "draft"},
    "/v1/onboardings:totals": {},
}
AS_KNOWN_NOW = {"/v1/analytics/approach-hit-rate"}
REVENUE = "777"


@pytest.fixture(scope="module")
async def beside_revenue(served: tuple[FastAPI, str]) -> AsyncIterator[Figures]:
    """Our workspace without any revenue, beside a stranger's that has some."""
    app, _ = served
    scopes = SCOPES.keys() - {"profile:read", "profile:write"}
    their_workspace, our_workspace = await WorkspaceForTest.create(app), await WorkspaceForTest.create(app)
    theirs = Figures(their_workspace, await their_workspace.key_client(scopes))
    account, _ = await theirs.paying(int(REVENUE), "2025-05-01", ends_before="2026-01-01")
    meeting = {"kind": "qbr", "subject": REVENUE, "occurred_at": "2025-06-01T03:00:00Z", "effort_minutes": int(REVENUE)}
    await theirs.post("/v1/interactions", {"account_id": str(account), **meeting}, 201)
    cost = {"starts_on": "2025-05-01", "ends_before": "2025-06-01", "customers_won": int(REVENUE)}
    await theirs.post("/v1/acquisition-costs", {**cost, "amount": {"amount": int(REVENUE), "currency": "JPY"}}, 201)
    await survey_response(their_workspace, score=9, answered_on=dt.date(2025, 5, 1))
    past = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
    await health_target(their_workspace, due_on=past.date())
    await health_score(their_workspace, as_of=past.date(), recorded_at=past)
    await task(their_workspace, origin_kind="approach_score", state="done", outcome="succeeded", completed_at=past)
    await value_realisation(their_workspace)
    await onboarding(their_workspace)
    ours = Figures(our_workspace, await our_workspace.key_client(scopes))
    await theirs.roll_up()
    await ours.roll_up()
    yield ours
    await their_workspace.close()
    await our_workspace.close()


@pytest.mark.parametrize("path", SUMS)
async def test_a_strangers_revenue_is_in_no_sum(beside_revenue: Figures, wall: Wall, path: str) -> None:
    seen = []
    # From the rollup where there is one, and from the ledger.
    later = path.startswith("/v1/analytics") and path not in AS_KNOWN_NOW
    for further in ({}, {"known_at": "2099-01-01T00:00:00Z"}) if later else ({},):
        query = {**SUMS[path], **further}
        alone = await beside_revenue.client.get(path, params=query)
        assert alone.status_code == 200, alone.text
        assert REVENUE not in alone.text
        with behind(wall):
            assert (await beside_revenue.client.get(path, params=query)).text == alone.text
        with behind(None):
            seen.append((await beside_revenue.client.get(path, params=query)).text != alone.text)
    if wall is Wall.filters:
        # The control: with both walls down the stranger's revenue changes the sums.
        assert any(seen)


async def test_a_strangers_file_is_not_there(served: tuple[FastAPI, str], wall: Wall) -> None:
    app, _ = served
    theirs, ours = await WorkspaceForTest.create(app), await WorkspaceForTest.create(app)
    writer = FileWriter(theirs.database, theirs.id, file_id := new_id())
    await writer.write(theirs.marker.encode())
    await writer.close()

    async def taken() -> tuple[bool, int]:
        """Whether we can read it, and how many of it we delete."""
        found = b"".join([chunk async for chunk in read_file(ours.database, ours.id, file_id)])
        async with ours.write() as tx:
            return theirs.marker.encode() in found, await delete_file(tx, file_id)

    with behind(wall):
        assert await taken() == (False, 0)
    if wall is Wall.filters:
        with behind(None):
            assert await taken() == (True, 1)
