"""Ways around the wall between partners and what was not agreed to: changes that come in other ways than one by one."""

import pytest

from api.accounts.models import AccountStanding
from api.reference_cases import published
from tests.reference_cases.conftest import Json, Library, Partner, on
from tests.reference_cases.test_partners import published_case


async def test_whoever_is_excluded_stays_so_when_accounts_turn_out_to_be_one(
    library: Library, two: tuple[Partner, Partner]
) -> None:
    harbor, tsunagu = two
    with on("2026-11-22"):
        account, contact, _ = await published_case(library)
        rival = await library.account(name="HARBOR")
        holding = await library.account(name="つなぐ")
        await library.consent(account, contact, exclusions=[{"account_id": str(rival)}])
        assert [len(await partner.sees()) for partner in two] == [0, 1]
        await library.post(f"/v1/accounts/{holding}:merge", {"loser_id": str(rival)}, 200, version=1)
        assert await tsunagu.sees() == [], "the customer's other name is excluded at once"
        assert await harbor.sees() == [], "the name that it was excluded by still counts"


async def test_changes_by_bulk_and_by_the_calendar_are_seen_at_once(
    library: Library, two: tuple[Partner, Partner]
) -> None:
    harbor, _ = two
    with on("2026-10-10"):
        account, _, _ = await published_case(library, fields=["account_name"])
        await library.sign(
            account, await library.product(), 1000,
            signed_on="2026-10-01", starts_on="2026-10-01", ends_before="2026-11-01", auto_renew=False,
        )  # fmt: skip
        path = f"/v1/accounts/{account}"
        version = (await library.get(path))["version"]
        await library.client.patch(path, json={"external_id": "one"}, headers={"If-Match": f'"{version}"'})
        await library.post("/v1/accounts:bulk-upsert", {"items": [{"external_id": "one", "name": "改名後"}]}, 207)
        [case] = await harbor.sees()
        assert case["account_name"] == "改名後"
    with on("2026-12-20"):
        assert len(await harbor.sees()) == 1
        await library.run_calendar()
        assert (await library.get(path))["phase"] == "churned"
        assert await harbor.sees() == []


async def test_prospects_hide_no_customer(library: Library, two: tuple[Partner, Partner]) -> None:
    harbor, _ = two
    of_a_kind: Json = {"industry": "宇宙開発", "employee_count": 60}
    with on("2026-11-22"):
        others = [await library.account(name=f"ほか {number}", **of_a_kind) for number in range(5)]
        account = await library.account(**of_a_kind)
        await library.approved(account, await library.initiative(), await library.metric(), 400, 300)
        consent: Json = {"naming": "anonymous", "fields": ["industry", "size"]}
        await library.consent(account, await library.contact(account), **consent)
        [case] = await harbor.sees()
        assert (case["industry"], case["size_band"]) == (None, None), "the only customer among prospects"
        for paying, other in enumerate(others, 1):
            async with library.workspace.write() as tx:
                row = await tx.session.get(AccountStanding, (library.workspace.id, other))
                assert row is not None
                row.mrr_minor = 1000
            await library.consent(account, await library.contact(account), **consent)
            [case] = await harbor.sees()
            assert (case["industry"] is None) == (paying < 5), f"{paying} customers"
        assert (case["industry"], case["size_band"]) == ("宇宙開発", "50_249")


async def test_a_consent_names_partners_that_there_are(library: Library, two: tuple[Partner, Partner]) -> None:
    harbor, _ = two
    with on("2026-11-22"):
        account, contact, _ = await published_case(library)
        named: Json = {"audience": "named_partners", "partner_ids": [str(harbor.id), str(account)]}
        refused = await library.consent(account, contact, 422, **named)
        assert [error["pointer"] for error in refused["errors"]] == ["/partner_ids/1"]


async def test_a_new_name_in_the_catalogue_reaches_many_cases_by_a_job(
    library: Library, two: tuple[Partner, Partner], monkeypatch: pytest.MonkeyPatch
) -> None:
    harbor, tsunagu = two
    with on("2026-11-22"):
        await published_case(library)
        [case] = await harbor.sees()
        monkeypatch.setattr(published, "RENAMED_AT_ONCE", 0)
        path = f"/v1/initiatives/{case['initiatives'][0]['id']}"
        await library.client.patch(path, json={"name_en": "Voice bot"}, headers={"If-Match": '"1"'})
        [case] = await harbor.sees()
        assert case["initiatives"][0]["name_en"] == "Voice agent"
        workspace = library.workspace
        await published.show_all(workspace.database, workspace.id, [harbor.id, tsunagu.id])
        for partner in two:
            [case] = await partner.sees()
            assert case["initiatives"][0]["name_en"] == "Voice bot"


async def test_the_catalogue_cannot_be_guessed_at(library: Library, two: tuple[Partner, Partner]) -> None:
    harbor, _ = two
    with on("2026-11-22"):
        await published_case(library)
        await library.initiative("secret_project")
        await library.metric("secret_metric")
        assert len(await harbor.sees(initiative="voice_bot", metric="handle_time")) == 1
        for key in ("secret_project", "no_project"):
            assert await harbor.sees(initiative=key) == [], key
            assert len(await harbor.sees(initiative=[key, "voice_bot"])) == 1, key
        for key in ("secret_metric", "no_metric"):
            assert await harbor.sees(metric=key) == [], key
