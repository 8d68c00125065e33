"""The limit: pgbench sending exactly the SQL of our requests, as the application's role, with its workspace set."""

import math
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg

from api.accounts.resource import ACCOUNTS
from api.accounts.schemas import AccountQuery, AccountRead
from api.auth.access import KEY_PREFIXES, Presented
from api.auth.secret_tokens import SecretToken
from api.kit.postgres import Cluster
from api.kit.postgres.binaries import find
from api.kit.postgres.process import choose_account
from api.kit.read import chosen
from api.kit.statements import Shape, Statement, statement_for
from benchmarks.data import APP, Tenant
from benchmarks.measure import Measured
from benchmarks.servers import cpu_seconds, postmaster


def page_shape(
    *, sort: str = "name", descending: bool = False, filters: Sequence[str] = (), after: bool = False
) -> Shape:
    """What a list of accounts with all fields makes of these."""
    fields, expand = chosen(ACCOUNTS, AccountRead, AccountQuery())
    names = tuple(sorted(("archived", *filters)))
    return Shape(ACCOUNTS, AccountRead, fields, expand, names, sort, descending, after, limit=50)


def item_shape() -> Shape:
    """What getting one account makes."""
    fields, expand = chosen(ACCOUNTS, AccountRead, None)
    return Shape(ACCOUNTS, AccountRead, fields, expand, by_id="id")


def page_script(cluster: Cluster, tenant: Tenant) -> str:
    """The transaction behind a list of 50 accounts."""
    values = {"f_archived": False}
    return _script(cluster, tenant, statement_for(page_shape()), values)


def item_script(cluster: Cluster, tenant: Tenant, account_id: str) -> str:
    """The transaction behind getting one account."""
    return _script(cluster, tenant, statement_for(item_shape()), {"item": UUID(account_id)})


def _script(cluster: Cluster, tenant: Tenant, statement: Statement, values: Mapping[str, object]) -> str:
    prefix = next(prefix for prefix in KEY_PREFIXES if tenant.api_key.startswith(prefix))
    token = SecretToken.parse(tenant.api_key, prefix)
    assert token is not None
    credential = Presented(token.workspace_id, token.id, token.hash(), math.inf).opening
    parameters = {**statement.constants, "workspace_id": UUID(tenant.id), **values}
    with psycopg.connect(cluster.url(user=APP)) as connection:
        query = psycopg.ClientCursor(connection).mogrify(statement.sql, parameters)
    # pgbench would take the minutes and seconds of a format for variables of its own.
    query = re.sub(r":(?=MI|SS)", "'||chr(58)||'", query)
    lines = [
        "\\startpipeline",
        "BEGIN READ ONLY;",
        f"SET LOCAL app.workspace_id = '{tenant.id}';",
        f"{credential};",
        "\\endpipeline",
        f"{' '.join(query.split())};",
        "COMMIT;",
    ]
    return "\n".join(lines) + "\n"


def pgbench(cluster: Cluster, scripts: Sequence[str], seconds: float, connections: int = 10) -> Measured:
    """Run the scripts in random order, prepared."""
    host = parse_qs(urlsplit(cluster.url()).query)["host"][0]
    program = find(choose_account(cluster.data)).command("pgbench")
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, script in enumerate(scripts):
            path = Path(folder) / f"{number}.sql"
            path.write_text(script)
            files += ["-f", str(path)]
        before = cpu_seconds(postmaster(cluster))
        ran = subprocess.run(
            [program, "-n", "-M", "prepared", "-c", str(connections), "-T", str(max(1, round(seconds))), *files,
             "-h", host, "-U", APP, "perennial"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        cpu = cpu_seconds(postmaster(cluster)) - before
    if ran.returncode:
        raise SystemExit(f"pgbench failed:\n{ran.stderr[-2000:]}")
    count = int(_figure(r"transactions actually processed: (\d+)", ran.stdout))
    latency = _figure(r"latency average = ([\d.]+)", ran.stdout)
    return Measured(_figure(r"tps = ([\d.]+)", ran.stdout), latency, 0, 0, 1000 * cpu / count)


def _figure(pattern: str, text: str) -> float:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"pgbench said something new:\n{text}")
    return float(match.group(1))
