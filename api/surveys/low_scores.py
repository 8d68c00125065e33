"""What follows a low score: the people who should know are named, and a meeting is to be arranged in time."""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from api.accounts.models import TeamRole
from api.auth.business_calendar import business_calendar
from api.auth.service import workspace_today
from api.kit import outbox
from api.kit.db import Tx
from api.surveys.resource import RESPONSES
from api.tasks.models import TaskOrigin, TaskPriority
from api.tasks.service import NewTask, open_tasks

NEWS_DAYS: Final = 7
"""An answer that is older when it gets here is history: nobody is sent to the customer for it."""
_CS_ROLES: Final = (
    TeamRole.csm, TeamRole.onboarding_specialist, TeamRole.success_partner, TeamRole.success_planner,
    TeamRole.technical_account_manager,
)  # fmt: skip
_TITLES: Final = {
    "ja": "{kind} {score} 点への対応：先方との面談を設定する",
    "en": "Respond to {kind} {score}: arrange a meeting with the customer",
}

_LOW: Final = """
SELECT r.id, r.survey_id, r.account_id, r.contact_id, s.kind, r.score, s.response_business_days, a.owner_id, w.language,
    array(
        SELECT DISTINCT t.user_id FROM account_team t
        WHERE t.workspace_id = %(ws)s AND t.account_id = r.account_id AND t.role = ANY(%(roles)s) AND t.archived_at IS NULL
        AND t.starts_on <= %(today)s AND (t.ends_before IS NULL OR t.ends_before > %(today)s) ORDER BY 1
    )
FROM survey_responses r
JOIN surveys s ON s.workspace_id = r.workspace_id AND s.id = r.survey_id
JOIN accounts a ON a.workspace_id = r.workspace_id AND a.id = r.account_id
JOIN workspaces w ON w.workspace_id = r.workspace_id
WHERE r.workspace_id = %(ws)s AND s.workspace_id = %(ws)s AND a.workspace_id = %(ws)s AND r.id = ANY(%(ids)s)
AND r.score <= s.low_at_most AND r.archived_at IS NULL AND NOT r.backfilled AND r.answered_on >= %(since)s
ORDER BY r.id
"""


async def follow_low_scores(tx: Tx, response_ids: Sequence[UUID]) -> None:
    """Announce the low ones among new scores, mentioning the account's team, and open a task for each.

    The task is due after the survey's business days, for the account's owner.
    """
    if not response_ids:
        return
    await tx.flush()
    today = await workspace_today(tx)
    rows = await tx.fetch(
        _LOW,
        {
            "ws": tx.workspace_id, "ids": list(response_ids), "today": today, "since": today - dt.timedelta(days=NEWS_DAYS),
            "roles": [role.value for role in _CS_ROLES],
        },
    )  # fmt: skip
    if not rows:
        return
    calendar = await business_calendar(tx)
    tasks, facts = [], []
    for row_id, survey_id, account_id, contact_id, kind, score, days, owner_id, language, team in rows:
        due_on = calendar.later(today, days)
        title = _TITLES["ja" if language == "ja" else "en"].format(kind=kind.upper(), score=score)
        tasks.append(
            NewTask(
                title=title, account_id=account_id, origin_kind=TaskOrigin.survey, origin_id=row_id, owner_id=owner_id,
                due_on=due_on, priority=TaskPriority.high, dedupe_key=f"survey_response {row_id}",
            )
        )  # fmt: skip
        mentions = [str(user) for user in dict.fromkeys([owner_id, *team]) if user]
        told = {
            "survey_id": str(survey_id),
            "account_id": str(account_id),
            "contact_id": contact_id and str(contact_id),
        }
        facts.append(
            (row_id, {**told, "kind": kind, "score": score, "mentions": mentions, "due_on": due_on.isoformat()})
        )
    opened = await open_tasks(tx, tasks)
    await outbox.record_many(
        tx, RESPONSES.name,
        [
            ("low", row_id, {**told, "task_id": task_id and str(task_id)})
            for (row_id, told), task_id in zip(facts, opened, strict=True)
        ],
    )  # fmt: skip
