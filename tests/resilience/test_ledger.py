"""What the soak tests trust: the ledger sees each kind of damage."""

import psycopg
import pytest

from api.kit.db import Database
from api.kit.outbox import number_events
from api.kit.settings import Settings
from tests.resilience.ledger import Ledger
from tests.support.workspaces import WorkspaceForTest


@pytest.fixture
async def ledger(workspace: WorkspaceForTest, settings: Settings) -> Ledger:
    """Three accounts that were acknowledged."""
    ledger, client = Ledger(), await workspace.client()
    for number in range(3):
        made = await client.post("/v1/accounts", json={"name": f"株式会社{number}"})
        ledger.acknowledge({made.json()["name"]: made.json()["id"]}, replayed=False)
    async with Database(settings.worker_url.get_secret_value(), settings, size=2) as heads:
        while await number_events(heads, workspace.database):
            pass
    return ledger


def test_nothing_is_wrong(ledger: Ledger, workspace: WorkspaceForTest, owner: psycopg.Connection) -> None:
    assert ledger.held_against(str(workspace.id), owner).good


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE accounts SET name = '他社' WHERE name = '株式会社1'", {"lost": 1, "unasked": 1}),
        ("UPDATE accounts SET name = '株式会社0' WHERE name = '株式会社1'", {"lost": 1, "duplicates": 1}),
        ("UPDATE audit_log SET action = 'updated' WHERE resource = 'account'", {"without_one_audit_entry": 3}),
        ("UPDATE events SET type = 'account.updated' WHERE position = 1", {"without_one_event": 1}),
        ("UPDATE events SET position = 9 WHERE position = 3", {"gaps": 1}),
        ("UPDATE events SET position = NULL WHERE position = 3", {"gaps": 1}),
    ],
)
def test_damage_is_seen(
    ledger: Ledger, workspace: WorkspaceForTest, owner: psycopg.Connection, damage: str, found: dict[str, int]
) -> None:
    with owner.transaction(force_rollback=True):
        restricted = f"{damage} {'AND' if 'WHERE' in damage else 'WHERE'} workspace_id = '{workspace.id}'"
        owner.execute(restricted.encode())
        findings = ledger.held_against(str(workspace.id), owner)
    assert {name: getattr(findings, name) for name in found} == found
    assert not findings.good


def test_another_id_than_the_acknowledged_one_is_seen(
    ledger: Ledger, workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    ledger.ids["株式会社2"] = ledger.ids["株式会社1"]
    assert ledger.held_against(str(workspace.id), owner).other_ids == 1
