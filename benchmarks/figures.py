"""How long figures over two years of movements take."""

import datetime as dt
import statistics
import time
from collections.abc import Mapping

from benchmarks.data import Tenant
from benchmarks.movements import MONTHS
from benchmarks.servers import Server
from benchmarks.singles import ask


def measure(server: Server, tenant: Tenant, rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each figure, by where it is read."""
    last = dt.datetime.now(dt.UTC).date().replace(day=1) - dt.timedelta(days=1)
    first = (last.replace(day=1) - dt.timedelta(days=31 * (MONTHS - 1))).replace(day=1)
    known = {"rollup": "", "ledger": f"&known_at={dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"}
    paths = {
        "NRR and GRR of two years": f"/v1/analytics/retention?from={first}&to={last}",
        "NRR and GRR of a month": f"/v1/analytics/retention?from={last.replace(day=1)}&to={last}",
        "cohorts of two years": f"/v1/analytics/cohorts?as_of={last}",
        "movements of two years": f"/v1/analytics/movements?from={first}&to={last}",
    }
    return {
        source: {name: _median(server, tenant, path + more, source, rounds) for name, path in paths.items()}
        for source, more in known.items()
    }


def _median(server: Server, tenant: Tenant, path: str, source: str, rounds: int) -> float:
    took = []
    for _ in range(rounds + 2):
        started = time.perf_counter()
        found: Mapping[str, object] = ask(server, "GET", path, bearer=tenant.api_key)
        took.append((time.perf_counter() - started) * 1000)
        if found["source"] != source:
            raise SystemExit(f"{path} was read from the {found['source']}, not from the {source}")
    return statistics.median(took[2:])
