"""``import``: bring files in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from api.cli.file_import import Plan

app = typer.Typer(help="Bring files in: CSV, XLSX or JSON Lines.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A file whose first row names the columns.", exists=True, dir_okay=False)]
Map = Annotated[
    str,
    typer.Option(
        "--map",
        help="column=field,… or @FILE with one pair on a line; see docs/examples. By default by the columns' names.",
        show_default=False,
    ),
]
Url = Annotated[str, typer.Option(help="Address of the service.")]
ApiKey = Annotated[
    str,
    typer.Option(
        envvar="PERENNIAL_API_KEY",
        help="A key with imports:read, imports:write, custom_fields:read and the scope to write the records.",
    ),
]
FileEncoding = Annotated[
    str, typer.Option(help="Of the file, such as utf-8 or shift_jis; by default found in it.", show_default=False)
]
Declare = Annotated[
    bool, typer.Option("--declare-custom", help="Declare the custom fields that are missing (custom_fields:write).")
]
ReportFile = Annotated[Path | None, typer.Option(help="Write the failed rows into this CSV file.", dir_okay=False)]
Known = Annotated[
    str, typer.Option(help="When the rows became known: fact_date, column (map one to known_at) or import_time.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]
Folder = Annotated[Path, typer.Argument(help="The folder of its CSV files.", exists=True, file_okay=False)]
URL = "http://localhost:8000"
NO_KEY = "Set --api-key or PERENNIAL_API_KEY."


@app.callback()
def _group() -> None:
    """Bring files in."""


@app.command()
def accounts(
    file: File, *, map_: Map = "", url: Url = URL, api_key: ApiKey = "", encoding: FileEncoding = "",
    declare_custom: Declare = False, report: ReportFile = None, dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Create or change accounts from a file, by their external id. Empty cells leave their field as it is."""
    from api.cli.file_import import Plan

    plan = Plan("accounts", file, map_, encoding, declare_custom=declare_custom, dry_run=dry_run)
    _run(plan, url, api_key, report)


@app.command()
def contacts(
    file: File, *, map_: Map = "", url: Url = URL, api_key: ApiKey = "", encoding: FileEncoding = "",
    declare_custom: Declare = False, report: ReportFile = None, dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Create or change contacts from a file, by their external id. Empty cells leave their field as it is."""
    from api.cli.file_import import Plan

    plan = Plan("contacts", file, map_, encoding, declare_custom=declare_custom, dry_run=dry_run)
    _run(plan, url, api_key, report)


@app.command()
def products(
    file: File, *, map_: Map = "", url: Url = URL, api_key: ApiKey = "", encoding: FileEncoding = "",
    report: ReportFile = None, dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Create or change products from a file, by their external id. Empty cells leave their field as it is."""
    from api.cli.file_import import Plan

    plan = Plan("products", file, map_, encoding, declare_custom=False, dry_run=dry_run)
    _run(plan, url, api_key, report)


@app.command()
def contracts(
    file: File, *, map_: Map = "", url: Url = URL, api_key: ApiKey = "", encoding: FileEncoding = "",
    known_at: Known = "fact_date", report: ReportFile = None, dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Create or change contracts from a file, by their external id; rows of one that follow one another are its items."""
    from api.cli.file_import import Plan

    plan = Plan("contracts", file, map_, encoding, declare_custom=False, dry_run=dry_run, known_at=known_at)
    _run(plan, url, api_key, report)


@app.command()
def ravenstack(folder: Folder, *, url: Url = URL, api_key: ApiKey = "") -> None:
    """Bring RavenStack's accounts and subscriptions in; a published data set of a SaaS company (River @ Rivalytics)."""
    from api.cli import ravenstack as command

    if not api_key:
        raise SystemExit(NO_KEY)
    raise typer.Exit(1 if command.run(folder, url=url, api_key=api_key) else 0)


def _run(plan: "Plan", url: str, api_key: str, report: Path | None) -> None:
    from api.cli import file_import

    if not api_key:
        raise SystemExit(NO_KEY)
    raise typer.Exit(1 if file_import.run(plan, url=url, api_key=api_key, report=report) else 0)
