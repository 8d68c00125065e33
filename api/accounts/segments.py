"""Segments: saved filters over accounts, versioned so that moving a band never rewrites history."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import MISSING, ValidationError
from sqlmodel import col

from api.accounts.models import Segment, SegmentVersion
from api.accounts.resource import ACCOUNTS
from api.accounts.schemas import AccountFilter, AccountQuery, AccountRead
from api.kit import write
from api.kit.db import Tx
from api.kit.errors import field_error
from api.kit.problems import FieldError, invalid
from api.kit.read import count_matches
from api.kit.resources import Resource
from api.kit.schemas import ListQuery

SEGMENTS: Final = Resource("segment", Segment, sorts={"name": col(Segment.name)})
SEGMENT_VERSIONS: Final = Resource(
    "segment_version", SegmentVersion, sorts={"filter_version": col(SegmentVersion.filter_version)},
    default_sort="-filter_version",
)  # fmt: skip
_NOT_SAVED: Final = {*ListQuery.model_fields, "archived", "updated_after", "segment_id"}


def checked_filter(values: Mapping[str, Any]) -> dict[str, Any]:
    """A segment's filter, checked by the list's own grammar; only what was given is kept."""
    if unknown := set(values) & _NOT_SAVED:
        raise invalid(
            *(
                FieldError(f"/filter/{name}", "not_allowed", "Not part of a segment", "セグメントには使えません")
                for name in sorted(unknown)
            )
        )
    if not values:
        raise invalid(FieldError("/filter", "too_short", "At least one condition", "条件を 1 つ以上指定してください"))
    try:
        return AccountFilter.model_validate(values).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise invalid(
            *(
                field_error({**detail, "loc": ("body", "filter", *detail["loc"])}, known=AccountFilter.model_fields)
                for detail in details
            )
        ) from error


async def create_segment(tx: Tx, values: Mapping[str, Any]) -> Segment:
    """Add a segment, with the first version of its filter."""
    segment = await write.create(tx, SEGMENTS, Segment, {**values, "filter": checked_filter(values["filter"])})
    _keep_version(tx, segment)
    await tx.flush()
    return segment


async def update_segment(tx: Tx, segment_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a segment; another filter becomes its next version and the older ones stay."""
    segment = await write.lock(tx, SEGMENTS, Segment, segment_id, version=version)
    values = dict(values)
    if "filter" in values:
        values["filter"] = checked_filter(values["filter"])
        if values["filter"] != segment.filter:
            values["filter_version"] = segment.filter_version + 1
    changed = await write.change(tx, SEGMENTS, segment, values)
    if "filter_version" in changed:
        _keep_version(tx, segment)
        await tx.flush()


def _keep_version(tx: Tx, segment: Segment) -> None:
    tx.session.add(
        SegmentVersion(
            workspace_id=segment.workspace_id,
            segment_id=segment.id,
            filter_version=segment.filter_version,
            filter=segment.filter,
        )
    )


async def archive_segment(tx: Tx, segment_id: UUID, version: int) -> None:
    """Take a segment out of lists; its versions stay."""
    await write.archive(tx, SEGMENTS, Segment, segment_id, version)


async def restore_segment(tx: Tx, segment_id: UUID) -> None:
    """Bring an archived segment back."""
    await write.restore(tx, SEGMENTS, Segment, segment_id)


async def segment_filter(tx: Tx, segment_id: UUID, pointer: str = "?segment_id") -> dict[str, Any]:
    """The current filter of a segment."""
    rows = await tx.fetch(
        "SELECT filter FROM segments WHERE workspace_id = %s AND id = %s AND archived_at IS NULL",
        [tx.workspace_id, segment_id],
    )
    if not rows:
        raise invalid(
            FieldError(pointer, "reference_not_found", "There is no such segment", "該当するセグメントがありません")
        )
    return dict(rows[0][0])


async def applied(tx: Tx, query: AccountQuery) -> AccountQuery:
    """The query with its segment's filter in place of ``segment_id``; the caller's own filters win."""
    if query.segment_id is MISSING:
        return query
    stored = await segment_filter(tx, query.segment_id)
    given = query.model_dump(mode="json", exclude_unset=True)
    del given["segment_id"]
    return AccountQuery.model_validate({**stored, **given})


async def count_accounts(tx: Tx, segment_id: UUID) -> int:
    """How many accounts are in a segment now."""
    stored = await segment_filter(tx, segment_id)
    return await count_matches(tx, ACCOUNTS, AccountRead, AccountFilter.model_validate(stored))
