"""Tenant transactions.

All work on a workspace's data happens inside one :class:`Tx`. It is opened by a single round trip that
begins the transaction, tells row-level security the workspace (``SET LOCAL``, so the setting dies with the
transaction) and reads one row for the caller (``auth`` proves the credential with it). After its scope it
refuses to work: a response body that streams must open a transaction of its own.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Final, Self, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel
from starlette.requests import Request

from api.kit.actors import SYSTEM
from api.kit.connections import NETWORK_SECONDS, Connection, JsonBytes, Pool, PooledConnection
from api.kit.problems import SATURATED, UNAVAILABLE, Problem
from api.kit.settings import Settings

OPENING_SECONDS: Final = 5.0
"""Longest wait for the answer to the statement that opens a transaction."""


class TransactionEndedError(RuntimeError):
    """A transaction was used outside its scope, for instance by a streaming body."""


class Tx:
    """One open tenant transaction.

    ``opened_with`` is the value that the opening statement returned, as text. ``session`` exists in transactions that
    may write; reads go through :meth:`fetch`.
    """

    def __init__(
        self,
        workspace_id: UUID | None,
        connection: Connection,
        opened_with: bytes | None,
        session: AsyncSession | None = None,
    ) -> None:
        self.workspace_id = workspace_id
        self.opened_with = opened_with
        self.actor = SYSTEM
        self.request: Request | None = None
        self.claim: Any = None  # the idempotency key this request holds
        self._notes: dict[type[SQLModel], list[dict[str, Any]]] = {}
        self.statements = 0
        self._prepare: bool | None = None
        self._connection: Connection | None = connection
        self._session = session

    @property
    def connection(self) -> Connection:
        """The connection itself: for COPY, and for jobs that join this transaction."""
        if self._connection is None:
            raise TransactionEndedError("this transaction has ended; a streaming body opens its own")
        return self._connection

    @property
    def session(self) -> AsyncSession:
        """The session that writes."""
        if self._connection is None:
            raise TransactionEndedError("this transaction has ended; a streaming body opens its own")
        if self._session is None:
            raise RuntimeError("this transaction only reads")
        return self._session

    @property
    def request_id(self) -> str | None:
        """The id of the request that this transaction serves."""
        return None if self.request is None else self.request.scope.get("request_id")

    @property
    def origin(self) -> str | None:
        """The caller's name for the system a change came from, so that two-way syncs do not loop."""
        given = "" if self.request is None else self.request.headers.get("X-Origin", "")
        return given[:100] if given.isprintable() and given else None

    async def fetch(
        self, query: str, parameters: Mapping[str, object] | Sequence[object] | None = None
    ) -> list[tuple[Any, ...]]:
        """All rows of a statement, prepared by the driver when it recurs."""
        self.statements += 1
        cursor = await self.connection.execute(query, parameters, prepare=self._prepare)
        return await cursor.fetchall()

    async def execute(self, query: str, parameters: Mapping[str, object] | None = None) -> int:
        """Run a statement for its effect; the number of rows it touched."""
        self.statements += 1
        cursor = await self.connection.execute(query, parameters, prepare=self._prepare)
        return cursor.rowcount

    @asynccontextmanager
    async def joining_many(self, rows: int | None = None) -> AsyncIterator[None]:
        """For statements that join many rows with many: planned anew, and without nested loops, inside the block.

        With ``rows`` few, where a hash join would read the whole workspace for them, it changes nothing. Of a
        workspace that has just got its first rows the planner's statistics know nothing: it expects one row, and loops
        quadratically over thousands. A plan that was prepared while a table was all but empty goes on reading the whole
        of it for each row, until the next ``ANALYZE``.
        """
        if rows is not None and rows <= 100:
            yield
            return
        await _command(self.connection, b"SET LOCAL enable_nestloop = off")
        self._prepare = False
        try:
            yield
        finally:
            self._prepare = None
        await _command(self.connection, b"SET LOCAL enable_nestloop = on")

    @asynccontextmanager
    async def patient(self, seconds: float) -> AsyncIterator[None]:
        """For statements over as much as a body can hold: inside the block each may take so long, or longer in a job."""
        connection = cast("PooledConnection", self.connection)
        usual = connection.answer_seconds
        if usual is None or usual >= seconds + NETWORK_SECONDS:
            yield
            return
        await _command(connection, f"SET LOCAL statement_timeout = {int(seconds * 1000)}".encode())
        connection.answer_seconds = seconds + NETWORK_SECONDS
        try:
            yield
        finally:
            connection.answer_seconds = usual
        await _command(connection, b"SET LOCAL statement_timeout TO DEFAULT")

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """A part that can fail by itself: an error inside undoes what it did, and the transaction can go on."""
        noted = {model: len(rows) for model, rows in self._notes.items()}
        try:
            async with self.connection.transaction():
                yield
                await self.session.flush()
        except BaseException:
            self.session.expunge_all()
            self._notes = {model: self._notes[model][:count] for model, count in noted.items()}
            raise

    def note(self, model: type[SQLModel], **values: object) -> None:
        """Add a row that nobody reads before the commit; these are written together, just before it."""
        self._notes.setdefault(model, []).append(values)

    async def write_notes(self) -> None:
        """Send the rows that were noted: one statement for each table."""
        for model, rows in self._notes.items():
            await self.session.execute(sa.insert(model.__table__), rows)  # type: ignore[attr-defined]
        self._notes.clear()

    async def flush(self) -> None:
        """Send the session's pending changes, so that reads see them."""
        await self.session.flush()

    def end(self) -> None:
        """Make every later use an error, and let go of the request.

        The request's scope keeps its transaction, for the log: if each kept the other, a body of 32 MiB would wait for
        the next full garbage collection.
        """
        self._connection = None
        self._session = None
        self.request = None


class Database:
    """The connections of one process: one pool, shared by reads and by the session that writes."""

    def __init__(self, url: str, settings: Settings, *, size: int | None = None) -> None:
        self._settings = settings
        self._taking = 0
        self._outage = False
        timeout = int(settings.statement_timeout_seconds * 1000)
        self.pool: Pool = AsyncConnectionPool(
            url,
            open=False,
            min_size=1,
            max_size=size or settings.pool_size,
            timeout=settings.pool_wait_seconds,
            reconnect_timeout=5,
            reconnect_failed=self._note_outage,
            connection_class=PooledConnection,
            # A connection that the session closes goes back to the pool.
            close_returns=True,
            configure=self._configure,
            kwargs={
                "autocommit": True,  # Tx sends its own BEGIN, together with the workspace
                "prepare_threshold": 2 if settings.prepared_statements else None,
                "application_name": "perennial",
                "connect_timeout": 3,
                "options": (
                    f"-c statement_timeout={timeout} -c timezone=UTC -c lock_timeout=5s "
                    f"-c idle_in_transaction_session_timeout={2 * timeout} -c client_min_messages=warning "
                    # One plan for all values: no planning per request, and none that takes a workspace for empty
                    # because it has filled up since the statistics were gathered.
                    "-c plan_cache_mode=force_generic_plan -c max_parallel_workers_per_gather=0 "
                    # Compiling a statement takes longer than running it, wherever the costs of plans are far too high.
                    "-c jit=off"
                ),
            },
        )
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self._take,
            poolclass=NullPool,
            use_native_hstore=False,
        )

    async def _configure(self, connection: PooledConnection) -> None:
        connection.adapters.register_loader("json", JsonBytes)
        connection.answer_seconds = self._settings.statement_timeout_seconds + NETWORK_SECONDS

    async def __aenter__(self) -> Self:
        await self.pool.open(wait=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.engine.dispose()
        await self.pool.close(timeout=2)

    @asynccontextmanager
    async def read(self, workspace_id: UUID, opening: str = "SELECT 1") -> AsyncIterator[Tx]:
        """A transaction that only reads the workspace's rows."""
        connection, opened_with = await self._open_for_reading(workspace_id, opening)
        tx = Tx(workspace_id, connection, opened_with)
        try:
            yield tx
            await _command(connection, b"COMMIT")
        except BaseException:
            await _roll_back(connection)
            raise
        finally:
            tx.end()
            await self.pool.putconn(connection)

    @asynccontextmanager
    async def write(self, workspace_id: UUID | None, opening: str = "SELECT 1") -> AsyncIterator[Tx]:
        """A transaction that may write the workspace's rows; committed at the end of the block."""
        wrapped, connection, opened_with = await self._open_for_writing(workspace_id, opening)
        session = AsyncSession(wrapped, expire_on_commit=False, autoflush=False)
        tx = Tx(workspace_id, connection, opened_with, session)
        try:
            yield tx
            await session.flush()
            await tx.write_notes()
            await session.commit()
            if connection.info.transaction_status != TransactionStatus.IDLE:  # the session had nothing to commit
                await _command(connection, b"COMMIT")
        except BaseException:
            await _roll_back(connection)
            raise
        finally:
            tx.end()
            await session.close()
            await wrapped.close()

    async def _open_for_reading(self, workspace_id: UUID, opening: str) -> tuple[PooledConnection, bytes | None]:
        deadline = time.monotonic() + OPENING_SECONDS
        while True:
            connection = await self._take()
            connection.listen()
            try:
                return connection, await _begin(connection, "BEGIN READ ONLY", workspace_id, opening)
            except psycopg.OperationalError as error:
                await self.pool.putconn(connection)
                if not connection.closed or time.monotonic() > deadline:
                    raise UNAVAILABLE(headers={"Retry-After": "1"}) from error
            except BaseException:
                await self.pool.putconn(connection)
                raise

    async def _open_for_writing(
        self, workspace_id: UUID | None, opening: str
    ) -> tuple[AsyncConnection, Connection, bytes | None]:
        deadline = time.monotonic() + OPENING_SECONDS
        while True:
            wrapped = await self.engine.connect()
            raw = (await wrapped.get_raw_connection()).driver_connection
            assert isinstance(raw, psycopg.AsyncConnection)
            try:
                return wrapped, raw, await _begin(raw, "BEGIN", workspace_id, opening)
            except psycopg.OperationalError as error:
                await wrapped.close()
                if not raw.closed or time.monotonic() > deadline:
                    raise UNAVAILABLE(headers={"Retry-After": "1"}) from error
            except BaseException:
                await wrapped.close()
                raise

    async def _take(self) -> PooledConnection:
        """A connection from the pool; a problem soon where too many wait for one already."""
        # Not the pool's own `max_waiting`: it counts those who gave up too, and once there are too many of them
        # after an outage it refuses everybody, before it would connect again.
        if self._taking >= (1 if self._outage else 4 * self.pool.max_size):
            raise self._refusal()
        self._taking += 1
        try:
            connection = await self.pool.getconn()
        except PoolTimeout as error:
            raise self._refusal() from error
        finally:
            self._taking -= 1
        self._outage = False
        return connection

    def _refusal(self) -> Problem:
        return (UNAVAILABLE if self._outage else SATURATED)(headers={"Retry-After": "1"})

    async def _note_outage(self, _pool: Pool) -> None:
        self._outage = True


async def _begin(connection: Connection, begin: str, workspace_id: UUID | None, opening: str) -> bytes | None:
    """Begin, set the workspace and run ``opening``, in one round trip; the first value it returned."""
    # SET takes no parameters; a UUID's text needs no quoting.
    scope = f"SET LOCAL app.workspace_id = '{workspace_id}'; " if isinstance(workspace_id, UUID) else ""
    result = (await _command(connection, f"{begin}; {scope}{opening}".encode(), OPENING_SECONDS))[-1]
    return result.get_value(0, 0) if result.ntuples else None


async def _command(connection: Connection, statements: bytes, seconds: float | None = None) -> list[PGresult]:
    """Run statements without parameters in one round trip, without a cursor's bookkeeping."""
    async with connection.lock:
        connection.pgconn.send_query(statements)
        results: list[PGresult] = await connection.wait(generators.execute(connection.pgconn), timeout=seconds)
    if results[-1].status == ExecStatus.FATAL_ERROR:
        raise error_from_result(results[-1])
    return results


async def _roll_back(connection: Connection) -> None:
    with suppress(psycopg.Error):
        await connection.rollback()
