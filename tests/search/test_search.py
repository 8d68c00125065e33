"""One search over all kinds: each is found by a part of its name, and each kind's index is asked once."""

import psycopg
import pytest

from api.search.schemas import SearchKind
from tests.support.cells import cells
from tests.support.statements import Sent
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers, reference_makers

MAKERS = {
    SearchKind.account: makers.account,
    SearchKind.contact: makers.contact,
    SearchKind.product: makers.product,
    SearchKind.interaction: makers.interaction,
    SearchKind.task: makers.task,
    SearchKind.product_gap: makers.product_gap,
    SearchKind.program: makers.program,
    SearchKind.success_roadmap: makers.roadmap,
    SearchKind.roadmap_goal: makers.roadmap_goal,
    SearchKind.reference_case: reference_makers.case,
}


def test_each_kind_is_tried() -> None:
    assert set(MAKERS) == set(SearchKind)


@pytest.mark.parametrize("kind", SearchKind)
async def test_it_is_found_by_two_characters_and_by_one(workspace: WorkspaceForTest, kind: SearchKind) -> None:
    made = str(await MAKERS[kind](workspace))
    client = await workspace.client()
    with cells() as checks:
        for text in ("秘密", "密"):
            with checks.cell(text):
                answer = await client.get("/v1/search", params={"q": text, "kind": kind})
                assert [(hit["kind"], hit["id"]) for hit in answer.json()["data"]] == [(kind, made)]
        with checks.cell("what is not there"):
            answer = await client.get("/v1/search", params={"q": "秘蔵", "kind": kind})
            assert answer.json()["data"] == []


async def test_the_index_is_asked_once_for_each_kind(
    workspace: WorkspaceForTest, owner: psycopg.Connection, recorded_statements: list[Sent]
) -> None:
    client = await workspace.client()
    assert (await client.get("/v1/search", params={"q": "株式会社"})).status_code == 200
    (sent,) = [sent for sent in recorded_statements if "search_accounts" in sent.text]
    plan = [line for (line,) in owner.execute(f"EXPLAIN {sent.text}".encode(), sent.parameters)]
    # A set-returning function is a ProjectSet; as an InitPlan it runs once, as a SubPlan once for each row.
    assert sum("ProjectSet" in line for line in plan) == len(SearchKind)
    assert [line for line in plan if line.strip().startswith("SubPlan")] == []


async def test_a_workspace_that_statistics_do_not_know_is_searched_by_its_index(
    workspace: WorkspaceForTest, other_workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    add = """
        INSERT INTO accounts (workspace_id, id, version, created_at, updated_at, name, phase, phase_since,
            onboarding_criteria_met, is_first_renewal, sources, tags, custom)
        SELECT %s, uuidv7(), 1, now(), now(), 'さくら物流 ' || n, 'adoption', current_date, '[]', true, '{}', '{}', '{}'
        FROM generate_series(1, %s) AS n
    """
    owner.execute(add, [other_workspace.id, 1000])
    # Said rather than found, since it depends on the tests before: most of many workspaces are small.
    owner.execute("ALTER TABLE accounts ALTER workspace_id SET (n_distinct = 200)")
    owner.execute("ANALYZE accounts")
    owner.execute("ALTER TABLE accounts ALTER workspace_id RESET (n_distinct)")
    owner.execute(add, [workspace.id, 1000])
    [(body,)] = owner.execute("SELECT prosrc FROM pg_proc WHERE proname = 'search_accounts'").fetchall()
    plans = {}
    with owner.transaction():
        owner.execute("SELECT set_config('app.workspace_id', %s, true)", [str(workspace.id)])
        for how, asked in (("apart", body), ("directly", body.replace("(SELECT NULLIF", "(NULLIF"))):
            text = asked.replace("folded", "'さくら物流 29'").replace("cap", "100")
            plans[how] = "\n".join(line for (line,) in owner.execute(f"EXPLAIN {text}".encode()))
    assert "ix_accounts_search" in plans["apart"]
    assert "ix_accounts_search" not in plans["directly"], "what the sub-select is for"
