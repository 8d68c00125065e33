"""Where the data folder and the socket are."""

import hashlib
import os
import stat
import sys
from functools import cache
from pathlib import Path

from api.kit.postgres.errors import PostgresUnavailable
from api.kit.postgres.process import Account, choose_account

FALLBACK = Path("/var/lib")
# Not tempfile.gettempdir(): two processes must agree, and a socket's path has 107 bytes at most (macOS 103).
SOCKETS = Path("/tmp")  # noqa: S108 - the folder made there is private and checked


def place(data: Path) -> tuple[Path, Account]:
    """Resolve the data folder and choose its account.

    Args:
        data: The folder asked for.

    Returns:
        The folder asked for, or as root one below /var/lib when the account cannot reach it; and the account.
    """
    data = data.expanduser().resolve()
    account = choose_account(data)
    if not account.switch or account.can_enter(_existing(data.parent)):
        return data, account
    own = FALLBACK / f"perennial-{_hash(data)}" / data.name
    _say(f"Postgres cannot run as root and its account cannot enter {data.parent}; the data is in {own}")
    return own, choose_account(own)


def make_parent(data: Path, account: Account) -> None:
    """Make the folder around the data folder; folders that exist keep their modes."""
    missing = [folder for folder in (data.parent, *data.parent.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        if account.switch:
            # Only what was just made: under a umask of 077 the account could not pass.
            folder.chmod(0o755)


def socket_folder(data: Path, account: Account) -> Path:
    """The private folder of the socket: short, and the same for every process that uses the data folder."""
    return SOCKETS / f"perennial-pg-{account.uid}-{_hash(data)}"


def make_socket_folder(folder: Path, account: Account) -> None:
    """Make the socket's folder, which only the account (and root) may enter.

    Raises:
        PostgresUnavailable: Somebody else made a folder or link of that name.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if account.switch and stat.S_ISDIR(found.st_mode) and found.st_uid == 0:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
        found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise PostgresUnavailable(f"{folder} is not a private folder of uid {account.uid}: remove it")


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _hash(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


@cache
def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
