"""Everything measured in one run: a table of figures, a table of goals, and results.json."""

import argparse
import datetime as dt
import json
import os
import platform
import statistics
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import psycopg
from rich.console import Console

from api.kit.postgres import Cluster
from benchmarks import figures, health, limit, partner_cases, reference_cases, report, servers, singles, usage
from benchmarks.data import APP, OWNER, REPOSITORY, Loaded, Sizes, database
from benchmarks.measure import Measured, Requests, UnexpectedAnswersError, in_turn, once
from benchmarks.plans import plans
from benchmarks.report import Goal

QUICK = Sizes(workspaces=2, each=5_000, small=10_000, big=50_000, figures=10_000)
RESULTS = Path(__file__).with_name("results.json")
Subject = Callable[[float], Measured]


@dataclass
class Run:
    """One run: what is measured, how long, and what came out."""

    cluster: Cluster
    loaded: Loaded
    folder: Path
    rounds: int
    seconds: float
    console: Console
    cases: dict[str, dict[str, Measured]] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)

    def measure(self, case: str, subjects: Mapping[str, Subject]) -> dict[str, Measured]:
        """Measure the subjects of a case in turn, and show them."""
        with self.console.status(case):
            self.cases[case] = in_turn(subjects, rounds=self.rounds, seconds=self.seconds)
        report.show_case(self.console, case, self.cases[case])
        return self.cases[case]

    def goal(self, work: str, measured: float, bound: str, limit_: float) -> None:
        """Compare a figure with its goal."""
        self.goals.append(Goal(work, measured, bound, limit_))


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small data, short measurements: only to see it run")
    parser.add_argument("--seconds", type=float, help="of each measurement")
    parser.add_argument("--rounds", type=int, help="of each case; the median counts")
    parser.add_argument("--weeks", type=int, help="of the backtest, 52 unless given: half an hour")
    given = parser.parse_args()
    folder = Path(os.environ.get("PERENNIAL_BENCH_DATA") or REPOSITORY / ".perennial-bench").resolve()
    folder /= "quick" if given.quick else "full"
    console = Console(width=None if os.isatty(1) else 150)
    seconds = given.seconds or (1 if given.quick else 5)
    with database(folder, QUICK if given.quick else Sizes()) as (cluster, loaded):
        run = Run(cluster, loaded, folder, given.rounds or (1 if given.quick else 3), seconds, console)
        with ExitStack() as stack:
            ours = stack.enter_context(servers.perennial(cluster, 8701, folder))
            peers = [stack.enter_context(peer) for peer in servers.peers(cluster, 8710, folder)]
            _against_peers(run, ours, peers)
            _paging_and_growth(run, ours)
            _finding(run, ours)
            _figures(run, ours)
            run.goal("resident memory of one worker after these, MB", ours.resident(), "≤", 180)
        _two_workers(run)
        _statements(run)
        _plans(run)
        _bulk(run)
        _usage(run, bodies=1 if given.quick else 4)
        _health(run, weeks=given.weeks or (8 if given.quick else 52))
        _references(run, cases=5_000 if given.quick else reference_cases.CASES)
    run.goal("second start to ready, s", singles.second_start(folder), "≤", 3)
    report.show_goals(console, run.goals)
    _write(run, quick=given.quick)


def _against_peers(run: Run, ours: servers.Server, peers: list[servers.Server]) -> None:
    drf, orm, floor = peers
    tenants = run.loaded.many
    bare: Subject = _load(run, floor, [("/", "")])
    keys = [tenant.api_key for tenant in tenants]
    pages = run.measure(
        "list 50 accounts, all fields",
        {
            "Perennial": _load(run, ours, [("/v1/accounts", key) for key in keys]),
            "Django REST framework": _load(run, drf, [("/accounts", key) for key in keys]),
            "FastAPI + ORM": _load(run, orm, [("/accounts", key) for key in keys]),
            "bare FastAPI route": bare,
            "pgbench, same SQL": partial(
                limit.pgbench, run.cluster, [limit.page_script(run.cluster, tenant) for tenant in tenants]
            ),
        },
    )
    _compare(run, "list", pages, drf=8, orm=5)
    some = [(tenant, account_id) for tenant in tenants for account_id in _ids(run, tenant.id, 5)]
    items = run.measure(
        "get one account",
        {
            "Perennial": _load(run, ours, [(f"/v1/accounts/{one}", tenant.api_key) for tenant, one in some]),
            "Django REST framework": _load(run, drf, [(f"/accounts/{one}", tenant.api_key) for tenant, one in some]),
            "FastAPI + ORM": _load(run, orm, [(f"/accounts/{one}", tenant.api_key) for tenant, one in some]),
            "bare FastAPI route": bare,
            "pgbench, same SQL": partial(
                limit.pgbench, run.cluster, [limit.item_script(run.cluster, tenant, one) for tenant, one in some]
            ),
        },
    )
    _compare(run, "get", items, drf=5, orm=3)


def _compare(run: Run, what: str, found: Mapping[str, Measured], *, drf: float, orm: float) -> None:
    ours = found["Perennial"]
    run.goal(f"{what}: × Django REST", ours.per_second / found["Django REST framework"].per_second, "≥", drf)
    run.goal(f"{what}: × FastAPI + ORM", ours.per_second / found["FastAPI + ORM"].per_second, "≥", orm)
    if what == "list":
        bare, pgbench = found["bare FastAPI route"], found["pgbench, same SQL"]
        run.goal("list: app CPU ÷ bare FastAPI route's", ours.app_cpu_ms / bare.app_cpu_ms, "≤", 5)
        run.goal("list: Postgres CPU ÷ pgbench's", ours.postgres_cpu_ms / pgbench.postgres_cpu_ms, "≤", 1.3)


def _paging_and_growth(run: Run, ours: servers.Server) -> None:
    big, small = run.loaded.big, run.loaded.small
    for sort in ("name", "-mrr"):
        with run.console.status(f"walking to page 1,000 by {sort}"):
            cursor = singles.cursor_at(ours, big, sort, 50 * min(999, big.accounts // 50 - 2))
        path = f"/v1/accounts?sort={sort}"
        found = run.measure(
            f"{big.accounts:,} accounts by {sort}",
            {
                "page 1": _load(run, ours, [(path, big.api_key)]),
                "page 1,000": _load(run, ours, [(f"{path}&cursor={cursor}", big.api_key)]),
                f"page 1 of {small.accounts:,}": _load(run, ours, [(path, small.api_key)]),
            },
        )
        first, late, little = (_cost(one) for one in found.values())
        run.goal(f"page 1,000 by {sort} ÷ page 1, CPU", late / first, "≤", 1.2)
        run.goal(f"page 1 by {sort} at {big.accounts:,} ÷ at {small.accounts:,}, CPU", first / little, "≤", 1.3)


def _finding(run: Run, ours: servers.Server) -> None:
    token = singles.sign_in(ours, run.loaded.many[0])
    key, big = run.loaded.many[0].api_key, run.loaded.big
    subjects = {
        "5,000: q=さくら物流": ("q=%E3%81%95%E3%81%8F%E3%82%89%E7%89%A9%E6%B5%81", key),
        f"{big.accounts:,}: q=crm-4242": ("q=crm-4242", big.api_key),
        "5,000: phase, health ≤ 40, by -mrr": ("phase=adoption&health_max=40&sort=-mrr", key),
        f"{big.accounts:,}: phase, health ≤ 40, by -mrr": ("phase=adoption&health_max=40&sort=-mrr", big.api_key),
        "5,000: custom.tier=gold": ("custom.tier=gold", key),
        "5,000: four fields only": ("fields=id,name,mrr,health_score", key),
        "5,000: expand=owner": ("expand=owner", key),
        "5,000: with a session's token": ("", token),
    }
    run.measure(
        "find accounts",
        {name: _load(run, ours, [(f"/v1/accounts?{query}", bearer)]) for name, (query, bearer) in subjects.items()},
    )
    # Last and by itself: the text stands in a large part of the names, and the server may refuse under this load.
    common, refused = f"{big.accounts:,}: q=さくら物流", 0
    path = "/v1/accounts?q=%E3%81%95%E3%81%8F%E3%82%89%E7%89%A9%E6%B5%81"
    try:
        run.measure("find accounts by a common text", {common: _load(run, ours, [(path, big.api_key)])})
    except UnexpectedAnswersError as error:
        run.console.print(str(error), highlight=False)
        refused = 1
    run.goal(f"{common}: refused under load", refused, "≤", 0)


def _figures(run: Run, ours: servers.Server) -> None:
    tenant = run.loaded.figures
    with run.console.status("figures"):
        found = figures.measure(ours, tenant, run.rounds)
    for source, bound in (("rollup", 100), ("ledger", 2000)):
        title = f"{tenant.accounts:,} accounts × {figures.MONTHS} months from the {source}, ms"
        report.show_lines(run.console, title, found[source])
        run.cases[title] = {name: _seconds(value / 1000) for name, value in found[source].items()}
        slowest = max(
            found[source][name]
            for name in ("NRR and GRR of two years", "NRR and GRR of a month", "cohorts of two years")
        )
        run.goal(f"NRR, GRR, cohorts from the {source}, slowest, ms", slowest, "≤", bound)


def _bulk(run: Run) -> None:
    server = servers.perennial(run.cluster, 8706, run.folder)
    with run.console.status("bulk upserts of 5,000"), server as ours:
        singles.empty(run.cluster, run.loaded.empty)
        found = singles.bulk(ours, run.loaded.empty)
        singles.empty(run.cluster, run.loaded.empty)
    report.show_lines(run.console, "bulk upsert of 5,000 accounts, one request, seconds", found)
    run.cases["bulk upsert of 5,000, seconds"] = {name: _seconds(value) for name, value in found.items()}


def _usage(run: Run, bodies: int) -> None:
    tenant = run.loaded.figures
    for shape in usage.Shape:
        with (
            run.console.status(f"usage coming in, {shape}"),
            servers.perennial(run.cluster, 8707, run.folder) as server,
        ):
            found = usage.measure(run.cluster, server, tenant, shape, bodies)
        title = f"usage of {tenant.accounts:,} accounts, {bodies * usage.LINES:,} lines, {shape}: rows/s"
        report.show_lines(run.console, title, found.rows)
        run.cases[title] = {name: _seconds(1 / value) for name, value in found.rows.items()}
        run.goal(f"usage, {shape}: new rows/s ÷ plain COPY's", found.rows["new"] / found.rows["plain COPY"], "≥", 0.25)
        run.goal(f"usage, {shape}: memory after all loads ÷ after the first", found.grown, "≤", 1.15)


def _health(run: Run, weeks: int) -> None:
    tenant = run.loaded.figures
    with run.console.status("scores and a backtest"):
        found = health.measure(run.cluster, tenant, run.rounds, weeks)
    title = f"scores of {tenant.accounts:,} accounts from weekly usage of {len(health.METRICS)} metrics, seconds"
    report.show_lines(run.console, title, found.scores)
    run.cases[title] = {name: _seconds(value) for name, value in found.scores.items()}
    plain, scored, _ = found.scores.values()
    run.goal("scores of all accounts ÷ one plain statement", scored / plain, "≤", 1.5)
    title = f"backtest of {tenant.accounts:,} accounts × {weeks} weeks, seconds"
    report.show_lines(run.console, title, found.backtest)
    run.cases[title] = {name: _seconds(value) for name, value in found.backtest.items()}
    plain, tested = found.backtest.values()
    run.goal("backtest ÷ a plain pass over usage", tested / plain, "≤", 2)
    report.show_lines(run.console, "memory of the backtest's process, MB", found.memory)


def _references(run: Run, cases: int) -> None:
    tenant = run.loaded.figures
    with psycopg.connect(run.cluster.url(user=OWNER), autocommit=True) as connection:
        with run.console.status("drawing reference cases"):
            partner_cases.forget(connection, tenant.id)
            reference_cases.forget(connection, tenant.id)
            reference_cases.fill(connection, tenant.id, cases)
        with servers.perennial(run.cluster, 8708, run.folder) as server:
            postgres = servers.postmaster(run.cluster)
            found = run.measure(
                f"{cases:,} reference cases, one request at a time",
                {
                    name: partial(_asked_alone, server, postgres, [(path, tenant.api_key) for path in paths])
                    for name, paths in reference_cases.questions().items()
                },
            )
            with run.console.status("adding a partner who may see nine of ten cases"):
                partner_cases.agree(connection, tenant.id)
                partner_id = partner_cases.show(connection, run.cluster.url(user=APP), tenant.id)
                partners_key = partner_cases.key_of(server.port, tenant.api_key, partner_id)
            seen = run.measure(
                f"the same through a partner's key, of {cases:,} cases nine in ten",
                {
                    name: partial(_asked_alone, server, postgres, [(path, partners_key) for path in paths])
                    for name, paths in partner_cases.questions().items()
                },
            )
        with psycopg.connect(run.cluster.url(user=APP), autocommit=True) as app:
            plans_found = [
                *reference_cases.case_plans(app, tenant.id),
                *partner_cases.partner_plans(app, tenant.id, partner_id),
            ]
        partner_cases.forget(connection, tenant.id)
        reference_cases.forget(connection, tenant.id)
    for name in reference_cases.WITH_A_GOAL:
        run.goal(f"reference cases: {name}, p95 ms", found[name].p95_ms, "≤", 12)
        run.goal(f"through a partner's key: {name}, p95 ms", seen[name].p95_ms, "≤", 12)
    troubled = {plan.name: plan.trouble for plan in plans_found if plan.trouble}
    report.show_lines(run.console, f"plans of the list of cases: {len(plans_found)}, in trouble:", troubled)
    run.goal("plans of the list of cases without their index", len(troubled), "≤", 0)


def _asked_alone(server: servers.Server, postgres: int, requests: Requests, seconds: float) -> Measured:
    return once(server, postgres, requests, seconds, connections=1)


def _two_workers(run: Run) -> None:
    requests = [("/v1/accounts", tenant.api_key) for tenant in run.loaded.many]
    with (
        servers.perennial(run.cluster, 8702, run.folder) as one,
        servers.perennial(run.cluster, 8703, run.folder, workers=2) as two,
    ):
        found = run.measure(
            "list, workers", {"one worker": _load(run, one, requests), "two workers": _load(run, two, requests)}
        )
    single, double = found.values()
    run.goal("list: app CPU of two workers ÷ of one", double.app_cpu_ms / single.app_cpu_ms, "≤", 1.2)


def _statements(run: Run) -> None:
    with psycopg.connect(run.cluster.url(user=OWNER), autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {APP} SET log_statement = 'all'")
        try:
            with servers.perennial(run.cluster, 8704, run.folder) as server:
                found = singles.statements(run.cluster, server, run.loaded.many[0])
        finally:
            connection.execute(f"ALTER ROLE {APP} RESET log_statement")
    for name, texts in found.items():
        report.show_lines(run.console, f"{name}: what reaches Postgres", {text[:140]: "" for text in texts})
        # The transaction's own: its opening with the credential, and its end.
        run.goal(f"{name}: statements beside the transaction's own", len(texts) - 2, "≤", 1)


def _plans(run: Run) -> None:
    with psycopg.connect(run.cluster.url(user=APP), autocommit=True) as connection:
        found = list(plans(connection, run.loaded.big.id))
    troubled = {
        f"{plan.name} ({'generic' if plan.generic else 'custom'})": plan.trouble for plan in found if plan.trouble
    }
    about = f"plans under row-level security at {run.loaded.big.accounts:,} accounts"
    report.show_lines(run.console, f"{about}: {len(found) - len(troubled)} of {len(found)} walk their index", troubled)
    run.goal(f"{about}: without their index", len(troubled), "≤", 0)


def _load(run: Run, server: servers.Server, requests: Requests) -> Subject:
    return lambda seconds: once(server, servers.postmaster(run.cluster), requests, seconds)


def _ids(run: Run, workspace_id: str, count: int) -> list[str]:
    with psycopg.connect(run.cluster.url(user=OWNER)) as connection:
        rows = connection.execute(
            "SELECT id FROM accounts WHERE workspace_id = %s ORDER BY md5(id::text) LIMIT %s", [workspace_id, count]
        )
        return [str(row[0]) for row in rows]


def _cost(measured: Measured) -> float:
    return measured.app_cpu_ms + measured.postgres_cpu_ms


def _seconds(value: float) -> Measured:
    return Measured(1 / value, 1000 * value, 1000 * value, 0, 0)


def _write(run: Run, *, quick: bool) -> None:
    content = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "load_average": [round(one, 2) for one in os.getloadavg()],
        "rounds": run.rounds,
        "seconds": run.seconds,
        "cases": {
            case: {name: {k: round(v, 3) for k, v in asdict(one).items()} for name, one in found.items()}
            for case, found in run.cases.items()
        },
        "goals": [{**asdict(goal), "met": goal.met} for goal in run.goals],
    }
    # A quick run proves nothing, so it does not replace the figures of a real one.
    path = run.folder / RESULTS.name if quick else RESULTS
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    met = statistics.mean(goal.met for goal in run.goals)
    run.console.print(f"{met:.0%} of the goals met; written to {path}", highlight=False)
