"""What customers of the demo tell of us, for whom they agreed to it, and who asked for a reference lately."""

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from api.auth.models import User
from api.demo import reference_texts as texts
from api.demo.market import Market
from api.kit import audit, clock, outbox
from api.kit.db import Tx
from api.kit.problems import Problem
from api.reference_cases import cases, consents, profiles, published, requests
from api.reference_cases.case_schemas import CaseContent
from api.reference_cases.catalogue import create_initiative, create_metric
from api.reference_cases.consent_models import Act, AudienceKind, ConsentField, Naming
from api.reference_cases.models import CaseState, CaseVersion, ReferenceCase
from api.reference_cases.request_models import ReferenceCandidate
from api.reference_cases.resource import CASES

_CASES: Final = 40
_YEAR: Final = 365
_AUDIENCES: Final = (
    (AudienceKind.all_partners, Naming.named), (AudienceKind.public, Naming.named),
    (AudienceKind.all_partners, Naming.anonymous), (AudienceKind.internal, Naming.named),
    (AudienceKind.public, Naming.anonymous),
)  # fmt: skip
_ACCOUNTS: Final = """
SELECT a.id, a.industry, a.employee_count, a.name, a.phase,
    ARRAY(SELECT p.id FROM contacts p WHERE p.workspace_id = a.workspace_id AND p.account_id = a.id
        AND p.left_on IS NULL AND p.archived_at IS NULL ORDER BY p.is_primary DESC, p.id)
FROM accounts a JOIN account_standing s ON s.workspace_id = a.workspace_id AND s.account_id = a.id
WHERE a.workspace_id = %s AND a.merged_into_id IS NULL AND a.archived_at IS NULL AND s.first_paid_on < %s
ORDER BY a.name, a.id
"""


async def refer(tx: Tx, market: Market, *, reviewer: User, today: dt.date, time_zone: str) -> None:
    """Fill the catalogues, tell the stories, note what was granted, and play the requests of the last weeks."""
    zone = ZoneInfo(time_zone)
    chance = Random(f"references {market.country}")  # noqa: S311 - invented data, not a secret
    initiatives = [await create_initiative(tx, _entry(*row)) for row in texts.INITIATIVES]
    metrics = [
        await create_metric(tx, _entry(*row[:4]) | {"unit": row[4], "direction": row[5]}) for row in texts.METRICS
    ]
    known = await tx.fetch(_ACCOUNTS, [tx.workspace_id, today - dt.timedelta(days=150)])
    told = [row for row in known if row[5]]
    chance.shuffle(told)
    stories = texts.STORIES[market.country]
    for place in range(_CASES):
        account = told[place % len(told)]
        story = stories[place % len(stories)]
        day = today - dt.timedelta(days=chance.randint(10, 300))
        with clock.moved_to(dt.datetime.combine(day, dt.time(11), zone).astimezone(dt.UTC)):
            entries = initiatives[story.initiative].id, metrics[story.metric].id
            await _tell(tx, account[0], _content(story, market, account, entries, chance), place, reviewer)
    await _agree(tx, market, told[: _CASES - 8], today, zone)
    await _ask(tx, market, told, [each.id for each in initiatives], today)
    _propose(tx, [row[0] for row in told[::5] if row[4] != "churned"][:6])
    await published.changed(tx, [row[0] for row in told])


def _entry(key: str, name_ja: str, name_en: str, synonyms: Sequence[str]) -> dict[str, Any]:
    return {"key": key, "name_ja": name_ja, "name_en": name_en, "synonyms": list(synonyms)}


def _content(
    story: texts.Story, market: Market, account: Sequence[Any], entries: tuple[UUID, UUID], chance: Random
) -> CaseContent:
    numbers = {"sites": chance.randint(3, 28), "months": chance.randint(3, 9)}
    language = "ja" if market.country == "JP" else "en"
    initiative_id, metric_id = entries
    return CaseContent.model_validate(
        {
            f"title_{language}": story.title.format(**numbers),
            f"summary_{language}": story.summary.format(**numbers),
            f"anonymous_summary_{language}": story.anonymous,
            "quote": story.quote,
            "evidence": texts.EVIDENCE[market.country][0],
            "initiative_ids": [initiative_id],
            "outcomes": [
                {
                    "metric_id": metric_id,
                    "baseline": float(story.baseline),
                    "result": round(story.result + (story.baseline - story.result) * chance.uniform(-0.15, 0.5), 1),
                }
            ],
            "industry": account[1],
            "employee_count": account[2],
        }
    )


async def _tell(tx: Tx, account_id: UUID, content: CaseContent, place: int, reviewer: User) -> None:
    """A case as its life has brought it about: most are approved, some are on their way, some are retired."""
    state = (
        (CaseState.draft, CaseState.in_review, CaseState.retired)[place % 10] if place % 10 < 3 else CaseState.approved
    )
    reviewed = state in {CaseState.approved, CaseState.retired}
    now = clock.now()
    row = ReferenceCase.model_validate(
        {
            "workspace_id": tx.workspace_id, "account_id": account_id, "author_id": tx.actor.user_id,
            **cases.columns(content), "state": state.value,
            **(
                {"approved_revision": 1, "approved_at": now, "approved_by_id": reviewer.id}
                if reviewed
                else {"revision": 1, "revision_state": state.value}
            ),
            "retired_at": now if state is CaseState.retired else None,
        }
    )  # fmt: skip
    version = CaseVersion.model_validate(
        {
            "workspace_id": tx.workspace_id, "case_id": row.id, "number": 1,
            "state": CaseState.approved.value if reviewed else state.value, "content": content.model_dump(mode="json"),
            "author": tx.actor.id, "author_id": tx.actor.user_id,
            "submitted_at": None if state is CaseState.draft else now,
            "reviewed_at": now if reviewed else None, "reviewed_by_id": reviewer.id if reviewed else None,
        }
    )  # fmt: skip
    tx.session.add(row)
    await tx.flush()
    tx.session.add(version)
    audit.record(tx, "created", CASES.name, row.id, ["state"])
    told: dict[str, Any] = {"account_id": str(account_id), "state": state.value, "fields": []}
    for action in [
        "created",
        *(["approved"] if reviewed else []),
        *(["retired"] if state is CaseState.retired else []),
    ]:
        outbox.record(tx, f"{CASES.name}.{action}", CASES.name, row.id, told)
    await cases.index_case(tx, row.id, content)


async def _agree(tx: Tx, market: Market, accounts: Sequence[Sequence[Any]], today: dt.date, zone: ZoneInfo) -> None:
    """Consents of all kinds: by name and anonymous, for all and for partners, some over, some taken back."""
    acts = (
        [Act.search, Act.quote, Act.logo],
        [Act.search, Act.call],
        [Act.search, Act.call, Act.speak],
        [Act.search, Act.visit],
    )
    for place, account in enumerate(accounts):
        audience, naming = _AUDIENCES[place % len(_AUDIENCES)]
        named = naming is Naming.named
        granted_on = today - dt.timedelta(days=20 + place * 37 % 180)
        given = {
            "account_id": account[0], "case_id": None, "contact_id": account[5][0],
            "acts": [act for act in acts[place % len(acts)] if named or act is not Act.logo],
            "fields": list(ConsentField) if named else [ConsentField.industry, ConsentField.size],
            "audience": audience, "partner_ids": [], "naming": naming,
            "exclusions": [] if place % 6 else [{"company": texts.PROSPECTS[market.country][0], "domain": None, "account_id": None}],
            "evidence": texts.EVIDENCE[market.country][1 + place % 2], "evidence_url": None, "granted_on": granted_on,
            "expires_on": granted_on + dt.timedelta(days=_YEAR if place % 9 else 15),
        }  # fmt: skip
        with clock.moved_to(dt.datetime.combine(granted_on, dt.time(15), zone).astimezone(dt.UTC)):
            consent = await consents.grant(tx, given)
        if place % 11 == 5:
            await consents.revoke(tx, consent.id, consent.version, texts.EVIDENCE[market.country][2])
        if Act.call in given["acts"]:
            would = {"acts": [Act.call], "topics": list(texts.TOPICS[market.country][: 1 + place % 3])}
            would |= {"languages": ["ja"] if market.country == "JP" else ["en"], "note": ""}
            await profiles.set_for_contact(tx, account[5][0], would)


async def _ask(
    tx: Tx, market: Market, accounts: Sequence[Sequence[Any]], initiatives: Sequence[UUID], today: dt.date
) -> None:
    """Requests of the last weeks; for some a customer could be found."""
    for place, prospect in enumerate(texts.PROSPECTS[market.country]):
        request = await requests.create_request(
            tx,
            {
                "prospect": prospect, "act": ("call", "visit", "speak")[place % 3], "industry": accounts[place][1],
                "employee_count": accounts[place][2], "initiative_id": initiatives[place % len(initiatives)],
                "due_on": today + dt.timedelta(days=5 + 6 * place),
            },
        )  # fmt: skip
        for account in accounts[place::7]:
            try:
                values = {"account_id": account[0], "contact_id": account[5][0], "case_id": None}
                await requests.reserve(tx, request.id, values)
            except Problem:  # not to be asked now, as the next ones may be too
                continue
            break


def _propose(tx: Tx, account_ids: Sequence[UUID]) -> None:
    """Accounts whose answers speak for a case."""
    for account_id in account_ids:
        values = {
            "workspace_id": tx.workspace_id,
            "account_id": account_id,
            "kind": "promoter",
            "evidence": {"score": 10},
        }
        tx.session.add(ReferenceCandidate.model_validate(values))
