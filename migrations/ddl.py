"""What migrations say about a table beyond its columns: tenancy, grants, search."""

from collections.abc import Sequence

from alembic import op

LOCK_TIMEOUT = "500ms"
"""How long a migration waits for a lock before it gives up, since others queue up behind it."""

WORKSPACE = "NULLIF(current_setting('app.workspace_id', true), '')::uuid"
"""The workspace of the transaction. After its first use the setting is '' rather than NULL, hence NULLIF."""


def tenant_table(table: str, *, grants: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Row-level security on a table whose rows belong to a workspace, for its owner as well."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY own_workspace ON {table} USING (workspace_id = {WORKSPACE}) WITH CHECK (workspace_id = {WORKSPACE})"
    )
    op.execute(f"GRANT {grants} ON {table} TO perennial_app")
    op.execute(f"GRANT SELECT ON {table} TO perennial_backup")


def local_table(table: str, *, app: str = "", worker: str = "") -> None:
    """Grants on a table that belongs to no workspace."""
    if app:
        op.execute(f"GRANT {app} ON {table} TO perennial_app")
    if worker:
        op.execute(f"GRANT {worker} ON {table} TO perennial_worker")
    op.execute(f"GRANT SELECT ON {table} TO perennial_backup")


PARTNER = "NULLIF(current_setting('app.partner_id', true), '')::uuid"
"""The partner whose principal the transaction serves; null for the workspace's own."""


def partners_own(table: str) -> None:
    """A second wall on a tenant table with a ``partner_id``: a partner's transaction sees that partner's rows only."""
    own = f"{PARTNER} IS NULL OR partner_id = {PARTNER}"
    op.execute(f"CREATE POLICY own_partner ON {table} AS RESTRICTIVE TO perennial_app USING ({own}) WITH CHECK ({own})")


def searchable(table: str) -> None:
    """The function that finds candidates for ``q`` through the bigram index."""
    op.execute(f"GRANT SELECT ON {table} TO perennial_searcher")
    op.execute(f"CREATE POLICY searcher ON {table} FOR SELECT TO perennial_searcher USING (true)")
    # A check would plan the body as the owner, whom row-level security binds here unless it is a superuser.
    op.execute("SET LOCAL check_function_bodies = off")
    op.execute(
        f"""
        CREATE FUNCTION search_{table}(folded text, cap integer) RETURNS SETOF uuid
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
            SELECT id FROM {table}
            WHERE length(folded) >= 2 AND workspace_id = (SELECT {WORKSPACE}) -- see 0025 for why it is asked apart
            AND perennial_bigrams(search_text) @> perennial_bigrams(folded) AND strpos(search_text, folded) > 0
            LIMIT cap
        $$
        """
    )
    op.execute("SET LOCAL check_function_bodies = on")
    op.execute(f"ALTER FUNCTION search_{table}(text, integer) OWNER TO perennial_searcher")
    op.execute(f"REVOKE ALL ON FUNCTION search_{table}(text, integer) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION search_{table}(text, integer) TO perennial_app")


def not_searchable(table: str) -> None:
    """Undo :func:`searchable`."""
    op.execute(f"DROP FUNCTION search_{table}(text, integer)")


def create_index_concurrently(name: str, table: str, *columns: str, include: Sequence[str] = ()) -> None:
    """An index on a table that people write to; last in a migration of its own, since it commits what went before.

    What an attempt that broke off has left is replaced. ``include``: columns that are read from it without being sought.
    """
    included = f" INCLUDE ({', '.join(include)})" if include else ""
    drop_index_concurrently(name)
    with op.get_context().autocommit_block():
        # It waits for transactions that are older, without keeping anybody from writing.
        op.execute("SET lock_timeout = 0")
        op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {table} ({', '.join(columns)}){included}")
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def drop_index_concurrently(name: str) -> None:
    """Remove an index without keeping anybody from the table; commits what went before."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def ensure_role(role: str, attributes: str) -> None:
    """Create a role where there is none; an existing one keeps its password and attributes."""
    op.execute(
        f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                CREATE ROLE {role} {attributes};
            END IF;
        END $$
        """
    )
