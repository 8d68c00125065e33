"""Responses: answers as facts, their corrections, and those that other tools took."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from api.auth.service import workspace_now
from api.kit import clock, write
from api.kit.bulk import ItemResult, Upsert, good, upsert
from api.kit.bulk_schemas import BulkStatus
from api.kit.db import Tx
from api.kit.problems import FieldError, Problem, invalid
from api.kit.schemas import Input
from api.kit.tables import new_id
from api.surveys.answer_schemas import SurveyResponseBulkItem
from api.surveys.low_scores import NEWS_DAYS, follow_low_scores
from api.surveys.models import SupersededScore, Survey, SurveyInvitation, SurveyResponse
from api.surveys.resource import RESPONSES
from api.surveys.scores import SurveyKind
from api.surveys.service import check_score
from api.surveys.standing import freeze_standing


async def record_answer(
    tx: Tx, survey: Survey, invitation: SurveyInvitation, score: int, comment: str
) -> SurveyResponse:
    """Take down what an invited person answered just now."""
    here = await workspace_now(tx)
    response = await write.create(
        tx, RESPONSES, SurveyResponse,
        {
            "survey_id": survey.id, "account_id": invitation.account_id, "contact_id": invitation.contact_id,
            "invitation_id": invitation.id, "score": score, "comment": comment,
            "answered_at": here.astimezone(dt.UTC), "answered_on": here.date(), "recorded_at": here.astimezone(dt.UTC),
        },
        announce={
            **_ids(survey.id, invitation.account_id, invitation.contact_id), "kind": survey.kind, "score": score,
        },
    )  # fmt: skip
    await freeze_standing(tx, "survey_responses", "answered_on", [response.id], here.date())
    await follow_low_scores(tx, [response.id])
    return response


async def correct_response(tx: Tx, response_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Correct a response. Another score is known from now on; the one it supersedes is kept."""
    response = await write.lock(tx, RESPONSES, SurveyResponse, response_id, version=version)
    values, told = dict(values), _ids(response.survey_id, response.account_id, response.contact_id)
    before, action = response.score, "updated"
    survey = await tx.session.get_one(Survey, (response.workspace_id, response.survey_id))
    if values.get("score", before) != before:
        check_score(SurveyKind(survey.kind), survey.scale_max, values["score"])
        now, action = clock.now(), "corrected"
        tx.session.add(
            SupersededScore(
                workspace_id=response.workspace_id, response_id=response.id, account_id=response.account_id,
                score=before, recorded_at=response.recorded_at, superseded_at=now,
            )
        )  # fmt: skip
        values["recorded_at"] = now
    await write.change(tx, RESPONSES, response, values, action=action, announce=told)
    if survey.low_at_most is not None and response.score <= survey.low_at_most < before:
        await follow_low_scores(tx, [response_id])


async def archive_response(tx: Tx, response_id: UUID, version: int) -> None:
    """Take a response out of lists and figures, such as a test; what was known before stays known."""
    await write.archive(tx, RESPONSES, SurveyResponse, response_id, version)


async def restore_response(tx: Tx, response_id: UUID) -> None:
    """Bring an archived response back."""
    await write.restore(tx, RESPONSES, SurveyResponse, response_id)


def _ids(survey_id: UUID, account_id: UUID, contact_id: UUID | None) -> dict[str, Any]:
    return {
        "survey_id": str(survey_id),
        "account_id": str(account_id),
        "contact_id": contact_id and str(contact_id),
    }


class _NewResponse(Input):
    """What a new response needs."""

    survey_id: UUID
    account_id: UUID
    score: int
    answered_at: dt.datetime


@dataclass(frozen=True, slots=True)
class _Known:
    """A response as it was before a bulk upsert."""

    survey_id: UUID
    account_id: UUID
    answered_at: dt.datetime
    score: int
    recorded_at: dt.datetime
    kind: SurveyKind
    scale_max: int
    low_at_most: int | None


async def upsert_responses(
    tx: Tx, items: Sequence[object], *, atomic: bool = False, backfilled: bool = False
) -> list[ItemResult]:
    """Create or correct responses by external id; see :mod:`api.kit.bulk`.

    With ``backfilled`` new ones count as known when they were given; a correction is always known from now on.
    """
    known: dict[UUID, _Known] = {}
    here, now = await workspace_now(tx), clock.now()
    zone = here.tzinfo
    assert isinstance(zone, ZoneInfo)

    async def prepare(tx: Tx, results: Sequence[ItemResult]) -> None:
        await _put_our_ids(tx, results)
        await _check_new_values(tx, results, now, zone)

    async def refuse(tx: Tx, results: Sequence[ItemResult]) -> None:
        known.update(await _known(tx, [result.id for result in results if result.id]))
        for result in good(results):
            assert result.id is not None
            _follow_known(result, known[result.id], now)

    upserting = Upsert(
        RESPONSES, SurveyResponse, SurveyResponseBulkItem, _NewResponse,
        prepare=prepare, refuse=refuse, announced=("survey_id", "account_id", "contact_id", "score"),
    )  # fmt: skip
    results = await upsert(
        tx, upserting, items, atomic=atomic, new_values={"recorded_at": now, "backfilled": backfilled}
    )
    created = [result.id for result in results if result.status is BulkStatus.created and result.id]
    if backfilled:
        await tx.execute(
            "UPDATE survey_responses SET recorded_at = answered_at WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
            {"ws": tx.workspace_id, "ids": created},
        )
    await freeze_standing(tx, "survey_responses", "answered_on", created, here.date() - dt.timedelta(days=NEWS_DAYS))
    corrected = [result for result in results if result.status is BulkStatus.updated and "score" in result.changed]
    await _keep_superseded(tx, {result.id: known[result.id] for result in corrected if result.id}, now)
    newly_low = [
        result.id for result in corrected
        if result.id and (low := known[result.id].low_at_most) is not None
        and result.given["score"] <= low < known[result.id].score
    ]  # fmt: skip
    await follow_low_scores(tx, [*created, *newly_low])
    return results


async def _put_our_ids(tx: Tx, results: Sequence[ItemResult]) -> None:
    """Put our ids in place of the caller's; an account may be left to its contact."""
    for table, name, en, ja in (
        ("surveys", "survey", "survey", "アンケート"),
        ("accounts", "account", "account", "アカウント"),
        ("contacts", "contact", "contact", "連絡先"),
    ):
        field = f"{name}_external_id"
        rows = await tx.fetch(
            f"SELECT external_id, id FROM {table} WHERE workspace_id = %s AND external_id = ANY(%s)",  # noqa: S608
            [tx.workspace_id, [result.given[field] for result in results if field in result.given]],
        )
        ours = dict(rows)
        for result in good(results):
            external_id = result.given.pop(field, None)
            if external_id is None:
                continue
            if external_id not in ours:
                error = FieldError(
                    f"/{field}", "reference_not_found", f"There is no such {en}", f"該当する{ja}がありません"
                )
                result.fail(invalid(error))
            else:
                result.given[f"{name}_id"] = ours[external_id]
    alone = [result for result in good(results) if result.given.get("contact_id") and "account_id" not in result.given]
    rows = await tx.fetch(
        "SELECT id, account_id FROM contacts WHERE workspace_id = %s AND id = ANY(%s)",
        [tx.workspace_id, [result.given["contact_id"] for result in alone]],
    )
    accounts = dict(rows)
    for result in alone:
        if result.given["contact_id"] in accounts:
            result.given["account_id"] = accounts[result.given["contact_id"]]


async def _check_new_values(tx: Tx, results: Sequence[ItemResult], now: dt.datetime, zone: ZoneInfo) -> None:
    rows = await tx.fetch(
        "SELECT id, kind, scale_max FROM surveys WHERE workspace_id = %s AND id = ANY(%s)",
        [tx.workspace_id, list({result.given["survey_id"] for result in results if "survey_id" in result.given})],
    )
    scales = {row[0]: (SurveyKind(row[1]), row[2]) for row in rows}
    for result in good(results):
        given = result.given
        if (answered_at := given.get("answered_at")) is not None:
            given["answered_on"] = answered_at.astimezone(zone).date()
            if answered_at > now + dt.timedelta(minutes=5):
                result.fail(
                    invalid(
                        FieldError("/answered_at", "out_of_range", "Not in the future", "未来の日時は指定できません")
                    )
                )
                continue
        if "score" in given and given.get("survey_id") in scales:
            kind, scale_max = scales[given["survey_id"]]
            result.told["kind"] = kind.value
            _check_score(result, kind, scale_max)


def _check_score(result: ItemResult, kind: SurveyKind, scale_max: int) -> None:
    try:
        check_score(kind, scale_max, result.given["score"])
    except Problem as problem:
        result.fail(problem)


async def _known(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, _Known]:
    rows = await tx.fetch(
        "SELECT r.id, r.survey_id, r.account_id, r.answered_at, r.score, r.recorded_at, s.kind, s.scale_max, s.low_at_most "
        "FROM survey_responses r JOIN surveys s ON s.workspace_id = r.workspace_id AND s.id = r.survey_id "
        "WHERE r.workspace_id = %(ws)s AND s.workspace_id = %(ws)s AND r.id = ANY(%(ids)s)",
        {"ws": tx.workspace_id, "ids": list(ids)},
    )
    return {row[0]: _Known(row[1], row[2], row[3], row[4], row[5], SurveyKind(row[6]), row[7], row[8]) for row in rows}


def _follow_known(result: ItemResult, known: _Known, now: dt.datetime) -> None:
    """Refuse what a response never changes; date another score."""
    for name in ("survey_id", "account_id", "answered_at"):
        if result.given.get(name, getattr(known, name)) != getattr(known, name):
            error = FieldError(
                f"/{name}", "not_allowed", "Cannot change on an existing response", "既存の回答では変更できません"
            )
            result.fail(invalid(error))
            return
    if "score" in result.given and result.given["score"] != known.score:
        result.given["recorded_at"] = now
        _check_score(result, known.kind, known.scale_max)


async def _keep_superseded(tx: Tx, known: Mapping[UUID, _Known], now: dt.datetime) -> None:
    if not known:
        return
    was = list(known.values())
    await tx.execute(
        """
        INSERT INTO survey_scores_superseded (workspace_id, id, response_id, account_id, score, recorded_at, superseded_at)
        SELECT %(ws)s, n.id, n.response_id, n.account_id, n.score, n.recorded_at, %(now)s
        FROM unnest(%(ids)s::uuid[], %(responses)s::uuid[], %(accounts)s::uuid[], %(scores)s::integer[],
            %(recorded)s::timestamptz[]) AS n (id, response_id, account_id, score, recorded_at)
        """,
        {
            "ws": tx.workspace_id, "now": now, "ids": [new_id() for _ in was], "responses": list(known),
            "accounts": [each.account_id for each in was], "scores": [each.score for each in was],
            "recorded": [each.recorded_at for each in was],
        },
    )  # fmt: skip
