"""What an account was like when it was asked or answered, kept with the row for break-downs."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from api.accounts.resource import ACCOUNTS
from api.accounts.schemas import AccountFilter
from api.kit.db import Tx
from api.kit.read import filters_of, ids_matching

# The phase of the day, as far as history reaches; a usage status has none here, so that of old answers is unknown.
_FREEZE: Final = """
UPDATE {table} r SET
    phase = coalesce((
        SELECT p.phase FROM account_phases p WHERE p.workspace_id = r.workspace_id AND p.account_id = r.account_id
        ORDER BY p.starts_on <= r.{day} DESC, abs(p.starts_on - r.{day}), p.recorded_at DESC LIMIT 1
    ), (SELECT a.phase FROM accounts a WHERE a.workspace_id = r.workspace_id AND a.id = r.account_id)),
    usage_status = (
        SELECT s.usage_status FROM account_standing s
        WHERE s.workspace_id = r.workspace_id AND s.account_id = r.account_id AND r.{day} >= %(recent)s
    ),
    segment_ids = coalesce((
        SELECT array_agg(m.segment_id ORDER BY m.segment_id) FROM ({members}) AS m (segment_id, account_id)
        WHERE m.account_id = r.account_id
    ), '{{}}')
WHERE r.workspace_id = %(ws)s AND r.id = ANY(%(ids)s)
"""
_NO_MEMBERS: Final = "SELECT NULL::uuid, NULL::uuid WHERE false"


async def freeze_standing(tx: Tx, table: str, day: str, ids: Sequence[UUID], recent: object) -> None:
    """Note usage status, phase and segments on new rows of ``table``, whose day is in the column ``day``.

    ``recent`` is the first day for which today's usage status is taken.
    """
    if not ids:
        return
    members, parameters = await _members(tx, table)
    await tx.execute(
        _FREEZE.format(table=table, day=day, members=members or _NO_MEMBERS),
        {"ws": tx.workspace_id, "ids": list(ids), "recent": recent, **parameters},
    )


async def _members(tx: Tx, table: str) -> tuple[str, dict[str, Any]]:
    """Which of the rows' accounts are in which segment: one part per segment, by its filter of now."""
    rows = await tx.fetch(
        "SELECT id, filter FROM segments WHERE workspace_id = %s AND archived_at IS NULL ORDER BY id", [tx.workspace_id]
    )
    parts, parameters = [], dict[str, Any]()
    for number, (segment_id, stored) in enumerate(rows):
        try:
            query = AccountFilter.model_validate(stored)
        except ValidationError:
            continue  # it names a custom field or a value that is gone: nobody is in it
        found = await ids_matching(tx, ACCOUNTS, filters_of(query), f"seg{number}_")
        parameters |= {**found.constants, f"segment_{number}": segment_id}
        parts.append(
            f"SELECT %(segment_{number})s::uuid, a.id FROM accounts a WHERE a.workspace_id = %(ws)s AND a.id IN "  # noqa: S608
            f"(SELECT account_id FROM {table} WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)) AND a.id IN ({found.sql})"
        )
    return " UNION ALL ".join(parts), parameters
