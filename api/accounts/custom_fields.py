"""Declaring the workspace's own fields, and users' saved views."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import SavedView
from api.kit import write
from api.kit.custom_fields import CustomField
from api.kit.db import Tx
from api.kit.problems import FORBIDDEN, FieldError, invalid
from api.kit.resources import Resource

CUSTOM_FIELDS: Final = Resource("custom_field", CustomField, sorts={"key": col(CustomField.key)})
SAVED_VIEWS: Final = Resource(
    "saved_view",
    SavedView,
    sorts={"name": col(SavedView.name)},
    filters={
        "visible_to": lambda user: sa.or_(
            col(SavedView.shared).is_(True), col(SavedView.user_id) == sa.cast(user, sa.Uuid)
        )
    },
)


async def declare_field(tx: Tx, values: Mapping[str, Any]) -> CustomField:
    """Declare a field for one kind of record. Its key and type stay as they are."""
    if (values["type"] == "option") != bool(values.get("options")):
        raise invalid(
            FieldError(
                "/options",
                "not_allowed",
                "Give options to the type `option`, and only to it",
                "選択肢は `option` 型にだけ必要です",
            )
        )
    return await write.create(tx, CUSTOM_FIELDS, CustomField, values)


async def update_field(tx: Tx, field_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a field's label, or add options; options in use cannot be taken away."""
    field = await write.lock(tx, CUSTOM_FIELDS, CustomField, field_id, version=version)
    if "options" in values and (gone := set(field.options) - set(values["options"])):
        raise invalid(
            FieldError(
                "/options", "not_allowed",
                f"Options stay once declared: {', '.join(sorted(gone))}", f"定義済みの選択肢は削除できません: {', '.join(sorted(gone))}",
            )
        )  # fmt: skip
    await write.change(tx, CUSTOM_FIELDS, field, values)


async def archive_field(tx: Tx, field_id: UUID, version: int) -> None:
    """Retire a field: records keep their values, new ones are refused."""
    await write.archive(tx, CUSTOM_FIELDS, CustomField, field_id, version)


async def restore_field(tx: Tx, field_id: UUID) -> None:
    """Bring an archived field back."""
    await write.restore(tx, CUSTOM_FIELDS, CustomField, field_id)


async def save_view(tx: Tx, values: Mapping[str, Any]) -> SavedView:
    """Save a list's filters, sort and columns for the caller."""
    return await write.create(tx, SAVED_VIEWS, SavedView, {**values, "user_id": tx.actor.user_id})


async def update_view(tx: Tx, view_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change one's own view."""
    view = await write.lock(tx, SAVED_VIEWS, SavedView, view_id, version=version)
    _refuse_others(tx, view)
    await write.change(tx, SAVED_VIEWS, view, values)


async def archive_view(tx: Tx, view_id: UUID, version: int) -> None:
    """Put one's own view away."""
    view = await write.lock(tx, SAVED_VIEWS, SavedView, view_id, version=version)
    _refuse_others(tx, view)
    await write.archive(tx, SAVED_VIEWS, SavedView, view_id, version)


def _refuse_others(tx: Tx, view: SavedView) -> None:
    if view.user_id != tx.actor.user_id:
        raise FORBIDDEN(scope="saved_views:write (own views)")
