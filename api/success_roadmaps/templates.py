"""What one can do with templates. Their definitions are versions that never change."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.success_roadmaps.definition import mistakes
from api.success_roadmaps.history_models import RoadmapTemplate, RoadmapTemplateVersion
from api.success_roadmaps.resource import TEMPLATES
from api.success_roadmaps.template_schemas import TemplateDefinition


class Template(NamedTuple):
    """A version of a template, ready to be used."""

    version_id: UUID
    name: str
    kind: str
    definition: TemplateDefinition


async def create_template(tx: Tx, values: Mapping[str, Any], definition: TemplateDefinition) -> UUID:
    """Add a template with its first version; its id."""
    await _check(tx, definition)
    given = {name: value for name, value in values.items() if name != "definition"}
    template = await write.create(tx, TEMPLATES, RoadmapTemplate, given, announce={"number": 1})
    _add_version(tx, template.id, 1, definition)
    await tx.flush()
    return template.id


async def update_template(
    tx: Tx, template_id: UUID, version: int, values: Mapping[str, Any], definition: TemplateDefinition | None
) -> None:
    """Change a template; another definition becomes its newest version."""
    template = await write.lock(tx, TEMPLATES, RoadmapTemplate, template_id, version=version)
    changes = {name: value for name, value in values.items() if name != "definition"}
    if definition is not None:
        await _check(tx, definition)
        newest = await find_template(tx, template_id, template.newest)
        if newest.definition != definition:
            changes["newest"] = template.newest + 1
            _add_version(tx, template_id, changes["newest"], definition)
    await write.change(tx, TEMPLATES, template, changes, announce={"number": changes.get("newest", template.newest)})


async def archive_template(tx: Tx, template_id: UUID, version: int) -> None:
    """Take a template out of use; roadmaps made from it stay."""
    await write.archive(tx, TEMPLATES, RoadmapTemplate, template_id, version)


async def restore_template(tx: Tx, template_id: UUID) -> None:
    """Bring an archived template back."""
    await write.restore(tx, TEMPLATES, RoadmapTemplate, template_id)


async def find_template(tx: Tx, template_id: UUID, number: int | None) -> Template:
    """A version of a template in use, the newest by default."""
    rows = await tx.fetch(
        "SELECT v.id, t.name, t.kind, v.definition FROM roadmap_templates t "
        "LEFT JOIN roadmap_template_versions v ON v.workspace_id = t.workspace_id AND v.template_id = t.id "
        "AND v.number = coalesce(%(number)s, t.newest) "
        "WHERE t.workspace_id = %(ws)s AND t.id = %(id)s AND t.archived_at IS NULL",
        {"ws": tx.workspace_id, "id": template_id, "number": number},
    )
    if not rows or rows[0][0] is None:
        pointer = "/template_version" if rows else "/template_id"
        raise invalid(
            FieldError(pointer, "reference_not_found", "There is no such template", "該当するテンプレートがありません")
        )
    version_id, name, kind, definition = rows[0]
    return Template(version_id, name, kind, TemplateDefinition.model_validate(definition))


async def usage_metric_ids(tx: Tx, definition: TemplateDefinition) -> dict[str, UUID]:
    """The usage metrics that a definition names, by key; those that are archived are left out."""
    rows = await tx.fetch(
        "SELECT key, id FROM usage_metrics WHERE workspace_id = %s AND key = ANY(%s) AND archived_at IS NULL",
        [tx.workspace_id, [goal.usage_metric for goal in definition.goals if goal.usage_metric]],
    )
    return dict(rows)


async def _check(tx: Tx, definition: TemplateDefinition) -> None:
    errors = mistakes(definition)
    known = await usage_metric_ids(tx, definition)
    told = ("There is no such usage metric", "該当する利用指標がありません")
    errors += [
        FieldError(f"/definition/goals/{place}/usage_metric", "reference_not_found", *told)
        for place, goal in enumerate(definition.goals)
        if goal.usage_metric is not None and goal.usage_metric not in known
    ]
    if errors:
        raise invalid(*errors)


def _add_version(tx: Tx, template_id: UUID, number: int, definition: TemplateDefinition) -> None:
    assert tx.workspace_id is not None
    tx.session.add(
        RoadmapTemplateVersion(
            workspace_id=tx.workspace_id,
            template_id=template_id,
            number=number,
            definition=orjson.loads(definition.model_dump_json()),
            created_by_id=tx.actor.user_id,
            created_at=clock.now(),
        )
    )
