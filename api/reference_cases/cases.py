"""What one can do with cases: draft, submit, review, retire. What readers see changes by approval only."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from pydantic import ValidationError
from sqlmodel import col

from api.kit import clock, write
from api.kit.db import Tx
from api.kit.errors import field_error
from api.kit.problems import NOT_FOUND, FieldError, invalid, problem_type
from api.reference_cases import published
from api.reference_cases.case_schemas import CaseContent, ReviewDecision
from api.reference_cases.catalogue import TOLD
from api.reference_cases.models import CaseState, CaseVersion, ReferenceCase, RevisionState
from api.reference_cases.resource import CASES
from api.reference_cases.settings import CONFIGURATION

NOTHING_TO_REVIEW: Final = problem_type(
    "nothing_to_review", 409,
    en=("Nothing to review", "The case has no version that waits for this; its open version is: {state}."),
    ja=("対象の版がありません", "この操作の対象となる版がありません。編集中の版の状態: {state}。"),
)  # fmt: skip
CASE_INCOMPLETE: Final = problem_type(
    "case_incomplete", 409,
    en=("Case is not complete", "A case needs a title, a summary and at least one outcome before it is reviewed."),
    ja=("事例が未完成です", "レビューに出すには、題名・概要・成果の数値が少なくとも 1 つずつ必要です。"),
)  # fmt: skip
OWN_CASE: Final = problem_type(
    "own_case", 409,
    en=("Somebody else reviews", "Whoever wrote in this version may not review it."),
    ja=("執筆者以外のレビューが必要です", "この版の執筆者は、自分でレビューできません。"),
)  # fmt: skip
CASE_RETIRED: Final = problem_type(
    "case_retired", 409,
    en=("Case is retired", "The case is retired already."),
    ja=("公開終了済みの事例です", "この事例はすでに公開を終了しています。"),
)  # fmt: skip

_COLUMNS: Final = tuple(name for name in CaseContent.model_fields if name not in {"initiative_ids", "outcomes"})
_OPEN: Final = (RevisionState.draft.value, RevisionState.in_review.value)


async def create_case(tx: Tx, account_id: UUID, given: Mapping[str, Any]) -> ReferenceCase:
    """Draft a case; what is not said of industry and size is the account's at present."""
    content = CaseContent.model_validate(given)
    rows = await tx.fetch(
        "SELECT industry, employee_count FROM accounts WHERE workspace_id = %s AND id = %s AND merged_into_id IS NULL",
        [tx.workspace_id, account_id],
    )
    if not rows:
        raise _missing("/account_id")
    for name, known in zip(("industry", "employee_count"), rows[0], strict=True):
        if name not in given:
            setattr(content, name, known)
    await _check_entries(tx, content)
    values = {"account_id": account_id, "author_id": tx.actor.user_id, **columns(content)}
    values |= {"revision": 1, "revision_state": RevisionState.draft.value}
    case = await write.create(tx, CASES, ReferenceCase, values, announce={"account_id": str(account_id)})
    _add_version(tx, case, content, 1)
    await index_case(tx, case.id, content)
    return case


async def update_case(tx: Tx, case_id: UUID, version: int, given: Mapping[str, Any]) -> None:
    """Change the working version; of an approved case that opens a new one. It has to be submitted (again)."""
    case = await write.lock(tx, CASES, ReferenceCase, case_id, version=version)
    last = await _latest(tx, case)
    try:
        content = CaseContent.model_validate({**last.content, **given})
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise invalid(
            *(field_error({**d, "loc": ("body", *d["loc"])}, known=CaseContent.model_fields) for d in details)
        ) from error
    await _check_entries(tx, content)
    stored = content.model_dump(mode="json")
    if stored == last.content:
        return
    changed = sorted(name for name in stored if stored[name] != last.content.get(name))
    values: dict[str, Any] = {"revision_state": RevisionState.draft.value}
    if last.state in _OPEN:
        last.content, last.state, last.submitted_at = stored, RevisionState.draft.value, None
        last.author, last.author_id = tx.actor.id, tx.actor.user_id
        last.authors = [*last.authors, *(author for author in _authors(tx) if author not in last.authors)]
        values["revision"] = last.number
    else:
        values["revision"] = last.number + 1
        _add_version(tx, case, content, last.number + 1)
    if not case.approved_revision:
        values |= {"state": CaseState.draft.value, **columns(content)}
    told = {"account_id": str(case.account_id), "content": changed, "revision": values["revision"]}
    for name, value in values.items():
        setattr(case, name, value)
    await write.touch(tx, CASES, case, changed, announce=told)
    if not case.approved_revision:
        await index_case(tx, case.id, content)


async def submit_case(tx: Tx, case_id: UUID, version: int) -> None:
    """Ask for a review of the working version."""
    case = await write.lock(tx, CASES, ReferenceCase, case_id, version=version)
    waiting = await _open(tx, case, RevisionState.draft)
    content = CaseContent.model_validate(waiting.content)
    titled, told = content.title_ja or content.title_en, content.summary_ja or content.summary_en
    if not (titled and told and content.outcomes):
        raise CASE_INCOMPLETE()
    waiting.state, waiting.submitted_at = RevisionState.in_review.value, clock.now()
    values = {"revision_state": RevisionState.in_review.value}
    if not case.approved_revision:
        values["state"] = CaseState.in_review.value
    await _act(tx, case, values, "submitted", waiting.number)


async def review_case(tx: Tx, case_id: UUID, version: int, decision: ReviewDecision, comment: str) -> None:
    """Approve the version that waits, which readers see from now on, or return it to its author."""
    case = await write.lock(tx, CASES, ReferenceCase, case_id, version=version)
    waiting = await _open(tx, case, RevisionState.in_review)
    if tx.actor.id in waiting.authors and (await CONFIGURATION.read(tx)).four_eyes:
        raise OWN_CASE()
    now = clock.now()
    waiting.reviewed_at, waiting.reviewed_by_id, waiting.review_comment = now, tx.actor.user_id, comment
    if decision is ReviewDecision.send_back:
        waiting.state = RevisionState.draft.value
        values: dict[str, Any] = {"revision_state": RevisionState.draft.value}
        if not case.approved_revision:
            values["state"] = CaseState.draft.value
        await _act(tx, case, values, "returned", waiting.number)
        return
    waiting.state = RevisionState.approved.value
    content = CaseContent.model_validate(waiting.content)
    values = {
        **columns(content),
        "state": CaseState.approved.value,
        "revision": 0,
        "revision_state": None,
        "approved_revision": waiting.number,
        "approved_at": now,
        "approved_by_id": tx.actor.user_id,
        "retired_at": None,
    }
    await _act(tx, case, values, "approved", waiting.number)
    await index_case(tx, case.id, content)
    await published.changed(tx, [case.account_id])


async def retire_case(tx: Tx, case_id: UUID, version: int) -> None:
    """Show a case to nobody any more. Another approved version brings it back."""
    case = await write.lock(tx, CASES, ReferenceCase, case_id, version=version)
    if case.state == CaseState.retired:
        raise CASE_RETIRED()
    values = {"state": CaseState.retired.value, "retired_at": clock.now()}
    await _act(tx, case, values, "retired", case.approved_revision)
    await published.changed(tx, [case.account_id])


async def _act(tx: Tx, case: ReferenceCase, values: Mapping[str, Any], action: str, number: int) -> None:
    told = {"account_id": str(case.account_id), "state": values.get("state", case.state), "revision": number}
    if not await write.change(tx, CASES, case, values, action=action, announce=told):
        await write.touch(tx, CASES, case, [], action=action, announce=told)
    await tx.execute(_STATE, {"ws": tx.workspace_id, "id": case.id})


def columns(content: CaseContent) -> dict[str, Any]:
    """A version's content as the columns of a case."""
    values = {name: getattr(content, name) for name in _COLUMNS}
    return {**values, "origin": content.origin.value}


def _add_version(tx: Tx, case: ReferenceCase, content: CaseContent, number: int) -> None:
    tx.session.add(
        CaseVersion(
            workspace_id=case.workspace_id,
            case_id=case.id,
            number=number,
            content=content.model_dump(mode="json"),
            author=tx.actor.id,
            authors=_authors(tx),
            author_id=tx.actor.user_id,
        )
    )


def _authors(tx: Tx) -> list[UUID]:
    return [] if tx.actor.id is None else [tx.actor.id]


async def _latest(tx: Tx, case: ReferenceCase) -> CaseVersion:
    row = await tx.session.scalar(
        sa.select(CaseVersion)
        .where(col(CaseVersion.workspace_id) == tx.workspace_id, col(CaseVersion.case_id) == case.id)
        .order_by(col(CaseVersion.number).desc())
        .limit(1)
    )
    assert row is not None, "a case has a version from its beginning"
    return row


async def _open(tx: Tx, case: ReferenceCase, state: RevisionState) -> CaseVersion:
    last = await _latest(tx, case)
    if last.state != state:
        raise NOTHING_TO_REVIEW(state=last.state if last.state in _OPEN else "-")
    return last


_UNKNOWN: Final = """
SELECT 'initiative', w.id, w.place::int - 1 FROM unnest(%(initiatives)s::uuid[]) WITH ORDINALITY AS w (id, place)
WHERE NOT EXISTS (SELECT FROM initiatives i WHERE i.workspace_id = %(ws)s AND i.id = w.id)
UNION ALL
SELECT 'metric', w.id, w.place::int - 1 FROM unnest(%(metrics)s::uuid[]) WITH ORDINALITY AS w (id, place)
WHERE NOT EXISTS (SELECT FROM outcome_metrics m WHERE m.workspace_id = %(ws)s AND m.id = w.id)
UNION ALL
SELECT 'program', w.id, 0 FROM (SELECT %(program)s::uuid AS id) AS w
WHERE w.id IS NOT NULL AND NOT EXISTS (SELECT FROM programs p WHERE p.workspace_id = %(ws)s AND p.id = w.id)
"""


async def _check_entries(tx: Tx, content: CaseContent) -> None:
    """Refuse ids of catalogue entries and programs that are not there."""
    rows = await tx.fetch(
        _UNKNOWN,
        {
            "ws": tx.workspace_id,
            "initiatives": content.initiative_ids,
            "metrics": [outcome.metric_id for outcome in content.outcomes],
            "program": content.program_id,
        },
    )
    pointers = {"initiative": "/initiative_ids/{}", "metric": "/outcomes/{}/metric_id", "program": "/program_id"}
    if rows:
        raise _missing(*(pointers[what].format(place) for what, _, place in rows))


def _missing(*pointers: str) -> Exception:
    told = ("There is no such record", "該当するデータがありません")
    return invalid(*(FieldError(pointer, "reference_not_found", *told) for pointer in pointers))


_FORGET: Final = (
    "DELETE FROM reference_case_entries WHERE workspace_id = %(ws)s AND case_id = %(id)s",
    "DELETE FROM reference_case_outcomes WHERE workspace_id = %(ws)s AND case_id = %(id)s",
)
_OUTCOMES: Final = """
INSERT INTO reference_case_outcomes (workspace_id, id, case_id, metric_id, place, higher_is_better, baseline, result)
SELECT %(ws)s, gen_random_uuid(), %(id)s, o.metric_id, o.place, m.direction = 'higher_is_better', o.baseline, o.result
FROM ROWS FROM (jsonb_to_recordset(%(outcomes)s) AS (metric_id uuid, baseline float8, result float8))
    WITH ORDINALITY AS o (metric_id, baseline, result, place)
JOIN outcome_metrics m ON m.workspace_id = %(ws)s AND m.id = o.metric_id
"""
ENTRIES_OF: Final = """
INSERT INTO reference_case_entries (workspace_id, id, case_id, initiative_id, initiative_no, metric_id, outcome_no,
    improvement_pct, state, industry, employee_count, listed_at)
SELECT c.workspace_id, gen_random_uuid(), c.id, i.id, i.place - 1, o.metric_id, coalesce(o.no, 0), o.improvement_pct,
    c.state, c.industry, c.employee_count, coalesce(c.approved_at, c.created_at)
FROM reference_cases c
CROSS JOIN unnest(%(initiatives)s::uuid[]) WITH ORDINALITY AS i (id, place)
LEFT JOIN LATERAL (
    SELECT o.metric_id, o.improvement_pct,
        row_number() OVER (ORDER BY o.improvement_pct DESC NULLS LAST, o.place) - 1 AS no
    FROM reference_case_outcomes o WHERE o.workspace_id = c.workspace_id AND o.case_id = c.id
) AS o ON true
WHERE c.workspace_id = %(ws)s AND c.id = %(id)s
"""
_TOLD: Final = f"{TOLD} AND c.id = %(id)s"
_STATE: Final = """
UPDATE reference_case_entries e SET state = c.state, listed_at = coalesce(c.approved_at, c.created_at)
FROM reference_cases c WHERE c.workspace_id = %(ws)s AND c.id = %(id)s
AND e.workspace_id = %(ws)s AND e.case_id = c.id
"""


async def index_case(tx: Tx, case_id: UUID, content: CaseContent) -> None:
    """Let a case be found by what its shown version says."""
    await tx.flush()
    outcomes = [outcome.model_dump(mode="json") for outcome in content.outcomes]
    parameters = {
        "ws": tx.workspace_id, "id": case_id, "outcomes": Jsonb(outcomes), "initiatives": content.initiative_ids,
    }  # fmt: skip
    for statement in (*_FORGET, _OUTCOMES, ENTRIES_OF, _TOLD):
        await tx.execute(statement, parameters)


_VERSIONS: Final = """
SELECT json_agg(json_build_object('id', v.id, 'number', v.number, 'state', v.state, 'content', v.content,
    'author_id', v.author_id, 'created_at', {created_at}, 'submitted_at', {submitted_at}, 'reviewed_at', {reviewed_at},
    'reviewed_by_id', v.reviewed_by_id, 'review_comment', v.review_comment) ORDER BY v.number DESC)
FROM reference_case_versions v WHERE v.workspace_id = %(ws)s AND v.case_id = %(id)s
""".format(
    **{
        name: f"""to_char(v.{name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        for name in ("created_at", "submitted_at", "reviewed_at")
    }
)


async def versions_of(tx: Tx, case_id: UUID) -> bytes:
    """All versions of a case, the latest first, as JSON; ``not_found`` without such a case."""
    [(found,)] = await tx.fetch(_VERSIONS, {"ws": tx.workspace_id, "id": case_id})
    if found is None:  # every case has a version
        raise NOT_FOUND(what=CASES.name)
    assert isinstance(found, bytes)
    return b'{"data":' + found + b"}"
