"""Contacts over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from api.auth.access import reads, writes
from api.contacts import bulk, primary, service, stakes
from api.contacts.resource import CONTACTS, PRIMARY_CONTACT_CHANGES, STAKES
from api.contacts.schemas import (
    ContactBulkUpsert,
    ContactCreate,
    ContactLeft,
    ContactPage,
    ContactQuery,
    ContactRead,
    ContactUpdate,
    ContactUpsert,
    PrimaryContactChangePage,
    PrimaryContactChangeQuery,
    PrimaryContactChangeRead,
    PrimaryContactWrite,
    StakeRead,
    StakeWrite,
)
from api.kit import answers
from api.kit.answers import OptionalVersion, Version
from api.kit.bulk_schemas import BulkResult
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ExternalId, ItemQuery

router = resource_router("", tag="contacts")

CanReadContacts = Annotated[Tx, reads("contacts:read")]
CanWriteContacts = Annotated[Tx, writes("contacts:write")]
CanBulkWriteContacts = Annotated[Tx, writes("contacts:write", key_required=True)]
CanEraseContacts = Annotated[Tx, writes("contacts:erase")]
CanReadStakes = Annotated[Tx, reads("stakes:read")]
CanWriteStakes = Annotated[Tx, writes("stakes:write")]


@router.get("/contacts", response_model=ContactPage, openapi_extra=CONTACTS.documented())
async def list_contacts(tx: CanReadContacts, query: Annotated[ContactQuery, asked(ContactQuery)]) -> Response:
    """List the people at accounts."""
    return await answers.page(tx, CONTACTS, ContactRead, query)


@router.post("/contacts", response_model=ContactRead, status_code=201)
async def create_contact(tx: CanWriteContacts, body: ContactCreate) -> Response:
    """Add a person to an account."""
    contact = await service.create_contact(tx, body.given())
    return await answers.created(tx, CONTACTS, ContactRead, contact.id)


@router.post("/contacts:bulk-upsert", response_model=BulkResult, status_code=207)
async def bulk_upsert_contacts(
    tx: CanBulkWriteContacts,
    body: ContactBulkUpsert,
    atomic: Annotated[bool, Query(description="All items or none.")] = False,  # noqa: FBT002
) -> Response:
    """Create or change up to 5,000 contacts by external id.

    Each item has its own result. Name the account by `account_id`, or by your own id as `account_external_id`.
    """
    return await answers.bulk(tx, await bulk.upsert_contacts(tx, body.items, atomic=atomic))


@router.get("/contacts/{contact_id}", response_model=ContactRead, openapi_extra=CONTACTS.documented())
async def get_contact(tx: CanReadContacts, contact_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one contact."""
    return await answers.item(tx, CONTACTS, ContactRead, contact_id, query)


@router.patch("/contacts/{contact_id}", response_model=ContactRead)
async def update_contact(tx: CanWriteContacts, contact_id: UUID, version: Version, body: ContactUpdate) -> Response:
    """Change a contact.

    Moving the primary contact to another account leaves the old account without one.
    """
    await service.update_contact(tx, contact_id, version, body.given())
    return await answers.changed(tx, CONTACTS, ContactRead, contact_id)


@router.put(
    "/contacts/by-external-id/{external_id:path}",
    response_model=ContactRead,
    responses={201: {"model": ContactRead}},
)
async def upsert_contact(
    tx: CanWriteContacts, external_id: ExternalId, version: OptionalVersion, body: ContactUpsert
) -> Response:
    """Create the contact that another system knows by this id, or change it."""
    contact_id, is_new = await service.upsert_contact(tx, external_id, version, body.given())
    if is_new:
        return await answers.created(tx, CONTACTS, ContactRead, contact_id, location="/v1/contacts")
    return await answers.changed(tx, CONTACTS, ContactRead, contact_id)


@router.delete("/contacts/{contact_id}", response_model=ContactRead)
async def archive_contact(tx: CanWriteContacts, contact_id: UUID, version: Version) -> Response:
    """Archive a contact: it leaves lists, is primary no more, and can be restored."""
    await service.archive_contact(tx, contact_id, version)
    return await answers.changed(tx, CONTACTS, ContactRead, contact_id)


@router.post("/contacts/{contact_id}:restore", response_model=ContactRead)
async def restore_contact(tx: CanWriteContacts, contact_id: UUID) -> Response:
    """Restore an archived contact."""
    await service.restore_contact(tx, contact_id)
    return await answers.changed(tx, CONTACTS, ContactRead, contact_id)


@router.post("/contacts/{contact_id}:left", response_model=ContactRead)
async def note_contact_left(tx: CanWriteContacts, contact_id: UUID, body: ContactLeft) -> Response:
    """Note that a person left the customer; they are primary no more."""
    await service.leave(tx, contact_id, body.left_on)
    return await answers.changed(tx, CONTACTS, ContactRead, contact_id)


@router.post("/contacts/{contact_id}:erase", response_model=ContactRead)
async def erase_contact(tx: CanEraseContacts, contact_id: UUID) -> Response:
    """Erase the personal data of a person who asked for it.

    Name, addresses, external id, notes, tags, custom values and stake go, in every table that refers to the
    person, and so do stored answers. What happened (roles, dates, who was primary when) stays, without saying
    who it was. This cannot be undone.
    """
    await service.erase_contact(tx, contact_id)
    return await answers.changed(tx, CONTACTS, ContactRead, contact_id)


@router.put("/accounts/{account_id}/primary-contact", response_model=ContactRead)
async def set_primary_contact(tx: CanWriteContacts, account_id: UUID, body: PrimaryContactWrite) -> Response:
    """Make a contact the account's primary one.

    This resets the account's maturity and asks for its goals to be confirmed; it can be reverted.
    """
    await primary.set_primary_contact(tx, account_id, body.contact_id, body.reason)
    return await answers.changed(tx, CONTACTS, ContactRead, body.contact_id)


@router.get(
    "/accounts/{account_id}/primary-contact-changes",
    response_model=PrimaryContactChangePage,
    openapi_extra=PRIMARY_CONTACT_CHANGES.documented(),
)
async def list_primary_contact_changes(
    tx: CanReadContacts, account_id: UUID, query: Annotated[PrimaryContactChangeQuery, asked(PrimaryContactChangeQuery)]
) -> Response:
    """List the changes of an account's primary contact, newest first."""
    await primary.see_account(tx, account_id)
    return await answers.page(
        tx, PRIMARY_CONTACT_CHANGES, PrimaryContactChangeRead, query, where={"account_id": account_id}
    )


@router.post("/primary-contact-changes/{change_id}:revert", response_model=PrimaryContactChangeRead)
async def revert_primary_contact_change(tx: CanWriteContacts, change_id: UUID) -> Response:
    """Take back the latest change of an account's primary contact."""
    await primary.revert_change(tx, change_id)
    return await answers.changed(tx, PRIMARY_CONTACT_CHANGES, PrimaryContactChangeRead, change_id)


@router.get("/contacts/{contact_id}/stake", response_model=StakeRead)
async def get_stake(tx: CanReadStakes, contact_id: UUID) -> Response:
    """Get what a contact personally gains or risks; only for users on the account's team today."""
    await stakes.admit(tx, contact_id)
    return await answers.item(tx, STAKES, StakeRead, contact_id, by="contact_id")


@router.put("/contacts/{contact_id}/stake", response_model=StakeRead)
async def set_stake(tx: CanWriteStakes, contact_id: UUID, version: OptionalVersion, body: StakeWrite) -> Response:
    """Note what a contact personally gains or risks; only for users on the account's team today."""
    stake_id = await stakes.set_stake(tx, contact_id, version, body.text)
    return await answers.changed(tx, STAKES, StakeRead, stake_id)


@router.delete("/contacts/{contact_id}/stake", status_code=204, response_class=Response)
async def delete_stake(tx: CanWriteStakes, contact_id: UUID) -> Response:
    """Delete a contact's stake for good; only for users on the account's team today."""
    await stakes.delete_stake(tx, contact_id)
    return await answers.done(tx)
