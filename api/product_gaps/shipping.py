"""What follows when a gap is shipped: whoever reported it tells the customer."""

from typing import Final
from uuid import UUID

from api.auth.business_calendar import business_calendar
from api.auth.service import workspace_today
from api.kit.db import Tx
from api.product_gaps.models import ProductGap
from api.tasks.models import TaskOrigin, TaskPriority
from api.tasks.service import NewTask, open_tasks

BUSINESS_DAYS: Final = 5
_NOBODY: Final = UUID(int=0)
_LONGEST: Final = 150
_TITLES: Final = {
    "ja": "「{title}」の提供開始をお客様に伝える",
    "en": "Tell the customer that “{title}” has shipped",
}

# Told once: a task that was cancelled does not count, any other does, whatever became of it. Its key ends with who
# reported, so that tasks which came along from a merged gap or account count as well.
_UNTOLD: Final = """
SELECT r.account_id, coalesce(r.reported_by_id, %(nobody)s),
    bool_and(u.id IS NOT NULL AND u.archived_at IS NULL AND u.suspended_at IS NULL),
    bool_or(r.blocks_renewal), w.language
FROM product_gap_reports r
JOIN workspaces w ON w.workspace_id = r.workspace_id
LEFT JOIN users u ON u.workspace_id = r.workspace_id AND u.id = r.reported_by_id
WHERE r.workspace_id = %(ws)s AND r.gap_id = %(gap)s AND r.archived_at IS NULL AND NOT EXISTS (
    SELECT FROM tasks t WHERE t.workspace_id = %(ws)s AND t.origin_kind = %(origin)s AND t.origin_id = %(gap)s
    AND t.account_id = r.account_id AND t.state <> 'cancelled' AND t.archived_at IS NULL
    AND right(t.dedupe_key, 36) = coalesce(r.reported_by_id, %(nobody)s)::text
)
GROUP BY r.account_id, r.reported_by_id, w.language ORDER BY r.account_id, r.reported_by_id
"""


async def tell_reporters(tx: Tx, gap: ProductGap) -> int:
    """Open a task for each account and person who reported a shipped gap and has none; how many were opened.

    A report without a person, or of one who has left, goes to the account's owner.
    """
    await tx.flush()
    rows = await tx.fetch(
        _UNTOLD, {"ws": tx.workspace_id, "gap": gap.id, "nobody": _NOBODY, "origin": TaskOrigin.gap.value}
    )
    if not rows:
        return 0
    due_on = (await business_calendar(tx)).later(await workspace_today(tx), BUSINESS_DAYS)
    title = gap.title if len(gap.title) <= _LONGEST else gap.title[: _LONGEST - 1] + "…"
    opened = await open_tasks(
        tx,
        [
            NewTask(
                title=_TITLES["ja" if language == "ja" else "en"].format(title=title),
                detail=gap.customer_response or "", account_id=account_id, origin_kind=TaskOrigin.gap,
                origin_id=gap.id, owner_id=reporter if here else None, due_on=due_on,
                priority=TaskPriority.high if blocks else TaskPriority.normal,
                dedupe_key=f"gap {gap.id} {account_id} {reporter}",
            )
            for account_id, reporter, here, blocks, language in rows
        ],
    )  # fmt: skip
    return sum(task_id is not None for task_id in opened)
