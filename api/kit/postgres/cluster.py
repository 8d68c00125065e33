"""One embedded Postgres server: start, use, stop."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self
from urllib.parse import quote

from api.kit.postgres import folders, initdb
from api.kit.postgres.binaries import find
from api.kit.postgres.errors import PostgresUnavailable
from api.kit.postgres.predecessor import Predecessor
from api.kit.postgres.process import leashed, open_own, require_main_thread, try_lock

DURABLE: Mapping[str, str] = MappingProxyType({"max_connections": "100", "shared_buffers": "128MB"})
FAST_UNSAFE: Mapping[str, str] = MappingProxyType(
    {
        **DURABLE,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "autovacuum": "off",
    }
)
"""For tests only: a crash may destroy the data."""

PORT = 5432
LOG_LIMIT = 10_000_000
TAIL = 2_000


class Cluster:
    """A data folder and its server, reached over a private unix socket.

    The server ends with the process that started it, even by kill -9 (Linux; on macOS the next start ends
    it). Two locks beside the data folder keep a second server away: ``.lock`` is held by the owner,
    ``.server-lock`` by the server itself, down to its last process. Start from the main thread only.

    Attributes:
        data: The data folder; another than asked for when root's account cannot reach that one.
        log_path: The server's log.
        owner: Whether this object started the server; otherwise another process did, and it is only used.
    """

    def __init__(self, data: Path, *, config: Mapping[str, str] = DURABLE) -> None:
        self.data, self._account = folders.place(data)
        self.log_path = self.data.with_name(f"{self.data.name}.log")
        self.owner = False
        self._config = dict(config)
        self._socket = folders.socket_folder(self.data, self._account)
        self._owner_lock: int | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._was_ready = False
        self._using = False
        self._log_start = 0
        self._predecessor: Predecessor | None = None

    def url(self, database: str = initdb.DATABASE, user: str = initdb.OWNER) -> str:
        """The libpq URL of a database; the database ``perennial`` exists from the first start on."""
        # The host as a parameter: SQLAlchemy does not decode one in the authority.
        host = quote(str(self._socket), safe="")
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={host}&port={PORT}"

    def start(self, timeout: float = 60) -> None:
        """Start the server, or use the one another process runs; returns when it accepts connections.

        Args:
            timeout: Seconds until giving up.

        Raises:
            PostgresUnavailable: It cannot start; the message holds the end of its log.
        """
        try:
            self._wait(timeout)
        except BaseException:
            self.stop()
            raise

    def step(self) -> bool:
        """Do the next step of starting without waiting for the server; True when it accepts connections.

        For a caller with other things to do meanwhile. Calling it again after an error tries again.

        Raises:
            PostgresUnavailable: It cannot start now.
        """
        require_main_thread()
        try:
            if self._server is not None and self._server.poll() is not None:
                self._ended()
            if self._server is None:
                return self._begin()
            self._was_ready = self._was_ready or self._accepts(self._server.pid)
        except OSError as error:
            self._release()
            raise PostgresUnavailable(f"Postgres cannot start in {self.data}: {error}") from error
        except PostgresUnavailable:
            self._release()
            raise
        return self._was_ready

    def running(self) -> bool:
        """Whether the server lives. When another process owned it: whether that owner lives."""
        if self.owner:
            return self._server is not None and self._server.poll() is None
        # Nobody holds the owner lock any more: keep it, the caller's next step starts a server.
        return self._using and not self._become_owner()

    def stop(self) -> None:
        """Stop the server if this object started it."""
        if self._server is not None:
            for number, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
                self._server.send_signal(number)
                try:
                    self._server.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    continue
            self._server = None
        self._using = False
        self._release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not self.step():
            if time.monotonic() > deadline:
                raise PostgresUnavailable(self._late(timeout))
            time.sleep(0.01)

    def _begin(self) -> bool:
        folders.make_parent(self.data, self._account)
        if not self._become_owner():
            self._using = self._accepts()
            return self._using
        lock = try_lock(self._beside("server-lock"), self._account)
        if lock is None:
            self._predecessor = self._predecessor or Predecessor(self.data, self._beside("server-lock"))
            self._predecessor.end()
            return False
        try:
            self._predecessor = None
            self._launch(lock)
        finally:
            os.close(lock)
        return False

    def _launch(self, lock: int) -> None:
        binaries = find(self._account)
        sync = self._config.get("fsync") != "off"
        initdb.prepare(self.data, binaries, self._account, lock=lock, sync=sync)
        Predecessor(self.data, self._beside("server-lock")).clear(self._socket)
        folders.make_socket_folder(self._socket, self._account)
        command = [
            binaries.command("postgres"),
            "-D",
            str(self.data),
            "-k",
            str(self._socket),
            "-p",
            str(PORT),
        ]
        config = {**self._config, "listen_addresses": "", "unix_socket_permissions": "0700"}
        for name, value in config.items():
            command += ["-c", f"{name}={value}"]
        self._was_ready = False
        log = self._open_log()
        try:
            self._server = subprocess.Popen(  # noqa: S603 - fixed command of this package, no shell
                # SIGINT is Postgres' fast shutdown.
                leashed(command, signal=signal.SIGINT, account=self._account),
                cwd="/",
                env=initdb.ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock],
                # A Ctrl-C in the terminal must not reach the server.
                start_new_session=True,
            )
        finally:
            os.close(log)

    def _ended(self) -> None:
        """Forget a server that ended; an error unless it had been ready, then the next one starts at once."""
        assert self._server is not None
        code, self._server = self._server.returncode, None
        if not self._was_ready:
            raise PostgresUnavailable(f"Postgres ended with code {code} while starting{self._tail()}")

    def _become_owner(self) -> bool:
        if self._owner_lock is None:
            self._owner_lock = try_lock(self._beside("lock"), self._account)
        self.owner = self._owner_lock is not None
        return self.owner

    def _release(self) -> None:
        if self._server is None and self._owner_lock is not None:
            with contextlib.suppress(OSError):
                self._socket.rmdir()
            os.close(self._owner_lock)
            self._owner_lock = None
            self.owner = False

    def _accepts(self, server: int | None = None) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        if len(lines) < 8 or lines[7].strip() != "ready" or (server and int(lines[0]) != server):
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self._socket / f".s.PGSQL.{PORT}")) == 0

    def _open_log(self) -> int:
        log = open_own(self.log_path, self._account)
        self._log_start = os.fstat(log).st_size
        if self._log_start > LOG_LIMIT:
            os.close(log)
            self.log_path.replace(self._beside("log.1"))
            return self._open_log()
        return log

    def _late(self, timeout: float) -> str:
        if self.owner:
            return f"Postgres is not ready after {timeout:g} s{self._tail()}"
        return (
            f"another process owns {self.data}, and its Postgres is not ready after {timeout:g} s; see {self.log_path}"
        )

    def _tail(self) -> str:
        try:
            text = self.log_path.read_bytes()[self._log_start :][-TAIL:].decode(errors="replace").strip()
        except OSError:
            return ""
        return f"; the end of {self.log_path}:\n{text}" if text else ""

    def _beside(self, suffix: str) -> Path:
        return self.data.with_name(f"{self.data.name}.{suffix}")
