"""What a partner saves as a file: what it sees, no more and no longer."""

import pytest

from api.exports import partner_routes
from tests.exports.reading import csv_rows, json_lines, xlsx_rows
from tests.reference_cases.conftest import PARTNER_CASES as CASES
from tests.reference_cases.conftest import Library, Partner, on
from tests.reference_cases.test_partners import published_case


async def test_a_partner_saves_what_it_sees(library: Library, two: tuple[Partner, Partner]) -> None:
    harbor, tsunagu = two
    with on("2026-11-22"):
        bot, time, csat = await library.initiative(), await library.metric(), await library.metric("csat")
        account = await library.account(name="=株式会社さくら")
        contact = await library.contact(account)
        outcomes = [{"metric_id": str(metric), "baseline": 400, "result": 300} for metric in (time, csat)]
        await library.approved(account, bot, time, 400, 300, outcomes=outcomes)
        fields = ["account_name", "title", "baseline_and_result"]
        consent = await library.consent(
            account, contact, fields=fields, audience="named_partners", partner_ids=[str(harbor.id)]
        )
        saved = await harbor.client.get(f"{CASES}:export")
        assert saved.status_code == 200, saved.text
        assert saved.headers["content-type"].startswith("text/csv")
        assert 'filename="reference-cases-2026-11-22.csv"' in saved.headers["content-disposition"]
        told = csv_rows(saved.content)
        assert [(row["account_name"], row["outcomes.key"], row["outcomes.result"]) for row in told] == [
            ("'=株式会社さくら", "handle_time", "300"),
            ("'=株式会社さくら", "csat", "300"),
        ]
        assert {row["quote"] for row in told} == {""}, "not agreed to"
        lines = await harbor.client.get(f"{CASES}:export", params={"format": "jsonl", "metric": "csat"})
        assert json_lines(lines.content) == await harbor.sees(metric="csat")
        sheet = await harbor.client.get(f"{CASES}:export", params={"format": "xlsx"})
        assert [row["outcomes.result"] for row in xlsx_rows(sheet.content)] == [300, 300]
        for nothing in (
            await harbor.client.get(f"{CASES}:export", params={"format": "jsonl", "industry": "塩"}),
            await tsunagu.client.get(f"{CASES}:export", params={"format": "jsonl"}),
        ):
            assert (nothing.status_code, nothing.content) == (200, b"")
        answer = await library.client.post(
            f"/v1/reference-consents/{consent['id']}:revoke",
            headers={"If-Match": str(consent["version"])},
            json={"reason": "退任"},
        )
        assert answer.status_code == 200, answer.text
        again = await harbor.client.get(f"{CASES}:export", headers={"If-None-Match": saved.headers["etag"]})
        assert (again.status_code, csv_rows(again.content)) == (200, [])


async def test_a_file_holds_so_many_cases(
    library: Library, two: tuple[Partner, Partner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner_routes, "MOST_CASES", 0)
    with on("2026-11-22"):
        await published_case(library)
        answer = await two[0].client.get(f"{CASES}:export")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_cases")
    wrong = await two[0].client.get(f"{CASES}:export", params={"format": "pdf", "limit": 3})
    assert [error["pointer"] for error in wrong.json()["errors"]] == ["?format", "?limit"]
