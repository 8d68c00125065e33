"""The same questions through a partner's key, with the consents of the customers behind 100,000 generated cases respected.

Of ten accounts six are named, three anonymous, one agreed to nothing.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.request import Request, urlopen
from uuid import UUID

import orjson
import psycopg

from api.auth import partners
from api.auth.permissions import PARTNER_SCOPES
from api.kit.db import Database
from api.kit.read import Shape, statement_for
from api.kit.settings import Settings
from api.reference_cases import published
from api.reference_cases.partner_models import PartnerReferenceCase
from api.reference_cases.partner_resource import PARTNER_ENTRIES
from api.reference_cases.partner_schemas import PartnerReferenceCaseRead
from benchmarks import reference_cases
from benchmarks.reference_cases import CasePlan

_CONTACTS: Final = """
INSERT INTO contacts (workspace_id, id, version, created_at, updated_at, account_id, name, is_primary,
    notes, tags, custom)
SELECT workspace_id, uuidv7(), 1, now(), now(), id, 'Grants', false, '', '{}', '{}' FROM accounts WHERE workspace_id = %(ws)s AND archived_at IS NULL
"""
_CONSENTS: Final = """
INSERT INTO reference_consents (workspace_id, id, version, created_at, updated_at, account_id, contact_id, acts, fields,
    audience, naming, evidence, granted_on, expires_on)
SELECT workspace_id, uuidv7(), 1, now(), now(), account_id, id, ARRAY['search', 'quote', 'call'],
    CASE WHEN drawn < 6 THEN ARRAY['account_name', 'title', 'summary', 'quote', 'industry', 'size']
        ELSE ARRAY['industry', 'size'] END,
    'all_partners', CASE WHEN drawn < 6 THEN 'named' ELSE 'anonymous' END, 'drawn', current_date - 30,
    CASE WHEN drawn %% 2 = 0 THEN current_date + 200 END
FROM (SELECT c.*, (hashtext(c.account_id::text) & 2147483647) %% 10 AS drawn FROM contacts c
    WHERE c.workspace_id = %(ws)s AND c.name = 'Grants') AS granting
WHERE drawn < 9
"""
TABLES: Final = ("partner_case_entries", "partner_reference_cases", "partner_case_handles", "reference_consents")


def questions() -> Mapping[str, list[str]]:
    """Paths by what they ask, as the workspace's own people ask it; without what partners cannot see."""
    return {
        name: [path.replace("/v1/", "/v1/partner/", 1) for path in paths]
        for name, paths in reference_cases.questions().items()
        if not any("employee_count" in path or "listed_at" in path for path in paths)
    }


def agree(connection: psycopg.Connection, workspace_id: str) -> None:
    """Draw consents of the accounts; ``connection`` is the owner's, in autocommit."""
    for statement in (_CONTACTS, _CONSENTS):
        connection.execute(statement.encode(), {"ws": workspace_id})
    connection.execute(b"VACUUM ANALYZE reference_consents, contacts")


def show(connection: psycopg.Connection, app_url: str, workspace_id: str) -> str:
    """Add a partner and all that it may see, as the worker does; its id. ``connection`` is the owner's, in autocommit."""
    with reference_cases.indexed_afterwards(connection, PartnerReferenceCase, "ix_partner_reference_cases_search"):
        partner_id = asyncio.run(_add_partner(app_url, UUID(workspace_id)))
    for filled in TABLES:
        connection.execute(f"VACUUM ANALYZE {filled}".encode())
    return partner_id


async def _add_partner(app_url: str, workspace_id: UUID) -> str:
    # With more time than a request has.
    async with Database(app_url, Settings(statement_timeout_seconds=1200)) as database:
        async with database.write(workspace_id) as tx:
            partner = await partners.create_partner(tx, {"name": "Harbor Consulting", "domain": "harbor.example.com"})
        await published.show_all(database, workspace_id, [partner.id])
    return str(partner.id)


def forget(connection: psycopg.Connection, workspace_id: str) -> None:
    """Take partners, consents and their contacts out of a workspace again."""
    for forgotten in (
        "partner_case_entries", "partner_reference_cases", "partner_case_handles", "credentials WHERE partner_id IS NOT NULL",
        "partners", "reference_consents", "contacts WHERE name = 'Grants'",
    ):  # fmt: skip
        table, _, which = forgotten.partition(" WHERE ")
        connection.execute(
            f"DELETE FROM {table} WHERE workspace_id = %s AND {which or 'true'}".encode(),
            [workspace_id],
        )


def key_of(port: int, key: str, partner_id: str) -> str:
    """A key of the partner's, asked for with one of the workspace's."""
    body = {"name": "bench", "scopes": sorted(PARTNER_SCOPES), "partner_id": partner_id}
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with urlopen(Request(f"http://localhost:{port}/v1/api-keys", orjson.dumps(body), headers)) as answer:
        return str(orjson.loads(answer.read())["secret"])


def partner_plans(connection: psycopg.Connection, workspace_id: str, partner_id: str) -> Iterator[CasePlan]:
    """The generic plans of a partner's list; ``connection`` is the application role's."""
    for name, index, filters in (
        ("initiative and metric", "ix_partner_case_entries_covering", ("initiative_key", "metric_key", "min_improvement_pct")),
        ("metric", "ix_partner_case_entries_metric", ("any_initiative", "metric_key", "min_improvement_pct")),
        ("initiative", "ix_partner_case_entries_initiative", ("initiative_key", "any_metric")),
        ("best", "ix_partner_case_entries_best", ("any_initiative", "any_metric")),
    ):  # fmt: skip
        yield CasePlan(f"partner: {name}", _explained(connection, workspace_id, partner_id, filters), index)


def _explained(
    connection: psycopg.Connection, workspace_id: str, partner_id: str, filters: tuple[str, ...]
) -> tuple[str, ...]:
    fields = tuple(PartnerReferenceCaseRead.model_fields)
    shape = Shape(
        PARTNER_ENTRIES, PartnerReferenceCaseRead, fields, (), tuple(sorted(filters)), "improvement",
        descending=True, limit=50,
    )  # fmt: skip
    names: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    text = re.sub(r"%\((\w+)\)s", numbered, statement_for(shape).sql).replace("%%", "%")
    with connection.transaction():
        connection.execute(f"SET LOCAL app.workspace_id = '{UUID(workspace_id)}'".encode())
        connection.execute(f"SET LOCAL app.partner_id = '{UUID(partner_id)}'".encode())
        return tuple(row[0] for row in connection.execute(f"EXPLAIN (GENERIC_PLAN) {text}".encode()).fetchall())
