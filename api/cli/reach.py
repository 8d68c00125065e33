"""Which database a command works on: the one that the environment names, or the embedded one."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from api.kit.postgres import Cluster
from api.kit.settings import Environment, Settings, settings

OWNER: Final = "perennial_owner"
APP: Final = "perennial_app"
WORKER: Final = "perennial_worker"


def data_folder(given: Settings) -> Path:
    """The folder of the development's data; made if it is not there."""
    data = given.data.expanduser().resolve()
    data.mkdir(parents=True, exist_ok=True)
    return data


def embedded(data: Path) -> Cluster:
    """The embedded Postgres of a data folder, not started."""
    return Cluster(data / "postgres")


def embedded_environment(cluster: Cluster) -> dict[str, str]:
    """The variables that lead to an embedded Postgres."""
    return {
        "DATABASE_URL": cluster.url(user=APP),
        "PERENNIAL_WORKER_URL": cluster.url(user=WORKER),
        "PERENNIAL_OWNER_URL": cluster.url(user=OWNER),
    }


def secret_environment(given: Settings, data: Path) -> dict[str, str]:
    """In development a secret key of this data folder, unless one is set."""
    if given.environment is Environment.production or "secret_key" in given.model_fields_set:
        return {}
    return {"PERENNIAL_SECRET_KEY": kept_secret(data / "secret.key")}


def kept_secret(path: Path) -> str:
    """The secret in the file; made once, readable by its owner only."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if secret := path.read_text().strip():
            return secret
        raise SystemExit(f"{path} is empty: remove it, and what was made with it works no more") from None
    secret = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
    return secret


def without_password(url: str) -> str:
    """A database's URL as one may print it."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:…@", url)


@contextmanager
def database(*, owner_suffices: bool = False) -> Iterator[Settings]:
    """Settings that lead to a database: the one the environment names, or the embedded one, started if need be.

    With ``owner_suffices`` the owner's URL alone names one.
    """
    given = settings()
    if given.environment is Environment.production:
        yield given
        return
    data = data_folder(given)
    os.environ.update(secret_environment(given, data))
    named = given.database_url.get_secret_value() or (owner_suffices and given.owner_url.get_secret_value())
    if named:
        settings.cache_clear()
        yield settings()
        return
    with embedded(data) as cluster:
        os.environ.update(embedded_environment(cluster))
        settings.cache_clear()
        yield settings()
