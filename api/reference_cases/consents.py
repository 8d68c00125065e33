"""What customers grant, and take back. Each change tells those who keep a copy of what is consented."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from api.accounts.models import Account
from api.auth.service import workspace_today
from api.contacts.models import Contact
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.resources import NOW, Condition, Expansion, Resource
from api.reference_cases import published
from api.reference_cases.consent_models import (
    ConsentExclusion,
    ConsentPartner,
    ReferenceConsent,
)
from api.reference_cases.visibility import folded, granter_stays, is_over, is_revoked

_consent: sa.Table = ReferenceConsent.__table__  # type: ignore[attr-defined]
_excluded: sa.Table = ConsentExclusion.__table__  # type: ignore[attr-defined]
_partner: sa.Table = ConsentPartner.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_contact: sa.Table = Contact.__table__  # type: ignore[attr-defined]

CONSENT_REVOKED: Final = problem_type(
    "consent_revoked", 409,
    en=("Consent is revoked", "The consent was revoked; what is granted again is a new consent."),
    ja=("撤回済みの同意です", "この同意は撤回されています。改めて許諾された場合は、新しい同意を登録してください。"),
)  # fmt: skip

_DAY: Final = (
    "(SELECT (:now AT TIME ZONE home.time_zone)::date FROM workspaces home "
    "WHERE home.workspace_id = reference_consents.workspace_id)"
)
_NAME: Final = "reference_consents"


def _said(condition: str) -> Condition:
    return sa.and_(sa.text(condition).bindparams(sa.bindparam("now", type_=NOW.type)), sa.text("true"))


_STATE: Final = sa.case(
    (_said(is_revoked(_NAME, at=":now")), sa.literal_column("'revoked'", sa.Text())),
    (_said(is_over(_NAME, day=_DAY)), sa.literal_column("'expired'", sa.Text())),
    (_said(f"reference_consents.granted_on > {_DAY}"), sa.literal_column("'scheduled'", sa.Text())),
    (_said(f"NOT {granter_stays(_NAME, day=_DAY, at=':now')}"), sa.literal_column("'suspended'", sa.Text())),
    else_=sa.literal_column("'in_force'", sa.Text()),
)


def _of(table: Any, column: str) -> Condition:  # noqa: ANN401
    return sa.and_(table.c.workspace_id == _consent.c.workspace_id, table.c.id == _consent.c[column])


def _partners() -> Any:  # noqa: ANN401
    listed = sa.func.json_agg(sa.dialects.postgresql.aggregate_order_by(_partner.c.partner_id, _partner.c.partner_id))
    return (
        sa.select(sa.func.coalesce(listed, sa.literal_column("'[]'::json")))
        .where(_partner.c.workspace_id == _consent.c.workspace_id, _partner.c.consent_id == _consent.c.id)
        .correlate(_consent)
        .scalar_subquery()
    )


def _exclusions() -> Any:  # noqa: ANN401
    names: list[Any] = []
    for name in ("company", "domain", "account_id"):
        names += [sa.literal_column(f"'{name}'"), _excluded.c[name]]
    one = sa.func.json_build_object(*names)
    listed = sa.func.json_agg(sa.dialects.postgresql.aggregate_order_by(one, _excluded.c.id))
    return (
        sa.select(sa.func.coalesce(listed, sa.literal_column("'[]'::json")))
        .where(_excluded.c.workspace_id == _consent.c.workspace_id, _excluded.c.consent_id == _consent.c.id)
        .correlate(_consent)
        .scalar_subquery()
    )


CONSENTS: Final = Resource(
    "reference_consent",
    ReferenceConsent,
    values={
        "state": _STATE,
        "partner_ids": _partners(),
        "exclusions": _exclusions(),
        "expires": _consent.c.expires_on,
    },
    filters={"act": lambda value: sa.cast(value, sa.Text()) == sa.any_(_consent.c.acts)},
    sorts={"granted_on": _consent.c.granted_on},
    default_sort="-granted_on",
    expands={
        "account": Expansion(_account, _of(_account, "account_id")),
        "contact": Expansion(_contact, _of(_contact, "contact_id")),
    },
)

_FITS: Final = """
SELECT
    EXISTS (SELECT FROM accounts a WHERE a.workspace_id = %(ws)s AND a.id = %(account)s AND a.merged_into_id IS NULL),
    EXISTS (
        SELECT FROM contacts p WHERE p.workspace_id = %(ws)s AND p.id = %(contact)s AND p.account_id = %(account)s
        AND p.left_on IS NULL AND p.archived_at IS NULL AND p.erased_at IS NULL
    ),
    %(case)s::uuid IS NULL OR EXISTS (
        SELECT FROM reference_cases c WHERE c.workspace_id = %(ws)s AND c.id = %(case)s AND c.account_id = %(account)s
    ),
    ARRAY(
        SELECT w.place::int - 1 FROM unnest(%(rivals)s::uuid[]) WITH ORDINALITY AS w (id, place)
        WHERE w.id IS NOT NULL AND NOT EXISTS (SELECT FROM accounts a WHERE a.workspace_id = %(ws)s AND a.id = w.id)
    ),
    ARRAY(
        SELECT w.place::int - 1 FROM unnest(%(partners)s::uuid[]) WITH ORDINALITY AS w (id, place)
        WHERE NOT EXISTS (SELECT FROM partners p WHERE p.workspace_id = %(ws)s AND p.id = w.id)
    )
"""


async def grant(tx: Tx, given: Mapping[str, Any]) -> ReferenceConsent:
    """Note what a customer granted."""
    exclusions: Sequence[Mapping[str, Any]] = given["exclusions"]
    await _check(tx, given, exclusions)
    values = {name: value for name, value in given.items() if name not in {"exclusions", "partner_ids"}}
    values |= {name: list(dict.fromkeys(part.value for part in given[name])) for name in ("acts", "fields")}
    values |= {"audience": given["audience"].value, "naming": given["naming"].value}
    consent = await write.create(
        tx, CONSENTS, ReferenceConsent, values, announce={"account_id": str(given["account_id"])}
    )
    for partner_id in dict.fromkeys(given["partner_ids"]):
        tx.session.add(ConsentPartner(workspace_id=consent.workspace_id, consent_id=consent.id, partner_id=partner_id))
    for each in exclusions:
        tx.session.add(
            ConsentExclusion(
                workspace_id=consent.workspace_id,
                consent_id=consent.id,
                company=folded(each["company"]),
                domain=folded(each["domain"]),
                account_id=each["account_id"],
            )
        )
    await published.changed(tx, [consent.account_id])
    return consent


async def revoke(tx: Tx, consent_id: UUID, version: int, reason: str) -> None:
    """End a consent; what it alone granted is seen by nobody outside from this moment on."""
    consent = await _standing(tx, consent_id, version)
    values = {"revoked_at": clock.now(), "revoked_by_id": tx.actor.user_id, "revoke_reason": reason}
    await _change(tx, consent, values, "revoked")


async def reconfirm(tx: Tx, consent_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Let another contact (or the same) stand behind a consent, which then holds again."""
    consent = await _standing(tx, consent_id, version)
    await _check(tx, {"account_id": consent.account_id, "case_id": None, **values}, [])
    await _change(tx, consent, {**values, "reconfirmed_at": clock.now()}, "reconfirmed")


async def _standing(tx: Tx, consent_id: UUID, version: int) -> ReferenceConsent:
    consent = await write.lock(tx, CONSENTS, ReferenceConsent, consent_id, version=version)
    if consent.revoked_at is not None:
        raise CONSENT_REVOKED()
    return consent


async def _change(tx: Tx, consent: ReferenceConsent, values: Mapping[str, Any], action: str) -> None:
    told = {"account_id": str(consent.account_id)}
    await write.change(tx, CONSENTS, consent, values, action=action, announce=told)
    await published.changed(tx, [consent.account_id])


async def _check(tx: Tx, given: Mapping[str, Any], exclusions: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a contact or case of another account, contacts who left, grants in the future."""
    [(account, contact, case, strangers, nobodies)] = await tx.fetch(
        _FITS,
        {
            "ws": tx.workspace_id,
            "account": given["account_id"],
            "contact": given["contact_id"],
            "case": given["case_id"],
            "rivals": [each["account_id"] for each in exclusions],
            "partners": list(given.get("partner_ids", ())),
        },
    )
    pointers = [
        pointer
        for pointer, there in (
            ("/account_id", account),
            ("/contact_id", contact or not account),
            ("/case_id", case or not account),
        )
        if not there
    ]
    pointers += [f"/exclusions/{place}/account_id" for place in strangers]
    pointers += [f"/partner_ids/{place}" for place in nobodies]
    told = ("The account has no such record at present", "このアカウントに現在該当するデータはありません")
    errors = [FieldError(pointer, "reference_not_found", *told) for pointer in pointers]
    if (day := given.get("granted_on")) is not None and day > await workspace_today(tx):
        errors.append(FieldError("/granted_on", "out_of_range", "Not in the future", "未来の日付は指定できません"))
    if errors:
        raise invalid(*errors)
