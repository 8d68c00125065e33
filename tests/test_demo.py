"""The demo: two companies with a past, loaded once, and completed when a load was interrupted.

Their past itself is loaded by ``serve`` in test_serve.py, which then calls :func:`check_past`.
"""

import datetime as dt
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.demo import english, japanese, loading
from api.demo.credentials import WORKSPACE_IDS
from api.demo.lives import lives
from api.health_scores import evidence
from api.kit.db import Database
from api.kit.settings import Settings
from tests.support.postgres import Server

TODAY = dt.date(2026, 6, 1)


@pytest.fixture
async def empty(server: Server, settings: Settings) -> AsyncIterator[tuple[Database, psycopg.Connection]]:
    """An empty database, as the application's role and as its owner."""
    with server.scratch() as name, server.owner(name) as owner:
        async with Database(server.url(name), settings, size=2) as database:
            yield database, owner


def counted(owner: psycopg.Connection, query: str, *parameters: object) -> Any:
    row = owner.execute(query.encode(), parameters).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


async def test_it_loads_once_and_completes_what_was_interrupted(
    empty: tuple[Database, psycopg.Connection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections, owner = empty
    path = tmp_path / "demo.json"

    async def load() -> dict[str, Any]:
        await loading.load(connections, base_url="http://localhost:8000", path=path)
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return loaded

    async def nothing_happened(*_arguments: object, **_options: object) -> None:
        """The two years between."""

    async def killed(*_arguments: object, **options: Any) -> None:
        if options["domain"].startswith("northwind"):
            raise KeyboardInterrupt

    monkeypatch.setattr(loading, "fill", killed)
    with pytest.raises(KeyboardInterrupt):
        await load()
    assert counted(owner, "SELECT array_agg(workspace_id) FROM workspace_directory") == [WORKSPACE_IDS[0]]
    assert not path.exists()

    monkeypatch.setattr(loading, "fill", nothing_happened)
    first = await load()
    assert [(entry["name"], entry["id"]) for entry in first["workspaces"]] == [
        ("株式会社みどりクラウド", str(WORKSPACE_IDS[0])),
        ("Northwind Software", str(WORKSPACE_IDS[1])),
    ]

    events = counted(owner, "SELECT count(*) FROM events")
    assert await load() == first
    assert counted(owner, "SELECT count(*) FROM events") == events

    path.unlink()
    again = await load()
    assert again["workspaces"][0]["id"] == first["workspaces"][0]["id"]
    assert again["workspaces"][0]["users"]["csm"] != first["workspaces"][0]["users"]["csm"]
    keys = "SELECT count(*), count(*) FILTER (WHERE revoked_at IS NULL) FROM credentials WHERE kind = 'api_key'"
    assert counted(owner, keys) == (35, 14)  # the first workspace got keys three times


def check_past(owner: psycopg.Connection, *, seconds: float = 120) -> None:
    """What the demo must hold once the worker has done the jobs that the load leaves."""
    working = "SELECT EXISTS (SELECT FROM outbox) OR EXISTS (SELECT FROM backtests WHERE state = 'running')"
    deadline = time.monotonic() + seconds
    while counted(owner, working):
        assert time.monotonic() < deadline, "the worker does not get done"
        time.sleep(0.2)
    for workspace_id in WORKSPACE_IDS:
        check(owner, workspace_id)
    report, failed = counted(owner, "SELECT report, failed_criteria FROM backtests WHERE state = 'done'")
    assert report["model"]["cases"] > 500
    assert failed == evidence.failures(report["model"], None, None)


def check(owner: psycopg.Connection, workspace_id: object) -> None:
    """What one loaded workspace must hold."""

    def count(query: str) -> Any:
        return counted(owner, f"SELECT {query}", workspace_id)

    assert count("count(*) FROM accounts WHERE workspace_id = %s AND merged_into_id IS NULL") >= 80
    assert count("count(DISTINCT phase) FROM accounts WHERE workspace_id = %s") == 4
    assert count("count(*) FROM accounts WHERE workspace_id = %s AND parent_id IS NOT NULL") >= 15
    assert count("count(*) FROM account_standing WHERE workspace_id = %s AND mrr_minor > 0") >= 70
    assert count("max(seats) FROM account_standing WHERE workspace_id = %s") < 100_000
    assert count("count(*) FROM account_standing WHERE workspace_id = %s AND icp_fit IS NOT NULL") >= 80
    of_account = "SELECT count(*) AS n FROM contacts WHERE workspace_id = %s GROUP BY account_id"
    assert count(f"min(n), max(n) FROM ({of_account}) AS of_account") == (3, 6)
    alone = "accounts a WHERE workspace_id = %s AND merged_into_id IS NULL AND "
    team = "EXISTS (SELECT FROM account_team t WHERE t.account_id = a.id AND t.role = 'csm' AND t.user_id = a.owner_id AND t.ends_before IS NULL)"
    assert count(f"count(*) FROM {alone} NOT {team}") == 0
    phase = "(SELECT array_agg(p.phase) FROM account_phases p WHERE p.account_id = a.id AND p.ends_before IS NULL)"
    assert count(f"count(*) FROM {alone} {phase} <> ARRAY[a.phase]") == 0
    assert count("count(*) FROM primary_contact_changes WHERE workspace_id = %s AND from_contact_id IS NOT NULL") >= 10
    for table, least in (
        ("products", 6), ("success_overrides", 5), ("segments", 5), ("saved_views", 3), ("custom_fields", 6),
        ("surveys", 2), ("survey_responses", 100), ("survey_invitations", 10), ("tasks", 1),
        ("account_refs", 20), ("product_gaps", 16), ("product_gap_reports", 60), ("product_gap_comments", 3), ("contact_stakes", 4), ("invitations", 2), ("field_values", 400),
    ):  # fmt: skip
        assert count(f"count(*) FROM {table} WHERE workspace_id = %s") >= least, table
    assert count("count(*) FROM assignment_policies WHERE workspace_id = %s AND active AND policy_version = 2") == 1
    assert (
        count(
            "max(n) FROM (SELECT count(*) AS n FROM account_team WHERE workspace_id = %s AND role = 'csm' GROUP BY account_id) AS owners"
        )
        >= 2
    )
    assert count("count(DISTINCT status) FROM product_gaps WHERE workspace_id = %s") == 5
    assert count("count(*) FROM product_gaps WHERE workspace_id = %s AND merged_into_id IS NOT NULL") == 1
    told = "FROM tasks WHERE workspace_id = %s AND origin_kind = 'gap'"
    assert count(f"count(*) FILTER (WHERE state = 'done') > 5, count(*) FILTER (WHERE state = 'open') > 2 {told}") == (
        True,
        True,
    )
    check_health(owner, workspace_id)
    won, started = count(
        "(SELECT sum(customers_won) FROM acquisition_costs c WHERE c.workspace_id = a.workspace_id), count(*) "
        "FROM accounts a WHERE workspace_id = %s AND merged_into_id IS NULL GROUP BY a.workspace_id"
    )
    assert 0.8 * started <= won <= started
    first, last = count("min(occurred_at), max(occurred_at) FROM events WHERE workspace_id = %s")
    assert last - first > dt.timedelta(days=700)
    assert count("bool_and(occurred_at <= now()) FROM events WHERE workspace_id = %s")
    assert count("count(*) FROM events e WHERE workspace_id = %s AND position IS NULL") == count(
        "count(*) FROM outbox WHERE workspace_id = %s"
    )


def check_health(owner: psycopg.Connection, workspace_id: object) -> None:
    """Weekly scores over two years that move, and what follows from them."""

    def count(query: str) -> Any:
        return counted(owner, f"SELECT {query}", workspace_id)

    weekly = "FROM health_scores WHERE workspace_id = %s AND kind = 'weekly'"
    assert count("array_agg(state) FROM health_models WHERE workspace_id = %s") == ["active", "active"]
    assert count(f"count(DISTINCT as_of) {weekly}") >= 95
    assert count(f"count(score) {weekly}") >= 4_000
    assert count(f"count(DISTINCT band) {weekly}") == 3
    assert count("sum(transitions) FROM health_score_runs WHERE workspace_id = %s AND state = 'done'") >= 100
    assert count("count(DISTINCT cause) FROM maturity_changes WHERE workspace_id = %s") == 3
    # Nobody is scored who was not a customer on the day.
    gone = "NOT EXISTS (SELECT FROM account_phases p WHERE p.account_id = s.account_id AND p.phase <> 'churned' AND p.starts_on <= s.as_of AND (p.ends_before IS NULL OR p.ends_before > s.as_of))"
    assert count(f"count(*) FROM health_scores s WHERE workspace_id = %s AND {gone}") == 0
    leaving = "(SELECT avg(score) FROM health_scores s WHERE s.account_id = p.account_id AND s.as_of > p.starts_on - {} AND s.as_of <= p.starts_on - {})"
    earlier, last = count(
        f"avg({leaving.format(240, 120)}), avg({leaving.format(28, 0)}) "
        "FROM account_phases p WHERE workspace_id = %s AND phase = 'churned'"
    )
    assert last < earlier - 10
    outcomes = "array_agg(DISTINCT outcome ORDER BY outcome) FROM health_targets WHERE workspace_id = %s"
    assert count(outcomes) == ["met", "missed", "pending"]
    assert count("count(*) FROM signals WHERE workspace_id = %s AND status = 'open'") >= 10


@pytest.mark.parametrize("market", [japanese.MARKET, english.MARKET])
def test_the_invention_is_the_same_each_time(market: Any) -> None:
    assert lives(market, "demo.example", TODAY) == lives(market, "demo.example", TODAY)
    assert lives(market, "other.example", TODAY) != lives(market, "demo.example", TODAY)


@pytest.mark.parametrize("market", [japanese.MARKET, english.MARKET])
def test_lives_make_sense(market: Any) -> None:
    for life in lives(market, "demo.example", TODAY):
        days = [life.started_on, *(day for day, _, _ in life.moves)]
        assert days == sorted(days)
        assert days[-1] < TODAY
        assert 3 <= len(life.people) <= 6
        assert all(person.added_on < TODAY for person in life.people)
        assert life.values["domain"].endswith(".example")
    keys = [company.key for company in market.companies]
    assert len(set(keys)) == len(keys)
    assert {company.parent for company in market.companies if company.parent} <= set(keys)
