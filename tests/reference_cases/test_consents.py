"""What an audience outside may see at a moment: the one predicate, against every way a consent can end."""

from uuid import UUID

import pytest

from api.kit.tables import new_id
from api.reference_cases import published
from api.reference_cases.visibility import Audience, Seen, visible_to
from tests.reference_cases.conftest import Json, Library, on

PARTNER = Audience(partner_id=new_id(), company="提携商事", domain="alliance.example")
PUBLIC = Audience()


@pytest.fixture
async def case(library: Library) -> Json:
    """An approved case of an account with two contacts, known since October."""
    with on("2026-10-01"):
        bot, time, account = await library.initiative(), await library.metric(), await library.account()
        return await library.approved(account, bot, time, 400, 300)


async def seen(library: Library, audience: Audience = PARTNER) -> list[Seen]:
    """What an audience may see now."""
    async with library.workspace.write() as tx:
        return await visible_to(tx, audience)


async def test_a_consent_counts_from_its_grant_to_its_end(library: Library, case: Json) -> None:
    account = UUID(case["account_id"])
    contact, successor = await library.contact(account), await library.contact(account)
    with on("2026-10-02"):
        assert await seen(library) == []
        consent = await library.consent(account, contact, granted_on="2026-10-02", expires_on="2026-12-31")
        assert await seen(library) == [
            Seen(
                UUID(case["id"]),
                account,
                named=True,
                acts=frozenset({"search"}),
                fields=frozenset({"title", "industry"}),
            )
        ]
        assert await seen(library, PUBLIC) == []
        anonymous = {"naming": "anonymous", "fields": ["industry"], "audience": "public", "case_id": case["id"]}
        await library.consent(account, contact, **anonymous, expires_on="2026-10-31", granted_on="2026-10-02")
        assert [(each.named, each.fields) for each in await seen(library, PUBLIC)] == [(False, frozenset())]
        refused = await library.consent(account, contact, 422, naming="anonymous", fields=["title"])
        assert refused["errors"][0]["code"] == "not_allowed"
    with on("2026-10-31"):
        assert len(await seen(library, PUBLIC)) == 1, "its last day"
    with on("2026-11-01"):
        assert await seen(library, PUBLIC) == []
        assert len(await seen(library)) == 1
        await library.post(f"/v1/contacts/{contact}:left", {"left_on": "2026-11-01"}, 200)
        assert await seen(library) == []
        path = f"/v1/reference-consents/{consent['id']}"
        assert (await library.get(path))["state"] == "suspended"
        body = {"contact_id": str(successor), "evidence": "後任から返信"}
        again = await library.post(f"{path}:reconfirm", body, 200, version=1)
        assert (again["state"], again["contact_id"]) == ("in_force", str(successor))
        assert len(await seen(library)) == 1
        states = {each["state"] for each in (await library.get("/v1/reference-consents"))["data"]}
        assert states == {"in_force", "expired"}
        assert len((await library.get("/v1/reference-consents?state=in_force&act=search"))["data"]) == 1
        revoked = await library.post(f"{path}:revoke", {"reason": "広報方針の変更"}, 200, version=2)
        assert revoked["state"] == "revoked"
        assert await seen(library) == []


async def test_excluded_companies_named_partners_and_churn(library: Library, case: Json) -> None:
    account = UUID(case["account_id"])
    contact, rival = await library.contact(account), await library.account(name="Rival Call", domain="rival.example")
    with on("2026-11-22"):
        exclusions = [{"company": "提携商事 "}, {"account_id": str(rival)}]
        await library.consent(account, contact)
        assert len(await seen(library)) == 1
        barring = await library.consent(account, contact, exclusions=exclusions, audience="internal")
        assert await seen(library) == [], "an exclusion holds whatever other consents say"
        assert await seen(library, Audience(new_id(), "Ｒｉｖａｌ　call", None)) == []
        assert await seen(library, Audience(new_id(), None, "mail.rival.example")) == []
        other = Audience(new_id(), "別会社", "other.example")
        assert len(await seen(library, other)) == 1
        path = f"/v1/reference-consents/{barring['id']}:revoke"
        await library.post(path, {"reason": "競合ではなくなった"}, 200, version=1)
        assert len(await seen(library)) == 1
        version = (await library.get(f"/v1/accounts/{account}"))["version"]
        phase = f"/v1/accounts/{account}:change-phase"
        await library.post(phase, {"phase": "churned"}, 200, version=version)
        assert await seen(library) == []


async def test_what_partners_see_follows_in_the_transaction_of_every_change(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[UUID] = []

    async def rebuild(_tx: object, *, accounts: list[UUID]) -> None:
        told.extend(accounts)

    monkeypatch.setattr(published, "rebuild", rebuild)
    bot, time, account = await library.initiative(), await library.metric(), await library.account()
    contact = await library.contact(account)

    def was_told() -> bool:
        found = told == [account]
        told.clear()
        return found

    with on("2026-11-22"):
        case = await library.draft(account, bot, time, 400, 300)
        await library.do(case, "submit")
        assert told == []
        await library.do(case, "review", decision="approve")
        assert was_told()
        await library.change(case, quote="助かりました。")
        assert told == [], "a draft is nobody's business"
        consent = await library.consent(account, contact)
        assert was_told()
        await library.client.patch(f"/v1/contacts/{contact}", json={"title": "部長"}, headers={"If-Match": '"1"'})
        assert told == []
        await library.post(f"/v1/contacts/{contact}:left", {"left_on": "2026-11-22"}, 200)
        assert was_told()
        path = f"/v1/reference-consents/{consent['id']}"
        await library.post(f"{path}:revoke", {"reason": "-"}, 200, version=1)
        assert was_told()
        version = (await library.get(f"/v1/accounts/{account}"))["version"]
        await library.post(f"/v1/accounts/{account}:change-phase", {"phase": "churned"}, 200, version=version)
        assert was_told()
        item = {"external_id": "A-1", "name": "新社名"}
        await library.client.patch(
            f"/v1/accounts/{account}", json={"external_id": "A-1"}, headers={"If-Match": f'"{version + 1}"'}
        )
        assert told == []
        headers = {"Idempotency-Key": str(new_id())}
        answer = await library.client.post("/v1/accounts:bulk-upsert", json={"items": [item]}, headers=headers)
        assert answer.status_code == 207
        assert was_told()
        await library.do(case, "retire")
        assert was_told()
