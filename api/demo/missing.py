"""What the demo's customers missed in the product, over two years: reports, decisions, and what was shipped."""

import datetime as dt
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from api.accounts.models import Phase
from api.auth.models import User
from api.demo.gap_words import GAP_WORDS, Missing
from api.demo.lives import Life
from api.demo.market import Market
from api.kit import clock
from api.kit.db import Tx
from api.product_gaps import bulk, comments, merging, service
from api.product_gaps.models import GapSeverity, GapStatus
from api.tasks.models import TaskOrigin, TaskOutcome
from api.tasks.service import complete_task

_S = GapSeverity
_P, _B, _SH, _D, _O = GapStatus.planned, GapStatus.in_progress, GapStatus.shipped, GapStatus.declined, GapStatus.open


@dataclass(frozen=True, slots=True)
class _Course:
    """How a gap fared: since when it is known, how bad it is, how many report it, and its steps by days ago."""

    known: int
    severity: GapSeverity
    reports: int
    blocking: float = 0.0
    steps: Sequence[tuple[int, GapStatus]] = ()


# In the order of the words.
_COURSES: Final = (
    _Course(640, _S.medium, 7, steps=((600, _P), (480, _B), (350, _SH))),
    _Course(520, _S.medium, 6, steps=((470, _P), (300, _B), (200, _SH))),
    _Course(420, _S.high, 9, 0.3, steps=((390, _P), (150, _B), (60, _SH))),
    _Course(400, _S.low, 3, steps=((350, _D), (90, _O))),
    _Course(380, _S.low, 2, steps=((310, _D),)),
    _Course(330, _S.high, 14, 0.35, steps=((250, _P), (70, _B))),
    _Course(300, _S.medium, 8, steps=((220, _P), (100, _B), (20, _SH))),
    _Course(260, _S.critical, 11, 0.6, steps=((180, _P), (45, _B))),
    _Course(240, _S.critical, 10, 0.5, steps=((120, _P),)),
    _Course(210, _S.high, 7, 0.2, steps=((80, _P),)),
    _Course(190, _S.medium, 5, steps=((75, _P),)),
    _Course(140, _S.high, 6, 0.4),
    _Course(110, _S.medium, 5),
    _Course(80, _S.medium, 4),
    _Course(40, _S.low, 2),
    _Course(150, _S.high, 4, 0.5),
)
_ORIGINAL: Final = 7
_DUPLICATE: Final = 15
_TOLD_WITHIN: Final = 45
"""Whoever was to tell a customer about something shipped longer ago has done so."""


@dataclass(slots=True, kw_only=True)
class Wishes:
    """Sixteen gaps, one of them a duplicate, as they came up and went.

    Attributes:
        act_as: Makes what follows an act of this user.
    """

    tx: Tx
    market: Market
    lives: Sequence[Life]
    product: User
    csms: Sequence[User]
    act_as: Callable[[User], None]
    today: dt.date
    zone: ZoneInfo
    gaps: list[UUID] = field(default_factory=list)

    async def tell(self) -> None:
        """Play the gaps, one after the other."""
        words = GAP_WORDS[self.market.country]
        chance = random.Random(f"gaps {self.market.country}")  # noqa: S311 - invented data, not a secret
        for place, (missing, course) in enumerate(zip(words.gaps, _COURSES, strict=True)):
            self.act_as(self.csms[place % len(self.csms)])
            with clock.moved_to(self._at(course.known)):
                gap = await service.create_gap(self.tx, self._stated(place, missing, course))
            self.gaps.append(gap.id)
            await self._report(place, course, chance)
            await self._decide(place, course)
        await self._talk()
        await self._thank()
        await self._merge()

    def _at(self, days_ago: int, hour: int = 11) -> dt.datetime:
        day = self.today - dt.timedelta(days=days_ago)
        return dt.datetime.combine(day, dt.time(hour), self.zone).astimezone(dt.UTC)

    def _stated(self, place: int, missing: Missing, course: _Course) -> dict[str, Any]:
        return {
            "external_id": f"APP-{1040 + 17 * place}", "title": missing.title, "area": missing.area,
            "expectation": missing.expectation, "actual": missing.actual, "reason": missing.reason,
            "workaround": missing.workaround, "severity": course.severity.value, "rank": float(place + 1),
            "issue_url": f"https://issues.example.com/browse/APP-{1040 + 17 * place}", "owner_id": self.product.id,
        }  # fmt: skip

    async def _report(self, place: int, course: _Course, chance: random.Random) -> None:
        """Half of the reports come soon, the others later; some customers ask again."""
        last = next((days for days, status in course.steps if status in {_SH, _D}), 3)
        asking = [life for life in self.lives if _is_customer(life, self.today - dt.timedelta(days=last))]
        chosen = chance.sample(asking, min(course.reports, len(asking)))
        impacts = GAP_WORDS[self.market.country].impacts
        for wave, days_ago in enumerate((course.known, (course.known + last) // 2)):
            told = chosen[wave::2] + (chosen[:1] if wave else [])
            day = self.today - dt.timedelta(days=days_ago)
            items: list[Mapping[str, Any]] = [
                {
                    "external_id": f"wish-{place}-{wave}-{life.company.key}", "gap_id": str(self.gaps[place]),
                    "account_external_id": life.values["external_id"], "impact": chance.choice(impacts),
                    "blocks_renewal": chance.random() < course.blocking, "reported_on": day.isoformat(),
                    "reported_by_id": str(self.csms[self.lives.index(life) % len(self.csms)].id),
                }
                for life in told
                if life.started_on <= day
            ]  # fmt: skip
            if items:
                with clock.moved_to(self._at(days_ago, 14)):
                    results = await bulk.upsert_reports(self.tx, items, atomic=True)
                assert all(result.problem is None for result in results)

    async def _decide(self, place: int, course: _Course) -> None:
        words = GAP_WORDS[self.market.country]
        self.act_as(self.product)
        version = 1
        for days_ago, status in course.steps:
            said: dict[str, Any] = {"status": status}
            if status is _D:
                said |= {"status_reason": words.declined, "customer_response": words.declined}
            elif status is _O:
                said |= {"status_reason": words.reopened, "customer_response": None}
            elif status is _P:
                quarter = self.today - dt.timedelta(days=days_ago - 120)
                said |= {
                    "planned_for": f"{quarter.year} Q{(quarter.month + 2) // 3}",
                    "customer_response": words.answer[0], "customer_response_reason": words.answer[1],
                }  # fmt: skip
            elif status is _SH:
                shipped = self.today - dt.timedelta(days=days_ago)
                said |= {"shipped_in": f"{shipped:%Y.%m}", "customer_response": None, "customer_response_reason": None}
            with clock.moved_to(self._at(days_ago, 16)):
                await service.update_gap(self.tx, self.gaps[place], version, said)
            version += 1

    async def _talk(self) -> None:
        for place, text in zip((5, 7, 8), GAP_WORDS[self.market.country].comments, strict=True):
            self.act_as(self.product)
            with clock.moved_to(self._at(30 - place, 15)):
                await comments.create_comment(self.tx, {"gap_id": self.gaps[place], "text": text, "internal": True})

    async def _thank(self) -> None:
        """Complete the tasks to tell customers what was shipped, but the latest."""
        rows = await self.tx.fetch(
            "SELECT id, version, owner_id, created_at FROM tasks WHERE workspace_id = %s AND origin_kind = %s "
            "AND created_at < %s ORDER BY created_at, id",
            [self.tx.workspace_id, TaskOrigin.gap.value, self._at(_TOLD_WITHIN)],
        )
        users = {user.id: user for user in self.csms}
        for task_id, version, owner_id, created_at in rows:
            self.act_as(users.get(owner_id, self.csms[0]))
            with clock.moved_to(created_at + dt.timedelta(days=3)):
                await complete_task(self.tx, task_id, version, TaskOutcome.succeeded, None)

    async def _merge(self) -> None:
        self.act_as(self.product)
        winner, loser = self.gaps[_ORIGINAL], self.gaps[_DUPLICATE]
        rows = await self.tx.fetch(
            "SELECT version FROM product_gaps WHERE workspace_id = %s AND id = %s", [self.tx.workspace_id, winner]
        )
        with clock.moved_to(self._at(12, 10)):
            await merging.merge_gaps(self.tx, winner, loser, rows[0][0])


def _is_customer(life: Life, day: dt.date) -> bool:
    churned_on = next((on for on, phase, _ in life.moves if phase is Phase.churned), None)
    return life.started_on <= day and (churned_on is None or churned_on > day)
