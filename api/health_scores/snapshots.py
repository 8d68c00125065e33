"""Taking snapshots: scores of many accounts in one statement for each model, with what follows from them.

The same statement stores the snapshots, lets maturity climb (weekly ones only), brings ``account_standing`` up to date
and says which accounts changed their band.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.accounts.models import Phase
from api.auth.service import workspace_today
from api.health_scores.definition import as_definition
from api.health_scores.models import HealthModel, MaturityCause, ScoreKind
from api.health_scores.moments import present
from api.health_scores.population import (
    AS_WAS,
    LIVE,
    Clause,
    active_models,
    applying,
    meant_for,
    refuse_unknown,
    shadow_models,
)
from api.health_scores.resource import SCORES
from api.health_scores.scoring import RESET_LEVEL
from api.health_scores.statement import WORK_MEMORY, scored
from api.kit import audit, outbox
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.kit.tables import new_id

NO_MODEL = problem_type(
    "no_health_model",
    409,
    en=("No health model", "No active health model is for this account's phase and segment."),
    ja=("ヘルスモデルがありません", "このアカウントのフェーズとセグメントに有効なヘルスモデルがありません。"),
)

_STORE: Final = """,
numbered AS (SELECT *, row_number() OVER () AS n FROM scored),
inserted AS (
    INSERT INTO health_scores (workspace_id, id, account_id, model_id, kind, as_of, phase, score, band, recent, state,
        maturity, usable_weight, raws, points, missing, recorded_at)
    SELECT %(ws)s, (%(new)s::uuid[])[n], account_id, %(model)s, %(kind)s, %(as_of)s, phase, score, band, recent, state,
        maturity, usable, raws, points, missing, %(now)s
    FROM numbered WHERE n <= cardinality(%(new)s::uuid[]) -- who came since they were counted waits for the next run
    ON CONFLICT DO NOTHING
    RETURNING id, account_id, score, band
)
"""
_COUNTS: Final = "SELECT count(*), count(score), '[]'::jsonb FROM inserted"
_FOLLOW: Final = """,
climbed AS (
    SELECT account_id, level, reached FROM numbered JOIN inserted USING (account_id) WHERE reached <> level
),
levels AS (
    INSERT INTO account_maturity (workspace_id, account_id, level, since, unconfirmed)
    SELECT %(ws)s, account_id, reached, %(as_of)s, false FROM climbed ORDER BY account_id
    ON CONFLICT (workspace_id, account_id) DO UPDATE SET level = excluded.level, since = excluded.since
    -- not when a reset came while the scores were computed
    WHERE account_maturity.level = excluded.level - 1 AND (NOT account_maturity.unconfirmed OR excluded.level <= %(reset)s)
    RETURNING account_id
),
history AS (
    INSERT INTO maturity_changes (workspace_id, id, account_id, from_level, to_level, day, cause, recorded_at)
    SELECT %(ws)s, (%(steps)s::uuid[])[row_number() OVER ()], account_id, level, reached, %(as_of)s,
        %(climbed)s, %(now)s
    FROM climbed JOIN levels USING (account_id)
),
followed AS (
    UPDATE account_standing s SET health_score = i.score, health_band = i.band, health_at = %(now)s
    FROM inserted i WHERE s.workspace_id = %(ws)s AND s.account_id = i.account_id
)
SELECT count(*), count(i.score), coalesce(jsonb_agg(jsonb_build_array(i.account_id, i.id, s.health_band, i.band))
    FILTER (WHERE s.health_band IS DISTINCT FROM i.band), '[]')
FROM inserted i JOIN account_standing s ON s.workspace_id = %(ws)s AND s.account_id = i.account_id
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many snapshots were taken, with a score and without, and how many accounts changed their band."""

    scored: int = 0
    unscored: int = 0
    transitions: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.scored + other.scored, self.unscored + other.unscored, self.transitions + other.transitions)


async def take(
    tx: Tx,
    model: HealthModel,
    these: Clause,
    *,
    kind: ScoreKind,
    as_of: dt.date,
    account_ids: Sequence[UUID] | None = None,
    as_was: bool = False,
) -> Taken:
    """Snapshots of a model's accounts (of these only, when given) as of a day, from what is known now.

    With ``as_was`` the accounts and their phases are those of the day, which is for history that is played back.
    """
    few = account_ids is not None
    population = (AS_WAS if as_was else LIVE).replace(
        "{these}", these.sql + (" AND a.id = ANY(%(ids)s)" if few else "")
    )
    moment = await present(tx, as_of)
    own: dict[str, Any] = {
        "ws": tx.workspace_id,
        "ids": list(account_ids or ()),
        "as_of": as_of,
        "until": moment.until,
        **these.parameters,
    }
    [(count,)] = await tx.fetch(f"SELECT count(*) FROM ({population}) AS these", own)  # noqa: S608
    if not count:
        return Taken()
    weekly = kind is ScoreKind.weekly
    statement, parameters = scored(as_definition(model.definition), population, moment, steps=weekly, few=few)
    tail = _STORE + (_COUNTS if kind is ScoreKind.shadow else _FOLLOW)
    if not few:
        await tx.execute(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
    async with tx.joining_many(None if as_was else count):
        [(taken, with_score, moved)] = await tx.fetch(
            statement + tail,
            {
                **own,
                **parameters,
                "model": model.id,
                "kind": kind.value,
                "now": moment.known_at,
                "reset": RESET_LEVEL,
                "climbed": MaturityCause.criteria_met.value,
                "new": [new_id() for _ in range(count)],
                "steps": [new_id() for _ in range(count if weekly else 0)],
            },
        )
    await _announce(tx, moved, as_of)
    return Taken(with_score, taken - with_score, len(moved))


async def _announce(tx: Tx, moved: Sequence[Sequence[Any]], as_of: dt.date) -> None:
    facts = [
        (
            "health_band_changed",
            UUID(account_id),
            {"from": before, "to": after, "health_score_id": score_id, "as_of": as_of.isoformat()},
        )
        for account_id, score_id, before, after in moved
    ]
    await outbox.record_many(tx, "account", facts)


async def score_accounts(tx: Tx, account_ids: Sequence[UUID]) -> Taken:
    """Snapshots of a few accounts as of today, each by the model that is for it."""
    today = await workspace_today(tx)
    total = Taken()
    for model, these in await applying(tx, await active_models(tx)):
        total += await take(tx, model, these, kind=ScoreKind.on_demand, as_of=today, account_ids=account_ids)
    return total


async def score_account(tx: Tx, account_id: UUID) -> UUID:
    """A snapshot of one account as of today; its id.

    Raises ``no_health_model`` when none is for the account.
    """
    await refuse_unknown(tx, account_id)
    before = new_id()  # ids grow, so it is older than that of the snapshot
    await score_accounts(tx, [account_id])
    rows = await tx.fetch(
        "SELECT id FROM health_scores WHERE workspace_id = %s AND account_id = %s AND id > %s",
        [tx.workspace_id, account_id, before],
    )
    if not rows:
        raise NO_MODEL()
    found: UUID = rows[0][0]
    audit.record(tx, "created", SCORES.name, found, ["account_id"])
    outbox.record(tx, f"{SCORES.name}.created", SCORES.name, found, {"account_id": str(account_id)})
    return found


async def plan(tx: Tx) -> list[tuple[HealthModel, Clause, bool]]:
    """The models of a run in their order, with their accounts; True for shadow models."""
    live = [(model, these, False) for model, these in await applying(tx, await active_models(tx))]
    shadows = await shadow_models(tx)
    return live + [(model, await meant_for(tx, model, "s_"), True) for model in shadows]


async def forget_churned(tx: Tx) -> int:
    """Take the health of customers that have left out of the lists; how many there were."""
    return await tx.execute(
        "UPDATE account_standing s SET health_score = NULL, health_band = NULL, health_at = NULL FROM accounts a "
        "WHERE s.workspace_id = %(ws)s AND a.workspace_id = s.workspace_id AND a.id = s.account_id "
        "AND a.phase = %(churned)s AND s.health_at IS NOT NULL",
        {"ws": tx.workspace_id, "churned": Phase.churned.value},
    )


async def last_week(tx: Tx) -> dt.date:
    """The last day of the workspace's last finished week."""
    rows = await tx.fetch("SELECT week_starts_on FROM workspaces WHERE workspace_id = %s", [tx.workspace_id])
    today = await workspace_today(tx)
    return today - dt.timedelta(days=(today.isoweekday() - rows[0][0]) % 7 + 1)
