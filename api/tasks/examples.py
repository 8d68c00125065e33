"""Examples of tasks, in Japanese and English."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ACCOUNT_ID: Final = "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"
_OWNER_ID: Final = "0199c2f0-6a00-7b11-8c33-0d4e5f607182"
_CHECKER_ID: Final = "0199c2f0-6a00-7b11-8c33-0d4e5f607199"
_CALL_JA: Final[JsonDict] = {
    "account_id": _ACCOUNT_ID,
    "title": "更新前の利用状況を先方の部長に説明する",
    "detail": "解約予告期限の 60 日前。利用率が下がった部門の活用案も持っていく。",
    "role": "csm",
    "due_on": "2026-12-04",
    "priority": "high",
}
_BULK_MAIL_EN: Final[JsonDict] = {
    "account_id": _ACCOUNT_ID,
    "title": "Send the migration guide to all users",
    "detail": "A second person reads the recipients and the text before it goes out.",
    "owner_id": _OWNER_ID,
    "due_at": "2026-12-04T09:00:00.000000Z",
    "sla_minutes": 2880,
    "needs_check": True,
}
_READ: Final[JsonDict] = {
    **RECORD_EXAMPLE,
    "origin": {"kind": "manual", "id": None},
    "owner_id": _OWNER_ID,
    "role": None,
    "due_at": None,
    "sla_minutes": None,
    "priority": "normal",
    "state": "open",
    "overdue": False,
    "sla_met": None,
    "needs_check": False,
    "outcome": None,
    "outcome_note": None,
    "completed_at": None,
    "completed_by": None,
    "checked_at": None,
    "checked_by": None,
    "check_note": None,
}

TASK_READ: Final[Examples] = [
    {**_READ, **_CALL_JA},
    {
        **_READ,
        **_BULK_MAIL_EN,
        "due_on": "2026-12-04",
        "state": "done",
        "sla_met": True,
        "outcome": "succeeded",
        "outcome_note": "Sent to 412 users",
        "completed_at": "2026-12-03T02:10:00.000000Z",
        "completed_by": _OWNER_ID,
        "checked_at": "2026-12-03T03:00:00.000000Z",
        "checked_by": _CHECKER_ID,
        "check_note": "Recipients compared with the contract",
    },
]
TASK_CREATE: Final[Examples] = [_CALL_JA, _BULK_MAIL_EN]
TASK_UPDATE: Final[Examples] = [{"state": "in_progress", "due_on": "2026-12-11"}, {"priority": "urgent"}]
TASK_COMPLETE: Final[Examples] = [
    {"outcome": "succeeded", "note": "部長と合意。来月から全店で利用する"},
    {"outcome": "unreachable", "note": "Called three times"},
]
TASK_CHECK: Final[Examples] = [
    {"approved": True},
    {"approved": False, "note": "宛先に退職者が含まれています"},
    {"approved": False, "note": "The link leads to last year's guide"},
]
