"""What was acknowledged to the callers, held against what is there."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psycopg


@dataclass(frozen=True)
class Findings:
    """What is wrong with the rows of a workspace; all zero: nothing."""

    lost: int
    duplicates: int
    unasked: int
    other_ids: int
    without_one_audit_entry: int
    without_one_event: int
    gaps: int

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not any(dataclasses.astuple(self))


@dataclass
class Ledger:
    """The accounts that the service said it made, by the label under which each was asked for."""

    ids: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def acknowledge(self, made: Mapping[str, str], *, replayed: bool) -> None:
        """Note an answer: the ids by label."""
        assert not self.ids.keys() & made.keys()
        self.ids |= made
        self.counts["requests"] += 1
        self.counts["replayed"] += replayed

    def held_against(self, workspace_id: str, owner: psycopg.Connection) -> Findings:
        """Compare with the workspace's rows; ``owner`` is bound by no row-level security."""
        rows = owner.execute(
            "SELECT coalesce(external_id, name), id::text FROM accounts WHERE workspace_id = %s", [workspace_id]
        ).fetchall()
        there: dict[str, list[str]] = {}
        for label, account_id in rows:
            there.setdefault(label, []).append(account_id)
        return Findings(
            lost=sum(label not in there for label in self.ids),
            duplicates=sum(len(ids) - 1 for ids in there.values()),
            unasked=sum(label not in self.ids for label in there),
            other_ids=sum(account_id not in there[label] for label, account_id in self.ids.items() if label in there),
            without_one_audit_entry=_without_one(owner, "audit_log", "action = 'created'", workspace_id),
            without_one_event=_without_one(owner, "events", "type = 'account.created'", workspace_id),
            gaps=_gaps(owner, workspace_id),
        )


def _without_one(owner: psycopg.Connection, table: str, condition: str, workspace_id: str) -> int:
    """How many accounts have none or several of what was to be written with them, or the reverse."""
    return _one(
        owner,
        "SELECT count(*) FROM (SELECT id FROM accounts WHERE workspace_id = %(ws)s) AS accounts FULL JOIN "
        f"(SELECT resource_id, count(*) AS n FROM {table} WHERE workspace_id = %(ws)s AND resource = 'account' "
        f"AND {condition} GROUP BY 1) AS notes ON resource_id = id WHERE id IS NULL OR n IS DISTINCT FROM 1",
        workspace_id,
    )


def _gaps(owner: psycopg.Connection, workspace_id: str) -> int:
    """How far the numbers of the events are from 1, 2, 3 …"""
    return _one(
        owner,
        "SELECT count(*) FILTER (WHERE position IS DISTINCT FROM place) FROM (SELECT position, "
        "row_number() OVER (ORDER BY position) AS place FROM events WHERE workspace_id = %(ws)s) AS events",
        workspace_id,
    )


def _one(owner: psycopg.Connection, query: str, workspace_id: str) -> int:
    row: Sequence[int] | None = owner.execute(query.encode(), {"ws": workspace_id}).fetchone()
    assert row is not None
    return row[0]
