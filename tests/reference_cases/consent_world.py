"""A plain model of who may see what, and the console that makes it so over HTTP."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from api.accounts.models import Account, AccountStanding
from api.auth.permissions import PARTNER_SCOPES
from api.kit import clock
from tests.contracts.conftest import TOKYO
from tests.reference_cases.conftest import EVERYTHING, Json, Library
from tests.support.workspaces import WorkspaceForTest

BEGINNING = dt.date(2026, 6, 1)
SHARED, ALONE = "物流", "宇宙開発"
ACCOUNTS = ((SHARED, 100), (SHARED, 6_000), (ALONE, 100))
BANDS = {100: "50_249", 6_000: "5000_plus"}
PARTNERS = (("Harbor Consulting", "harbor.example.com"), ("つなぐ", "eu.tsunagu.example.jp"), ("Kaede", None))
EXCLUSIONS: tuple[Json, ...] = (
    {"company": "harbor CONSULTING"}, {"domain": "tsunagu.example.jp"}, {"company": "Kaede"}, {"company": "nobody"},
)  # fmt: skip
FIELDS = ("account_name", "title", "summary", "quote", "industry", "size", "period", "baseline_and_result", "evidence")
PERIOD = ("2026-01-01", "2026-04-01")


@dataclass
class Case:
    """A case: the version that readers see, and the one that is worked on (0: none)."""

    no: int
    account: int
    id: str
    shown: int = 0
    open: int = 0
    written: int = 1
    submitted: bool = False

    def text(self, what: str, version: int) -> str:
        """A word that stands nowhere else."""
        return f"{what}{self.no}x{version}q"

    def improvement(self, version: int) -> float:
        """A percentage that no other version of a case has."""
        return self.no * 10 + version

    def content(self, version: int) -> Json:
        """What a version says."""
        return {
            "title_ja": self.text("title", version), "summary_ja": self.text("summary", version),
            "anonymous_summary_ja": self.text("anonymous", version), "quote": self.text("quote", version),
            "evidence": self.text("evidence", version), "period_starts_on": PERIOD[0], "period_ends_before": PERIOD[1],
        }  # fmt: skip


@dataclass
class Person:
    """A contact of an account."""

    id: str
    account: int
    gone_from: dt.date | None = None


@dataclass
class Consent:
    """A grant."""

    id: str
    account: int
    case: int | None
    person: Person
    acts: list[str]
    fields: list[str]
    audience: str
    partners: list[int]
    exclusion: Json | None
    named: bool
    expires_on: dt.date | None
    revoked: bool = False

    def covers(self, case: Case) -> bool:
        """Whether it is about a case."""
        return self.account == case.account and self.case in {None, case.no}

    def holds(self, day: dt.date) -> bool:
        """Whether it is in force on a day."""
        over = self.expires_on is not None and self.expires_on < day
        suspended = self.person.account != self.account or (
            self.person.gone_from is not None and self.person.gone_from <= day
        )
        return not (self.revoked or over or suspended)

    def reaches(self, partner: int) -> bool:
        """Whether its audience holds a partner."""
        return self.audience in {"public", "all_partners"} or (
            self.audience == "named_partners" and partner in self.partners
        )

    def bars(self, name: str, domain: str | None) -> bool:
        """Whether it excludes a company."""
        rival = self.exclusion or {}
        return (
            str(rival.get("company", "")).lower() == name.lower()
            or f".{domain or ''}".endswith("." + str(rival.get("domain", "?")))
        )  # fmt: skip


@dataclass
class Outsider:
    """A partner, and what it has seen so far."""

    no: int
    id: str
    name: str
    domain: str | None
    client: httpx.AsyncClient
    archived: bool = False
    known: dict[str, tuple[int, bool]] = field(default_factory=dict)
    last: tuple[str, bytes] | None = None


class World:
    """Everything that was done, as the model has it, and the client that does it."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.day = BEGINNING
        self.accounts: list[str] = []
        self.names: list[str] = []
        self.churned: set[int] = set()
        self.archived: set[int] = set()
        self.merged: set[int] = set()
        self.people: list[Person] = []
        self.cases: list[Case] = []
        self.consents: list[Consent] = []
        self.partners: list[Outsider] = []
        self.initiatives: list[UUID] = []
        self.metric = UUID(int=0)
        self.renamed = 0
        self._clock = ExitStack()

    @classmethod
    async def begin(cls, app: FastAPI) -> "World":
        """Three customers with two cases each, among others, and two partners."""
        workspace = await WorkspaceForTest.create(app)
        keys = [await workspace.key_client(EVERYTHING) for _ in range(2)]
        world = cls(Library(workspace, *keys))
        world.set_clock(BEGINNING)
        library = world.library
        for no in range(6):
            other = await workspace.add(
                Account, name=f"others{no}", phase_since=BEGINNING, industry=SHARED, employee_count=100
            )  # fmt: skip
            await workspace.add(AccountStanding, account_id=other.id, mrr_minor=1)
        world.initiatives = [await library.initiative("voice_bot"), await library.initiative("self_service")]
        world.metric = await library.metric()
        for no, (industry, employees) in enumerate(ACCOUNTS):
            world.names.append(f"account{no}n0q")
            account = await library.account(name=world.names[-1], industry=industry, employee_count=employees)
            world.accounts.append(str(account))
            world.people += [Person(str(await library.contact(account)), no) for _ in range(2)]
            for place in range(2):
                case = Case(2 * no + place + 1, no, "")
                drafted = await library.draft(
                    account,
                    world.initiatives[place],
                    world.metric,
                    100.0,
                    100.0 - case.improvement(1),
                    **case.content(1),
                )
                case.id, case.open = drafted["id"], 1
                world.cases.append(case)
        for _ in range(2):
            await world.add_partner()
        return world

    def set_clock(self, day: dt.date) -> None:
        """Noon of a day in the workspace's time zone."""
        self.day = day
        self._clock.enter_context(clock.moved_to(dt.datetime.combine(day, dt.time(12), TOKYO)))

    async def end(self) -> None:
        """Let go of the clock and the clients."""
        self._clock.close()
        await self.library.workspace.close()

    async def add_partner(self) -> None:
        """One partner more, with a key."""
        name, domain = PARTNERS[len(self.partners)]
        made = await self.library.post("/v1/partners", {"name": name, "domain": domain}, 201)
        client = await self.library.workspace.key_client(PARTNER_SCOPES, partner_id=UUID(made["id"]))
        self.partners.append(Outsider(len(self.partners), made["id"], name, domain, client))

    async def send(self, method: str, path: str, of: str, body: Json | None = None) -> Json:
        """A change of the record at ``of``, at its present version."""
        version = (await self.library.get(of))["version"]
        answer = await self.library.client.request(
            method,
            path,
            json=body,
            headers={"If-Match": f'"{version}"', "Idempotency-Key": f"{path}{version}{self.day}"},
        )
        assert answer.status_code < 300, answer.text
        found: Json = answer.json()
        return found

    def seen_by(self, partner: Outsider) -> dict[int, Json]:
        """What a partner sees, by the number of the case: each field, or None where it is not agreed."""
        found = {}
        for case in self.cases:
            about = [k for k in self.consents if k.covers(case) and k.holds(self.day)]
            grants = [k for k in about if "search" in k.acts and k.reaches(partner.no)]
            gone = {case.account} & (self.churned | self.archived | self.merged)
            if not case.shown or gone or not grants or any(k.bars(partner.name, partner.domain) for k in about):
                continue
            found[case.no] = self._shown(case, grants)
        return found

    def _shown(self, case: Case, grants: list[Consent]) -> Json:
        by_name = [k for k in grants if k.named]
        fields = {name for k in by_name for name in k.fields}
        acts = {act for k in by_name for act in k.acts}
        industry, employees = ACCOUNTS[(case.no - 1) // 2]

        def agreed(name: str, value: Any) -> Any:
            return value if name in fields else None

        def written(what: str) -> str:
            return case.text(what, case.shown)

        anyhow = {name for k in grants for name in k.fields}
        crowd = employees == 100 and industry == SHARED
        change = -case.improvement(case.shown)
        return {
            "anonymous": not by_name,
            "account_name": agreed("account_name", self.names[case.account]),
            "logo": "logo" in acts,
            "live_acts": [act for act in ("call", "visit", "speak") if any(act in k.acts for k in grants)],
            "title_ja": agreed("title", written("title")),
            "title_en": None,
            "summary_ja": agreed("summary", written("summary")) if by_name else written("anonymous"),
            "summary_en": None,
            "quote": agreed("quote", written("quote")) if "quote" in acts else None,
            "evidence": agreed("evidence", written("evidence")),
            "evidence_url": None,
            "industry": agreed("industry", industry)
            if by_name
            else (SHARED if industry == SHARED and "industry" in anyhow else None),
            "size_band": agreed("size", BANDS[employees])
            if by_name
            else (BANDS[employees] if crowd and "size" in anyhow else None),
            "period_starts_on": agreed("period", PERIOD[0]),
            "period_ends_before": agreed("period", PERIOD[1]),
            "baseline": agreed("baseline_and_result", 100.0),
            "result": agreed("baseline_and_result", 100.0 + change),
            "change_pct": change,
            "improvement_pct": -change,
        }

    def words(self) -> Iterator[str]:
        """Every text that was ever written of a case or customer."""
        for case in self.cases:
            for version in range(1, case.written + 1):
                for what in ("title", "summary", "anonymous", "quote", "evidence"):
                    yield case.text(what, version)
        yield from self.names


def searched(shown: Mapping[str, Any]) -> list[str]:
    """The texts of what a partner sees that a search looks into."""
    names = ("account_name", "title_ja", "summary_ja", "quote", "industry")
    return [shown[name] for name in names if shown[name] is not None]
