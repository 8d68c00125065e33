"""Backtests: the scores of past weeks from what was known then, the outcome, and the report on both.

Weeks are taken one after the other, each in a transaction of its own, so memory grows by a few bytes for each case.
Maturity starts at level 1 some weeks before the first week that counts, and climbs as it would have.
"""

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from api.accounts.models import Segment
from api.auth.service import workspace_today
from api.health_scores import evidence
from api.health_scores.backtests import BACKTESTS
from api.health_scores.cases import PHASES, Wanted, Week, account_numbers, week_of
from api.health_scores.definition import LEVELS, Definition, as_definition
from api.health_scores.evidence import UNSCORED, Cases
from api.health_scores.models import Backtest, HealthModel, JobState, Label, ModelState
from api.health_scores.moments import Moment, present
from api.health_scores.population import members
from api.health_scores.scoring import HIGHEST_CELL, RESET_LEVEL, cell_of
from api.health_scores.service import EDITABLE, MODELS
from api.health_scores.snapshots import last_week
from api.health_scores.sources import SOURCES, KnownBy
from api.kit import clock, write
from api.kit.db import Database, Tx

WARM_UP: Final = 2 * LEVELS
"""Weeks that let maturity climb before the first one that counts."""
MOST_SEGMENTS: Final = 20


async def carry_out(database: Database, workspace_id: UUID, backtest_id: UUID) -> None:
    """Do a backtest from its beginning: it changes nothing until its end, so twice is once."""
    report = await measure(database, workspace_id, backtest_id)
    async with database.write(workspace_id) as tx:
        backtest = await write.lock(tx, BACKTESTS, Backtest, backtest_id, archived=True)
        if backtest.state != JobState.running:
            return
        if report is None:  # the definition that was to be tested is no longer there
            ended = {"state": JobState.failed.value, "finished_at": clock.now()}
            await write.change(tx, BACKTESTS, backtest, ended, action="failed")
            return
        failed = evidence.failures(report["model"], report["same_cases"], report["active"])
        values = {
            "state": JobState.done.value,
            "finished_at": clock.now(),
            "report": report,
            "passed": not failed,
            "failed_criteria": failed,
        }
        await write.change(tx, BACKTESTS, backtest, values, action="done", announce={"passed": not failed})
        await _prove(tx, backtest, passed=not failed)


async def measure(
    database: Database, workspace_id: UUID, backtest_id: UUID, *, leak_guard: bool = True
) -> dict[str, Any] | None:
    """The report of a backtest that runs; None when it does not, was cancelled, or its model was edited since.

    Without ``leak_guard`` the scores of the past see what was recorded later: only to show what the guard is for.
    """
    async with database.read(workspace_id) as tx:
        task = await _task(tx, backtest_id)
    if task is None:
        return None
    collected = [_Collected(model.definition) for model in task.models]
    for number, moment in enumerate(task.moments):
        async with database.read(workspace_id) as tx:
            weeks = [
                await week_of(tx, each.definition, task.wanted, moment, leak_guard=leak_guard) for each in collected
            ]
        for each, week in zip(collected, _same_accounts(weeks, task.accounts), strict=True):
            each.add(week, task.accounts, counts=number >= task.warm_up)
        if not await _progress(database, workspace_id, backtest_id, number + 1 - task.warm_up):
            return None
    # Seconds of arithmetic, beside which the worker's other jobs go on.
    return await asyncio.to_thread(_report, task, collected)


def _same_accounts(weeks: Sequence[Week], known: npt.NDArray[np.uint64]) -> list[Week]:
    """The rows of the accounts that every model was asked about, in the same order; newcomers are left out."""
    common = known
    for week in weeks:
        common = np.intersect1d(common, week["id"])
    ordered = [week[np.argsort(week["id"], kind="stable")] for week in weeks]
    return [week[np.isin(week["id"], common)] for week in ordered]


async def _prove(tx: Tx, backtest: Backtest, *, passed: bool) -> None:
    """A draft whose definition is still the tested one is ``backtested`` from now on, or a draft again."""
    model = await write.lock(tx, MODELS, HealthModel, backtest.model_id, archived=True)
    if model.state not in EDITABLE or model.definition_hash != backtest.definition_hash:
        return
    state = ModelState.backtested if passed else ModelState.draft
    values = {"state": state.value, "passed_backtest_id": backtest.id if passed else None}
    await write.change(tx, MODELS, model, values, action="backtested")


@dataclass(frozen=True, slots=True)
class _Tested:
    id: UUID
    definition: Definition


@dataclass(frozen=True, slots=True)
class _Task:
    """What a backtest has to do: its models (the active one last), its weeks, its accounts."""

    models: tuple[_Tested, ...]
    wanted: Wanted
    moments: tuple[Moment, ...]
    warm_up: int
    accounts: npt.NDArray[np.uint64]
    segments: dict[str, npt.NDArray[np.bool_]]
    backfilled: float | None
    seed: int


async def _task(tx: Tx, backtest_id: UUID) -> _Task | None:
    rows = await tx.fetch(
        """
        SELECT b.label, b.horizon_days, b.weeks, b.until, m.id, m.definition, m.phases, m.segment_id, b.seed, c.id, c.definition
        FROM backtests b JOIN health_models m ON m.workspace_id = b.workspace_id AND m.id = b.model_id
        LEFT JOIN health_models c ON c.workspace_id = b.workspace_id AND c.id = b.compared_model_id
        WHERE b.workspace_id = %s AND b.id = %s AND b.state = 'running' AND m.definition_hash = b.definition_hash
        """,
        [tx.workspace_id, backtest_id],
    )
    if not rows:
        return None
    label, horizon, weeks, until, model_id, stored, phases, segment_id, seed, other_id, other = rows[0]
    models = [_Tested(model_id, as_definition(stored))]
    models += [] if other_id is None else [_Tested(other_id, as_definition(other))]
    these, parameters = "", {}
    if segment_id is not None:
        among = await members(tx, segment_id, "s_")
        these, parameters = f"AND account_id IN ({among.sql})", dict(among.constants)
    wanted = Wanted(Label(label), horizon, tuple(phases), these, parameters)
    warm_up = WARM_UP if any(model.definition.maturity for model in models) else 0
    accounts = await account_numbers(tx)
    return _Task(
        tuple(models), wanted, await _moments(tx, weeks + warm_up, horizon, until), warm_up, accounts,
        await _segments(tx, accounts), await _backfilled(tx), seed,
    )  # fmt: skip


async def _moments(tx: Tx, weeks: int, horizon_days: int, until: dt.date | None) -> tuple[Moment, ...]:
    """The ends of the last weeks whose horizon has elapsed, the earliest first."""
    today, last = await workspace_today(tx), await last_week(tx)
    while last + dt.timedelta(days=horizon_days) >= today or last > (until or last):
        last -= dt.timedelta(days=7)
    now = await present(tx, last)
    ends = [last - dt.timedelta(days=7 * back) for back in reversed(range(weeks))]
    return tuple(
        Moment(end, now.begin_of(end + dt.timedelta(days=1)), now.zone, now.metrics, past=True) for end in ends
    )


async def _segments(tx: Tx, accounts: npt.NDArray[np.uint64]) -> dict[str, npt.NDArray[np.bool_]]:
    """Which accounts are in each segment today."""
    found = {}
    rows = await tx.fetch(
        f"SELECT id, name FROM {Segment.__tablename__} WHERE workspace_id = %s AND archived_at IS NULL "  # noqa: S608
        "ORDER BY name LIMIT %s",
        [tx.workspace_id, MOST_SEGMENTS],
    )
    for segment_id, name in rows:
        among = await members(tx, segment_id, "s_")
        ids = await tx.fetch(among.sql, among.constants)
        halves = np.array([row[0].int & 0xFFFF_FFFF_FFFF_FFFF for row in ids], np.uint64)
        found[name] = np.isin(accounts, halves)
    return found


async def _backfilled(tx: Tx) -> float | None:
    """The share of the ledger that was brought in later as known at the days of its facts."""
    rows = await tx.fetch(
        "SELECT avg(backfilled::int)::float8 FROM mrr_movements WHERE workspace_id = %s", [tx.workspace_id]
    )
    share: float | None = rows[0][0]
    return share


async def _progress(database: Database, workspace_id: UUID, backtest_id: UUID, weeks: int) -> bool:
    """Note how many weeks are done; False when the backtest was cancelled."""
    async with database.write(workspace_id) as tx:
        return bool(
            await tx.execute(
                "UPDATE backtests SET weeks_done = %(weeks)s, updated_at = %(now)s "
                "WHERE workspace_id = %(ws)s AND id = %(id)s AND state = 'running'",
                {"ws": workspace_id, "id": backtest_id, "weeks": max(0, weeks), "now": clock.now()},
            )
        )


@dataclass(slots=True)
class _Collected:
    """The cases of one model so far, as columns by week, and where each account's maturity stands."""

    definition: Definition
    weeks: list[tuple[npt.NDArray[Any], ...]] = field(default_factory=list)
    levels: npt.NDArray[np.int8] | None = None
    resets: npt.NDArray[np.int32] | None = None

    def add(self, week: Week, accounts: npt.NDArray[np.uint64], *, counts: bool) -> None:
        """Take in a week; one that does not count only lets maturity climb."""
        places = np.searchsorted(accounts, week["id"]).astype(np.int32)
        tenths = week["tenths"].astype(np.int16)
        if self.definition.maturity is not None:
            tenths = self._with_maturity(week, places, len(accounts))
        if counts:
            flags = week["event"].astype(bool), week["due"].astype(bool), week["phase"].astype(np.int8)
            self.weeks.append((places, tenths, *flags))

    def _with_maturity(self, week: Week, places: npt.NDArray[np.int32], accounts: int) -> npt.NDArray[np.int16]:
        """The scores on the levels that the accounts had reached; the same steps as those of live scores."""
        maturity = self.definition.maturity
        assert maturity is not None
        if self.levels is None or self.resets is None:
            self.levels, self.resets = np.ones(accounts, np.int8), np.full(accounts, -1, np.int32)
        levels, reset = self.levels[places], week["reset"].astype(np.int32)
        levels = np.where(reset > self.resets[places], np.minimum(levels, RESET_LEVEL), levels)
        highest = np.where(week["unconfirmed"] == 1, RESET_LEVEL, LEVELS)
        levels = levels + ((week["shown"] > levels) & (levels < highest))
        self.levels[places], self.resets[places] = levels, reset
        worth = np.array(
            [
                [round(1000 * cell_of(maturity, level, state) / HIGHEST_CELL) for state in range(1, LEVELS + 1)]
                for level in range(1, LEVELS + 1)
            ],
            np.int16,
        )
        return np.where(week["recent"] < 0, UNSCORED, worth[levels - 1, np.maximum(week["state"], 1) - 1])

    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """All weeks together: account, tenths, event, due, phase."""
        kinds = (np.int32, np.int16, np.bool_, np.bool_, np.int8)
        if not self.weeks:
            return tuple(np.empty(0, kind) for kind in kinds)
        return tuple(np.concatenate([week[place] for week in self.weeks]) for place in range(len(kinds)))


def _report(task: _Task, collected: Sequence[_Collected]) -> dict[str, Any]:
    """The figures of the model and of the active one, on the same cases."""
    seed = task.seed
    own, *others = [each.columns() for each in collected]
    account, tenths, event, due, phase = own
    cases, bands = Cases(account, tenths, event), task.models[0].definition.bands
    report: dict[str, Any] = {
        "label": task.wanted.label.value,
        "horizon_days": task.wanted.horizon_days,
        "first_week": task.moments[task.warm_up].as_of.isoformat(),
        "last_week": task.moments[-1].as_of.isoformat(),
        "backfilled_share": task.backfilled,
        "components_without_past": [
            component.key
            for component in task.models[0].definition.components
            if SOURCES[component.source].known_by is KnownBy.now
        ],
        "model": evidence.figures(cases, bands, seed),
        "renewals_due": evidence.figures(cases.only(due), bands, seed),
        "by_phase": {
            name: evidence.figures(cases.only(phase == number), bands, seed)
            for number, name in enumerate(PHASES, 1)
            if (phase == number).any()
        },
        "by_segment": {
            name: evidence.figures(cases.only(among[account]), bands, seed)
            for name, among in task.segments.items()
            if among[account].any()
        },
        "same_cases": None,
        "active": None,
    }
    for other in others:
        # Only what both have scored: a model must not look better by keeping silent about the difficult ones.
        both = (tenths != UNSCORED) & (other[1] != UNSCORED)
        report["same_cases"] = evidence.figures(cases.only(both), bands, seed)
        rival = Cases(account, other[1], event).only(both)
        report["active"] = evidence.figures(rival, task.models[1].definition.bands, seed)
    return report
