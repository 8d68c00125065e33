"""Links to roadmaps: made, revoked, and proven by whoever holds them, without a login.

A token names its link; only a keyed hash of it is stored. Who cannot prove the secret learns nothing, not even that there
is such a link.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from api.auth.secret_tokens import SecretToken
from api.auth.service import workspace_today
from api.contacts.models import Contact
from api.kit import clock, write
from api.kit.actors import Actor, ActorKind
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.resources import NOW, Condition, Expansion, Resource
from api.kit.tables import new_id
from api.success_roadmaps.models import SuccessRoadmap
from api.success_roadmaps.share_models import RoadmapShare, ShareScope
from api.success_roadmaps.share_schemas import ShareState

TOKEN_PREFIX: Final = "rms_"  # noqa: S105
DEFAULT_DAYS: Final = 30
MOST_DAYS: Final = 366

LINK_INVALID = problem_type(
    "roadmap_link_invalid", 410,
    en=("Link not valid", "This link is not valid, or was withdrawn."),
    ja=("無効なリンクです", "このリンクは無効か、取り消されています。"),
)  # fmt: skip
LINK_EXPIRED = problem_type(
    "roadmap_link_expired", 410,
    en=("Link expired", "The time of this link is over. Ask for a new one."),
    ja=("リンクの有効期限が切れています", "このリンクの有効期限が切れました。新しいリンクを依頼してください。"),
)  # fmt: skip
VIEW_ONLY = problem_type(
    "roadmap_link_view_only", 403,
    en=("View only", "With this link one can look, not comment."),
    ja=("閲覧専用のリンクです", "このリンクでは閲覧のみできます。コメントはできません。"),
)  # fmt: skip

_share: sa.Table = RoadmapShare.__table__  # type: ignore[attr-defined]
_roadmap: sa.Table = SuccessRoadmap.__table__  # type: ignore[attr-defined]
_contact: sa.Table = Contact.__table__  # type: ignore[attr-defined]


def _same(table: Any, ours: str) -> Condition:  # noqa: ANN401
    return sa.and_(table.c.workspace_id == _share.c.workspace_id, table.c.id == _share.c[ours])


def _stands(share: str, day: str) -> str:
    """The condition that what a link leads to, and whoever got it, are still there."""
    return f"""(
        {share}.archived_at IS NULL AND EXISTS (
            SELECT FROM success_roadmaps of_link
            JOIN accounts a ON a.workspace_id = of_link.workspace_id AND a.id = of_link.account_id
            LEFT JOIN contacts c ON c.workspace_id = of_link.workspace_id AND c.id = {share}.contact_id
            WHERE of_link.workspace_id = {share}.workspace_id AND of_link.id = {share}.roadmap_id
            AND of_link.archived_at IS NULL AND a.archived_at IS NULL
            AND ({share}.contact_id IS NULL OR (
                c.account_id = of_link.account_id AND c.erased_at IS NULL AND c.archived_at IS NULL
                AND (c.left_on IS NULL OR c.left_on > {day})
            ))
        )
    )"""


_DAY: Final = (
    "(SELECT (:now AT TIME ZONE home.time_zone)::date FROM workspaces home "
    "WHERE home.workspace_id = roadmap_shares.workspace_id)"
)
_standing: Condition = sa.and_(
    sa.text(_stands("roadmap_shares", _DAY)).bindparams(sa.bindparam("now", type_=NOW.type)), sa.text("true")
)
_state = sa.case(
    (_share.c.revoked_at.is_not(None), sa.literal_column(f"'{ShareState.revoked.value}'", sa.Text())),
    (_share.c.expires_at <= NOW, sa.literal_column(f"'{ShareState.expired.value}'", sa.Text())),
    (_standing, sa.literal_column(f"'{ShareState.active.value}'", sa.Text())),
    else_=sa.literal_column(f"'{ShareState.suspended.value}'", sa.Text()),
)
SHARES: Final = Resource(
    "roadmap_share",
    RoadmapShare,
    joins=[(_roadmap, _same(_roadmap, "roadmap_id"))],
    values={"account_id": _roadmap.c.account_id, "state": _state},
    sorts={"created_at": _share.c.created_at, "expires_at": _share.c.expires_at},
    default_sort="-created_at",
    expands={"contact": Expansion(_contact, _same(_contact, "contact_id"))},
)

# Everything that ends a link, besides its secret: asked anew with each request.
_PROOF: Final = f"""
SELECT s.secret_hash, s.expires_at, s.roadmap_id, s.scope, s.contact_id, s.label, s.last_opened_at, r.account_id,
    s.revoked_at IS NULL AND {_stands("s", "(%(now)s AT TIME ZONE home.time_zone)::date")} AS stands, c.name, s.sections
FROM roadmap_shares s
JOIN workspaces home ON home.workspace_id = s.workspace_id
JOIN success_roadmaps r ON r.workspace_id = s.workspace_id AND r.id = s.roadmap_id
LEFT JOIN contacts c ON c.workspace_id = s.workspace_id AND c.id = s.contact_id
WHERE s.workspace_id = %(ws)s AND r.workspace_id = %(ws)s AND s.id = %(id)s
"""  # noqa: S608


class Holder:
    """Who holds a link that stands, and what it opens."""

    def __init__(self, share_id: UUID, row: tuple[Any, ...]) -> None:
        self.share_id = share_id
        (_, _, self.roadmap_id, self.scope, self.contact_id, self.label, self.last_opened_at, self.account_id, _,
         self.contact_name, self.sections) = row  # fmt: skip

    @property
    def may_comment(self) -> bool:
        """Whether the link lets its holder comment."""
        return bool(self.scope == ShareScope.comment)

    @property
    def actor(self) -> Actor:
        """Whoever holds the link acts; the audit log names the link."""
        return Actor(ActorKind.system, self.share_id, "link", frozenset())


def read_token(text: str) -> SecretToken:
    """The token in a link; ``roadmap_link_invalid`` when it is none of ours."""
    token = SecretToken.parse(text, TOKEN_PREFIX)
    if token is None:
        raise LINK_INVALID()
    return token


async def create_share(tx: Tx, values: Mapping[str, Any]) -> tuple[UUID, str]:
    """Make a link; its id and the token, which is shown once."""
    now = clock.now()
    expires_at = values["expires_at"] or now + dt.timedelta(days=DEFAULT_DAYS)
    if not now < expires_at <= now + dt.timedelta(days=MOST_DAYS):
        raise invalid(
            FieldError(
                "/expires_at", "out_of_range", f"In the future, at most {MOST_DAYS} days ahead",
                f"未来の日時で、{MOST_DAYS} 日以内にしてください",
            )
        )  # fmt: skip
    account_id = await require_roadmap(tx, values["roadmap_id"])
    if values["contact_id"] is not None:
        await _require_contact(tx, account_id, values["contact_id"])
    assert tx.workspace_id is not None
    share_id = new_id()
    token = SecretToken.generate(tx.workspace_id, share_id)
    sections = [section.value for section in values["sections"]]
    given = {**values, "id": share_id, "sections": sections, "expires_at": expires_at, "secret_hash": token.hash()}
    told = {"roadmap_id": str(values["roadmap_id"]), "account_id": str(account_id), "scope": str(values["scope"])}
    await write.create(tx, SHARES, RoadmapShare, given, announce=told)
    return share_id, token.text(TOKEN_PREFIX)


async def revoke_share(tx: Tx, share_id: UUID, version: int) -> None:
    """Withdraw a link: the next request with it fails."""
    share = await write.lock(tx, SHARES, RoadmapShare, share_id, version=version)
    if share.revoked_at is None:
        values = {"revoked_at": clock.now(), "revoked_by_id": tx.actor.user_id}
        told = {"roadmap_id": str(share.roadmap_id)}
        await write.change(tx, SHARES, share, values, action="revoked", announce=told)


async def proven(tx: Tx, token: SecretToken) -> Holder | None:
    """Who holds the token, if it proves its link; a problem when that link is over."""
    rows = await tx.fetch(_PROOF, {"ws": token.workspace_id, "id": token.id, "now": clock.now()})
    if not rows or not token.proves(bytes(rows[0][0])):
        return None
    if not rows[0][8]:
        raise LINK_INVALID()
    if rows[0][1] <= clock.now():
        raise LINK_EXPIRED()
    return Holder(token.id, rows[0])


async def note_opening(tx: Tx, holder: Holder) -> None:
    """Remember that the page was opened, to the quarter of an hour: not every look is a write."""
    now = clock.now()
    if holder.last_opened_at is None or now - holder.last_opened_at > dt.timedelta(minutes=15):
        await tx.execute(
            "UPDATE roadmap_shares SET last_opened_at = %(now)s WHERE workspace_id = %(ws)s AND id = %(id)s",
            {"now": now, "ws": tx.workspace_id, "id": holder.share_id},
        )


async def require_roadmap(tx: Tx, roadmap_id: UUID, goal_id: UUID | None = None) -> UUID:
    """Refuse a roadmap that is not there, and a goal that is not the roadmap's; the account."""
    rows = await tx.fetch(
        "SELECT account_id FROM success_roadmaps WHERE workspace_id = %s AND id = %s AND archived_at IS NULL "
        "FOR KEY SHARE",
        [tx.workspace_id, roadmap_id],
    )
    if not rows:
        raise _unknown("/roadmap_id", "roadmap", "ロードマップ")
    if goal_id is not None and not await tx.fetch(
        "SELECT 1 FROM roadmap_goals WHERE workspace_id = %s AND id = %s AND roadmap_id = %s AND archived_at IS NULL "
        "FOR KEY SHARE",
        [tx.workspace_id, goal_id, roadmap_id],
    ):
        raise _unknown("/goal_id", "goal of the roadmap", "ロードマップの目標")
    found: UUID = rows[0][0]
    return found


async def _require_contact(tx: Tx, account_id: UUID, contact_id: UUID) -> None:
    rows = await tx.fetch(
        "SELECT 1 FROM contacts WHERE workspace_id = %(ws)s AND id = %(id)s AND account_id = %(account)s "
        "AND archived_at IS NULL AND erased_at IS NULL AND (left_on IS NULL OR left_on > %(today)s) FOR KEY SHARE",
        {"ws": tx.workspace_id, "id": contact_id, "account": account_id, "today": await workspace_today(tx)},
    )
    if not rows:
        raise _unknown("/contact_id", "contact of the account", "アカウントの連絡先")


def _unknown(pointer: str, en: str, ja: str) -> Exception:
    return invalid(FieldError(pointer, "reference_not_found", f"There is no such {en}", f"該当する{ja}がありません"))
