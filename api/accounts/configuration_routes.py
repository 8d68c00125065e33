"""Segments, saved views, custom fields, assignment policies and account settings over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.accounts import assignment, custom_fields, segments, settings
from api.accounts.assignment import POLICIES, Assignment
from api.accounts.configuration_schemas import (
    AssignmentChange,
    AssignmentOutcome,
    CustomFieldCreate,
    CustomFieldPage,
    CustomFieldQuery,
    CustomFieldRead,
    CustomFieldUpdate,
    PlainQuery,
    PolicyCreate,
    PolicyPage,
    PolicyQuery,
    PolicyRead,
    PolicyUpdate,
    SavedViewCreate,
    SavedViewPage,
    SavedViewQuery,
    SavedViewRead,
    SavedViewUpdate,
    SegmentCount,
    SegmentCreate,
    SegmentPage,
    SegmentRead,
    SegmentUpdate,
    SegmentVersionPage,
    SegmentVersionRead,
)
from api.accounts.custom_fields import CUSTOM_FIELDS, SAVED_VIEWS
from api.accounts.segments import SEGMENT_VERSIONS, SEGMENTS
from api.accounts.settings import AccountSettings, AccountSettingsRead
from api.accounts.standing import refresh_standing
from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery, RecordQuery

segment_router = resource_router("/segments", tag="segments")
view_router = resource_router("/saved-views", tag="saved-views")
field_router = resource_router("/custom-fields", tag="custom-fields")
policy_router = resource_router("/assignment-policies", tag="assignment-policies")
settings_router = resource_router("/account-settings", tag="accounts")

CanReadSegments = Annotated[Tx, reads("segments:read")]
CanWriteSegments = Annotated[Tx, writes("segments:write")]
CanReadViews = Annotated[Tx, reads("saved_views:read")]
CanWriteViews = Annotated[Tx, writes("saved_views:write")]
CanReadFields = Annotated[Tx, reads("custom_fields:read")]
CanWriteFields = Annotated[Tx, writes("custom_fields:write")]
CanReadPolicies = Annotated[Tx, reads("assignment_policies:read")]
CanWritePolicies = Annotated[Tx, writes("assignment_policies:write")]
CanReadSettings = Annotated[Tx, reads("workspace:read")]
CanWriteSettings = Annotated[Tx, writes("workspace:write")]


@segment_router.get("", response_model=SegmentPage, openapi_extra=SEGMENTS.documented())
async def list_segments(tx: CanReadSegments, query: Annotated[RecordQuery, asked(RecordQuery)]) -> Response:
    """List the segments of the workspace."""
    return await answers.page(tx, SEGMENTS, SegmentRead, query)


@segment_router.post("", response_model=SegmentRead, status_code=201)
async def create_segment(tx: CanWriteSegments, body: SegmentCreate) -> Response:
    """Add a segment: a saved filter over accounts."""
    segment = await segments.create_segment(tx, body.given())
    return await answers.created(tx, SEGMENTS, SegmentRead, segment.id)


@segment_router.get("/{segment_id}", response_model=SegmentRead, openapi_extra=SEGMENTS.documented())
async def get_segment(tx: CanReadSegments, segment_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one segment."""
    return await answers.item(tx, SEGMENTS, SegmentRead, segment_id, query)


@segment_router.patch("/{segment_id}", response_model=SegmentRead)
async def update_segment(tx: CanWriteSegments, segment_id: UUID, version: Version, body: SegmentUpdate) -> Response:
    """Change a segment; another filter makes its next version."""
    await segments.update_segment(tx, segment_id, version, body.given())
    return await answers.changed(tx, SEGMENTS, SegmentRead, segment_id)


@segment_router.delete("/{segment_id}", response_model=SegmentRead)
async def archive_segment(tx: CanWriteSegments, segment_id: UUID, version: Version) -> Response:
    """Archive a segment: it leaves lists and can be restored."""
    await segments.archive_segment(tx, segment_id, version)
    return await answers.changed(tx, SEGMENTS, SegmentRead, segment_id)


@segment_router.post("/{segment_id}:restore", response_model=SegmentRead)
async def restore_segment(tx: CanWriteSegments, segment_id: UUID) -> Response:
    """Restore an archived segment."""
    await segments.restore_segment(tx, segment_id)
    return await answers.changed(tx, SEGMENTS, SegmentRead, segment_id)


@segment_router.get("/{segment_id}/count", response_model=SegmentCount)
async def count_segment(tx: CanReadSegments, segment_id: UUID) -> Response:
    """Count the accounts in a segment now."""
    await answers.item(tx, SEGMENTS, SegmentRead, segment_id)
    count = await segments.count_accounts(tx, segment_id)
    body = SegmentCount(segment_id=segment_id, account_count=count).model_dump_json().encode()
    return answers.represented(tx, body, None)


@segment_router.get(
    "/{segment_id}/versions", response_model=SegmentVersionPage, openapi_extra=SEGMENT_VERSIONS.documented()
)
async def list_segment_versions(
    tx: CanReadSegments, segment_id: UUID, query: Annotated[PlainQuery, asked(PlainQuery)]
) -> Response:
    """List the filters a segment has had, newest first."""
    await answers.item(tx, SEGMENTS, SegmentRead, segment_id)
    return await answers.page(tx, SEGMENT_VERSIONS, SegmentVersionRead, query, where={"segment_id": segment_id})


@view_router.get("", response_model=SavedViewPage, openapi_extra=SAVED_VIEWS.documented())
async def list_saved_views(tx: CanReadViews, query: Annotated[SavedViewQuery, asked(SavedViewQuery)]) -> Response:
    """List your views and those shared with everyone."""
    mine = {"visible_to": tx.actor.user_id}
    return await answers.page(tx, SAVED_VIEWS, SavedViewRead, query, where=mine)


@view_router.post("", response_model=SavedViewRead, status_code=201)
async def create_saved_view(tx: CanWriteViews, body: SavedViewCreate) -> Response:
    """Save a view: a list's filters, sort and columns."""
    view = await custom_fields.save_view(tx, body.given())
    return await answers.created(tx, SAVED_VIEWS, SavedViewRead, view.id)


@view_router.get("/{view_id}", response_model=SavedViewRead, openapi_extra=SAVED_VIEWS.documented())
async def get_saved_view(tx: CanReadViews, view_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one of your views, or a shared one."""
    mine = {"visible_to": tx.actor.user_id}
    return await answers.item(tx, SAVED_VIEWS, SavedViewRead, view_id, query, where=mine)


@view_router.patch("/{view_id}", response_model=SavedViewRead)
async def update_saved_view(tx: CanWriteViews, view_id: UUID, version: Version, body: SavedViewUpdate) -> Response:
    """Change one of your views."""
    await custom_fields.update_view(tx, view_id, version, body.given())
    return await answers.changed(tx, SAVED_VIEWS, SavedViewRead, view_id)


@view_router.delete("/{view_id}", response_model=SavedViewRead)
async def archive_saved_view(tx: CanWriteViews, view_id: UUID, version: Version) -> Response:
    """Put one of your views away."""
    await custom_fields.archive_view(tx, view_id, version)
    return await answers.changed(tx, SAVED_VIEWS, SavedViewRead, view_id)


@field_router.get("", response_model=CustomFieldPage, openapi_extra=CUSTOM_FIELDS.documented())
async def list_custom_fields(
    tx: CanReadFields, query: Annotated[CustomFieldQuery, asked(CustomFieldQuery)]
) -> Response:
    """List the fields the workspace has declared."""
    return await answers.page(tx, CUSTOM_FIELDS, CustomFieldRead, query)


@field_router.post("", response_model=CustomFieldRead, status_code=201)
async def declare_custom_field(tx: CanWriteFields, body: CustomFieldCreate) -> Response:
    """Declare a field for accounts or contacts; from then on it can be written and filtered by."""
    field = await custom_fields.declare_field(tx, body.given())
    return await answers.created(tx, CUSTOM_FIELDS, CustomFieldRead, field.id)


@field_router.get("/{field_id}", response_model=CustomFieldRead, openapi_extra=CUSTOM_FIELDS.documented())
async def get_custom_field(
    tx: CanReadFields, field_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one declared field."""
    return await answers.item(tx, CUSTOM_FIELDS, CustomFieldRead, field_id, query)


@field_router.patch("/{field_id}", response_model=CustomFieldRead)
async def update_custom_field(
    tx: CanWriteFields, field_id: UUID, version: Version, body: CustomFieldUpdate
) -> Response:
    """Change a field's label, or add options."""
    await custom_fields.update_field(tx, field_id, version, body.given())
    return await answers.changed(tx, CUSTOM_FIELDS, CustomFieldRead, field_id)


@field_router.delete("/{field_id}", response_model=CustomFieldRead)
async def archive_custom_field(tx: CanWriteFields, field_id: UUID, version: Version) -> Response:
    """Retire a field: records keep their values, new ones are refused."""
    await custom_fields.archive_field(tx, field_id, version)
    return await answers.changed(tx, CUSTOM_FIELDS, CustomFieldRead, field_id)


@field_router.post("/{field_id}:restore", response_model=CustomFieldRead)
async def restore_custom_field(tx: CanWriteFields, field_id: UUID) -> Response:
    """Restore a retired field."""
    await custom_fields.restore_field(tx, field_id)
    return await answers.changed(tx, CUSTOM_FIELDS, CustomFieldRead, field_id)


@policy_router.get("", response_model=PolicyPage, openapi_extra=POLICIES.documented())
async def list_assignment_policies(tx: CanReadPolicies, query: Annotated[PolicyQuery, asked(PolicyQuery)]) -> Response:
    """List the assignment policies."""
    return await answers.page(tx, POLICIES, PolicyRead, query)


@policy_router.post("", response_model=PolicyRead, status_code=201)
async def create_assignment_policy(tx: CanWritePolicies, body: PolicyCreate) -> Response:
    """Add an assignment policy; it does nothing until it is applied."""
    policy = await assignment.create_policy(tx, body.model_dump(mode="json"))
    return await answers.created(tx, POLICIES, PolicyRead, policy.id)


@policy_router.get("/{policy_id}", response_model=PolicyRead, openapi_extra=POLICIES.documented())
async def get_assignment_policy(
    tx: CanReadPolicies, policy_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one assignment policy."""
    return await answers.item(tx, POLICIES, PolicyRead, policy_id, query)


@policy_router.patch("/{policy_id}", response_model=PolicyRead)
async def update_assignment_policy(
    tx: CanWritePolicies, policy_id: UUID, version: Version, body: PolicyUpdate
) -> Response:
    """Change an assignment policy; other rules make its next version."""
    await assignment.update_policy(tx, policy_id, version, body.model_dump(mode="json", exclude_unset=True))
    return await answers.changed(tx, POLICIES, PolicyRead, policy_id)


@policy_router.delete("/{policy_id}", response_model=PolicyRead)
async def archive_assignment_policy(tx: CanWritePolicies, policy_id: UUID, version: Version) -> Response:
    """Retire an assignment policy; what it assigned stays."""
    await assignment.archive_policy(tx, policy_id, version)
    return await answers.changed(tx, POLICIES, PolicyRead, policy_id)


@policy_router.get("/{policy_id}/preview", response_model=AssignmentOutcome)
async def preview_assignment_policy(tx: CanReadPolicies, policy_id: UUID) -> Response:
    """Preview a policy: who would get which account. Nothing is written."""
    await answers.item(tx, POLICIES, PolicyRead, policy_id)
    return answers.represented(tx, _outcome(await assignment.preview(tx, policy_id)).model_dump_json().encode(), None)


@policy_router.post("/{policy_id}:apply", response_model=AssignmentOutcome)
async def apply_assignment_policy(tx: CanWritePolicies, policy_id: UUID, version: Version) -> Response:
    """Make a policy the active one of its role, and assign the accounts accordingly."""
    return await answers.done(tx, _outcome(await assignment.apply_policy(tx, policy_id, version)))


def _outcome(found: list[Assignment]) -> AssignmentOutcome:
    changes = [one for one in found if one.before != one.after]
    shown = [
        AssignmentChange(
            account_id=one.account_id,
            account_name=one.account_name,
            rule=one.rule,
            before=one.before,
            after=one.after,
        )
        for one in changes[:200]
    ]
    return AssignmentOutcome(matched=len(found), changed=len(changes), changes=shown)


@settings_router.get("", response_model=AccountSettingsRead)
async def get_account_settings(tx: CanReadSettings) -> Response:
    """Get how the workspace sizes, weighs and touches its accounts."""
    found = await settings.account_settings(tx)
    return answers.represented(tx, found.model_dump_json().encode(), None)


@settings_router.put("", response_model=AccountSettingsRead)
async def set_account_settings(tx: CanWriteSettings, body: AccountSettings) -> Response:
    """Replace that configuration. Touch models, fit and importance of all accounts are recomputed at once."""
    await settings.change_account_settings(tx, body)
    await refresh_standing(tx, None, body)
    return await answers.done(tx, body)
