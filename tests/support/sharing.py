"""How xdist's workers share the tests: by what their tests have in common, the longest first."""

import re
from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

_MATRICES: Final = "tests/whole_api/"
# Roles belong to a whole server: migrations of two databases at once wait for one another.
_MIGRATING: Final = ("tests/migrations/", "tests/test_cli.py", "tests/test_operations.py")
_LONGEST: Final = ("tests/test_serve.py", _MATRICES, "tests/migrations/", "tests/kit/postgres/", "tests/journeys/")


class ByWhatTheyShare(LoadScopeScheduling):  # type: ignore[misc]
    """A worker takes whole files, and of the matrices half of the operations with all of their tests.

    What the first test prepares (models, statements, plans) is then there for the others.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path.startswith(_MIGRATING):
            return "migrations"
        operation = re.search(r"(\w+)\]$", nodeid)
        if path.startswith(_MATRICES) and operation:
            return f"operations {sum(operation[1].encode()) % 2}"
        return path


def longest_first(items: list[pytest.Item]) -> None:
    """Put what takes long before the rest: short tests fill what is left of the last worker's time."""

    def turn(item: pytest.Item) -> int:
        return next((turn for turn, path in enumerate(_LONGEST) if item.nodeid.startswith(path)), len(_LONGEST))

    items.sort(key=turn)
