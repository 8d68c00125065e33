"""What of which case an audience outside may see at a moment. Everything outside asks here, and nowhere else.

A case is visible outside while it is approved, its account is a living customer, and a consent in force with the act
``search`` reaches the audience. A consent is in force from ``granted_on`` through ``expires_on``, until it is revoked,
and while the contact behind it is still with the account. A company that any consent in force excludes sees nothing
of the case, whatever other consents say. Where a grant in the customer's name reaches the audience, the grants by name
alone say which fields are shown; otherwise the case is anonymous.

The statements here take ``%(ws)s``, ``%(day)s`` (the workspace's) and ``%(at)s``; those about an audience also
``%(partner)s`` (null: the public), ``%(company)s`` and ``%(domain)s`` (folded; null where unknown). :func:`of_audience`
gives all of them.
"""

import unicodedata
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.auth.service import workspace_today
from api.kit import clock
from api.kit.db import Tx


@dataclass(frozen=True, slots=True)
class Audience:
    """Who looks from outside: a partner, or (without ``partner_id``) anybody."""

    partner_id: UUID | None = None
    company: str | None = None
    domain: str | None = None


def folded(text: str | None) -> str | None:
    """A company's name or domain as exclusions are compared: NFKC, lower case, without spaces around."""
    return None if text is None else unicodedata.normalize("NFKC", text).lower().strip()


async def moment_of(tx: Tx) -> dict[str, Any]:
    """The parameters of a statement about this moment."""
    return {"ws": tx.workspace_id, "day": await workspace_today(tx), "at": clock.now()}


async def of_audience(tx: Tx, audience: Audience) -> dict[str, Any]:
    """The parameters of a statement about what an audience may see at this moment."""
    return {
        **await moment_of(tx),
        "partner": audience.partner_id,
        "company": folded(audience.company),
        "domain": folded(audience.domain),
    }


def in_force(consent: str = "k") -> str:
    """The condition that a row of ``reference_consents`` is in force."""
    k = consent
    return f"({k}.granted_on <= %(day)s AND NOT {is_over(k)} AND NOT {is_revoked(k)} AND {granter_stays(k)})"


def is_over(consent: str = "k", *, day: str = "%(day)s") -> str:
    """The condition that a consent's last day is past."""
    return f"coalesce({consent}.expires_on < {day}, false)"


def is_revoked(consent: str = "k", *, at: str = "%(at)s") -> str:
    """The condition that a consent was taken back."""
    return f"coalesce({consent}.revoked_at <= {at}, false)"


def granter_stays(consent: str = "k", *, day: str = "%(day)s", at: str = "%(at)s") -> str:
    """The condition that the contact behind a consent is still with the account: who leaves suspends it."""
    k = consent
    return f"""EXISTS (
            SELECT FROM contacts granter WHERE granter.workspace_id = {k}.workspace_id AND granter.id = {k}.contact_id
            AND granter.account_id = {k}.account_id
            AND (granter.left_on IS NULL OR granter.left_on > {day})
            AND (granter.archived_at IS NULL OR granter.archived_at > {at})
            AND (granter.erased_at IS NULL OR granter.erased_at > {at})
        )"""


def covers(consent: str = "k", case: str = "c") -> str:
    """The condition that a consent is about a case: its own, or any of its account's."""
    k, c = consent, case
    return (
        f"{k}.workspace_id = {c}.workspace_id AND {k}.account_id = {c}.account_id "
        f"AND ({k}.case_id IS NULL OR {k}.case_id = {c}.id)"
    )


def reaches(consent: str = "k") -> str:
    """The condition that a consent's audience holds the one at hand."""
    k = consent
    return f"""(
        {k}.audience = 'public' OR ({k}.audience = 'all_partners' AND %(partner)s::uuid IS NOT NULL)
        OR ({k}.audience = 'named_partners' AND EXISTS (
            SELECT FROM reference_consent_partners named WHERE named.workspace_id = {k}.workspace_id
            AND named.consent_id = {k}.id AND named.partner_id = %(partner)s::uuid
        ))
    )"""


def excludes(consent: str = "k", *, company: str = "%(company)s", domain: str = "%(domain)s") -> str:
    """The condition that a consent excludes a company: by name, by domain, or as an account of ours."""
    k = consent
    return f"""EXISTS (
        SELECT FROM reference_consent_exclusions x
        LEFT JOIN accounts rival ON rival.workspace_id = x.workspace_id AND rival.id = x.account_id
        WHERE x.workspace_id = {k}.workspace_id AND x.consent_id = {k}.id AND (
            x.company = {company}::text OR perennial_fold(rival.name) = {company}::text
            OR perennial_fold(rival.legal_name) = {company}::text
            OR right('.' || {domain}::text, length(x.domain) + 1) = '.' || x.domain
            OR right('.' || {domain}::text, length(rival.domain) + 1) = '.' || lower(rival.domain)
        )
    )"""


PUBLISHABLE: Final = """(
    c.state = 'approved' AND a.phase <> 'churned' AND a.archived_at IS NULL AND a.merged_into_id IS NULL
)"""
"""The condition that case ``c`` of account ``a`` may leave the workspace at all, given a consent."""

GRANTS: Final = f"""
SELECT c.id AS case_id, c.account_id, k.id AS consent_id, k.acts, k.fields, k.audience, k.naming, k.expires_on
FROM reference_cases c
JOIN accounts a ON a.workspace_id = c.workspace_id AND a.id = c.account_id
JOIN reference_consents k ON {covers()}
WHERE c.workspace_id = %(ws)s AND {PUBLISHABLE} AND {in_force()}
AND k.audience <> 'internal' AND 'search' = ANY(k.acts)
"""  # noqa: S608
"""What is granted outside now, for every audience: a row for each case and consent. Exclusions are the reader's."""

VISIBLE: Final = f"""
SELECT c.id AS case_id, c.account_id, bool_or(k.naming = 'named') AS named,
    array_agg(DISTINCT act) AS acts,
    coalesce(array_agg(DISTINCT field) FILTER (WHERE k.naming = 'named' AND field IS NOT NULL), '{{}}') AS fields
FROM reference_cases c
JOIN accounts a ON a.workspace_id = c.workspace_id AND a.id = c.account_id
JOIN reference_consents k ON {covers()}
CROSS JOIN LATERAL unnest(k.acts) AS act
LEFT JOIN LATERAL unnest(k.fields) AS field ON true
WHERE c.workspace_id = %(ws)s AND {PUBLISHABLE} AND {in_force()} AND {reaches()}
AND 'search' = ANY(k.acts) AND NOT EXISTS (
    SELECT FROM reference_consents barred
    WHERE {covers("barred")} AND {in_force("barred")} AND {excludes("barred")}
)
GROUP BY c.id, c.account_id
"""  # noqa: S608
"""What one audience may see: a row for each case, whether by name, with which acts and (by name) fields."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an audience may see of a case."""

    case_id: UUID
    account_id: UUID
    named: bool
    acts: frozenset[str]
    fields: frozenset[str]


async def visible_to(tx: Tx, audience: Audience) -> list[Seen]:
    """What an audience may see of the workspace's cases at this moment."""
    rows = await tx.fetch(VISIBLE, await of_audience(tx, audience))
    return [
        Seen(case_id, account_id, named, frozenset(acts), frozenset(fields))
        for case_id, account_id, named, acts, fields in rows
    ]
