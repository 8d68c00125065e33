"""What operations leave until they are needed, done beside the first requests so that none waits for much of it."""

import asyncio
from collections.abc import Iterable
from typing import Final

from starlette.routing import BaseRoute

from api.kit.queries import Asked
from api.kit.routing import operations_among

PAUSE_SECONDS: Final = 0.5
"""The process should be listening before it begins."""


async def prepare(routes: Iterable[BaseRoute]) -> None:
    """Find out what each operation's endpoint takes and build its validators, some milliseconds at a time."""
    await asyncio.sleep(PAUSE_SECONDS)
    for operation in operations_among(routes):
        for part in operation.dependant.dependencies:
            if isinstance(part.call, Asked):
                part.call.model.model_rebuild()
        await asyncio.sleep(0)
