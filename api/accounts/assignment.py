"""Assignment policies: rules that say who plays a role for which accounts, previewed before they are applied.

A rule has a pool of users. An account whose user is in the pool of its rule keeps it; the others are dealt out over
the pool in the order of their names, one after another from where the pool stands: accounts that come one by one are
spread as well. The first rule that fits an account counts. One policy per role is active;
new accounts follow it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlmodel import col

from api.accounts.models import AssignmentPolicy
from api.accounts.settings import account_settings
from api.accounts.team import assign_many
from api.auth.service import workspace_today
from api.kit import write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.resources import Resource

POLICIES: Final = Resource(
    "assignment_policy",
    AssignmentPolicy,
    sorts={"name": col(AssignmentPolicy.name)},
    filters={"active": lambda value: col(AssignmentPolicy.active) == sa.cast(value, sa.Boolean)},
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a policy makes of one account."""

    account_id: UUID
    account_name: str
    rule: int
    before: UUID | None
    after: UUID


_ASSIGN: Final = """
WITH policy AS (
    SELECT kind, role, score, rules FROM assignment_policies WHERE workspace_id = %(ws)s AND id = %(policy)s
), rule AS MATERIALIZED ( -- or what each pool holds would be counted anew for each account
    SELECT rule.*, (
        SELECT count(*) FROM account_team t WHERE t.workspace_id = %(ws)s AND t.role = policy.role
        AND t.user_id = ANY(rule.user_ids) AND t.ends_before IS NULL AND t.archived_at IS NULL
    ) AS held FROM policy, ROWS FROM (jsonb_to_recordset(policy.rules) AS (
        user_ids uuid[], size_band text, phase text,
        score_min float8, score_max float8, months_min integer, months_max integer
    )) WITH ORDINALITY AS rule (
        user_ids, size_band, phase, score_min, score_max, months_min, months_max, place
    )
), subject AS (
    SELECT a.id, a.name, a.phase, member.user_id AS before, s.contract_months,
        CASE policy.score WHEN 'health_score' THEN s.health_score WHEN 'icp_fit' THEN s.icp_fit ELSE s.importance END AS score,
        (
            SELECT band.name FROM jsonb_to_recordset(%(size_bands)s)
                AS band (name text, employees_min integer, employees_max integer)
            WHERE a.employee_count BETWEEN band.employees_min AND coalesce(band.employees_max, 2147483647)
        ) AS size_band
    FROM policy CROSS JOIN accounts a
    JOIN account_standing s ON s.workspace_id = a.workspace_id AND s.account_id = a.id
    LEFT JOIN LATERAL (
        SELECT user_id FROM account_team t
        WHERE t.workspace_id = a.workspace_id AND t.account_id = a.id AND t.role = policy.role
        AND t.ends_before IS NULL AND t.archived_at IS NULL
        ORDER BY t.starts_on DESC LIMIT 1
    ) AS member ON true
    WHERE a.workspace_id = %(ws)s AND a.archived_at IS NULL AND a.phase <> 'churned'
    {of_these}
), fitting AS (
    SELECT DISTINCT ON (subject.id) subject.*, rule.place, rule.user_ids, rule.held,
        coalesce(before = ANY(rule.user_ids), false) AS stays
    FROM subject CROSS JOIN policy JOIN rule ON CASE policy.kind
        WHEN 'size' THEN rule.size_band = subject.size_band
        WHEN 'phase' THEN rule.phase = subject.phase
        ELSE (rule.score_min IS NULL OR subject.score >= rule.score_min)
            AND (rule.score_max IS NULL OR subject.score < rule.score_max)
            AND (rule.months_min IS NULL OR subject.contract_months >= rule.months_min)
            AND (rule.months_max IS NULL OR subject.contract_months < rule.months_max)
    END
    ORDER BY subject.id, rule.place
)
SELECT id, name, place - 1, before, CASE WHEN stays THEN before ELSE user_ids[
    1 + (held + row_number() OVER (PARTITION BY place, stays ORDER BY name, id) - 1) %% cardinality(user_ids)
] END AS after
FROM fitting ORDER BY place, name, id
"""
_ASSIGN_ALL: Final = _ASSIGN.replace("{of_these}", "")
_ASSIGN_THESE: Final = _ASSIGN.replace("{of_these}", "AND a.id = ANY(%(ids)s)")


async def create_policy(tx: Tx, values: Mapping[str, Any]) -> AssignmentPolicy:
    """Add a policy; it does nothing until it is applied."""
    await _check_users(tx, values["rules"])
    return await write.create(tx, POLICIES, AssignmentPolicy, values)


async def update_policy(tx: Tx, policy_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a policy; other rules make its next policy version, which applies when it is applied again."""
    policy = await write.lock(tx, POLICIES, AssignmentPolicy, policy_id, version=version)
    values = dict(values)
    if "rules" in values and values["rules"] != policy.rules:
        await _check_users(tx, values["rules"])
        values["policy_version"] = policy.policy_version + 1
    await write.change(tx, POLICIES, policy, values)


async def archive_policy(tx: Tx, policy_id: UUID, version: int) -> None:
    """Retire a policy; what it assigned stays."""
    policy = await write.archive(tx, POLICIES, AssignmentPolicy, policy_id, version)
    await write.change(tx, POLICIES, policy, {"active": False}, action="deactivated")


async def preview(tx: Tx, policy_id: UUID, account_ids: Sequence[UUID] | None = None) -> list[Assignment]:
    """Who would get which account, changed or not; nothing is written."""
    bands = (await account_settings(tx)).model_dump(mode="json")["size_bands"]
    # For some accounts each join is a look-up by key; a hash would read the whole workspace for them.
    async with tx.joining_many(None if account_ids is None else 0):
        rows = await tx.fetch(
            _ASSIGN_ALL if account_ids is None else _ASSIGN_THESE,
            {
                "ws": tx.workspace_id,
                "policy": policy_id,
                "ids": list(account_ids or ()),
                "size_bands": Jsonb(bands),
            },
        )
    return [Assignment(*row) for row in rows]


async def apply_policy(tx: Tx, policy_id: UUID, version: int) -> list[Assignment]:
    """Make the policy the active one of its role and assign accordingly; what it made of each account."""
    policy = await write.lock(tx, POLICIES, AssignmentPolicy, policy_id, version=version)
    others = await tx.session.scalars(
        sa.select(AssignmentPolicy).where(
            col(AssignmentPolicy.workspace_id) == tx.workspace_id,
            col(AssignmentPolicy.role) == policy.role,
            col(AssignmentPolicy.active).is_(True),
            col(AssignmentPolicy.id) != policy_id,
        )
    )
    for other in others.all():
        await write.change(tx, POLICIES, other, {"active": False}, action="deactivated")
    await write.change(tx, POLICIES, policy, {"active": True}, action="activated")
    return await _assign(tx, policy, None)


async def assign_new(tx: Tx, account_ids: Sequence[UUID]) -> None:
    """Let the active policies assign accounts that have just been made."""
    policies = await tx.session.scalars(
        sa.select(AssignmentPolicy).where(
            col(AssignmentPolicy.workspace_id) == tx.workspace_id,
            col(AssignmentPolicy.active).is_(True),
            col(AssignmentPolicy.archived_at).is_(None),
        )
    )
    for policy in policies.all():
        await _assign(tx, policy, account_ids)


async def _assign(tx: Tx, policy: AssignmentPolicy, account_ids: Sequence[UUID] | None) -> list[Assignment]:
    found = await preview(tx, policy.id, account_ids)
    owners = {one.account_id: one.after for one in found if one.before != one.after}
    if owners:
        await assign_many(tx, owners, policy.role, await workspace_today(tx))
    return found


async def _check_users(tx: Tx, rules: Sequence[Mapping[str, Any]]) -> None:
    wanted = {str(user) for rule in rules for user in rule["user_ids"]}
    rows = await tx.fetch(
        "SELECT id::text FROM users WHERE workspace_id = %s AND id = ANY(%s::uuid[]) "
        "AND archived_at IS NULL AND suspended_at IS NULL",
        [tx.workspace_id, list(wanted)],
    )
    missing = wanted - {row[0] for row in rows}
    errors = [
        FieldError(
            f"/rules/{place}/user_ids",
            "reference_not_found",
            "No active user has this id",
            "該当する有効なユーザーがいません",
        )
        for place, rule in enumerate(rules)
        if missing & {str(user) for user in rule["user_ids"]}
    ]
    if errors:
        raise invalid(*errors)
