"""What one can do with API keys, the workspace's own and its partners'."""

import datetime as dt
from collections.abc import Iterable
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.auth import partners
from api.auth.granting import check_held, check_scopes, check_whose
from api.auth.models import Credential, CredentialKind
from api.auth.secret_tokens import SecretToken
from api.auth.states import state_of
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid, problem_type
from api.kit.resources import Resource
from api.kit.settings import Environment, settings
from api.kit.tables import new_id

API_KEYS: Final = Resource(
    "api_key",
    Credential,
    values={
        "state": state_of(
            (col(Credential.revoked_at).is_not(None), "revoked"),
            (col(Credential.expires_at) <= sa.func.now(), "expired"),
            otherwise="active",
        )
    },
    sorts={"created_at": col(Credential.created_at)},
    default_sort="-created_at",
    visible=col(Credential.kind) == sa.literal_column("'api_key'"),
)

KEY_ENDED = problem_type(
    "key_ended",
    409,
    en=("Key no longer in use", "This API key is revoked, expired or already replaced. Create a new one."),
    ja=(
        "使われていないキー",
        "この API キーは失効済みか、期限切れか、すでに置き換えられています。新しく作成してください。",
    ),
)


async def create_api_key(
    tx: Tx,
    *,
    name: str,
    scopes: Iterable[str],
    expires_at: dt.datetime | None = None,
    partner_id: UUID | None = None,
) -> tuple[Credential, str]:
    """A new API key and its secret, which is not stored and cannot be shown again."""
    wanted = list(dict.fromkeys(scopes))
    check_whose(tx, partner_id)
    check_scopes(tx, wanted, partner_id)
    await partners.require(tx, partner_id)
    if expires_at is not None and expires_at <= clock.now():
        raise invalid(FieldError("/expires_at", "out_of_range", "Must be in the future", "未来の日時にしてください"))
    assert tx.workspace_id is not None
    key_id = new_id()
    token = SecretToken.generate(tx.workspace_id, key_id)
    text = token.text(_key_prefix())
    key = await write.create(
        tx, API_KEYS, Credential,
        {
            "id": key_id, "kind": CredentialKind.api_key.value, "name": name, "scopes": sorted(wanted),
            "prefix": f"{text[:12]}…{text[-4:]}", "secret_hash": token.hash(), "expires_at": expires_at,
            "created_by": tx.actor.user_id, "partner_id": partner_id,
        },
    )  # fmt: skip
    return key, text


async def rotate_api_key(tx: Tx, key_id: UUID, overlap: dt.timedelta) -> tuple[Credential, str]:
    """A new key with the same name and scopes; the old one works for ``overlap`` longer."""
    old = await write.lock(tx, API_KEYS, Credential, key_id)
    check_whose(tx, old.partner_id)
    expired = old.expires_at is not None and old.expires_at <= clock.now()
    if expired or old.revoked_at is not None or old.replaced_by is not None:
        raise KEY_ENDED()
    check_held(tx, old.scopes)
    new, text = await create_api_key(
        tx, name=old.name, scopes=old.scopes, expires_at=old.expires_at, partner_id=old.partner_id
    )
    end = clock.now() + overlap
    ends = min(old.expires_at, end) if old.expires_at else end
    await write.change(tx, API_KEYS, old, {"expires_at": ends, "replaced_by": new.id}, action="rotated")
    return new, text


async def revoke_api_key(tx: Tx, key_id: UUID, version: int) -> None:
    """End an API key, at once."""
    key = await write.lock(tx, API_KEYS, Credential, key_id, version=version)
    check_whose(tx, key.partner_id)
    if key.revoked_at is None:
        await write.change(tx, API_KEYS, key, {"revoked_at": clock.now()}, action="revoked")


def _key_prefix() -> str:
    return "pk_live_" if settings().environment is Environment.production else "pk_test_"
