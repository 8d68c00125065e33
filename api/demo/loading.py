"""Loads the demo."""

from pathlib import Path
from typing import Any, Final

from api.auth import service
from api.demo import english, japanese
from api.demo.credentials import write_credentials
from api.demo.filling import fill, opening
from api.demo.market import Market
from api.demo.people import WORKSPACES, DemoWorkspace, hire, is_open, issue_credentials
from api.kit import clock
from api.kit.actors import SYSTEM
from api.kit.db import Database
from api.signals.jobs import look_around

MARKETS: Final = (japanese.MARKET, english.MARKET)


async def load(database: Database, *, base_url: str, path: Path) -> None:
    """Fill the database with the demo and write its credentials; nothing happens when the file is there.

    A workspace comes with one transaction, whole or not at all. What an interrupted load has left is completed:
    a workspace that is there already gets new credentials only.

    Args:
        database: The application role's connections.
        base_url: Address of the service, for readers of the file.
        path: The file, made with mode 0600; it exists only once everything is loaded.
    """
    if path.exists():  # noqa: ASYNC240 - nothing else runs here
        return
    entries = [await _load(database, *pair) for pair in zip(WORKSPACES, MARKETS, strict=True)]
    write_credentials(path, {"base_url": base_url, "workspaces": entries})


async def _load(database: Database, workspace: DemoWorkspace, market: Market) -> dict[str, Any]:
    time_zone = workspace.values["time_zone"]
    async with database.write(workspace.id) as tx:
        if not await is_open(tx):
            with clock.moved_to(opening(clock.today(time_zone), time_zone)):
                await service.found_workspace(tx, workspace.values)
                people, csms = await hire(tx, workspace, market.colleagues)
            await fill(tx, market, people, csms, domain=workspace.domain, time_zone=time_zone)
            tx.actor = SYSTEM
            await look_around(tx)
        return await issue_credentials(tx, workspace)
