"""Brings RavenStack in: a published, synthetic SaaS company (by River @ Rivalytics), as accounts, contracts and facts.

What its files leave open is treated so, and counted in the report:

- A subscription is a contract with one item: the plan is the product, ``mrr_amount`` a flat monthly price in dollars,
  ``seats`` the quantity. ``end_date`` is the first day on which it no longer runs.
- A trial is a contract of kind ``trial``: it earns nothing, whatever amount stands beside it.
- Subscriptions of an account that overlap run side by side: their amounts add up.
- When an account has no paid subscription for a while, it churned, and what comes next is a reactivation.
- A subscription that ends before it has run a day is refused, with its line.
- Usage, tickets and churn events: see :mod:`api.cli.ravenstack_facts`.
- ``churn_flag``, ``upgrade_flag`` and ``downgrade_flag`` are not read: movements follow from the amounts.

The history is recorded as known at the days of its facts, and marked as backfilled.
"""

import asyncio
import csv
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import httpx
from rich.console import Console
from rich.table import Table

from api.cli import file_import, ravenstack_facts, upload
from api.cli.file_import import Outcome, Plan
from api.cli.mapping import MapError
from api.cli.upload import UploadError

ACCOUNTS: Final = "ravenstack_accounts.csv"
SUBSCRIPTIONS: Final = "ravenstack_subscriptions.csv"
USAGE: Final = "ravenstack_feature_usage.csv"
TICKETS: Final = "ravenstack_support_tickets.csv"
CHURNS: Final = "ravenstack_churn_events.csv"
ACCOUNT_FIELDS: Final = (
    "account_id=external_id,account_name=name,industry,country,seats=employee_count,plan_tier=custom.plan_tier,"
    "signup_date=custom.signed_up_on,is_trial=custom.is_trial,referral_source=tags"
)
PLANS: Final = ("Basic", "Pro", "Enterprise")
_FAR: Final = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Treated:
    """How many subscriptions and accounts were treated in which way."""

    subscriptions: int
    trials: int
    overlapping: int
    never_ran: int
    reactivated: int


def run(folder: Path, *, url: str, api_key: str) -> bool:
    """Import the folder; whether rows failed.

    Raises:
        SystemExit: A file is not there, or the service refuses.
    """
    for name in (ACCOUNTS, SUBSCRIPTIONS, USAGE, TICKETS, CHURNS):
        if not (folder / name).is_file():
            raise SystemExit(f"{folder / name} is not there; download RavenStack's CSV files and name their folder.")
    headers = {"Authorization": f"Bearer {api_key}", "X-Origin": "import"}

    async def connected() -> list[Outcome]:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            return await bring_in(client, folder)

    try:
        outcomes = asyncio.run(connected())
    except (MapError, UploadError) as error:
        raise SystemExit(f"Not imported: {error}") from None
    rejected = [each for outcome in outcomes for each in outcome.rejected]
    file_import.show_failed(rejected)
    return bool(rejected)


async def bring_in(client: httpx.AsyncClient, folder: Path) -> list[Outcome]:
    """Import plans as products, accounts, subscriptions as contracts, tickets, churns and usage, in this order.

    Raises:
        UploadError: The service refuses, or an import failed.
    """
    subscriptions = list(_rows(folder / SUBSCRIPTIONS))
    with tempfile.TemporaryDirectory() as scratch:
        plans, contracts = Path(scratch) / "ravenstack_plans.csv", Path(scratch) / SUBSCRIPTIONS
        _write(plans, [{"external_id": name, "name": f"RavenStack {name}"} for name in PLANS])
        _write(contracts, list(map(as_contract, subscriptions)))
        outcomes = [
            await file_import.bring_in(client, Plan("products", plans, "")),
            await file_import.bring_in(
                client, Plan("accounts", folder / ACCOUNTS, ACCOUNT_FIELDS, declare_custom=True)
            ),
            await file_import.bring_in(client, Plan("contracts", contracts, "")),
        ]
        await _declare_metrics(client)
        account_of = {row["subscription_id"]: row["account_id"] for row in subscriptions}
        facts = {
            "tickets": map(ravenstack_facts.ticket, _rows(folder / TICKETS)),
            "churn_reports": map(ravenstack_facts.churn_report, _rows(folder / CHURNS)),
            "usage_measurements": ravenstack_facts.measurements(_rows(folder / USAGE), account_of),
        }
        for resource, rows in facts.items():
            _write(path := Path(scratch) / f"ravenstack_{resource}.csv", list(rows))
            outcomes.append(await file_import.bring_in(client, Plan(resource, path, "")))
    _show(treated(subscriptions))
    return outcomes


async def _declare_metrics(client: httpx.AsyncClient) -> None:
    """Add the metrics that are not there yet."""
    keys = [metric["key"] for metric in ravenstack_facts.METRICS]
    found = (await upload.request(client, "GET", f"/v1/usage-metrics?{urlencode({'key': keys}, doseq=True)}")).json()
    known = {metric["key"] for metric in found["data"]}
    for metric in ravenstack_facts.METRICS:
        if metric["key"] not in known:
            await upload.request(client, "POST", "/v1/usage-metrics", json=metric)


def as_contract(row: Mapping[str, str]) -> dict[str, str]:
    """A subscription as a row of the import of contracts."""
    return {
        "external_id": row["subscription_id"],
        "account_external_id": row["account_id"],
        "product_external_id": row["plan_tier"],
        "name": f"{row['plan_tier']} {row['subscription_id']}",
        "currency": "USD",
        "is_trial": row["is_trial"],
        "starts_on": row["start_date"],
        "stops_before": row["end_date"],
        "auto_renew": row["auto_renew_flag"],
        "quantity": row["seats"],
        "monthly_amount": row["mrr_amount"],
    }


def treated(subscriptions: Sequence[Mapping[str, str]]) -> Treated:
    """What the report says of these subscriptions."""
    spans = defaultdict(list)
    for row in subscriptions:
        start, end = row["start_date"], row["end_date"] or _FAR
        if row["is_trial"] != "True" and start < end:
            spans[row["account_id"]].append((start, end))
    overlapping = reactivated = 0
    for of_account in spans.values():
        covered = ""
        gaps = 0
        for start, end in sorted(of_account):
            overlapping += start < covered
            gaps += bool(covered) and start > covered
            covered = max(covered, end)
        reactivated += gaps > 0
    return Treated(
        subscriptions=len(subscriptions),
        trials=sum(row["is_trial"] == "True" for row in subscriptions),
        overlapping=overlapping,
        never_ran=sum(bool(row["end_date"]) and row["end_date"] <= row["start_date"] for row in subscriptions),
        reactivated=reactivated,
    )


def _show(found: Treated) -> None:
    table = Table(title="How RavenStack was treated")
    for name in ("what", "how many", "treated as"):
        table.add_column(name, justify="right" if name == "how many" else "left")
    for what, count, how in (
        ("subscriptions", found.subscriptions, "contracts of one item"),
        ("trials", found.trials, "no MRR"),
        ("begin while another runs", found.overlapping, "side by side: amounts add up"),
        ("end before they ran a day", found.never_ran, "refused"),
        ("accounts with a gap", found.reactivated, "churned, then reactivated"),
    ):
        table.add_row(what, str(count), how)
    Console().print(table)


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
