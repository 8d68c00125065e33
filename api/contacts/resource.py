"""Contacts, and changes of primary contacts, as resources: what a list can show, sort and ask for."""

from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Account
from api.contacts.models import Contact, PrimaryContactChange, Stake
from api.kit.resources import Expansion, Resource

_contact: sa.Table = Contact.__table__  # type: ignore[attr-defined]
_change: sa.Table = PrimaryContactChange.__table__  # type: ignore[attr-defined]


def _named(alias: Any, column: str) -> Expansion:  # noqa: ANN401
    return Expansion(alias, sa.and_(alias.c.workspace_id == _change.c.workspace_id, alias.c.id == _change.c[column]))


CONTACTS: Final = Resource(
    "contact",
    Contact,
    sorts={"name": _contact.c.name, "created_at": _contact.c.created_at},
    filters={"has_left": lambda value: _contact.c.left_on.is_not(None) == sa.cast(value, sa.Boolean)},
    search_text=_contact.c.search_text,
    custom_fields=True,
    upsert_key="external_id",
    expands={
        "account": Expansion(
            Account,
            sa.and_(col(Account.workspace_id) == _contact.c.workspace_id, col(Account.id) == _contact.c.account_id),
        )
    },
)
PRIMARY_CONTACT_CHANGES: Final = Resource(
    "primary_contact_change",
    PrimaryContactChange,
    sorts={"changed_at": _change.c.changed_at},
    default_sort="-changed_at",
    expands={
        "from_contact": _named(_contact.alias("from_contact"), "from_contact_id"),
        "to_contact": _named(_contact.alias("to_contact"), "to_contact_id"),
    },
)
# Who may not read stakes must not learn from the event log that there is one.
STAKES: Final = Resource("stake", Stake, announced=False)
