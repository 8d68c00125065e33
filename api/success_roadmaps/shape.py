"""Which trees of goals there can be: pure."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Final, Generic, NamedTuple, TypeVar

from api.kit.problems import FieldError
from api.success_roadmaps.models import GoalLevel

K = TypeVar("K", bound=Hashable)

_HEIGHT: Final = {GoalLevel.company: 3, GoalLevel.department: 2, GoalLevel.project: 1}
NOT_ABOVE: Final = (
    "level_order",
    "A parent is of a higher level: company, department, project",
    "親の目標は上位の階層（全社・部門・プロジェクト）にしてください",
)
NO_SUCH: Final = ("reference_not_found", "The roadmap has no such part", "このロードマップに該当する項目がありません")


class Placed(NamedTuple, Generic[K]):
    """A goal's level and parent."""

    level: GoalLevel
    parent: K | None


def misplaced(goals: Mapping[K, Placed[K]]) -> Iterator[K]:
    """The goals whose parent is not there, or is not above them. None: the tree has no cycle and three levels at most."""
    for key, (level, parent) in goals.items():
        if parent is not None and not _is_above(goals.get(parent), level):
            yield key


def _is_above(parent: Placed[K] | None, level: GoalLevel) -> bool:
    return parent is not None and _HEIGHT[parent.level] > _HEIGHT[level]


def below(goals: Mapping[K, Placed[K]], top: K) -> set[K]:
    """The goals below a goal."""
    found: set[K] = set()
    waiting = {top}
    while waiting:
        waiting = {key for key, placed in goals.items() if placed.parent in waiting} - found
        found |= waiting
    return found


def wrong(pointer: str, told: tuple[str, str, str]) -> FieldError:
    """One of the mistakes above at a place of a body."""
    return FieldError(pointer, *told)
