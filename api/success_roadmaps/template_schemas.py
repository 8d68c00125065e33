"""Shapes of templates. A definition is checked as a whole by :mod:`api.success_roadmaps.definition`."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.accounts.models import TeamRole
from api.kit.schemas import Input, Key, Line, Name, Page, Read, RecordQuery, RecordRead, SearchText, Text, shown
from api.success_roadmaps import examples
from api.success_roadmaps.models import GoalLevel, MilestoneKind, RoadmapKind
from api.success_roadmaps.part_schemas import MOST_PARTS, MetricValue, PartWeight
from api.success_roadmaps.schemas import Cadence
from api.tasks.models import TaskPriority
from api.usage.models import Direction

RelativeDay = Annotated[
    int, Field(strict=True, ge=0, le=3650, description="Days after the roadmap's first day; 0 is that day.")
]


class TemplateGoal(Input):
    """A goal that each roadmap of the template begins with."""

    key: Key = Field(description="Its name in the definition; unique among goals.")
    parent: Key | None = Field(default=None, description="The key of a goal of a higher level.")
    level: GoalLevel
    title: Name
    detail: Text = ""
    product_related: Annotated[bool, Field(strict=True)] = False
    weight: PartWeight = 1
    starts_day: RelativeDay | None = None
    due_day: RelativeDay | None = None
    metric_name: Line | None = None
    metric_unit: Annotated[Line, Field(max_length=40)] | None = None
    direction: Direction = Direction.higher_is_better
    baseline: MetricValue | None = None
    target: MetricValue | None = None
    usage_metric: Key | None = Field(
        default=None, description="The key of a usage metric that gives the present value."
    )


class TemplateMilestone(Input):
    """A milestone that each roadmap of the template begins with."""

    key: Key
    goal: Key | None = Field(default=None, description="The key of its goal; absent: of the roadmap as a whole.")
    kind: MilestoneKind = MilestoneKind.step
    title: Name
    detail: Text = ""
    weight: PartWeight = 1
    due_day: RelativeDay | None = None


class TemplateTask(Input):
    """A task that is opened with each roadmap of the template."""

    milestone: Key | None = None
    title: Name
    detail: Text = ""
    role: TeamRole | None = Field(default=None, description="Who of the account's team does it; by default its owner.")
    due_day: RelativeDay | None = None
    priority: TaskPriority = TaskPriority.normal
    needs_check: Annotated[bool, Field(strict=True)] = False


class TemplateHypothesis(Input):
    """A hypothesis that each roadmap of the template begins with."""

    goal: Key | None = None
    statement: Annotated[Text, Field(min_length=1)]


class TemplateDefinition(Input):
    """What roadmaps of the template begin with."""

    duration_days: Annotated[int, Field(strict=True, ge=1, le=3650)] = Field(
        description="The roadmap is due so many days after its first."
    )
    review_every_days: Cadence | None = None
    goals: Annotated[list[TemplateGoal], Field(max_length=MOST_PARTS)] = []
    milestones: Annotated[list[TemplateMilestone], Field(max_length=MOST_PARTS)] = []
    tasks: Annotated[list[TemplateTask], Field(max_length=MOST_PARTS)] = []
    hypotheses: Annotated[list[TemplateHypothesis], Field(max_length=MOST_PARTS)] = []


class RoadmapTemplateCreate(Input):
    """A template to add."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TEMPLATE_CREATE))

    name: Name
    description: Text = ""
    kind: RoadmapKind = RoadmapKind.success
    definition: TemplateDefinition


class RoadmapTemplateUpdate(Input):
    """Changes to a template. Another definition becomes a new version; roadmaps made from older ones stay."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TEMPLATE_UPDATE))

    name: Name | MISSING = MISSING
    description: Text | MISSING = MISSING
    kind: RoadmapKind | MISSING = MISSING
    definition: TemplateDefinition | MISSING = MISSING


class RoadmapTemplateVersionRead(Read):
    """A version of a template; it never changes."""

    number: int
    definition: dict[str, Any]
    created_by_id: UUID | None
    created_at: AwareDatetime


class RoadmapTemplateRead(RecordRead):
    """A template with the definition of its newest version."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TEMPLATE_READ))

    name: str
    description: str
    kind: RoadmapKind
    newest: int = Field(description="The number of its newest version.")
    definition: dict[str, Any]
    versions: list[RoadmapTemplateVersionRead] | MISSING = MISSING


class RoadmapTemplateSort(StrEnum):
    """The orders of a list of templates."""

    name = "name"
    name_down = "-name"
    created_at = "created_at"
    created_at_down = "-created_at"


class RoadmapTemplateQuery(RecordQuery):
    """The templates to list."""

    sort: RoadmapTemplateSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Text in name or description.")
    kind: list[RoadmapKind] | MISSING = MISSING


class RoadmapTemplatePage(Page[RoadmapTemplateRead]):
    """One page of templates."""
