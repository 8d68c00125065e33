"""The newest migration, found without importing Alembic."""

from pathlib import Path
from typing import Final

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations" / "versions"


def newest_migration() -> str:
    """The revision of the newest migration file."""
    newest = max(MIGRATIONS.glob("*.py"), key=lambda path: path.name).read_text()
    return next(line.split('"')[1] for line in newest.splitlines() if line.startswith("revision = "))
