"""What it takes to bring records in by a file."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from api.kit.bulk import ItemResult
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.kit.resources import Resource
from api.kit.schemas import Input

Item = dict[str, Any]


KNOWN_AT: Final = "known_at"
"""The field of the moment when a row became known."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a loader may want to know beside the items."""

    import_id: UUID
    known_at: KnownAt


@dataclass(frozen=True, slots=True)
class Known:
    """That rows may say when they became known.

    Such an import gives each item a ``known_at``, a moment that is not in the future: the loader takes it as when the
    fact was recorded, and marks the fact as backfilled.

    Attributes:
        not_before: The field of the day before which a fact cannot be known, such as that of a measurement. None for
            what is agreed on beforehand, such as a contract.
    """

    not_before: str | None = None


Load = Callable[[Tx, Sequence[Item], Options], Awaitable[list[ItemResult]]]


@dataclass(frozen=True, eq=False)
class Importable:
    """A resource whose records can be brought in by a file.

    Attributes:
        name: How imports name it: the resource's path.
        scope: What the caller must hold beside ``imports:write``.
        item: The shape of an item; its fields are what columns can be mapped to, their types convert the cells.
        load: Writes items and says what became of each, in their order. It is called in a transaction for a batch
            of items, and again with fewer when it raises a problem.
        key: The field that must be mapped, and that reports name a row by.
        custom: The resource whose custom fields are fields too.
        without: Fields of the item that no column can fill.
        synonyms: Other names of the fields, for suggestions.
        batch: How many rows are brought in at once.
        exported: Columns of our own exports by their exact names, with the field of each, or None where it has none.
        joins: Whether rows with the same key that follow one another are one record. The loader gets them together,
            and refuses all of them for one.
        known: How rows say when they became known, if they may.
    """

    name: str
    scope: str
    item: type[Input]
    load: Load
    key: str = "external_id"
    custom: Resource | None = None
    without: frozenset[str] = frozenset({"custom"})
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    batch: int = 1000
    exported: Mapping[str, str | None] = field(default_factory=dict)
    joins: bool = False
    known: Known | None = None

    @property
    def targets(self) -> list[str]:
        """The fields that a column can be mapped to, custom ones aside."""
        fields = [name for name in self.item.model_fields if name not in self.without]
        return fields if self.known is None else [*fields, KNOWN_AT]
