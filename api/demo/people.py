"""The demo's two workspaces and their people: one user and one API key for each role, and further CSMs."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.auth import keys, partners, service
from api.auth.models import Credential, CredentialKind, Password, User
from api.auth.passwords import hash_password
from api.auth.permissions import ROLE_SCOPES, Role
from api.demo.credentials import WORKSPACE_IDS
from api.kit import clock
from api.kit.db import Tx


@dataclass(frozen=True, slots=True)
class DemoWorkspace:
    """One workspace of the demo, the name of the user of each role, and its partner."""

    id: UUID
    values: dict[str, str]
    domain: str
    partner: dict[str, str]
    names: dict[Role, str]


WORKSPACES: Final = (
    DemoWorkspace(
        WORKSPACE_IDS[0],
        {
            "name": "株式会社みどりクラウド",
            "base_currency": "JPY",
            "time_zone": "Asia/Tokyo",
            "language": "ja",
        },
        "midori-cloud.example",
        {"name": "株式会社つなぐパートナーズ", "domain": "tsunagu.example", "language": "ja"},
        {
            Role.admin: "佐藤 由美",
            Role.manager: "鈴木 健一",
            Role.csm: "高橋 彩",
            Role.sales: "田中 大輔",
            Role.product: "伊藤 さくら",
            Role.viewer: "渡辺 誠",
            Role.partner: "中村 樹",
        },
    ),
    DemoWorkspace(
        WORKSPACE_IDS[1],
        {
            "name": "Northwind Software",
            "base_currency": "USD",
            "time_zone": "America/New_York",
            "language": "en",
        },
        "northwind-software.example",
        {"name": "Harbor Consulting", "domain": "harbor.example", "language": "en"},
        {
            Role.admin: "Grace Miller",
            Role.manager: "Daniel Ortiz",
            Role.csm: "Priya Shah",
            Role.sales: "Tom Becker",
            Role.product: "Ana Lima",
            Role.viewer: "Kofi Mensah",
            Role.partner: "Alex Novak",
        },
    ),
)


async def is_open(tx: Tx) -> bool:
    """Whether the transaction's workspace is there."""
    return bool(await tx.fetch("SELECT 1 FROM workspaces WHERE workspace_id = %s", [tx.workspace_id]))


async def hire(tx: Tx, workspace: DemoWorkspace, colleagues: Sequence[str]) -> tuple[dict[Role, User], list[User]]:
    """Add the user of each role, and colleagues as CSMs whose passwords nobody knows.

    Returns:
        The users by role, and all CSMs.
    """
    language = workspace.values["language"]
    people = {}
    partner = await partners.create_partner(tx, workspace.partner)
    for role, name in workspace.names.items():
        people[role] = await service.create_user(
            tx, email=_email(workspace, role), name=name, role=role, password=_secret(), language=language,
            partner_id=partner.id if role is Role.partner else None,
        )  # fmt: skip
    csms = [people[Role.csm]]
    for place, name in enumerate(colleagues, 2):
        email = f"csm{place}@{workspace.domain}"
        csms.append(
            await service.create_user(tx, email=email, name=name, role=Role.csm, password=_secret(), language=language)
        )
    return people, csms


async def issue_credentials(tx: Tx, workspace: DemoWorkspace) -> dict[str, Any]:
    """Give the user of each role a new password, and a new API key in place of the old one.

    Returns:
        The workspace's entry of ``demo.json``:
        ``{"name", "id", "users": {role: {"email", "password", "api_key"}}}``.
    """
    await _revoke_keys(tx)
    users: dict[str, Mapping[str, str]] = {}
    for role in workspace.names:
        email, password = _email(workspace, role), _secret()
        row = await tx.session.scalar(
            sa.select(Password)
            .join(
                User,
                sa.and_(col(User.workspace_id) == col(Password.workspace_id), col(User.id) == col(Password.user_id)),
            )
            .where(col(User.workspace_id) == tx.workspace_id, col(User.email) == email)
        )
        assert row is not None
        row.hash, row.changed_at = await hash_password(password), clock.now()
        partner_id = await _partner_of(tx, email)
        _, api_key = await keys.create_api_key(
            tx, name=_key_name(role), scopes=ROLE_SCOPES[role], partner_id=partner_id
        )
        users[role.value] = {"email": email, "password": password, "api_key": api_key}
    return {"name": workspace.values["name"], "id": str(workspace.id), "users": users}


async def _partner_of(tx: Tx, email: str) -> UUID | None:
    rows = await tx.fetch(
        "SELECT partner_id FROM users WHERE workspace_id = %s AND email = %s", [tx.workspace_id, email]
    )
    partner_id: UUID | None = rows[0][0]
    return partner_id


async def _revoke_keys(tx: Tx) -> None:
    rows = await tx.session.scalars(
        sa.select(Credential).where(
            col(Credential.workspace_id) == tx.workspace_id,
            col(Credential.kind) == CredentialKind.api_key.value,
            col(Credential.name).in_([_key_name(role) for role in Role]),
            col(Credential.revoked_at).is_(None),
        )
    )
    for key in rows.all():
        await keys.revoke_api_key(tx, key.id, key.version)


def _email(workspace: DemoWorkspace, role: Role) -> str:
    domain = workspace.partner["domain"] if role is Role.partner else workspace.domain
    return f"{role}@{domain}"


def _key_name(role: Role) -> str:
    return f"demo {role}"


def _secret() -> str:
    return secrets.token_urlsafe(12)
