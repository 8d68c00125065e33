"""What partners ask: that a customer speaks to a prospect of theirs.

Each is a request like the workspace's own, which its people match and answer. The partner sees its own words, how far that
is and what it was answered: never whom we thought of, nor why a customer was not asked.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.resources import PARTNER, Resource
from api.reference_cases import requests
from api.reference_cases.partner_models import PartnerReferenceRequest
from api.reference_cases.partner_resource import seen_by
from api.reference_cases.request_models import ReferenceRequest

_theirs: Final[sa.Table] = PartnerReferenceRequest.__table__  # type: ignore[attr-defined]
_ours: Final[sa.Table] = ReferenceRequest.__table__  # type: ignore[attr-defined]


def _word(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text())


PARTNER_REQUESTS: Final = Resource(
    "partner_reference_request",
    PartnerReferenceRequest,
    joins=[(_ours, sa.and_(_ours.c.workspace_id == _theirs.c.workspace_id, _ours.c.id == _theirs.c.request_id))],
    values={
        "state": sa.case(
            (_ours.c.state == _word("open"), _word("open")),
            (_ours.c.state == _word("fulfilled"), _word("fulfilled")),
            else_=_word("declined"),
        )
    },
    sorts={"created_at": col(PartnerReferenceRequest.created_at)},
    default_sort="-created_at",
    visible=_theirs.c.partner_id == PARTNER,
)

_SEEN: Final = f"""
SELECT r.case_id FROM partner_reference_cases r WHERE r.workspace_id = %(ws)s AND r.id = %(id)s AND {seen_by("r")}
"""  # noqa: S608


async def ask(tx: Tx, values: Mapping[str, Any]) -> PartnerReferenceRequest:
    """Ask for a reference; a case named must be one that the partner sees."""
    if (case_id := values.get("case_id")) is not None:
        named = {"ws": tx.workspace_id, "id": case_id, "partner_id": tx.actor.partner_id, "now": clock.now()}
        if not await tx.fetch(_SEEN, named):
            told = ("There is no such case", "該当する事例がありません")
            raise invalid(FieldError("/case_id", "reference_not_found", *told))
    ours = {name: value for name, value in values.items() if name != "case_id"}
    request = await requests.create_request(tx, ours)
    theirs = {"partner_id": tx.actor.partner_id, "asked_by_id": tx.actor.user_id, "request_id": request.id}
    return await write.create(tx, PARTNER_REQUESTS, PartnerReferenceRequest, {**values, **theirs})


async def update_request(tx: Tx, request_id: UUID, version: int, given: Mapping[str, Any]) -> None:
    """Change a request, and tell the partner who asked what became of it."""
    values = dict(given)
    answered, text = "answer" in values, values.pop("answer", None)
    await requests.update_request(tx, request_id, version, values)
    if not answered:
        return
    theirs = await tx.session.scalar(
        sa.select(PartnerReferenceRequest)
        .where(_theirs.c.workspace_id == tx.workspace_id, _theirs.c.request_id == request_id)
        .with_for_update()
    )
    if theirs is None:
        told = ("No partner asked for it", "パートナーからの依頼ではありません")
        raise invalid(FieldError("/answer", "not_allowed", *told))
    if await write.change(tx, PARTNER_REQUESTS, theirs, {"answer": text}, action="answered"):
        request = await write.lock(tx, requests.REQUESTS, ReferenceRequest, request_id)
        await write.touch(tx, requests.REQUESTS, request, ["answer"])
