"""What one can do with invitations, to the workspace or to a partner's people."""

import datetime as dt
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.auth import acting, partners
from api.auth.granting import check_role, check_whose
from api.auth.models import Invitation, User
from api.auth.permissions import Role
from api.auth.secret_tokens import SecretToken
from api.auth.service import create_user, folded_email
from api.auth.states import state_of
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.resources import Resource
from api.kit.tables import new_id

INVITATIONS: Final = Resource(
    "invitation",
    Invitation,
    values={
        "state": state_of(
            (col(Invitation.accepted_at).is_not(None), "accepted"),
            (col(Invitation.archived_at).is_not(None), "withdrawn"),
            (col(Invitation.expires_at) <= sa.func.now(), "expired"),
            otherwise="open",
        )
    },
    sorts={"created_at": col(Invitation.created_at)},
    default_sort="-created_at",
)

INVITATION_PREFIX: Final = "inv_"
_INVITATION_LIFETIME: Final = dt.timedelta(days=7)

INVITATION_INVALID = problem_type(
    "invitation_invalid",
    410,
    en=(
        "Invitation no longer valid",
        "The invitation was used, withdrawn or has expired. Ask for a new one.",
    ),
    ja=(
        "招待は無効です",
        "この招待は使用済みか、取り消されたか、期限切れです。新しい招待を依頼してください。",
    ),
)
INVITATION_ACCEPTED = problem_type(
    "invitation_accepted",
    409,
    en=("Invitation accepted", "The invitation was accepted. Suspend or archive the user instead."),
    ja=(
        "承諾済みの招待",
        "この招待はすでに承諾されています。代わりにユーザーを停止またはアーカイブしてください。",
    ),
)


async def invite(tx: Tx, *, email: str, role: Role, partner_id: UUID | None = None) -> tuple[Invitation, str]:
    """An invitation, to the workspace or to be of a partner's people, and the token that accepts it."""
    check_whose(tx, partner_id)
    check_role(tx, role)
    if (role is Role.partner) != (partner_id is not None):
        raise invalid(
            FieldError(
                "/partner_id",
                "not_allowed",
                "The role `partner` needs the partner, and no other role has one",
                "ロール `partner` にはパートナーの指定が必要で、他のロールには指定できません",
            )
        )
    await partners.require(tx, partner_id)
    assert tx.workspace_id is not None
    invitation_id = new_id()
    token = SecretToken.generate(tx.workspace_id, invitation_id)
    invitation = await write.create(
        tx, INVITATIONS, Invitation,
        {
            "id": invitation_id, "email": folded_email(email), "role": role.value,
            "secret_hash": token.hash(), "expires_at": clock.now() + _INVITATION_LIFETIME,
            "invited_by": tx.actor.user_id, "partner_id": partner_id,
        },
    )  # fmt: skip
    return invitation, token.text(INVITATION_PREFIX)


async def accept_invitation(tx: Tx, token: SecretToken, *, name: str, password: str, language: str) -> User:
    """Make the invited person a user; each invitation works once."""
    invitation = await tx.session.scalar(
        sa.select(Invitation)
        .where(col(Invitation.workspace_id) == token.workspace_id, col(Invitation.id) == token.id)
        .with_for_update()
    )
    usable = (
        invitation is not None
        and token.proves(bytes(invitation.secret_hash))
        and invitation.accepted_at is None
        and invitation.archived_at is None
        and invitation.expires_at > clock.now()
    )
    if invitation is None or not usable or not await partners.is_active(tx, invitation.partner_id):
        raise INVITATION_INVALID()
    user_id = new_id()
    tx.actor = acting.user(user_id, invitation.role, invitation.partner_id)
    await write.change(tx, INVITATIONS, invitation, {"accepted_at": clock.now()}, action="accepted")
    return await create_user(
        tx,
        email=invitation.email,
        name=name,
        role=Role(invitation.role),
        password=password,
        language=language,
        user_id=user_id,
        partner_id=invitation.partner_id,
    )


async def withdraw_invitation(tx: Tx, invitation_id: UUID, version: int) -> None:
    """Take an invitation back."""
    invitation = await write.lock(tx, INVITATIONS, Invitation, invitation_id, version=version)
    check_whose(tx, invitation.partner_id)
    if invitation.accepted_at is not None:
        raise INVITATION_ACCEPTED()
    await write.archive(tx, INVITATIONS, Invitation, invitation_id, version)
