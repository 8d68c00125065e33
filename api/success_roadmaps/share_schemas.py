"""Shapes of links to roadmaps and of comments, for our own people."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AfterValidator, AwareDatetime, ConfigDict, Field

from api.contacts.schemas import ContactSummary
from api.kit.schemas import Input, Line, Moment, Page, RecordQuery, RecordRead, Text, shown
from api.success_roadmaps import share_examples as examples
from api.success_roadmaps.share_models import ShareScope, ShareSection


class ShareState(StrEnum):
    """Whether a link still opens; `suspended`: its contact left or was erased, or its roadmap or account is archived."""

    active = "active"
    suspended = "suspended"
    expired = "expired"
    revoked = "revoked"


def _once(sections: list[ShareSection]) -> list[ShareSection]:
    return [section for section in ShareSection if section in sections]


class RoadmapShareCreate(Input):
    """Who shall see a roadmap, how much of it, and until when."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SHARE_CREATE))

    roadmap_id: UUID
    contact_id: UUID | None = Field(
        default=None, description="The contact who gets the link. When they leave or are erased, it ends."
    )
    label: Line = Field(default="", description="For whom it is, where that is no contact: a name, an e-mail address.")
    scope: ShareScope = ShareScope.view
    sections: Annotated[list[ShareSection], Field(max_length=10), AfterValidator(_once)] = [
        ShareSection.goals,
        ShareSection.milestones,
        ShareSection.comments,
    ]
    expires_at: Moment | None = Field(default=None, description="At most 366 days ahead; in 30 days unless given.")


class RoadmapShareRead(RecordRead):
    """A link to a roadmap. Its token was shown when it was made."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SHARE_READ))

    roadmap_id: UUID
    account_id: UUID
    contact_id: UUID | None
    label: str
    scope: ShareScope
    sections: list[ShareSection]
    state: ShareState
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None
    revoked_by_id: UUID | None = Field(description="Null also when an API key did it.")
    last_opened_at: AwareDatetime | None = Field(description="To the quarter of an hour.")
    contact: ContactSummary | None | MISSING = MISSING


class RoadmapShareCreated(RoadmapShareRead):
    """A new link with its token."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SHARE_CREATED))

    token: str = Field(
        description="Shown once. Put it into the link after `#`, so that no server logs it; the page sends it as the "
        "header `Share-Token`."
    )


class RoadmapShareSort(StrEnum):
    """The orders of a list of links."""

    created_at = "created_at"
    created_at_down = "-created_at"
    expires_at = "expires_at"
    expires_at_down = "-expires_at"


class RoadmapShareQuery(RecordQuery):
    """The links to list."""

    sort: RoadmapShareSort | MISSING = MISSING
    roadmap_id: list[UUID] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    scope: list[ShareScope] | MISSING = MISSING
    state: list[ShareState] | MISSING = MISSING


class RoadmapSharePage(Page[RoadmapShareRead]):
    """One page of links."""


CommentBody = Annotated[Text, Field(min_length=1)]


class RoadmapCommentCreate(Input):
    """Something to say about a roadmap or one of its goals."""

    model_config = ConfigDict(json_schema_extra=shown(examples.COMMENT_CREATE))

    roadmap_id: UUID
    goal_id: UUID | None = None
    body: CommentBody
    internal: Annotated[bool, Field(strict=True)] = Field(
        default=True, description="False shows it on shared pages too."
    )


class RoadmapCommentRead(RecordRead):
    """Something said about a roadmap."""

    model_config = ConfigDict(json_schema_extra=shown(examples.COMMENT_READ))

    roadmap_id: UUID
    account_id: UUID
    goal_id: UUID | None
    body: str
    internal: bool
    from_customer: bool = Field(description="It came through a link.")
    author_name: str | None = Field(description="Null when an API key wrote it.")
    user_id: UUID | None
    share_id: UUID | None
    contact_id: UUID | None = Field(description="The person behind the link.")


class RoadmapCommentSort(StrEnum):
    """The orders of a list of comments."""

    created_at = "created_at"
    created_at_down = "-created_at"


class RoadmapCommentQuery(RecordQuery):
    """The comments to list."""

    sort: RoadmapCommentSort | MISSING = MISSING
    roadmap_id: list[UUID] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    goal_id: list[UUID] | MISSING = MISSING
    share_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    user_id: list[UUID] | MISSING = MISSING
    internal: bool | MISSING = MISSING
    from_customer: bool | MISSING = MISSING


class RoadmapCommentPage(Page[RoadmapCommentRead]):
    """One page of comments."""
