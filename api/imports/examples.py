"""Examples of imports, in Japanese and English: the first of a body is what the reference shows first."""

from typing import Final

from pydantic.config import JsonDict, JsonValue

from api.kit.schemas import RECORD_EXAMPLE, Examples

_JA: Final[JsonDict] = {"顧客ID": "external_id", "会社名": "name", "業種": "industry", "ランク": "custom.tier"}
_EN: Final[JsonDict] = {"id": "external_id", "company": "name", "industry": "industry", "tier": "custom.tier"}


def _read(filename: str, mapping: JsonDict, samples: list[list[str]]) -> JsonDict:
    columns: list[JsonValue] = [
        {"name": name, "samples": list(values), "suggested_target": target}
        for (name, target), values in zip(mapping.items(), samples, strict=True)
    ]
    return {
        **RECORD_EXAMPLE,
        "resource": "accounts",
        "filename": filename,
        "state": "done",
        "dry_run": False,
        "known_at": "fact_date",
        "mapping_id": None,
        "format": "csv",
        "encoding": "utf-8-sig",
        "delimiter": ",",
        "size_bytes": 48213,
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "columns": columns,
        "mapping": mapping,
        "started_at": "2026-04-20T05:10:02.118000Z",
        "finished_at": "2026-04-20T05:12:41.903000Z",
        "failure": None,
        "bytes_done": 48213,
        "rows_done": 500,
        "rows_total": 500,
        "rows_created": 480,
        "rows_updated": 12,
        "rows_unchanged": 6,
        "rows_failed": 2,
    }


IMPORT_CREATE: Final[Examples] = [
    {"resource": "accounts", "filename": "顧客一覧.csv", "encoding": "shift_jis"},
    {"resource": "accounts", "filename": "customers.csv", "mapping": _EN, "dry_run": True},
]
IMPORT_START: Final[Examples] = [{"mapping": _JA}, {"mapping": _EN, "dry_run": False}]
IMPORT_READ: Final[Examples] = [
    _read("顧客一覧.csv", _JA, [["crm-1042"], ["株式会社さくら物流"], ["物流"], ["gold"]]),
    _read("customers.csv", _EN, [["crm-1042"], ["Harbor Analytics"], ["Software"], ["gold"]]),
]
_ROW: Final[JsonDict] = {
    "id": "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e",
    "number": 17,
    "status": "failed",
    "key": "crm-1043",
    "row_id": None,
}
IMPORT_ROW_READ: Final[Examples] = [
    {**_ROW, "errors": [{"pointer": "/name", "code": "missing", "detail": "必須です"}]},
    {**_ROW, "errors": [{"pointer": "/name", "code": "missing", "detail": "Required"}]},
]
IMPORT_MAPPING_CREATE: Final[Examples] = [
    {"name": "基幹システムの顧客一覧", "resource": "accounts", "mapping": _JA},
    {"name": "CRM export", "resource": "accounts", "mapping": _EN},
]
IMPORT_MAPPING_UPDATE: Final[Examples] = [{"name": "顧客一覧"}, {"mapping": _EN}]
IMPORT_MAPPING_READ: Final[Examples] = [
    {**RECORD_EXAMPLE, "name": "基幹システムの顧客一覧", "resource": "accounts", "mapping": _JA},
    {**RECORD_EXAMPLE, "name": "CRM export", "resource": "accounts", "mapping": _EN},
]
