"""What an earlier server left behind: processes that have not ended yet, stale files."""

import signal
import time
from pathlib import Path

from api.kit.postgres.errors import PostgresUnavailable
from api.kit.postgres.process import holders, is_postgres_of, program, send

PROGRAMS = ("postgres", "initdb")
SHUTDOWN_SECONDS = 20.0
ORPHAN_SECONDS = 1.0
LAST_SECONDS = 5.0
PAUSE_SECONDS = 0.1


class Predecessor:
    """The server before ours. Only the holder of the owner lock may use this."""

    def __init__(self, data: Path, lock: Path) -> None:
        self._data = data
        self._lock = lock
        self._began = time.monotonic()
        self._looked = 0.0
        self._sent: set[tuple[int, int]] = set()

    def end(self) -> None:
        """Help the processes that still hold the server lock to end; call again until they have.

        Usually the parent-death signal did it already; but backends busy with a query outlive a killed
        postmaster.
        """
        now = time.monotonic()
        if now - self._looked < PAUSE_SECONDS:
            return
        self._looked = now
        age = now - self._began
        left = [pid for pid in holders(self._lock) if program(pid) in PROGRAMS]
        postmaster = self._postmaster()
        if postmaster and (postmaster in left or is_postgres_of(postmaster, self._data)):
            self._send(postmaster, signal.SIGINT)
            left = left or [postmaster]
            patience = SHUTDOWN_SECONDS
        else:
            patience = ORPHAN_SECONDS
        for pid in left:
            if age > patience:
                self._send(pid, signal.SIGQUIT)
            if age > patience + LAST_SECONDS:
                self._send(pid, signal.SIGKILL)

    def clear(self, sockets: Path) -> None:
        """Remove stale files, which would stop a start when their process id now belongs to another process.

        Args:
            sockets: Folder of the socket.

        Raises:
            PostgresUnavailable: A server that is not ours runs in the data folder.
        """
        # Nobody holds the server lock: what may still run here was started by hand.
        postmaster = self._postmaster()
        if postmaster and is_postgres_of(postmaster, self._data):
            raise PostgresUnavailable(
                f"a Postgres started by hand (process {postmaster}) runs in {self._data}: stop it first"
            )
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        for left in sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _postmaster(self) -> int | None:
        try:
            # Negative in single-user mode.
            return abs(int((self._data / "postmaster.pid").read_text().split()[0])) or None
        except (OSError, ValueError, IndexError):
            return None

    def _send(self, pid: int, number: signal.Signals) -> None:
        if (pid, number) not in self._sent:
            self._sent.add((pid, number))
            send(pid, number)
