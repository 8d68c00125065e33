"""What the demo's people configure before the first customer comes: fields, segments, views, products, policy."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api.accounts import assignment, custom_fields, segments
from api.accounts.configuration_schemas import PolicyCreate, PolicyUpdate
from api.accounts.models import AssignmentPolicy
from api.accounts.settings import AccountSettings, change_account_settings
from api.accounts.standing import refresh_standing
from api.demo.market import Market
from api.kit.db import Tx
from api.products import service as products


async def configure(tx: Tx, market: Market, csms: Sequence[UUID]) -> AssignmentPolicy:
    """Configure the workspace; its assignment policy, applied."""
    await change_account_settings(tx, AccountSettings.model_validate(market.settings))
    await refresh_standing(tx)
    for field in market.fields:
        await custom_fields.declare_field(tx, field)
    made = {}
    for name, description, filter_ in market.segments:
        segment = await segments.create_segment(tx, {"name": name, "description": description, "filter": filter_})
        made[name] = segment.id
    await _fill_catalogue(tx, market, made)
    for name, query, shared in market.views:
        await custom_fields.save_view(tx, {"name": name, "query": query, "shared": shared})
    wanted = PolicyCreate.model_validate({"name": "CSM", "kind": "size", "rules": _rules(csms)})
    policy = await assignment.create_policy(tx, wanted.model_dump(mode="json"))
    await assignment.apply_policy(tx, policy.id, policy.version)
    return policy


async def reorganise(tx: Tx, policy: AssignmentPolicy, csms: Sequence[UUID]) -> None:
    """Give the policy another pool and apply it: accounts of those who are not in it any more change hands."""
    wanted = PolicyUpdate.model_validate({"rules": _rules(csms)})
    await assignment.update_policy(tx, policy.id, policy.version, wanted.model_dump(mode="json", exclude_unset=True))
    await assignment.apply_policy(tx, policy.id, policy.version)


def _rules(csms: Sequence[UUID]) -> list[dict[str, Any]]:
    """The first two share the large customers, the last one has the smallest."""
    return [
        {"size_band": "enterprise", "user_ids": list(csms[:2])},
        {"size_band": "smb", "user_ids": list(csms[1:])},
        {"size_band": "micro", "user_ids": list(csms[-1:])},
    ]


async def _fill_catalogue(tx: Tx, market: Market, segment_ids: Mapping[str, UUID]) -> None:
    product_ids = {}
    for values in market.products:
        product = await products.create_product(tx, values)
        product_ids[product.external_id] = product.id
    for key, segment, statement, milestone in market.overrides:
        definition = {"success_statement": statement, "value_milestone": milestone}
        await products.override_success(tx, product_ids[key], segment_ids[segment], definition)
