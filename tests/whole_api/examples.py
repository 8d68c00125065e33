"""One example request per operation; an operation without one fails the build.

A function in a path, query or body stands for the id of a row that it makes in the workspace at hand.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import SQLModel

from api.auth.models import Credential, Invitation, User, Workspace
from api.contacts.models import Contact, Stake
from api.products.models import Product, SuccessOverride
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers as a
from tests.whole_api.makers import Maker


@dataclass(frozen=True)
class Computed:
    """A value that is made for the request, and no id."""

    compute: Callable[[WorkspaceForTest], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Example:
    """How to call an operation.

    Attributes:
        table: The table behind a write.
        optional_ids: Optional body fields (of a list: filters) that name rows, with what makes such a row.
        version: The version that ``If-Match`` names.
        makes: Makes a row that the list shows.
        silent: Why a write announces no event.
        secrets: Fields that a repeated answer must not show again.
    """

    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    table: type[SQLModel] | None = None
    optional_ids: Mapping[str, Maker] = field(default_factory=dict)
    version: int = 1
    makes: Maker | None = None
    silent: str = ""
    secrets: tuple[str, ...] = ()


PRIVATE = "concerns nobody but the principal"
NEW_PASSWORD = {"current_password": Computed(a.password_of_the_admin), "new_password": "correct horse battery"}
INVITED = {"email": "tanaka@example.co.jp", "role": "csm"}
A_KEY = {"name": "請求システム連携", "scopes": ["accounts:read"]}
A_DEFINITION = {"success_statement": "資料作成が半日で終わる", "value_milestone": "経営会議で利用"}

IDENTITY: Mapping[str, Example] = {
    "create_token": Example(),
    "revoke_token": Example(),
    "get_signing_keys": Example(),
    "accept_invitation": Example(),
    "get_me": Example(),
    "update_me": Example(body={"name": "佐藤 葵"}, table=User),
    "change_my_password": Example(body=NEW_PASSWORD, table=User, silent=PRIVATE),
    "get_workspace": Example(),
    "update_workspace": Example(body={"name": "株式会社みのり"}, table=Workspace),
    "list_users": Example(makes=a.user),
    "get_user": Example(path={"user_id": a.user}),
    "update_user": Example(path={"user_id": a.user}, body={"role": "manager"}, table=User),
    "archive_user": Example(path={"user_id": a.user}),
    "list_invitations": Example(makes=a.invitation),
    "create_invitation": Example(body=INVITED, table=Invitation, secrets=("token",)),
    "withdraw_invitation": Example(path={"invitation_id": a.invitation}),
    "list_api_keys": Example(makes=a.api_key),
    "create_api_key": Example(body=A_KEY, table=Credential, secrets=("secret",)),
    "get_api_key": Example(path={"api_key_id": a.api_key}),
    "revoke_api_key": Example(path={"api_key_id": a.api_key}),
    "rotate_api_key": Example(
        path={"api_key_id": a.api_key}, body={"overlap_hours": 48}, table=Credential, secrets=("secret",)
    ),
    "list_audit_log": Example(makes=a.audit_entry),
    "get_audit_entry": Example(path={"entry_id": a.audit_entry}),
    "list_events": Example(makes=a.event),
    "get_event": Example(path={"event_id": a.event}),
}

PEOPLE: Mapping[str, Example] = {
    "list_contacts": Example(makes=a.contact, optional_ids={"account_id": a.account}),
    "create_contact": Example(body={"account_id": a.account, "name": "山田 花子"}, table=Contact),
    "get_contact": Example(path={"contact_id": a.contact}),
    "update_contact": Example(
        path={"contact_id": a.contact}, body={"title": "部長"}, table=Contact, optional_ids={"account_id": a.account}
    ),
    "archive_contact": Example(path={"contact_id": a.contact}),
    "upsert_contact": Example(
        path={"external_id": "crm-17"}, body={"account_id": a.account, "name": "山田 花子"}, table=Contact
    ),
    "restore_contact": Example(path={"contact_id": a.archived_contact}),
    "note_contact_left": Example(path={"contact_id": a.contact}, body={"left_on": "2026-04-01"}, table=Contact),
    "erase_contact": Example(path={"contact_id": a.contact}),
    "revert_primary_contact_change": Example(path={"change_id": a.primary_contact_change}),
    "get_stake": Example(path={"contact_id": a.contact_with_stake}),
    "set_stake": Example(path={"contact_id": a.contact_of_my_account}, body={"text": "昇進がかかる"}, table=Stake),
    "delete_stake": Example(path={"contact_id": a.contact_with_stake}),
}

CATALOGUE: Mapping[str, Example] = {
    "list_products": Example(makes=a.product),
    "create_product": Example(body={"name": "アナリティクス"}, table=Product),
    "get_product": Example(path={"product_id": a.product}),
    "update_product": Example(path={"product_id": a.product}, body={"name": "分析"}, table=Product),
    "archive_product": Example(path={"product_id": a.product}),
    "restore_product": Example(path={"product_id": a.archived_product}),
    "set_success_override": Example(
        path={"product_id": a.product, "segment_id": a.segment}, body=A_DEFINITION, table=SuccessOverride
    ),
}

EXAMPLES: Mapping[str, Example] = {**IDENTITY, **PEOPLE, **CATALOGUE}
