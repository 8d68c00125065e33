"""The health of the demo's customers, week by week over its whole history, from what was known at each week's end."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Phase
from api.auth.models import User
from api.contacts.models import PrimaryContactChange
from api.demo.health import BACKTEST, MODELS, OVERRIDE, PULSES
from api.demo.lives import DAYS, Life
from api.health_scores import backtests, jobs, maturity, service, snapshots, targets
from api.health_scores.definition import Definition
from api.health_scores.goal_models import TargetKind
from api.health_scores.models import CsmPulse, HealthModel, HealthScoreRun, JobState, ScoreKind
from api.health_scores.population import Clause
from api.health_scores.resource import PULSES as PULSE
from api.health_scores.runs import RUNS
from api.kit import audit, clock, outbox, write
from api.kit.actors import SYSTEM
from api.kit.db import Tx

_QUIET_WEEKS: Final = 8
"""At first there is hardly anybody to be scored."""
_FELT_EVERY: Final = 9
"""Weeks between two pulses of an account."""
_FADES_FOR: Final = 100
"""Days before a churn in which people feel that something is wrong."""
_CONFIRMED_AFTER: Final = 5
"""Weeks after which most new contacts have confirmed the goals."""
_AIM_FOR: Final = 8
"""Weeks that a target gives."""


@dataclass(slots=True, kw_only=True)
class Weeks:
    """Two years of weekly runs, with what people feel and aim for in between.

    Attributes:
        accounts: Ids by the companies' keys.
        act_as: Makes what follows an act of this user.
    """

    tx: Tx
    country: str
    lives: Sequence[Life]
    accounts: Mapping[str, UUID]
    admin: User
    csms: Sequence[User]
    act_as: Callable[[User], None]
    today: dt.date
    zone: ZoneInfo
    chance: Random = field(init=False)

    async def play(self) -> None:
        """Switch the models on, play the weeks one by one, and ask for a backtest of the main model."""
        self.chance = Random(f"health {self.country}")  # noqa: S311 - invented data, not a secret
        begin = self.today - dt.timedelta(days=DAYS - 7 * _QUIET_WEEKS)
        monday = begin + dt.timedelta(days=(-begin.weekday()) % 7)
        self.act_as(self.admin)
        with clock.moved_to(self._at(monday, 1)):
            main = await self._switch_on()
            plan = await snapshots.plan(self.tx)
        changes = await self._contact_changes()
        confirmed: dict[int, list[UUID]] = {}
        for number in count():
            day = monday + dt.timedelta(days=7 * number)
            if self._at(day, 3) >= clock.now():
                break
            self.act_as(self.csms[number % len(self.csms)])
            with clock.moved_to(self._at(day - dt.timedelta(days=3), 17)):
                await self._feel(number)
                for account_id in confirmed.pop(number, ()):
                    await maturity.confirm_goals(self.tx, account_id)
            while changes and changes[0].changed_at < self._at(day, 2):
                change = changes.pop(0)
                with clock.moved_to(change.changed_at):
                    await maturity.follow_primary_contact(self.tx, change)
                if self.chance.random() < 0.7:
                    confirmed.setdefault(number + _CONFIRMED_AFTER, []).append(change.account_id)
            self.tx.actor = SYSTEM
            with clock.moved_to(self._at(day, 3)):
                await self._score(plan)
                if number % 4 == 3:
                    await targets.judge(self.tx)
                    await self._aim(number)
        await snapshots.forget_churned(self.tx)
        self.act_as(self.admin)
        backtest = await backtests.ask(self.tx, {"model_id": main.id, **BACKTEST})
        await jobs.defer_backtest(self.tx, backtest.id)

    def _at(self, day: dt.date, hour: int) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(hour), self.zone).astimezone(dt.UTC)

    async def _switch_on(self) -> HealthModel:
        """Activate the models by an override: at the beginning there was nothing to test them on."""
        made = []
        for values in MODELS[self.country]:
            model = await service.create_model(self.tx, values, Definition.model_validate(values["definition"]))
            await service.activate_model(self.tx, model.id, OVERRIDE[self.country])
            made.append(model)
        return made[0]

    async def _contact_changes(self) -> list[PrimaryContactChange]:
        found = await self.tx.session.scalars(
            sa.select(PrimaryContactChange)
            .where(
                col(PrimaryContactChange.workspace_id) == self.tx.workspace_id,
                col(PrimaryContactChange.from_contact_id).is_not(None),
            )
            .order_by(col(PrimaryContactChange.changed_at), col(PrimaryContactChange.id))
        )
        return list(found.all())

    async def _score(self, plan: Sequence[tuple[HealthModel, Clause, bool]]) -> None:
        """A weekly run, written down once it is done: nobody sees a run of the past under way."""
        as_of = await snapshots.last_week(self.tx)
        taken = snapshots.Taken()
        for model, these, _ in plan:
            taken += await snapshots.take(self.tx, model, these, kind=ScoreKind.weekly, as_of=as_of, as_was=True)
        done = {
            "kind": ScoreKind.weekly.value, "as_of": as_of, "state": JobState.done.value, "models_total": len(plan),
            "models_done": len(plan), "accounts_scored": taken.scored, "accounts_unscored": taken.unscored,
            "transitions": taken.transitions, "finished_at": clock.now(),
        }  # fmt: skip
        await write.create(self.tx, RUNS, HealthScoreRun, done)

    async def _feel(self, week: int) -> None:
        """The pulses of a Friday, in the words of the one who gives them."""
        today = clock.today(str(self.zone))
        pulses = [
            {
                "workspace_id": self.tx.workspace_id, "account_id": self.accounts[life.company.key], "value": value,
                "comment": self.chance.choice(PULSES[self.country][value]), "day": today,
                "given_by_id": self.tx.actor.user_id,
            }
            for place, life in enumerate(self.lives)
            if (week + place) % _FELT_EVERY == 0 and (value := self._pulse(life, today))
        ]  # fmt: skip
        if not pulses:
            return
        rows = [CsmPulse.model_validate(pulse).model_dump() for pulse in pulses]
        await self.tx.session.execute(sa.insert(CsmPulse.__table__), rows)  # type: ignore[attr-defined]
        given = ["account_id", "comment", "value"]
        await audit.record_many(self.tx, PULSE.name, [("created", row["id"], given) for row in rows])
        facts = [("created", row["id"], {"account_id": str(row["account_id"]), "value": row["value"]}) for row in rows]
        await outbox.record_many(self.tx, PULSE.name, facts)

    def _pulse(self, life: Life, today: dt.date) -> int | None:
        """1 to 5: mostly good, and worse as a churn comes near; None where there is no customer to feel about."""
        churned_on = next((day for day, phase, _ in life.moves if phase is Phase.churned), self.today)
        if not life.started_on + dt.timedelta(days=21) <= today < churned_on:
            return None
        mood = self.chance.gauss(3.9, 0.8)
        if churned_on != self.today:
            mood -= 2.4 * max(0.0, 1 - (churned_on - today).days / _FADES_FOR)
        return min(5, max(1, round(mood)))

    async def _aim(self, week: int) -> None:
        """Targets for some customers who are looked after today; some will be met."""
        today = clock.today(str(self.zone))
        self.act_as(self.csms[week % len(self.csms)])
        due_on = today + dt.timedelta(days=7 * _AIM_FOR)
        if due_on >= self.today:
            return
        for life in self._settled(today)[:3]:
            kind, value = self.chance.choice(
                [
                    (TargetKind.score, 45.0),
                    (TargetKind.score, 60.0),
                    (TargetKind.score, 75.0),
                    (TargetKind.maturity, 3.0),
                ]
            )
            account_id = self.accounts[life.company.key]
            wanted = {"account_id": account_id, "kind": kind.value, "value": value, "due_on": due_on}
            await targets.create_target(self.tx, wanted)

    def _settled(self, today: dt.date) -> list[Life]:
        def settled() -> Iterator[Life]:
            for life in self.lives:
                moves = [phase for day, phase, _ in life.moves if day <= today]
                if moves and moves[-1] in {Phase.adoption, Phase.renewal}:
                    yield life

        found = list(settled())
        self.chance.shuffle(found)
        return found
