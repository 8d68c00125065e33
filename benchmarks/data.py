"""The rows that everything is measured on: loaded once by the owner, set-based, and kept for the next run."""

import asyncio
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from api.auth import keys, service
from api.auth.permissions import ROLE_SCOPES, Role
from api.kit.db import Database
from api.kit.postgres import DURABLE, FAST_UNSAFE, Cluster
from api.kit.settings import Settings
from benchmarks import movements
from benchmarks.movements import two_years

REPOSITORY = Path(__file__).parents[1]
OWNER, APP = "perennial_owner", "perennial_app"
PASSWORD = "correct horse battery staple"
BATCH = 50_000


@dataclass(frozen=True)
class Tenant:
    """A loaded workspace and the ways into it."""

    id: str
    accounts: int
    api_key: str
    email: str


@dataclass(frozen=True)
class Loaded:
    """What the database holds: equal workspaces, a small and a big one for growth, an empty one for writes, and one
    with two years of movements for figures.
    """

    many: list[Tenant]
    small: Tenant
    big: Tenant
    empty: Tenant
    figures: Tenant


@dataclass(frozen=True)
class Sizes:
    """How many workspaces and accounts."""

    workspaces: int = 20
    each: int = 5_000
    small: int = 10_000
    big: int = 1_000_000
    figures: int = 100_000


@contextmanager
def database(folder: Path, sizes: Sizes) -> Iterator[tuple[Cluster, Loaded]]:
    """The running server with the rows in it; loaded unless the folder holds them in today's schema."""
    about = folder / "loaded.json"
    fingerprint = _fingerprint(sizes)
    known = json.loads(about.read_text()) if about.exists() else {}
    if known.get("fingerprint") != fingerprint:
        cluster = Cluster(folder / "postgres")
        for old in (cluster.data, about):
            shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        known = {"fingerprint": fingerprint, **asdict(_load(folder, sizes))}
        about.write_text(json.dumps(known))
    tenants = {name: Tenant(**known[name]) for name in ("small", "big", "empty", "figures")}
    # Vacuumed when it was loaded; nothing may run beside a measurement.
    with Cluster(folder / "postgres", config={**DURABLE, "autovacuum": "off"}) as cluster:
        yield cluster, Loaded([Tenant(**one) for one in known["many"]], **tenants)


def _fingerprint(sizes: Sizes) -> str:
    read = hashlib.sha256(repr(sizes).encode())
    for path in [*sorted((REPOSITORY / "migrations").rglob("*.py")), Path(__file__), Path(movements.__file__)]:
        read.update(path.read_bytes())
    return read.hexdigest()


def _load(folder: Path, sizes: Sizes) -> Loaded:
    # Nothing is worth keeping until it is complete, so the load need not wait for the disk.
    with Cluster(folder / "postgres", config={**FAST_UNSAFE, "max_wal_size": "4GB"}) as cluster:
        url = cluster.url(user=OWNER)
        _migrate(url)
        with psycopg.connect(url, autocommit=True) as connection:
            tenants = asyncio.run(_tenants(cluster.url(user=APP), sizes))
            connection.execute(_PEERS)
            for tenant in tenants:
                connection.execute(
                    "INSERT INTO bench.api_keys VALUES (%s, %s, NULL)",
                    [hashlib.sha256(tenant.api_key.encode()).hexdigest(), tenant.id],
                )
            _fill(connection, tenants)
            two_years(connection, cluster.url(user=APP), tenants[3])
            connection.execute("VACUUM (FREEZE, ANALYZE)")
    return Loaded(many=tenants[4:], small=tenants[0], big=tenants[1], empty=tenants[2], figures=tenants[3])


def _migrate(url: str) -> None:
    config = Config(REPOSITORY / "alembic.ini")
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


async def _tenants(url: str, sizes: Sizes) -> list[Tenant]:
    wanted = [sizes.small, sizes.big, 0, sizes.figures, *[sizes.each] * sizes.workspaces]
    async with Database(url, Settings(), size=2) as database:
        return [await _tenant(database, number, accounts) for number, accounts in enumerate(wanted)]


async def _tenant(database: Database, number: int, accounts: int) -> Tenant:
    japanese = number % 2 == 0
    values = {
        "name": f"株式会社ベンチ{number}" if japanese else f"Bench {number} Inc",
        "base_currency": "JPY" if japanese else "USD",
        "time_zone": "Asia/Tokyo" if japanese else "America/New_York",
    }
    email = f"admin{number}@bench.example"
    workspace_id: UUID = await service.create_workspace(database, values)
    async with database.write(workspace_id) as tx:
        await service.create_user(tx, email=email, name="山田 太郎", role=Role.admin, password=PASSWORD)
        _, key = await keys.create_api_key(tx, name="bench", scopes=ROLE_SCOPES[Role.admin])
    return Tenant(str(workspace_id), accounts, key, email)


def _fill(connection: psycopg.Connection, tenants: list[Tenant]) -> None:
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid IN ('accounts'::regclass, 'account_standing'::regclass) AND NOT indisunique"
    ).fetchall()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    with Progress(*columns) as progress:
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        # Foreign keys hold by construction; checking a million of them takes longer than writing the rows.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute(PICK)
        task = progress.add_task("accounts", total=sum(tenant.accounts for tenant in tenants))
        for tenant in tenants:
            for first in range(1, tenant.accounts + 1, BATCH):
                last = min(first + BATCH - 1, tenant.accounts)
                connection.execute(ACCOUNTS, {"ws": tenant.id, "first": first, "last": last})
                progress.advance(task, last - first + 1)
        for name, statement in (("standing", STANDING), ("values to filter by", _VALUES)):
            task = progress.add_task(name, total=1)
            connection.execute(statement)
            progress.advance(task)
        task = progress.add_task("indexes", total=len(indexes))
        for _, definition in indexes:
            connection.execute(definition)
            progress.advance(task)


_PEERS = """
CREATE SCHEMA bench;
CREATE TABLE bench.api_keys (key_hash text PRIMARY KEY, workspace_id uuid NOT NULL, revoked_at timestamptz);
CREATE VIEW bench.accounts AS SELECT a.*, s.currency, s.mrr_minor, s.arr_minor, s.seats, s.first_paid_on, s.renewal_on,
    s.notice_deadline, s.health_score, s.health_band, s.usage_status, s.icp_fit, s.importance,
    coalesce(a.touch_model_override, s.touch_model) AS touch_model
FROM accounts a JOIN account_standing s ON s.workspace_id = a.workspace_id AND s.account_id = a.id;
"""

# Deterministic draws: the same rows in every run.
PICK = """
CREATE FUNCTION pg_temp.chance(n integer, salt integer) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN (hashint4extended(n, salt) & 1073741823)::integer;
CREATE FUNCTION pg_temp.pick(choices text[], n integer, salt integer) RETURNS text LANGUAGE sql IMMUTABLE
RETURN choices[1 + (hashint4extended(n, salt) & 1073741823) % array_length(choices, 1)];
"""

ACCOUNTS = """
WITH drawn AS (
    SELECT n, pg_temp.chance(n, 1) %% 2 = 0 AS japanese,
        now() - pg_temp.chance(n, 2) %% 1500 * interval '1 day' - n * interval '1 millisecond' AS made,
        pg_temp.pick('{さくら,北斗,青葉,富士,大和,東海,関西,みらい,日の出,あけぼの,光洋,三栄,太平,新星,白鳥,若葉,共立,中央,丸和,栄光}', n, 3)
            || pg_temp.pick('{物流,電機,製薬,建設,商事,化学,食品,精機,通信,保険,銀行,システム,ソリューションズ,印刷,重工,不動産,出版,繊維,鉄道,観光}', n, 4)
            AS ja,
        pg_temp.pick('{Harbor,Northwind,Blue Ridge,Cedar,Summit,Lakeside,Ironwood,Bright,Pioneer,Granite,Silver,Atlas,Vertex,Orchard,Beacon,Maple,Keystone,Prairie,Falcon,Coastal}', n, 5)
            || ' ' || pg_temp.pick('{Analytics,Logistics,Health,Foods,Robotics,Energy,Media,Partners,Systems,Capital,Labs,Materials,Motors,Networks,Retail,Security,Software,Studios,Textiles,Travel}', n, 6)
            AS en,
        pg_temp.pick('{onboarding,adoption,adoption,adoption,renewal,churned}', n, 7) AS phase
    FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
)
INSERT INTO accounts (workspace_id, id, version, created_at, updated_at, external_id, name, legal_name, kana,
    corporate_number, domain, industry, employee_count, country, language, owner_id, phase, phase_since,
    onboarding_completed_at, onboarding_criteria_met, is_first_renewal, touch_model_override, sources, tags, custom)
SELECT w.workspace_id, uuidv7(made - now()), 1 + n %% 5, made, made + (n %% 40) * interval '1 hour', 'crm-' || n,
    CASE WHEN japanese THEN ja || ' ' || n ELSE en || ' ' || n END,
    CASE WHEN japanese THEN '株式会社' || ja ELSE en || pg_temp.pick('{" Inc"," LLC"," Ltd"}', n, 8) END,
    CASE WHEN japanese THEN 'カブシキガイシャ' || pg_temp.pick('{サクラ,ホクト,アオバ,フジ,ヤマト,トウカイ}', n, 9) END,
    CASE WHEN japanese THEN (1000000000000 + n)::text END, 'company-' || n || '.example',
    CASE WHEN japanese THEN pg_temp.pick('{物流,製造,金融,小売,IT,医療}', n, 10)
        ELSE pg_temp.pick('{Logistics,Manufacturing,Finance,Retail,Software,Healthcare}', n, 10) END,
    10 + pg_temp.chance(n, 11) %% 5000, CASE WHEN japanese THEN 'JP' ELSE 'US' END,
    CASE WHEN japanese THEN 'ja' ELSE 'en' END, u.id, phase, (made + interval '90 days')::date,
    CASE WHEN phase <> 'onboarding' THEN made + interval '60 days' END, '{}', n %% 3 = 0,
    CASE WHEN n %% 20 = 0 THEN 'high' END, '{"name": "crm"}',
    CASE WHEN n %% 8 = 0 THEN ARRAY['重点'] ELSE '{}'::text[] END,
    CASE WHEN n %% 4 = 0 THEN jsonb_build_object('tier', pg_temp.pick('{gold,silver,bronze}', n, 12)) ELSE '{}' END
FROM drawn, workspaces w JOIN users u ON u.workspace_id = w.workspace_id
WHERE w.workspace_id = %(ws)s
"""

STANDING = """
INSERT INTO account_standing (workspace_id, account_id, currency, mrr_minor, arr_minor, acv_minor, seats,
    contract_months, first_paid_on, renewal_on, notice_deadline, health_score, health_band, health_at, usage_status,
    case_willingness, expansion_likelihood, touch_model, icp_fit, icp_fit_reasons, importance, importance_reasons)
SELECT workspace_id, id, CASE WHEN country = 'JP' THEN 'JPY' ELSE 'USD' END, mrr, 12 * mrr, 12 * mrr,
    5 + pg_temp.chance(n, 22) % 400, 12, created_at::date, renewal, renewal - 60, health,
    CASE WHEN health >= 70 THEN 'green' WHEN health >= 40 THEN 'yellow' WHEN health IS NOT NULL THEN 'red' END, now(),
    pg_temp.pick('{healthy,healthy,needs_attention,inactive}', n, 25), pg_temp.chance(n, 26) % 101,
    pg_temp.chance(n, 27) % 101, pg_temp.pick('{high,low,low,tech,tech,tech}', n, 28), pg_temp.chance(n, 29) % 101,
    '[{"criterion": "industry: 物流", "met": 100, "weight": 1}]', pg_temp.chance(n, 30) % 10001 / 100.0,
    '[{"criterion": "seats", "met": 40, "weight": 1}]'
FROM (
    SELECT *, CASE WHEN n % 10 > 0 THEN 10000 + pg_temp.chance(n, 21) % 3000000 END AS mrr,
        CASE WHEN n % 10 > 0 THEN current_date + pg_temp.chance(n, 23) % 400 END AS renewal,
        CASE WHEN n % 20 > 0 THEN pg_temp.chance(n, 24) % 10001 / 100.0 END AS health
    FROM (SELECT *, substr(external_id, 5)::integer AS n FROM accounts) AS numbered
) AS drawn
"""

_VALUES = """
INSERT INTO field_values (workspace_id, resource, field, value, row_id)
SELECT workspace_id, 'account', 'tags', tags[1], id FROM accounts WHERE tags <> '{}'
UNION ALL SELECT workspace_id, 'account', 'custom.tier', custom ->> 'tier', id FROM accounts WHERE custom ? 'tier';
INSERT INTO custom_fields (workspace_id, id, version, created_at, updated_at, resource, key, label, type, options)
SELECT workspace_id, uuidv7(), 1, now(), now(), 'account', 'tier', 'ランク', 'option', '["gold", "silver", "bronze"]'
FROM workspaces
"""
