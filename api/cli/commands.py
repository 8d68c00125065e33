"""The commands."""

import os
import sys
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer

from api.cli import imports

REPOSITORY: Final = Path(__file__).parents[2]
OPENAPI: Final = REPOSITORY / "openapi" / "v1.json"
PASSWORD_VARIABLE: Final = "PERENNIAL_ADMIN_PASSWORD"  # noqa: S105 - the name of a variable

app = typer.Typer(
    help="Perennial: the API-first customer success platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)
app.add_typer(keys, name="keys")
app.add_typer(imports.app, name="import")


@app.command()
def serve(
    port: Annotated[
        int | None,
        typer.Option(envvar=["PORT", "PERENNIAL_PORT"], help="Where to listen.", show_default="8000"),
    ] = None,
    demo: Annotated[
        bool | None,
        typer.Option(
            "--demo/--no-demo",
            envvar="DEMO",
            help="Load the demo, once.",
            show_default="with the embedded Postgres",
        ),
    ] = None,
) -> None:
    """Run everything on this machine: Postgres (unless DATABASE_URL is set), API and worker."""
    from api.cli.answering import begun

    with begun() as process:
        from api.cli.serving import serve as run

        raise typer.Exit(run(port=port, demo=demo, api=process))


@app.command()
def api(
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer requests.")] = 1,
) -> None:
    """Run the API."""
    from api.cli.answering import answer

    answer(workers=workers)


@app.command()
def worker() -> None:
    """Run the worker: event numbers, jobs, housekeeping."""
    from api.cli.working import work

    work()


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration, as its owner (PERENNIAL_OWNER_URL)."""
    from alembic import command
    from alembic.config import Config

    from api.cli import reach

    with reach.database(owner_suffices=True) as given:
        url = given.owner_url.get_secret_value() or given.database_url.get_secret_value()
        command.upgrade(Config(REPOSITORY / "alembic.ini"), "head")
    typer.echo(f"{reach.without_password(url)} is at the newest migration.")


@app.command()
def owner_url() -> None:
    """Print the owner's URL of the embedded database, for psql and Alembic while `make run` runs."""
    from api.cli import reach
    from api.kit.settings import settings

    typer.echo(reach.embedded(reach.data_folder(settings())).url(user=reach.OWNER))


@app.command()
def seed() -> None:
    """Load the demo into an empty database and write demo.json."""
    from api.cli.importing import importing

    with importing():
        import uvloop

        from api.cli import reach
        from api.demo.loading import load
        from api.kit.db import Database

    with reach.database() as given:
        path = reach.data_folder(given) / "demo.json"
        if path.exists():
            raise SystemExit(f"{path} exists: the demo is loaded.")

        async def work() -> None:
            async with Database(given.database_url.get_secret_value(), given.for_jobs(), size=4) as database:
                await load(database, base_url=given.public_url, path=path)

        uvloop.run(work())
    typer.echo(f"The demo is loaded; {path} says how to sign in.")


@app.command()
def openapi(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the file is up to date.")] = False,
) -> None:
    """Write openapi/v1.json."""
    from api.cli.importing import importing

    with importing():
        from api.kit.openapi import document_text
        from api.main import create_app

    text = document_text(create_app())
    shown = OPENAPI.relative_to(REPOSITORY)
    if not check:
        OPENAPI.write_text(text, encoding="utf-8")
        typer.echo(f"Wrote {shown}.")
    elif not OPENAPI.exists() or OPENAPI.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{shown} is not what the code says: run `make openapi` and commit it.")
    else:
        typer.echo(f"{shown} is up to date.")


@keys.command()
def rotate() -> None:
    """Sign access tokens with a new key; the old one verifies until its tokens have expired."""
    from api.cli import people

    typer.echo(f"The key {people.rotate_keys()} signs from now on.")


@app.command()
def create_workspace(
    name: Annotated[str, typer.Argument(help="The company's name.")],
    currency: Annotated[str, typer.Option(help="Base currency (ISO 4217).")] = "USD",
    time_zone: Annotated[str, typer.Option(help="IANA name, such as Asia/Tokyo.")] = "UTC",
    language: Annotated[str, typer.Option(help="en or ja.")] = "en",
) -> None:
    """Open a workspace; prints its id."""
    from api.cli import people

    typer.echo(people.create_workspace(name=name, currency=currency, time_zone=time_zone, language=language))


@app.command()
def create_admin(
    workspace: Annotated[UUID, typer.Option(help="The workspace's id.")],
    email: Annotated[str, typer.Option()],
    name: Annotated[str, typer.Option()],
) -> None:
    """Add an administrator; asks for the password, or reads standard input or PERENNIAL_ADMIN_PASSWORD."""
    from api.cli import people

    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None and sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    elif password is None:
        password = sys.stdin.readline().rstrip("\n")
    typer.echo(people.create_admin(workspace, email=email, name=name, password=password))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Made anew.", dir_okay=False)]) -> None:
    """Dump the database into a file and prove that every row is in it."""
    from api.cli import reach
    from api.cli.backup import BackupError, back_up

    try:
        with reach.database() as given:
            counts = back_up(given.owner_url.get_secret_value() or given.database_url.get_secret_value(), file)
    except BackupError as error:
        raise SystemExit(f"No backup was made: {error}") from None
    typer.echo(f"{file}: {sum(counts.values())} rows in {len(counts)} tables, counted again in the file.")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="Made by `backup`.", exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Drop what the database holds.")] = False,
) -> None:
    """Bring a backup into the database and compare the rows of every table."""
    from api.cli import reach
    from api.cli.backup import BackupError
    from api.cli.backup import restore as bring_back

    try:
        with reach.database() as given:
            url = given.owner_url.get_secret_value() or given.database_url.get_secret_value()
            counts = bring_back(url, file, replace=replace)
    except BackupError as error:
        raise SystemExit(f"Not restored: {error}") from None
    typer.echo(f"{sum(counts.values())} rows in {len(counts)} tables, equal to the file's.")
