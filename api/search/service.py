"""Searching all kinds of records at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.kit.db import Tx

_CANDIDATES: Final = 200

# A sub-select runs once; as a column of a joined table it would have the index searched anew for every row.
_FOLDED: Final = "(SELECT folded FROM sought)"


@dataclass(frozen=True)
class _Kind:
    """A table with a bigram index: ``found`` stands for its row, ``a`` for that of its account.

    Attributes:
        scope: What a reader must hold.
        table: The table, which has ``search_text`` and the function ``search_<table>``.
        title: What a hit is called, in SQL.
        subtitle: What tells it from others of that name, in SQL.
        of_account: Whether its rows may belong to an account.
        shown: Which rows are searched, in SQL.
    """

    scope: str
    table: str
    title: str
    subtitle: str
    of_account: bool = False
    shown: str = "found.archived_at IS NULL"


_KINDS: Final[Mapping[str, _Kind]] = {
    "account": _Kind(
        "accounts:read", "accounts", "found.name", "coalesce(found.legal_name, found.external_id)"
    ),
    "contact": _Kind("contacts:read", "contacts", "found.name", "a.name", of_account=True),
    "product": _Kind("products:read", "products", "found.name", "found.family"),
    "interaction": _Kind("interactions:read", "interactions", "found.subject", "a.name", of_account=True),
    "task": _Kind("tasks:read", "tasks", "found.title", "a.name", of_account=True),
    "product_gap": _Kind("product_gaps:read", "product_gaps", "found.title", "found.area"),
    "program": _Kind("programs:read", "programs", "found.name", "found.kind"),
    "success_roadmap": _Kind("success_roadmaps:read", "success_roadmaps", "found.name", "a.name", of_account=True),
    "roadmap_goal": _Kind("success_roadmaps:read", "roadmap_goals", "found.title", "a.name", of_account=True),
    "reference_case": _Kind(
        "reference_cases:read", "reference_cases", "coalesce(nullif(found.title_ja, ''), found.title_en)", "a.name",
        of_account=True, shown="found.state = 'approved'",
    ),
}  # fmt: skip


async def search(tx: Tx, text: str, kinds: Sequence[str], limit: int) -> bytes:
    """The records of these kinds that carry ``text``, as the JSON of a result; kinds the actor may not read are left out."""
    seen = [kind for kind in kinds if tx.actor.may(_KINDS[kind].scope)]
    if not seen:
        return b'{"data":[]}'
    candidates = " UNION ALL ".join(f"({_candidates(kind, _KINDS[kind])})" for kind in seen)
    rows = await tx.fetch(
        "WITH sought AS MATERIALIZED (SELECT perennial_fold(%(text)s) AS folded) "  # noqa: S608
        "SELECT row_to_json(hit) FROM (SELECT kind, id, title, subtitle FROM ("
        f"{candidates}) AS found (kind, id, title, subtitle, place) ORDER BY place, length(title), title, id LIMIT %(limit)s) AS hit",
        {"ws": tx.workspace_id, "text": text, "cap": _CANDIDATES, "limit": limit},
    )
    return b'{"data":[' + b",".join(row[0] for row in rows) + b"]}"


def _candidates(name: str, kind: _Kind) -> str:
    """The best of one kind: through the bigram index, or by a scan for a single character."""
    account = "LEFT JOIN accounts a ON a.workspace_id = found.workspace_id AND a.id = found.account_id"
    return f"""
        SELECT '{name}', found.id, {kind.title}, {kind.subtitle}, strpos(found.search_text, {_FOLDED})
        FROM {kind.table} found {account if kind.of_account else ""}
        WHERE found.workspace_id = %(ws)s AND {kind.shown} AND strpos(found.search_text, {_FOLDED}) > 0
            AND (length({_FOLDED}) < 2 OR found.id = ANY(ARRAY(SELECT search_{kind.table}({_FOLDED}, %(cap)s))))
        LIMIT %(cap)s
    """  # noqa: S608 - all of it is ours
