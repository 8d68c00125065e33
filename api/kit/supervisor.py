"""What ``serve`` runs in its main thread: Postgres first, then the child processes, until told to stop."""

import contextlib
import json
import logging
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import NamedTuple

from api.kit.postgres import Cluster, PostgresUnavailable
from api.kit.postgres.process import leashed, require_main_thread

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.2
STARTING_TICK_SECONDS = 0.02
POSTGRES_RETRY_SECONDS = 1.0
FIRST_BACKOFF_SECONDS = 0.2
LONGEST_BACKOFF_SECONDS = 2.0
STEADY_SECONDS = 10.0
STOPPERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(NamedTuple):
    """A child process to keep running."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    """Its whole environment; None: ours."""
    begun: "subprocess.Popen[bytes] | None" = None
    """A process that waits for ``env`` as JSON on its standard input: the first start tells it instead of starting."""


class Supervisor:
    """Keeps Postgres and child processes running, and leaves none behind.

    Args:
        cluster: The embedded Postgres; None when the database is elsewhere.
        children: What to run once Postgres is ready.
        on_postgres_ready: Runs once, after the first start of Postgres and before the children.
        stop_seconds: How long children may take to end before they are killed.
        start_seconds: How long the first start of Postgres may take, recovery after a crash included.
    """

    def __init__(
        self,
        cluster: Cluster | None,
        children: Sequence[Command],
        *,
        on_postgres_ready: Callable[[], None] | None = None,
        stop_seconds: float = 15.0,
        start_seconds: float = 300.0,
    ) -> None:
        self._postgres = _Postgres(cluster) if cluster else None
        self._children = [_Child(command) for command in children]
        self._on_postgres_ready = on_postgres_ready
        self._stop_seconds = stop_seconds
        self._start_seconds = start_seconds
        self._stopping = False
        self._interruptible = False

    def run(self) -> int:
        """Run until SIGINT, SIGTERM or SIGHUP, from the main thread.

        Returns:
            The exit code: 0 after a stop that was asked for.

        Raises:
            PostgresUnavailable: Postgres cannot start the first time.
        """
        require_main_thread()
        with self._signals() as wake:
            try:
                self._begin(wake)
                while not self._stopping:
                    self._watch()
                    _sleep(wake, TICK_SECONDS)
            except KeyboardInterrupt:
                # Raised by our own handler in on_postgres_ready: a stop like any other.
                logger.info("stopped while preparing the database")
            finally:
                self._end(wake)
        return 0

    def _begin(self, wake: socket.socket) -> None:
        if self._postgres:
            deadline = time.monotonic() + self._start_seconds
            while not self._stopping and not self._postgres.begin(late=time.monotonic() > deadline):
                _sleep(wake, STARTING_TICK_SECONDS)
            if self._on_postgres_ready and not self._stopping:
                self._interruptible = True
                try:
                    self._on_postgres_ready()
                finally:
                    self._interruptible = False

    def _watch(self) -> None:
        if self._postgres:
            self._postgres.watch()
        for child in self._children:
            child.watch()

    def _end(self, wake: socket.socket) -> None:
        deadline = time.monotonic() + self._stop_seconds
        for child in self._children:
            child.terminate()
        while any(not child.ended() for child in self._children) and time.monotonic() < deadline:
            _sleep(wake, TICK_SECONDS)
        for child in self._children:
            child.kill()
        if self._postgres:
            self._postgres.stop()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        if self._interruptible:
            self._interruptible = False
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def _signals(self) -> Iterator[socket.socket]:
        wake, waker = socket.socketpair()
        wake.settimeout(0)
        waker.settimeout(0)
        # A signal ends the sleep at once; an Event set in a handler could lock up with its own wait.
        before_wakeup = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        before = {number: signal.getsignal(number) for number in (*STOPPERS, signal.SIGCHLD)}
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in STOPPERS:
            # Under nohup SIGHUP stays ignored.
            if number is not signal.SIGHUP or before[number] is not signal.SIG_IGN:
                signal.signal(number, self._stop)
        try:
            yield wake
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before_wakeup)
            wake.close()
            waker.close()


class _Postgres:
    """The cluster, started again whenever it ended; on a full disk that is tried every second."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._ready = False
        self._next_try = 0.0
        self._failures = 0
        self.stop = cluster.stop

    def begin(self, *, late: bool) -> bool:
        """One step of the first start."""
        self._ready = self._cluster.step()
        if late and not self._ready:
            raise PostgresUnavailable(f"Postgres does not get ready; see {self._cluster.log_path}")
        return self._ready

    def watch(self) -> None:
        """Start it again if it ended."""
        if self._ready and self._cluster.running():
            return
        now = time.monotonic()
        if self._ready:
            logger.warning("Postgres ended; starting it again (log: %s)", self._cluster.log_path)
            self._ready = False
        if now < self._next_try:
            return
        try:
            self._ready = self._cluster.step()
        except PostgresUnavailable as error:
            # Once a minute is enough while a disk stays full.
            if self._failures % 60 == 0:
                logger.warning("Postgres cannot start, trying every second: %s", error)
            self._failures += 1
            self._next_try = now + POSTGRES_RETRY_SECONDS
        if self._ready:
            logger.warning("Postgres is ready again")
            self._failures = 0
            self._next_try = now + POSTGRES_RETRY_SECONDS


class _Child:
    """One child process, started again with growing pauses whenever it ended."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._process = command.begun
        self._waits = command.begun is not None
        self._started = 0.0
        self._next_try = 0.0
        self._backoff = FIRST_BACKOFF_SECONDS

    def watch(self) -> None:
        """Start it if it is not running and its pause is over."""
        now = time.monotonic()
        if self._process is not None and self.ended():
            code = self._reap()
            if now - self._started > STEADY_SECONDS:
                self._backoff = FIRST_BACKOFF_SECONDS
            self._pause(f"ended with code {code}", now)
        if self._process is None and now >= self._next_try:
            self._start(now)
        elif self._process is not None and self._waits:
            self._tell(self._process, now)

    def terminate(self) -> None:
        """Ask it to end."""
        if self._process is not None and not self.ended():
            # Not Popen.terminate, which may reap it.
            os.kill(self._process.pid, signal.SIGTERM)

    def ended(self) -> bool:
        """Whether it is not running; an ended one stays unreaped."""
        if self._process is None:
            return True
        if self._process.returncode is not None or not hasattr(os, "waitid"):
            return self._process.poll() is not None
        # Not reaped yet, its id and so its group's cannot become another's.
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags) is not None

    def kill(self) -> None:
        """End what is left of it and its own children."""
        if self._process is not None:
            self._reap()

    def _start(self, now: float) -> None:
        self._started = now
        argv = leashed(list(self._command.argv), signal=signal.SIGTERM)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the caller's own command, no shell
                argv, env=self._command.env, stdin=subprocess.DEVNULL, start_new_session=True
            )
        except OSError as error:
            self._pause(f"cannot start: {error}", now)

    def _tell(self, process: subprocess.Popen[bytes], now: float) -> None:
        self._waits, self._started = False, now
        # One that ended meanwhile is started again like any other.
        with contextlib.suppress(BrokenPipeError), process.stdin as told:  # type: ignore[union-attr]
            told.write(json.dumps(dict(self._command.env or os.environ)).encode())

    def _pause(self, reason: str, now: float) -> None:
        logger.warning("%s %s; starting it again in %.1f s", self._command.name, reason, self._backoff)
        self._next_try = now + self._backoff
        self._backoff = min(self._backoff * 2, LONGEST_BACKOFF_SECONDS)

    def _reap(self) -> int:
        assert self._process is not None
        # Workers of a killed child would keep its port.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        code = self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._process, self._waits = None, False
        return code


def _sleep(wake: socket.socket, seconds: float) -> None:
    if select.select([wake], [], [], seconds)[0]:
        with contextlib.suppress(BlockingIOError):
            while wake.recv(1024):
                pass
