"""What the database says of itself: tenancy on every table, roles that cannot step over it."""

import psycopg
import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from api.kit.tables import tenant_tables
from api.v1 import tables
from tests.support.postgres import APP, WORKER, Server

TENANT = sorted(table.name for table in tenant_tables())
OWN_WORKSPACE = "(workspace_id = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid)"

_PARTNER = "(NULLIF(current_setting('app.partner_id'::text, true), ''::text))::uuid"
OWN_PARTNER = f"(({_PARTNER} IS NULL) OR (partner_id = {_PARTNER}))"


def test_every_table_says_where_it_lives() -> None:
    places = {table.name: table.info.get("citus") for table in tables()}
    assert set(places.values()) <= {"distributed", "local", "reference"}, places


def test_every_table_of_the_database_is_known(owner: psycopg.Connection) -> None:
    query = """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relkind IN ('r', 'p') AND NOT relispartition
    """
    found = {str(name) for (name,) in owner.execute(query)}
    ours = {name for name in found if not name.startswith("procrastinate_")} - {"alembic_version"}
    assert ours == {table.name for table in tables()}


@pytest.mark.parametrize("table", TENANT)
def test_tenant_tables_are_behind_row_security(owner: psycopg.Connection, table: str) -> None:
    secured = owner.execute(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", [table]
    ).fetchone()
    assert secured == (True, True)
    policies = owner.execute(
        "SELECT policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies WHERE tablename = %s",
        [table],
    ).fetchall()
    own = ("own_workspace", "PERMISSIVE", "{public}", "ALL", OWN_WORKSPACE, OWN_WORKSPACE)
    searcher = ("searcher", "PERMISSIVE", "{perennial_searcher}", "SELECT", "true", None)
    theirs = ("own_partner", "RESTRICTIVE", "{perennial_app}", "ALL", OWN_PARTNER, OWN_PARTNER)
    assert own in policies
    assert set(policies) <= {own, searcher, theirs}
    assert (theirs in policies) == table.startswith("partner_")


def test_partitions_are_out_of_reach(owner: psycopg.Connection) -> None:
    query = """
        SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND EXISTS (
            SELECT FROM unnest(%s::text[]) AS role, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS act
            WHERE has_table_privilege(role, pg_class.oid, act)
        )
    """
    assert owner.execute(query, [[APP, WORKER]]).fetchall() == []


@pytest.mark.parametrize("table", tenant_tables(), ids=lambda table: table.name)
def test_keys_of_tenant_tables_begin_with_the_workspace(owner: psycopg.Connection, table: sa.Table) -> None:
    keys = owner.execute(
        """
        SELECT conname, contype::text, confrelid::regclass::text, (
            SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]
        ), (
            SELECT attname FROM pg_attribute WHERE attrelid = confrelid AND attnum = confkey[1]
        )
        FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f')
        """,
        [table.name],
    ).fetchall()
    assert any(kind == "p" for _, kind, *_ in keys)
    for name, kind, target, first, target_first in keys:
        assert first == "workspace_id", name
        if kind == "f" and target in TENANT:
            assert target_first == "workspace_id", name
    indexes = owner.execute(
        """
        SELECT indexrelid::regclass::text, indisunique, pg_get_indexdef(indexrelid, 1, true)
        FROM pg_index WHERE indrelid = %s::regclass
        """,
        [table.name],
    ).fetchall()
    assert [name for name, _, first in indexes if first != "workspace_id"] == []


def test_nothing_sets_null_or_triggers_on_tenant_tables(owner: psycopg.Connection) -> None:
    nulling = "SELECT conname FROM pg_constraint WHERE confdeltype IN ('n', 'd') AND conrelid::regclass::text = ANY(%s)"
    triggers = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)"
    for query in (nulling, triggers):
        assert owner.execute(query, [TENANT]).fetchall() == []


def test_roles_are_bound_by_row_security(owner: psycopg.Connection) -> None:
    roles = owner.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = ANY(%s)",
        [[APP, WORKER, "perennial_searcher"]],
    ).fetchall()
    assert sorted(roles) == [(name, False, False, False, False) for name in sorted([APP, WORKER, "perennial_searcher"])]
    memberships = """
        SELECT m.rolname, r.rolname FROM pg_auth_members JOIN pg_roles m ON m.oid = member JOIN pg_roles r ON r.oid = roleid
        WHERE m.rolname = ANY(%s)
    """
    assert owner.execute(memberships, [[APP, WORKER]]).fetchall() == []


def test_the_application_owns_nothing(owner: psycopg.Connection) -> None:
    owned = """
        SELECT relname FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner
        WHERE relnamespace = 'public'::regnamespace AND rolname = ANY(%s)
    """
    assert owner.execute(owned, [[APP, WORKER, "perennial_searcher"]]).fetchall() == []


def test_there_are_no_views(owner: psycopg.Connection) -> None:
    views = "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
    assert owner.execute(views).fetchall() == []


def test_functions_that_borrow_rights_are_pinned(owner: psycopg.Connection) -> None:
    functions = owner.execute(
        """
        SELECT p.oid::regprocedure::text, r.rolname, coalesce(p.proconfig::text, ''),
            has_function_privilege('public', p.oid, 'EXECUTE')
        FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
        WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
        """
    ).fetchall()
    assert functions
    for name, _, config, public in functions:
        assert "search_path=" in config, name
        assert not public, name
    searching = {
        str(name) for name, role, _, _ in functions if str(name).startswith("search_") and role != "perennial_searcher"
    }
    assert searching == set()


def test_searches_ask_apart_whose_they_are(owner: psycopg.Connection) -> None:
    """Else the planner looks up how many rows that workspace has, and of a new one believes that it has none."""
    bodies: dict[str, str] = dict(
        owner.execute("SELECT proname, prosrc FROM pg_proc WHERE proowner = 'perennial_searcher'::regrole").fetchall()
    )
    assert bodies
    for name, body in bodies.items():
        assert body.count("current_setting(") == body.count("= (SELECT NULLIF(current_setting("), name


def test_the_application_cannot_reach_what_is_not_its_own(owner: psycopg.Connection) -> None:
    """Logins only through functions, the audit log only to add and read."""
    allowed = owner.execute(
        """
        SELECT name, array_agg(act ORDER BY act) FROM unnest(ARRAY['logins', 'audit_log', 'workspace_directory']) AS name,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS act
        WHERE has_table_privilege(%s, name, act) GROUP BY name
        """,
        [APP],
    ).fetchall()
    assert allowed == [("audit_log", ["INSERT", "SELECT"])]


def test_the_worker_reads_no_workspace(server: Server, database: str, owner: psycopg.Connection) -> None:
    reachable = """
        SELECT name FROM unnest(%s::text[]) AS name,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS act WHERE has_table_privilege(%s, name, act)
    """
    assert owner.execute(reachable, [TENANT, WORKER]).fetchall() == []


def test_a_rows_default_list_is_made_by_a_function() -> None:
    """The built-in ``list`` would cost each new row 0.2 ms: its signature is parsed from text each time."""
    models = [mapper.class_ for mapper in SQLModel._sa_registry.mappers]
    assert len(models) > 100
    slow = [
        f"{model.__name__}.{name}"
        for model in models
        for name, field in model.model_fields.items()
        if field.default_factory is list
    ]
    assert slow == []
