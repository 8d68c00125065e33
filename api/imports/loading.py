"""Gives items to a loader so that one bad item does not take the others with it."""

from collections.abc import Sequence

import psycopg
from sqlalchemy.exc import DBAPIError

from api.imports.importable import Importable, Item, Options
from api.kit.bulk import ItemResult
from api.kit.db import Tx
from api.kit.errors import database_problem
from api.kit.problems import FieldError, Problem, invalid


class _UndoneError(Exception):
    def __init__(self, results: list[ItemResult]) -> None:
        super().__init__()
        self.results = results


async def load(tx: Tx, target: Importable, items: Sequence[Item], options: Options, *, undo: bool) -> list[ItemResult]:
    """What became of the items; with ``undo`` what would have, and nothing is written."""
    if not items:
        return []
    try:
        async with tx.attempt():
            results = await target.load(tx, items, options)
            if undo:
                raise _UndoneError(results)  # noqa: TRY301 - what undoes it is that the block raises
            return results
    except _UndoneError as undone:
        return undone.results
    except (Problem, DBAPIError, psycopg.Error) as error:
        problem = _about_an_item(error)
        if problem is None:
            raise
    half = _middle(target, items)
    if half is None:
        return [_failed(place, problem) for place in range(len(items))]
    return [
        *await load(tx, target, items[:half], options, undo=undo),
        *await load(tx, target, items[half:], options, undo=undo),
    ]


def _middle(target: Importable, items: Sequence[Item]) -> int | None:
    """Where to part the items so that no record is; None when they are one."""
    ends = [
        place
        for place in range(1, len(items))
        if not (target.joins and items[place][target.key] == items[place - 1][target.key])
    ]
    return min(ends, key=lambda place: abs(place - len(items) // 2), default=None)


def _failed(place: int, problem: Problem) -> ItemResult:
    result = ItemResult(place, None)
    result.fail(problem)
    return result


def _about_an_item(error: Exception) -> Problem | None:
    """The problem, if what was given is to blame rather than the moment or the program."""
    if isinstance(error, DBAPIError) and isinstance(error.orig, psycopg.Error):
        error = error.orig
    if isinstance(error, psycopg.DataError):
        text = ("The database refuses a value", "データベースが値を受け付けません")
        return invalid(FieldError("", "invalid_format", *text))
    problem = database_problem(error) if isinstance(error, psycopg.IntegrityError) else error
    return problem if isinstance(problem, Problem) and problem.type.status < 500 else None
