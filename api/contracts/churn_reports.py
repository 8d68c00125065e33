"""Churn reports: churns as another system tells of them. They never touch the ledger; a backtest may take them as label."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict
from pydantic import Field as Described
from pydantic.config import JsonDict
from sqlmodel import Field, col

from api.accounts.references import find_accounts
from api.auth.service import workspace_zone
from api.kit import clock
from api.kit.bulk import ItemResult, Upsert, upsert
from api.kit.bulk_schemas import BulkItems, BulkStatus, items_of
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.kit.resources import Resource
from api.kit.schemas import RECORD_EXAMPLE, Day, ExternalId, Input, Line, Page, RecordQuery, RecordRead, Text, shown
from api.kit.tables import DISTRIBUTED, Record, belongs_to, index, unique


class ChurnReport(Record, table=True):
    """A churn that another system tells of."""

    __tablename__ = "churn_reports"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        unique("external_id"),
        index("account_id", "occurred_on", "id"),
        index("occurred_on", "id"),
        index("recorded_at", "id"),
        DISTRIBUTED,
    )

    account_id: UUID
    external_id: str | None = None
    occurred_on: dt.date
    reason_code: str | None = None
    comment: str = ""
    reactivation: bool = False
    recorded_at: dt.datetime = Field(default_factory=clock.now)
    backfilled: bool = False


CHURN_REPORTS: Final = Resource(
    "churn_report",
    ChurnReport,
    sorts={"occurred_on": col(ChurnReport.occurred_on), "recorded_at": col(ChurnReport.recorded_at)},
    default_sort="-occurred_on",
    upsert_key="external_id",
)

_JA: Final[JsonDict] = {
    "external_id": "C-8821",
    "occurred_on": "2026-03-31",
    "reason_code": "budget",
    "comment": "来期は予算がつかない",
    "reactivation": False,
}
_EN: Final[JsonDict] = {**_JA, "reason_code": "competitor", "comment": "Moved to a cheaper tool"}
_ACCOUNT: Final[JsonDict] = {"account_id": "0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"}
_RECORDED: Final[JsonDict] = {"recorded_at": "2026-04-01T00:00:00.000000Z", "backfilled": True}
_ITEMS: Final[list[JsonDict]] = [{**_JA, "account_external_id": "crm-1042"}, {**_EN, **_ACCOUNT}]

Reason = Annotated[Line, Described(description="The other system's own code, such as `budget`.")]
Flag = Annotated[bool, Described(strict=True)]


class ChurnReportItem(Input):
    """A churn as another system knows it."""

    model_config = ConfigDict(json_schema_extra=shown([*_ITEMS]))

    external_id: ExternalId
    account_id: UUID | MISSING = MISSING
    account_external_id: ExternalId | MISSING = MISSING
    occurred_on: Day | MISSING = MISSING
    reason_code: Reason | None | MISSING = MISSING
    comment: Text | MISSING = MISSING
    reactivation: Flag | MISSING = Described(
        default=MISSING, description="Whether the account had churned before and come back."
    )


class _NewReport(Input):
    account_id: UUID
    occurred_on: dt.date


class ChurnReportBulkUpsert(Input):
    """Churn reports to create or bring up to date, by external id."""

    model_config = ConfigDict(json_schema_extra=shown([{"items": [item]} for item in _ITEMS]))

    items: Annotated[BulkItems, items_of(ChurnReportItem)]


class ChurnReportRead(RecordRead):
    """A churn that another system told of."""

    model_config = ConfigDict(
        json_schema_extra=shown([{**RECORD_EXAMPLE, **each, **_ACCOUNT, **_RECORDED} for each in (_JA, _EN)])
    )

    account_id: UUID
    external_id: str | None
    occurred_on: dt.date
    reason_code: str | None
    comment: str
    reactivation: bool
    recorded_at: AwareDatetime = Described(description="When it became known.")
    backfilled: bool


class ChurnReportSort(StrEnum):
    """The orders of a list of churn reports."""

    occurred_on = "occurred_on"
    occurred_on_down = "-occurred_on"
    recorded_at = "recorded_at"
    recorded_at_down = "-recorded_at"


class ChurnReportQuery(RecordQuery):
    """The churn reports to list."""

    sort: ChurnReportSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    external_id: list[ExternalId] | MISSING = MISSING
    reason_code: list[Line] | MISSING = MISSING
    occurred_on_min: Day | MISSING = MISSING
    occurred_on_max: Day | MISSING = MISSING


class ChurnReportPage(Page[ChurnReportRead]):
    """One page of churn reports."""


_UPSERT: Final = Upsert(
    CHURN_REPORTS, ChurnReport, ChurnReportItem, _NewReport, prepare=find_accounts, announced=("account_id",)
)


async def upsert_churn_reports(
    tx: Tx, items: Sequence[object], *, atomic: bool = False, known_at: KnownAt = KnownAt.import_time
) -> list[ItemResult]:
    """Create or update churn reports by external id; see :mod:`api.kit.bulk`."""
    results = await upsert(tx, _UPSERT, items, atomic=atomic)
    new = [result.id for result in results if result.status is BulkStatus.created]
    if new and known_at is KnownAt.fact_date:
        await tx.execute(
            "UPDATE churn_reports SET backfilled = true, "
            "recorded_at = least(%(now)s, (occurred_on + 1)::timestamp AT TIME ZONE %(zone)s) "
            "WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
            {"ws": tx.workspace_id, "ids": new, "now": clock.now(), "zone": str(await workspace_zone(tx))},
        )
    return results
