"""Brings the accounts of a CSV file in through the bulk endpoint, and tells what became of each row."""

import asyncio
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from api.cli import mapping, upload
from api.cli.mapping import Converted, MapError, Rejected
from api.cli.upload import Outcome, UploadError

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import is going to do."""

    file: bytes
    targets: dict[str, str]
    lines: list[mapping.Line]
    ignored: list[str]


def run(
    file: Path,
    map_: str,
    *,
    url: str,
    api_key: str,
    encoding: str,
    declare_custom: bool,
    report: Path | None,
    dry_run: bool,
) -> bool:
    """Import the file; whether rows failed.

    Raises:
        SystemExit: The map does not fit, or the service refuses.
    """
    try:
        targets = mapping.parse_map(map_)
        content = file.read_bytes()
        columns, lines = mapping.read_lines(content, encoding)
        plan = Plan(content, targets, lines, mapping.ignored_columns(columns, targets))
        headers = {"Authorization": f"Bearer {api_key}", "X-Origin": "import"}

        async def connected() -> Outcome:
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
                return await bring_in(client, plan, declare_custom=declare_custom, dry_run=dry_run)

        outcome = asyncio.run(connected())
    except (MapError, UploadError) as error:
        raise SystemExit(f"Not imported: {error}") from None
    if report is not None:
        _write_report(report, outcome.rejected)
    _show_failed(outcome.rejected, report)
    return bool(outcome.rejected)


async def bring_in(client: httpx.AsyncClient, plan: Plan, *, declare_custom: bool, dry_run: bool) -> Outcome:
    """Send the rows of the plan, with a progress bar and a summary on standard output.

    Raises:
        UploadError: A custom field is missing and may not be declared, or the service refuses.
    """
    console = Console()
    if plan.ignored:
        console.print(f"Ignored columns: {', '.join(plan.ignored)}", markup=False)
    types, missing = await _custom_types(client, plan)
    for field in missing:
        if not declare_custom:
            raise UploadError(f"custom field `{field['key']}` is not declared; --declare-custom does it")
        if not dry_run:
            await upload.declare(client, field)
        console.print(f"{'Would declare' if dry_run else 'Declared'} {_described(field)}", markup=False)
    converted = mapping.convert(plan.lines, plan.targets, types)
    if dry_run:
        console.print(f"Would send {len(converted.items)} of {len(plan.lines)} rows.")
        return Outcome(rejected=converted.rejected)
    key = upload.run_key(plan.file, plan.targets, uuid4().hex)
    columns = (TextColumn("Accounts"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("accounts", total=len(converted.items))
        outcome = await upload.upsert(client, converted.items, key, lambda done: bar.advance(task, done))
    return _summed(console, plan, converted, outcome)


async def _custom_types(client: httpx.AsyncClient, plan: Plan) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The types of the custom fields by key, and the declarations of those that are missing."""
    columns = {t.removeprefix(mapping.CUSTOM): c for c, t in plan.targets.items() if t.startswith(mapping.CUSTOM)}
    if not columns:
        return {}, []
    types = await upload.field_types(client)
    missing = [
        mapping.inferred_field(key, column, (line.cells.get(column, "") for line in plan.lines))
        for key, column in columns.items()
        if key not in types
    ]
    return types | {field["key"]: field["type"] for field in missing}, missing


def _described(field: dict[str, Any]) -> str:
    options = f" ({', '.join(field['options'])})" if "options" in field else ""
    return f"custom.{field['key']}: {field['type']}{options}"


def _summed(console: Console, plan: Plan, converted: Converted, outcome: Outcome) -> Outcome:
    outcome.rejected = sorted([*converted.rejected, *outcome.rejected], key=lambda each: each.number)
    table = Table()
    for name in ("rows", "created", "updated", "unchanged", "failed"):
        table.add_column(name, justify="right")
    failed = len({each.number for each in outcome.rejected})
    table.add_row(*map(str, (len(plan.lines), outcome.created, outcome.updated, outcome.unchanged, failed)))
    console.print(table)
    return outcome


def _show_failed(rejected: Sequence[Rejected], report: Path | None) -> None:
    if not rejected:
        return
    table = Table(title="Failed rows")
    for name in ("line", mapping.KEY, "pointer", "reason"):
        table.add_column(name, overflow="fold")
    for each in rejected[:SHOWN]:
        table.add_row(str(each.number), Text(each.key or ""), Text(each.pointer), Text(each.reason))
    console = Console(stderr=True)
    console.print(table)
    if len(rejected) > SHOWN and report is None:
        console.print(f"… and {len(rejected) - SHOWN} more; --report FILE writes them all.")


def _write_report(path: Path, rejected: Sequence[Rejected]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", mapping.KEY, "pointer", "reason"])
        writer.writerows(
            [_harmless(str(cell or "")) for cell in (r.number, r.key, r.pointer, r.reason)] for r in rejected
        )


def _harmless(cell: str) -> str:
    """The cell so that a spreadsheet does not take it for a formula."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
