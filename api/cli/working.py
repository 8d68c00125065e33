"""The worker's process. Run as a module it waits for the API first, before it imports anything.

The API is what a developer waits for: it has the processor to itself until it listens.
"""

import socket
import sys
import time
from typing import Final

from api.cli.importing import importing

LONGEST_WAIT_SECONDS: Final = 20


def work() -> None:
    """Run the worker until a signal ends it."""
    with importing():
        import uvloop

        from api import worker
        from api.kit.settings import settings

        worker.load_jobs()
    uvloop.run(worker.run(settings()))


def _wait_for_listener(port: int) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


if __name__ == "__main__":
    _wait_for_listener(int(sys.argv[1]))
    work()
