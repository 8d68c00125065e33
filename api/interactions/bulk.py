"""Interactions in bulk, with accounts and attendees by our ids or as other systems know them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from api.accounts.references import find_accounts
from api.interactions import attendees
from api.interactions.known import FACTS, Believed, supersede
from api.interactions.models import Interaction
from api.interactions.resource import INTERACTIONS
from api.interactions.schemas import InteractionBulkItem, InteractionCreate
from api.interactions.service import refuse_future, with_recording
from api.kit import audit, clock, outbox
from api.kit.bulk import ItemResult, Upsert, good, upsert
from api.kit.bulk_schemas import BulkStatus
from api.kit.db import Tx
from api.kit.problems import Problem


async def upsert_interactions(
    tx: Tx, items: Sequence[object], *, atomic: bool = False, history: bool = False
) -> list[ItemResult]:
    """Create or correct interactions by external id; see :mod:`api.kit.bulk`.

    With ``history`` new ones count as known since they took place, and are marked as brought in later.
    """
    bulk = _Bulk(history)
    upsert_ = Upsert(
        INTERACTIONS, Interaction, InteractionBulkItem, InteractionCreate,
        prepare=bulk.prepare, refuse=bulk.remember, announced=("account_id", "kind"),
    )  # fmt: skip
    results = await upsert(tx, upsert_, items, atomic=atomic)
    await bulk.follow(tx, results)
    return results


@dataclass(slots=True)
class _Bulk:
    """What one bulk knows beside its items."""

    history: bool
    emails: dict[int, list[str]] = field(default_factory=dict)
    before: dict[UUID, Believed] = field(default_factory=dict)

    async def prepare(self, tx: Tx, results: Sequence[ItemResult]) -> None:
        """Ids in place of the callers' own; attendees apart, since they are rows of their own."""
        await find_accounts(tx, results)
        for result in good(results):
            result.given = with_recording(result.given)
            if "attendee_emails" in result.given:
                self.emails[result.index] = result.given.pop("attendee_emails")
            try:
                refuse_future(result.given)
            except Problem as problem:
                result.fail(problem)
            if self.history and "occurred_at" in result.given:
                result.given |= {"recorded_at": result.given["occurred_at"], "backfilled": True}

    async def remember(self, tx: Tx, results: Sequence[ItemResult]) -> None:
        """Note what is believed of the interactions that exist; a correction is never known earlier than now."""
        for result in results:
            result.given.pop("recorded_at", None)
            result.given.pop("backfilled", None)
        rows = await tx.fetch(
            f"SELECT id, {', '.join(Believed._fields)} FROM interactions WHERE workspace_id = %s AND id = ANY(%s)",  # noqa: S608
            [tx.workspace_id, [result.id for result in results]],
        )
        self.before = {row[0]: Believed(*row[1:]) for row in rows}

    async def follow(self, tx: Tx, results: Sequence[ItemResult]) -> None:
        """Keep what was corrected, and bring the attendees up to date."""
        corrected = [r.id for r in results if r.status is BulkStatus.updated and set(r.changed) & set(FACTS)]
        await supersede(tx, {each: self.before[each] for each in corrected if each is not None})
        applied = {BulkStatus.created, BulkStatus.updated, BulkStatus.unchanged}
        theirs = {
            result.id: self.emails[result.index]
            for result in results
            if result.status in applied and result.index in self.emails and result.id is not None
        }
        if not theirs:
            return
        contacts, users = await _known(tx, theirs)
        new = [r.id for r in results if r.status is BulkStatus.created and r.id is not None]
        changed = await attendees.follow(tx, contacts, users, new=new)
        await self._note(tx, [r for r in results if r.status is BulkStatus.unchanged and r.id in changed])

    async def _note(self, tx: Tx, results: Sequence[ItemResult]) -> None:
        """A new version of interactions of which only the attendees changed."""
        for result in results:
            result.status, result.changed = BulkStatus.updated, ["attendees"]
        ids = [result.id for result in results if result.id is not None]
        await tx.execute(
            "UPDATE interactions SET version = version + 1, updated_at = %(now)s WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
            {"ws": tx.workspace_id, "now": clock.now(), "ids": ids},
        )
        await audit.record_many(tx, INTERACTIONS.name, [("updated", each, ["attendees"]) for each in ids])
        facts = [
            ("updated", each, {"fields": ["attendees"], "account_id": str(self.before[each].account_id)})
            for each in ids
        ]
        await outbox.record_many(tx, INTERACTIONS.name, facts)


async def _known(tx: Tx, emails: dict[UUID, list[str]]) -> tuple[dict[UUID, list[UUID]], dict[UUID, list[UUID]]]:
    """The contacts of the interactions' accounts, and our users, who have these addresses."""
    pairs = [(interaction_id, email) for interaction_id, listed in emails.items() for email in listed]
    parameters = {
        "ws": tx.workspace_id,
        "interactions": [pair[0] for pair in pairs],
        "emails": [pair[1] for pair in pairs],
    }
    contacts: dict[UUID, list[UUID]] = {interaction_id: [] for interaction_id in emails}
    users: dict[UUID, list[UUID]] = {interaction_id: [] for interaction_id in emails}
    async with tx.joining_many(len(pairs)):
        for interaction_id, contact_id in await tx.fetch(
            """
            SELECT given.interaction_id, c.id
            FROM unnest(%(interactions)s::uuid[], %(emails)s::text[]) AS given (interaction_id, email)
            JOIN interactions i ON i.workspace_id = %(ws)s AND i.id = given.interaction_id
            JOIN contacts c ON c.workspace_id = %(ws)s AND c.email = given.email AND c.account_id = i.account_id
            WHERE c.archived_at IS NULL
            """,
            parameters,
        ):
            contacts[interaction_id].append(contact_id)
        for interaction_id, user_id in await tx.fetch(
            """
            SELECT given.interaction_id, u.id
            FROM unnest(%(interactions)s::uuid[], %(emails)s::text[]) AS given (interaction_id, email)
            JOIN users u ON u.workspace_id = %(ws)s AND u.email = given.email WHERE u.archived_at IS NULL
            """,
            parameters,
        ):
            users[interaction_id].append(user_id)
    return contacts, users
