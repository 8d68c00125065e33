"""Who is to be asked today: invitations for the occasions that are due, once each, and the end of links.

Everything is set-based and can run any number of times. An occasion of an account is decided once: by its invitations,
or by one that says why nobody was asked.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from api.auth.service import workspace_today
from api.kit import audit, clock, outbox
from api.kit.db import Tx
from api.kit.tables import new_id
from api.surveys.resource import INVITATIONS

_YEARS: Final = 20
"""For how long a repeated survey goes on."""

# The steps: the occasions of each survey; the accounts' anchors; what is due and undecided; whom to ask; who is spared.
# Within one run the earliest occasion of a person wins, then the older survey.
_MAKE: Final = """
WITH surveys_due AS (
    SELECT s.*, greatest(s.starts_on, %(today)s - s.expires_after_days) AS since
    FROM surveys s WHERE s.workspace_id = %(ws)s AND s.active AND s.archived_at IS NULL AND s.anchor IS NOT NULL
), stated AS (
    SELECT s.id AS survey_id, o.months, o.days, row_number() OVER (PARTITION BY s.id ORDER BY o.months * 30 + o.days DESC) AS from_last
    FROM surveys_due s CROSS JOIN jsonb_to_recordset(s.offsets) AS o (months integer, days integer)
), occasions AS (
    SELECT survey_id, months, days, 0 AS again FROM stated
    UNION
    SELECT o.survey_id, o.months, o.days, repeated.again FROM stated o JOIN surveys_due s ON s.id = o.survey_id
    CROSS JOIN generate_series(s.repeat_months, %(years)s * 12, s.repeat_months) AS repeated (again)
    WHERE o.from_last = 1 AND s.repeat_months IS NOT NULL
), anchored AS (
    SELECT a.id AS account_id, s.id AS survey_id, CASE s.anchor
        WHEN 'first_paid' THEN st.first_paid_on
        WHEN 'onboarding_completed' THEN (a.onboarding_completed_at AT TIME ZONE w.time_zone)::date
        WHEN 'contract_start' THEN (
            SELECT min(c.starts_on) FROM contracts c
            WHERE c.workspace_id = a.workspace_id AND c.account_id = a.id AND c.archived_at IS NULL
        ) END AS day
    FROM accounts a
    JOIN workspaces w ON w.workspace_id = a.workspace_id
    JOIN account_standing st ON st.workspace_id = a.workspace_id AND st.account_id = a.id
    CROSS JOIN surveys_due s
    WHERE a.workspace_id = %(ws)s AND st.workspace_id = %(ws)s AND a.archived_at IS NULL AND a.phase <> 'churned'
), due AS (
    SELECT x.*, s.created_at AS survey_made_at FROM (
        SELECT n.account_id, n.survey_id,
            concat(CASE WHEN o.months > 0 OR o.days = 0 THEN o.months || 'm' END, CASE WHEN o.days > 0 THEN o.days || 'd' END,
                CASE WHEN o.again > 0 THEN '+' || o.again || 'm' END) AS occasion,
            (n.day + make_interval(months => o.months + o.again, days => o.days))::date AS due_on
        FROM anchored n JOIN occasions o ON o.survey_id = n.survey_id WHERE n.day IS NOT NULL
    ) AS x JOIN surveys_due s ON s.id = x.survey_id
    WHERE x.due_on BETWEEN s.since AND %(today)s AND NOT EXISTS (
        SELECT FROM survey_invitations i WHERE i.workspace_id = %(ws)s AND i.survey_id = x.survey_id
        AND i.account_id = x.account_id AND i.occasion = x.occasion
    )
), asked AS (
    SELECT d.*, c.id AS contact_id, c.email IS NOT NULL AS has_email, s.throttle_days, s.account_throttle_days,
        row_number() OVER (PARTITION BY c.id, c.email IS NOT NULL ORDER BY d.due_on, d.survey_made_at, d.survey_id, d.occasion)
            AS of_contact,
        dense_rank() OVER (PARTITION BY d.account_id ORDER BY d.due_on, d.survey_made_at, d.survey_id, d.occasion) AS of_account
    FROM due d JOIN surveys_due s ON s.id = d.survey_id
    LEFT JOIN contacts c ON c.workspace_id = %(ws)s AND c.account_id = d.account_id AND c.archived_at IS NULL
        AND c.left_on IS NULL AND c.erased_at IS NULL AND CASE s.asks
            WHEN 'primary_contact' THEN c.is_primary
            ELSE c.stakeholder_role IS NOT NULL
                AND (s.stakeholder_roles = '{}' OR c.stakeholder_role = ANY(s.stakeholder_roles))
        END
), decided AS (
    SELECT k.*, CASE
        WHEN k.contact_id IS NULL THEN 'no_contact'
        WHEN NOT k.has_email THEN 'no_email'
        WHEN k.throttle_days > 0 AND (k.of_contact > 1 OR EXISTS (
            SELECT FROM survey_invitations i WHERE i.workspace_id = %(ws)s AND i.contact_id = k.contact_id
            AND (i.state = 'scheduled' OR i.sent_at IS NOT NULL) AND i.due_on > %(today)s - k.throttle_days
        )) THEN 'throttled'
        WHEN k.account_throttle_days > 0 AND (k.of_account > 1 OR EXISTS (
            SELECT FROM survey_invitations i WHERE i.workspace_id = %(ws)s AND i.account_id = k.account_id
            AND (i.state = 'scheduled' OR i.sent_at IS NOT NULL) AND i.due_on > %(today)s - k.account_throttle_days
        )) THEN 'throttled'
    END AS skip_reason
    FROM asked k
)
SELECT survey_id, account_id, contact_id, occasion, due_on, skip_reason FROM decided
ORDER BY account_id, survey_id, occasion, contact_id LIMIT %(at_once)s
"""
_INSERT: Final = """
INSERT INTO survey_invitations (workspace_id, id, version, created_at, updated_at, survey_id, account_id, contact_id,
    occasion, due_on, state, skip_reason, secret_hash, segment_ids)
SELECT %(ws)s, n.id, 1, %(now)s, %(now)s, n.survey_id, n.account_id, n.contact_id, n.occasion, n.due_on,
    CASE WHEN n.skip_reason IS NULL THEN 'scheduled' ELSE 'skipped' END, n.skip_reason, ''::bytea, '{}'
FROM unnest(%(ids)s::uuid[], %(surveys)s::uuid[], %(accounts)s::uuid[], %(contacts)s::uuid[], %(occasions)s::text[],
    %(days)s::date[], %(reasons)s::text[]) AS n (id, survey_id, account_id, contact_id, occasion, due_on, skip_reason)
ON CONFLICT DO NOTHING
RETURNING id, state, survey_id, account_id, contact_id
"""
_AT_ONCE: Final = 5000
"""Invitations in one run; the next one comes within the hour."""

_SKIP_LEFT: Final = """
UPDATE survey_invitations i SET state = 'skipped', skip_reason = 'left', version = i.version + 1, updated_at = %(now)s
FROM contacts c
WHERE i.workspace_id = %(ws)s AND i.state = 'scheduled' AND c.workspace_id = %(ws)s AND c.id = i.contact_id
AND (c.left_on IS NOT NULL OR c.archived_at IS NOT NULL OR c.erased_at IS NOT NULL)
RETURNING i.id, i.state, i.survey_id, i.account_id, i.contact_id
"""
_EXPIRE: Final = """
UPDATE survey_invitations i SET state = 'expired', version = i.version + 1, updated_at = %(now)s
FROM surveys s
WHERE i.workspace_id = %(ws)s AND s.workspace_id = %(ws)s AND s.id = i.survey_id
AND ((i.state = 'sent' AND i.expires_at <= %(now)s)
    OR (i.state = 'scheduled' AND i.due_on + s.expires_after_days <= %(today)s))
RETURNING i.id, i.state, i.survey_id, i.account_id, i.contact_id
"""

Told = tuple[UUID, str, UUID, UUID, UUID | None]
"""An invitation that changed: id, state, survey, account, contact."""


async def make_due_invitations(tx: Tx) -> int:
    """Make the invitations that are due and not there yet; how many, skipped ones included."""
    today = await workspace_today(tx)
    parameters = {"ws": tx.workspace_id, "today": today, "years": _YEARS, "at_once": _AT_ONCE}
    found = await tx.fetch(_MAKE, parameters)
    if not found:
        return 0
    columns = list(zip(*found, strict=True))
    made = await tx.fetch(
        _INSERT,
        {
            "ws": tx.workspace_id, "now": clock.now(), "ids": [new_id() for _ in found], "surveys": list(columns[0]),
            "accounts": list(columns[1]), "contacts": list(columns[2]), "occasions": list(columns[3]),
            "days": list(columns[4]), "reasons": list(columns[5]),
        },
    )  # fmt: skip
    await _tell(tx, made, {"scheduled": "created"})
    return len(made)


async def close_old_invitations(tx: Tx) -> int:
    """End links whose time is over, and spare those who left before they were asked; how many."""
    parameters: dict[str, Any] = {"ws": tx.workspace_id, "now": clock.now(), "today": await workspace_today(tx)}
    closed = await tx.fetch(_SKIP_LEFT, parameters) + await tx.fetch(_EXPIRE, parameters)
    await _tell(tx, closed, {})
    return len(closed)


async def _tell(tx: Tx, changed: Sequence[Any], actions: dict[str, str]) -> None:
    """Audit and announce what became of invitations: by their state, or as ``actions`` say."""
    rows: Iterable[Told] = changed
    told = [
        (actions.get(state, state), row_id, survey, account, contact)
        for row_id, state, survey, account, contact in rows
    ]
    await audit.record_many(tx, INVITATIONS.name, [(action, row_id, ["state"]) for action, row_id, *_ in told])
    await outbox.record_many(
        tx, INVITATIONS.name,
        [
            (action, row_id, {"survey_id": str(survey), "account_id": str(account), "contact_id": contact and str(contact)})
            for action, row_id, survey, account, contact in told
        ],
    )  # fmt: skip
