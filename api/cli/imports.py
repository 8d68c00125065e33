"""``import``: bring files in."""

import typer

app = typer.Typer(help="Bring files in.", no_args_is_help=True)
