"""Roles, extensions, functions and the job queue: what the tables stand on.

Needs a role that may create roles and the extension btree_gin. Roles that exist already are kept as they are, so an
operator can create them beforehand with passwords of their own.
"""

from alembic import op
from procrastinate.schema import SchemaManager

from migrations import ddl

revision = "0001_foundation"
down_revision = None
branch_labels = None
depends_on = None

FOLD = """
CREATE FUNCTION perennial_fold(given text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN normalize(lower(normalize(given, NFKC)), NFKC)
"""

BIGRAMS = """
CREATE FUNCTION perennial_bigrams(folded text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN coalesce(
    (SELECT array_agg(DISTINCT substr(folded, place, 2)) FROM generate_series(1, length(folded) - 1) AS place),
    '{}'::text[]
)
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    ddl.ensure_role("perennial_app", "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
    ddl.ensure_role("perennial_worker", "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
    ddl.ensure_role("perennial_backup", "NOLOGIN BYPASSRLS")
    ddl.ensure_role("perennial_searcher", "NOLOGIN NOBYPASSRLS")
    op.execute("GRANT perennial_searcher TO CURRENT_USER")
    op.execute("GRANT USAGE ON SCHEMA public TO perennial_app, perennial_worker, perennial_backup")
    op.execute("GRANT USAGE, CREATE ON SCHEMA public TO perennial_searcher")
    op.execute(FOLD)
    op.execute(BIGRAMS)
    # Many statements in one text, some with %: only the driver itself takes that.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(SchemaManager.get_schema())
    queue = {
        "perennial_app": "SELECT, INSERT, UPDATE, DELETE",
        "perennial_worker": "SELECT, INSERT, UPDATE, DELETE",
        "perennial_backup": "SELECT",
    }
    for role, grants in queue.items():
        sequences = "SELECT" if grants == "SELECT" else "USAGE"
        op.execute(
            f"""
            DO $$ DECLARE name text; BEGIN
                FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate\\_%' LOOP
                    EXECUTE format('GRANT {grants} ON %I TO {role}', name);
                END LOOP;
                FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND sequencename LIKE 'procrastinate\\_%' LOOP
                    EXECUTE format('GRANT {sequences} ON SEQUENCE %I TO {role}', name);
                END LOOP;
            END $$
            """
        )
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO perennial_backup")
    op.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO perennial_backup")


def downgrade() -> None:
    # Roles belong to the whole server and stay.
    op.execute(
        """
        DO $$ DECLARE thing text; BEGIN
            FOR thing IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate\\_%' LOOP
                EXECUTE format('DROP TABLE %I CASCADE', thing);
            END LOOP;
            FOR thing IN SELECT oid::regprocedure::text FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate\\_%' LOOP
                EXECUTE 'DROP FUNCTION ' || thing || ' CASCADE';
            END LOOP;
            FOR thing IN SELECT typname FROM pg_type
                WHERE typnamespace = 'public'::regnamespace AND typname LIKE 'procrastinate\\_%' AND typtype IN ('e', 'c') LOOP
                EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', thing);
            END LOOP;
        END $$
        """
    )
    op.execute("DROP FUNCTION perennial_bigrams(text)")
    op.execute("DROP FUNCTION perennial_fold(text)")
    op.execute("DROP EXTENSION btree_gin")
