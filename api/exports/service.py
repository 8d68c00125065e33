"""What one can do with exports."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from api.auth.service import workspace_today
from api.exports.columns import columns_of, nested_lists, row_per
from api.exports.jobs import make_export
from api.exports.models import Export, ExportFormat, ExportState
from api.exports.resource import EXPORTS, within_sight
from api.exports.schemas import ExportFile
from api.exports.sources import SOURCES, Source
from api.kit import clock, jobs, write
from api.kit.custom_fields import declared_fields
from api.kit.db import Tx
from api.kit.errors import field_error
from api.kit.problems import FORBIDDEN, INVALID, NOT_FOUND, FieldError, Language, Problem, invalid, problem_type
from api.kit.read import chosen, find, find_page
from api.kit.schemas import ListQuery, or_none

NOT_RUNNING = problem_type(
    "export_not_running",
    409,
    en=("Export not running", "The export is {state} already."),
    ja=("実行中ではありません", "このエクスポートはすでに {state} です。"),
)
NOT_DONE = problem_type(
    "export_not_done",
    409,
    en=("No file yet", "The export is {state}. Only one that is done has a file."),
    ja=("ファイルがありません", "このエクスポートは {state} です。done になるとファイルを取得できます。"),
)
EXPIRED = problem_type(
    "export_expired",
    410,
    en=("File no longer there", "The file was kept until {moment}. Ask for a new export."),
    ja=(
        "ファイルの保存期間が過ぎました",
        "ファイルは {moment} まで保存されていました。もう一度エクスポートしてください。",
    ),
)
_PAGING: Final = ("cursor", "include", "limit")


async def ask_for_export(tx: Tx, values: Mapping[str, Any], language: Language) -> Export:
    """Check what is asked for by the list's own rules, and have a job make it.

    ``language`` is the one in which a failure will be told.
    """
    source, format_ = SOURCES[values["resource"]], ExportFormat(values["format"])
    _refuse_without_scope(tx, source)
    query, per = checked_query(source, values.get("query", {})), values.get("one_row_per")
    if per is not None:
        _refuse_row_per(source, format_, per)
        query = query.model_copy(update={"expand": list(dict.fromkeys([*(or_none(query.expand) or ()), per]))})
    await _try(tx, source, query)
    if format_ is ExportFormat.jsonl and values.get("columns") is not None:
        raise invalid(
            FieldError(
                "/columns", "not_allowed", "JSON Lines has no columns; use `fields` in `query`",
                "JSON Lines に列はありません。`query` の `fields` を使ってください",
            )
        )  # fmt: skip
    columns = [] if format_ is ExportFormat.jsonl else await _columns(tx, source, query, values.get("columns"), per)
    export = await write.create(
        tx, EXPORTS, Export,
        {
            "resource": values["resource"],
            "format": format_.value,
            "query": query.model_dump(mode="json", exclude_unset=True),
            "columns": columns,
            "bom": values.get("bom", True),
            "filename": await _filename(tx, values, format_),
            "language": language.value,
            "asked_by_kind": tx.actor.kind.value,
            "asked_by_id": tx.actor.id,
        },
        announce={"exported": values["resource"], "format": format_.value},
    )  # fmt: skip
    await jobs.defer(tx, make_export, workspace_id=str(tx.workspace_id), export_id=str(export.id))
    return export


def _refuse_row_per(source: Source, format_: ExportFormat, per: str) -> None:
    """Refuse rows for what is no nested list, and for a format that nests."""
    if format_ is ExportFormat.jsonl:
        told = ("JSON Lines nests; use `expand` in `query`", "JSON Lines は入れ子です。`expand` を使ってください")
        raise invalid(FieldError("/one_row_per", "not_allowed", *told))
    if per not in nested_lists(source):
        choices = ", ".join(nested_lists(source)) or "-"
        told = (f"`{per}` is not one of: {choices}", f"`{per}` は次のいずれでもありません: {choices}")
        raise invalid(FieldError("/one_row_per", "unknown_name", *told))


def _refuse_without_scope(tx: Tx, source: Source) -> None:
    if not tx.actor.may(source.scope):
        raise FORBIDDEN(scope=source.scope)


def checked_query(source: Source, values: Mapping[str, Any]) -> ListQuery:
    """A list's query, checked by its own grammar."""
    if paging := [name for name in _PAGING if name in values]:
        english, japanese = "An export holds all pages", "エクスポートには全ページが入ります"
        raise invalid(*(FieldError(f"/query/{name}", "not_allowed", english, japanese) for name in paging))
    try:
        return source.query.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        known = source.query.model_fields
        raise invalid(
            *(field_error({**detail, "loc": ("body", "query", *detail["loc"])}, known=known) for detail in details)
        ) from error


async def _try(tx: Tx, source: Source, query: ListQuery) -> None:
    """Ask for one item, so that what only the list finds wrong is told now rather than by the job."""
    try:
        applied = await source.applied(tx, query.model_copy(update={"limit": 1}))
        await find_page(tx, source.resource, source.read, applied, where=source.where(tx))
    except Problem as problem:
        if problem.type is not INVALID:
            raise
        raise invalid(
            *(replace(error, pointer=f"/query/{error.pointer.removeprefix('?')}") for error in problem.errors)
        ) from problem


async def _columns(
    tx: Tx, source: Source, query: ListQuery, wanted: Sequence[str] | None, per: str | None
) -> list[str]:
    fields, expand = chosen(source.resource, source.read, query)
    declared = sorted(await declared_fields(tx, source.resource)) if source.resource.custom_fields else []
    known = columns_of(source, fields, expand, declared, per)
    if wanted is None:
        return list(known)
    choices = ", ".join(known)
    errors = [
        FieldError(
            f"/columns/{place}",
            "unknown_name",
            f"`{name[:60]}` is not one of: {choices}",
            f"`{name[:60]}` は次のいずれでもありません: {choices}",
        )
        for place, name in enumerate(wanted)
        if name not in known
    ]
    if errors:
        raise invalid(*errors)
    if per is not None and row_per(source, wanted) is None:
        told = (f"Name a column of `{per}`", f"`{per}` の列を 1 つ以上指定してください")
        raise invalid(FieldError("/columns", "missing", *told))
    return list(dict.fromkeys(wanted))


async def _filename(tx: Tx, values: Mapping[str, Any], format_: ExportFormat) -> str:
    ending = f".{format_.value}"
    name: str = values.get("filename") or f"{values['resource']}-{await workspace_today(tx)}"
    if any(mark in name for mark in "/\\"):
        raise invalid(FieldError("/filename", "not_allowed", "A name without folders", "フォルダーは指定できません"))
    return name if name.lower().endswith(ending) else name + ending


async def cancel_export(tx: Tx, export_id: UUID) -> None:
    """End a running export; its job notices within a second or so, and leaves no file."""
    export = await write.lock(tx, EXPORTS, Export, export_id)
    if any(getattr(export, name) != value for name, value in within_sight(tx).items()):
        raise NOT_FOUND(what=EXPORTS.name)
    if export.state != ExportState.running:
        raise NOT_RUNNING(state=export.state)
    values = {"state": ExportState.cancelled.value, "finished_at": clock.now()}
    await write.change(tx, EXPORTS, export, values, action="cancelled")


async def file_of(tx: Tx, export_id: UUID) -> ExportFile:
    """The file of an export that is done, for whoever may read the list as well."""
    body, _ = await find(tx, EXPORTS, ExportFile, export_id, where=within_sight(tx))
    file = ExportFile.model_validate_json(body)
    _refuse_without_scope(tx, SOURCES[file.resource])
    if file.state is not ExportState.done:
        raise NOT_DONE(state=file.state.value)
    assert file.expires_at is not None
    if file.expires_at <= clock.now():
        raise EXPIRED(moment=file.expires_at.isoformat(timespec="seconds"))
    return file
