"""Who was there: kept as rows that end, so that it can be asked as known at any moment."""

from collections.abc import Collection, Mapping
from uuid import UUID

from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.tables import new_id

People = Mapping[UUID, Collection[UUID]]
"""The ids of the people of each interaction."""


async def follow(tx: Tx, contacts: People, users: People, *, new: Collection[UUID] = ()) -> set[UUID]:
    """Make these the contacts and users who attended; the interactions whose attendees really changed.

    Interactions that neither names keep theirs. Those of ``new`` interactions are known as long as these.
    """
    pairs = [(i, contact, None) for i, people in contacts.items() for contact in sorted(set(people))]
    pairs += [(i, None, user) for i, people in users.items() for user in sorted(set(people))]  # type: ignore[misc]
    parameters = {
        "ws": tx.workspace_id,
        "now": clock.now(),
        "with_contacts": list(contacts),
        "with_users": list(users),
        "new": list(new),
        "ids": [new_id() for _ in pairs],
        "interactions": [pair[0] for pair in pairs],
        "contacts": [pair[1] for pair in pairs],
        "users": [pair[2] for pair in pairs],
    }
    gone = await tx.fetch(
        """
        UPDATE interaction_attendees a SET superseded_at = %(now)s
        WHERE a.workspace_id = %(ws)s AND a.superseded_at IS NULL AND (
            (a.contact_id IS NOT NULL AND a.interaction_id = ANY(%(with_contacts)s))
            OR (a.user_id IS NOT NULL AND a.interaction_id = ANY(%(with_users)s))
        ) AND NOT EXISTS (
            SELECT FROM unnest(%(interactions)s::uuid[], %(contacts)s::uuid[], %(users)s::uuid[])
                AS wanted (interaction_id, contact_id, user_id)
            WHERE wanted.interaction_id = a.interaction_id
            AND (wanted.contact_id = a.contact_id OR wanted.user_id = a.user_id)
        )
        RETURNING a.interaction_id
        """,
        parameters,
    )
    async with tx.joining_many(len(pairs)):
        come = await tx.fetch(
            """
            INSERT INTO interaction_attendees (workspace_id, id, interaction_id, contact_id, user_id, recorded_at)
            SELECT %(ws)s, wanted.id, wanted.interaction_id, wanted.contact_id, wanted.user_id,
                CASE WHEN i.id = ANY(%(new)s) THEN i.recorded_at ELSE %(now)s END
            FROM unnest(%(ids)s::uuid[], %(interactions)s::uuid[], %(contacts)s::uuid[], %(users)s::uuid[])
                AS wanted (id, interaction_id, contact_id, user_id)
            JOIN interactions i ON i.workspace_id = %(ws)s AND i.id = wanted.interaction_id
            ON CONFLICT DO NOTHING RETURNING interaction_id
            """,
            parameters,
        )
    return {row[0] for row in [*gone, *come]}


async def require(tx: Tx, table: str, places: Mapping[str, UUID]) -> None:
    """Refuse ids of people who are not there; each stands at a place of the body, a JSON pointer."""
    if not places:
        return
    rows = await tx.fetch(
        f"SELECT id FROM {table} WHERE workspace_id = %s AND id = ANY(%s) FOR KEY SHARE",  # noqa: S608
        [tx.workspace_id, list(places.values())],
    )
    known = {row[0] for row in rows}
    errors = [
        FieldError(pointer, "reference_not_found", "There is no such record", "該当するデータがありません")
        for pointer, person in places.items()
        if person not in known
    ]
    if errors:
        raise invalid(*errors)
