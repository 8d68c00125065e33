"""The application: what starts and ends with the process, the layers around it, and the routes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api import v1
from api.auth.access import Access, Credentials
from api.auth.keyring import Keyring
from api.auth.last_used import LastUsed
from api.auth.permissions import ROLE_SCOPES, SCOPES
from api.kit import docs, errors, health, logging
from api.kit.db import Database
from api.kit.edge import Edge
from api.kit.openapi import describe
from api.kit.preparing import prepare
from api.kit.rates import RateLimiter
from api.kit.routing import Dispatch, operation_id
from api.kit.settings import Settings
from api.kit.settings import settings as process_settings

DESCRIPTION = """
The API-first customer success platform: accounts and the people there, what they bought, how they are doing, and
what to do next. Every list filters, sorts and pages the same way; every write is versioned, idempotent and audited;
every error is a problem that says what to do. Start with the guide in `docs/api-guide.md`.
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole service, ready to be served."""
    settings = settings or process_settings()
    logging.configure()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings.database_url.get_secret_value(), settings)
        replica_url = settings.replica_url.get_secret_value()
        replica = Database(replica_url, settings) if replica_url else database
        async with database:
            if replica is not database:
                await replica.pool.open(wait=False)
            await health.refuse_dangerous_role(database)
            last_used = LastUsed()
            keyring = Keyring(database, settings)
            await keyring.load()
            app.state.access = Access(
                database, replica, keyring, Credentials(keyring), RateLimiter(settings), last_used
            )
            app.state.settings = settings
            preparing = asyncio.create_task(prepare(app.routes))
            yield
            preparing.cancel()
            await last_used.finish()
            if replica is not database:
                await replica.pool.close()

    app = FastAPI(
        title="Perennial",
        version="1.0.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.router.routes.append(Dispatch([*v1.ROUTERS, v1.well_known]))
    app.include_router(health.router)
    app.include_router(docs.router)
    describe(app, chapters=v1.CHAPTERS, scopes=SCOPES, roles={role.value: held for role, held in ROLE_SCOPES.items()})
    errors.install(app)
    app.add_middleware(Edge, concurrency=settings.process_concurrency)
    # Outermost, so that a 500 carries its CORS headers too and is not disguised as a CORS failure.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_credentials=True,
        allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
        allow_headers=[
            "Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Accept-Language",
            "X-Request-ID", "X-Origin", "Share-Token", "traceparent",
        ],
        expose_headers=[
            "ETag", "Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "Deprecation", "Sunset",
            "X-Request-ID", "Idempotency-Replayed", "Content-Language",
        ],
        max_age=600,
    )  # fmt: skip
    return app
