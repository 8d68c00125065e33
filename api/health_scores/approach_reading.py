"""One account's approach score at this moment, explained."""

from uuid import UUID

from api.contacts.primary import see_account
from api.health_scores.approach import HEAT, weighed
from api.health_scores.approach_schemas import AccountApproachRead, Contribution, OverrideRead
from api.health_scores.approach_settings import CONFIGURATION
from api.kit.db import Tx

_STORED = """
SELECT override_value, override_reason, override_until, override_by_id, overridden_at, task_opened_at
FROM approach_scores WHERE workspace_id = %s AND account_id = %s
"""


async def account_score(tx: Tx, account_id: UUID) -> AccountApproachRead:
    """What was computed, what stands in its place, and what each kind of intent adds."""
    await see_account(tx, account_id)
    settings = await CONFIGURATION.read(tx)
    names = {kind.key: kind.name for kind in settings.intents}
    named = weighed(tx, settings, [account_id])
    rows = await tx.fetch(
        HEAT.format(these="AND i.account_id = ANY(%(accounts)s)") + " ORDER BY points DESC, i.key", named
    )
    found = [
        Contribution(key=key, name=names.get(key, ""), times=times, last_at=last_at, points=points)
        for _, key, times, last_at, points in rows
    ]
    stored = await tx.fetch(_STORED, [tx.workspace_id, account_id])
    value, reason, until, by_id, at, task_opened_at = stored[0] if stored else (None,) * 6
    override = None
    if value is not None and until > named["now"]:
        override = OverrideRead(value=value, reason=reason, expires_at=until, by_id=by_id, at=at)
    computed = min(100.0, max(0.0, sum(each.points for each in found)))
    return AccountApproachRead(
        account_id=account_id,
        as_of=named["now"],
        computed=computed,
        override=override,
        effective=computed if override is None else override.value,
        threshold=settings.threshold,
        half_life_days=settings.half_life_days,
        contributions=found,
        task_opened_at=task_opened_at,
    )
