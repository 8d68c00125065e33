"""Many checks in one test: each fails by itself and says which it is, and the rest goes on."""

from collections.abc import Iterator
from contextlib import contextmanager


class Cells:
    """The checks of one test, and what failed."""

    def __init__(self) -> None:
        self._failed: list[tuple[str, Exception]] = []

    @contextmanager
    def cell(self, name: object) -> Iterator[None]:
        """One check; an error inside is kept for the end of the test."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - told at the end, with its traceback
            error.add_note(f"in the cell: {name}")
            self._failed.append((str(name), error))

    def tell(self) -> None:
        """Fail with every check that failed.

        Raises:
            ExceptionGroup: Of their errors; its message names their cells.
        """
        if self._failed:
            names = ", ".join(dict.fromkeys(name for name, _ in self._failed))
            raise ExceptionGroup(f"failing cells: {names}", [error for _, error in self._failed])


@contextmanager
def cells() -> Iterator[Cells]:
    """Checks that are told together at the end of the block; an error outside of them ends the block."""
    checks = Cells()
    with checks.cell("the rest of the test"):
        yield checks
    checks.tell()
