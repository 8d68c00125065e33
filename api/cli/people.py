"""The first workspace, its first administrator, and the keys that sign their tokens."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError

from api.auth import service
from api.auth.keyring import Keyring
from api.auth.permissions import Role
from api.auth.schemas import EmailAddress, NewPassword, TimeZone
from api.cli import reach
from api.kit.db import Database
from api.kit.problems import Language, Problem
from api.kit.schemas import CurrencyCode, Input, Name
from api.kit.settings import Settings

T = TypeVar("T")


class NewWorkspace(Input):
    """A workspace to open."""

    name: Name
    base_currency: CurrencyCode
    time_zone: TimeZone
    language: Language


class NewAdmin(Input):
    """An administrator to add."""

    email: EmailAddress
    name: Name
    password: NewPassword


def create_workspace(*, name: str, currency: str, time_zone: str, language: str) -> UUID:
    """Open a workspace; its id.

    Raises:
        SystemExit: A value is not valid.
    """
    values = {"name": name, "base_currency": currency, "time_zone": time_zone, "language": language}
    wanted = _valid(lambda: NewWorkspace.model_validate(values))
    return _with_database(lambda database, _: service.create_workspace(database, wanted.model_dump(mode="json")))


def create_admin(workspace_id: UUID, *, email: str, name: str, password: str) -> UUID:
    """Add an administrator to a workspace; the user's id.

    Raises:
        SystemExit: A value is not valid, there is no such workspace, or the address is in use.
    """
    values = {"email": email, "name": name, "password": password}
    wanted = _valid(lambda: NewAdmin.model_validate(values))

    async def create(database: Database, _: Settings) -> UUID:
        async with database.write(workspace_id) as tx:
            found = await tx.fetch("SELECT language FROM workspaces WHERE workspace_id = %s", [workspace_id])
            if not found:
                raise SystemExit(f"There is no workspace {workspace_id}.")
            user = await service.create_user(tx, role=Role.admin, language=found[0][0], **wanted.model_dump())
        return user.id

    return _with_database(create)


def rotate_keys() -> str:
    """Sign access tokens with a new key; its id."""

    async def rotate(database: Database, given: Settings) -> str:
        return await Keyring(database, given).rotate()

    return _with_database(rotate)


def _valid(make: Callable[[], T]) -> T:
    try:
        return make()
    except ValidationError as error:
        # Not the whole error: it would repeat the password.
        problems = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise SystemExit("; ".join(problems)) from None


def _with_database(work: Callable[[Database, Settings], Awaitable[T]]) -> T:
    async def connected(given: Settings) -> T:
        async with Database(given.database_url.get_secret_value(), given, size=2) as database:
            return await work(database, given)

    with reach.database() as given:
        try:
            return asyncio.run(connected(given))
        except Problem as problem:
            raise SystemExit(problem.type.texts(Language.en)[1]) from None
