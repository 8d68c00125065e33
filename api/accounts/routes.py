"""Accounts over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from api.accounts import merging, phases, segments, service
from api.accounts.phases import PHASES
from api.accounts.resource import ACCOUNTS
from api.accounts.schemas import (
    AccountBatchGet,
    AccountBulkUpsert,
    AccountCreate,
    AccountList,
    AccountMerge,
    AccountPage,
    AccountQuery,
    AccountRead,
    AccountUpdate,
    CriterionWrite,
    ExternalRefWrite,
    PhaseChange,
    PhasePage,
    PhaseQuery,
    PhaseRead,
)
from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import OptionalVersion, Version
from api.kit.bulk_schemas import BulkResult
from api.kit.db import Tx
from api.kit.problems import NOT_FOUND, Problem
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ExternalId, ItemQuery, Key

router = resource_router("/accounts", tag="accounts")

CanReadAccounts = Annotated[Tx, reads("accounts:read")]
CanWriteAccounts = Annotated[Tx, writes("accounts:write")]
CanBulkWriteAccounts = Annotated[Tx, writes("accounts:write", key_required=True)]
CanMergeAccounts = Annotated[Tx, writes("accounts:merge")]


@router.get("", response_model=AccountPage, openapi_extra=ACCOUNTS.documented())
async def list_accounts(tx: CanReadAccounts, query: Annotated[AccountQuery, asked(AccountQuery)]) -> Response:
    """List accounts.

    Filters combine with *and*; repeating a filter means any of its values. `q` finds text in Japanese and English.
    """
    return await answers.page(tx, ACCOUNTS, AccountRead, await segments.applied(tx, query))


@router.post("", response_model=AccountRead, status_code=201)
async def create_account(tx: CanWriteAccounts, body: AccountCreate) -> Response:
    """Add an account. It starts in onboarding today."""
    account = await service.create_account(tx, body.given())
    return await answers.created(tx, ACCOUNTS, AccountRead, account.id)


@router.get("/by-external-id/{external_id:path}", response_model=AccountRead, openapi_extra=ACCOUNTS.documented())
async def get_account_by_external_id(
    tx: CanReadAccounts, external_id: ExternalId, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get the account with your id for it."""
    try:
        return await answers.item(tx, ACCOUNTS, AccountRead, external_id, query, by="external_id")
    except Problem as problem:
        if problem.type is not NOT_FOUND:
            raise
        winner = await service.account_by_ref(tx, merging.FORMER_ID, external_id)
        return await _winner(tx, winner, query)


@router.put("/by-external-id/{external_id:path}", response_model=AccountRead)
async def upsert_account(
    tx: CanWriteAccounts, external_id: ExternalId, version: OptionalVersion, body: AccountUpdate
) -> Response:
    """Create or change the account with your id for it.

    Absent fields stay as they are. `If-Match` is optional here.
    """
    account_id = await service.upsert_account(tx, external_id, version, body.given())
    return await answers.changed(tx, ACCOUNTS, AccountRead, account_id)


@router.get("/by-ref/{source}/{ref:path}", response_model=AccountRead, openapi_extra=ACCOUNTS.documented())
async def get_account_by_ref(
    tx: CanReadAccounts, source: Key, ref: ExternalId, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get the account that another system knows by this id."""
    return await _winner(tx, await service.account_by_ref(tx, source, ref), query)


@router.get("/{account_id}", response_model=AccountRead, openapi_extra=ACCOUNTS.documented())
async def get_account(tx: CanReadAccounts, account_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one account.

    The id of an account that was merged away answers with the account it was merged into; `Content-Location` names it.
    """
    try:
        return await answers.item(tx, ACCOUNTS, AccountRead, account_id, query)
    except Problem as problem:
        if problem.type is not NOT_FOUND:
            raise
        return await _winner(tx, await service.merged_into(tx, account_id), query)


@router.patch("/{account_id}", response_model=AccountRead)
async def update_account(tx: CanWriteAccounts, account_id: UUID, version: Version, body: AccountUpdate) -> Response:
    """Change an account's own fields."""
    await service.update_account(tx, account_id, version, body.given())
    return await answers.changed(tx, ACCOUNTS, AccountRead, account_id)


@router.delete("/{account_id}", response_model=AccountRead)
async def archive_account(tx: CanWriteAccounts, account_id: UUID, version: Version) -> Response:
    """Archive an account: it leaves lists and can be restored."""
    await service.archive_account(tx, account_id, version)
    return await answers.changed(tx, ACCOUNTS, AccountRead, account_id)


@router.post("/{account_id}:restore", response_model=AccountRead)
async def restore_account(tx: CanWriteAccounts, account_id: UUID) -> Response:
    """Restore an archived account."""
    await service.restore_account(tx, account_id)
    return await answers.changed(tx, ACCOUNTS, AccountRead, account_id)


@router.post("/{account_id}:merge", response_model=AccountRead)
async def merge_accounts(tx: CanMergeAccounts, account_id: UUID, version: Version, body: AccountMerge) -> Response:
    """Merge another account into this one.

    Everything that belonged to the other belongs to this one afterwards, and the other's ids lead here.
    """
    await merging.merge_accounts(tx, account_id, body.loser_id, version)
    return await answers.changed(tx, ACCOUNTS, AccountRead, account_id)


@router.post(":bulk-upsert", response_model=BulkResult, status_code=207)
async def bulk_upsert_accounts(
    tx: CanBulkWriteAccounts,
    body: AccountBulkUpsert,
    atomic: Annotated[bool, Query(description="All items or none.")] = False,  # noqa: FBT002
) -> Response:
    """Create or change up to 5,000 accounts by external id.

    Each item has its own result; an account that already is as the item says stays untouched.
    """
    results = await service.upsert_accounts(tx, body.items, atomic=atomic)
    return await answers.bulk(tx, results)


@router.post(":batch-get", response_model=AccountList)
async def batch_get_accounts(tx: CanReadAccounts, body: AccountBatchGet) -> Response:
    """Read up to 200 accounts by id in one call."""
    return await answers.several(tx, ACCOUNTS, AccountRead, body.ids)


@router.put("/{account_id}/external-refs/{source}", response_model=AccountRead)
async def set_account_ref(tx: CanWriteAccounts, account_id: UUID, source: Key, body: ExternalRefWrite) -> Response:
    """Note the account's id in another system."""
    await service.set_external_ref(tx, account_id, source, body.ref)
    return await answers.changed(tx, ACCOUNTS, AccountRead, account_id)


@router.delete("/{account_id}/external-refs/{source}", response_model=AccountRead)
async def remove_account_ref(tx: CanWriteAccounts, account_id: UUID, source: Key) -> Response:
    """Forget the account's id in another system."""
    await service.remove_external_ref(tx, account_id, source)
    return await answers.changed(tx, ACCOUNTS, AccountRead, account_id)


@router.get("/{account_id}/phases", response_model=PhasePage, openapi_extra=PHASES.documented())
async def list_account_phases(
    tx: CanReadAccounts, account_id: UUID, query: Annotated[PhaseQuery, asked(PhaseQuery)]
) -> Response:
    """List the phases an account has been through, newest first."""
    await service.require_account(tx, account_id)
    return await answers.page(tx, PHASES, PhaseRead, query, where={"account_id": account_id})


@router.post("/{account_id}:change-phase", response_model=AccountRead)
async def change_account_phase(tx: CanWriteAccounts, account_id: UUID, version: Version, body: PhaseChange) -> Response:
    """Move an account to another phase, as of a day."""
    given = body.given()
    await phases.change_phase(tx, account_id, version, body.phase, on=given.get("on"), reason=given.get("reason"))
    return await answers.changed(tx, ACCOUNTS, AccountRead, account_id)


@router.put("/{account_id}/onboarding-criteria/{key}", response_model=AccountRead)
async def note_onboarding_criterion(tx: CanWriteAccounts, account_id: UUID, key: Key, body: CriterionWrite) -> Response:
    """Note whether an onboarding criterion is met; when all are, onboarding ends by itself."""
    await phases.note_criterion(tx, account_id, key, met=body.met)
    return await answers.changed(tx, ACCOUNTS, AccountRead, account_id)


async def _winner(tx: Tx, account_id: UUID | None, query: ItemQuery) -> Response:
    if account_id is None:
        raise NOT_FOUND(what=ACCOUNTS.name)
    response = await answers.item(tx, ACCOUNTS, AccountRead, account_id, query)
    response.headers["Content-Location"] = f"/v1/accounts/{account_id}"
    return response
