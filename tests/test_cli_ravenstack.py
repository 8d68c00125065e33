"""`cli import ravenstack`: contracts, ledger and figures equal what the files themselves say.

The published files are no part of this repository; ``PERENNIAL_TEST_RAVENSTACK`` names their folder. Without it the
same is tested on invented files of the same columns.
"""

import csv
import datetime as dt
import os
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from api.cli import file_import, ravenstack
from tests.support.importing import imports_running
from tests.support.workspaces import WorkspaceForTest

PUBLISHED = os.environ.get("PERENNIAL_TEST_RAVENSTACK", "")
Rows = list[dict[str, str]]


def invented(folder: Path) -> Path:
    """A small company in the columns of RavenStack, with trials, overlaps, gaps and subscriptions that never ran."""
    chance = random.Random(7)
    accounts, subscriptions = [], []
    for number in range(30):
        accounts.append(
            {
                "account_id": f"A-{number}", "account_name": f"株式会社レイブン{number}", "industry": "EdTech",
                "country": "JP", "signup_date": "2023-01-05", "referral_source": "partner", "plan_tier": "Pro",
                "seats": "9", "is_trial": "False", "churn_flag": "False",
            }
        )  # fmt: skip
        for place in range(chance.randint(0, 6)):
            start = dt.date(2023, 1, 9) + dt.timedelta(days=chance.randint(0, 700))
            ends = chance.random() < 0.5
            end = (start + dt.timedelta(days=chance.randint(-1, 200))).isoformat() if ends else ""
            trial, amount = chance.random() < 0.2, chance.randint(1, 9_000)
            subscriptions.append(
                {
                    "subscription_id": f"S-{number}-{place}", "account_id": f"A-{number}", "start_date": start.isoformat(),
                    "end_date": end, "plan_tier": chance.choice(ravenstack.PLANS), "seats": str(chance.randint(1, 90)),
                    "mrr_amount": str(amount), "arr_amount": str(12 * amount), "is_trial": str(trial),
                    "upgrade_flag": "False", "downgrade_flag": "False", "churn_flag": "False",
                    "billing_frequency": "monthly", "auto_renew_flag": "True",
                }
            )  # fmt: skip
    days = [(dt.date(2023, 2, 1) + dt.timedelta(days=chance.randint(0, 400))).isoformat() for _ in range(40)]
    usage = [
        {
            "usage_id": f"U-{number}", "subscription_id": chance.choice(subscriptions)["subscription_id"],
            "usage_date": chance.choice(days), "feature_name": f"feature_{chance.randint(1, 5)}",
            "usage_count": str(chance.randint(0, 30)), "usage_duration_secs": str(chance.randint(0, 9_000)),
            "error_count": str(chance.randint(0, 2)), "is_beta_feature": "False",
        }
        for number in range(300)
    ]  # fmt: skip
    tickets = [
        {
            "ticket_id": f"T-{number}", "account_id": f"A-{number % 30}", "submitted_at": day,
            "closed_at": f"{day} 09:00:00" if number % 3 else "", "resolution_time_hours": "9.0",
            "priority": chance.choice(["low", "medium", "high", "urgent"]), "first_response_time_minutes": "74",
            "satisfaction_score": chance.choice(["", "3.0", "5.0"]) if number % 3 else "", "escalation_flag": "False",
        }
        for number, day in enumerate(days)
    ]  # fmt: skip
    churns = [
        {
            "churn_event_id": f"C-{number}", "account_id": f"A-{number}", "churn_date": days[number],
            "reason_code": "pricing", "refund_amount_usd": "4.03", "preceding_upgrade_flag": "False",
            "preceding_downgrade_flag": "False", "is_reactivation": "False", "feedback_text": "高い",
        }
        for number in range(5)
    ]  # fmt: skip
    write(folder / ravenstack.USAGE, usage)
    write(folder / ravenstack.TICKETS, tickets)
    write(folder / ravenstack.CHURNS, churns)
    write(folder / ravenstack.ACCOUNTS, accounts)
    write(folder / ravenstack.SUBSCRIPTIONS, subscriptions)
    return folder


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def told_by(subscriptions: Rows) -> dict[str, dict[str, int]]:
    """Cents of MRR at the end of each month, by account: straight from the rows, by nothing of ours."""
    months = [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)]
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in subscriptions:
        for month in months:
            last = month + "-31"  # as a text this is behind every day of the month
            if (
                row["is_trial"] == "False"
                and row["start_date"] <= last
                and (not row["end_date"] or row["end_date"] > last)
            ):
                if row["end_date"] and row["end_date"] <= row["start_date"]:
                    continue
                found[row["account_id"]][month] = found[row["account_id"]].get(month, 0) + 100 * int(row["mrr_amount"])
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The published files, or invented ones."""
    return Path(PUBLISHED) if PUBLISHED else invented(tmp_path)


async def test_the_ledger_says_what_the_files_say(
    workspace: WorkspaceForTest, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(file_import, "POLL_SECONDS", 0.05)
    subscriptions = read(folder / ravenstack.SUBSCRIPTIONS)
    never_ran = ravenstack.treated(subscriptions).never_ran
    async with imports_running(workspace) as client:
        for run in ("first", "second"):
            products, accounts, contracts, *facts = await ravenstack.bring_in(client, folder)
            status = "created" if run == "first" else "unchanged"
            assert products.ended[f"rows_{status}"] == len(ravenstack.PLANS)
            assert accounts.ended[f"rows_{status}"] == len(read(folder / ravenstack.ACCOUNTS))
            assert contracts.ended[f"rows_{status}"] == len(subscriptions) - never_ran
            assert {each.pointer for each in contracts.rejected} <= {"/stops_before"}
            assert len(contracts.rejected) == never_ran > 0
            assert [each.rejected for each in facts] == [[], [], []]
            wanted_rows = [len(read(folder / ravenstack.TICKETS)), len(read(folder / ravenstack.CHURNS))]
            assert [each.ended[f"rows_{status}"] for each in facts[:2]] == wanted_rows
            assert facts[2].ended[f"rows_{status}"] == facts[2].ended["rows_done"] > 0
    assert "How RavenStack was treated" in capsys.readouterr().out
    await usage_is_what_the_files_say(workspace, folder, subscriptions)
    wanted = told_by(subscriptions)
    async with workspace.write() as tx:
        lines = await tx.fetch(
            "SELECT a.external_id, m.effective_on, sum(m.amount_minor)::bigint FROM mrr_movements m "
            "JOIN accounts a ON a.workspace_id = m.workspace_id AND a.id = m.account_id "
            "WHERE m.workspace_id = %s AND m.backfilled GROUP BY 1, 2",
            [workspace.id],
        )
        now = await tx.fetch(
            "SELECT a.external_id, s.mrr_minor FROM account_standing s JOIN accounts a ON a.workspace_id = s.workspace_id "
            "AND a.id = s.account_id WHERE s.workspace_id = %s",
            [workspace.id],
        )
    by_account: dict[str, list[Any]] = defaultdict(list)
    for account, day, amount in lines:
        by_account[account].append((f"{day:%Y-%m}", amount))
    for account, moves in by_account.items():
        for month in {month for months in wanted.values() for month in months}:
            assert sum(amount for at, amount in moves if at <= month) == wanted[account].get(month, 0), (account, month)
    for account, mrr in now:
        assert sum(amount for _, amount in by_account[account]) == (mrr or 0)
    assert wanted.keys() <= by_account.keys()


async def usage_is_what_the_files_say(workspace: WorkspaceForTest, folder: Path, subscriptions: Rows) -> None:
    """Sums of days and of weeks, and tickets open at a past moment as known then."""
    account_of = {row["subscription_id"]: row["account_id"] for row in subscriptions}
    uses: dict[tuple[str, dt.date], int] = defaultdict(int)
    for row in read(folder / ravenstack.USAGE):
        uses[account_of[row["subscription_id"]], dt.date.fromisoformat(row["usage_date"])] += int(row["usage_count"])
    tickets = read(folder / ravenstack.TICKETS)
    then = "2023-12-31"
    still_open = [t for t in tickets if t["submitted_at"] <= then and not "" < t["closed_at"] <= f"{then} 23:59:59"]
    in_use = (
        "SELECT a.external_id, u.{0}, u.{1} FROM usage_{2} u "
        "JOIN accounts a ON a.workspace_id = u.workspace_id AND a.id = u.account_id "
        "JOIN usage_metrics m ON m.workspace_id = u.workspace_id AND m.id = u.metric_id "
        "WHERE u.workspace_id = %s AND m.key = 'feature_uses'"
    )
    async with workspace.write() as tx:
        days = await tx.fetch(in_use.format("day", "value", "daily"), [workspace.id])
        weeks = await tx.fetch(in_use.format("week", "sum", "weekly"), [workspace.id])
        known = await tx.fetch(
            "SELECT count(*) FROM ticket_versions WHERE workspace_id = %(ws)s AND recorded_at < %(at)s "
            "AND (superseded_at IS NULL OR superseded_at >= %(at)s) AND closed_at IS NULL",
            {"ws": workspace.id, "at": dt.datetime(2024, 1, 1, tzinfo=dt.UTC)},
        )
    assert {(account, day): value for account, day, value in days} == uses
    by_week: dict[tuple[str, dt.date], int] = defaultdict(int)
    for (account, day), count in uses.items():
        by_week[account, day - dt.timedelta(days=day.weekday())] += count
    assert {(account, week): value for account, week, value in weeks} == by_week
    assert known == [(len(still_open),)]


def test_a_folder_without_the_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is not there; download RavenStack"):
        ravenstack.run(tmp_path, url="http://localhost:1", api_key="pk_test_x")
