"""What came of the demo's roadmaps: value that customers confirmed, pages that were shared, what was said about them."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from api.auth.models import User
from api.contracts.terms import months_later
from api.demo.market import Market
from api.kit import clock
from api.kit.db import Tx
from api.signals.models import NewsCategory, SignalSeverity
from api.signals.service import post_news
from api.success_roadmaps import comments, shares, value_service
from api.success_roadmaps.share_models import ShareScope, ShareSection
from api.success_roadmaps.shares import read_token

_ROADMAPS: Final = 10
_QUARTERS: Final = 2
_WORK: Final = {
    # what, what is counted, minutes for each, an hour's cost in minor units
    "JP": (
        ("問い合わせへの一次回答", "件", 8.0, 3200),
        ("月次報告書の作成", "部", 95.0, 4100),
        ("請求データの転記", "件", 4.5, 2800),
    ),
    "US": (
        ("First answers to requests", "requests", 7.5, 3400),
        ("Monthly reports put together", "reports", 80.0, 5200),
        ("Invoices typed over", "invoices", 4.0, 2900),
    ),
}
_SAID: Final = {
    "JP": ("次回の定例会で先方の役員に確認する", "目標値は来期の計画に合わせて見直したいです", "ログの集計と現場への聞き取り",
           "中期経営計画を発表、間接業務の 3 割削減を掲げる"),
    "US": ("Ask their director at the next meeting", "We would like to review the target", "Logs, and interviews on site",
           "New strategy: a third less office work in three years"),
}  # fmt: skip

_CHOSEN: Final = """
SELECT r.id, r.account_id, r.contact_id, r.starts_on, s.currency, s.mrr_minor,
    (SELECT g.id FROM roadmap_goals g WHERE g.workspace_id = %(ws)s AND g.roadmap_id = r.id AND g.level = 'department'
        ORDER BY g.position LIMIT 1)
FROM success_roadmaps r JOIN contacts c ON c.workspace_id = %(ws)s AND c.id = r.contact_id
JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = r.account_id
JOIN account_standing s ON s.workspace_id = %(ws)s AND s.account_id = r.account_id AND s.mrr_minor > 0
WHERE r.workspace_id = %(ws)s AND r.kind = 'success' AND r.state = 'active' AND c.archived_at IS NULL
AND c.erased_at IS NULL AND c.left_on IS NULL AND a.archived_at IS NULL AND c.account_id = r.account_id
ORDER BY r.starts_on, r.id LIMIT %(limit)s
"""


@dataclass(slots=True, kw_only=True)
class Proving:
    """Tells what came of the roadmaps of a workspace."""

    tx: Tx
    market: Market
    csms: tuple[User, ...]
    act_as: Callable[[User], None]
    today: dt.date
    zone: ZoneInfo

    async def prove(self) -> None:
        """Value of the last quarters, links and comments."""
        chance = random.Random(f"prove {self.market.country}")  # noqa: S311 - invented data, not a secret
        rows = await self.tx.fetch(_CHOSEN, {"ws": self.tx.workspace_id, "limit": _ROADMAPS})
        for place, (roadmap_id, account_id, contact_id, starts_on, currency, mrr, goal_id) in enumerate(rows):
            self.act_as(self.csms[place % len(self.csms)])
            of = {"account_id": account_id, "roadmap_id": roadmap_id, "goal_id": goal_id}
            for first in self._quarters(starts_on):
                worth = 3 * mrr * chance.uniform(0.8, 2.6)
                await self._realise(of, contact_id, first, place, (worth, currency))
            if place % 3 == 0:
                await self._share(roadmap_id, goal_id, contact_id)
                await self._hear(account_id, roadmap_id, place)

    def _quarters(self, since: dt.date) -> list[dt.date]:
        """The first days of the last quarters that are over and began after a day."""
        this = self.today.replace(month=3 * ((self.today.month - 1) // 3) + 1, day=1)
        starts = [months_later(this, -3 * back) for back in range(_QUARTERS, 0, -1)]
        return [first for first in starts if first >= since]

    async def _realise(
        self, of: dict[str, Any], contact_id: UUID, first: dt.date, place: int, worth: tuple[float, str]
    ) -> None:  # fmt: skip
        """Work of a quarter that is worth so many minor units of a currency."""
        name, unit, minutes, hourly = _WORK[self.market.country][place % 3]
        over = months_later(first, 3)
        amount, currency = worth
        with clock.moved_to(self._at(over + dt.timedelta(days=8))):
            made = await value_service.create_value(
                self.tx,
                {
                    **of, "name": name, "unit": unit, "starts_on": first, "ends_before": over,
                    "volume": round(amount * 60 / (minutes * hourly)), "minutes_per_unit": minutes, "cost": None,
                    "hourly_cost": {"amount": hourly, "currency": currency}, "evidence": _SAID[self.market.country][2],
                },
            )  # fmt: skip
        if place % 4 != 3 and over + dt.timedelta(days=20) < self.today:
            with clock.moved_to(self._at(over + dt.timedelta(days=15))):
                await value_service.confirm_value(self.tx, made.id, made.version, contact_id, {})

    async def _share(self, roadmap_id: UUID, goal_id: UUID, contact_id: UUID) -> None:
        """A link that the contact has used: what they said, and what we think of it."""
        ours, theirs, *_ = _SAID[self.market.country]
        with clock.moved_to(self._at(self.today - dt.timedelta(days=12))):
            _, token = await shares.create_share(
                self.tx,
                {
                    "roadmap_id": roadmap_id, "contact_id": contact_id, "label": "", "scope": ShareScope.comment,
                    "sections": list(ShareSection), "expires_at": None,
                },
            )  # fmt: skip
            actor = self.tx.actor
            holder = await shares.proven(self.tx, read_token(token))
            assert holder is not None
            await shares.note_opening(self.tx, holder)
            await comments.comment_by_link(self.tx, holder, {"body": theirs, "goal_id": goal_id, "author_name": ""})
            self.tx.actor = actor
            await comments.create_comment(
                self.tx, {"roadmap_id": roadmap_id, "goal_id": goal_id, "body": ours, "internal": True}
            )

    async def _hear(self, account_id: UUID, roadmap_id: UUID, place: int) -> None:
        """News of the customer that matters to the roadmap."""
        day = self.today - dt.timedelta(days=6 + place)
        with clock.moved_to(self._at(day)):
            await post_news(
                self.tx,
                {
                    "account_id": account_id, "roadmap_id": roadmap_id, "category": NewsCategory.ir, "url": None,
                    "title": _SAID[self.market.country][3], "source": "ir_watch", "external_id": f"ir-{place}",
                    "occurred_on": day, "severity": SignalSeverity.info,
                },
            )  # fmt: skip

    def _at(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(11), self.zone).astimezone(dt.UTC)
