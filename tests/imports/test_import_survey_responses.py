"""Responses of another survey tool, by file."""

from tests.imports.conftest import Importer, counted
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers

FILE = """回答ID,アンケートID,顧客ID,スコア,コメント,回答日時
1,nps,crm-1,9,速い,2025-03-01 08:30:00
2,nps,crm-1,2,,2025-06-01T00:00:00+09:00
3,nps,crm-2,5,,2025-06-01 00:00:00
4,nps,crm-1,11,,2025-06-01 00:00:00
"""


async def test_answers_count_as_known_when_they_were_given(importer: Importer, workspace: WorkspaceForTest) -> None:
    await makers.survey(workspace, external_id="nps")
    await makers.account(workspace, external_id="crm-1")
    found = await importer.done(FILE, resource="survey_responses")
    assert found["mapping"] == {
        "回答ID": "external_id", "アンケートID": "survey_external_id", "顧客ID": "account_external_id",
        "スコア": "score", "コメント": "comment", "回答日時": "answered_at",
    }  # fmt: skip
    assert counted(found) == (2, 0, 0, 2)
    pointers = [[error["pointer"] for error in row["errors"]] for row in await importer.rows(found["id"])]
    assert pointers == [["/account_external_id"], ["/score"]]
    rows = (await importer.client.get("/v1/survey-responses?sort=answered_at")).json()["data"]
    # Without a time zone it is a time of the workspace, in Tokyo.
    assert [row["answered_at"][:16] for row in rows] == ["2025-02-28T23:30", "2025-05-31T15:00"]
    assert [row["answered_on"] for row in rows] == ["2025-03-01", "2025-06-01"]
    assert all(row["backfilled"] and row["recorded_at"] == row["answered_at"] for row in rows)
    # History sends nobody to the customer.
    assert (await importer.client.get("/v1/tasks")).json()["data"] == []
    later = await importer.done(FILE.replace(",9,", ",8,"), resource="survey_responses", known_at="import_time")
    assert counted(later) == (0, 1, 1, 2)
    corrected = (await importer.client.get("/v1/survey-responses?score_min=8")).json()["data"][0]
    assert corrected["recorded_at"] > corrected["answered_at"]
