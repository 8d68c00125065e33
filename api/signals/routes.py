"""Signals over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.signals import evaluation, roadmaps, rules, service
from api.signals.jobs import defer_evaluation
from api.signals.kinds import KINDS, SignalKind
from api.signals.resource import SIGNALS
from api.signals.schemas import (
    KindName,
    NewsCreate,
    SegmentThresholdsRead,
    SignalAttach,
    SignalDismiss,
    SignalOutlook,
    SignalPage,
    SignalQuery,
    SignalRead,
    SignalRuleRead,
    SignalRuleSet,
    SignalRulesRead,
    SignalTask,
)
from api.tasks.resource import TASKS
from api.tasks.schemas import TaskRead

router = resource_router("/signals", tag="signals")
rule_router = resource_router("/signal-rules", tag="signals")
__all__ = ["roadmaps", "router", "rule_router"]

CanReadSignals = Annotated[Tx, reads("signals:read")]
CanWriteSignals = Annotated[Tx, writes("signals:write")]
CanWriteTasks = Annotated[Tx, writes("tasks:write")]
CanReadRules = Annotated[Tx, reads("signal_rules:read")]
CanWriteRules = Annotated[Tx, writes("signal_rules:write")]


@router.get("", response_model=SignalPage, openapi_extra=SIGNALS.documented())
async def list_signals(tx: CanReadSignals, query: Annotated[SignalQuery, asked(SignalQuery)]) -> Response:
    """List signals, those noticed last first."""
    return await answers.page(tx, SIGNALS, SignalRead, query)


@router.post("", response_model=SignalRead, status_code=201)
async def post_news(tx: CanWriteSignals, body: NewsCreate) -> Response:
    """Post news of a customer: investor relations, press, personnel.

    Posted again by the same source with the same `external_id` it changes the signal that is there, and opens none.
    """
    signal_id = await service.post_news(tx, body.model_dump())
    return await answers.created(tx, SIGNALS, SignalRead, signal_id)


@router.get("/{signal_id}", response_model=SignalRead, openapi_extra=SIGNALS.documented())
async def get_signal(tx: CanReadSignals, signal_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one signal with its evidence."""
    return await answers.item(tx, SIGNALS, SignalRead, signal_id, query)


@router.post("/{signal_id}:acknowledge", response_model=SignalRead)
async def acknowledge_signal(tx: CanWriteSignals, signal_id: UUID, version: Version) -> Response:
    """Note that somebody has seen a signal and acts on it. It stays until its cause is gone."""
    await service.acknowledge(tx, signal_id, version)
    return await answers.changed(tx, SIGNALS, SignalRead, signal_id)


@router.post("/{signal_id}:resolve", response_model=SignalRead)
async def resolve_signal(tx: CanWriteSignals, signal_id: UUID, version: Version) -> Response:
    """Note that a signal is dealt with. No other is opened for its cause unless that goes and comes back, or gets worse."""
    await service.resolve(tx, signal_id, version)
    return await answers.changed(tx, SIGNALS, SignalRead, signal_id)


@router.post("/{signal_id}:dismiss", response_model=SignalRead)
async def dismiss_signal(tx: CanWriteSignals, signal_id: UUID, version: Version, body: SignalDismiss) -> Response:
    """Note that a signal is nothing to act on, with the reason. It is not raised again for some days."""
    await service.dismiss(tx, signal_id, version, body.reason, body.snooze_days)
    return await answers.changed(tx, SIGNALS, SignalRead, signal_id)


@router.post("/{signal_id}:attach", response_model=SignalRead)
async def attach_signal(tx: CanWriteSignals, signal_id: UUID, version: Version, body: SignalAttach) -> Response:
    """Attach a signal, such as news of the customer, to a roadmap that it matters to; its tree lists it."""
    await service.attach(tx, signal_id, version, body.roadmap_id)
    return await answers.changed(tx, SIGNALS, SignalRead, signal_id)


@router.post("/{signal_id}:open-task", response_model=TaskRead, status_code=201)
async def open_task_for_signal(tx: CanWriteTasks, signal_id: UUID, body: SignalTask) -> Response:
    """Open a task for a signal. While one that was opened for it is not over, that one is the answer."""
    task_id = await service.open_task_for(tx, signal_id, body.given())
    return await answers.created(tx, TASKS, TaskRead, task_id, location="/v1/tasks")


@rule_router.get("", response_model=SignalRulesRead)
async def list_signal_rules(tx: CanReadRules) -> Response:
    """List the kinds of signals with the thresholds as they hold in the workspace, all segments included."""
    found = SignalRulesRead(data=[_shown(rule) for rule in await rules.current_rules(tx)])
    return answers.represented(tx, found.model_dump_json().encode(), None)


@rule_router.put("/{kind}", response_model=SignalRuleRead)
async def set_signal_rule(tx: CanWriteRules, kind: SignalKind, body: SignalRuleSet) -> Response:
    """Replace what the workspace has set of a kind. The worker then looks at all accounts once more."""
    await rules.set_rule(tx, kind, body.model_dump(mode="json"))
    await defer_evaluation(tx, kind)
    found = await rules.current_rule(tx, kind)
    return await answers.done(tx, _shown(found))


@rule_router.post("/{kind}:preview", response_model=SignalOutlook)
async def preview_signal_rule(tx: CanReadRules, kind: SignalKind, body: SignalRuleSet) -> Response:
    """Preview thresholds: how many accounts they would hit now. Nothing is written."""
    stored = await rules.checked(tx, kind, body.model_dump(mode="json"))
    found = await evaluation.preview(tx, rules.as_rule(kind, stored))
    outlook = SignalOutlook.model_validate(found, from_attributes=True)
    return answers.represented(tx, outlook.model_dump_json().encode(), None)


def _shown(rule: rules.Rule) -> SignalRuleRead:
    known = KINDS[rule.kind]
    return SignalRuleRead(
        kind=SignalKind(rule.kind),
        name=KindName(en=known.en, ja=known.ja),
        version=rule.version,
        enabled=rule.otherwise.enabled,
        severity=rule.otherwise.severity,
        parameters=rule.otherwise.parameters.model_dump(mode="json"),
        defaults=known.parameters().model_dump(mode="json"),
        parameters_schema=known.parameters.model_json_schema(),
        segments=[
            SegmentThresholdsRead(
                segment_id=each.segment_id,
                enabled=each.enabled,
                severity=each.severity,
                parameters=each.parameters.model_dump(mode="json"),
            )
            for each in rule.segments
            if each.segment_id is not None
        ],
    )
