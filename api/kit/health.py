"""Whether the process lives, and whether it can answer."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.kit.db import Database
from api.kit.migrations import is_behind
from api.kit.problems import Problem
from api.kit.routing import Operation

router = APIRouter(prefix="/health", tags=["health"], route_class=Operation)


class DangerousRoleError(RuntimeError):
    """The service was given a database role that row-level security does not bind."""


async def refuse_dangerous_role(database: Database) -> None:
    """Refuse to run as a superuser, as a role that bypasses row-level security, or as the tables' owner."""
    async with database.write(None) as tx:
        rows = await tx.fetch(
            "SELECT rolname, rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename = 'accounts' AND pg_has_role(current_user, tableowner, 'MEMBER')) "
            "FROM pg_roles WHERE rolname = current_user"
        )
    name, dangerous = rows[0]
    if dangerous:
        raise DangerousRoleError(
            f"the database role {name!r} can bypass row-level security; connect as perennial_app (docs/operations.md)"
        )


@router.get("/live", include_in_schema=False)
async def live() -> Response:
    """The process runs."""
    return JSONResponse({"status": "live"})


@router.get("/ready", include_in_schema=False)
async def ready(request: Request) -> Response:
    """The process can answer: the database is there, and at the newest migration."""
    checks: dict[str, Any] = {}
    try:
        # As the opening, whose answer is not waited for as long as a statement's.
        async with request.app.state.access.database.write(None, "SELECT version_num FROM alembic_version") as tx:
            at = tx.opened_with
        checks["database"] = "ok"
        checks["migrations"] = "behind" if is_behind(None if at is None else at.decode()) else "ok"
    except Problem as problem:
        checks["database"] = problem.type.code
    good = all(value == "ok" for value in checks.values())
    return JSONResponse({"status": "ready" if good else "not_ready", **checks}, 200 if good else 503)
