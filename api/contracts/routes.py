"""Contracts over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from api.auth.access import reads, writes
from api.contracts import bulk, renewals, service
from api.contracts.bulk_schemas import ContractBulkUpsert
from api.contracts.resource import CONTRACTS
from api.contracts.schemas import (
    AmendmentCreate,
    ContractCreate,
    ContractPage,
    ContractQuery,
    ContractRead,
    ContractUpdate,
    NoticeCreate,
    RenewalCreate,
    TerminationCreate,
)
from api.contracts.settings import (
    ContractSettings,
    ContractSettingsRead,
    change_contract_settings,
    contract_settings,
)
from api.kit import answers
from api.kit.answers import Version
from api.kit.bulk_schemas import BulkResult
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/contracts", tag="contracts")
settings_router = resource_router("/contract-settings", tag="contracts")

CanReadContracts = Annotated[Tx, reads("contracts:read")]
CanWriteContracts = Annotated[Tx, writes("contracts:write")]
CanBulkWriteContracts = Annotated[Tx, writes("contracts:write", key_required=True)]
CanConfigureContracts = Annotated[Tx, writes("contracts:configure")]


@router.get("", response_model=ContractPage, openapi_extra=CONTRACTS.documented())
async def list_contracts(tx: CanReadContracts, query: Annotated[ContractQuery, asked(ContractQuery)]) -> Response:
    """List contracts; `expand=items,terms` shows what they consist of."""
    return await answers.page(tx, CONTRACTS, ContractRead, query)


@router.post("", response_model=ContractRead, status_code=201)
async def create_contract(tx: CanWriteContracts, body: ContractCreate) -> Response:
    """Add a contract with its items. Movements of MRR follow at once, future ones included."""
    values = {
        **body.model_dump(include={"kind", "currency", "starts_on", "auto_renew", "notice_days"}),
        **body.given(),
    }
    del values["items"]
    contract_id = await service.create_contract(tx, values, body.items)
    return await answers.created(tx, CONTRACTS, ContractRead, contract_id)


@router.post(":bulk-upsert", response_model=BulkResult, status_code=207)
async def bulk_upsert_contracts(
    tx: CanBulkWriteContracts,
    body: ContractBulkUpsert,
    atomic: Annotated[bool, Query(description="All items or none.")] = False,  # noqa: FBT002
) -> Response:
    """Create or bring up to date up to 5,000 contracts by external id, each with its own result.

    For systems that own the contracts, such as billing. Items that were stated before, or that the contract has,
    change nothing. Others hold from `effective_on`, and what was before stays as it was; without that day they restate
    the history from their starts. The ledger gets the difference.
    """
    return await answers.bulk(tx, await bulk.upsert_contracts(tx, body.items, atomic=atomic))


@router.get("/{contract_id}", response_model=ContractRead, openapi_extra=CONTRACTS.documented())
async def get_contract(
    tx: CanReadContracts, contract_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one contract."""
    return await answers.item(tx, CONTRACTS, ContractRead, contract_id, query)


@router.patch("/{contract_id}", response_model=ContractRead)
async def update_contract(tx: CanWriteContracts, contract_id: UUID, version: Version, body: ContractUpdate) -> Response:
    """Change what a contract says about itself; what it costs changes by `:amend` and `:renew`."""
    await service.update_contract(tx, contract_id, version, body.given())
    return await answers.changed(tx, CONTRACTS, ContractRead, contract_id)


@router.post("/{contract_id}:amend", response_model=ContractRead)
async def amend_contract(tx: CanWriteContracts, contract_id: UUID, version: Version, body: AmendmentCreate) -> Response:
    """Change, add and remove items as of a day, past or to come."""
    await service.amend_contract(
        tx, contract_id, version, body.effective_on, change=body.change, add=body.add, remove=body.remove
    )
    return await answers.changed(tx, CONTRACTS, ContractRead, contract_id)


@router.post("/{contract_id}:renew", response_model=ContractRead)
async def renew_contract(tx: CanWriteContracts, contract_id: UUID, version: Version, body: RenewalCreate) -> Response:
    """Begin the next term.

    From the old end on, however late, only the difference in price moves MRR, dated there. After a gap the customer
    churned at the old end and is reactivated at the new start.
    """
    await renewals.refuse_others(tx)
    await service.renew_contract(
        tx, contract_id, version, starts_on=body.starts_on, ends_before=body.ends_before, decided_on=body.decided_on,
        auto_renew=body.auto_renew, reasons=body.reasons, change=body.change, add=body.add, remove=body.remove,
    )  # fmt: skip
    return await answers.changed(tx, CONTRACTS, ContractRead, contract_id)


@router.post("/{contract_id}:give-notice", response_model=ContractRead)
async def give_notice(tx: CanWriteContracts, contract_id: UUID, version: Version, body: NoticeCreate) -> Response:
    """Note that the customer gave notice. No MRR moves until the effective end, where the churn is dated."""
    await service.give_notice(
        tx, contract_id, version, received_on=body.received_on, ends_before=body.ends_before, reasons=body.reasons
    )
    return await answers.changed(tx, CONTRACTS, ContractRead, contract_id)


@router.post("/{contract_id}:terminate", response_model=ContractRead)
async def terminate_contract(
    tx: CanWriteContracts, contract_id: UUID, version: Version, body: TerminationCreate
) -> Response:
    """End a contract on a day, notice or not."""
    await service.terminate_contract(tx, contract_id, version, body.ends_before, body.reasons)
    return await answers.changed(tx, CONTRACTS, ContractRead, contract_id)


@router.post("/{contract_id}:reinstate", response_model=ContractRead)
async def reinstate_contract(tx: CanWriteContracts, contract_id: UUID, version: Version) -> Response:
    """Take back a notice or a termination."""
    await service.reinstate_contract(tx, contract_id, version)
    return await answers.changed(tx, CONTRACTS, ContractRead, contract_id)


@router.delete("/{contract_id}", response_model=ContractRead)
async def archive_contract(tx: CanWriteContracts, contract_id: UUID, version: Version) -> Response:
    """Take back a contract that should not be there: it counts for nothing any more, and can be restored."""
    await service.archive_contract(tx, contract_id, version)
    return await answers.changed(tx, CONTRACTS, ContractRead, contract_id)


@router.post("/{contract_id}:restore", response_model=ContractRead)
async def restore_contract(tx: CanWriteContracts, contract_id: UUID) -> Response:
    """Restore an archived contract."""
    await service.restore_contract(tx, contract_id)
    return await answers.changed(tx, CONTRACTS, ContractRead, contract_id)


@settings_router.get("", response_model=ContractSettingsRead)
async def get_contract_settings(tx: CanReadContracts) -> Response:
    """The workspace's configuration of renewals."""
    found = await contract_settings(tx)
    return answers.represented(tx, found.model_dump_json().encode(), None)


@settings_router.put("", response_model=ContractSettingsRead)
async def set_contract_settings(tx: CanConfigureContracts, body: ContractSettings) -> Response:
    """Replace the workspace's configuration of renewals; what is absent gets its default."""
    await change_contract_settings(tx, body)
    return await answers.done(tx, body)
