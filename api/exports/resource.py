"""Exports as a resource."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import col

from api.auth.permissions import Role
from api.exports.models import Export
from api.kit.db import Tx
from api.kit.resources import Resource

EXPORTS: Final = Resource("export", Export, sorts={"created_at": col(Export.created_at)}, default_sort="-created_at")


def within_sight(tx: Tx) -> Mapping[str, object]:
    """The filter for what the caller may see: their own exports, and to administrators all."""
    return {} if tx.actor.role == Role.admin else {"asked_by_id": tx.actor.id}
