"""The screens: a portfolio of accounts, one account at a glance, and its figures over time."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import MISSING

from api.accounts import segments
from api.accounts.phases import PHASES
from api.accounts.resource import ACCOUNTS
from api.accounts.schemas import AccountQuery, AccountRead, PhaseQuery, PhaseRead
from api.accounts.service import require_account
from api.analytics.questions import year_until
from api.analytics.screen_schemas import (
    HistoryGrain,
    HistoryPoint,
    HistoryQuery,
    HistoryRead,
    PortfolioInclude,
    PortfolioQuery,
    PortfolioRow,
    Series,
)
from api.auth.service import workspace_today
from api.contacts.resource import CONTACTS
from api.contacts.schemas import ContactQuery, ContactRead
from api.contracts.figures import account_mrr
from api.contracts.ledger_schemas import MovementQuery, MovementRead
from api.contracts.resource import CONTRACTS, MOVEMENTS
from api.contracts.schemas import ContractQuery, ContractRead
from api.health_scores.goal_models import TargetOutcome
from api.health_scores.models import ScoreKind
from api.health_scores.resource import SCORES
from api.health_scores.score_schemas import HealthScoreQuery, HealthScoreRead
from api.health_scores.target_schemas import HealthTargetQuery, HealthTargetRead
from api.health_scores.targets import TARGETS
from api.interactions.resource import INTERACTIONS
from api.interactions.schemas import InteractionQuery, InteractionRead
from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.read import count_matches, filters_of, find, find_page, ids_matching
from api.kit.resources import Resource
from api.kit.schemas import ItemQuery, ListQuery, Read, or_none
from api.product_gaps.report_schemas import GapReportQuery, GapReportRead
from api.product_gaps.resource import REPORTS
from api.reference_cases import search as reference_cases
from api.reference_cases.case_schemas import ReferenceCaseQuery, ReferenceCaseRead
from api.reference_cases.resource import ENTRIES
from api.signals.models import SignalStatus
from api.signals.resource import SIGNALS
from api.signals.schemas import SignalQuery, SignalRead
from api.success_roadmaps.resource import ROADMAPS
from api.success_roadmaps.schemas import RoadmapQuery, RoadmapRead
from api.tasks.resource import TASKS
from api.tasks.schemas import TaskQuery, TaskRead

WEEKS: Final = 12
_MOST_POINTS: Final = 1_000
_FACETS: Final = ("phase", "owner_id", "health_band", "touch_model", "usage_status")

# MRR in the currency of the account's standing, whose contracts share one; scores of the weeks that have ended.
_SPARKS: Final = """
SELECT s.account_id, array_agg(coalesce((
    SELECT sum(m.amount_minor)::bigint FROM mrr_movements m WHERE m.workspace_id = s.workspace_id
    AND m.account_id = s.account_id AND m.currency = s.currency AND m.effective_on <= w.day
    AND m.recorded_at <= %(known)s
), 0) ORDER BY w.day), array_agg((
    SELECT h.score FROM health_scores h WHERE h.workspace_id = s.workspace_id AND h.account_id = s.account_id
    AND h.kind = 'weekly'
    AND h.as_of = w.day - ((extract(isodow FROM w.day)::integer - v.week_starts_on + 7) %% 7 + 1)
) ORDER BY w.day)
FROM account_standing s JOIN workspaces v ON v.workspace_id = s.workspace_id
CROSS JOIN unnest(%(days)s::date[]) AS w (day)
WHERE s.workspace_id = %(ws)s AND s.account_id = ANY(%(ids)s) GROUP BY s.account_id
"""


async def portfolio(tx: Tx, query: PortfolioQuery) -> tuple[bytes, str | None]:
    """One page of the portfolio, and the cursor of the next."""
    wanted = [] if query.include is MISSING else query.include
    given = query.model_dump(mode="json", exclude_unset=True, exclude={"include"})
    listed = await segments.applied(tx, AccountQuery.model_validate(given))
    found = await find_page(tx, ACCOUNTS, PortfolioRow, listed)
    rows: list[dict[str, Any]] = orjson.loads(found.items)
    ids = [UUID(row["id"]) for row in rows]
    sparks = await _sparks(tx, ids)
    for row in rows:
        weeks, health = sparks[row["id"]]
        row |= {"mrr_weeks": weeks, "mrr_change_4w": weeks[-1] - weeks[-5], "health_weeks": health}
        now, before = health[-1], health[-5]
        row["health_change_4w"] = None if now is None or before is None else round(now - before, 1)
    page: dict[str, Any] = {"next_cursor": found.next_cursor, "has_more": found.next_cursor is not None}
    if PortfolioInclude.total_count in wanted:
        page["total_count"] = await count_matches(tx, ACCOUNTS, AccountRead, listed)
    body: dict[str, Any] = {"data": rows, "page": page}
    if PortfolioInclude.facets in wanted:
        body["facets"] = await _facets(tx, listed)
    if PortfolioInclude.sums in wanted:
        body["sums"] = await _sums(tx, listed)
    return orjson.dumps(body), found.next_cursor


async def _sparks(tx: Tx, account_ids: Sequence[UUID]) -> Mapping[str, tuple[list[int], list[float | None]]]:
    today = await workspace_today(tx)
    days = [today - dt.timedelta(weeks=weeks) for weeks in range(WEEKS)]
    rows = await tx.fetch(
        _SPARKS, {"ws": tx.workspace_id, "ids": list(account_ids), "days": days, "known": clock.now()}
    )
    return {str(account_id): (weeks, health) for account_id, weeks, health in rows}


async def _facets(tx: Tx, query: AccountQuery) -> dict[str, list[dict[str, Any]]]:
    matching = await ids_matching(tx, ACCOUNTS, filters_of(query), "of_")
    async with tx.joining_many():
        rows = await tx.fetch(
            f"""
            SELECT grouping(phase, owner_id, health_band, touch_model, usage_status), phase, owner_id::text, health_band,
                touch_model, usage_status, count(*)
            FROM (
                SELECT a.phase, a.owner_id, s.health_band, coalesce(a.touch_model_override, s.touch_model) AS touch_model,
                    s.usage_status
                FROM accounts a JOIN account_standing s ON s.workspace_id = a.workspace_id AND s.account_id = a.id
                WHERE a.workspace_id = %(ws)s AND a.id IN ({matching.sql})
            ) AS matches
            GROUP BY GROUPING SETS ((phase), (owner_id), (health_band), (touch_model), (usage_status))
            ORDER BY count(*) DESC, 2, 3, 4, 5, 6
            """,  # noqa: S608
            {"ws": tx.workspace_id, **matching.constants},
        )
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in _FACETS}
    for grouping, *values, count in rows:
        # All bits are set but that of the value which was grouped by.
        place = next(n for n in range(len(_FACETS)) if not grouping & (1 << (len(_FACETS) - 1 - n)))
        found[_FACETS[place]].append({"value": values[place], "count": count})
    return found


async def _sums(tx: Tx, query: AccountQuery) -> list[dict[str, Any]]:
    matching = await ids_matching(tx, ACCOUNTS, filters_of(query), "of_")
    async with tx.joining_many():
        rows = await tx.fetch(
            f"""
            SELECT s.currency, count(*), coalesce(sum(s.mrr_minor), 0)::bigint, coalesce(sum(s.arr_minor), 0)::bigint
            FROM account_standing s WHERE s.workspace_id = %(ws)s AND s.currency IS NOT NULL
            AND s.account_id IN ({matching.sql}) GROUP BY s.currency ORDER BY s.currency
            """,  # noqa: S608
            {"ws": tx.workspace_id, **matching.constants},
        )
    return [
        {
            "accounts": count,
            "mrr": {"amount": mrr, "currency": currency},
            "arr": {"amount": arr, "currency": currency},
        }
        for currency, count, mrr, arr in rows
    ]


async def overview(tx: Tx, account_id: UUID) -> bytes:
    """An account with what belongs to it, as JSON; null what the credential may not read."""
    shown = ItemQuery(expand=["owner", "parent", "children", "team"])
    account, _ = await find(tx, ACCOUNTS, AccountRead, account_id, query=shown)
    here = {"account_id": account_id}

    async def listed(
        scope: str, resource: Resource, schema: type[Read], query: ListQuery, where: Mapping[str, Any] = here
    ) -> bytes:
        if not tx.actor.may(scope):
            return b"null"
        return (await find_page(tx, resource, schema, query, where=where)).items

    nested = ContractQuery(expand=["items", "terms"])
    counted = HealthScoreQuery(limit=1, kind=[ScoreKind.weekly, ScoreKind.on_demand])
    pending = HealthTargetQuery(outcome=[TargetOutcome.pending])
    meetings = InteractionQuery(limit=10, expand=["attendees"])
    lasting = SignalQuery(status=[SignalStatus.open, SignalStatus.acknowledged])
    approved = await reference_cases.applied(tx, ReferenceCaseQuery(account_id=[account_id]))
    mrr = b"null"
    if tx.actor.may("contracts:read"):
        mrr = (await account_mrr(tx, account_id, None, None)).model_dump_json().encode()
    health = await listed("health_scores:read", SCORES, HealthScoreRead, counted)
    parts = {
        "account": account,
        "contacts": await listed("contacts:read", CONTACTS, ContactRead, ContactQuery()),
        "contracts": await listed("contracts:read", CONTRACTS, ContractRead, nested),
        "mrr": mrr,
        "movements": await listed("contracts:read", MOVEMENTS, MovementRead, MovementQuery(limit=10)),
        "phases": await listed("accounts:read", PHASES, PhaseRead, PhaseQuery()),
        "interactions": await listed("interactions:read", INTERACTIONS, InteractionRead, meetings),
        "tasks": await listed("tasks:read", TASKS, TaskRead, TaskQuery(over=False)),
        "health": health.removeprefix(b"[").removesuffix(b"]") or b"null",
        "health_targets": await listed("health_targets:read", TARGETS, HealthTargetRead, pending),
        "signals": await listed("signals:read", SIGNALS, SignalRead, lasting),
        "product_gaps": await listed("product_gaps:read", REPORTS, GapReportRead, GapReportQuery(expand=["gap"])),
        "roadmaps": await listed("success_roadmaps:read", ROADMAPS, RoadmapRead, RoadmapQuery(open=True)),
        "reference_cases": await listed("reference_cases:read", ENTRIES, ReferenceCaseRead, approved, where={}),
    }
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), part) for name, part in parts.items()) + b"}"


_POINTS: Final = """
SELECT d.day, (
    SELECT coalesce(sum(m.amount_minor), 0)::bigint FROM mrr_movements m WHERE m.workspace_id = %(ws)s
    AND m.account_id = %(id)s AND m.currency = %(currency)s AND m.effective_on <= d.day
), r.arr, r.seats, (
    SELECT h.score FROM health_scores h WHERE h.workspace_id = %(ws)s AND h.account_id = %(id)s AND h.kind = 'weekly'
    AND h.as_of <= d.day AND h.as_of > d.day - 7 ORDER BY h.as_of DESC LIMIT 1
)
FROM unnest(%(days)s::date[]) AS d (day)
CROSS JOIN LATERAL (
    SELECT perennial_minor(coalesce(sum(r.parts), 0) * 12) AS arr, coalesce(sum(r.seats), 0)::bigint AS seats
    FROM contract_rates r WHERE r.workspace_id = %(ws)s AND r.account_id = %(id)s AND r.currency = %(currency)s
    AND r.starts_on <= d.day AND (r.ends_before IS NULL OR r.ends_before > d.day)
) AS r ORDER BY d.day
"""


async def history(tx: Tx, account_id: UUID, query: HistoryQuery) -> HistoryRead:
    """An account's figures at the end of each period, as known now."""
    await require_account(tx, account_id)
    to = or_none(query.to) or await workspace_today(tx)
    first = or_none(query.from_) or year_until(to)
    days = _ends(first, to, query.grain)
    rows = await tx.fetch(
        "SELECT currency FROM account_standing WHERE workspace_id = %s AND account_id = %s",
        [tx.workspace_id, account_id],
    )
    currency = rows[0][0] if rows else None
    wanted = list(Series) if query.series is MISSING else query.series
    points = await tx.fetch(_POINTS, {"ws": tx.workspace_id, "id": account_id, "currency": currency, "days": days})
    return HistoryRead(
        account_id=account_id,
        currency=currency,
        **{"from": first},
        to=to,
        grain=query.grain,
        points=[
            HistoryPoint(
                day=day,
                **{name.value: value for name, value in zip(Series, values, strict=True) if name in wanted},
            )
            for day, *values in points
        ],
    )


def _ends(first: dt.date, last: dt.date, grain: HistoryGrain) -> list[dt.date]:
    """The last days of the periods, the last one's as far as it reaches."""
    if first > last:
        raise invalid(
            FieldError("?from", "out_of_range", f"Not after `to`, {last}", f"`to`（{last}）以前にしてください")
        )
    days: list[dt.date] = []
    day = first
    while day <= last:
        end = day
        if grain is HistoryGrain.week:
            end = day + dt.timedelta(days=6 - day.weekday())
        elif grain is HistoryGrain.month:
            end = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
        days.append(min(end, last))
        if len(days) > _MOST_POINTS:
            raise invalid(
                FieldError("?from", "out_of_range", f"At most {_MOST_POINTS} points", f"最大 {_MOST_POINTS} 点までです")
            )
        day = end + dt.timedelta(days=1)
    return days
