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
