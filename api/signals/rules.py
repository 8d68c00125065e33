"""The rules of a workspace: which kinds are looked for, from which thresholds on, and where they differ by segment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import col

from api.accounts.segments import segment_filter
from api.kit import write
from api.kit.db import Tx
from api.kit.errors import field_error
from api.kit.problems import FieldError, Problem, invalid
from api.kit.resources import Resource
from api.kit.schemas import Input
from api.signals.kinds import KINDS
from api.signals.models import SignalRule, SignalSeverity

RULES: Final = Resource("signal_rule", SignalRule)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What holds for a segment's accounts, or for those of none (``segment_id`` null)."""

    segment_id: UUID | None
    enabled: bool
    severity: SignalSeverity
    parameters: Input


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind as it is looked for: ``segments`` in their order, then ``otherwise``. Version 0: never set."""

    kind: str
    version: int
    otherwise: Thresholds
    segments: Sequence[Thresholds] = ()


def default_rule(kind: str) -> Rule:
    """The rule of a kind that was never set."""
    known = KINDS[kind]
    return Rule(kind, 0, Thresholds(None, enabled=True, severity=known.severity, parameters=known.parameters()))


async def current_rules(tx: Tx) -> list[Rule]:
    """The rules of all kinds as they hold in the workspace."""
    rows = await tx.fetch(
        "SELECT kind, version, enabled, severity, parameters, segments FROM signal_rules WHERE workspace_id = %s",
        [tx.workspace_id],
    )
    names = ("enabled", "severity", "parameters", "segments")
    stored = {kind: (version, dict(zip(names, values, strict=True))) for kind, version, *values in rows}
    return [as_rule(kind, stored[kind][1], stored[kind][0]) if kind in stored else default_rule(kind) for kind in KINDS]


async def current_rule(tx: Tx, kind: str) -> Rule:
    """The rule of one kind as it holds in the workspace."""
    return next(rule for rule in await current_rules(tx) if rule.kind == kind)


def as_rule(kind: str, stored: Mapping[str, Any], version: int = 0) -> Rule:
    """The rule that a workspace has set; what a segment leaves open is as for all others."""
    known = KINDS[kind]
    otherwise = Thresholds(
        None,
        stored["enabled"],
        SignalSeverity(stored["severity"] or known.severity),
        known.parameters.model_validate(stored["parameters"]),
    )
    segments = [
        Thresholds(
            UUID(each["segment_id"]),
            stored["enabled"] and each["enabled"],
            SignalSeverity(each["severity"] or otherwise.severity),
            known.parameters.model_validate({**stored["parameters"], **each["parameters"]}),
        )
        for each in stored["segments"]
    ]
    return Rule(kind, version, otherwise, segments)


async def checked(tx: Tx, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a caller sets of a rule (JSON values), ready for the table.

    Raises ``invalid_input`` for parameters that the kind does not have and for segments that are not there.
    """
    errors = _mistakes(kind, values["parameters"], "/parameters")
    seen = set()
    for place, each in enumerate(values["segments"]):
        errors += _mistakes(kind, each["parameters"], f"/segments/{place}/parameters")
        pointer = f"/segments/{place}/segment_id"
        try:
            await segment_filter(tx, UUID(each["segment_id"]), pointer)
        except Problem as problem:
            errors += problem.errors
        if each["segment_id"] in seen:
            errors.append(FieldError(pointer, "not_unique", "Named twice", "同じセグメントが 2 回あります"))
        seen.add(each["segment_id"])
    if errors:
        raise invalid(*errors)
    return dict(values)


def _mistakes(kind: str, given: Mapping[str, Any], pointer: str) -> list[FieldError]:
    shape = KINDS[kind].parameters
    try:
        shape.model_validate(given)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return [field_error(detail, prefix=pointer, known=shape.model_fields) for detail in details]
    return []


async def set_rule(tx: Tx, kind: str, values: Mapping[str, Any]) -> None:
    """Replace what the workspace has set of a kind."""
    stored = await checked(tx, kind, values)
    row = await tx.session.scalar(
        sa.select(SignalRule)
        .where(col(SignalRule.workspace_id) == tx.workspace_id, col(SignalRule.kind) == kind)
        .with_for_update()
    )
    told = {"kind": kind}
    if row is None:
        await write.create(tx, RULES, SignalRule, {"kind": kind, **stored}, announce=told)
    else:
        await write.change(tx, RULES, row, stored, announce=told)
