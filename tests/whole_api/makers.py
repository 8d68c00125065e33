"""Rows for example requests. Their texts carry the workspace's marker, which no stranger may read."""

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import col

from api.accounts.models import (
    Account,
    AccountPhase,
    AccountRef,
    AccountStanding,
    AssignmentPolicy,
    SavedView,
    Segment,
    SegmentVersion,
    TeamMember,
)
from api.analytics.models import AcquisitionCost
from api.auth.models import Credential, CredentialKind, Invitation, Password, Workspace
from api.auth.permissions import Role
from api.contacts.models import Contact, PrimaryContactChange, Stake
from api.contracts.churn_reports import ChurnReport
from api.contracts.models import (
    Contract,
    ContractItem,
    ContractTerm,
    ExchangeRate,
    MrrMovement,
)
from api.exports.models import Export
from api.health_scores.goal_models import ApproachIntent, ApproachScore, HealthTarget
from api.health_scores.models import AccountMaturity, Backtest, CsmPulse, HealthModel, HealthScore, HealthScoreRun
from api.imports.models import Import, ImportMapping, ImportRow, ImportState
from api.interactions.models import Attendee, Interaction
from api.kit import clock
from api.kit.audit import AuditEntry
from api.kit.custom_fields import CustomField, FieldType
from api.kit.files import FileWriter
from api.kit.outbox import Event
from api.kit.tables import new_id
from api.product_gaps.models import GapComment, GapReport, GapStatusChange, ProductGap
from api.products.models import Product
from api.programs.models import Participant, Program
from api.signals.models import Signal
from api.success_roadmaps.history_models import GoalProgress, RoadmapProgress, RoadmapTemplate, RoadmapTemplateVersion
from api.success_roadmaps.models import RoadmapGoal, RoadmapMilestone, SuccessRoadmap
from api.success_roadmaps.share_models import RoadmapComment, RoadmapShare
from api.success_roadmaps.value_models import ValueRealisation
from api.surveys.models import Survey, SurveyInvitation, SurveyResponse
from api.tasks.models import Task
from api.tickets.models import Ticket
from api.usage.models import UsageMetric, UsageStatusChange
from tests.support.workspaces import WorkspaceForTest

Maker = Callable[[WorkspaceForTest], Awaitable[UUID]]

APRIL = dt.date(2026, 4, 1)
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


async def partner(workspace: WorkspaceForTest) -> UUID:
    """A partner."""
    return (await workspace.partner()).id


async def archived_partner(workspace: WorkspaceForTest) -> UUID:
    """An archived partner."""
    return (await workspace.partner(archived_at=clock.now())).id


async def invitation(workspace: WorkspaceForTest) -> UUID:
    """An open invitation to a partner's people, which managers may deal with too."""
    ends = clock.now() + dt.timedelta(days=7)
    email = f"{workspace.marker}@example.com"
    return (
        await workspace.add(
            Invitation, email=email, role=Role.partner.value, expires_at=ends, partner_id=await partner(workspace)
        )
    ).id


async def api_key(workspace: WorkspaceForTest) -> UUID:
    """An API key of a partner, which managers may deal with too."""
    values = {"kind": CredentialKind.api_key.value, "name": workspace.marker, "partner_id": await partner(workspace)}
    return (await workspace.add(Credential, **values, scopes=["partner_reference_cases:read"])).id


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


async def account(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """An account, in onboarding since April."""
    row = Account(workspace_id=workspace.id, **{"name": workspace.marker, "phase_since": APRIL, **values})
    known: dict[str, Any] = {"workspace_id": workspace.id, "account_id": row.id}
    await workspace.add_all(row, AccountStanding(**known), AccountPhase(**known, phase="onboarding", starts_on=APRIL))
    return row.id


async def archived_account(workspace: WorkspaceForTest) -> UUID:
    """An archived account."""
    return await account(workspace, archived_at=clock.now())


async def external_id(workspace: WorkspaceForTest) -> str:
    """The external id of an account."""
    await account(workspace, external_id=(given := f"crm-{new_id()}"))
    return given


async def account_with_ref(workspace: WorkspaceForTest) -> UUID:
    """An account with an id in the system ``crm``."""
    account_id = await account(workspace)
    await workspace.add(AccountRef, account_id=account_id, source="crm", ref=str(account_id))
    return account_id


async def onboarding_criterion(workspace: WorkspaceForTest) -> str:
    """One of the two criteria that onboarding has from now on."""
    criteria = [{"key": key, "label": key} for key in ("kickoff", "launch")]
    async with workspace.write() as tx:
        row = await tx.session.get_one(Workspace, (workspace.id, workspace.id))
        row.settings = {"accounts": {"onboarding_criteria": criteria}}
    return "kickoff"


async def account_with_history(workspace: WorkspaceForTest) -> UUID:
    """An account with more phases than a page of a test holds."""
    account_id = await account(workspace)
    for month in range(1, 5):
        await workspace.add(
            AccountPhase, account_id=account_id, phase="adoption", starts_on=dt.date(2025, month, 1),
            ends_before=dt.date(2025, month + 1, 1), reason=workspace.marker,
        )  # fmt: skip
    return account_id


async def team_member(workspace: WorkspaceForTest) -> UUID:
    """A user's time in a role for an account."""
    row = await workspace.add(
        TeamMember, account_id=await account(workspace), user_id=await user(workspace), role="support", starts_on=APRIL
    )
    return row.id


async def segment(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A segment."""
    name = f"{workspace.marker} {new_id()}"
    return (await workspace.add(Segment, **{"name": name, "filter": {"country": ["JP"]}, **values})).id


async def archived_segment(workspace: WorkspaceForTest) -> UUID:
    """An archived segment."""
    return await segment(workspace, archived_at=clock.now())


async def segment_with_history(workspace: WorkspaceForTest) -> UUID:
    """A segment with more versions than a page of a test holds."""
    segment_id = await segment(workspace, filter_version=5)
    for version in range(1, 6):
        await workspace.add(
            SegmentVersion, segment_id=segment_id, filter_version=version, filter={"industry": [workspace.marker]}
        )
    return segment_id


async def saved_view(workspace: WorkspaceForTest) -> UUID:
    """A view of the admin's."""
    row = await workspace.add(
        SavedView, user_id=(await workspace.person(Role.admin)).id, name=f"{workspace.marker} {new_id()}",
        query={"phase": ["renewal"]}, shared=True,
    )  # fmt: skip
    return row.id


async def custom_field(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A declared field."""
    row = await workspace.add(
        CustomField, resource="account", key=f"field_{new_id().hex}", label=workspace.marker,
        type=FieldType.option.value, options=["gold"], **values,
    )  # fmt: skip
    return row.id


async def archived_custom_field(workspace: WorkspaceForTest) -> UUID:
    """A field that is no longer in use."""
    return await custom_field(workspace, archived_at=clock.now())


async def policy(workspace: WorkspaceForTest) -> UUID:
    """An assignment policy that would give an account to a user."""
    await account(workspace)
    rules = [{"user_ids": [str(await user(workspace))], "phase": "onboarding"}]
    return (await workspace.add(AssignmentPolicy, name=workspace.marker, kind="phase", rules=rules)).id


async def contact(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A contact."""
    row = await workspace.add(Contact, account_id=await account(workspace), name=workspace.marker, **values)
    return row.id


async def _latest_account(workspace: WorkspaceForTest) -> UUID:
    async with workspace.write() as tx:
        latest = sa.select(sa.func.max(sa.cast(col(Account.id), sa.Text))).where(
            col(Account.workspace_id) == workspace.id
        )
        found = await tx.session.scalar(latest)
    return UUID(found) if found else await account(workspace)


async def contact_of_latest_account(workspace: WorkspaceForTest) -> UUID:
    """A contact at the account that was made last."""
    return (await workspace.add(Contact, account_id=await _latest_account(workspace), name=workspace.marker)).id


async def ticket_of_latest_account(workspace: WorkspaceForTest) -> UUID:
    """A ticket of the account that was made last."""
    return await ticket(workspace, account_id=await _latest_account(workspace))


async def survey_response_of_latest_account(workspace: WorkspaceForTest) -> UUID:
    """An answer from the account that was made last."""
    return await survey_response(workspace, account_id=await _latest_account(workspace))


async def interaction_of_latest_account(workspace: WorkspaceForTest) -> UUID:
    """A meeting with the account that was made last."""
    given = {"kind": "meeting", "subject": workspace.marker, "notes": workspace.marker, "occurred_at": clock.now()}
    return (await workspace.add(Interaction, account_id=await _latest_account(workspace), **given)).id


async def roadmap_of_latest_account(workspace: WorkspaceForTest) -> UUID:
    """A roadmap of the account that was made last, with a goal: :func:`goal_of_latest_roadmap`."""
    account_id = await _latest_account(workspace)
    roadmap_id = await roadmap(workspace, account_id=account_id)
    await workspace.add(
        RoadmapGoal, roadmap_id=roadmap_id, account_id=account_id, level="company", title=workspace.marker
    )
    return roadmap_id


async def archived_contact(workspace: WorkspaceForTest) -> UUID:
    """An archived contact."""
    row = await workspace.add(
        Contact, account_id=await account(workspace), name=workspace.marker, archived_at=clock.now()
    )
    return row.id


async def account_with_primary_contacts(workspace: WorkspaceForTest) -> UUID:
    """An account whose primary contact changed more often than a page of a test holds."""
    account_id = await account(workspace)
    for day in range(1, 6):
        await workspace.add(
            PrimaryContactChange, account_id=account_id, reason=workspace.marker, changed_on=dt.date(2026, 4, day)
        )
    return account_id


async def contact_of_my_account(workspace: WorkspaceForTest) -> UUID:
    """A contact at an account whose team the admin is on."""
    contact_id, account_id = new_id(), await account(workspace)
    await workspace.add(Contact, id=contact_id, account_id=account_id, name=workspace.marker)
    mine = await workspace.person(Role.admin)
    await workspace.add(TeamMember, account_id=account_id, user_id=mine.id, role="csm", starts_on=APRIL)
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
        changed_on=APRIL,
    )  # fmt: skip
    return change.id


async def product(workspace: WorkspaceForTest) -> UUID:
    """A product."""
    return (await workspace.add(Product, name=workspace.marker)).id


async def archived_product(workspace: WorkspaceForTest) -> UUID:
    """An archived product."""
    return (await workspace.add(Product, name=workspace.marker, archived_at=clock.now())).id


async def product_with_external_id(workspace: WorkspaceForTest) -> str:
    """The external id of a product."""
    await workspace.add(Product, name=workspace.marker, external_id=(given := f"sku-{new_id()}"))
    return given


async def contract(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A contract with an item and an undecided term."""
    account_id = values.pop("account_id", None) or await account(workspace)
    row = await workspace.add(
        Contract, account_id=account_id, name=workspace.marker, currency="JPY", starts_on=APRIL,
        ends_before=dt.date(2027, 4, 1), **values,
    )  # fmt: skip
    for _ in range(2):
        await workspace.add(
            ContractItem, contract_id=row.id, account_id=account_id, product_id=await product(workspace),
            starts_on=APRIL, unit_price=120_000,
        )  # fmt: skip
    await workspace.add(
        ContractTerm, contract_id=row.id, account_id=account_id, starts_on=APRIL, ends_before=dt.date(2027, 4, 1),
        notice_deadline=dt.date(2027, 3, 2), comment=workspace.marker,
    )  # fmt: skip
    return row.id


async def contract_under_notice(workspace: WorkspaceForTest) -> UUID:
    """A contract whose customer gave notice."""
    return await contract(
        workspace, notice_received_on=APRIL, stops_before=dt.date(2027, 4, 1), stops_as="notice", state="notified"
    )


async def archived_contract(workspace: WorkspaceForTest) -> UUID:
    """An archived contract."""
    return await contract(workspace, archived_at=clock.now())


async def item_of_latest_contract(workspace: WorkspaceForTest, skipped: int = 0) -> UUID:
    """The second item of the contract that was made last."""
    async with workspace.write() as tx:
        found = await tx.session.scalar(
            sa.select(col(ContractItem.id)).where(col(ContractItem.workspace_id) == workspace.id)
            .order_by(col(ContractItem.id).desc()).offset(skipped).limit(1)
        )  # fmt: skip
    if found is None:
        await contract(workspace)
        return await item_of_latest_contract(workspace, skipped)
    return UUID(str(found))


async def first_item_of_latest_contract(workspace: WorkspaceForTest) -> UUID:
    """The first item of the contract that was made last."""
    return await item_of_latest_contract(workspace, 1)


async def product_gap(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A gap that is open."""
    row = await workspace.add(ProductGap, **{"title": workspace.marker, "area": "承認フロー", **values})
    await workspace.add(GapStatusChange, gap_id=row.id, to_status=row.status)
    return row.id


async def archived_product_gap(workspace: WorkspaceForTest) -> UUID:
    """An archived gap."""
    return await product_gap(workspace, archived_at=clock.now())


async def gap_report(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A report of a gap that blocks an account's renewal."""
    row = await workspace.add(
        GapReport,
        **{
            "gap_id": values.get("gap_id") or await product_gap(workspace),
            "account_id": values.get("account_id") or await account(workspace),
            "impact": workspace.marker, "blocks_renewal": True, "reported_on": APRIL, **values,
        },
    )  # fmt: skip
    return row.id


async def archived_gap_report(workspace: WorkspaceForTest) -> UUID:
    """An archived report."""
    return await gap_report(workspace, archived_at=clock.now())


async def gap_comment(workspace: WorkspaceForTest) -> UUID:
    """A comment on a gap."""
    return (await workspace.add(GapComment, gap_id=await product_gap(workspace), text=workspace.marker)).id


async def gap_on_board(workspace: WorkspaceForTest) -> UUID:
    """A gap that an account reports."""
    gap_id = await product_gap(workspace)
    await gap_report(workspace, gap_id=gap_id)
    return gap_id


async def term(workspace: WorkspaceForTest) -> UUID:
    """The undecided term of a contract."""
    contract_id = await contract(workspace)
    async with workspace.write() as tx:
        found = await tx.session.scalar(
            sa.select(col(ContractTerm.id)).where(
                col(ContractTerm.workspace_id) == workspace.id, col(ContractTerm.contract_id) == contract_id
            )
        )
    return UUID(str(found))


async def movement(workspace: WorkspaceForTest) -> UUID:
    """A line of the ledger."""
    row = await workspace.add(
        MrrMovement, account_id=await account(workspace), product_id=await product(workspace), currency="JPY",
        effective_on=APRIL, type="new", amount_minor=120_000, cause="signed",
    )  # fmt: skip
    return row.id


async def account_with_revenue(workspace: WorkspaceForTest) -> UUID:
    """An account with a line in the ledger."""
    account_id = await account(workspace)
    await workspace.add(
        MrrMovement, account_id=account_id, product_id=await product(workspace), currency="JPY",
        effective_on=APRIL, type="new", amount_minor=120_000, cause="signed",
    )  # fmt: skip
    return account_id


async def exchange_rate(workspace: WorkspaceForTest) -> UUID:
    """What some currency was worth on some day."""
    day = APRIL + dt.timedelta(days=next(_positions))
    return (await workspace.add(ExchangeRate, currency="USD", day=day, rate="150", source=workspace.marker)).id


async def export(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """An export of the admin's that is running."""
    asked = {
        "resource": "accounts", "format": "jsonl", "query": {}, "filename": f"{workspace.marker}.jsonl", "language": "ja",
        "asked_by_kind": "user", "asked_by_id": (await workspace.person(Role.admin)).id,
    }  # fmt: skip
    return (await workspace.add(Export, **{**asked, **values})).id


async def export_with_file(workspace: WorkspaceForTest) -> UUID:
    """An export of the admin's whose file is there."""
    writer = FileWriter(workspace.database, workspace.id, file_id := new_id())
    await writer.write(f'{{"name":"{workspace.marker}"}}\n'.encode())
    await writer.close()
    ends = clock.now() + dt.timedelta(days=7)
    return await export(
        workspace, state="done", file_id=file_id, size=writer.size, digest=writer.digest, rows=1, expires_at=ends
    )


async def import_(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """An import that waits for its file."""
    chosen = {"format": None, "encoding": None, "mapping": None}
    given = {"resource": "accounts", "filename": workspace.marker, "chosen": chosen, **values}
    return (await workspace.add(Import, **given)).id


def _columns(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "samples": [], "suggested_target": None} for name in names]


async def import_with_file(workspace: WorkspaceForTest) -> UUID:
    """An import that can start."""
    columns = _columns("id", workspace.marker)
    return await import_(
        workspace, state=ImportState.ready.value, format="csv", encoding="utf-8", delimiter=",", columns=columns,
        mapping={"id": "external_id", workspace.marker: "name"},
    )  # fmt: skip


async def import_with_rows(workspace: WorkspaceForTest) -> UUID:
    """An import with more rows in its report than a page of a test holds."""
    import_id = await import_(workspace, state=ImportState.done.value, columns=_columns(workspace.marker))
    for number in range(2, 8):
        errors = [{"pointer": "/name", "code": "missing", "detail": "必須です"}]
        await workspace.add(
            ImportRow, import_id=import_id, number=number, status="failed", key=workspace.marker, errors=errors,
            cells={workspace.marker: workspace.marker},
        )  # fmt: skip
    return import_id


async def import_mapping(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A saved mapping."""
    name = f"{workspace.marker} {new_id()}"
    given = {"name": name, "resource": "accounts", "mapping": {"id": "external_id"}, **values}
    return (await workspace.add(ImportMapping, **given)).id


async def archived_import_mapping(workspace: WorkspaceForTest) -> UUID:
    """A saved mapping that is no longer in use."""
    return await import_mapping(workspace, archived_at=clock.now())


async def acquisition_cost(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """What a month cost."""
    row = await workspace.add(
        AcquisitionCost, starts_on=APRIL, ends_before=dt.date(2026, 5, 1), currency="JPY", amount_minor=600_000,
        customers_won=3, note=workspace.marker, **values,
    )  # fmt: skip
    return row.id


async def archived_acquisition_cost(workspace: WorkspaceForTest) -> UUID:
    """A cost that no longer counts."""
    return await acquisition_cost(workspace, archived_at=clock.now())


async def task(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """An open task."""
    return (await workspace.add(Task, **{"title": workspace.marker, "detail": workspace.marker, **values})).id


async def task_in_check(workspace: WorkspaceForTest) -> UUID:
    """A task that somebody completed and somebody else has to check."""
    done_by = await user(workspace)
    return await task(
        workspace, needs_check=True, state="in_check", outcome="succeeded", completed_by=done_by,
        completed_at=clock.now(),
    )  # fmt: skip


async def archived_task(workspace: WorkspaceForTest) -> UUID:
    """An archived task."""
    return await task(workspace, archived_at=clock.now())


HEALTH_DEFINITION = {
    "components": [
        {
            "key": "pulse",
            "name": "",
            "source": "csm_pulse",
            "of": None,
            "window_days": 90,
            "breakpoints": [{"raw": 1.0, "points": 0.0}, {"raw": 5.0, "points": 100.0}],
            "weight": 1.0,
            "missing": "skip_and_reweight",
            "freshness_days": None,
        }
    ],
    "bands": [{"key": "red", "name": "", "min": 0.0}, {"key": "green", "name": "", "min": 60.0}],
    "maturity": None,
}


async def health_model(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A draft of a health model."""
    own = {"name": workspace.marker, "number": next(_positions), "phases": ["onboarding"], "definition_hash": "0" * 64}
    return (await workspace.add(HealthModel, **{**own, "definition": HEALTH_DEFINITION, **values})).id


async def archived_health_model(workspace: WorkspaceForTest) -> UUID:
    """A version that left the lists."""
    return await health_model(workspace, archived_at=clock.now())


async def model_in_use(workspace: WorkspaceForTest) -> UUID:
    """An active version."""
    return await health_model(workspace, state="active", name=str(new_id()))


async def account_with_model(workspace: WorkspaceForTest) -> UUID:
    """An account that an active model is for."""
    await model_in_use(workspace)
    return await account(workspace)


async def account_with_new_contact(workspace: WorkspaceForTest) -> UUID:
    """An account whose present contact has not confirmed the goals."""
    owner = await account(workspace)
    await workspace.add(AccountMaturity, account_id=owner, level=2, since=APRIL, evidence_from=APRIL, unconfirmed=True)
    return owner


async def proven_model(workspace: WorkspaceForTest) -> UUID:
    """A version whose backtest has passed."""
    model = await health_model(workspace, state="backtested")
    values = {"definition_hash": "0" * 64, "state": "done", "passed": True, "finished_at": clock.now()}
    await workspace.add(Backtest, model_id=model, **values)
    return model


async def health_score(workspace: WorkspaceForTest, **given: Any) -> UUID:
    """A snapshot."""
    values = {"kind": "weekly", "as_of": APRIL, "phase": "adoption", "band": workspace.marker, "score": 50.0}
    read = {"usable_weight": 1.0, "raws": [3.0], "points": [50.0], "missing": [None]}
    owner = {"account_id": await account(workspace), "model_id": await health_model(workspace)}
    return (await workspace.add(HealthScore, **{**owner, **values, **read, **given})).id


async def health_score_run(workspace: WorkspaceForTest) -> UUID:
    """A run that scores all accounts."""
    return (await workspace.add(HealthScoreRun, as_of=APRIL)).id


async def csm_pulse(workspace: WorkspaceForTest) -> UUID:
    """What somebody felt about an account."""
    values = {"value": 3, "comment": workspace.marker, "day": APRIL}
    return (await workspace.add(CsmPulse, account_id=await account(workspace), **values)).id


async def backtest(workspace: WorkspaceForTest) -> UUID:
    """A backtest that runs."""
    return (await workspace.add(Backtest, model_id=await health_model(workspace), definition_hash="0" * 64)).id


async def usage_metric(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A metric."""
    key = f"metric_{next(_positions)}"
    return (await workspace.add(UsageMetric, key=key, name=workspace.marker, **values)).id


async def archived_usage_metric(workspace: WorkspaceForTest) -> UUID:
    """A metric that is no longer in use."""
    return await usage_metric(workspace, archived_at=clock.now())


async def usage_metric_key(workspace: WorkspaceForTest) -> str:
    """The key of a metric."""
    metric = await usage_metric(workspace)
    async with workspace.write() as tx:
        return str(await tx.session.scalar(sa.select(col(UsageMetric.key)).where(col(UsageMetric.id) == metric)))


async def usage_line(workspace: WorkspaceForTest) -> bytes:
    """A measurement as a line."""
    item = {"account_id": str(await account(workspace)), "metric": await usage_metric_key(workspace)}
    return orjson.dumps({**item, "day": "2026-04-01", "value": 38})


async def account_with_statuses(workspace: WorkspaceForTest) -> UUID:
    """An account whose usage status changed more often than a page of a test holds."""
    account_id = await account(workspace)
    await usage_metric(workspace)
    for day in range(1, 6):
        await workspace.add(UsageStatusChange, account_id=account_id, status="healthy", since=dt.date(2026, 4, day))
    return account_id


async def account_with_usage(workspace: WorkspaceForTest) -> UUID:
    """An account of a workspace that measures something."""
    await usage_metric(workspace)
    return await account(workspace)


async def ticket(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A ticket."""
    opened = dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC)
    row = await workspace.add(
        Ticket,
        account_id=values.pop("account_id", None) or await account(workspace),
        subject=workspace.marker,
        opened_at=opened,
        **values,
    )
    return row.id


async def archived_ticket(workspace: WorkspaceForTest) -> UUID:
    """A ticket that does not count."""
    return await ticket(workspace, archived_at=clock.now())


async def churn_report(workspace: WorkspaceForTest) -> UUID:
    """A churn that another system told of."""
    row = await workspace.add(
        ChurnReport, account_id=await account(workspace), occurred_on=APRIL, comment=workspace.marker
    )
    return row.id


async def survey(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A survey without a schedule."""
    texts = {"ja": workspace.marker, "en": None}
    given = {
        "kind": "nps", "name": workspace.marker, "question": texts, "follow_up": texts, "scale_max": 10,
        "kpi_eligible": False, "starts_on": APRIL, "low_at_most": 6, **values,
    }  # fmt: skip
    return (await workspace.add(Survey, **given)).id


async def archived_survey(workspace: WorkspaceForTest) -> UUID:
    """A survey that asks nobody any more."""
    return await survey(workspace, archived_at=clock.now())


async def contact_with_email(workspace: WorkspaceForTest) -> UUID:
    """A contact who can be asked."""
    return await contact(workspace, email=f"{new_id().hex}@example.com")


async def survey_invitation(workspace: WorkspaceForTest) -> UUID:
    """An invitation whose link waits to be handed out."""
    contact_id = await contact_with_email(workspace)
    async with workspace.write() as tx:
        account_id = (await tx.session.get_one(Contact, (workspace.id, contact_id))).account_id
    row = await workspace.add(
        SurveyInvitation, survey_id=await survey(workspace), account_id=account_id, contact_id=contact_id,
        occasion=workspace.marker, due_on=APRIL,
    )  # fmt: skip
    return row.id


async def survey_response(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """An answer."""
    given = {
        "survey_id": await survey(workspace),
        "account_id": values.pop("account_id", None) or await account(workspace), "score": next(_positions) % 11,
        "comment": workspace.marker, "answered_at": clock.now(), "answered_on": APRIL, **values,
    }  # fmt: skip
    return (await workspace.add(SurveyResponse, **given)).id


async def archived_survey_response(workspace: WorkspaceForTest) -> UUID:
    """An answer that no longer counts."""
    return await survey_response(workspace, archived_at=clock.now())


async def interaction(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A meeting with an attendee and an action item."""
    contact_id = await contact(workspace)
    given = {
        "account_id": values.pop("account_id", None) or await account(workspace), "kind": "meeting",
        "subject": workspace.marker, "notes": workspace.marker, "occurred_at": clock.now(),
        "action_items": [workspace.marker],
    }  # fmt: skip
    row = await workspace.add(Interaction, **{**given, **values})
    await workspace.add(Attendee, interaction_id=row.id, contact_id=contact_id)
    return row.id


async def archived_interaction(workspace: WorkspaceForTest) -> UUID:
    """An archived interaction."""
    return await interaction(workspace, archived_at=clock.now())


async def program(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A webinar."""
    given = {"name": workspace.marker, "kind": "webinar", "starts_on": APRIL, **values}
    return (await workspace.add(Program, **given)).id


async def archived_program(workspace: WorkspaceForTest) -> UUID:
    """An archived program."""
    return await program(workspace, archived_at=clock.now())


async def participant(workspace: WorkspaceForTest) -> UUID:
    """An account in a program."""
    row = await workspace.add(
        Participant, program_id=await program(workspace), account_id=await account(workspace),
        outcome=workspace.marker,
    )  # fmt: skip
    return row.id


async def signal(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """An open signal of news."""
    given = {
        "account_id": await account(workspace), "kind": "news", "severity": "info", "title": workspace.marker,
        "category": "press", "subject": new_id().hex, "occurred_on": APRIL, **values,
    }  # fmt: skip
    return (await workspace.add(Signal, **given)).id


async def roadmap(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A roadmap of a year from April."""
    account_id = values.pop("account_id", None) or await account(workspace)
    given = {"account_id": account_id, "name": workspace.marker, "starts_on": APRIL, **values}
    return (await workspace.add(SuccessRoadmap, **{"due_on": dt.date(2027, 3, 31), **given})).id


async def archived_roadmap(workspace: WorkspaceForTest) -> UUID:
    """An archived roadmap."""
    return await roadmap(workspace, archived_at=clock.now())


async def roadmap_with_history(workspace: WorkspaceForTest) -> UUID:
    """A roadmap with a goal, and what both had come to."""
    goal = await _goal(workspace)
    of = {"roadmap_id": goal.roadmap_id, "account_id": goal.account_id, "day": APRIL}
    await workspace.add(RoadmapProgress, state="active", progress=0.25, **of)
    await workspace.add(GoalProgress, goal_id=goal.id, progress=0.25, **of)
    return goal.roadmap_id


async def _goal(workspace: WorkspaceForTest, **values: Any) -> RoadmapGoal:
    account_id = await account(workspace)
    given = {"roadmap_id": await roadmap(workspace, account_id=account_id), "account_id": account_id}
    return await workspace.add(RoadmapGoal, level="company", title=workspace.marker, **{**given, **values})


async def roadmap_goal(workspace: WorkspaceForTest) -> UUID:
    """A goal in a roadmap."""
    return (await _goal(workspace)).id


async def roadmap_with_goal(workspace: WorkspaceForTest) -> UUID:
    """A roadmap with a goal; :func:`goal_of_latest_roadmap` is that goal."""
    return (await _goal(workspace)).roadmap_id


async def goal_of_latest_roadmap(workspace: WorkspaceForTest) -> UUID:
    """The goal that was made last."""
    async with workspace.write() as tx:
        latest = sa.select(col(RoadmapGoal.id)).where(col(RoadmapGoal.workspace_id) == workspace.id)
        found = await tx.session.scalar(latest.order_by(col(RoadmapGoal.created_at).desc()).limit(1))
    return found or await roadmap_goal(workspace)


async def value_realisation(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """Work that is worth something."""
    given = {
        "account_id": await account(workspace), "name": workspace.marker, "starts_on": APRIL,
        "ends_before": dt.date(2026, 7, 1), "volume": next(_positions), "minute_hundredths": 800, "currency": "JPY",
        "hourly_cost_minor": 3000, **values,
    }  # fmt: skip
    return (await workspace.add(ValueRealisation, **given)).id


async def archived_value_realisation(workspace: WorkspaceForTest) -> UUID:
    """Work that counts for nothing."""
    return await value_realisation(workspace, archived_at=clock.now())


async def roadmap_share(workspace: WorkspaceForTest) -> UUID:
    """A link that nobody holds."""
    row = await workspace.add(
        RoadmapShare, roadmap_id=await roadmap(workspace), label=workspace.marker,
        expires_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    return row.id


async def roadmap_comment(workspace: WorkspaceForTest) -> UUID:
    """A comment of one of us."""
    return (await workspace.add(RoadmapComment, roadmap_id=await roadmap(workspace), body=workspace.marker)).id


async def onboarding(workspace: WorkspaceForTest) -> UUID:
    """An onboarding."""
    return await roadmap(workspace, kind="onboarding")


async def milestone_of_latest_roadmap(workspace: WorkspaceForTest) -> UUID:
    """A milestone of the goal that was made last."""
    goal_id = await goal_of_latest_roadmap(workspace)
    async with workspace.write() as tx:
        goal = await tx.session.get(RoadmapGoal, (workspace.id, goal_id))
    assert goal is not None
    return await _milestone(workspace, goal)


async def roadmap_milestone(workspace: WorkspaceForTest) -> UUID:
    """A milestone of a goal."""
    return await _milestone(workspace, await _goal(workspace))


async def _milestone(workspace: WorkspaceForTest, goal: RoadmapGoal) -> UUID:
    row = await workspace.add(
        RoadmapMilestone, roadmap_id=goal.roadmap_id, account_id=goal.account_id, goal_id=goal.id,
        title=workspace.marker, due_on=APRIL,
    )  # fmt: skip
    return row.id


async def roadmap_template(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A template with a version."""
    template = await workspace.add(RoadmapTemplate, **{"name": f"{workspace.marker} {new_id()}", **values})
    await workspace.add(
        RoadmapTemplateVersion, template_id=template.id, number=1, definition={"duration_days": 90},
    )  # fmt: skip
    return template.id


async def archived_roadmap_template(workspace: WorkspaceForTest) -> UUID:
    """An archived template."""
    return await roadmap_template(workspace, archived_at=clock.now())


async def health_target(workspace: WorkspaceForTest, **values: Any) -> UUID:
    """A target that is not due yet."""
    given = {"kind": "score", "value": 70, "due_on": dt.date(2099, 3, 31), "note": workspace.marker, **values}
    return (await workspace.add(HealthTarget, account_id=await account(workspace), **given)).id


async def withdrawn_health_target(workspace: WorkspaceForTest) -> UUID:
    """A target that counts for nothing."""
    return await health_target(workspace, archived_at=clock.now())


async def approach_intent(workspace: WorkspaceForTest) -> UUID:
    """An intent that somebody posted."""
    row = await workspace.add(
        ApproachIntent, account_id=await account(workspace), key="webinar_attended", points=15,
        occurred_at=clock.now(), external_id=f"{workspace.marker} {new_id()}",
    )  # fmt: skip
    return row.id


async def approach_score(workspace: WorkspaceForTest) -> UUID:
    """A score with an override."""
    return (await _overridden(workspace)).id


async def overridden_account(workspace: WorkspaceForTest) -> UUID:
    """An account whose score is overridden."""
    return (await _overridden(workspace)).account_id


async def _overridden(workspace: WorkspaceForTest) -> ApproachScore:
    return await workspace.add(
        ApproachScore, account_id=await account(workspace), computed=40, effective=20, override_value=20,
        override_reason=workspace.marker, override_until=dt.datetime(2099, 1, 1, tzinfo=dt.UTC),
        overridden_at=clock.now(),
    )  # fmt: skip
