"""Measurements by the item, each with its own result: from bodies of JSON and from rows of files."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from pydantic import ConfigDict, Field, ValidationError, model_validator

from api.auth.service import workspace_today
from api.kit.bulk import ItemResult, good, refusal
from api.kit.bulk_schemas import BulkStatus
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.kit.problems import FieldError, Problem, invalid
from api.kit.schemas import Day, ExternalId, Input, Key, refused, shown
from api.usage import examples
from api.usage.calendar import accepted_days
from api.usage.ingest import Ingest, copied

MOST: Final = 1e15
MeasuredValue = Annotated[float, Field(strict=True, ge=-MOST, le=MOST, allow_inf_nan=False)]


class MeasurementItem(Input):
    """What an account did on a day, by one metric."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MEASUREMENT))

    account_id: UUID | None = Field(default=None, description="The account by our id.")
    account_external_id: ExternalId | None = Field(default=None, description="Or by yours.")
    metric: Key = Field(description="The key of the metric.")
    day: Day
    value: MeasuredValue

    @model_validator(mode="after")
    def _one_account(self) -> "MeasurementItem":
        if (self.account_id is None) == (self.account_external_id is None):
            raise refused(
                "Send either account_id or account_external_id",
                "account_id か account_external_id のどちらか一方を指定してください",
            )
        return self


async def metric_ids(tx: Tx) -> dict[str, UUID]:
    """The metrics that can be measured, by key."""
    rows = await tx.fetch(
        "SELECT key, id FROM usage_metrics WHERE workspace_id = %s AND archived_at IS NULL", [tx.workspace_id]
    )
    return dict(rows)


async def upsert_measurements(
    tx: Tx, items: Sequence[object], *, atomic: bool = False, known_at: KnownAt = KnownAt.import_time
) -> list[ItemResult]:
    """Write measurements, each with its result; of two about the same day the later one counts.

    With ``atomic`` nothing is written unless every item is good.
    """
    reading = Reading(await metric_ids(tx), *accepted_days(await workspace_today(tx)))
    results, lines = [], {}
    for index, item in enumerate(items):
        given = item.get("account_external_id") if isinstance(item, dict) else None
        # Shown in the answer before it is checked, so it must survive JSON.
        result = ItemResult(index, given.encode(errors="replace").decode() if isinstance(given, str) else None)
        results.append(result)
        try:
            lines[index] = reading.line(index, item)
        except Problem as problem:
            result.fail(problem)
    ingest = Ingest(tx, known_at)
    async with ingest.staging() as copy:
        await copy.write("".join(lines.values()))
    refused = await ingest.check(reading.months)
    for index, pointer in refused.unknown_accounts.items():
        results[index].fail(unknown_account(pointer))
    for index in refused.retired:
        results[index].fail(retired_day())
    if atomic and any(result.problem for result in results):
        return results
    outcome = await ingest.write(each=True)
    await ingest.finish(reading.measured)
    for result in good(results):
        result.status = outcome.lines.get(result.index, BulkStatus.unchanged)
    return results


class Reading:
    """Turns items into lines of COPY, and remembers what they were about."""

    def __init__(self, metrics: Mapping[str, UUID], first: dt.date, last: dt.date) -> None:
        self.metrics = metrics
        self.measured: set[str] = set()
        self.months: set[dt.date] = set()
        self._first, self._last = first, last

    def line(self, number: int, item: object) -> str:
        """The line of COPY for an item.

        Raises:
            Problem: What is wrong with it.
        """
        try:
            read = MeasurementItem.model_validate(item)
        except ValidationError as error:
            raise refusal(MeasurementItem, error) from error
        metric_id = self.metrics.get(read.metric)
        if metric_id is None:
            raise invalid(_not_there("/metric", "metric in use", "使用中の指標"))
        if not self._first <= read.day <= self._last:
            told = (f"From {self._first} to {self._last}", f"{self._first} から {self._last} まで")
            raise invalid(FieldError("/day", "out_of_range", *told))
        self.measured.add(read.metric)
        self.months.add(read.day.replace(day=1))
        return copied(
            number, external_id=read.account_external_id, account_id=read.account_id, metric_id=metric_id, day=read.day,
            value=read.value,
        )  # fmt: skip


def unknown_account(field: str) -> Problem:
    """The problem of an item whose account is not there."""
    return invalid(_not_there(f"/{field}", "account", "アカウント"))


def _not_there(pointer: str, en: str, ja: str) -> FieldError:
    return FieldError(pointer, "reference_not_found", f"There is no such {en}", f"該当する{ja}がありません")


def retired_day() -> Problem:
    """The problem of a correction that comes too late."""
    return invalid(
        FieldError(
            "/day",
            "retired",
            "Days this old are kept as weekly sums only, which cannot be corrected",
            "この時期の日別の値は週次集計のみ保存されているため、訂正できません",
        )
    )
