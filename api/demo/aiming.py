"""What accounts' health should reach this quarter, and what some of them did lately that speaks for a call."""

import datetime as dt
from random import Random
from zoneinfo import ZoneInfo

from api.health_scores import approach, intents, targets
from api.health_scores.goal_models import TargetKind
from api.kit import clock
from api.kit.db import Tx

_TARGETS = 24
_INTENTS = 30


async def aim(tx: Tx, *, today: dt.date, time_zone: str, seed: int) -> None:
    """Set targets for accounts that are being looked after, and note some intents."""
    rows = await tx.fetch(
        "SELECT id FROM accounts WHERE workspace_id = %s AND phase IN ('adoption', 'renewal') AND archived_at IS NULL "
        "ORDER BY name, id LIMIT 200",
        [tx.workspace_id],
    )
    chance = Random(seed)  # noqa: S311 - a demo, not a secret
    accounts = [row[0] for row in rows]
    chance.shuffle(accounts)
    for account_id in accounts[:_TARGETS]:
        kind, value = chance.choice([(TargetKind.score, 60.0), (TargetKind.score, 75.0), (TargetKind.maturity, 3.0)])
        due_on = today + dt.timedelta(days=chance.choice([14, 30, 60, 90]))
        await targets.create_target(
            tx, {"account_id": account_id, "kind": kind.value, "value": value, "due_on": due_on}
        )
    if not accounts:
        return
    zone = ZoneInfo(time_zone)
    for _ in range(_INTENTS):
        day = today - dt.timedelta(days=chance.randint(1, 28))
        occurred_at = dt.datetime.combine(day, dt.time(chance.randint(9, 17)), zone).astimezone(dt.UTC)
        key = chance.choice(["pricing_page_viewed", "pricing_page_viewed", "webinar_attended"])
        known = {"account_id": accounts[chance.randrange(min(len(accounts), 12))], "key": key}
        await intents.post_intent(tx, {**known, "occurred_at": min(occurred_at, clock.now())})
    await approach.refresh(tx)
