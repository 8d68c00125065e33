"""Loads the demo."""

from pathlib import Path

from api.demo.credentials import write_credentials
from api.demo.people import WORKSPACES, open_workspace
from api.kit.db import Database


async def load(database: Database, *, base_url: str, path: Path) -> None:
    """Fill an empty database with the demo and write its credentials.

    Args:
        database: The application role's connections.
        base_url: Address of the service, for readers of the file.
        path: The file, made with mode 0600; it exists only once everything is loaded.
    """
    opened = [await open_workspace(database, workspace) for workspace in WORKSPACES]
    write_credentials(path, {"base_url": base_url, "workspaces": [entry for _, entry in opened]})
