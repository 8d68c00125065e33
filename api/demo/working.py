"""What the people of the demo did with their customers: interactions, tasks, programs."""

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from api.accounts.models import Phase
from api.auth.models import User
from api.demo.doings import DOINGS
from api.demo.lives import Life
from api.demo.market import Market
from api.interactions.bulk import upsert_interactions
from api.kit import clock
from api.kit.db import Tx
from api.programs.service import create_program, set_participants
from api.tasks.models import TaskOrigin, TaskOutcome
from api.tasks.service import NewTask, check_task, complete_task, open_tasks

_KINDS: Final = ("meeting", "mail", "call", "meeting", "note", "meeting", "mail")
_MONTHS_OF_TASKS: Final = 6
_STATES: Final = ("attended", "registered", "completed", "invited", "attended", "dropped")


def _churned(life: Life) -> bool:
    return bool(life.moves) and life.moves[-1][1] is Phase.churned


@dataclass(slots=True, kw_only=True)
class Work:
    """Two years of interactions, half a year of tasks, two programs.

    Attributes:
        accounts: Ids by the companies' keys.
        contacts: Ids by e-mail address.
        act_as: Makes what follows an act of this user.
    """

    tx: Tx
    market: Market
    lives: Sequence[Life]
    accounts: Mapping[str, UUID]
    contacts: Mapping[str, UUID]
    csms: Sequence[User]
    sponsor: User
    act_as: Callable[[User], None]
    today: dt.date
    zone: ZoneInfo
    reviews: dict[str, list[tuple[UUID, str, Sequence[str]]]] = field(default_factory=dict)

    async def do(self) -> None:
        """Bring in the interactions, known at their days, and play the rest."""
        self.act_as(self.csms[0])
        chance = random.Random(f"work {self.market.country}")  # noqa: S311 - invented data, not a secret
        noted = [
            item
            for place, life in enumerate(self.lives)
            for item in self._interactions(life, self.csms[place % len(self.csms)], chance)
        ]
        for item, result in zip(
            noted, await upsert_interactions(self.tx, noted, atomic=True, history=True), strict=True
        ):
            assert result.id is not None, result.problem
            if item["kind"] == "qbr":
                held = self.reviews.setdefault(item["account_external_id"], [])
                held.append((result.id, item["occurred_at"], item["action_items"]))
        await self._tasks()
        await self._careful()
        await self._programs()

    @property
    def _stayed(self) -> list[Life]:
        return [life for life in self.lives if not _churned(life)]

    def _at(self, day: dt.date, hour: int) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(hour), self.zone).astimezone(dt.UTC)

    def _interactions(self, life: Life, csm: User, chance: random.Random) -> Iterator[dict[str, Any]]:
        """Something every few weeks, and most quarters a review with those who decide."""
        last = life.moves[-1][0] if _churned(life) else self.today - dt.timedelta(days=1)
        rhythm = chance.choice([18, 24, 24, 35, 45])
        day = reviewed = life.started_on
        number = 0
        while (day := _working_day(day + dt.timedelta(days=rhythm + chance.randrange(8)))) < last:
            review = (day - reviewed).days >= 80 and chance.random() < 0.7
            reviewed = day if review else reviewed
            number += 1
            yield self._interaction(life, csm, day, number, "qbr" if review else _KINDS[number % len(_KINDS)], chance)

    def _interaction(  # noqa: PLR0917
        self, life: Life, csm: User, day: dt.date, number: int, kind: str, chance: random.Random
    ) -> dict[str, Any]:
        review, met = kind == "qbr", kind in {"meeting", "qbr"}
        doings = DOINGS[self.market.country]
        here = [p for p in life.people if p.added_on <= day and (p.left_on is None or p.left_on > day)]
        attending = here[:3] if review else chance.sample(here, min(len(here), 1 + met))
        ours = [csm.email, *([self.sponsor.email] if review and life.company.employees > 1000 else [])]
        item: dict[str, Any] = {
            "external_id": f"cal-{life.company.key}-{number}",
            "account_external_id": life.values["external_id"],
            "kind": kind,
            "subject": chance.choice(doings.subjects[kind]),
            "occurred_at": self._at(day, 10 + number % 7).isoformat(),
            "effort_minutes": 180 if review else 90 if met else 15,
            "attendee_emails": [person.values["email"] for person in attending] + ours,
        }
        if met:
            item |= {
                "duration_minutes": 60 if review else 45,
                "minutes": chance.choice(doings.minutes),
                "decisions": [chance.choice(doings.decisions)],
                "action_items": chance.sample(doings.action_items, 2),
                "recorded": chance.random() < 0.7,
                "shared_at": self._at(day, 18).isoformat() if chance.random() < 0.8 else None,
            }
        return item

    async def _tasks(self) -> None:
        """Action items and everyday tasks: most are done, of the latest some are late."""
        for month in range(_MONTHS_OF_TASKS, 0, -1):
            day = self.today - dt.timedelta(days=30 * month - 18)
            chosen = [life for life in self._stayed[month % 3 :: 3] if life.started_on < day][:8]
            with clock.moved_to(self._at(day, 9)):
                opened = await open_tasks(self.tx, [self._task(life, day, month) for life in chosen])
            for place, task_id in enumerate(opened):
                assert task_id is not None
                if month > 1 or place % 2 == 0:
                    self.act_as(self.csms[place % len(self.csms)])
                    outcome = list(TaskOutcome)[0 if place % 4 else (month + place) % len(TaskOutcome)]
                    with clock.moved_to(self._at(day + dt.timedelta(days=1 + place), 16)):
                        await complete_task(self.tx, task_id, 1, outcome, None)
        yesterday = self.today - dt.timedelta(days=1)
        with clock.moved_to(self._at(yesterday, 9)):
            waiting = enumerate(self._stayed[1::4])
            await open_tasks(self.tx, [self._task(life, yesterday, place) for place, life in waiting])

    def _task(self, life: Life, day: dt.date, place: int) -> NewTask:
        account_id, doings = self.accounts[life.company.key], DOINGS[self.market.country]
        due_on = day + dt.timedelta(days=3 + place % 9)
        held = [each for each in self.reviews.get(life.values["external_id"], ()) if each[1] < day.isoformat()]
        if held and place % 2:
            review_id, _, action_items = held[-1]
            return NewTask(
                title=action_items[place % 4 // 2], account_id=account_id, due_on=due_on,
                origin_kind=TaskOrigin.interaction, origin_id=review_id,
            )  # fmt: skip
        title = doings.tasks[(place + len(life.company.key)) % len(doings.tasks)]
        return NewTask(title=title, account_id=account_id, due_on=due_on)

    async def _careful(self) -> None:
        """Two mailings to all users that a second person checks: one was sent back once, one still waits."""
        doings, (doer, checker, *_) = DOINGS[self.market.country], self.csms
        for days_ago in (20, 1):
            day = self.today - dt.timedelta(days=days_ago)
            with clock.moved_to(self._at(day, 11)):
                self.act_as(doer)
                mailing = NewTask(title=doings.careful_task, owner_id=doer.id, due_on=day, needs_check=True)
                [task_id] = await open_tasks(self.tx, [mailing])
                assert task_id is not None
                await complete_task(self.tx, task_id, 1, TaskOutcome.succeeded, None)
                if days_ago > 1:
                    self.act_as(checker)
                    await check_task(self.tx, task_id, 2, doings.sent_back, approved=False)
                    self.act_as(doer)
                    await complete_task(self.tx, task_id, 3, TaskOutcome.succeeded, None)
                    self.act_as(checker)
                    await check_task(self.tx, task_id, 4, None, approved=True)

    async def _programs(self) -> None:
        """A webinar that many heard of, and something new that three customers try."""
        doings, owner = DOINGS[self.market.country], self.csms[0]
        held = self.today - dt.timedelta(days=40)
        name, description = doings.webinar
        webinar = await create_program(
            self.tx,
            {
                "name": name, "description": description, "kind": "webinar", "state": "finished", "owner_id": owner.id,
                "starts_on": held, "ends_before": held + dt.timedelta(days=1), "effort_minutes": 960,
            },
        )  # fmt: skip
        guests = []
        for place, life in enumerate(self._stayed[:24]):
            state = _STATES[place % len(_STATES)]
            heard = doings.outcomes[place % len(doings.outcomes)] if state in {"attended", "completed"} else None
            here = [person for person in life.people if person.left_on is None]
            guests += [
                {"contact_id": self.contacts[p.values["email"]], "state": state, "outcome": heard} for p in here[-1:]
            ]
        await set_participants(self.tx, webinar.id, guests)
        name, description = doings.co_creation
        results = [
            {"kind": kind, "url": "https://example.com/releases/field-voice", "title": title}
            for kind, title in doings.results
        ]
        tried = await create_program(
            self.tx,
            {
                "name": name, "description": description, "kind": "co_creation", "state": "running", "owner_id": owner.id,
                "starts_on": self.today - dt.timedelta(days=100), "effort_minutes": 5_400, "results": results,
            },
        )  # fmt: skip
        parts = [{"account_id": self.accounts[life.company.key], "state": "attended"} for life in self._stayed[2:5]]
        await set_participants(self.tx, tried.id, parts)


def _working_day(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=max(0, 8 - day.isoweekday()) if day.isoweekday() > 5 else 0)
