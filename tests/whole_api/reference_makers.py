"""Rows of reference cases for example requests."""

import datetime as dt
from itertools import count
from typing import Any
from uuid import UUID

from api.auth.permissions import Role
from api.contacts.models import Contact
from api.kit import clock
from api.kit.tables import new_id
from api.reference_cases.consent_models import ReferenceConsent, ReferenceProfile
from api.reference_cases.models import CaseEntry, CaseOutcome, CaseVersion, Initiative, OutcomeMetric, ReferenceCase
from api.reference_cases.partner_models import (
    PartnerCaseEntry,
    PartnerCaseHandle,
    PartnerReferenceCase,
    PartnerReferenceRequest,
)
from api.reference_cases.request_models import ReferenceAsk, ReferenceCandidate, ReferenceRequest
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api.makers import APRIL, account

_improvements = count(1)
_pairs: dict[UUID, tuple[UUID, UUID]] = {}


async def initiative(workspace: WorkspaceForTest) -> UUID:
    """An initiative."""
    key = f"i{new_id().hex}"
    return (await workspace.add(Initiative, key=key, name_ja=workspace.marker, name_en="Voice agent")).id


async def metric(workspace: WorkspaceForTest) -> UUID:
    """A metric that should rise."""
    names = {"name_ja": workspace.marker, "name_en": "Resolution", "direction": "higher_is_better"}
    return (await workspace.add(OutcomeMetric, key=f"m{new_id().hex}", **names)).id


async def case(workspace: WorkspaceForTest, state: str = "approved", **values: Any) -> UUID:
    """An approved case of one initiative and one metric."""
    initiative_id, metric_id = await initiative(workspace), await metric(workspace)
    open_state = state if state in {"draft", "in_review"} else None
    approved = {"approved_revision": 1, "approved_at": clock.now()} if open_state is None else {"revision": 1}
    row = ReferenceCase(
        workspace_id=workspace.id,
        **{
            "account_id": await account(workspace), "state": state, "title_ja": workspace.marker, "summary_ja": "概要",
            "revision_state": open_state, **approved, **values,
        },
    )  # fmt: skip
    improvement = next(_improvements)
    here: dict[str, Any] = {"workspace_id": workspace.id, "case_id": row.id}
    content = {
        "title_ja": workspace.marker, "summary_ja": "概要", "initiative_ids": [str(initiative_id)],
        "outcomes": [{"metric_id": str(metric_id), "baseline": 100, "result": 100 + improvement}],
    }  # fmt: skip
    await workspace.add_all(
        row,
        CaseVersion(**here, number=1, state=open_state or "approved", content=content),
        CaseOutcome(
            **here, metric_id=metric_id, place=1, higher_is_better=True, baseline=100, result=100 + improvement
        ),
        CaseEntry(
            **here, initiative_id=initiative_id, metric_id=metric_id, initiative_no=0, outcome_no=0,
            improvement_pct=improvement, state=state, listed_at=row.approved_at or row.created_at,
        ),
    )  # fmt: skip
    return row.id


async def draft(workspace: WorkspaceForTest) -> UUID:
    """A drafted case."""
    return await case(workspace, "draft")


async def case_in_review(workspace: WorkspaceForTest) -> UUID:
    """A case that waits for its review."""
    return await case(workspace, "in_review")


async def contact_of(workspace: WorkspaceForTest, account_id: UUID) -> UUID:
    """A contact of an account."""
    return (await workspace.add(Contact, account_id=account_id, name=workspace.marker)).id


async def only_account(workspace: WorkspaceForTest) -> UUID:
    """The account of a workspace's consents and asks."""
    return (await only_contact_and_account(workspace))[1]


async def only_contact(workspace: WorkspaceForTest) -> UUID:
    """A contact of :func:`only_account`."""
    return (await only_contact_and_account(workspace))[0]


async def only_case(workspace: WorkspaceForTest) -> UUID:
    """An approved case of :func:`only_account`."""
    return await case(workspace, account_id=await only_account(workspace))


async def only_contact_and_account(workspace: WorkspaceForTest) -> tuple[UUID, UUID]:
    """A contact and its account, the same ones each time in a workspace; the contact agreed to calls."""
    if workspace.id not in _pairs:
        account_id = await account(workspace)
        contact_id = await contact_of(workspace, account_id)
        _pairs[workspace.id] = contact_id, account_id
        await workspace.add(
            ReferenceConsent, account_id=account_id, contact_id=contact_id, acts=["call"], audience="internal",
            evidence=workspace.marker, granted_on=APRIL,
        )  # fmt: skip
    return _pairs[workspace.id]


async def consent(workspace: WorkspaceForTest) -> UUID:
    """A consent to calls."""
    contact_id, account_id = await only_contact_and_account(workspace)
    row = await workspace.add(
        ReferenceConsent, account_id=account_id, contact_id=contact_id, acts=["call"], audience="internal",
        evidence=workspace.marker, granted_on=APRIL,
    )  # fmt: skip
    return row.id


async def profile(workspace: WorkspaceForTest) -> UUID:
    """What an account would do."""
    return (await workspace.add(ReferenceProfile, account_id=await account(workspace), note=workspace.marker)).id


async def request(workspace: WorkspaceForTest) -> UUID:
    """An open request for a call."""
    values = {"prospect": workspace.marker, "act": "call", "due_on": dt.date(2099, 1, 31)}
    return (await workspace.add(ReferenceRequest, **values)).id


async def ask(workspace: WorkspaceForTest) -> UUID:
    """A place taken for a request."""
    row = await workspace.add(
        ReferenceAsk, request_id=await request(workspace), account_id=await account(workspace), act="call",
        note=workspace.marker,
    )  # fmt: skip
    return row.id


async def candidate(workspace: WorkspaceForTest) -> UUID:
    """An account that has a story to tell."""
    row = await workspace.add(
        ReferenceCandidate, account_id=await account(workspace), kind="promoter", evidence={"score": workspace.marker}
    )
    return row.id


async def partner_case(workspace: WorkspaceForTest) -> UUID:
    """A case as the partner sees it whose person the example's client signs in."""
    partner_id = (await workspace.person(Role.partner)).partner_id
    assert partner_id is not None
    case_id, initiative_id, metric_id = await case(workspace), await initiative(workspace), await metric(workspace)
    begins, improvement = clock.now() - dt.timedelta(days=1), next(_improvements)
    handle = PartnerCaseHandle(workspace_id=workspace.id, partner_id=partner_id, case_id=case_id, named=True)
    row: dict[str, Any] = {
        "workspace_id": workspace.id, "id": handle.id, "partner_id": partner_id, "visible_from": begins,
        "visible_until": begins + dt.timedelta(days=400),
    }  # fmt: skip
    await workspace.add_all(
        handle,
        PartnerReferenceCase(
            **row, case_id=case_id, named=True, account_name=workspace.marker, live_acts=["call"],
            initiatives=[{"id": str(initiative_id), "key": "i", "name_ja": workspace.marker, "name_en": "x"}], outcomes=[],
        ),
        PartnerCaseEntry(
            **row, initiative_id=initiative_id, metric_id=metric_id, initiative_no=0, outcome_no=0,
            improvement_pct=improvement,
        ),
    )  # fmt: skip
    return handle.id


async def partner_request(workspace: WorkspaceForTest) -> UUID:
    """What that partner asked."""
    asked = {"act": "call", "prospect": workspace.marker, "due_on": APRIL}
    row = await workspace.add(
        PartnerReferenceRequest, partner_id=(await workspace.person(Role.partner)).partner_id,
        request_id=await request(workspace), **asked,
    )  # fmt: skip
    return row.id
