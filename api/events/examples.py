"""Examples of the change feed: the first of a body is what the reference shows first."""

from typing import Final

from api.kit.schemas import Examples

EVENT_READ: Final[Examples] = [
    {
        "id": "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e",
        "position": 4211,
        "type": "account.updated",
        "resource": "account",
        "resource_id": "01966f3b-1d20-7f0e-9d37-5a1c44b0e2aa",
        "data": {"fields": ["name"], "version": 3},
        "actor_kind": "user",
        "actor_id": "01966f30-aa10-7d43-b1c8-7b0a3f5de611",
        "origin": "crm-sync",
        "request_id": "01966f3c-7a7f-7b02-9c60-3f1e8f3f0c55",
        "occurred_at": "2026-04-01T00:30:00.000000Z",
    }
]
