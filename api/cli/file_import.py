"""Brings a file in through ``/v1/imports``, follows it, and tells what became of each row."""

import asyncio
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from api.cli import mapping, upload
from api.cli.mapping import MapError
from api.cli.upload import Rejected, UploadError
from api.imports.targets import TARGETS
from api.kit.formulas import harmless

SHOWN: Final = 20
POLL_SECONDS: Final = 0.5
_KEY: Final = "external_id"
_RUNNING: Final = "running"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import is going to do."""

    resource: str
    file: Path
    map: str
    encoding: str = ""
    declare_custom: bool = False
    dry_run: bool = False
    known_at: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The import as it ended, and why rows were refused."""

    ended: dict[str, Any]
    rejected: list[Rejected]


def run(plan: Plan, *, url: str, api_key: str, report: Path | None) -> bool:
    """Import the file; whether rows failed.

    Raises:
        SystemExit: The map does not fit, or the service refuses.
    """
    headers = {"Authorization": f"Bearer {api_key}", "X-Origin": "import"}

    async def connected() -> Outcome:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            return await bring_in(client, plan)

    try:
        outcome = asyncio.run(connected())
    except (MapError, UploadError) as error:
        raise SystemExit(f"Not imported: {error}") from None
    if report is not None:
        _write_report(report, outcome.rejected)
    show_failed(outcome.rejected, report)
    return bool(outcome.rejected)


async def bring_in(client: httpx.AsyncClient, plan: Plan) -> Outcome:
    """Upload the file, start its import and follow it, with a progress bar and a summary on standard output.

    Raises:
        MapError: The map or the file cannot be read.
        UploadError: A custom field is missing and may not be declared, the service refuses, or the import failed.
    """
    console = Console()
    fields = await _with_custom_fields(client, plan, mapping.parse_map(plan.map), console)
    prepared = {"resource": plan.resource, "filename": plan.file.name, "dry_run": plan.dry_run}
    prepared |= {"encoding": plan.encoding} if plan.encoding else {}
    prepared |= {"mapping": fields} if fields else {}
    prepared |= {"known_at": plan.known_at} if plan.known_at else {}
    created = (await upload.request(client, "POST", upload.IMPORTS, json=prepared)).json()
    address = f"{upload.IMPORTS}/{created['id']}"
    ready = (await upload.request(client, "PUT", f"{address}/file", body=lambda: mapping.pieces(plan.file))).json()
    ignored = [column["name"] for column in ready["columns"] if column["name"] not in ready["mapping"]]
    if ignored:
        console.print(f"Ignored columns: {', '.join(ignored)}", markup=False)
    await upload.request(client, "POST", f"{address}:start", json={})
    ended = await _followed(client, address, plan.resource, console)
    _sum_up(console, ended)
    if ended["state"] != "done":
        reason = (ended["failure"] or {}).get("detail", "it was cancelled")
        raise UploadError(f"{reason} (after {ended['rows_done']} rows)")
    return Outcome(ended, await upload.rejected(client, address) if ended["rows_failed"] else [])


async def _with_custom_fields(
    client: httpx.AsyncClient, plan: Plan, fields: dict[str, str], console: Console
) -> dict[str, str]:
    """The map, once its custom fields are declared; a dry run leaves out those that are not."""
    columns = mapping.custom_columns(fields)
    custom = TARGETS[plan.resource].custom
    if not columns or custom is None:
        return fields
    known = await upload.custom_keys(client, custom.name)
    missing = {key: column for key, column in columns.items() if key not in known}
    if missing and not plan.declare_custom:
        raise UploadError(f"custom field `{next(iter(missing))}` is not declared; --declare-custom does it")
    cells = await mapping.different_cells(plan.file, plan.encoding, missing.values()) if missing else {}
    for key, column in missing.items():
        declaration = mapping.inferred_field(custom.name, key, column, cells[column])
        if not plan.dry_run:
            await upload.declare(client, declaration)
        console.print(f"{'Would declare' if plan.dry_run else 'Declared'} {_described(declaration)}", markup=False)
    return {c: f for c, f in fields.items() if c not in missing.values()} if plan.dry_run else fields


def _described(field: dict[str, Any]) -> str:
    options = f" ({', '.join(field['options'])})" if "options" in field else ""
    return f"custom.{field['key']}: {field['type']}{options}"


async def _followed(client: httpx.AsyncClient, address: str, resource: str, console: Console) -> dict[str, Any]:
    """The import once it has ended."""
    columns = (
        TextColumn(resource.capitalize()),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task(resource, total=None, rows=0)
        while True:
            found: dict[str, Any] = (await upload.request(client, "GET", address)).json()
            bar.update(task, total=found["size_bytes"], completed=found["bytes_done"], rows=found["rows_done"])
            if found["state"] != _RUNNING:
                return found
            await asyncio.sleep(POLL_SECONDS)


def _sum_up(console: Console, ended: dict[str, Any]) -> None:
    table = Table(title="Would happen" if ended["dry_run"] else None)
    for name in ("rows", "created", "updated", "unchanged", "failed"):
        table.add_column(name, justify="right")
    names = ("done", "created", "updated", "unchanged", "failed")
    table.add_row(*(str(ended[f"rows_{name}"]) for name in names))
    console.print(table)


def show_failed(rejected: Sequence[Rejected], report: Path | None = None) -> None:
    """Print the first rows that were refused, with the reasons, on standard error."""
    if not rejected:
        return
    table = Table(title="Failed rows")
    for name in ("line", _KEY, "pointer", "reason"):
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
        writer.writerow(["line", _KEY, "pointer", "reason"])
        writer.writerows(
            [harmless(str(cell or "")) for cell in (r.number, r.key, r.pointer, r.reason)] for r in rejected
        )
