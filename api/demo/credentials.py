"""``demo.json``: where the demo answers, and how to sign in to it."""

import json
import os
from pathlib import Path
from typing import Final
from uuid import UUID

WORKSPACE_IDS: Final = (
    UUID("01900000-0000-7000-8000-00000000de01"),
    UUID("01900000-0000-7000-8000-00000000de02"),
)
"""The ids of the demo's workspaces: always the same, so that what is there already can be recognised."""


def write_credentials(path: Path, content: object) -> None:
    """Write the file at once, readable by its owner only."""
    partial = path.with_name(f"{path.name}.part")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
        file.write("\n")
    partial.replace(path)
