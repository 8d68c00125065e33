"""Two years of a workspace, played back through the services: audit, events, search and history come by themselves."""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from api.accounts import merging, phases, service, team
from api.accounts.models import Phase, TeamRole
from api.auth.invitations import invite
from api.auth.models import User
from api.auth.permissions import ROLE_SCOPES, Role
from api.contacts import primary, stakes
from api.contacts import service as contacts
from api.contacts.bulk import upsert_contacts
from api.demo.aiming import aim
from api.demo.configuration import configure, reorganise
from api.demo.lives import DAYS, Life, Person, lives
from api.demo.market import Market
from api.demo.missing import Wishes
from api.demo.planning import Planning
from api.demo.proving import Proving
from api.demo.referring import refer
from api.demo.scoring import Weeks
from api.demo.selling import sell
from api.demo.using import use
from api.demo.voices import listen
from api.demo.winning import state_costs
from api.demo.working import Work
from api.kit import clock
from api.kit.actors import Actor, ActorKind
from api.kit.db import Tx

_CRITERIA_DAYS: Final = 240  # onboarding criteria are noted since

Do = Callable[[], Awaitable[None]]


def opening(today: dt.date, time_zone: str) -> dt.datetime:
    """The moment at which a workspace's history begins."""
    return _at(today - dt.timedelta(days=DAYS), time_zone, 9)


def _at(day: dt.date, time_zone: str, hour: int = 10) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), ZoneInfo(time_zone)).astimezone(dt.UTC)


async def fill(
    tx: Tx, market: Market, people: dict[Role, User], csms: Sequence[User], *, domain: str, time_zone: str
) -> None:
    """Play the history of a workspace that has just been opened, up to yesterday."""
    today = clock.today(time_zone)
    story = _Story(tx, market, people, csms, lives(market, domain, today), today)
    for day, steps in groupby(sorted(story.steps(domain), key=lambda step: step[:2]), key=lambda step: step[0]):
        with clock.moved_to(_at(day, time_zone)):
            for _, _, do in steps:
                await do()
    await sell(tx, market, story.lives, domain=domain, today=today)
    await use(tx, market, story.lives, domain=domain, today=today, time_zone=time_zone)
    story.act_as(people[Role.manager])
    await listen(tx, market, story.lives, domain=domain, time_zone=time_zone)
    doings = Work(
        tx=tx, market=market, lives=story.lives, accounts=story.accounts, contacts=story.contacts, csms=csms,
        sponsor=people[Role.manager], act_as=story.act_as, today=today, zone=ZoneInfo(time_zone),
    )  # fmt: skip
    await doings.do()
    wishes = Wishes(
        tx=tx, market=market, lives=story.lives, product=people[Role.product], csms=csms, act_as=story.act_as,
        today=today, zone=ZoneInfo(time_zone),
    )  # fmt: skip
    await wishes.tell()
    planning = Planning(
        tx=tx, market=market, lives=story.lives, accounts=story.accounts, contacts=story.contacts, csms=csms,
        manager=people[Role.manager], act_as=story.act_as, today=today, zone=ZoneInfo(time_zone),
    )  # fmt: skip
    await planning.plan()
    proving = Proving(
        tx=tx, market=market, csms=tuple(csms), act_as=story.act_as, today=today, zone=ZoneInfo(time_zone)
    )
    await proving.prove()
    weeks = Weeks(
        tx=tx, country=market.country, lives=story.lives, accounts=story.accounts, admin=people[Role.admin], csms=csms,
        act_as=story.act_as, today=today, zone=ZoneInfo(time_zone),
    )  # fmt: skip
    await weeks.play()
    story.act_as(people[Role.manager])
    await aim(tx, today=today, time_zone=time_zone, seed=len(domain))
    await state_costs(tx, market, story.lives, domain=domain, today=today)
    await refer(tx, market, reviewer=people[Role.admin], today=today, time_zone=time_zone)


@dataclass(slots=True)
class _Story:
    """What happens on which day; within a day in the order of the number beside it."""

    tx: Tx
    market: Market
    people: dict[Role, User]
    csms: Sequence[User]
    lives: Sequence[Life]
    today: dt.date
    accounts: dict[str, UUID] = field(default_factory=dict)
    contacts: dict[str, UUID] = field(default_factory=dict)
    policy: Any = None

    def steps(self, domain: str) -> Iterator[tuple[dt.date, int, Do]]:
        yield self.today - dt.timedelta(days=DAYS), 0, self._configure
        yield self.today - dt.timedelta(days=300), 0, self._reorganise
        yield self.today - dt.timedelta(days=1), 8, lambda: self._invite(domain)
        for day, begun in groupby(sorted(self.lives, key=_started), key=_started):
            companies = list(begun)
            yield day, 1, lambda companies=companies: self._begin(companies)  # type: ignore[misc]
        people = [(life, person) for life in self.lives for person in life.people]
        for day, newcomers in groupby(sorted(people, key=_added), key=_added):
            together = list(newcomers)
            yield day, 2, lambda together=together: self._add(together)  # type: ignore[misc]
        for place, life in enumerate(self.lives):
            yield from self._life(place, life)
        last = self.lives[-1]
        yield last.started_on + dt.timedelta(days=5), 9, lambda: self._merge_duplicate(last)
        churned = next(life for life in self.lives if life.moves and life.moves[-1][1] is Phase.churned)
        yield self.today - dt.timedelta(days=1), 9, lambda: self._archive(churned)

    def _life(self, place: int, life: Life) -> Iterator[tuple[dt.date, int, Do]]:
        for person in life.people:
            if person.left_on:
                yield person.left_on, 6, lambda person=person: self._leave(person)  # type: ignore[misc]
        yield life.started_on, 3, lambda: self._name_primary(life, 0, None)
        if life.successor_on:
            reason = self.market.reasons["primary"][place % len(self.market.reasons["primary"])]
            yield life.successor_on, 5, lambda: self._name_primary(life, 1, reason)
        for day, phase, reason in life.moves:
            yield day, 4, lambda phase=phase, reason=reason: self._move(life, phase, reason)  # type: ignore[misc]
        if _onboarding(life) or (self.today - life.started_on).days < _CRITERIA_DAYS:
            yield from self._criteria(life, until=self.today)
        if place % 5 == 0:
            yield life.started_on, 4, lambda: self._help_onboarding(life)
        if life.company.employees > 1000:
            yield life.started_on, 4, lambda: self._sponsor(life)
        if place % 9 == 4:
            day = max(life.started_on, self.today - dt.timedelta(days=200)) + dt.timedelta(days=place % 12)
            yield day, 7, lambda: self._hand_over(life, place)
        if place % 16 == 1:
            text = self.market.stakes[place // 16 % len(self.market.stakes)]
            yield self.today - dt.timedelta(days=1), 7, lambda: self._note_stake(life, text)

    def _criteria(self, life: Life, until: dt.date) -> Iterator[tuple[dt.date, int, Do]]:
        """Note the criteria before the day on which onboarding ended, or those met so far; the last one ends it."""
        ended = next((day for day, phase, _ in life.moves if phase is Phase.adoption), None)
        keys = [criterion["key"] for criterion in self.market.settings["onboarding_criteria"]]
        begun = life.started_on if not _onboarding(life) or not life.moves else life.moves[-1][0]
        for place, key in enumerate(keys[: len(keys) - 1]):
            day = begun + dt.timedelta(days=7 + 12 * place)
            if day < (ended if ended and not _onboarding(life) else until):
                yield day, 4, lambda key=key: self._meet(life, key)  # type: ignore[misc]

    def act_as(self, user: User) -> None:
        """Do what follows as this user."""
        role = Role(user.role)
        self.tx.actor = Actor(ActorKind.user, user.id, role, ROLE_SCOPES[role], user_id=user.id)

    async def _configure(self) -> None:
        self.act_as(self.people[Role.admin])
        self.policy = await configure(self.tx, self.market, [user.id for user in self.csms[:-1]])

    async def _reorganise(self) -> None:
        self.act_as(self.people[Role.manager])
        await reorganise(self.tx, self.policy, [user.id for user in self.csms if user is not self.csms[1]])

    async def _invite(self, domain: str) -> None:
        self.act_as(self.people[Role.admin])
        await invite(self.tx, email=f"new.csm@{domain}", role=Role.csm)
        await invite(self.tx, email=f"new.sales@{domain}", role=Role.sales)

    async def _begin(self, together: Sequence[Life]) -> None:
        self.act_as(self.people[Role.manager])
        items = [
            life.values | ({"parent_id": self.accounts[life.company.parent]} if life.company.parent else {})
            for life in together
        ]
        results = await service.upsert_accounts(self.tx, items, atomic=True)
        for place, (life, result) in enumerate(zip(together, results, strict=True)):
            assert result.id is not None, result.problem
            self.accounts[life.company.key] = result.id
            if place % 2:
                await service.set_external_ref(self.tx, result.id, "billing", f"cus-{life.company.key}")

    async def _add(self, newcomers: Sequence[tuple[Life, Person]]) -> None:
        self.act_as(self.people[Role.csm])
        items = [person.values | {"account_id": self.accounts[life.company.key]} for life, person in newcomers]
        for result in await upsert_contacts(self.tx, items, atomic=True):
            assert result.id is not None, result.problem
            assert result.key is not None
            self.contacts[result.key] = result.id

    async def _leave(self, person: Person) -> None:
        self.act_as(self.people[Role.csm])
        await contacts.leave(self.tx, self.contacts[person.values["email"]], None)

    async def _name_primary(self, life: Life, place: int, reason: str | None) -> None:
        self.act_as(self.people[Role.csm])
        contact_id = self.contacts[life.people[place].values["email"]]
        await primary.set_primary_contact(self.tx, self.accounts[life.company.key], contact_id, reason)

    async def _move(self, life: Life, phase: Phase, reason: str) -> None:
        self.act_as(self.people[Role.csm])
        account_id = self.accounts[life.company.key]
        await phases.change_phase(self.tx, account_id, None, phase, reason=reason)

    async def _meet(self, life: Life, key: str) -> None:
        self.act_as(self.people[Role.csm])
        await phases.note_criterion(self.tx, self.accounts[life.company.key], key, met=True)

    async def _help_onboarding(self, life: Life) -> None:
        self.act_as(self.people[Role.manager])
        user = self.csms[len(life.company.key) % len(self.csms)]
        member = await team.join(
            self.tx, self.accounts[life.company.key],
            {"user_id": user.id, "role": TeamRole.onboarding_specialist.value},
        )  # fmt: skip
        ended = next((day for day, phase, _ in life.moves if phase is Phase.adoption), None)
        if ended:
            await team.leave(self.tx, member.id, member.version, ended)

    async def _sponsor(self, life: Life) -> None:
        self.act_as(self.people[Role.admin])
        sponsor = {"user_id": self.people[Role.manager].id, "role": TeamRole.executive_sponsor.value}
        await team.join(self.tx, self.accounts[life.company.key], sponsor)

    async def _hand_over(self, life: Life, place: int) -> None:
        self.act_as(self.people[Role.manager])
        account_id = self.accounts[life.company.key]
        owner_id = await self._owner(account_id)
        others = [user.id for user in self.csms if user.id != owner_id]
        await team.join(self.tx, account_id, {"user_id": others[place % len(others)], "role": TeamRole.csm.value})

    async def _note_stake(self, life: Life, text: str) -> None:
        owner_id = await self._owner(self.accounts[life.company.key])
        self.act_as(next(user for user in self.csms if user.id == owner_id))
        await stakes.set_stake(self.tx, self.contacts[life.people[-1].values["email"]], None, text)

    async def _merge_duplicate(self, life: Life) -> None:
        self.act_as(self.people[Role.manager])
        values = {
            "name": life.company.legal_name,
            "external_id": f"web-{life.company.key}",
            "domain": life.values["domain"],
        }
        duplicate = await service.create_account(self.tx, values)
        account_id = self.accounts[life.company.key]
        await merging.merge_accounts(self.tx, account_id, duplicate.id, await self._version(account_id))

    async def _archive(self, life: Life) -> None:
        self.act_as(self.people[Role.manager])
        account_id = self.accounts[life.company.key]
        await service.archive_account(self.tx, account_id, await self._version(account_id))

    async def _version(self, account_id: UUID) -> int:
        return int(await self._column("version", account_id))

    async def _owner(self, account_id: UUID) -> UUID | None:
        owner_id: UUID | None = await self._column("owner_id", account_id)
        return owner_id

    async def _column(self, name: str, account_id: UUID) -> Any:  # noqa: ANN401
        await self.tx.flush()
        query = f"SELECT {name} FROM accounts WHERE workspace_id = %s AND id = %s"  # noqa: S608
        return (await self.tx.fetch(query, [self.tx.workspace_id, account_id]))[0][0]


def _started(life: Life) -> dt.date:
    return life.started_on


def _added(newcomer: tuple[Life, Person]) -> dt.date:
    return newcomer[1].added_on


def _onboarding(life: Life) -> bool:
    """Whether the customer is in onboarding in the end."""
    return not life.moves or life.moves[-1][1] is Phase.onboarding
