"""Imports, their rows and saved mappings as resources: what a list can show and sort."""

from typing import Final

import sqlalchemy as sa
from sqlmodel import col

from api.imports.models import Import, ImportMapping, ImportRow
from api.kit.resources import Resource

IMPORTS: Final = Resource(
    "import",
    Import,
    sorts={"created_at": col(Import.created_at)},
    default_sort="-created_at",
)
IMPORT_ROWS: Final = Resource(
    "import_row",
    ImportRow,
    sorts={"number": col(ImportRow.number)},
    filters={"import_id": lambda value: col(ImportRow.import_id) == sa.cast(value, sa.Uuid)},
)
IMPORT_MAPPINGS: Final = Resource("import_mapping", ImportMapping, sorts={"name": col(ImportMapping.name)})
