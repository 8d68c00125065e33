"""Runs the migrations, online, as the owner's role (``cli migrate``)."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from api.kit.settings import settings
from migrations.ddl import LOCK_TIMEOUT


def _models() -> sa.MetaData | None:
    """The tables of the models, which commands that compare them with the database need."""
    try:
        context.get_revision_argument()
    except KeyError:
        from api.v1 import tables  # noqa: PLC0415 - see below

        assert tables(), "importing the API registers its tables"
        return SQLModel.metadata
    # Going to a revision looks at the migrations alone; importing the API takes longer than that.
    return None


def _include(name: str | None, kind: str, parents: object) -> bool:
    del parents
    # Partitions come and go with the months; the queue brings its own tables.
    return not (kind == "table" and name is not None and name.startswith(("procrastinate_", "usage_daily_")))


def _render(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401
    """Columns as SQLAlchemy's own types, so that a migration does not depend on SQLModel."""
    del context
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, sa.TypeDecorator) and isinstance(item.impl, sa.DateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: sa.Connection) -> None:
    """Apply each migration in a transaction of its own; give up rather than block readers behind a lock."""
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    # Without this, row-level security would make an owner's data migration change nothing, silently.
    connection.exec_driver_sql("SET row_security = off")
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=_models(),
        include_name=_include,
        render_item=_render,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = settings().owner_url.get_secret_value() or settings().database_url.get_secret_value()
    if not url:
        raise SystemExit("set DATABASE_URL, or use `make run`, which migrates the embedded database")
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        run(connection)
