"""Measurements of single requests: a deep cursor, bulk upserts, statements, starting."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from api.kit.postgres import Cluster
from api.kit.postgres.process import leashed
from benchmarks.data import OWNER, PASSWORD, REPOSITORY, Tenant
from benchmarks.servers import Server

JSON = "application/json"


def ask(
    server: Server, method: str, path: str, *, bearer: str = "", body: bytes = b"", kind: str = JSON, **headers: str
) -> dict[str, Any]:
    """One request; its JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    sent = {"Content-Type": kind, **headers} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    connection.request(method, path, body, sent)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    if response.status >= 300:
        raise SystemExit(f"{method} {path} answered {response.status}: {text[:500]!r}")
    answer: dict[str, Any] = json.loads(text)
    return answer


def sign_in(server: Server, tenant: Tenant) -> str:
    """An access token of the workspace's administrator."""
    form = urlencode({"grant_type": "password", "username": tenant.email, "password": PASSWORD}).encode()
    kind = "application/x-www-form-urlencoded"
    return str(ask(server, "POST", "/v1/auth/token", body=form, kind=kind)["access_token"])


def cursor_at(server: Server, tenant: Tenant, sort: str, rows: int) -> str:
    """The cursor behind so many rows, by walking there."""
    cursor = ""
    while rows > 0:
        limit = min(200, rows)
        following = f"&cursor={cursor}" if cursor else ""
        path = f"/v1/accounts?sort={sort}&fields=id&limit={limit}{following}"
        cursor = ask(server, "GET", path, bearer=tenant.api_key)["page"]["next_cursor"]
        rows -= limit
    return cursor


def bulk(server: Server, tenant: Tenant) -> dict[str, float]:
    """Seconds to create 5,000 accounts, to send them again unchanged, and to change one field of each."""
    found = {}
    for name, industry in (("create", "物流"), ("send again", "物流"), ("change one field", "小売")):
        items = [
            {
                "external_id": f"bulk-{number}",
                "name": f"株式会社さくら物流 {number}",
                "domain": f"sakura-{number}.example",
                "industry": industry,
                "employee_count": number,
                "country": "JP",
                "tags": ["重点"] if number % 10 == 0 else [],
            }
            for number in range(5000)
        ]
        body = json.dumps({"items": items}).encode()
        started = time.perf_counter()
        answer = ask(
            server, "POST", "/v1/accounts:bulk-upsert", bearer=tenant.api_key, body=body,
            **{"Idempotency-Key": uuid.uuid4().hex},
        )  # fmt: skip
        found[name] = time.perf_counter() - started
        wanted = {"create": "created", "send again": "unchanged", "change one field": "updated"}[name]
        if any(item["status"] != wanted for item in answer["items"]):
            raise SystemExit(f"bulk upsert: not every item is {wanted}")
    return found


def empty(cluster: Cluster, tenant: Tenant) -> None:
    """Take out what the bulk upserts wrote, so that the next run finds the same data."""
    with psycopg.connect(cluster.url(user=OWNER)) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'workspace_id' "
            "AND table_schema = 'public' AND table_name NOT IN ('workspaces', 'users', 'credentials', 'passwords', "
            "'logins', 'workspace_directory', 'custom_fields')"
        ).fetchall()
        # The order of foreign keys does not matter when all of a workspace's rows go.
        connection.execute("SET session_replication_role = replica")
        for (table,) in tables:
            connection.execute(f"DELETE FROM {table} WHERE workspace_id = %s", [tenant.id])


def statements(cluster: Cluster, server: Server, tenant: Tenant) -> dict[str, list[str]]:
    """What reaches Postgres for one request, from its log; needs ``log_statement`` on."""
    listed = ask(server, "GET", "/v1/accounts", bearer=tenant.api_key)
    account = listed["data"][0]["id"]
    paths = {
        "list": "/v1/accounts",
        "get": f"/v1/accounts/{account}",
        "list, filter, sort and two expands": "/v1/accounts?phase=adoption&sort=-mrr&expand=owner,team",
    }
    found = {}
    for name, path in paths.items():
        for _ in range(3):
            ask(server, "GET", path, bearer=tenant.api_key)
        time.sleep(0.2)  # a key's last use is noted beside the first request
        start = cluster.log_path.stat().st_size
        ask(server, "GET", path, bearer=tenant.api_key)
        time.sleep(0.2)
        with cluster.log_path.open("rb") as log:
            log.seek(start)
            lines = log.read().decode().splitlines()
        marks = (" LOG:  statement: ", " LOG:  execute ")
        found[name] = [line.partition("LOG:  ")[2] for line in lines if any(mark in line for mark in marks)]
    return found


def second_start(folder: Path) -> float:
    """Seconds from the second `serve` on a data folder until it is ready; everything as a developer runs it."""
    data = folder / "serve"
    environment = {**os.environ, "PERENNIAL_DATA": str(data), "DEMO": "0", "PORT": "8705"}
    for name in ("DATABASE_URL", "PERENNIAL_OWNER_URL", "PERENNIAL_WORKER_URL"):
        environment.pop(name, None)
    took = 0.0
    for _ in range(2):
        started = time.perf_counter()
        with (folder / "serve.log").open("wb") as log:
            process = subprocess.Popen(
                leashed([sys.executable, "-m", "api.cli", "serve"], signal=signal.SIGTERM),
                cwd=REPOSITORY, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            while not _ready(8705):
                if process.poll() is not None or time.perf_counter() > started + 120:
                    raise SystemExit(f"`serve` does not start:\n{(folder / 'serve.log').read_text()[-3000:]}")
                time.sleep(0.01)
            took = time.perf_counter() - started
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    return took


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
