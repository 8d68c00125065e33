"""Requests for references, and the customers asked for them. Places are taken under the account's lock."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa

from api.accounts.models import Account
from api.contacts.models import Contact
from api.kit import audit, clock, outbox, write
from api.kit.db import Tx
from api.kit.problems import NOT_FOUND, FieldError, invalid, problem_type
from api.kit.resources import Condition, Expansion, Resource, Value, money
from api.reference_cases import blocks
from api.reference_cases.partner_models import PartnerCaseHandle, PartnerReferenceRequest
from api.reference_cases.request_models import AskState, ReferenceAsk, ReferenceRequest, RequestState

_request: sa.Table = ReferenceRequest.__table__  # type: ignore[attr-defined]
_ask: sa.Table = ReferenceAsk.__table__  # type: ignore[attr-defined]
_partners: sa.Table = PartnerReferenceRequest.__table__  # type: ignore[attr-defined]
_handles: sa.Table = PartnerCaseHandle.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_contact: sa.Table = Contact.__table__  # type: ignore[attr-defined]


def _of(table: Any, column: str) -> Condition:  # noqa: ANN401
    return sa.and_(table.c.workspace_id == _ask.c.workspace_id, table.c.id == _ask.c[column])


def _of_partner(column: str) -> Value:
    """What the partner's request behind ours says, if there is one."""
    return (
        sa.select(_partners.c[column])
        .where(_partners.c.workspace_id == _request.c.workspace_id, _partners.c.request_id == _request.c.id)
        .correlate(_request)
        .scalar_subquery()
    )


_CASE_ASKED_FOR: Final = (
    sa.select(_handles.c.case_id)
    .join(_partners, sa.and_(_partners.c.workspace_id == _handles.c.workspace_id, _partners.c.case_id == _handles.c.id))
    .where(_partners.c.workspace_id == _request.c.workspace_id, _partners.c.request_id == _request.c.id)
    .correlate(_request)
    .scalar_subquery()
)

REQUESTS: Final = Resource(
    "reference_request",
    ReferenceRequest,
    values={
        "influenced_mrr": money(_request.c.influenced_mrr_minor, _request.c.influenced_mrr_currency),
        "due": _request.c.due_on,
        "partner_id": _of_partner("partner_id"),
        "case_id": _CASE_ASKED_FOR,
        "answer": _of_partner("answer"),
    },
    sorts={"due_on": _request.c.due_on, "created_at": _request.c.created_at},
    expands={
        "asks": Expansion(
            _ask,
            sa.and_(_ask.c.workspace_id == _request.c.workspace_id, _ask.c.request_id == _request.c.id),
            many=True,
            order_by=_ask.c.reserved_at,
        )
    },
)
ASKS: Final = Resource(
    "reference_ask",
    ReferenceAsk,
    sorts={"reserved_at": _ask.c.reserved_at},
    default_sort="-reserved_at",
    expands={
        "account": Expansion(_account, _of(_account, "account_id")),
        "contact": Expansion(_contact, _of(_contact, "contact_id")),
    },
)

REQUEST_CLOSED: Final = problem_type(
    "reference_request_closed", 409,
    en=("Request is closed", "The request is {state}; nobody is asked for it any more."),
    ja=("終了した依頼です", "この依頼は {state} のため、新たにお願いすることはできません。"),
)  # fmt: skip
NOT_TO_BE_ASKED: Final = problem_type(
    "not_to_be_asked", 409,
    en=("Not to be asked now", "The customer is not to be asked now: {reasons}."),
    ja=("現在は依頼できません", "この顧客には現在依頼できません: {reasons}。"),
)  # fmt: skip
ASK_OVER: Final = problem_type(
    "ask_over", 409,
    en=("Not the next step", "From `{state}` an ask can become: {allowed}."),
    ja=("次の状態にできません", "`{state}` から変更できるのは次の状態です: {allowed}。"),
)  # fmt: skip

_NEXT: Final = {
    AskState.reserved: (AskState.accepted, AskState.declined, AskState.released),
    # Who said yes was asked, and that counts.
    AskState.accepted: (AskState.done, AskState.declined),
}


async def create_request(tx: Tx, values: Mapping[str, Any]) -> ReferenceRequest:
    """Note that somebody needs a reference."""
    asker = values.get("requested_by_id") or tx.actor.user_id
    return await write.create(tx, REQUESTS, ReferenceRequest, {**values, "requested_by_id": asker})


_ASKED: Final = (
    "act",
    "language",
    "prospect",
    "prospect_domain",
    "industry",
    "employee_count",
    "initiative_id",
    "metric_id",
)


async def request_by_id(tx: Tx, request_id: UUID) -> ReferenceRequest:
    """A request, not to be changed; ``not_found`` without one."""
    assert tx.workspace_id is not None
    rows = await tx.fetch(
        f"SELECT {', '.join(_ASKED)} FROM reference_requests WHERE workspace_id = %s AND id = %s",  # noqa: S608
        [tx.workspace_id, request_id],
    )
    if not rows:
        raise NOT_FOUND(what=REQUESTS.name)
    return ReferenceRequest(workspace_id=tx.workspace_id, id=request_id, **dict(zip(_ASKED, rows[0], strict=True)))


async def update_request(tx: Tx, request_id: UUID, version: int, given: Mapping[str, Any]) -> None:
    """Change a request, or note what became of it."""
    request = await write.lock(tx, REQUESTS, ReferenceRequest, request_id, version=version)
    values = dict(given)
    if "influenced_mrr" in values:
        influenced = values.pop("influenced_mrr")
        values["influenced_mrr_minor"] = influenced and influenced["amount"]
        values["influenced_mrr_currency"] = influenced and influenced["currency"]
    if "state" in values and values["state"] != request.state:
        values["closed_at"] = None if values["state"] == RequestState.open else clock.now()
    await write.change(tx, REQUESTS, request, values)
    if values.get("state") == RequestState.cancelled:
        await _release(tx, request_id)


_RELEASE: Final = """
UPDATE reference_asks SET state = 'released', released_at = %(now)s, version = version + 1, updated_at = %(now)s
WHERE workspace_id = %(ws)s AND request_id = %(request)s AND state = 'reserved' RETURNING id, account_id
"""


async def _release(tx: Tx, request_id: UUID) -> None:
    """Give back the places that are taken for a request and were not used."""
    await tx.flush()
    rows = await tx.fetch(_RELEASE, {"ws": tx.workspace_id, "request": request_id, "now": clock.now()})
    fields = ["released_at", "state"]
    await audit.record_many(tx, ASKS.name, [("updated", row[0], fields) for row in rows])
    facts = [
        ("updated", ask_id, {"fields": fields, "account_id": str(account_id), "state": AskState.released.value})
        for ask_id, account_id in rows
    ]
    await outbox.record_many(tx, ASKS.name, facts)


async def reserve(tx: Tx, request_id: UUID, values: Mapping[str, Any]) -> ReferenceAsk:
    """Take a place to ask a customer, if they are to be asked now; one at a time for each account."""
    request = await write.lock(tx, REQUESTS, ReferenceRequest, request_id)
    if request.state != RequestState.open:
        raise REQUEST_CLOSED(state=request.state)
    # Whoever waits here sees, in the statements that follow, what was reserved meanwhile.
    held = await tx.fetch(
        "SELECT id FROM accounts WHERE workspace_id = %s AND id = %s FOR UPDATE",
        [tx.workspace_id, values["account_id"]],
    )
    await _check(tx, values, known=bool(held))
    against = orjson.loads(await blocks.reasons_against(tx, request, values))
    if against:
        codes = ", ".join(reason["code"] for reason in against)
        raise NOT_TO_BE_ASKED(reasons=codes, extra={"reasons": against})
    ask = ReferenceAsk.model_validate(
        {**values, "workspace_id": tx.workspace_id, "request_id": request_id, "act": request.act}
    )
    tx.session.add(ask)
    audit.record(tx, "reserved", ASKS.name, ask.id, values)
    told = {"account_id": str(ask.account_id), "request_id": str(request_id), "state": ask.state}
    outbox.record(tx, f"{ASKS.name}.reserved", ASKS.name, ask.id, told)
    await tx.flush()
    return ask


_THERE: Final = """
SELECT %(contact)s::uuid IS NULL OR EXISTS (
        SELECT FROM contacts p WHERE p.workspace_id = %(ws)s AND p.id = %(contact)s AND p.account_id = %(account)s
        AND p.left_on IS NULL AND p.archived_at IS NULL AND p.erased_at IS NULL
    ), %(case)s::uuid IS NULL OR EXISTS (
        SELECT FROM reference_cases c WHERE c.workspace_id = %(ws)s AND c.id = %(case)s AND c.account_id = %(account)s
        AND c.state = 'approved'
    )
"""


async def _check(tx: Tx, values: Mapping[str, Any], *, known: bool) -> None:
    parameters = {
        "ws": tx.workspace_id, "account": values["account_id"], "contact": values["contact_id"], "case": values["case_id"],
    }  # fmt: skip
    [(contact, case)] = await tx.fetch(_THERE, parameters)
    wrong = ["/account_id"] if not known else []
    wrong += [pointer for pointer, there in (("/contact_id", contact), ("/case_id", case)) if known and not there]
    told = ("The account has no such record at present", "このアカウントに現在該当するデータはありません")
    if wrong:
        raise invalid(*(FieldError(pointer, "reference_not_found", *told) for pointer in wrong))


async def update_ask(tx: Tx, ask_id: UUID, version: int, given: Mapping[str, Any]) -> None:
    """Note what became of an ask."""
    ask = await write.lock(tx, ASKS, ReferenceAsk, ask_id, version=version)
    values = dict(given)
    if "state" in values:
        state = AskState(values["state"])
        allowed = _NEXT.get(AskState(ask.state), ())
        if state not in allowed:
            raise ASK_OVER(state=ask.state, allowed=", ".join(allowed) or "-")
        values["state"] = state.value
        values["released_at" if state is AskState.released else "answered_at"] = clock.now()
    told = {
        "account_id": str(ask.account_id),
        "request_id": str(ask.request_id),
        "state": values.get("state", ask.state),
    }
    await write.change(tx, ASKS, ask, values, announce=told)
