"""The migrations this code knows, found without importing Alembic."""

import re
from pathlib import Path
from typing import Final

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations" / "versions"


def newest_migration() -> str:
    """The revision of the newest migration file."""
    return _known()[-1]


def is_behind(revision: str | None) -> bool:
    """Whether a database at ``revision`` lacks migrations of ours.

    A revision that we do not know was made by newer code: during a rolling upgrade the old processes go on.
    """
    return revision is None or revision in _known()[:-1]


def _known() -> list[str]:
    return [_revision(path) for path in sorted(MIGRATIONS.glob("*.py"), key=lambda path: path.name)]


def _revision(path: Path) -> str:
    if found := re.search(r"""^revision = ["'](\w+)["']""", path.read_text(), re.MULTILINE):
        return found.group(1)
    raise ValueError(f"{path.name} names no revision")
