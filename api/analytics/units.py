"""From the lines of the ledger to units: what an account, a product of it or a group had at a period's two ends.

One statement in steps, put together from the question: lines by account, converted, summed into units, with the
attributes that they are chosen and broken down by. Nothing loops over accounts.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from pydantic import MISSING

from api.accounts.resource import ACCOUNTS
from api.accounts.schemas import AccountFilter
from api.analytics.questions import AccountsQuery, Breakdown
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.read import filters_of, ids_matching
from api.kit.statements import Statement

TYPES: Final = ("new", "reactivation", "expansion", "contraction", "churn")
_OF_ACCOUNTS: Final = (
    "industry",
    "country",
    "touch_model",
    "parent_id",
    "employee_count_min",
    "employee_count_max",
    "tags",
)
_MOVED: Final = ", ".join(
    f"coalesce(sum(m.amount_minor) FILTER (WHERE m.type = '{kind}' AND m.effective_on >= %(from)s), 0)::bigint AS {kind}"
    for kind in TYPES
)

# Accounts that were merged away stand for the account they were merged into, through any number of mergers.
WINNERS: Final = """
merged (id, winner) AS (
    SELECT id, merged_into_id FROM accounts WHERE workspace_id = %(ws)s AND merged_into_id IS NOT NULL
    UNION
    SELECT m.id, a.merged_into_id FROM merged m JOIN accounts a ON a.id = m.winner
    WHERE a.workspace_id = %(ws)s AND a.merged_into_id IS NOT NULL
), winners AS (
    SELECT m.id, m.winner FROM merged m JOIN accounts a ON a.id = m.winner
    WHERE a.workspace_id = %(ws)s AND a.merged_into_id IS NULL
)"""
_TOPS: Final = """
tops (id, top) AS (
    SELECT id, id FROM accounts WHERE workspace_id = %(ws)s AND parent_id IS NULL
    UNION ALL
    SELECT a.id, t.top FROM tops t JOIN accounts a ON a.parent_id = t.id WHERE a.workspace_id = %(ws)s
)"""
# The stay of the opening day; before the first one, the first.
_PHASES: Final = """
phases AS (
    SELECT DISTINCT ON (account_id) account_id, phase FROM account_phases WHERE workspace_id = %(ws)s
    ORDER BY account_id, starts_on <= %(opening_day)s DESC, abs(starts_on - %(opening_day)s), recorded_at DESC
)"""
_OWNERS: Final = """
owners AS (
    SELECT DISTINCT ON (account_id) account_id,
        CASE WHEN starts_on > %(opening_day)s OR coalesce(ends_before > %(opening_day)s, true) THEN user_id END AS user_id
    FROM account_team WHERE workspace_id = %(ws)s AND role = 'csm' AND archived_at IS NULL
    ORDER BY account_id, starts_on <= %(opening_day)s AND coalesce(ends_before > %(opening_day)s, true) DESC,
        starts_on > %(opening_day)s DESC, starts_on
)"""


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both inclusive. It opens at the end of the day before."""

    first: dt.date
    last: dt.date

    @property
    def opening_day(self) -> dt.date:
        """The day at whose end the period opens."""
        return self.first - dt.timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def whole_months(self) -> bool:
        """Whether it begins and ends with a month."""
        return self.first.day == 1 and (self.last + dt.timedelta(days=1)).day == 1


_ACCOUNT: Final = "JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = u.unit"
_STANDING: Final = "JOIN account_standing s ON s.workspace_id = %(ws)s AND s.account_id = u.unit"
_PHASE: Final = "coalesce(p.phase, a.phase)"
_OWNER: Final = "CASE WHEN o.account_id IS NULL THEN a.owner_id ELSE o.user_id END"


_OF_UNIT: Final = {Breakdown.product: "product_id", Breakdown.currency: "currency"}
_SEGMENTS_MISSING: Final = FieldError("?segment_id", "missing", "Name the segments", "セグメントを指定してください")


@dataclass(slots=True)
class Chosen:
    """Which units ``u`` count, and the part each belongs to: expressions with the steps and joins they need."""

    part: str = "NULL"
    conditions: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def phase(self) -> str:
        """The phase at the opening."""
        self._need("LEFT JOIN phases p ON p.account_id = u.unit", _PHASES)
        return _PHASE

    def owner(self) -> str:
        """The owner at the opening."""
        self._need("LEFT JOIN owners o ON o.account_id = u.unit", _OWNERS)
        return _OWNER

    def account(self, name: str) -> str:
        """A column of the account as it is today."""
        self._need()
        return f"a.{name}"

    def touch_model(self) -> str:
        """The touch model of today."""
        self._need(_STANDING)
        return "coalesce(a.touch_model_override, s.touch_model)"

    def member(self, members: Statement) -> str:
        """Whether the unit is among these accounts."""
        self.parameters |= members.constants
        return f"u.unit IN ({members.sql})"

    @property
    def where(self) -> str:
        """The conditions as a clause."""
        return "WHERE " + " AND ".join(self.conditions) if self.conditions else ""

    def break_down(self, by: Breakdown | None, members: Mapping[UUID, Statement]) -> None:
        """Say which part a unit belongs to; of segments, the first that it is in."""
        match by:
            case Breakdown.industry | Breakdown.country:
                self.part = self.account(by.value)
            case Breakdown.touch_model:
                self.part = self.touch_model()
            case Breakdown.phase:
                self.part = self.phase()
            case Breakdown.owner:
                self.part = self.owner()
            case Breakdown.segment:
                if not members:
                    raise invalid(_SEGMENTS_MISSING)
                whens = " ".join(f"WHEN {self.member(each)} THEN '{key}'" for key, each in members.items())
                self.part = f"CASE {whens} END"
            case Breakdown.product | Breakdown.currency:
                self.part = f"u.{_OF_UNIT[by]}"
            case None:
                self.part = "NULL"

    def _need(self, join: str = "", step: str = "") -> None:
        self.joins += [each for each in (_ACCOUNT, join) if each and each not in self.joins]
        self.steps += [step] if step and step not in self.steps else []


async def chosen(tx: Tx, query: AccountsQuery, opening_day: dt.date, by: Breakdown | None = None) -> Chosen:
    """Which units a question is about, and how it breaks them down."""
    found = Chosen(parameters={"opening_day": opening_day})
    wanted = {name: getattr(query, name) for name in _OF_ACCOUNTS if getattr(query, name) is not MISSING}
    if wanted:
        found.conditions.append(found.member(await ids_matching(tx, ACCOUNTS, wanted, "of_")))
    if query.phase is not MISSING:
        found.conditions.append(f"{found.phase()} = ANY(%(phases)s)")
        found.parameters["phases"] = [phase.value for phase in query.phase]
    if query.owner_id is not MISSING:
        found.conditions.append(f"{found.owner()} = ANY(%(owners)s)")
        found.parameters["owners"] = query.owner_id
    members = {}
    if query.segment_id is not MISSING:
        members = await _members(tx, query.segment_id, opening_day)
    if members and by is not Breakdown.segment:
        found.conditions.append("(" + " OR ".join(found.member(each) for each in members.values()) + ")")
    found.break_down(by, members)
    return found


async def _members(tx: Tx, segment_ids: Sequence[UUID], opening_day: dt.date) -> dict[UUID, Statement]:
    """The accounts in each segment, by the filter that it had at the end of a day; before its first, by the first."""
    rows = await tx.fetch(
        """
        SELECT s.id, coalesce((
            SELECT v.filter FROM segment_versions v JOIN workspaces w ON w.workspace_id = v.workspace_id
            WHERE v.workspace_id = s.workspace_id AND v.segment_id = s.id
            ORDER BY (v.valid_from AT TIME ZONE w.time_zone)::date <= %(day)s DESC,
                abs((v.valid_from AT TIME ZONE w.time_zone)::date - %(day)s), v.filter_version DESC LIMIT 1
        ), s.filter)
        FROM segments s WHERE s.workspace_id = %(ws)s AND s.id = ANY(%(ids)s) AND s.archived_at IS NULL
        """,
        {"ws": tx.workspace_id, "ids": list(segment_ids), "day": opening_day},
    )
    filters = dict(rows)
    if set(segment_ids) - filters.keys():
        raise invalid(
            FieldError(
                "?segment_id", "reference_not_found", "There is no such segment", "該当するセグメントがありません"
            )
        )
    found = {}
    for number, segment_id in enumerate(dict.fromkeys(segment_ids)):
        stored = AccountFilter.model_validate(filters[segment_id])
        found[segment_id] = await ids_matching(tx, ACCOUNTS, filters_of(stored), f"seg{number}_")
    return found


@dataclass(frozen=True, slots=True)
class Steps:
    """The statement up to ``units``: one row per unit with its two ends and what moved between, converted."""

    sql: str
    parameters: Mapping[str, Any]


def unit_steps(
    period: Period,
    known_at: dt.datetime,
    factors: Mapping[str, Fraction],
    *,
    products: Sequence[UUID] | None = None,
    by_product: bool = False,
    by_parent: bool = False,
    by_currency: bool = False,
) -> Steps:
    """The steps from lines to units.

    Amounts of an account in a currency are converted as levels, in the order in which movements of a period are
    told (new, reactivation, expansion, contraction, churn): what a movement is worth is the difference, so that opening and
    movements make the closing exactly. Products share their account's rounded amount.
    """
    product = ", product_id" if by_product else ""
    levels = ", ".join(f"{' + '.join(('opening', *TYPES[:n]))} AS s{n}" for n in range(6))
    steps = [
        WINNERS,
        f"""lines AS (
    SELECT coalesce(w.winner, m.account_id) AS account_id, m.currency{", m.product_id" if by_product else ""},
        coalesce(sum(m.amount_minor) FILTER (WHERE m.effective_on < %(from)s), 0)::bigint AS opening, {_MOVED},
        count(*) AS lines, count(*) FILTER (WHERE m.backfilled) AS backfilled
    FROM mrr_movements m LEFT JOIN winners w ON w.id = m.account_id
    WHERE m.workspace_id = %(ws)s AND m.effective_on <= %(to)s AND m.recorded_at <= %(known)s
    {"AND m.product_id = ANY(%(products)s)" if products is not None else ""}
    GROUP BY coalesce(w.winner, m.account_id), m.currency{", m.product_id" if by_product else ""}
)""",  # noqa: S608
        f"""stages AS (
    SELECT account_id, currency{product}, {levels}, lines, backfilled FROM lines
)""",  # noqa: S608
    ]
    if all(factor == 1 for factor in factors.values()):
        worth = [f"s{n} AS c{n}" for n in range(6)]
        source = "stages"
    elif by_product:
        up_to = ", ".join(
            f"(sum(s{n}) OVER (PARTITION BY account_id, currency ORDER BY product_id))::bigint AS u{n}"
            for n in range(6)
        )
        steps.append(f"running AS (SELECT stages.*, {up_to} FROM stages)")  # noqa: S608
        worth = [f"{_worth(f'u{n}')} - {_worth(f'u{n} - s{n}')} AS c{n}" for n in range(6)]
        source = "running JOIN factors USING (currency)"
    else:
        worth = [f"{_worth(f's{n}')} AS c{n}" for n in range(6)]
        source = "stages JOIN factors USING (currency)"
    if source != "stages":
        steps.append(FACTORS)
    steps.append(
        f"worth AS (SELECT account_id, currency{product}, {', '.join(worth)}, lines, backfilled FROM {source})"  # noqa: S608
    )
    if by_parent:
        steps.append(_TOPS)
    unit = "coalesce(t.top, w.account_id)" if by_parent else "w.account_id"
    currency = (
        ", (array_agg(w.currency ORDER BY w.c0 DESC, w.c5 DESC, w.currency))[1] AS currency" if by_currency else ""
    )
    moved = ", ".join(f"sum(w.c{n + 1} - w.c{n})::bigint AS {kind}" for n, kind in enumerate(TYPES))
    steps.append(
        f"""units AS (
    SELECT {unit} AS unit{product}{currency}, sum(w.c0)::bigint AS opening, sum(w.c5)::bigint AS closing, {moved},
        sum(w.lines)::bigint AS lines, sum(w.backfilled)::bigint AS backfilled
    FROM worth w {"LEFT JOIN tops t ON t.id = w.account_id" if by_parent else ""}
    GROUP BY {unit}{product}
)"""  # noqa: S608
    )
    return Steps(
        ", ".join(steps),
        {"from": period.first, "to": period.last, "known": known_at, "products": products, **told(factors)},
    )


FACTORS: Final = """factors AS (
    SELECT * FROM unnest(%(currencies)s::text[], %(numerators)s::numeric[], %(denominators)s::numeric[])
        AS f (currency, numerator, denominator)
)"""


def told(factors: Mapping[str, Fraction]) -> dict[str, Any]:
    """Factors as the parameters of ``FACTORS``."""
    return {
        "currencies": list(factors),
        "numerators": [str(factor.numerator) for factor in factors.values()],
        "denominators": [str(factor.denominator) for factor in factors.values()],
    }


def _worth(amount: str) -> str:
    return f"perennial_converted({amount}, numerator, denominator)"


async def currencies_between(tx: Tx, period: Period, known_at: dt.datetime) -> list[str]:
    """The currencies in which there was MRR at the opening, or anything moved since."""
    rows = await tx.fetch(
        "SELECT currency FROM mrr_movements WHERE workspace_id = %(ws)s AND effective_on <= %(to)s "
        "AND recorded_at <= %(known)s GROUP BY currency "
        "HAVING bool_or(effective_on >= %(from)s) OR sum(amount_minor) <> 0 ORDER BY currency",
        {"ws": tx.workspace_id, "from": period.first, "to": period.last, "known": known_at},
    )
    return [row[0] for row in rows]
