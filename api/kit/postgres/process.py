"""Processes: the account they run under, the signal at their parent's death, who holds a lock."""

import contextlib
import fcntl
import os
import pwd
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from api.kit.postgres.errors import PostgresUnavailable

LEASH = Path(__file__).with_name("leash.py")
PROC = Path("/proc")


@dataclass(frozen=True)
class Account:
    """The account Postgres runs under; ``switch`` when it is not the caller's own."""

    uid: int
    gid: int
    switch: bool

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a short command under the account; exit code 126 when it may not even be executed."""
        try:
            return subprocess.run(  # noqa: S603 - fixed commands of this package, no shell
                [str(part) for part in command],
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
                user=self.uid if self.switch else None,
                group=self.gid if self.switch else None,
                extra_groups=[] if self.switch else None,
            )
        except OSError as error:
            return subprocess.CompletedProcess(list(command), 126, "", str(error))

    def can_enter(self, folder: Path) -> bool:
        """Whether the account reaches the folder."""
        # Asked of the kernel: modes alone miss ACLs and mounts.
        return self.run("/bin/sh", "-c", 'cd -- "$1"', "sh", folder).returncode == 0


def choose_account(data: Path) -> Account:
    """Choose the account for a data folder: our own, or as root an existing unprivileged one.

    Args:
        data: The data folder; when it exists, its owner keeps it.

    Raises:
        PostgresUnavailable: Root has no unprivileged account to use; none is created.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    with contextlib.suppress(OSError):
        version = (data / "PG_VERSION").stat()
        if version.st_uid != 0:
            return Account(version.st_uid, version.st_gid, switch=True)
    for name in ("postgres", "_postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid, switch=True)
    raise PostgresUnavailable(
        "Postgres refuses to run as root and there is no account 'postgres' or 'nobody': "
        "run as an ordinary user, or set DATABASE_URL"
    )


def require_main_thread() -> None:
    """Refuse other threads: Linux sends the parent-death signal when the starting *thread* ends.

    Raises:
        RuntimeError: Called from another thread.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(
            "start Postgres and supervised processes from the main thread: they end when the thread ends"
        )


def leashed(command: list[str], *, signal: int, account: Account | None = None) -> list[str]:
    """Wrap a command so that it gets the signal when this process dies, even by kill -9 (Linux).

    Args:
        command: Program and arguments.
        signal: Number of the signal it gets.
        account: Account to run under; None is the caller's own.
    """
    uid, gid = (account.uid, account.gid) if account and account.switch else (-1, -1)
    interpreter = [sys.executable, "-I", "-S", str(LEASH)]
    return [*interpreter, str(int(signal)), str(os.getpid()), str(uid), str(gid), *command]


def open_own(path: Path, account: Account) -> int:
    """Open (or create) a file for appending that belongs to the account."""
    # No links followed: as root we may be in a folder that the account can write to.
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600)
    if account.switch:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


def try_lock(path: Path, account: Account) -> int | None:
    """Lock a file without waiting; returns its descriptor, or None when another process holds it.

    The lock lasts until every process that inherited the descriptor is gone.
    """
    descriptor = open_own(path, account)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def holders(path: Path) -> list[int]:
    """Processes that have the file open (Linux; empty elsewhere)."""
    wanted = str(path)
    found = []
    for process in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(_target(entry) == wanted for entry in (process / "fd").iterdir()):
                found.append(int(process.name))
    return found


def program(pid: int) -> str:
    """Name of the program a process runs (Linux; empty elsewhere)."""
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def is_postgres_of(pid: int, data: Path) -> bool:
    """Whether the process is a Postgres server of the data folder."""
    if (PROC / "self").exists():
        # Every server process works inside its data folder, whatever its title says.
        return program(pid) == "postgres" and _target(PROC / str(pid) / "cwd") == str(data)
    command = subprocess.run(  # noqa: S603 - fixed command, no shell
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return "postgres" in command and str(data) in command


def send(pid: int, signal: int) -> None:
    """Send a signal to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""
