"""Examples of exports, in Japanese and English: the first of a body is what the reference shows first."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

EXPORT_CREATE: Final[Examples] = [
    {
        "resource": "accounts",
        "format": "xlsx",
        "query": {"phase": ["renewal"], "custom": {"tier": ["gold"]}, "sort": "renewal_on"},
        "columns": ["external_id", "name", "mrr.amount", "mrr.currency", "custom.tier"],
        "filename": "今期の更新.xlsx",
    },
    {"resource": "accounts", "format": "csv", "query": {"phase": ["adoption"], "sort": "-mrr"}},
]
_DONE: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "resource": "accounts",
    "format": "csv",
    "query": {"phase": ["adoption"], "sort": "-mrr", "fields": ["external_id", "name"]},
    "columns": ["id", "external_id", "name"],
    "bom": True,
    "filename": "accounts-2026-04-20.csv",
    "state": "done",
    "rows": 412,
    "total_rows": 412,
    "size": 31804,
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "problem": None,
    "asked_by_kind": "user",
    "asked_by_id": "01966f30-aa10-7d43-b1c8-7b0a3f5de611",
    "finished_at": "2026-04-20T05:12:43.120000Z",
    "expires_at": "2026-04-27T05:12:43.120000Z",
}
EXPORT_READ: Final[Examples] = [{**_DONE, "filename": "定着フェーズ.csv"}, _DONE]
