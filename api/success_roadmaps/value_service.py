"""What one can do with value realisations. What was believed before is kept whenever the facts change."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from api.auth.service import workspace_today
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.success_roadmaps.value import HUNDREDTHS, LARGEST, economic_value
from api.success_roadmaps.value_models import ValueRealisation, ValueState
from api.success_roadmaps.value_resource import VALUES

_FIGURES: Final = (
    "starts_on", "ends_before", "volume", "minute_hundredths", "currency", "hourly_cost_minor", "cost_minor"
)  # fmt: skip
"""What a contact confirms."""
_NOBODY: Final = {"state": ValueState.draft.value, "confirmed_by_id": None, "confirmed_at": None}
_SUPERSEDE: Final = """
INSERT INTO value_realisations_superseded (workspace_id, id, realisation_id, account_id, roadmap_id, state, starts_on,
    ends_before, volume, minute_hundredths, currency, hourly_cost_minor, cost_minor, value_minor, recorded_at,
    superseded_at)
SELECT workspace_id, uuidv7(), id, account_id, roadmap_id, state, starts_on, ends_before, volume, minute_hundredths,
    currency, hourly_cost_minor, cost_minor, value_minor, recorded_at, %(now)s
FROM value_realisations WHERE workspace_id = %(ws)s AND id = %(id)s
"""


async def create_value(tx: Tx, values: Mapping[str, Any]) -> ValueRealisation:
    """Note work that people no longer do."""
    given = await _placed(tx, await _account_of(tx, values["account_id"]), _stored(values))
    await _check(tx, given)
    given.pop("cost_currency", None)
    return await write.create(tx, VALUES, ValueRealisation, given, announce=_told(given))


async def update_value(tx: Tx, value_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change or correct a value realisation; other figures need to be confirmed anew."""
    row = await write.lock(tx, VALUES, ValueRealisation, value_id, version=version)
    given = _stored(values)
    if {"roadmap_id", "goal_id"} & given.keys():
        if "roadmap_id" in given and given["roadmap_id"] != row.roadmap_id:
            given.setdefault("goal_id", None)
        elif given.get("goal_id") is not None:
            given.setdefault("roadmap_id", row.roadmap_id)
        given = await _placed(tx, row.account_id, given)
    now = (
        {"cost_currency": row.currency}
        | {name: getattr(row, name) for name in (*_FIGURES, "account_id", "roadmap_id")}
        | given
    )
    await _check(tx, now)
    given.pop("cost_currency", None)
    corrected = any(now[name] != getattr(row, name) for name in _FIGURES)
    action = "updated"
    if corrected and row.state == ValueState.confirmed:
        given |= _NOBODY
        action = "corrected"
    if corrected or now["roadmap_id"] != row.roadmap_id:
        given["recorded_at"] = await _supersede(tx, row)
    await write.change(tx, VALUES, row, given, action=action, announce=_told({**now, **given}))


async def confirm_value(tx: Tx, value_id: UUID, version: int, contact_id: UUID, values: Mapping[str, Any]) -> None:
    """Note that a contact of the account stands by the figures."""
    row = await write.lock(tx, VALUES, ValueRealisation, value_id, version=version)
    await _require_contact(tx, row.account_id, contact_id)
    given = {**values, "state": ValueState.confirmed.value, "confirmed_by_id": contact_id}
    if row.state != ValueState.confirmed or row.confirmed_by_id != contact_id:
        given["confirmed_at"] = clock.now()
    if row.state != ValueState.confirmed:
        given["recorded_at"] = await _supersede(tx, row)
    figures = {name: getattr(row, name) for name in (*_FIGURES, "account_id", "roadmap_id")}
    worth = economic_value(row.volume, row.minute_hundredths, row.hourly_cost_minor)
    told = {**_told(figures), "contact_id": str(contact_id), "value_minor": worth, "currency": row.currency}
    await write.change(tx, VALUES, row, given, action="confirmed", announce=told)


async def archive_value(tx: Tx, value_id: UUID, version: int) -> None:
    """Take a value realisation back: it counts no more, from now on."""
    row = await write.lock(tx, VALUES, ValueRealisation, value_id, version=version)
    given = {"archived_at": clock.now(), "recorded_at": await _supersede(tx, row)}
    told = {"account_id": str(row.account_id)}
    await write.change(tx, VALUES, row, given, action="archived", announce=told)


async def restore_value(tx: Tx, value_id: UUID) -> None:
    """Bring an archived value realisation back: it counts again, from now on."""
    row = await write.lock(tx, VALUES, ValueRealisation, value_id, archived=True)
    if row.archived_at is not None:
        given = {"archived_at": None, "recorded_at": clock.now()}
        await write.change(tx, VALUES, row, given, action="restored", announce={"account_id": str(row.account_id)})


async def _supersede(tx: Tx, row: ValueRealisation) -> dt.datetime:
    """Keep what was believed so far; the moment from which it is known otherwise."""
    now = clock.now()
    await tx.execute(_SUPERSEDE, {"ws": tx.workspace_id, "id": row.id, "now": now})
    return now


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the table keeps them."""
    given = dict(values)
    if "minutes_per_unit" in given:
        given["minute_hundredths"] = round(given.pop("minutes_per_unit") * HUNDREDTHS)
    if "hourly_cost" in given:
        hourly = given.pop("hourly_cost")
        given |= {"hourly_cost_minor": hourly["amount"], "currency": hourly["currency"]}
    if "cost" in given:
        cost = given.pop("cost")
        given |= {"cost_minor": cost and cost["amount"], "cost_currency": cost and cost["currency"]}
    return given


async def _check(tx: Tx, values: Mapping[str, Any]) -> None:
    """Refuse a period that is not over, a cost in another currency, and more than figures can carry."""
    today = await workspace_today(tx)
    errors = []
    if values["ends_before"] <= values["starts_on"]:
        errors.append(("/ends_before", "out_of_range", "After `starts_on`", "starts_on より後にしてください"))
    elif values["ends_before"] > today + dt.timedelta(days=1):
        errors.append(
            ("/ends_before", "out_of_range", "Value is realised: the period ends today at the latest",
             "実現した価値なので、期間は本日までにしてください")
        )  # fmt: skip
    cost_currency = values.get("cost_currency", values["currency"])
    if values.get("cost_minor") is not None and cost_currency != values["currency"]:
        errors.append(
            ("/cost/currency", "currency_mismatch", "Amounts are never converted: use the currency of `hourly_cost`",
             "通貨は換算しません。hourly_cost と同じ通貨にしてください")
        )  # fmt: skip
    if economic_value(values["volume"], values["minute_hundredths"], values["hourly_cost_minor"]) > LARGEST:
        errors.append(
            ("/volume", "out_of_range", f"The value would be above {LARGEST}", f"価値が {LARGEST} を超えます")
        )
    if errors:
        raise invalid(*(FieldError(*error) for error in errors))


async def _account_of(tx: Tx, account_id: UUID) -> UUID:
    """The account, or the one that it was merged into."""
    rows = await tx.fetch(
        "SELECT coalesce(merged_into_id, id) FROM accounts WHERE workspace_id = %s AND id = %s",
        [tx.workspace_id, account_id],
    )
    if not rows:
        raise _unknown("/account_id", "account", "アカウント")
    found: UUID = rows[0][0]
    return found


async def _placed(tx: Tx, account_id: UUID, given: dict[str, Any]) -> dict[str, Any]:
    """The values on the account, with the roadmap of the goal; both must be the account's."""
    given["account_id"] = account_id
    if given.get("roadmap_id") is not None and not await tx.fetch(
        "SELECT 1 FROM success_roadmaps WHERE workspace_id = %s AND id = %s AND account_id = %s "
        "AND archived_at IS NULL FOR KEY SHARE",
        [tx.workspace_id, given["roadmap_id"], account_id],
    ):
        raise _unknown("/roadmap_id", "roadmap of the account", "アカウントのロードマップ")
    if (goal_id := given.get("goal_id")) is not None:
        rows = await tx.fetch(
            "SELECT roadmap_id FROM roadmap_goals WHERE workspace_id = %s AND id = %s AND account_id = %s "
            "AND archived_at IS NULL FOR KEY SHARE",
            [tx.workspace_id, goal_id, account_id],
        )
        if not rows or given.get("roadmap_id") not in {None, rows[0][0]}:
            raise _unknown("/goal_id", "goal of the account and roadmap", "アカウント・ロードマップの目標")
        given["roadmap_id"] = rows[0][0]
    return given


async def _require_contact(tx: Tx, account_id: UUID, contact_id: UUID) -> None:
    if not await tx.fetch(
        "SELECT 1 FROM contacts WHERE workspace_id = %s AND id = %s AND account_id = %s AND archived_at IS NULL "
        "AND erased_at IS NULL FOR KEY SHARE",
        [tx.workspace_id, contact_id, account_id],
    ):
        raise _unknown("/contact_id", "contact of the account", "アカウントの連絡先")


def _unknown(pointer: str, en: str, ja: str) -> Exception:
    return invalid(FieldError(pointer, "reference_not_found", f"There is no such {en}", f"該当する{ja}がありません"))


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    roadmap_id = values.get("roadmap_id")
    return {"account_id": str(values["account_id"]), "roadmap_id": roadmap_id and str(roadmap_id)}
