"""``serve``: the whole service on a developer's machine, from an empty folder to an open port."""

import errno
import http.client
import importlib
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from api.cli import reach
from api.kit.migrations import newest_migration
from api.kit.postgres import PostgresUnavailable
from api.kit.postgres.process import leashed
from api.kit.settings import Environment, Settings, settings
from api.kit.supervisor import Command, Supervisor

STOP_SECONDS: Final = 15.0
EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


def serve(*, port: int | None, demo: bool | None, api: subprocess.Popen[bytes] | None = None) -> int:
    """Run the service until Ctrl-C.

    Args:
        port: Where to listen; None: as set.
        demo: Whether to load the demo; None: with the embedded Postgres only.
        api: The API's process, begun already; None: started when Postgres is ready.

    Returns:
        The exit code.

    Raises:
        SystemExit: It cannot run, with the reason.
    """
    started = time.monotonic()
    given = settings()
    if given.environment is Environment.production:
        raise SystemExit("serve is for development; in production run `migrate`, `api` and `worker`")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    port = _free_port(given.host, given.port if port is None else port)
    service = _Service(given, api, port, started)
    try:
        if given.database_url.get_secret_value():
            return service.run_on_given_server(demo=bool(demo))
        return service.run_embedded(demo=demo is not False)
    except PostgresUnavailable as error:
        raise SystemExit(f"The embedded Postgres cannot start: {error}") from error


class _Service:
    """One run of the service."""

    def __init__(self, given: Settings, api: subprocess.Popen[bytes] | None, port: int, started: float) -> None:
        self._given = given
        self._api = api
        self._started = started
        self._host = given.host
        self._port = port
        self._data = reach.data_folder(given)
        self._demo_json = self._data / "demo.json"
        self._environment = {
            **os.environ,
            **reach.secret_environment(given, self._data),
            "PERENNIAL_PORT": str(port),
            "PERENNIAL_DATA": str(self._data),
        }
        self._base_url = given.base_url.rstrip("/") or f"http://localhost:{port}"

    def run_embedded(self, *, demo: bool) -> int:
        """Run on the embedded Postgres."""
        cluster = reach.embedded(self._data)
        self._environment |= reach.embedded_environment(cluster)
        # The driver loads while Postgres starts.
        threading.Thread(target=importlib.import_module, args=["psycopg"], daemon=True).start()

        def prepare() -> None:
            owner_url = cluster.url(user=reach.OWNER)
            self._migrate(owner_url)
            if demo:
                self._load_demo()
            self._announce()

        return Supervisor(cluster, self._children(), on_postgres_ready=prepare, stop_seconds=STOP_SECONDS).run()

    def run_on_given_server(self, *, demo: bool) -> int:
        """Run on the server that DATABASE_URL names."""
        url = self._given.database_url.get_secret_value()
        owner_url = self._given.owner_url.get_secret_value() or url
        self._migrate(owner_url)
        if _is_owner(url):
            self._environment |= _own_logins(owner_url, self._data)
        elif not self._given.worker_url.get_secret_value():
            raise SystemExit(
                f"The worker needs a login of its own: set PERENNIAL_WORKER_URL to the URL of {reach.WORKER}."
            )
        if demo:
            self._load_demo()
        self._announce()
        return Supervisor(None, self._children(), stop_seconds=STOP_SECONDS).run()

    def _children(self) -> list[Command]:
        unprivileged = {name: value for name, value in self._environment.items() if name != "PERENNIAL_OWNER_URL"}
        metrics = self._given.metrics_port
        worker = unprivileged | ({"PERENNIAL_METRICS_PORT": str(metrics + 1)} if metrics else {})
        return [
            Command("api", _python("api"), unprivileged, self._api),
            Command("worker", [sys.executable, "-m", "api.cli.working", str(self._port)], worker),
        ]

    def _migrate(self, owner_url: str) -> None:
        at = _fetch(owner_url, "SELECT to_regclass('alembic_version')")
        if at and _fetch(owner_url, "SELECT version_num FROM alembic_version") == newest_migration():
            return
        print("Migrating the database …", flush=True)
        self._step("migrate", {"PERENNIAL_OWNER_URL": owner_url})

    def _load_demo(self) -> None:
        if self._demo_json.exists():
            self._keep_base_url()
            return
        print("Loading the demo data, once …", flush=True)
        self._step("seed", {})

    def _keep_base_url(self) -> None:
        from api.demo.credentials import write_credentials

        content = json.loads(self._demo_json.read_text(encoding="utf-8"))
        if content["base_url"] != self._base_url:
            write_credentials(self._demo_json, content | {"base_url": self._base_url})

    def _step(self, command: str, further: Mapping[str, str]) -> None:
        done = subprocess.run(  # noqa: S603 - our own command, no shell
            leashed(_python(command), signal=9),
            env={**self._environment, **further},
            start_new_session=True,  # Ctrl-C is ours to handle
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"`{command}` failed (see above).")

    def _announce(self) -> None:
        threading.Thread(target=self._say_when_ready, daemon=True).start()

    def _say_when_ready(self) -> None:
        while not _answers(self._host, self._port):
            time.sleep(0.05)
        lines = [
            f"Perennial is ready after {time.monotonic() - self._started:.1f} s.",
            f"  Docs            {self._base_url}/docs",
            f"  OpenAPI         {self._base_url}/openapi/v1.json",
        ]
        if self._demo_json.exists():
            lines.append(f"  Sign-ins, keys  {self._demo_json}")
        lines.append("Ctrl-C stops it.")
        print("\n".join(lines), flush=True)


def _python(command: str) -> list[str]:
    return [sys.executable, "-m", "api.cli", command]


def _free_port(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = f"Port {port} is taken by another program. Choose another: PORT={port + 1} make run"
            else:
                reason = f"Cannot listen on {host} port {port}: {error.strerror}."
            raise SystemExit(reason) from None
        return int(probe.getsockname()[1])


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection("localhost" if host in EVERYWHERE else host, port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _fetch(url: str, query: str) -> object:
    """The only value of a query's only row."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            row = connection.execute(query).fetchone()
    except psycopg.OperationalError as error:
        raise SystemExit(f"Cannot connect to the database: {error}") from None
    return row[0] if row else None


def _is_owner(url: str) -> bool:
    return bool(
        _fetch(
            url,
            "SELECT rolsuper OR rolbypassrls OR pg_has_role(current_user, tableowner, 'MEMBER') "
            "FROM pg_roles, pg_tables WHERE rolname = current_user "
            "AND schemaname = 'public' AND tablename = 'accounts'",
        )
    )


def _own_logins(owner_url: str, data: Path) -> dict[str, str]:
    """Give the unprivileged roles passwords of this data folder, since the owner must not serve requests."""
    import psycopg
    from psycopg import sql

    urls = {}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for role in (reach.APP, reach.WORKER):
            password = reach.kept_secret(data / f"{role}.password")
            connection.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
            )
            urls[role] = _as_role(owner_url, role, password)
    return {"DATABASE_URL": urls[reach.APP], "PERENNIAL_WORKER_URL": urls[reach.WORKER]}


def _as_role(url: str, role: str, password: str) -> str:
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{address}"))
