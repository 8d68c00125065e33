"""Links: handed out once, opened and answered by whoever holds them, without a login.

A token names its invitation; only a keyed hash of it is stored. Who cannot prove the secret learns nothing, not even
that there is such an invitation.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.auth.secret_tokens import SecretToken
from api.auth.service import workspace_today
from api.contacts.models import Contact
from api.kit import audit, clock, outbox, write
from api.kit.actors import Actor, ActorKind
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.tables import new_id
from api.surveys.answer_schemas import SurveyInvitationSent
from api.surveys.models import Survey, SurveyInvitation, SurveyInvitationState, SurveyResponse
from api.surveys.resource import INVITATIONS, SURVEYS
from api.surveys.responses import record_answer
from api.surveys.scores import SurveyKind, scale_of
from api.surveys.service import check_score
from api.surveys.standing import freeze_standing

TOKEN_PREFIX: Final = "srv_"  # noqa: S105

LINK_INVALID = problem_type(
    "survey_link_invalid",
    410,
    en=("Link not valid", "This link is not valid, or was replaced by a newer one."),
    ja=("無効なリンクです", "このリンクは無効か、新しいリンクに置き換えられています。"),
)
LINK_EXPIRED = problem_type(
    "survey_link_expired",
    410,
    en=("Link expired", "The time for answering is over. Thank you all the same."),
    ja=("回答期限が過ぎています", "回答の受け付けは終了しました。ありがとうございました。"),
)
LINK_USED = problem_type(
    "survey_link_used",
    410,
    en=("Already answered", "This survey has been answered with this link. Thank you."),
    ja=("回答済みです", "このリンクからはすでに回答をいただいています。ありがとうございました。"),
)
THROTTLED = problem_type(
    "survey_throttled",
    409,
    en=("Asked recently", "This person was asked within the last {days} days; ask again from {day} on."),
    ja=("最近依頼済みです", "この担当者には過去 {days} 日以内に依頼済みです。{day} 以降に依頼してください。"),
)
NOT_REACHABLE = problem_type(
    "contact_not_reachable",
    409,
    en=("Cannot be asked", "This person has left, was erased, or has no e-mail address."),
    ja=("依頼できません", "この担当者は退職済みか、個人情報が消去済みか、メールアドレスがありません。"),
)
_CLOSED: Final = {
    SurveyInvitationState.answered.value: LINK_USED,
    SurveyInvitationState.expired.value: LINK_EXPIRED,
    SurveyInvitationState.skipped.value: LINK_EXPIRED,
}


async def invite(tx: Tx, survey_id: UUID, contact_id: UUID) -> tuple[SurveyInvitation, str]:
    """Ask one person now; the invitation, and the token of its link."""
    survey = await write.lock(tx, SURVEYS, Survey, survey_id)
    contact = await tx.session.scalar(
        sa.select(Contact)
        .where(col(Contact.workspace_id) == tx.workspace_id, col(Contact.id) == contact_id)
        .with_for_update()
    )
    if contact is None:
        raise invalid(
            FieldError("/contact_id", "reference_not_found", "There is no such contact", "該当する連絡先がありません")
        )
    if contact.left_on or contact.erased_at or contact.archived_at or not contact.email:
        raise NOT_REACHABLE()
    today = await workspace_today(tx)
    await _refuse_too_soon(tx, survey, contact_id, today)
    assert tx.workspace_id is not None
    invitation_id, now = new_id(), clock.now()
    token = SecretToken.generate(tx.workspace_id, invitation_id)
    told = {"survey_id": str(survey_id), "account_id": str(contact.account_id), "contact_id": str(contact_id)}
    invitation = await write.create(
        tx, INVITATIONS, SurveyInvitation,
        {
            "id": invitation_id, "survey_id": survey_id, "account_id": contact.account_id, "contact_id": contact_id,
            "occasion": f"asked {invitation_id}", "due_on": today, "state": SurveyInvitationState.sent.value,
            "secret_hash": token.hash(), "sent_at": now, "expires_at": now + _days(survey.expires_after_days),
        },
        announce=told,
    )  # fmt: skip
    await freeze_standing(tx, "survey_invitations", "due_on", [invitation_id], today)
    return invitation, token.text(TOKEN_PREFIX)


async def _refuse_too_soon(tx: Tx, survey: Survey, contact_id: UUID, today: dt.date) -> None:
    if not survey.throttle_days:
        return
    rows = await tx.fetch(
        "SELECT max(due_on) FROM survey_invitations WHERE workspace_id = %(ws)s AND contact_id = %(contact)s "
        "AND (state = 'scheduled' OR sent_at IS NOT NULL) AND due_on > %(since)s",
        {"ws": tx.workspace_id, "contact": contact_id, "since": today - _days(survey.throttle_days)},
    )
    if (last := rows[0][0]) is not None:
        raise THROTTLED(days=survey.throttle_days, day=last + _days(survey.throttle_days))


_CHOOSE: Final = """
SELECT i.id, i.survey_id, i.account_id, i.contact_id, i.due_on, s.expires_after_days, c.name, c.email,
    coalesce(c.language, a.language)
FROM survey_invitations i
JOIN surveys s ON s.workspace_id = i.workspace_id AND s.id = i.survey_id
JOIN accounts a ON a.workspace_id = i.workspace_id AND a.id = i.account_id
JOIN contacts c ON c.workspace_id = i.workspace_id AND c.id = i.contact_id
WHERE i.workspace_id = %(ws)s AND s.workspace_id = %(ws)s AND a.workspace_id = %(ws)s AND c.workspace_id = %(ws)s
AND {which}
AND s.archived_at IS NULL AND a.archived_at IS NULL
AND c.archived_at IS NULL AND c.left_on IS NULL AND c.erased_at IS NULL AND c.email IS NOT NULL
ORDER BY i.due_on, i.id LIMIT %(limit)s FOR UPDATE OF i SKIP LOCKED
"""
_WAITING: Final = (
    "i.state = 'scheduled' AND s.active AND (%(surveys)s::uuid[] IS NULL OR i.survey_id = ANY(%(surveys)s))"
)
_NAMED: Final = "i.id = ANY(%(ids)s) AND i.state IN ('scheduled', 'sent')"


async def hand_out(
    tx: Tx, *, ids: Sequence[UUID] | None, survey_ids: Sequence[UUID] | None, limit: int
) -> list[SurveyInvitationSent]:
    """Give invitations their links; each counts as sent now."""
    await _refuse_unknown(tx, "survey_invitations", "ids", ids)
    await _refuse_unknown(tx, "surveys", "survey_id", survey_ids)
    rows = await tx.fetch(
        _CHOOSE.format(which=_WAITING if ids is None else _NAMED),
        {
            "ws": tx.workspace_id, "ids": list(ids or ()), "surveys": survey_ids and list(survey_ids),
            "limit": limit if ids is None else len(ids),
        },
    )  # fmt: skip
    assert tx.workspace_id is not None
    now = clock.now()
    sent, hashes = [], []
    for row_id, survey_id, account_id, contact_id, _, days, name, email, language in rows:
        token = SecretToken.generate(tx.workspace_id, row_id)
        hashes.append(token.hash())
        sent.append(
            SurveyInvitationSent(
                id=row_id, survey_id=survey_id, account_id=account_id, contact_id=contact_id, name=name, email=email,
                language=language, expires_at=now + _days(days), token=token.text(TOKEN_PREFIX),
            )
        )  # fmt: skip
    given: dict[str, Any] = {
        "ws": tx.workspace_id, "now": now, "ids": [each.id for each in sent], "hashes": hashes,
        "ends": [each.expires_at for each in sent],
    }  # fmt: skip
    await tx.execute(
        "UPDATE survey_invitations i SET state = 'sent', secret_hash = n.hash, sent_at = %(now)s, expires_at = n.ends, "
        "version = i.version + 1, updated_at = %(now)s "
        "FROM unnest(%(ids)s::uuid[], %(hashes)s::bytea[], %(ends)s::timestamptz[]) AS n (id, hash, ends) "
        "WHERE i.workspace_id = %(ws)s AND i.id = n.id",
        given,
    )
    await freeze_standing(tx, "survey_invitations", "due_on", given["ids"], dt.date.min)
    await audit.record_many(tx, INVITATIONS.name, [("sent", each.id, ["state"]) for each in sent])
    await outbox.record_many(tx, INVITATIONS.name, [("sent", each.id, _told(each)) for each in sent])
    return sent


async def _refuse_unknown(tx: Tx, table: str, field: str, ids: Sequence[UUID] | None) -> None:
    if not ids:
        return
    rows = await tx.fetch(
        f"SELECT id FROM {table} WHERE workspace_id = %s AND id = ANY(%s)",  # noqa: S608
        [tx.workspace_id, list(ids)],
    )
    known = {row[0] for row in rows}
    if unknown := [place for place, each in enumerate(ids) if each not in known]:
        raise invalid(
            *(
                FieldError(
                    f"/{field}/{place}", "reference_not_found",
                    "There is no such record", "該当するデータがありません",
                )
                for place in unknown
            )
        )  # fmt: skip


def _told(sent: SurveyInvitationSent) -> dict[str, str]:
    return {name: str(getattr(sent, name)) for name in ("survey_id", "account_id", "contact_id")}


async def opened(tx: Tx, token: SecretToken) -> dict[str, Any]:
    """What the person behind a link is asked."""
    invitation, survey = await _proven(tx, token)
    rows = await tx.fetch(
        "SELECT w.name, coalesce(c.language, a.language) FROM workspaces w "
        "JOIN accounts a ON a.workspace_id = w.workspace_id JOIN contacts c ON c.workspace_id = w.workspace_id "
        "WHERE w.workspace_id = %(ws)s AND a.id = %(account)s AND c.id = %(contact)s",
        {"ws": tx.workspace_id, "account": invitation.account_id, "contact": invitation.contact_id},
    )
    scale = scale_of(SurveyKind(survey.kind), survey.scale_max)
    return {
        "workspace": rows[0][0],
        "kind": survey.kind,
        "question": survey.question,
        "follow_up": survey.follow_up,
        "scale_min": scale[0],
        "scale_max": scale[-1],
        "language": rows[0][1],
        "expires_at": invitation.expires_at,
    }


async def answer(tx: Tx, token: SecretToken, score: int, comment: str) -> SurveyResponse:
    """Take down an answer; each link answers once."""
    invitation, survey = await _proven(tx, token)
    check_score(SurveyKind(survey.kind), survey.scale_max, score)
    # Whoever holds the link acts; the audit log says for which invitation, by its id.
    tx.actor = Actor(ActorKind.system, invitation.id, "respondent", frozenset())
    now = clock.now()
    changes = {"state": SurveyInvitationState.answered.value, "answered_at": now}
    told = {
        "survey_id": str(survey.id),
        "account_id": str(invitation.account_id),
        "contact_id": str(invitation.contact_id),
    }
    await write.change(tx, INVITATIONS, invitation, changes, action="answered", announce=told)
    return await record_answer(tx, survey, invitation, score, comment)


async def _proven(tx: Tx, token: SecretToken) -> tuple[SurveyInvitation, Survey]:
    """The invitation behind a token, locked, with its survey; a problem when it cannot be answered any more."""
    invitation = await tx.session.scalar(
        sa.select(SurveyInvitation)
        .where(col(SurveyInvitation.workspace_id) == token.workspace_id, col(SurveyInvitation.id) == token.id)
        .with_for_update()
    )
    if invitation is None or not token.proves(bytes(invitation.secret_hash)):
        raise LINK_INVALID()
    if invitation.state in _CLOSED:
        raise _CLOSED[invitation.state]()
    contact = await tx.session.get_one(Contact, (token.workspace_id, invitation.contact_id))
    if contact.erased_at is not None:
        raise LINK_INVALID()
    if invitation.expires_at is None or invitation.expires_at <= clock.now():
        raise LINK_EXPIRED()
    return invitation, await tx.session.get_one(Survey, (token.workspace_id, invitation.survey_id))


def _days(days: int) -> dt.timedelta:
    return dt.timedelta(days=days)


def read_token(text: str) -> SecretToken:
    """The token in a link; ``survey_link_invalid`` when it is none of ours."""
    token = SecretToken.parse(text, TOKEN_PREFIX)
    if token is None:
        raise LINK_INVALID()
    return token
