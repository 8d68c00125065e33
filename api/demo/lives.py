"""What happens to each customer of the demo, invented: a pure function of the market, a seed and a day."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from api.accounts.models import Phase
from api.contacts.models import StakeholderRole, Stance
from api.demo.market import Company, Market

MONTHS: Final = 23
DAYS: Final = 740  # of history
_ROLES: Final = ("decision_maker", "champion", "user", "influencer", "user", "blocker")
_INFLUENCE: Final = {"decision_maker": 5, "champion": 4, "influencer": 3, "blocker": 3, "user": 2}


@dataclass(frozen=True, slots=True)
class Person:
    """A contact: the values of the API, the day it is added, and the day of leaving, if any."""

    values: dict[str, Any]
    added_on: dt.date
    left_on: dt.date | None


@dataclass(slots=True)
class Life:
    """One customer, from the first day on.

    Attributes:
        company: Who it is.
        values: The account as the API takes it.
        started_on: The first day.
        moves: Phases with their first day and the reason, in order.
        people: Its contacts; the first is the primary one from the first day.
        successor_on: When the second contact follows as the primary one.
    """

    company: Company
    values: dict[str, Any]
    started_on: dt.date
    moves: list[tuple[dt.date, Phase, str]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    successor_on: dt.date | None = None


def lives(market: Market, domain: str, today: dt.date) -> Sequence[Life]:
    """The customers in the order of the market; the same for the same arguments."""
    chance = random.Random(domain)  # noqa: S311 - invented data, not a secret
    parents = {company.parent for company in market.companies}
    found = []
    for place, company in enumerate(market.companies):
        if company.key in parents:
            month = place % 10
        elif company.parent:
            month = 11 + place % (MONTHS - 11)
        else:
            month = place * 7 % MONTHS
        started_on = today - dt.timedelta(days=DAYS - 20 - 31 * month)
        life = Life(company, _account(market, company, chance), started_on)
        life.moves = list(_moves(market, started_on, today, chance))
        _add_people(life, market, today, chance)
        found.append(life)
    return found


def _account(market: Market, company: Company, chance: random.Random) -> dict[str, Any]:
    size = 0 if company.employees < 60 else 1 if company.employees <= 500 else 2
    abroad = market.country == "US" and chance.random() < 0.15
    values: dict[str, Any] = {
        "external_id": f"crm-{company.key}",
        "name": company.name,
        "legal_name": company.legal_name,
        "domain": f"{company.key}.example",
        "industry": company.industry,
        "employee_count": company.employees,
        "country": chance.choice(["CA", "GB", "AU"]) if abroad else market.country,
        "language": "ja" if market.country == "JP" else "en",
        "sources": {"name": "crm", "employee_count": "crm"},
        "tags": sorted(chance.sample(market.tags, chance.choice([0, 1, 1, 2, 3]))),
        "custom": {
            "plan": market.options("plan")[size],
            "acquired_through": chance.choice(market.options("acquired_through")),
            "sites": 1 + chance.randrange(1 + company.employees // 40),
        },
    }
    if company.kana:
        # No real number begins with 0: the first digit checks the others and is 1 to 9.
        values |= {"kana": company.kana, "corporate_number": f"0{chance.randrange(10**12):012}"}
    if chance.random() < 0.6:
        values["custom"]["fiscal_close_on"] = chance.choice(["2027-03-31", "2026-12-31", "2027-06-30"])
    if chance.random() < 0.5:
        values["custom"]["logo_allowed"] = chance.random() < 0.6
    return values


def _moves(
    market: Market, started_on: dt.date, today: dt.date, chance: random.Random
) -> Iterator[tuple[dt.date, Phase, str]]:
    """Onboarding ends after weeks; a renewal begins 150 days before each year's end; some churn, some come back."""

    def told(what: str) -> str:
        return chance.choice(market.reasons[what])

    day = started_on + dt.timedelta(days=chance.randint(40, 105))
    churn_on = started_on + dt.timedelta(days=chance.randint(200, 640)) if chance.random() < 0.16 else None
    phase = Phase.adoption
    reason = told("onboarded")
    year = started_on
    while day < today:
        if churn_on and day >= churn_on:
            yield day, Phase.churned, told("churned")
            day += dt.timedelta(days=chance.randint(60, 150))
            if day < today and chance.random() < 0.4:
                yield day, Phase.onboarding, told("back")
            return
        yield day, phase, reason
        if phase is Phase.adoption:
            phase, reason = Phase.renewal, told("renewal")
            day = max(day + dt.timedelta(days=30), year + dt.timedelta(days=215))
        else:
            phase, reason = Phase.adoption, told("renewed")
            day = max(day + dt.timedelta(days=10), year + dt.timedelta(days=chance.randint(290, 350)))
            year += dt.timedelta(days=365)


def _add_people(life: Life, market: Market, today: dt.date, chance: random.Random) -> None:
    taken: set[str] = set()
    for place in range(chance.choice([3, 3, 4, 4, 5, 6])):
        values = _person(life, market, _ROLES[place], chance)
        while values["email"] in taken:
            values = _person(life, market, _ROLES[place], chance)
        taken.add(values["email"])
        added_on = life.started_on
        if place > 2:
            added_on += dt.timedelta(days=31 * chance.randint(1, 6))
        if added_on < today:
            life.people.append(Person(values | {"since": added_on.isoformat()}, added_on, None))
    changes_on = life.started_on + dt.timedelta(days=chance.randint(90, 500))
    if changes_on < today and chance.random() < 0.35:
        life.successor_on = changes_on
        first = life.people[0]
        if chance.random() < 0.5:
            life.people[0] = Person(first.values, first.added_on, changes_on)


def _person(life: Life, market: Market, role: str, chance: random.Random) -> dict[str, Any]:
    family, given = chance.choice(market.family_names), chance.choice(market.given_names)
    department, title = chance.choice(market.positions[role])
    first, second = (family, given) if market.family_first else (given, family)
    email = f"{given.latin}.{family.latin}@{life.company.key}.example"
    values: dict[str, Any] = {
        "external_id": email,
        "name": f"{first.written} {second.written}",
        "email": email,
        "department": department,
        "title": title,
        "language": life.values["language"],
        "stakeholder_role": StakeholderRole(role).value,
        "influence": _INFLUENCE[role],
        "stance": _stance(role, chance).value,
    }
    if life.company.kana:
        values["kana"] = f"{first.read} {second.read}"
    if chance.random() < 0.4:
        values["custom"] = {"preferred_channel": chance.choice(market.options("preferred_channel"))}
    return values


def _stance(role: str, chance: random.Random) -> Stance:
    if role == "blocker":
        return chance.choice([Stance.opposed, Stance.neutral])
    return chance.choice([Stance.supportive, Stance.supportive, Stance.neutral])
