"""What the demo's customers say when they are asked: years brought over from an older tool, then links of our own."""

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from api.accounts.models import Phase
from api.contracts.terms import months_later
from api.demo.lives import DAYS, Life
from api.demo.market import Market
from api.kit import clock
from api.kit.actors import SYSTEM
from api.kit.db import Tx
from api.surveys import links, responses, schedule, service

MOVED: Final = 45
"""So many days ago the surveys moved here; before, another tool asked."""
_STEP: Final = 3
_REPLIES: Final = 0.45
_SURVEYS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "JP": (
        {"external_id": "nps", "kind": "nps", "name": "導入 30 日・90 日と半年ごとの NPS", "repeat_months": 6},
        {"external_id": "csat-onboarding", "kind": "csat", "name": "オンボーディングの満足度"},
    ),
    "US": (
        {
            "external_id": "nps",
            "kind": "nps",
            "name": "NPS after 30 and 90 days, then twice a year",
            "repeat_months": 6,
        },
        {"external_id": "csat-onboarding", "kind": "csat", "name": "Satisfaction with onboarding"},
    ),
}
_SCHEDULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "nps": {"anchor": "first_paid", "offsets": [{"days": 30}, {"days": 90}]},
    "csat-onboarding": {"anchor": "onboarding_completed", "offsets": [{"days": 3}]},
}
_COMMENTS: Final[Mapping[str, Sequence[Sequence[str]]]] = {
    "JP": (
        ("月末になると画面が遅い。", "問い合わせの返事に三日かかった。", "現場が使いこなせていない。"),
        ("もう少し帳票の種類がほしい。", "", "値上げの説明がほしかった。"),
        ("締めの作業が半日で終わるようになった。", "担当の方の提案が具体的で助かる。", ""),
    ),
    "US": (
        ("It gets slow at the end of the month.", "Support took three days.", "Our branches do not use it."),
        ("More report types, please.", "", "The price increase came as a surprise."),
        ("Closing takes half a day now.", "Our CSM's suggestions are concrete.", ""),
    ),
}


async def listen(tx: Tx, market: Market, lives: Sequence[Life], *, domain: str, time_zone: str) -> None:
    """Set the surveys up, bring in the older answers, and play the last weeks with links."""
    today, zone = clock.today(time_zone), ZoneInfo(time_zone)
    chance = random.Random(f"voices of {domain}")  # noqa: S311 - invented data, not a secret
    with clock.moved_to(_at(today - dt.timedelta(days=DAYS), zone)):
        moved = {"starts_on": today - dt.timedelta(days=MOVED)}
        surveys = [
            await service.create_survey(tx, {**values, **_SCHEDULES[values["external_id"]], **moved})
            for values in _SURVEYS[market.country]
        ]
    items = list(_older_answers(market, lives, today, zone, chance))
    with clock.moved_to(_at(today - dt.timedelta(days=MOVED), zone)):
        results = await responses.upsert_responses(tx, items, atomic=True, backfilled=True)
        assert all(result.problem is None for result in results)
        for survey in surveys:
            await service.update_survey(tx, survey.id, survey.version, {"active": True})
    waiting: list[tuple[dt.date, UUID, str]] = []
    for ago in range(MOVED, 0, -_STEP):
        day = today - dt.timedelta(days=ago)
        with clock.moved_to(_at(day, zone)):
            tx.actor = SYSTEM
            await schedule.close_old_invitations(tx)
            await schedule.make_due_invitations(tx)
            handed_out = await links.hand_out(tx, ids=None, survey_ids=None, limit=500)
            waiting += [
                (day + dt.timedelta(days=chance.randint(1, 9)), sent.survey_id, sent.token)
                for sent in handed_out
                if chance.random() < _REPLIES
            ]
            waiting = await _answer(tx, market, day, waiting, chance)


async def _answer(
    tx: Tx, market: Market, day: dt.date, waiting: Sequence[tuple[dt.date, UUID, str]], chance: random.Random
) -> list[tuple[dt.date, UUID, str]]:
    """Send the replies that have come by a day; those that are still to come."""
    scales = dict(await tx.fetch("SELECT id, scale_max FROM surveys WHERE workspace_id = %s", [tx.workspace_id]))
    for replies_on, survey_id, token in waiting:
        if replies_on <= day:
            score, comment = _opinion(market, 0.68, scales[survey_id], chance)
            await links.answer(tx, links.read_token(token), score, comment)
    return [each for each in waiting if each[0] > day]


def _older_answers(
    market: Market, lives: Sequence[Life], today: dt.date, zone: ZoneInfo, chance: random.Random
) -> Iterator[dict[str, Any]]:
    """The answers that the older tool took, in the shape of the bulk upsert."""
    moved = today - dt.timedelta(days=MOVED)
    for life in lives:
        churned_on = next((day for day, phase, _ in life.moves if phase is Phase.churned), None)
        onboarded_on = next((day for day, phase, _ in life.moves if phase is Phase.adoption), None)
        temper = chance.uniform(0.35, 0.6) if churned_on else chance.uniform(0.55, 0.95)
        occasions = [("nps", life.started_on + dt.timedelta(days=days)) for days in (30, 90)]
        occasions += [("nps", months_later(occasions[1][1], months)) for months in (6, 12, 18)]
        if onboarded_on:
            occasions.append(("csat-onboarding", onboarded_on + dt.timedelta(days=3)))
        for survey, due_on in occasions:
            replies_on = due_on + dt.timedelta(days=chance.randint(0, 9))
            if replies_on >= min(moved, churned_on or moved) or chance.random() > _REPLIES:
                continue
            person = life.people[1 if life.successor_on and life.successor_on <= replies_on else 0]
            score, comment = _opinion(market, temper, 10 if survey == "nps" else 5, chance)
            yield {
                "external_id": f"{survey}-{life.company.key}-{due_on:%Y%m%d}",
                "survey_external_id": survey,
                "account_external_id": life.values["external_id"],
                "contact_external_id": person.values["external_id"],
                "score": score,
                "comment": comment,
                "answered_at": _at(replies_on, zone, chance.randint(9, 18)).isoformat(),
            }


def _opinion(market: Market, temper: float, scale_max: int, chance: random.Random) -> tuple[int, str]:
    """A score around the customer's temper (0 to 1), and what is said with it."""
    share = min(1.0, max(0.0, chance.gauss(temper, 0.18)))
    score = min(scale_max, max(1, round(share * scale_max + 1)))
    texts = _COMMENTS[market.country][0 if share < 0.5 else 1 if share < 0.75 else 2]
    return score, chance.choice(texts) if chance.random() < 0.6 else ""


def _at(day: dt.date, zone: ZoneInfo, hour: int = 10) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC)
