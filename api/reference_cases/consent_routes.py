"""Consents and reference profiles over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.reference_cases import consents, profiles
from api.reference_cases.consent_schemas import (
    ConsentReconfirm,
    ConsentRevoke,
    ReferenceConsentCreate,
    ReferenceConsentPage,
    ReferenceConsentQuery,
    ReferenceConsentRead,
    ReferenceProfilePage,
    ReferenceProfileQuery,
    ReferenceProfileRead,
    ReferenceProfileSet,
)
from api.reference_cases.consents import CONSENTS
from api.reference_cases.profiles import PROFILES

router = resource_router("/reference-consents", tag="reference-consents")
profile_router = resource_router("/reference-profiles", tag="reference-consents")
account_router = resource_router("/accounts", tag="reference-consents")
contact_router = resource_router("/contacts", tag="reference-consents")

CanReadConsents = Annotated[Tx, reads("reference_consents:read")]
CanWriteConsents = Annotated[Tx, writes("reference_consents:write")]


@router.get("", response_model=ReferenceConsentPage, openapi_extra=CONSENTS.documented())
async def list_reference_consents(
    tx: CanReadConsents, query: Annotated[ReferenceConsentQuery, asked(ReferenceConsentQuery)]
) -> Response:
    """List what customers granted, the latest first, each as it holds at this moment."""
    return await answers.page(tx, CONSENTS, ReferenceConsentRead, query)


@router.post("", response_model=ReferenceConsentRead, status_code=201)
async def create_reference_consent(tx: CanWriteConsents, body: ReferenceConsentCreate) -> Response:
    """Note what a customer granted, for one case or for all of theirs. It counts outside at once."""
    consent = await consents.grant(tx, body.model_dump())
    return await answers.created(tx, CONSENTS, ReferenceConsentRead, consent.id)


@router.get("/{consent_id}", response_model=ReferenceConsentRead, openapi_extra=CONSENTS.documented())
async def get_reference_consent(
    tx: CanReadConsents, consent_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one consent."""
    return await answers.item(tx, CONSENTS, ReferenceConsentRead, consent_id, query)


@router.post("/{consent_id}:revoke", response_model=ReferenceConsentRead)
async def revoke_reference_consent(
    tx: CanWriteConsents, consent_id: UUID, version: Version, body: ConsentRevoke
) -> Response:
    """End a consent. What it alone granted is seen by nobody outside from this moment on."""
    await consents.revoke(tx, consent_id, version, body.reason)
    return await answers.changed(tx, CONSENTS, ReferenceConsentRead, consent_id)


@router.post("/{consent_id}:reconfirm", response_model=ReferenceConsentRead)
async def reconfirm_reference_consent(
    tx: CanWriteConsents, consent_id: UUID, version: Version, body: ConsentReconfirm
) -> Response:
    """Let a contact stand behind a consent whose granter has left; it holds again."""
    await consents.reconfirm(tx, consent_id, version, body.model_dump())
    return await answers.changed(tx, CONSENTS, ReferenceConsentRead, consent_id)


@profile_router.get("", response_model=ReferenceProfilePage, openapi_extra=PROFILES.documented())
async def list_reference_profiles(
    tx: CanReadConsents, query: Annotated[ReferenceProfileQuery, asked(ReferenceProfileQuery)]
) -> Response:
    """List what accounts and contacts would do as references."""
    return await answers.page(tx, PROFILES, ReferenceProfileRead, query)


@account_router.put("/{account_id}/reference-profile", response_model=ReferenceProfileRead)
async def set_account_reference_profile(tx: CanWriteConsents, account_id: UUID, body: ReferenceProfileSet) -> Response:
    """Replace what an account would do as a reference."""
    profile_id = await profiles.set_for_account(tx, account_id, body.model_dump())
    return await answers.changed(tx, PROFILES, ReferenceProfileRead, profile_id)


@contact_router.put("/{contact_id}/reference-profile", response_model=ReferenceProfileRead)
async def set_contact_reference_profile(tx: CanWriteConsents, contact_id: UUID, body: ReferenceProfileSet) -> Response:
    """Replace what a contact would do as a reference."""
    profile_id = await profiles.set_for_contact(tx, contact_id, body.model_dump())
    return await answers.changed(tx, PROFILES, ReferenceProfileRead, profile_id)
