"""The statement says what the definition says."""

import datetime as dt
import random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from api.health_scores import statement
from api.health_scores.definition import Definition
from api.health_scores.moments import Moment, Question
from api.health_scores.scoring import Missing, Reading, level_shown, next_level, score
from api.health_scores.sources import KnownBy, Source
from api.kit.tables import new_id
from tests.health_scores import random_models
from tests.health_scores.conftest import PULSE, Clinic
from tests.support.workspaces import WorkspaceForTest

AS_OF = dt.date(2026, 4, 19)
MOMENT = Moment(AS_OF, dt.datetime(2026, 4, 20, tzinfo=dt.UTC), ZoneInfo("Asia/Tokyo"), {})
DEFINITIONS, ACCOUNTS = 40, 25


async def test_statement_equals_definition(workspace: WorkspaceForTest, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    scored = nothing = 0
    for _ in range(DEFINITIONS):
        known = random_models.definition(chance)
        accounts = {new_id(): random_models.readings(chance, known) for _ in range(ACCOUNTS)}
        standing = {
            account: (chance.randint(1, 5), chance.choice((None, AS_OF)), chance.random() < 0.3) for account in accounts
        }

        def select(
            question: Question, known: Definition = known, accounts: dict[UUID, tuple[Reading, ...]] = accounts
        ) -> str:
            place = known.component(question.component.key)
            observed = {Missing.stale: AS_OF - dt.timedelta(days=30)}
            rows = ", ".join(
                f"('{account}'::uuid, {10.0 if each.raw is None else each.raw!r}::float8, "
                f"'{observed.get(each.missing or Missing.no_data, AS_OF)}'::date, '{AS_OF}'::date)"
                for account, readings in accounts.items()
                for each in [readings[place]]
                if each.raw is not None or (each.missing is Missing.stale and question.component.freshness_days)
            )
            empty = "SELECT NULL::uuid AS account_id, NULL::float8 AS raw, NULL::date AS observed_on, NULL::date AS evidence_from"
            if not rows:
                return f"{empty} WHERE false"
            return f"SELECT * FROM (VALUES {rows}) AS said (account_id, raw, observed_on, evidence_from)"

        source = Source("", "", "", KnownBy.recorded, select)
        monkeypatch.setattr(statement, "SOURCES", dict.fromkeys(random_models.SOURCES, source))
        population = " UNION ALL ".join(
            f"SELECT '{account}'::uuid AS account_id, 'adoption' AS phase, {level} AS level, "
            f"nullif('{day}', 'None')::date AS evidence_from, {unconfirmed} AS unconfirmed"
            for account, (level, day, unconfirmed) in standing.items()
        )
        sql, parameters = statement.scored(known, population, MOMENT, steps=True)
        async with workspace.database.read(workspace.id) as tx:
            rows = await tx.fetch(
                f"{sql} SELECT account_id, score, band, recent, state, maturity, usable, raws, points, missing FROM scored",
                parameters,
            )
        assert len(rows) == ACCOUNTS
        for account, *found in rows:
            level, _, unconfirmed = standing[account]
            readings = tuple(
                Reading(None, Missing.no_data)
                if each.raw is None and not (each.missing is Missing.stale and component.freshness_days)
                else each
                for component, each in zip(known.components, accounts[account], strict=True)
            )
            reached = level
            if known.maturity is not None:
                shown = level_shown(known.maturity, [each.raw for each in readings], known)
                reached = next_level(level, shown, unconfirmed=unconfirmed)
            expected = score(known, readings, reached)
            scored, nothing = scored + (expected.score is not None), nothing + (expected.score is None)
            assert found == [
                expected.score,
                expected.band,
                expected.recent,
                expected.state,
                None if known.maturity is None else reached,
                expected.usable_weight,
                [each.raw for each in readings],
                list(expected.points),
                [each.missing for each in readings],
            ]
    assert scored > 500
    assert nothing > 50


async def test_the_plan_grows_with_the_definition_and_not_with_its_powers(clinic: Clinic) -> None:
    async def size(count: int) -> int:
        components = [
            {**PULSE, "key": f"k{place}", "breakpoints": [{"raw": n, "points": n} for n in range(count)]}
            for place in range(count)
        ]
        known = Definition.model_validate({
            "components": components,
            "bands": [{"key": f"b{place}", "min": place} for place in range(min(count, 7))],
            "maturity": {
                "levels": [{"level": 2, "criteria": [{"component": "k0", "min": 1}]}], "matrix": [[1.0] * 5] * 5
            },
        })  # fmt: skip
        population = "SELECT id AS account_id, 'adoption' AS phase, 1 AS level, NULL::date AS evidence_from, false AS unconfirmed FROM accounts"
        sql, parameters = statement.scored(known, population, MOMENT, steps=True)
        async with clinic.workspace.write() as tx:
            rows = await tx.fetch(
                f"EXPLAIN (VERBOSE) {sql} SELECT * FROM scored", {**parameters, "ws": clinic.workspace.id}
            )
        return sum(len(row[0]) for row in rows)

    # Four times as many components and breakpoints: sixteen times as many pieces.
    assert await size(12) < 20 * await size(3)
