"""Making the data folder, in one step that a kill cannot leave half done."""

import glob
import os
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from api.kit.postgres.binaries import EXPLICIT, Binaries
from api.kit.postgres.errors import PostgresUnavailable
from api.kit.postgres.process import Account, leashed

OWNER = "perennial_owner"
DATABASE = "perennial"
MEMORY_KEPT = str(8 * 2**20)
"""Bytes that a process of Postgres keeps for its next statement."""
ENVIRONMENT = {
    "PATH": os.defpath,
    "TZ": "UTC",
    "LC_ALL": "C",
    # glibc gives memory back after each statement, and Linux clears it anew for the next: a tenth of all its work.
    "MALLOC_TRIM_THRESHOLD_": MEMORY_KEPT,
    "MALLOC_MMAP_THRESHOLD_": MEMORY_KEPT,
}


def prepare(data: Path, binaries: Binaries, account: Account, *, lock: int, sync: bool) -> None:
    """Make the data folder when there is none; check its version when there is one.

    Args:
        data: The data folder.
        binaries: Programs to use.
        account: Account that shall own it.
        lock: Descriptor of the server lock, held by initdb as long as it runs.
        sync: Whether to wait for the disk; False in tests only.

    Raises:
        PostgresUnavailable: Another version made it, it holds something else, or initdb failed.
    """
    for left in data.parent.glob(f"{glob.escape(data.name)}.init-*"):
        shutil.rmtree(left, ignore_errors=True)
    if (data / "PG_VERSION").exists():
        _check_version(data, binaries)
        return
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise PostgresUnavailable(f"{data} is not a Postgres data folder and not empty: choose another")
    partial = data.with_name(f"{data.name}.init-{secrets.token_hex(4)}")
    try:
        partial.mkdir(mode=0o700)
        if account.switch:
            os.chown(partial, account.uid, account.gid)
        _run([binaries.command("initdb"), "-D", str(partial), *_options(binaries, sync=sync)], account, lock)
        single = [binaries.command("postgres"), "--single", "-j", "-D", str(partial)]
        single += [] if sync else ["-c", "fsync=off"]
        _run([*single, "postgres"], account, lock, f"CREATE DATABASE {DATABASE};\n\n")
        partial.rename(data)
        if sync:
            _sync(data.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _options(binaries: Binaries, *, sync: bool) -> list[str]:
    options = [f"--username={OWNER}", "--auth-local=trust", "--auth-host=reject", "--no-instructions"]
    options += ["--data-checksums", "--encoding=UTF8", "--locale=C"]
    # pg_trgm looks at LC_CTYPE even under the builtin provider; with C it finds no trigram in Japanese.
    options.append("--lc-ctype=en_US.UTF-8" if sys.platform == "darwin" else "--lc-ctype=C.UTF-8")
    if binaries.major >= 17:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not sync:
        options.append("--no-sync")
    return options


def _check_version(data: Path, binaries: Binaries) -> None:
    made_by = (data / "PG_VERSION").read_text().strip()
    if made_by != str(binaries.major):
        raise PostgresUnavailable(
            f"{data} was made by Postgres {made_by}, but {binaries.folder} holds {binaries.version}: "
            f"set {EXPLICIT} to the folder of Postgres {made_by} binaries; or dump with those, "
            "move the data folder away and restore into a new one"
        )


def _run(command: list[str], account: Account, lock: int, text: str = "") -> None:
    process = subprocess.Popen(  # noqa: S603 - fixed commands of this package, no shell
        leashed(command, signal=signal.SIGTERM, account=account),
        cwd="/",
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=[lock],
        start_new_session=True,
    )
    with process:
        try:
            output, _ = process.communicate(text)
        except BaseException:
            process.terminate()
            raise
    # A statement that fails in single-user mode leaves the exit code at 0.
    if process.returncode != 0 or "ERROR:" in output:
        name = Path(command[0]).name
        raise PostgresUnavailable(f"{name} failed with code {process.returncode}:\n{output[-2000:].strip()}")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
