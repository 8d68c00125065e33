"""Approach scores: when to make contact. The sum of intents, each worth half after every half-life, from 0 to 100.

The stored score is as of its ``computed_at``: it is brought up to date when an intent comes, when somebody overrides
it, and each hour. An override stands in its place until it expires; what was computed stays visible beside it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Account
from api.auth.service import workspace_today
from api.contacts.primary import see_account
from api.health_scores.approach_settings import CONFIGURATION, ApproachSettings
from api.health_scores.goal_models import ApproachScore
from api.health_scores.intents import HALF_LIVES
from api.kit import audit, clock, outbox
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.resources import Expansion, Resource
from api.kit.tables import new_id
from api.tasks.models import TaskOrigin
from api.tasks.service import NewTask, open_tasks

_score: sa.Table = ApproachScore.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_override = sa.case(
    (
        _score.c.override_value.is_not(None),
        sa.func.json_build_object(
            sa.literal_column("'value'"), _score.c.override_value, sa.literal_column("'reason'"),
            _score.c.override_reason, sa.literal_column("'expires_at'"), _score.c.override_until,
            sa.literal_column("'by_id'"), _score.c.override_by_id, sa.literal_column("'at'"), _score.c.overridden_at,
        ),
    ),
    else_=sa.null(),
)  # fmt: skip

APPROACH_SCORES: Final = Resource(
    "approach_score",
    ApproachScore,
    joins=[(_account, sa.and_(_account.c.workspace_id == _score.c.workspace_id, _account.c.id == _score.c.account_id))],
    values={"override": _override, "owner_id": _account.c.owner_id, "phase": _account.c.phase},
    sorts={"effective": col(ApproachScore.effective)},
    default_sort="-effective",
    expands={
        "account": Expansion(
            (_shown := _account.alias("account")),
            sa.and_(_shown.c.workspace_id == _score.c.workspace_id, _shown.c.id == _score.c.account_id),
        )
    },
)

_TITLES: Final = {
    "ja": "いまが連絡のタイミングです（アプローチスコア {score:.0f}）",
    "en": "A good time to get in touch (approach score {score:.0f})",
}

HEAT: Final = """
SELECT i.account_id, i.key, count(*) AS times, max(i.occurred_at) AS last_at,
    sum(i.points * power(2::float8, -extract(epoch FROM %(now)s - i.occurred_at)::float8 / 86400 / %(half_life)s)) AS points
FROM approach_intents i
WHERE i.workspace_id = %(ws)s AND i.occurred_at > %(since)s AND i.occurred_at <= %(now)s {these}
GROUP BY i.account_id, i.key
"""
"""What each kind of intent adds to an account's score at this moment."""
_BEGIN: Final = """
SELECT DISTINCT i.account_id FROM approach_intents i
WHERE i.workspace_id = %(ws)s AND i.occurred_at > %(since)s AND i.occurred_at <= %(now)s {these}
AND NOT EXISTS (
    SELECT FROM approach_scores s WHERE s.workspace_id = %(ws)s AND s.account_id = i.account_id
)
"""
_ADD: Final = """
INSERT INTO approach_scores (workspace_id, id, account_id, computed, effective, computed_at)
SELECT %(ws)s, id, account_id, 0, 0, %(now)s FROM unnest(%(ids)s::uuid[], %(accounts)s::uuid[]) AS n (id, account_id)
ON CONFLICT (workspace_id, account_id) DO NOTHING
"""
_REFRESH: Final = f"""
WITH by_key AS ({HEAT}), heat AS (
    SELECT account_id, least(100, greatest(0, sum(points))) AS computed, max(last_at) AS last_at FROM by_key GROUP BY 1
)
UPDATE approach_scores s SET computed = new.computed, last_intent_at = new.last_at, computed_at = %(now)s,
    effective = CASE WHEN s.override_until > %(now)s THEN s.override_value ELSE new.computed END,
    override_value = CASE WHEN s.override_until > %(now)s THEN s.override_value END,
    override_reason = CASE WHEN s.override_until > %(now)s THEN s.override_reason END,
    override_by_id = CASE WHEN s.override_until > %(now)s THEN s.override_by_id END,
    overridden_at = CASE WHEN s.override_until > %(now)s THEN s.overridden_at END,
    override_until = CASE WHEN s.override_until > %(now)s THEN s.override_until END
FROM (
    SELECT o.id, coalesce(h.computed, 0) AS computed, coalesce(h.last_at, o.last_intent_at) AS last_at
    FROM approach_scores o LEFT JOIN heat h ON h.account_id = o.account_id
    WHERE o.workspace_id = %(ws)s AND (h.account_id IS NOT NULL OR o.computed > 0 OR o.override_value IS NOT NULL)
) AS new
WHERE s.workspace_id = %(ws)s AND s.id = new.id {{of_these}}
"""  # noqa: S608
_HOT: Final = """
SELECT s.id, s.account_id, s.effective, a.language FROM approach_scores s
JOIN accounts a ON a.workspace_id = s.workspace_id AND a.id = s.account_id AND a.archived_at IS NULL
WHERE s.workspace_id = %(ws)s AND s.effective >= %(threshold)s
AND (s.task_opened_at IS NULL OR s.task_opened_at <= %(before)s) {of_these}
ORDER BY s.id FOR UPDATE OF s
"""


def weighed(tx: Tx, settings: ApproachSettings, account_ids: Sequence[UUID] | None) -> dict[str, Any]:
    """The parameters of ``HEAT``."""
    now = clock.now()
    return {
        "ws": tx.workspace_id, "now": now, "half_life": settings.half_life_days, "accounts": list(account_ids or ()),
        "since": now - dt.timedelta(days=settings.half_life_days * HALF_LIVES),
    }  # fmt: skip


async def refresh(tx: Tx, account_ids: Sequence[UUID] | None = None) -> int:
    """Bring the scores of these accounts (None: of all) up to date, and open a task for each that is hot; how many tasks."""
    settings = await CONFIGURATION.read(tx)
    named = weighed(tx, settings, account_ids)
    few = account_ids is not None
    these = "AND i.account_id = ANY(%(accounts)s)" if few else ""
    new = [row[0] for row in await tx.fetch(_BEGIN.format(these=these), named)]
    if new:
        await tx.execute(_ADD, {**named, "accounts": new, "ids": [new_id() for _ in new]})
    of_these = "AND s.account_id = ANY(%(accounts)s)" if few else ""
    async with tx.joining_many(len(account_ids) if account_ids is not None else None):
        await tx.execute(_REFRESH.format(these=these, of_these=of_these), named)
    return await _open_tasks(tx, settings, named, of_these)


async def _open_tasks(tx: Tx, settings: ApproachSettings, named: Mapping[str, Any], of_these: str) -> int:
    before = named["now"] - dt.timedelta(days=settings.pause_days)
    hot = await tx.fetch(_HOT.format(of_these=of_these), {**named, "threshold": settings.threshold, "before": before})
    if not hot:
        return 0
    due_on = await workspace_today(tx) + dt.timedelta(days=settings.task_due_days)
    tasks = [
        NewTask(
            title=settings.task_title or _TITLES["ja" if language == "ja" else "en"].format(score=effective),
            account_id=account_id, origin_kind=TaskOrigin.approach_score, origin_id=score_id, due_on=due_on,
            dedupe_key=f"approach_score {account_id}",
        )
        for score_id, account_id, effective, language in hot
    ]  # fmt: skip
    opened = await open_tasks(tx, tasks)
    facts = [
        ("crossed", score_id, {"account_id": str(account_id), "score": effective, "task_id": str(task_id)})
        for (score_id, account_id, effective, _), task_id in zip(hot, opened, strict=True)
        if task_id is not None
    ]
    await outbox.record_many(tx, APPROACH_SCORES.name, facts)
    await tx.execute(
        "UPDATE approach_scores SET task_opened_at = %(now)s WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
        {**named, "ids": [score_id for _, score_id, _ in facts]},
    )
    return len(facts)


async def override(tx: Tx, account_id: UUID, value: float, reason: str, expires_at: dt.datetime) -> None:
    """Put a value in place of the computed score until a moment."""
    now = clock.now()
    if expires_at <= now:
        raise invalid(FieldError("/expires_at", "out_of_range", "In the future", "未来の日時にしてください"))
    score_id = await _row(tx, account_id)
    await tx.execute(
        "UPDATE approach_scores SET override_value = %(value)s, override_reason = %(reason)s, override_until = %(until)s, "
        "override_by_id = %(by)s, overridden_at = %(now)s WHERE workspace_id = %(ws)s AND id = %(id)s",
        {
            "value": value, "reason": reason, "until": expires_at, "by": tx.actor.user_id, "now": now,
            "ws": tx.workspace_id, "id": score_id,
        },
    )  # fmt: skip
    _note(tx, "overridden", score_id, account_id)
    await refresh(tx, [account_id])


async def withdraw_override(tx: Tx, account_id: UUID) -> None:
    """Let the computed score count again."""
    score_id = await _row(tx, account_id)
    changed = await tx.execute(
        "UPDATE approach_scores SET override_until = %(now)s "
        "WHERE workspace_id = %(ws)s AND id = %(id)s AND override_until > %(now)s",
        {"ws": tx.workspace_id, "id": score_id, "now": clock.now()},
    )
    if changed:
        _note(tx, "override_withdrawn", score_id, account_id)
        await refresh(tx, [account_id])


def _note(tx: Tx, action: str, score_id: UUID, account_id: UUID) -> None:
    audit.record(tx, action, APPROACH_SCORES.name, score_id, ["override"])
    outbox.record(
        tx, f"{APPROACH_SCORES.name}.{action}", APPROACH_SCORES.name, score_id, {"account_id": str(account_id)}
    )


async def _row(tx: Tx, account_id: UUID) -> UUID:
    """The account's row, locked; a new one where it had none."""
    await see_account(tx, account_id)
    await tx.execute(_ADD, {"ws": tx.workspace_id, "ids": [new_id()], "accounts": [account_id], "now": clock.now()})
    rows = await tx.fetch(
        "SELECT id FROM approach_scores WHERE workspace_id = %s AND account_id = %s FOR UPDATE",
        [tx.workspace_id, account_id],
    )
    found: UUID = rows[0][0]
    return found
