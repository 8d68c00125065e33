"""What partners ask: that a customer speaks to a prospect of theirs.

It is a request like the workspace's own, which its people match and answer. The partner sees what it asked, how far that
is and what it was answered: never whom we thought of, nor why a customer was not asked.
"""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import col

from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.resources import PARTNER, Resource
from api.reference_cases.partner_resource import seen_by
from api.reference_cases.request_models import ReferenceRequest

_state: Final = col(ReferenceRequest.state)

PARTNER_REQUESTS: Final = Resource(
    "reference_request",
    ReferenceRequest,
    values={
        "case_id": col(ReferenceRequest.partner_case_id),
        "note": col(ReferenceRequest.partner_note),
        "state": sa.case(
            (_state == sa.literal_column("'open'"), sa.literal_column("'open'", sa.Text())),
            (_state == sa.literal_column("'fulfilled'"), sa.literal_column("'fulfilled'", sa.Text())),
            else_=sa.literal_column("'declined'", sa.Text()),
        ),
    },
    sorts={"created_at": col(ReferenceRequest.created_at)},
    default_sort="-created_at",
    visible=sa.and_(col(ReferenceRequest.partner_id) == PARTNER, col(ReferenceRequest.partner_id).is_not(None)),
)

_SEEN: Final = f"""
SELECT 1 FROM partner_reference_cases r WHERE r.workspace_id = %(ws)s AND r.id = %(id)s AND {seen_by("r")}
"""  # noqa: S608


async def ask(tx: Tx, values: Mapping[str, Any]) -> ReferenceRequest:
    """Ask for a reference; a case named must be one that the partner sees."""
    values = dict(values)
    case_id, note = values.pop("case_id", None), values.pop("note", "")
    if case_id is not None:
        named = {"ws": tx.workspace_id, "id": case_id, "partner_id": tx.actor.partner_id, "now": clock.now()}
        if not await tx.fetch(_SEEN, named):
            told = ("There is no such case", "該当する事例がありません")
            raise invalid(FieldError("/case_id", "reference_not_found", *told))
    return await write.create(
        tx, PARTNER_REQUESTS, ReferenceRequest,
        {
            **values, "partner_note": note, "partner_case_id": case_id,
            "partner_id": tx.actor.partner_id, "requested_by_id": tx.actor.user_id,
        },
    )  # fmt: skip
