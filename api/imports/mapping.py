"""Which column goes into which field: suggestions by name, and the check of what was chosen."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from api.imports.importable import KNOWN_AT, Importable
from api.imports.targets import TARGETS
from api.kit.custom_fields import CustomField, declared_fields
from api.kit.db import Tx
from api.kit.errors import pointer
from api.kit.known_at import KnownAt
from api.kit.problems import FieldError, invalid

CUSTOM: Final = "custom."
_SEVERAL: Final = frozenset({"tags"})


def known_target(name: str) -> Importable:
    """The resource that imports call ``name``; the problem ``invalid_input`` when none is."""
    if name in TARGETS:
        return TARGETS[name]
    choices = ", ".join(TARGETS)
    raise invalid(
        FieldError("/resource", "not_allowed", f"Must be one of: {choices}", f"次のいずれかにしてください: {choices}")
    )


def check_known_at(target: Importable, known_at: KnownAt) -> None:
    """Refuse a column of moments for what has none."""
    if known_at is KnownAt.column and target.known is None:
        told = (f"{target.name} are not facts of a day", f"{target.name} は日付のある事実ではありません")
        raise invalid(FieldError("/known_at", "not_allowed", *told))


async def custom_fields(tx: Tx, target: Importable) -> dict[str, CustomField]:
    """The declared custom fields of what is imported, by key."""
    return {} if target.custom is None else await declared_fields(tx, target.custom)


def suggestions(
    target: Importable, columns: Sequence[str], declared: Mapping[str, CustomField], *, dated: bool
) -> dict[str, str]:
    """The field that each column's name points to, each field at most once.

    ``dated`` imports have a column that says when a row became known.
    """
    fields: dict[str, str] = {}
    for key, custom in declared.items():
        for text in (key, custom.label, f"{CUSTOM}{key}"):
            fields.setdefault(_normal(text), f"{CUSTOM}{key}")
    for name, synonyms in target.synonyms.items():
        for synonym in synonyms:
            fields[_normal(synonym)] = name
    fields |= {_normal(name): name for name in target.targets}
    if not dated:
        fields = {name: each for name, each in fields.items() if each != KNOWN_AT}
    found: dict[str, str] = {}
    # A column that has the field's own name comes before one that has a synonym.
    for column in sorted(columns, key=lambda column: column not in {*target.targets, *target.exported}):
        field = target.exported[column] if column in target.exported else fields.get(_normal(column))
        if field is not None and field not in found.values():
            found[column] = field
    return {column: found[column] for column in columns if column in found}


def _normal(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def check_targets(target: Importable, mapping: Mapping[str, str]) -> None:
    """Refuse fields that the resource does not have, and two columns for one field."""
    errors = []
    seen: dict[str, str] = {}
    for column, field in mapping.items():
        if not field.startswith(CUSTOM) and field not in target.targets:
            errors.append(_unknown_target(column, field, target))
        elif field in seen and field not in _SEVERAL:
            errors.append(
                _error(
                    column, "repeated_target",
                    f"Column `{seen[field]}` is mapped to `{field}` already; only tags take several",
                    f"`{field}` には列 `{seen[field]}` が割り当て済みです。複数の列を使えるのは tags だけです",
                )
            )  # fmt: skip
        seen[field] = column
    if errors:
        raise invalid(*errors)


def check_mapping(
    target: Importable,
    mapping: Mapping[str, str],
    columns: Sequence[str],
    declared: Mapping[str, CustomField],
    known_at: KnownAt,
) -> None:
    """Refuse a mapping that does not fit the file, the workspace or the import, or that leaves out what it needs."""
    check_targets(target, mapping)
    errors = [
        _error(column, "unknown_column", "The file has no such column", "ファイルにこの列はありません")
        for column in mapping
        if column not in columns
    ]
    errors += [
        _unknown_target(column, field, target, declared)
        for column, field in mapping.items()
        if field.startswith(CUSTOM) and field.removeprefix(CUSTOM) not in declared
    ]
    if known_at is KnownAt.column and KNOWN_AT not in mapping.values():
        errors.append(
            FieldError(
                "/mapping", "missing",
                f"Map the column that says when a row became known to `{KNOWN_AT}`",
                f"各行がいつ判明したかを示す列を `{KNOWN_AT}` に割り当ててください",
            )
        )  # fmt: skip
    errors += [
        _error(
            column, "not_allowed",
            "The import takes this from no column; create it with `known_at: column`",
            "このインポートは列から読み取りません。`known_at: column` で作成してください",
        )
        for column, field in mapping.items()
        if field == KNOWN_AT and known_at is not KnownAt.column
    ]  # fmt: skip
    if target.key not in mapping.values():
        errors.append(
            FieldError(
                "/mapping", "missing",
                f"Map one column to `{target.key}`, which says whether a record is there already",
                f"列を 1 つ `{target.key}` に割り当ててください。既存のデータかどうかの判定に使います",
            )
        )  # fmt: skip
    if errors:
        raise invalid(*errors)


def _unknown_target(
    column: str, field: str, target: Importable, declared: Mapping[str, CustomField] | None = None
) -> FieldError:
    custom = "custom.<key>" if declared is None else ", ".join(f"{CUSTOM}{key}" for key in declared)
    choices = ", ".join(filter(None, [*target.targets, custom if target.custom else ""]))
    return _error(
        column, "unknown_target",
        f"`{field}` is no field of {target.name}. There are: {choices}",
        f"`{field}` は {target.name} の項目ではありません。項目: {choices}",
    )  # fmt: skip


def _error(column: str, code: str, en: str, ja: str) -> FieldError:
    return FieldError("/mapping" + pointer((column,)), code, en, ja)
