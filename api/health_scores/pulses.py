"""What people feel about accounts."""

from collections.abc import Mapping
from typing import Any

from api.auth.service import workspace_today
from api.health_scores.models import CsmPulse
from api.health_scores.population import refuse_unknown
from api.health_scores.resource import PULSES
from api.kit import audit, outbox
from api.kit.db import Tx


async def give(tx: Tx, values: Mapping[str, Any]) -> CsmPulse:
    """Keep what the caller feels about an account today."""
    await refuse_unknown(tx, values["account_id"])
    own = {"workspace_id": tx.workspace_id, "day": await workspace_today(tx), "given_by_id": tx.actor.user_id}
    pulse = CsmPulse.model_validate({**values, **own})
    tx.session.add(pulse)
    audit.record(tx, "created", PULSES.name, pulse.id, values)
    told = {"account_id": str(pulse.account_id), "value": pulse.value}
    outbox.record(tx, f"{PULSES.name}.created", PULSES.name, pulse.id, told)
    await tx.flush()
    return pulse
