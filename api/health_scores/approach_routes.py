"""Approach scores and intents over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.health_scores import approach, intents
from api.health_scores.approach import APPROACH_SCORES
from api.health_scores.approach_reading import account_score
from api.health_scores.approach_schemas import (
    AccountApproachRead,
    ApproachIntentCreate,
    ApproachIntentPage,
    ApproachIntentQuery,
    ApproachIntentRead,
    ApproachOverrideSet,
    ApproachScorePage,
    ApproachScoreQuery,
    ApproachScoreRead,
)
from api.health_scores.approach_settings import CONFIGURATION, ApproachSettings, ApproachSettingsRead
from api.health_scores.intents import INTENTS
from api.kit import answers
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router

intent_router = resource_router("/approach-intents", tag="approach-scores")
score_router = resource_router("/approach-scores", tag="approach-scores")
account_router = resource_router("/accounts", tag="approach-scores")
settings_router = resource_router("/approach-settings", tag="approach-scores")

CanReadApproach = Annotated[Tx, reads("approach_scores:read")]
CanWriteApproach = Annotated[Tx, writes("approach_scores:write")]
CanConfigureApproach = Annotated[Tx, writes("approach_scores:configure")]


@intent_router.get("", response_model=ApproachIntentPage, openapi_extra=INTENTS.documented())
async def list_approach_intents(
    tx: CanReadApproach, query: Annotated[ApproachIntentQuery, asked(ApproachIntentQuery)]
) -> Response:
    """List intents, the latest first: those that were posted, and those taken from events."""
    return await answers.page(tx, INTENTS, ApproachIntentRead, query)


@intent_router.post("", response_model=ApproachIntentRead, status_code=201)
async def create_approach_intent(tx: CanWriteApproach, body: ApproachIntentCreate) -> Response:
    """Note an intent; the account's approach score follows at once."""
    intent_id, account_id = await intents.post_intent(tx, body.given())
    if account_id is not None:
        await approach.refresh(tx, [account_id])
    return await answers.created(tx, INTENTS, ApproachIntentRead, intent_id)


@score_router.get("", response_model=ApproachScorePage, openapi_extra=APPROACH_SCORES.documented())
async def list_approach_scores(
    tx: CanReadApproach, query: Annotated[ApproachScoreQuery, asked(ApproachScoreQuery)]
) -> Response:
    """List the accounts to contact, the highest score first, each as of its `computed_at`."""
    return await answers.page(tx, APPROACH_SCORES, ApproachScoreRead, query)


@account_router.get("/{account_id}/approach-score", response_model=AccountApproachRead)
async def get_account_approach_score(tx: CanReadApproach, account_id: UUID) -> Response:
    """An account's approach score at this moment: computed, overridden, and what it is made of."""
    return answers.represented(tx, (await account_score(tx, account_id)).model_dump_json().encode(), None)


@account_router.put("/{account_id}/approach-score/override", response_model=AccountApproachRead)
async def set_approach_override(tx: CanWriteApproach, account_id: UUID, body: ApproachOverrideSet) -> Response:
    """Put a value in place of the computed score until it expires. The computed one stays visible."""
    await approach.override(tx, account_id, body.value, body.reason, body.expires_at)
    return await answers.done(tx, await account_score(tx, account_id))


@account_router.delete("/{account_id}/approach-score/override", response_model=AccountApproachRead)
async def withdraw_approach_override(tx: CanWriteApproach, account_id: UUID) -> Response:
    """Let the computed score count again."""
    await approach.withdraw_override(tx, account_id)
    return await answers.done(tx, await account_score(tx, account_id))


@settings_router.get("", response_model=ApproachSettingsRead)
async def get_approach_settings(tx: CanReadApproach) -> Response:
    """The kinds of intents with their points, the half-life, and from when on a task is opened."""
    return answers.represented(tx, (await CONFIGURATION.read(tx)).model_dump_json().encode(), None)


@settings_router.put("", response_model=ApproachSettingsRead)
async def set_approach_settings(tx: CanConfigureApproach, body: ApproachSettings) -> Response:
    """Replace the configuration; what is absent gets its default. Intents keep the points that they were given."""
    await CONFIGURATION.replace(tx, body)
    await tx.flush()
    await approach.refresh(tx)
    return await answers.done(tx, body)
