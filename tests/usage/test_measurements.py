"""POST /v1/usage-measurements:bulk-upsert and :bulk-load."""

import asyncio
import random
from collections import defaultdict
from typing import Any

import psycopg
import pytest

from api.usage import json_lines
from tests.contracts.conftest import on
from tests.usage.conftest import Json, Meter, measured


def weeks(owner: psycopg.Connection, meter: Meter) -> list[tuple[Any, ...]]:
    """The rollup of the workspace."""
    query = """
        SELECT account_id, metric_id, week::text, n, sum, max, sumsq, last, last_day::text, last_active_day::text,
            last_recorded_at, backfilled_n FROM usage_weekly WHERE workspace_id = %s ORDER BY 1, 2, 3
    """
    return owner.execute(query, [meter.workspace.id]).fetchall()


def weeks_of_days(owner: psycopg.Connection, meter: Meter) -> list[tuple[Any, ...]]:
    """What the rollup should be, made of the days by other means."""
    days: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    query = """
        SELECT account_id, metric_id, to_char(day, 'IYYY-IW'), day::text, value, recorded_at, backfilled,
            date_trunc('week', day)::date::text FROM usage_daily WHERE workspace_id = %s ORDER BY 1, 2, day
    """
    for account, metric, _, day, value, recorded_at, backfilled, week in owner.execute(query, [meter.workspace.id]):
        days[account, metric, week].append((day, value, recorded_at, backfilled))
    found = []
    for (account, metric, week), rows in days.items():
        values = [row[1] for row in rows]
        active = [row[0] for row in rows if row[1] > 0]
        found.append((
            account, metric, week, len(rows), sum(values), max(values), sum(v * v for v in values), values[-1],
            rows[-1][0], active[-1] if active else None, max(row[2] for row in rows), sum(row[3] for row in rows),
        ))  # fmt: skip
    return sorted(found, key=lambda row: (str(row[0]), str(row[1]), row[2]))


async def test_each_item_has_its_result(meter: Meter) -> None:
    ours = await meter.account("crm-1")
    await meter.metric("logins")
    await meter.metric("old")
    with on("2026-11-22"):
        first = await meter.send(measured("crm-1", "2026-11-20", 3), measured("crm-1", "2026-11-21", 4))
        assert [item["status"] for item in first] == ["created", "created"]
        again = await meter.send(
            measured("crm-1", "2026-11-20", 3),
            {"account_id": str(ours), "metric": "logins", "day": "2026-11-21", "value": 5},
            measured("crm-9", "2026-11-20", 1),
            measured("crm-1", "2026-11-20", 1, "unheard_of"),
            measured("crm-1", "2026-11-24", 1),
            {**measured("crm-1", "2026-11-19", 1), "account_id": str(ours)},
        )
    assert [item["status"] for item in again] == ["unchanged", "updated", *["failed"] * 4]
    pointers = [item["problem"]["errors"][0]["pointer"] for item in again[2:]]
    assert pointers == ["/account_external_id", "/metric", "/day", ""]
    assert await meter.values(ours, "logins", **{"from": "2026-11-19", "to": "2026-11-21"}) == {
        "2026-11-19": None,
        "2026-11-20": 3,
        "2026-11-21": 5,
    }


async def test_all_or_nothing(meter: Meter) -> None:
    ours = await meter.account("crm-1")
    await meter.metric("logins")
    with on("2026-11-22"):
        refused = await meter.send(
            measured("crm-1", "2026-11-20", 3), measured("crm-9", "2026-11-20", 3), atomic="true"
        )
        assert [item["status"] for item in refused] == ["not_applied", "failed"]
        assert set((await meter.values(ours, "logins")).values()) == {None}


async def test_the_last_of_two_about_a_day_counts(meter: Meter) -> None:
    ours = await meter.account("crm-1")
    await meter.metric("logins")
    with on("2026-11-22"):
        await meter.load(measured("crm-1", "2026-11-20", 3), measured("crm-1", "2026-11-20", 8))
        assert (await meter.values(ours, "logins"))["2026-11-20"] == 8


async def test_lines_with_problems_are_left_out_and_told_of(meter: Meter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "SLICE_BYTES", 150)
    monkeypatch.setattr(json_lines, "SLICES_AT_ONCE", 2)
    ours = await meter.account('crm-1 "\\tété')
    await meter.account("crm-2")
    await meter.metric("logins")
    with on("2026-11-22"):
        loaded = await meter.load(
            measured('crm-1 "\\tété', "2026-11-20", 3),
            "",
            '{"account_external_id": "crm-2", "metric": "logins", "day": "2026-11-20", "value": 1e16}',
            "not json",
            measured("crm-9", "2026-11-20", 3),
            measured("crm-2", "2026-11-20", 2.5),
            "[1]",
            measured("crm-2", "2026-11-21", 4),
            {**measured("crm-2", "2026-11-21", 4), "more": 1},
            measured("crm-2", "2026-11-21", True),
            measured("crm-2", "2026-11-19", 7),
            '{"account_external_id": "crm-2\\u0000", "metric": "logins", "day": "2026-11-20", "value": 1}',
        )
    counts = {name: loaded[name] for name in ("lines", "created", "updated", "unchanged", "failed")}
    assert counts == {"lines": 11, "created": 4, "updated": 0, "unchanged": 0, "failed": 7}
    told = {each["line"]: each["problem"]["errors"][0]["pointer"] for each in loaded["problems"]}
    assert told == {
        3: "/value", 4: "", 5: "/account_external_id", 7: "", 9: "/more", 10: "/value", 12: "/account_external_id",
    }  # fmt: skip
    assert (await meter.values(ours, "logins", to="2026-11-22"))["2026-11-20"] == 3


async def test_weeks_follow_new_late_and_corrected_days(meter: Meter, owner: psycopg.Connection) -> None:
    for number in range(3):
        await meter.account(f"crm-{number}")
    for key in ("logins", "errors"):
        await meter.metric(key)
    drawn = random.Random(7)
    sent: dict[tuple[str, str, str], float] = {}
    for hour, day in enumerate(["2026-11-18", "2026-11-19", "2026-11-22", "2026-11-22"]):
        with on(day):
            items = []
            for _ in range(60):
                about = (
                    f"crm-{drawn.randrange(3)}",
                    f"2026-11-{drawn.randrange(1, 18):02}",
                    drawn.choice(["logins", "errors"]),
                )
                sent[about] = drawn.randrange(4)
                items.append(measured(about[0], about[1], sent[about], about[2]))
            known_at = "fact_date" if hour % 2 else "import_time"
            loaded = await meter.load(*items, known_at=known_at)
            assert loaded["failed"] == 0
            assert weeks(owner, meter) == weeks_of_days(owner, meter)
    count = "SELECT count(*) FROM usage_daily WHERE workspace_id = %s"
    assert owner.execute(count, [meter.workspace.id]).fetchone() == (len(sent),)
    superseded = "SELECT count(*) FROM usage_superseded WHERE workspace_id = %s"
    assert owner.execute(superseded, [meter.workspace.id]).fetchone() != (0,)


async def test_two_at_once_lose_nothing_of_a_week(meter: Meter, owner: psycopg.Connection) -> None:
    await meter.account("crm-1")
    await meter.metric("logins")
    with on("2026-11-22"):
        days = [measured("crm-1", f"2026-11-{day:02}", day) for day in range(16, 22)]
        await asyncio.gather(*(meter.send(day) for day in days), *(meter.load(day) for day in days))
    assert weeks(owner, meter) == weeks_of_days(owner, meter)
    assert weeks(owner, meter)[0][3] == 6


async def test_nothing_new_leaves_no_trace(meter: Meter, owner: psycopg.Connection) -> None:
    await meter.account("crm-1")
    await meter.metric("logins")
    with on("2026-11-22"):
        for _ in range(2):
            await meter.load(measured("crm-1", "2026-11-20", 3), measured("crm-1", "2026-11-21", 3))
    for table, condition in (("audit_log", "resource = 'usage'"), ("events", "type = 'usage.recorded'")):
        query = f"SELECT count(*) FROM {table} WHERE workspace_id = %s AND {condition}"
        assert owner.execute(query.encode(), [meter.workspace.id]).fetchone() == (1,), table


async def test_a_body_beyond_the_limit_is_refused(meter: Meter) -> None:
    answer = await meter.client.post(
        "/v1/usage-measurements:bulk-load", content=b"x" * (32 * 1024 * 1024 + 1), headers={"Idempotency-Key": "a" * 8}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_what_was_known_then_can_be_told(meter: Meter) -> None:
    ours = await meter.account("crm-1")
    await meter.metric("logins")
    with on("2026-11-10"):
        await meter.load(measured("crm-1", "2026-11-02", 5), known_at="fact_date")
        await meter.load(measured("crm-1", "2026-11-03", 6))
    with on("2026-11-15"):
        # Corrected by a history: known from now on all the same.
        await meter.load(measured("crm-1", "2026-11-02", 50), known_at="fact_date")
    with on("2026-11-22"):

        async def seen(known_at: str, **query: Any) -> list[float | None]:
            query = {"from": "2026-11-02", "to": "2026-11-03", **query}
            found = await meter.values(ours, "logins", known_at=f"{known_at}:00+09:00", **query)
            return list(found.values())

        assert await seen("2026-11-02T23:59") == [None, None]
        assert await seen("2026-11-03T00:00") == [5, None]
        assert await seen("2026-11-10T12:00") == [5, 6]
        assert await seen("2026-11-15T11:59") == [5, 6]
        assert await seen("2026-11-15T12:00") == [50, 6]
        for grain in ("week", "month"):
            assert await seen("2026-11-02T23:59", grain=grain) == [None]
            assert await seen("2026-11-03T00:00", grain=grain) == [5]
            assert await seen("2026-11-15T11:59", grain=grain) == [11]
            assert await seen("2026-11-15T12:00", grain=grain) == [56]


async def test_retired_days_cannot_be_corrected(meter: Meter, owner: psycopg.Connection) -> None:
    ours = await meter.account("crm-1")
    await meter.metric("logins")
    with on("2026-11-22"):
        await meter.load(measured("crm-1", "2021-03-02", 5), measured("crm-1", "2021-03-03", 6))
        owner.execute("DELETE FROM usage_daily WHERE workspace_id = %s AND day = '2021-03-02'", [meter.workspace.id])
        loaded = await meter.load(measured("crm-1", "2021-03-04", 7), measured("crm-1", "2021-03-09", 8))
        assert (loaded["created"], loaded["failed"]) == (1, 1)
        assert loaded["problems"][0]["problem"]["errors"][0]["code"] == "retired"
        (item,) = await meter.send(measured("crm-1", "2021-03-04", 7))
        assert item["problem"]["errors"][0]["code"] == "retired"
        found = await meter.values(ours, "logins", grain="week", **{"from": "2021-03-01", "to": "2021-03-10"})
    assert list(found.values()) == [11, 8]


async def test_an_old_day_may_be_without_its_week(meter: Meter, owner: psycopg.Connection) -> None:
    await meter.account("crm-1")
    await meter.metric("logins")
    with on("2026-11-22"):
        await meter.load(measured("crm-1", "2021-03-09", 8))
        # as after a merger, which recomputes no week this old
        owner.execute("DELETE FROM usage_weekly WHERE workspace_id = %s", [meter.workspace.id])
        loaded = await meter.load(measured("crm-1", "2021-03-09", 9), measured("crm-1", "2021-03-10", 1))
    assert (loaded["created"], loaded["updated"]) == (1, 1)


@pytest.mark.parametrize(
    ("aggregation", "week", "month"), [("sum", 9, 16), ("max", 6, 7), ("last", 3, 7), ("avg", 4.5, 16 / 3)]
)
async def test_days_sum_up_as_the_metric_says(meter: Meter, aggregation: str, week: float, month: float) -> None:
    ours = await meter.account("crm-1")
    await meter.metric("logins", aggregation=aggregation)
    items: list[Json] = [measured("crm-1", f"2026-11-{day}", value) for day, value in (("02", 6), ("04", 3), ("10", 7))]
    with on("2026-11-22"):
        await meter.load(*items)
        found = await meter.values(
            ours, "logins", grain="week", gaps="fill_zero", **{"from": "2026-11-03", "to": "2026-11-17"}
        )
        assert found == {"2026-11-02": week, "2026-11-09": 7, "2026-11-16": 0}
        assert list((await meter.values(ours, "logins", grain="month", **{"from": "2026-10-03"})).values()) == [
            None,
            month,
        ]


async def test_batches_of_a_load_are_one_act(
    meter: Meter, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "SLICE_BYTES", 100)
    monkeypatch.setattr(json_lines, "SLICES_AT_ONCE", 1)
    await meter.account("crm-1")
    await meter.metric("logins")
    with on("2026-11-22"):
        days = [measured("crm-1", f"2026-{month:02}-{day:02}", day) for month in (9, 10) for day in range(1, 29)]
        loaded = await meter.load(*days, *days)
    assert (loaded["lines"], loaded["created"], loaded["unchanged"]) == (112, 56, 56)
    assert weeks(owner, meter) == weeks_of_days(owner, meter)
    query = "SELECT data FROM events WHERE workspace_id = %s AND type = 'usage.recorded'"
    told = {"metrics": ["logins"], "from": "2026-09-01", "to": "2026-10-28", "created": 56, "updated": 0}
    assert owner.execute(query, [meter.workspace.id]).fetchall() == [(told,)]


async def test_next_to_nothing_is_nothing(meter: Meter) -> None:
    await meter.account("crm-1")
    await meter.metric("logins")
    with on("2026-11-22"):
        # Their squares are too small for a float8, which Postgres refuses.
        found = await meter.send(measured("crm-1", "2026-11-20", 1e-200), measured("crm-1", "2026-11-21", -5e-324))
    assert [item["status"] for item in found] == ["created", "created"]
