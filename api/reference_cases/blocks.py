"""Why a customer is not to be asked now. These reasons stay inside: from them one could infer health."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from api.kit.db import Tx
from api.reference_cases.request_models import ReferenceRequest
from api.reference_cases.settings import CONFIGURATION
from api.reference_cases.visibility import excludes, folded, in_force, moment_of, reaches

_AGREED: Final = f"(%(act)s = ANY(k.acts) AND {in_force()} AND (%(partner)s::uuid IS NULL OR {reaches()}))"
"""The condition that consent ``k`` allows the act: to whoever asks, where that is a partner."""

_BARRED: Final = f"""({in_force("barred")} AND (
    {excludes("barred")} OR {excludes("barred", company="%(partner_company)s", domain="%(partner_domain)s")}
))"""
"""The condition that consent ``barred`` excludes the prospect, or the partner who asks."""

_COUNTED: Final = "g.state <> 'released'"


def _free_on(whose: str, times: str, days: str) -> str:
    """The day from which somebody may be asked again; null when that is already so."""
    return f"""(
        SELECT ((g.reserved_at + make_interval(days => {days})) AT TIME ZONE home.time_zone)::date
        FROM reference_asks g WHERE g.workspace_id = %(ws)s AND {whose} AND {_COUNTED}
        AND g.reserved_at > %(at)s - make_interval(days => {days})
        ORDER BY g.reserved_at DESC OFFSET {times} - 1 LIMIT 1
    )"""  # noqa: S608


REASONS: Final = f"""(
    SELECT coalesce(json_agg(json_build_object('code', found.code, 'until', found.until) ORDER BY found.place), '[]'::json)
    FROM (VALUES
        (1, 'not_a_customer', a.phase = 'churned' OR a.archived_at IS NOT NULL OR a.merged_into_id IS NOT NULL, NULL::date),
        (2, 'no_consent', NOT EXISTS (
            SELECT FROM reference_consents k WHERE k.workspace_id = %(ws)s AND k.account_id = a.id
            AND (k.case_id IS NULL OR k.case_id = chosen.case_id) AND {_AGREED}
        ), NULL),
        (3, 'excluded_competitor', EXISTS (
            SELECT FROM reference_consents barred WHERE barred.workspace_id = %(ws)s AND barred.account_id = a.id
            AND (barred.case_id IS NULL OR barred.case_id = chosen.case_id)
            AND {_BARRED}
        ), NULL),
        (4, 'health', coalesce(standing.health_band = ANY(%(bands)s::text[]), false), NULL),
        (5, 'renewal_soon', coalesce(standing.renewal_on <= %(renewal_until)s, false),
            CASE WHEN standing.renewal_on >= %(day)s THEN standing.renewal_on END),
        (6, 'account_asked_often', account_free.on_day IS NOT NULL, account_free.on_day),
        (7, 'contact_asked_often', contact_free.on_day IS NOT NULL, contact_free.on_day),
        (8, 'already_asked', EXISTS (
            SELECT FROM reference_asks g WHERE g.workspace_id = %(ws)s AND g.account_id = a.id
            AND g.request_id = %(request)s AND {_COUNTED}
        ), NULL)
    ) AS found (place, code, holds, until) WHERE found.holds
)"""  # noqa: S608
"""The reasons not to ask account ``a`` with the case and contact of ``chosen``; needs :data:`JOINED`.

A term that is over and undecided is a renewal too.
"""

JOINED: Final = f"""
JOIN workspaces home ON home.workspace_id = %(ws)s
LEFT JOIN account_standing standing ON standing.workspace_id = a.workspace_id AND standing.account_id = a.id
CROSS JOIN LATERAL (SELECT {_free_on("g.account_id = a.id", "%(account_times)s", "%(account_days)s")} AS on_day) AS account_free
CROSS JOIN LATERAL (
    SELECT {_free_on("g.contact_id = chosen.contact_id", "%(contact_times)s", "%(contact_days)s")} AS on_day
) AS contact_free
"""

CONTACT: Final = f"""
SELECT p.id FROM contacts p
LEFT JOIN reference_profiles w ON w.workspace_id = p.workspace_id AND w.contact_id = p.id
WHERE p.workspace_id = %(ws)s AND p.account_id = a.id
AND p.left_on IS NULL AND p.archived_at IS NULL AND p.erased_at IS NULL
AND (%(act)s = ANY(w.acts) OR EXISTS (
    SELECT FROM reference_consents k WHERE k.workspace_id = %(ws)s AND k.contact_id = p.id AND {_AGREED}
))
ORDER BY EXISTS (
    SELECT FROM reference_asks g WHERE g.workspace_id = %(ws)s AND g.contact_id = p.id AND {_COUNTED}
    AND g.reserved_at > %(at)s - make_interval(days => %(contact_days)s)
), coalesce(%(act)s = ANY(w.acts), false) DESC, coalesce(%(language)s::text = ANY(w.languages), false) DESC, p.id
LIMIT 1
"""  # noqa: S608
"""Whom of account ``a`` to ask: not asked lately, willing, of the language; else the one who granted it."""


_ASKING_PARTNER: Final = """
SELECT p.id, p.name, p.domain, h.case_id FROM partner_reference_requests r
JOIN partners p ON p.workspace_id = r.workspace_id AND p.id = r.partner_id
LEFT JOIN partner_case_handles h ON h.workspace_id = r.workspace_id AND h.id = r.case_id
WHERE r.workspace_id = %s AND r.request_id = %s
"""


async def parameters(tx: Tx, request: ReferenceRequest) -> dict[str, Any]:
    """What the statements here take."""
    settings = await CONFIGURATION.read(tx)
    now = await moment_of(tx)
    asking = await tx.fetch(_ASKING_PARTNER, [tx.workspace_id, request.id])
    partner, company, domain, named_case = asking[0] if asking else (None, None, None, None)
    return {
        **now,
        "request": request.id,
        "act": request.act,
        "language": request.language,
        "partner": partner,
        "partner_company": folded(company),
        "partner_domain": folded(domain),
        "named_case": named_case,
        "company": folded(request.prospect),
        "domain": folded(request.prospect_domain),
        "bands": list(settings.blocking_bands),
        "renewal_until": now["day"] + dt.timedelta(days=settings.renewal_days),
        "account_times": settings.asks_per_account,
        "account_days": settings.asks_per_account_days,
        "contact_times": settings.asks_per_contact,
        "contact_days": settings.asks_per_contact_days,
    }


_OF_ONE: Final = f"""
SELECT {REASONS} FROM accounts a
CROSS JOIN (SELECT %(chosen_case)s::uuid AS case_id, %(chosen_contact)s::uuid AS contact_id) AS chosen
{JOINED} WHERE a.workspace_id = %(ws)s AND a.id = %(account)s
"""  # noqa: S608


async def reasons_against(tx: Tx, request: ReferenceRequest, values: Mapping[str, Any]) -> bytes:
    """The reasons not to ask this account for a request, as a JSON list."""
    chosen = {
        "account": values["account_id"],
        "chosen_case": values.get("case_id"),
        "chosen_contact": values.get("contact_id"),
    }
    [(found,)] = await tx.fetch(_OF_ONE, {**await parameters(tx, request), **chosen})
    assert isinstance(found, bytes)
    return found
