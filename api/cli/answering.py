"""The API's process. Run as a module it begins before it is known what to serve, and waits to be told.

Importing the application takes longest of all that comes before the first answer. So ``serve`` begins with this and
looks after Postgres meanwhile; this imports nothing that the API does not need.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from api.cli.importing import importing
from api.kit.postgres.process import leashed


@contextmanager
def begun() -> Iterator[subprocess.Popen[bytes]]:
    """The process, which waits on its standard input for a JSON object, its environment; ended with the block."""
    # Written once, the bytecode saves each further start a fifth of its time.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(  # noqa: S603 - our own command, no shell
        leashed([sys.executable, "-m", __name__], signal=signal.SIGTERM),
        env=environment,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        # Reaped already, unless the supervisor never came to run.
        if process.returncode is None:
            process.kill()
            process.wait()


def answer(*, workers: int = 1, when_told: bool = False) -> None:
    """Serve the API until a signal ends it.

    Args:
        workers: Processes that answer requests.
        when_told: Import first, and take over the environment from standard input; end when there comes none.
    """
    with importing():
        import uvicorn

        import api.main
        from api.kit import logging
        from api.kit.settings import settings
    assert api.main
    if when_told:
        told = sys.stdin.buffer.read()
        if not told:
            return
        os.environ.clear()
        os.environ.update(json.loads(told))
    logging.configure()
    given = settings()
    if given.metrics_port:
        from prometheus_client import start_http_server

        start_http_server(given.metrics_port)
    uvicorn.run(
        "api.main:create_app",
        factory=True,
        host=given.host,
        port=given.port,
        workers=workers,
        loop="uvloop",
        http="api.kit.deadlines:DeadlineProtocol",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    answer(when_told=True)
