"""What the demo's customers do: usage that falls before a churn, tickets, and what their churns were said to be about."""

import datetime as dt
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from api.accounts.models import Phase
from api.contracts.churn_reports import upsert_churn_reports
from api.demo.lives import DAYS, Life
from api.demo.market import Market
from api.kit import clock
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.tickets.bulk import upsert_tickets
from api.usage.ingest import Ingest, copied
from api.usage.measurements import metric_ids
from api.usage.service import create_metric

_METRICS: Final[Mapping[str, Sequence[tuple[str, str, str]]]] = {
    "JP": (
        ("active_users", "アクティブユーザー", "人"),
        ("logins", "ログイン", "回"),
        ("key_actions", "主要な操作", "回"),
        ("errors", "エラー表示", "件"),
    ),
    "US": (
        ("active_users", "Active users", "people"),
        ("logins", "Logins", "logins"),
        ("key_actions", "Key actions", "actions"),
        ("errors", "Errors shown", "errors"),
    ),
}
_SUBJECTS: Final[Mapping[str, Sequence[str]]] = {
    "JP": (
        "CSV の取り込みが途中で止まる", "ダッシュボードの数字が昨日のまま", "権限の設定方法を知りたい", "請求書の宛名を変えたい",
        "検索結果に表示されない", "シングルサインオンでログインできない",
    ),
    "US": (
        "CSV import stops halfway", "Dashboard shows yesterday's figures", "How do I set permissions?",
        "Change the name on our invoice", "Missing from search results", "Cannot sign in with single sign-on",
    ),
}  # fmt: skip
_REASONS: Final = ("budget", "competitor", "low_usage", "missing_feature", "champion_left")
_LEVELS: Final = (0.95, 0.85, 0.8, 0.75, 0.7, 0.65, 0.5, 0.4, 0.12)
_DAILY: Final = 28
"""Days up to today that are measured each working day; earlier weeks once."""
_FALLS_FOR: Final = 120
"""Days before a churn over which usage fades."""
_QUARTER: Final = 92


async def use(tx: Tx, market: Market, lives: Sequence[Life], *, domain: str, today: dt.date, time_zone: str) -> None:
    """Bring in two years of usage quarter by quarter, so that statuses have a history; then tickets and churn reports."""
    chance = random.Random(f"use {domain}")  # noqa: S311 - invented data, not a secret

    def at(day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(12), ZoneInfo(time_zone)).astimezone(dt.UTC)

    with clock.moved_to(at(today - dt.timedelta(days=DAYS - 1))):
        for key, name, unit in _METRICS[market.country]:
            direction = "lower_is_better" if key == "errors" else "higher_is_better"
            role = {"role": "active"} if key == "active_users" else {}
            values = {"key": key, "name": name, "unit": unit, "aggregation": "avg", "direction": direction, **role}
            await create_metric(tx, values)
    metrics = await metric_ids(tx)
    seats = dict(
        await tx.fetch(
            "SELECT a.external_id, s.seats FROM account_standing s JOIN accounts a ON a.workspace_id = s.workspace_id "
            "AND a.id = s.account_id WHERE s.workspace_id = %s",
            [tx.workspace_id],
        )
    )
    days = sorted(day for life in lives for day in _days(life, seats.get(life.values["external_id"]), today, chance))
    for back in range(DAYS // _QUARTER, -1, -1):
        until = today - dt.timedelta(days=back * _QUARTER)
        quarter = [each for each in days if until - dt.timedelta(days=_QUARTER) <= each[0] < until]
        lines = [
            copied(number, external_id=account, account_id=None, metric_id=metrics[metric], day=day, value=value)
            for number, (day, account, metric, value) in enumerate(quarter)
        ]
        with clock.moved_to(at(until - dt.timedelta(days=1))):
            ingest = Ingest(tx, KnownAt.fact_date)
            async with ingest.staging() as copy:
                await copy.write("".join(lines))
            await ingest.check({day.replace(day=1) for day, *_ in quarter})
            await ingest.write()
            await ingest.finish(metrics)
    await upsert_tickets(tx, list(_tickets(market, lives, today, chance)), known_at=KnownAt.fact_date)
    await upsert_churn_reports(tx, list(_churns(lives, chance)), known_at=KnownAt.fact_date)


def _churned_on(life: Life) -> dt.date | None:
    return next((day for day, phase, _ in life.moves if phase is Phase.churned), None)


def _days(
    life: Life, seats: int | None, today: dt.date, chance: random.Random
) -> Iterator[tuple[dt.date, str, str, float]]:
    """Day, account, metric and value."""
    account, ends = life.values["external_id"], _churned_on(life)
    level, users = chance.choice(_LEVELS), max(3, seats or life.company.employees // 2)
    day = life.started_on + dt.timedelta(days=10)
    while day < min(ends or today, today):
        grown = min(1.0, (day - life.started_on).days / 90)
        fading = 1.0 if ends is None else min(1.0, (ends - day).days / _FALLS_FOR)
        active = round(users * level * grown * fading * chance.uniform(0.9, 1.05))
        values = {
            "active_users": active,
            "logins": round(active * chance.uniform(1.2, 2.4)),
            "key_actions": round(active * chance.uniform(4, 9)),
            "errors": round(active * chance.uniform(0, 0.12) / max(level, 0.3)),
        }
        for metric, value in values.items():
            yield day, account, metric, float(value)
        daily = (today - day).days <= _DAILY
        day += dt.timedelta(days=(1 if day.weekday() < 4 else 7 - day.weekday()) if daily else 7)


def _tickets(market: Market, lives: Sequence[Life], today: dt.date, chance: random.Random) -> Iterator[dict[str, Any]]:
    for life in lives:
        lasts = (min(_churned_on(life) or today, today) - life.started_on).days - 1
        for number in range(chance.choice([0, 1, 2, 3, 4, 6]) if lasts > 30 else 0):
            opened = dt.datetime.combine(
                life.started_on + dt.timedelta(days=chance.randrange(lasts)), dt.time(chance.randrange(8)), dt.UTC
            )
            closed = opened + dt.timedelta(hours=chance.randint(2, 120))
            ticket = {
                "external_id": f"zd-{life.company.key}-{number}", "account_external_id": life.values["external_id"],
                "subject": chance.choice(_SUBJECTS[market.country]), "opened_at": opened.isoformat(),
                "severity": chance.choice(["low", "normal", "normal", "high", "urgent"]),
                "first_answered_at": (opened + dt.timedelta(minutes=chance.randint(5, 115))).isoformat(),
            }  # fmt: skip
            if closed.date() < today and chance.random() < 0.97:
                ticket["closed_at"] = closed.isoformat()
                if chance.random() < 0.6:
                    ticket |= {"satisfaction_score": chance.choice([2.0, 3.0, 4.0, 4.0, 5.0]), "satisfaction_min": 1.0}
                    ticket["satisfaction_max"] = 5.0
            yield ticket


def _churns(lives: Sequence[Life], chance: random.Random) -> Iterator[dict[str, Any]]:
    for life in lives:
        if (day := _churned_on(life)) is not None:
            yield {
                "external_id": f"churn-{life.company.key}",
                "account_external_id": life.values["external_id"],
                "occurred_on": day.isoformat(),
                "reason_code": chance.choice(_REASONS),
            }
