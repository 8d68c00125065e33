"""Live asks: who fits, who is not to be asked and why, and limits that hold however many try at once."""

import asyncio
from typing import Any
from uuid import UUID

from api.accounts.models import AccountStanding
from api.kit.tables import new_id
from tests.reference_cases.conftest import Json, Library, Partner, on

ALWAYS: dict[str, Any] = {"acts": ["search", "call"], "audience": "internal"}


async def ready(library: Library, **values: Any) -> tuple[UUID, UUID]:
    """An account that agreed to calls, and the contact who did."""
    account = await library.account(**values)
    contact = await library.contact(account)
    await library.consent(account, contact, **ALWAYS)
    return account, contact


async def request(library: Library, **values: Any) -> Json:
    """A request for a call."""
    body = {"prospect": "北斗通信", "act": "call", "due_on": "2026-12-10", **values}
    return await library.post("/v1/reference-requests", body, 201)


async def reserve(library: Library, asked: Json, account: UUID, status: int = 201, **values: Any) -> Json:
    """A place taken."""
    path = f"/v1/reference-requests/{asked['id']}:reserve"
    return await library.post(path, {"account_id": str(account), **values}, status)


async def standing(library: Library, account: UUID, **values: Any) -> None:
    """What later packages know of an account."""
    async with library.workspace.write() as tx:
        row = await tx.session.get(AccountStanding, (library.workspace.id, account))
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)


async def test_matches_say_why_they_fit_and_why_others_are_left_out(library: Library) -> None:
    bot, time = await library.initiative(), await library.metric()
    with on("2026-11-22"):
        best, contact = await ready(library, industry="telecom", employee_count=1000)
        other, _ = await ready(library, industry="retail")
        silent = await library.account(industry="telecom", employee_count=1500)
        unwell, _ = await ready(library, industry="telecom")
        renewing, _ = await ready(library)
        rival, rivals_contact = await ready(library)
        shy: dict[str, Any] = {**ALWAYS, "acts": ["search"], "exclusions": [{"company": "北斗通信 "}]}
        await library.consent(rival, rivals_contact, **shy)
        for account in (best, other, silent, unwell, renewing, rival):
            await library.approved(account, bot, time, 400, 300 if account == best else 320)
        await standing(library, unwell, health_band="red")
        await standing(library, renewing, renewal_on="2027-01-15")
        asked = await request(
            library, initiative_id=str(bot), metric_id=str(time), industry="telecom", employee_count=1500, language="ja"
        )
        profile = {"acts": ["call"], "languages": ["ja"]}
        answer = await library.client.put(f"/v1/contacts/{contact}/reference-profile", json=profile)
        assert answer.status_code == 200, answer.text
        found = await library.get(f"/v1/reference-requests/{asked['id']}/matches")
        assert [each["account_id"] for each in found["data"]] == [str(best), str(other)]
        first = found["data"][0]
        assert first["contact_id"] == str(contact)
        assert {each["criterion"]: each["score"] for each in first["criteria"]} == {
            "initiative": 40, "metric": 25, "industry": 15, "size": 6.7, "language": 5, "willing": 5,
        }  # fmt: skip
        assert first["score"] == 96.7
        reasons = {each["account_id"]: [reason["code"] for reason in each["reasons"]] for each in found["left_out"]}
        assert reasons == {
            str(silent): ["no_consent"], str(unwell): ["health"], str(renewing): ["renewal_soon"],
            str(rival): ["excluded_competitor"],
        }  # fmt: skip
        refused = await reserve(library, asked, unwell, 409)
        assert (refused["code"], [each["code"] for each in refused["reasons"]]) == ("not_to_be_asked", ["health"])
        assert refused["detail"].endswith("health.")


async def test_of_fifty_at_once_two_get_a_place_and_a_released_one_is_free_again(library: Library) -> None:
    with on("2026-11-22"):
        account, contact = await ready(library)
        asked = [await request(library, prospect=f"見込み客 {number}") for number in range(50)]

        async def attempt(number: int) -> Json:
            body = {"account_id": str(account)}
            headers = {"Idempotency-Key": str(new_id())}
            answer = await library.client.post(
                f"/v1/reference-requests/{asked[number]['id']}:reserve", json=body, headers=headers
            )
            while answer.status_code == 503:
                await asyncio.sleep(0.05)
                answer = await library.client.post(
                    f"/v1/reference-requests/{asked[number]['id']}:reserve", json=body, headers=headers
                )
            found: Json = {"status": answer.status_code, **answer.json()}
            return found

        tried = await asyncio.gather(*(attempt(number) for number in range(50)))
        won = [each for each in tried if each["status"] == 201]
        assert len(won) == 2
        assert {each["code"] for each in tried if each["status"] != 201} == {"not_to_be_asked"}
        path = f"/v1/reference-asks/{won[0]['id']}"
        released = await library.client.patch(path, json={"state": "released"}, headers={"If-Match": '"1"'})
        assert released.json()["state"] == "released"
        free = next(one for one, each in zip(asked, tried, strict=True) if each["status"] == 409)
        await reserve(library, free, account, contact_id=str(contact))
        refused = await reserve(library, asked[-1], account, 409, contact_id=str(contact))
        assert {each["code"]: each["until"] for each in refused["reasons"]} == {
            "account_asked_often": "2027-02-20", "contact_asked_often": "2027-01-21",
        }  # fmt: skip
        request_id = free["id"]
        done = await library.client.patch(
            f"/v1/reference-requests/{request_id}", json={"state": "cancelled"}, headers={"If-Match": '"1"'}
        )
        assert done.json()["state"] == "cancelled"
        ask = (await library.get(f"/v1/reference-requests/{request_id}?expand=asks"))["asks"][0]
        assert ask["state"] == "released"
    with on("2027-02-21"):
        await reserve(library, asked[-1], account, contact_id=str(contact))


async def test_who_said_yes_was_asked_and_counts(library: Library) -> None:
    with on("2026-11-22"):
        account, contact = await ready(library)
        ask = await reserve(library, await request(library), account, contact_id=str(contact))
        path = f"/v1/reference-asks/{ask['id']}"
        await library.client.patch(path, json={"state": "accepted"}, headers={"If-Match": '"1"'})
        answer = await library.client.patch(path, json={"state": "released"}, headers={"If-Match": '"2"'})
        assert (answer.status_code, answer.json()["code"]) == (409, "ask_over")
        other = await request(library, prospect="南斗通信")
        refused = await reserve(library, other, account, 409, contact_id=str(contact))
        assert [each["code"] for each in refused["reasons"]] == ["contact_asked_often"]


async def test_a_term_that_is_over_and_undecided_is_a_renewal_too(library: Library) -> None:
    with on("2026-11-22"):
        account, _ = await ready(library)
        await standing(library, account, renewal_on="2026-11-10")
        refused = await reserve(library, await request(library), account, 409)
        assert refused["reasons"] == [{"code": "renewal_soon", "until": None}]


async def test_of_a_partners_request_the_partner_counts_too(library: Library, two: tuple[Partner, Partner]) -> None:
    harbor, tsunagu = two
    bot, time = await library.initiative(), await library.metric()
    with on("2026-11-22"):
        accounts = [await library.account(name=f"顧客 {number}") for number in range(5)]
        for account in accounts:
            await library.approved(account, bot, time, 400, 300)
        everybody, ours, theirs, barring, second = accounts

        async def agrees(account: UUID, **values: Any) -> None:
            await library.consent(account, await library.contact(account), acts=["search", "call"], **values)

        await agrees(everybody)
        await agrees(ours, audience="internal")
        await agrees(theirs, audience="named_partners", partner_ids=[str(tsunagu.id)])
        await agrees(barring, exclusions=[{"company": "HARBOR"}])
        await agrees(second)
        await library.approved(second, bot, time, 400, 390, title_ja="もう一つの事例")
        [other_case] = [case for case in await harbor.sees() if case["title_ja"] == "もう一つの事例"]
        body = {"act": "call", "prospect": "みなと倉庫", "due_on": "2026-12-20", "case_id": other_case["id"]}
        assert (await harbor.client.post("/v1/partner/reference-requests", json=body)).status_code == 201
        [asked] = (await library.get("/v1/reference-requests"))["data"]
        found = await library.get(f"/v1/reference-requests/{asked['id']}/matches")
        assert [each["account_id"] for each in found["data"]] == [str(second), str(everybody)]
        best = found["data"][0]
        assert (best["case_id"], best["title_ja"]) == (asked["case_id"], "もう一つの事例"), "the one asked for"
        assert {each["criterion"]: each["score"] for each in best["criteria"]} == {"named_case": 50, "willing": 0}
        reasons = {each["account_id"]: [reason["code"] for reason in each["reasons"]] for each in found["left_out"]}
        assert reasons == {
            str(ours): ["no_consent"], str(theirs): ["no_consent"], str(barring): ["excluded_competitor"],
        }  # fmt: skip
        nobody = {each["account_id"]: each["contact_id"] for each in found["left_out"]}
        assert nobody[str(theirs)] is None, "who agreed for another partner is not to be asked for this one"
        for account, code in ((theirs, "no_consent"), (barring, "excluded_competitor")):
            refused = await reserve(library, asked, account, 409)
            assert [each["code"] for each in refused["reasons"]] == [code]
        await reserve(library, asked, everybody)
        own = await request(library)
        for account in (ours, theirs, barring):
            await reserve(library, own, account)
