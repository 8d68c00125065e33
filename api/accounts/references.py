"""Accounts as other systems name them, in items of bulk upserts."""

from collections.abc import Sequence

from api.accounts.merging import FORMER_ID
from api.kit.bulk import ItemResult
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid


async def find_accounts(tx: Tx, results: Sequence[ItemResult]) -> None:
    """Put account ids in place of ``account_external_id``; the id of a merged account leads to the winner."""
    wanted = {result.given["account_external_id"] for result in results if "account_external_id" in result.given}
    rows = await tx.fetch(
        "SELECT external_id, id FROM accounts WHERE workspace_id = %(ws)s AND external_id = ANY(%(wanted)s) "
        "UNION ALL SELECT ref, account_id FROM account_refs "
        "WHERE workspace_id = %(ws)s AND source = %(former)s AND ref = ANY(%(wanted)s)",
        {"ws": tx.workspace_id, "wanted": list(wanted), "former": FORMER_ID},
    )
    known = dict(reversed(rows))
    for result in results:
        external_id = result.given.pop("account_external_id", None)
        if external_id is None:
            continue
        if external_id not in known:
            told = ("There is no such account", "該当するアカウントがありません")
            result.fail(invalid(FieldError("/account_external_id", "reference_not_found", *told)))
        else:
            result.given["account_id"] = known[external_id]
