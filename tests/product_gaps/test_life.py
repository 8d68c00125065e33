"""What becomes of a gap: its statuses, who is told, duplicates, comments."""

import pytest

from api.auth.permissions import Role
from api.contacts.models import Contact
from tests.product_gaps.conftest import Gaps, ids
from tests.whole_api import makers

ALLOWED = {
    "open": {"planned", "in_progress", "declined"},
    "planned": {"open", "in_progress", "declined"},
    "in_progress": {"planned", "shipped", "declined"},
    "shipped": {"open"},
    "declined": {"open"},
}


@pytest.fixture(autouse=True)
def _today(today: None) -> None:
    """22 November 2026, a Sunday."""


@pytest.mark.parametrize("before", ALLOWED)
async def test_statuses_follow_one_another(gaps: Gaps, before: str) -> None:
    for after in ALLOWED.keys() - {before}:
        gap = str(await makers.product_gap(gaps.workspace, status=before))
        allowed = after in ALLOWED[before]
        answer = await gaps.change({"id": gap}, 200 if allowed else 409, status=after, status_reason="方針の変更")
        if allowed:
            assert (answer["status"], answer["status_reason"]) == (after, "方針の変更")
        else:
            assert answer["code"] == "gap_transition_refused"
            assert all(each in answer["detail"] for each in ALLOWED[before])


async def test_each_step_is_kept_and_announced_with_all_that_a_message_needs(gaps: Gaps) -> None:
    gap = await gaps.gap(severity="high", issue_url="https://issues.example.com/APP-1204")
    refused = await gaps.change(gap, 422, status="declined")
    assert refused["errors"][0]["pointer"] == "/status_reason"
    await gaps.walk(gap, "planned")
    await gaps.change(gap, planned_for="2027 Q1")
    await gaps.change(gap, status="declined", status_reason="標準の権限管理と合わないため")
    await gaps.change(gap, status="open", status_reason="方針が変わったため")
    shown = await gaps.get(f"/v1/product-gaps/{gap['id']}?expand=status_history")
    steps = [(step["from_status"], step["to_status"], step["reason"]) for step in shown["status_history"]]
    assert steps == [
        (None, "open", None),
        ("open", "planned", "方針が変わったため"),
        ("planned", "declined", "標準の権限管理と合わないため"),
        ("declined", "open", "方針が変わったため"),
    ]
    created, planned, updated, declined, reopened = await gaps.events(
        "product_gap.created", "product_gap.updated", "product_gap.status_changed"
    )
    for event in (created, planned, updated, declined, reopened):
        told = event["data"]
        assert (event["resource_id"], told["title"], told["severity"]) == (gap["id"], gap["title"], "high")
        assert told["issue_url"] == gap["issue_url"]
        assert told["url"].endswith(f"/v1/product-gaps/{gap['id']}")
    assert (declined["data"]["from_status"], declined["data"]["status"]) == ("planned", "declined")
    assert declined["data"]["reason"] == "標準の権限管理と合わないため"
    async with gaps.workspace.write() as tx:
        rows = await tx.fetch(
            "SELECT action, fields FROM audit_log WHERE resource_id = %s ORDER BY at, id", [gap["id"]]
        )
    assert [action for action, _ in rows] == [
        "created",
        "status_changed",
        "updated",
        "status_changed",
        "status_changed",
    ]
    assert "status" in rows[1][1]


async def test_shipping_gives_each_reporter_one_task_for_each_account_ever(gaps: Gaps) -> None:
    sato, suzuki, owner = [str((await gaps.workspace.user(Role.csm)).id) for _ in range(3)]
    first, second, third = await gaps.account(), await gaps.account(), await gaps.account(owner_id=owner)
    gap = await gaps.gap(customer_response="設定画面から部署ごとに選べます")
    for account, user in ((first, sato), (first, sato), (first, suzuki), (second, sato)):
        await gaps.report(gap, account, reported_by_id=user)
    await gaps.report(gap, third)  # by the key: nobody in particular
    gone = await gaps.report(gap, second, reported_by_id=suzuki)
    await gaps.client.delete(f"/v1/product-gap-reports/{gone['id']}", headers={"If-Match": '"1"'})
    await gaps.walk(gap, "in_progress", "shipped")
    query = {"origin_kind": "gap", "origin_id": gap["id"]}
    opened = await gaps.all_of("/v1/tasks", **query)
    wanted = {(first, sato), (first, suzuki), (second, sato), (third, owner)}
    assert sorted((task["account_id"], task["owner_id"]) for task in opened) == sorted(
        (str(account), user) for account, user in wanted
    )
    assert {task["due_on"] for task in opened} == {"2026-11-27"}
    assert all(gap["title"] in task["title"] and task["detail"] for task in opened)
    done = opened[0]
    await gaps.post(f"/v1/tasks/{done['id']}:complete", {"outcome": "succeeded"}, 200, version=1)
    await gaps.walk(gap, "open", "in_progress", "shipped")
    assert len(await gaps.all_of("/v1/tasks", **query)) == len(wanted)
    other = await gaps.gap("後から見つかった重複")
    for account, user in ((first, sato), (third, suzuki)):
        await gaps.report(other, account, reported_by_id=user)
    await gaps.merge(gap, other)
    tasks = await gaps.all_of("/v1/tasks", **query)
    assert len(tasks) == len(wanted) + 1, "merged into what has shipped: one more is told"


async def test_a_duplicate_goes_into_the_other_for_good(gaps: Gaps) -> None:
    account = await gaps.account()
    winner, loser = (
        await gaps.gap("承認者の切り替え"),
        await gaps.gap("部署別の承認者", external_id="APP-7", workaround="紙で回す"),
    )
    older = await gaps.gap("さらに古い重複")
    for gap in (winner, loser, older):
        await gaps.report(gap, account)
    await gaps.post("/v1/product-gap-comments", {"gap_id": loser["id"], "text": "再現手順を確認しました"}, 201)
    await gaps.walk(loser, "planned")
    await gaps.merge(loser, older)
    merged = await gaps.merge(winner, loser)
    assert (merged["status"], merged["workaround"]) == ("open", "紙で回す")
    assert (merged["figures"]["reports"], merged["figures"]["accounts"]) == (3, 1)
    for gone in (loser, older):
        answer = await gaps.client.get(f"/v1/product-gaps/{gone['id']}")
        assert answer.json()["id"] == winner["id"]
        assert answer.headers["Content-Location"] == f"/v1/product-gaps/{winner['id']}"
        assert (await gaps.report(gone, account))["gap_id"] == winner["id"]
    assert ids(await gaps.all_of("/v1/product-gaps")) == [winner["id"]]
    assert [each["gap_id"] for each in await gaps.all_of("/v1/product-gap-comments")] == [winner["id"]]
    history = (await gaps.get(f"/v1/product-gaps/{winner['id']}?expand=status_history"))["status_history"]
    assert sorted((step["merged_from_id"] or "", step["to_status"]) for step in history) == sorted(
        [("", "open"), (loser["id"], "open"), (loser["id"], "planned"), (older["id"], "open")]
    )
    by_external_id = {"external_id": "r-1", "gap_external_id": "APP-7", "account_id": str(account)}
    [item] = (await gaps.post("/v1/product-gap-reports:bulk-upsert", {"items": [by_external_id]}, 207))["items"]
    assert (await gaps.get(f"/v1/product-gap-reports/{item['id']}"))["gap_id"] == winner["id"]
    *_, last = await gaps.events("product_gap.merged")
    assert (last["data"]["title"], last["data"]["into_title"]) == ("部署別の承認者", "承認者の切り替え")
    itself = await gaps.post(
        f"/v1/product-gaps/{winner['id']}:merge", {"loser_id": winner["id"]}, 409, version=merged["version"]
    )
    assert itself["code"] == "gap_merge_with_itself"


async def test_roles(gaps: Gaps) -> None:
    csm, product = await gaps.workspace.client(Role.csm), await gaps.workspace.client(Role.product)
    other_csm = await gaps.workspace.signed_in(await gaps.workspace.user(Role.csm))
    account = str(await gaps.account())
    report = {"account_id": account, "impact": "承認待ちがたまる", "blocks_renewal": True}
    body = {"title": "承認者を切り替えられない", "area": "承認フロー", "report": report}
    made = await csm.post("/v1/product-gaps", json=body)
    assert (made.status_code, made.json()["figures"]["blocking_accounts"]) == (201, 1)
    me = (await gaps.workspace.person(Role.csm)).id
    [told] = await gaps.all_of("/v1/product-gap-reports", gap_id=made.json()["id"])
    assert (told["reported_by_id"], told["reported_on"], made.json()["reported_by_id"]) == (
        str(me),
        "2026-11-22",
        str(me),
    )
    path, version = f"/v1/product-gaps/{made.json()['id']}", {"If-Match": '"1"'}
    assert (await csm.patch(path, json={"status": "planned"}, headers=version)).status_code == 403
    assert (await product.patch(path, json={"status": "planned"}, headers=version)).status_code == 200
    said = await csm.post("/v1/product-gap-comments", json={"gap_id": made.json()["id"], "text": "急ぎです"})
    comment = f"/v1/product-gap-comments/{said.json()['id']}"
    refused = await other_csm.patch(comment, json={"text": "急ぎません"}, headers=version)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_comment_author")
    assert (await csm.patch(comment, json={"text": "年内に"}, headers=version)).status_code == 200
    wrong = await csm.post("/v1/product-gaps", json={**body, "report": {**report, "account_id": str(me)}})
    assert [error["pointer"] for error in wrong.json()["errors"]] == ["/report/account_id"]
    assert len(await gaps.all_of("/v1/product-gaps")) == 1, "the gap was not made without its report"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.com", "https://", "issues.example.com/1"])
async def test_an_issue_is_a_web_address(gaps: Gaps, url: str) -> None:
    answer = await gaps.post("/v1/product-gaps", {"title": "x", "area": "y", "issue_url": url}, 422)
    assert answer["errors"][0]["pointer"] == "/issue_url"


async def test_search_in_both_languages(gaps: Gaps) -> None:
    japanese = await gaps.gap("承認者を部署ごとに切り替えられない", reason="拠点ごとに決裁権限が違う")
    english = await gaps.gap("No single sign-on for guests", area="Identity")
    for text, found in (
        ("決裁", japanese),
        ("SIGN-ON", english),
        ("ｉｄｅｎｔｉｔｙ", english),
        ("承認フロー", japanese),
    ):
        assert ids(await gaps.all_of("/v1/product-gaps", q=text)) == [found["id"]]
        hits = (await gaps.get(f"/v1/search?q={text}&kind=product_gap"))["data"]
        assert ids(hits) == [found["id"]]
        board = await gaps.get(f"/v1/product-gaps/board?q={text}&status=open&status=shipped")
        assert [(column["status"], ids(column["cards"])) for column in board["columns"]] == [
            ("open", [found["id"]]), ("shipped", [])
        ]  # fmt: skip


async def test_an_erased_contact_leaves_the_fact(gaps: Gaps) -> None:
    account, gap = await gaps.account(), await gaps.gap()
    contact = (await gaps.workspace.add(Contact, account_id=account, name="佐藤 花子")).id
    report = await gaps.report(gap, account, contact_id=str(contact), impact="佐藤様が困っている", blocks_renewal=True)
    await gaps.post(f"/v1/contacts/{contact}:erase", None, 200)
    shown = await gaps.get(f"/v1/product-gap-reports/{report['id']}")
    assert (shown["impact"], shown["blocks_renewal"]) == ("", True)


async def test_what_happens_to_a_report_is_told_as_it_is_now(gaps: Gaps) -> None:
    account, other = await gaps.account(), await gaps.account()
    gap, next_gap = await gaps.gap(), await gaps.gap("別のギャップ")
    report = await gaps.report(gap, account)
    path = f"/v1/product-gap-reports/{report['id']}"
    stranger = str((await gaps.workspace.add(Contact, account_id=other, name="他社の人")).id)
    for answer in (
        await gaps.client.post(
            "/v1/product-gap-reports", json={"gap_id": gap["id"], "account_id": str(account), "contact_id": stranger}
        ),
        await gaps.client.patch(path, json={"contact_id": stranger}, headers={"If-Match": '"1"'}),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/contact_id")
    change = {"gap_id": next_gap["id"], "blocks_renewal": True}
    assert (await gaps.client.patch(path, json=change, headers={"If-Match": '"1"'})).status_code == 200
    assert (await gaps.client.delete(path, headers={"If-Match": '"2"'})).status_code == 200
    await gaps.post(f"{path}:restore", {}, 200)
    told = await gaps.events(*(f"product_gap_report.{action}" for action in ("updated", "archived", "restored")))
    assert [(each["type"].split(".")[1], each["data"]["gap_id"], each["data"]["account_id"]) for each in told] == [
        (action, next_gap["id"], str(account)) for action in ("updated", "archived", "restored")
    ]
    assert {each["data"]["blocks_renewal"] for each in told} == {True}
