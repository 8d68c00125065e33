"""``import``: bring files in."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Bring files in.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Bring files in."""


@app.command()
def accounts(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header.", exists=True, dir_okay=False)],
    *,
    map_: Annotated[
        str, typer.Option("--map", help="column=target,… or @FILE with one pair on a line; see docs/examples.")
    ],
    url: Annotated[str, typer.Option(help="Address of the service.")] = "http://localhost:8000",
    api_key: Annotated[
        str, typer.Option(envvar="PERENNIAL_API_KEY", help="A key with accounts:write and custom_fields:read.")
    ] = "",
    encoding: Annotated[str, typer.Option(help="Of the file; cp932 for Shift_JIS.")] = "utf-8-sig",
    declare_custom: Annotated[
        bool, typer.Option("--declare-custom", help="Declare the custom fields that are missing (custom_fields:write).")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the failed rows into this CSV file.", dir_okay=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent.")] = False,
) -> None:
    """Create or change accounts from a CSV file, by their external id. Empty cells leave their field as it is."""
    from api.cli import account_import

    if not api_key:
        raise SystemExit("Set --api-key or PERENNIAL_API_KEY.")
    failed = account_import.run(
        file,
        map_,
        url=url,
        api_key=api_key,
        encoding=encoding,
        declare_custom=declare_custom,
        report=report,
        dry_run=dry_run,
    )
    raise typer.Exit(1 if failed else 0)
