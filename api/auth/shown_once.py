"""Answers that show a secret: once, to the caller who made it, and never again."""

from typing import Final
from uuid import UUID

import orjson
from starlette.responses import Response

from api.kit import answers
from api.kit.db import Tx
from api.kit.read import find
from api.kit.resources import Resource
from api.kit.schemas import Read

MARKER: Final = "(shown only once)"


async def created_with_secret(
    tx: Tx, resource: Resource, schema: type[Read], row_id: UUID, *, location: str, **secret: str
) -> Response:
    """201 with the record and its secret, given as the one field that ``schema`` has beyond the record's own.

    A replay of the request shows :data:`MARKER` in the secret's place.
    """
    (field,) = secret
    record_schema = schema.__base__
    assert record_schema is not None
    body, _ = await find(tx, resource, record_schema, row_id)
    record = orjson.loads(body)
    response = await answers.done(
        tx,
        schema.model_validate({**record, **secret}),
        status=201,
        location=f"{location}/{row_id}",
        stored=schema.model_validate({**record, field: MARKER}),
    )
    response.headers["Cache-Control"] = "no-store"
    return response
