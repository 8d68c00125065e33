"""Rows for example requests. Their texts carry the workspace's marker, which no stranger may read."""

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import cache
from itertools import count
from uuid import UUID

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.accounts.models import Account, AccountStanding, Segment, TeamMember
from api.auth.models import Credential, CredentialKind, Invitation, Password
from api.auth.permissions import Role
from api.contacts.models import Contact, PrimaryContactChange, Stake
from api.kit import clock
from api.kit.audit import AuditEntry
from api.kit.outbox import Event
from api.kit.tables import new_id
from api.products.models import Product
from tests.support.workspaces import WorkspaceForTest

Maker = Callable[[WorkspaceForTest], Awaitable[UUID]]

PASSWORD = "毎朝七時に珈琲を二杯飲む人"
_positions = count(1_000)


async def user(workspace: WorkspaceForTest) -> UUID:
    """A user."""
    return (await workspace.user(name=workspace.marker)).id


async def password_of_the_admin(workspace: WorkspaceForTest) -> str:
    """The password of the user whom the example's client signs in."""
    admin = await workspace.person(Role.admin)
    async with workspace.write() as tx:
        await tx.session.merge(Password(workspace_id=workspace.id, user_id=admin.id, hash=_password_hash()))
    return PASSWORD


@cache
def _password_hash() -> str:
    return PasswordHash([Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)]).hash(PASSWORD)


async def invitation(workspace: WorkspaceForTest) -> UUID:
    """An open invitation."""
    ends = clock.now() + dt.timedelta(days=7)
    email = f"{workspace.marker}@example.com"
    return (await workspace.add(Invitation, email=email, role=Role.csm.value, expires_at=ends)).id


async def api_key(workspace: WorkspaceForTest) -> UUID:
    """An API key."""
    kind = CredentialKind.api_key.value
    return (await workspace.add(Credential, kind=kind, name=workspace.marker, scopes=["accounts:read"])).id


async def audit_entry(workspace: WorkspaceForTest) -> UUID:
    """An entry of the audit log."""
    row = AuditEntry(
        workspace_id=workspace.id, actor_kind="system", actor_id=None, action=workspace.marker,
        resource="account", resource_id=None,
    )  # fmt: skip
    async with workspace.write() as tx:
        tx.session.add(row)
    return row.id


async def event(workspace: WorkspaceForTest) -> UUID:
    """An event that has its number."""
    row = await workspace.add(
        Event, type="account.updated", resource="account", resource_id=new_id(), data={"fields": [workspace.marker]},
        actor_kind="system", position=next(_positions),
    )  # fmt: skip
    return row.id


async def account(workspace: WorkspaceForTest) -> UUID:
    """An account."""
    row = await workspace.add(Account, name=workspace.marker, phase_since=dt.date(2026, 4, 1))
    await workspace.add(AccountStanding, account_id=row.id)
    return row.id


async def segment(workspace: WorkspaceForTest) -> UUID:
    """A segment."""
    return (await workspace.add(Segment, name=f"{workspace.marker} {new_id()}", filter={})).id


async def contact(workspace: WorkspaceForTest) -> UUID:
    """A contact."""
    row = await workspace.add(Contact, account_id=await account(workspace), name=workspace.marker)
    return row.id


async def archived_contact(workspace: WorkspaceForTest) -> UUID:
    """An archived contact."""
    row = await workspace.add(
        Contact, account_id=await account(workspace), name=workspace.marker, archived_at=clock.now()
    )
    return row.id


async def contact_of_my_account(workspace: WorkspaceForTest) -> UUID:
    """A contact at an account whose team the admin is on."""
    contact_id, account_id = new_id(), await account(workspace)
    await workspace.add(Contact, id=contact_id, account_id=account_id, name=workspace.marker)
    mine = await workspace.person(Role.admin)
    await workspace.add(
        TeamMember, account_id=account_id, user_id=mine.id, role="csm", starts_on=dt.date(2026, 4, 1)
    )
    return contact_id


async def contact_with_stake(workspace: WorkspaceForTest) -> UUID:
    """A contact with a stake, at an account whose team the admin is on."""
    contact_id = await contact_of_my_account(workspace)
    await workspace.add(Stake, contact_id=contact_id, text=workspace.marker)
    return contact_id


async def primary_contact_change(workspace: WorkspaceForTest) -> UUID:
    """The latest change of an account's primary contact."""
    account_id = await account(workspace)
    row = await workspace.add(Contact, account_id=account_id, name=workspace.marker, is_primary=True)
    change = await workspace.add(
        PrimaryContactChange, account_id=account_id, to_contact_id=row.id, reason=workspace.marker,
        changed_on=dt.date(2026, 4, 1),
    )  # fmt: skip
    return change.id


async def product(workspace: WorkspaceForTest) -> UUID:
    """A product."""
    return (await workspace.add(Product, name=workspace.marker)).id


async def archived_product(workspace: WorkspaceForTest) -> UUID:
    """An archived product."""
    return (await workspace.add(Product, name=workspace.marker, archived_at=clock.now())).id
