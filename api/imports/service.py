"""What one can do with imports and saved mappings."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from api.imports import jobs
from api.imports.importable import Importable
from api.imports.mapping import check_known_at, check_mapping, check_targets, custom_fields, known_target
from api.imports.models import Import, ImportMapping, ImportState
from api.imports.resource import IMPORT_MAPPINGS, IMPORTS
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.kit.problems import FORBIDDEN, NOT_FOUND, FieldError, invalid, preferred_language, problem_type

NOT_READY = problem_type(
    "import_not_ready",
    409,
    en=(
        "Import not ready",
        "The import is `{state}`; only one that is `ready`, after its file was uploaded, can start.",
    ),
    ja=(
        "インポートを開始できません",
        "インポートは `{state}` です。ファイルのアップロード後の `ready` のときだけ開始できます。",
    ),
)
ENDED = problem_type(
    "import_ended",
    409,
    en=("Import has ended", "The import is `{state}` already."),
    ja=("インポートは終了しています", "インポートはすでに `{state}` です。"),
)


def require_scope(tx: Tx, target: Importable) -> None:
    """Refuse a caller who may import, but not write what is imported."""
    if not tx.actor.may(target.scope):
        raise FORBIDDEN(scope=target.scope)


async def create_import(tx: Tx, values: Mapping[str, Any]) -> Import:
    """Prepare an import; its file follows."""
    values = dict(values)
    target = known_target(values["resource"])
    require_scope(tx, target)
    check_known_at(target, KnownAt(values.get("known_at", KnownAt.fact_date)))
    chosen = {name: values.pop(name, None) for name in ("format", "encoding", "mapping")}
    if values.get("mapping_id") is not None:
        chosen["mapping"] = await _saved(tx, values["mapping_id"], target, given=chosen["mapping"])
    mapping = chosen["mapping"] or {}
    check_targets(target, mapping)
    return await write.create(tx, IMPORTS, Import, {**values, "mapping": mapping, "chosen": chosen})


async def _saved(tx: Tx, mapping_id: UUID, target: Importable, *, given: Mapping[str, str] | None) -> dict[str, str]:
    saved = await tx.session.scalar(
        select(ImportMapping).where(
            col(ImportMapping.workspace_id) == tx.workspace_id,
            col(ImportMapping.id) == mapping_id,
            col(ImportMapping.archived_at).is_(None),
        )
    )
    if saved is None:
        text = ("There is no such record", "該当するデータがありません")
        raise invalid(FieldError("/mapping_id", "reference_not_found", *text))
    if given:
        text = ("Send either a mapping or a saved one", "マッピングと保存済みマッピングはどちらか一方にしてください")
        raise invalid(FieldError("/mapping_id", "not_allowed", *text))
    if saved.resource != target.name:
        text = (f"It maps {saved.resource}", f"{saved.resource} のマッピングです")
        raise invalid(FieldError("/mapping_id", "not_allowed", *text))
    return dict(saved.mapping)


async def start_import(tx: Tx, import_id: UUID, values: Mapping[str, Any]) -> None:
    """Let the worker bring the rows in."""
    row = await write.lock(tx, IMPORTS, Import, import_id)
    target = known_target(row.resource)
    require_scope(tx, target)
    if row.state != ImportState.ready:
        raise NOT_READY(state=row.state)
    mapping = values.get("mapping", row.mapping)
    columns = [column["name"] for column in row.columns]
    check_mapping(target, mapping, columns, await custom_fields(tx, target), KnownAt(row.known_at))
    assert tx.request is not None
    started = {
        "state": ImportState.running.value,
        "mapping": mapping,
        "dry_run": values.get("dry_run", row.dry_run),
        "language": preferred_language(tx.request.headers.get("accept-language")).value,
        "started_by_kind": tx.actor.kind.value,
        "started_by_id": tx.actor.id,
        "started_at": clock.now(),
        "progressed_at": clock.now(),
    }
    await write.change(tx, IMPORTS, row, started, action="started", announce={"resource": row.resource})
    await jobs.defer_run(tx, import_id)


async def cancel_import(tx: Tx, import_id: UUID) -> None:
    """End an import. One that runs stops before its next batch; rows that were done stay done."""
    row = await write.lock(tx, IMPORTS, Import, import_id)
    require_scope(tx, known_target(row.resource))
    if row.state not in {ImportState.waiting_for_file, ImportState.ready, ImportState.running}:
        raise ENDED(state=row.state)
    ended = {"state": ImportState.cancelled.value, "finished_at": clock.now()}
    await write.change(tx, IMPORTS, row, ended, action="cancelled", announce={"resource": row.resource})


async def columns_of(tx: Tx, import_id: UUID) -> list[str]:
    """The columns of an import's file; ``not_found`` when the caller cannot see the import."""
    rows = await tx.fetch(
        "SELECT columns FROM imports WHERE workspace_id = %s AND id = %s", [tx.workspace_id, import_id]
    )
    if not rows:
        raise NOT_FOUND(what=IMPORTS.name)
    return [column["name"] for column in rows[0][0]]


async def create_mapping(tx: Tx, values: Mapping[str, Any]) -> ImportMapping:
    """Keep a mapping under a name."""
    check_targets(known_target(values["resource"]), values["mapping"])
    return await write.create(tx, IMPORT_MAPPINGS, ImportMapping, values)


async def update_mapping(tx: Tx, mapping_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a saved mapping; imports that used it keep what they had."""
    row = await write.lock(tx, IMPORT_MAPPINGS, ImportMapping, mapping_id, version=version)
    if "mapping" in values:
        check_targets(known_target(row.resource), values["mapping"])
    await write.change(tx, IMPORT_MAPPINGS, row, values)


async def archive_mapping(tx: Tx, mapping_id: UUID, version: int) -> None:
    """Take a saved mapping out of lists."""
    await write.archive(tx, IMPORT_MAPPINGS, ImportMapping, mapping_id, version)


async def restore_mapping(tx: Tx, mapping_id: UUID) -> None:
    """Bring an archived mapping back."""
    await write.restore(tx, IMPORT_MAPPINGS, ImportMapping, mapping_id)
