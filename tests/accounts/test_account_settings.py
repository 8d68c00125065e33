"""GET and PUT /v1/account-settings: touch model, fit and importance follow them, explained."""

from typing import Any

import pytest

from tests.accounts.conftest import Accounts, Json, refused

PATH = "/v1/account-settings"
WEIGHTS = ("contract_amount", "seats", "case_willingness", "expansion_likelihood", "churn_likelihood")


async def set_settings(accounts: Accounts, **settings: Any) -> Json:
    return await accounts.ok("PUT", PATH, json=settings)


async def test_there_are_defaults(accounts: Accounts) -> None:
    found = await accounts.ok("GET", PATH)
    assert [band["name"] for band in found["size_bands"]] == ["micro", "smb", "enterprise"]
    assert (found["icp_criteria"], found["renewal_lead_days"]) == ([], 90)
    account = await accounts.get(await accounts.create(), expand="icp_fit_reasons")
    assert (account["icp_fit"], account["icp_fit_reasons"], account["importance"]) == (None, [], None)


@pytest.mark.parametrize(
    ("acv", "touch_model"), [(None, None), (0, "tech"), (999_999, "tech"), (1_000_000, "low"), (6_000_000, "high")]
)
async def test_the_touch_model_follows_the_contract_value(
    accounts: Accounts, acv: int | None, touch_model: str | None
) -> None:
    account = await accounts.create()
    accounts.know(account, acv_minor=acv)
    await set_settings(accounts)
    assert (await accounts.get(account))["touch_model"] == touch_model
    await set_settings(accounts, touch_bands=[{"touch_model": "low", "acv_min": 0}])
    assert (await accounts.get(account))["touch_model"] == ("low" if acv is not None else None)


async def test_an_override_wins_over_the_band(accounts: Accounts) -> None:
    account = await accounts.create(touch_model_override="high")
    accounts.know(account, acv_minor=0)
    await set_settings(accounts)
    assert (await accounts.get(account))["touch_model"] == "high"
    changed = (await accounts.update(await accounts.get(account), touch_model_override=None)).json()
    assert changed["touch_model"] == "tech"
    assert await accounts.names(touch_model="tech") == [account["name"]]


async def test_fit_is_the_weighted_share_of_what_is_met_and_says_why(accounts: Accounts) -> None:
    account = await accounts.create(industry="物流", country="US", employee_count=100, tags=["多拠点"])
    criteria = [
        {"field": "industry", "values": ["物流", "製造"], "weight": 3},
        {"field": "country", "values": ["JP"], "weight": 1},
        {"field": "size_band", "values": ["smb"], "weight": 2},
        {"field": "tag", "values": ["多拠点"], "weight": 2},
        {"field": "language", "values": ["ja"], "weight": 100},
    ]
    await set_settings(accounts, icp_criteria=criteria)
    found = await accounts.get(account, expand="icp_fit_reasons")
    assert found["icp_fit"] == pytest.approx(100 * 7 / 8)
    reasons = {reason["criterion"]: (reason["met"], reason["weight"]) for reason in found["icp_fit_reasons"]}
    assert reasons == {
        "industry: 物流, 製造": (100, 3), "country: JP": (0, 1), "size_band: smb": (100, 2), "tag: 多拠点": (100, 2),
        "language: ja": (None, 100),
    }  # fmt: skip
    assert await accounts.names(icp_fit_min=87.5) == [account["name"]]
    changed = (await accounts.update(found, country="JP", language="ja")).json()
    assert changed["icp_fit"] == 100
    other = await accounts.create("別の会社", industry="小売")
    assert other["icp_fit"] == 0


async def test_importance_is_the_weighted_mean_of_what_is_known_and_says_why(accounts: Accounts) -> None:
    account = await accounts.create()
    accounts.know(account, mrr_minor=500_000, seats=1_000, health_score=70, case_willingness=20)
    await set_settings(accounts)
    found = await accounts.get(account, expand="importance_reasons")
    assert found["importance"] == pytest.approx((50 * 40 + 100 * 15 + 20 * 15 + 30 * 15) / (40 + 15 + 15 + 15))
    reasons = {reason["criterion"]: (reason["met"], reason["weight"]) for reason in found["importance_reasons"]}
    assert reasons == dict(zip(WEIGHTS, [(50, 40), (100, 15), (20, 15), (None, 15), (30, 15)], strict=True))
    weights = dict.fromkeys(WEIGHTS, 0) | {"seats": 1, "full_seats": 2_000}
    await set_settings(accounts, importance=weights)
    assert (await accounts.get(account))["importance"] == pytest.approx(50)


async def test_a_change_is_audited_and_leaves_the_accounts_versions(accounts: Accounts) -> None:
    account = await accounts.create(industry="物流")
    await set_settings(accounts, icp_criteria=[{"field": "industry", "values": ["物流"]}])
    found = await accounts.get(account)
    assert (found["icp_fit"], found["version"]) == (100, 1)
    assert ("updated", ["settings"]) in accounts.acts(accounts.workspace.id)
    assert (await accounts.ok("GET", PATH))["icp_criteria"] == [{"field": "industry", "values": ["物流"], "weight": 1}]


@pytest.mark.parametrize(
    "body",
    [
        {"size_bands": []},
        {"size_bands": [{"name": "a", "employees_max": 10}, {"name": "b", "employees_min": 10}]},
        {"size_bands": [{"name": "a", "employees_min": 10, "employees_max": 9}]},
        {"onboarding_criteria": [{"key": "a", "label": "A"}, {"key": "a", "label": "B"}]},
        {"icp_criteria": [{"field": "domain", "values": ["x"]}]},
        {"icp_criteria": [{"field": "industry", "values": []}]},
        {"importance": {"seats": -1}},
        {"renewal_lead_days": 731},
        {"renewal_days": 90},
    ],
)
async def test_settings_that_make_no_sense_are_refused(accounts: Accounts, body: Json) -> None:
    before = await accounts.ok("GET", PATH)
    refused(await accounts.client.put(PATH, json=body), 422, "invalid_input")
    assert await accounts.ok("GET", PATH) == before
