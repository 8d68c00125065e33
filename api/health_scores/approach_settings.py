"""When a workspace finds that an account should be contacted: its configuration, with the defaults."""

from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from api.auth.configuration import Configuration, all_there
from api.health_scores import goal_examples as examples
from api.kit.schemas import Input, Key, Line, Name, refused, shown

Points = Annotated[
    float,
    Field(strict=True, ge=-100, le=100, description="Below 0: it speaks against contact now."),
    # Next to nothing would fade to what is too small for a float8: Postgres refuses that, and all scores with it.
    AfterValidator(lambda points: points if abs(points) >= 1e-9 else 0.0),
]


class EventCondition(Input):
    """A field of the event's data that must have, or as a list hold, one of these values."""

    field: Key = Field(
        description="A name in the event's `data`. `account.health_band_changed` has `direction` (`up`, `down`) too."
    )
    values: list[Line] = Field(min_length=1, max_length=50)


class IntentKind(Input):
    """A kind of intent, and what it is worth."""

    key: Key
    name: Line = Field(default="", description="For people.")
    points: Points
    event: Annotated[str, Field(pattern=r"^[a-z_]{1,60}\.[a-z_]{1,60}$")] | None = Field(
        default=None, description="Each event of this type about an account is such an intent. Without: posted only."
    )
    conditions: list[EventCondition] = Field(default=[], max_length=10, description="All of them must hold.")


def _on(key: str, name: str, points: float, event: str, **conditions: list[str]) -> IntentKind:
    wanted = [EventCondition(field=field, values=values) for field, values in conditions.items()]
    return IntentKind(key=key, name=name, points=points, event=event, conditions=wanted)


DEFAULT_INTENTS: Final = [
    IntentKind(key="pricing_page_viewed", name="料金ページを閲覧 / Viewed the pricing page", points=20),
    IntentKind(key="webinar_attended", name="ウェビナーに参加 / Attended a webinar", points=15),
    _on(
        "usage_declined", "利用状況が悪化 / Usage declined", 25, "account.usage_status_changed",
        to=["needs_attention", "inactive"],
    ),
    _on("usage_recovered", "利用状況が改善 / Usage recovered", 15, "account.usage_status_changed", to=["healthy"]),
    _on("band_dropped", "健全度の帯が低下 / Health band dropped", 30, "account.health_band_changed", direction=["down"]),
    _on("ticket_opened", "問い合わせを受付 / Ticket opened", 10, "ticket.created"),
    _on("ticket_escalated", "問い合わせがエスカレーション / Ticket escalated", 30, "ticket.updated", fields=["escalated"]),
    _on("low_survey_score", "アンケートで低評価 / Low survey score", 40, "survey_response.low"),
    _on(
        "promoter", "推奨者の回答 / Answered as a promoter", 20, "survey_response.created",
        kind=["nps"], score=["9", "10"],
    ),
    _on(
        "contact_changed", "主担当者が交代 / Primary contact changed", 30, "account.primary_contact_changed",
    ),
    _on("renewal_opened", "更新時期に入った / Renewal window opened", 30, "account.phase_changed", to=["renewal"]),
]  # fmt: skip


class ApproachSettings(Input):
    """The workspace's configuration of approach scores."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SETTINGS))

    half_life_days: Annotated[float, Field(strict=True, ge=1, le=365)] = Field(
        default=14, description="After so many days an intent counts for half."
    )
    threshold: Annotated[float, Field(strict=True, gt=0, le=100)] = Field(
        default=60, description="From this score on a task is opened."
    )
    pause_days: Annotated[int, Field(strict=True, ge=1, le=365)] = Field(
        default=30, description="An account gets at most one task in so many days."
    )
    task_due_days: Annotated[int, Field(strict=True, ge=0, le=90)] = Field(
        default=3, description="The task is due so many days after it was opened."
    )
    task_title: Name | None = Field(default=None, description="What the task is called; ours, unless given.")
    intents: list[IntentKind] = Field(default=DEFAULT_INTENTS, max_length=100)

    @model_validator(mode="after")
    def _each_key_once(self) -> "ApproachSettings":
        keys = [kind.key for kind in self.intents]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise refused(
                    f"intents/{place}: another kind has the key {key}",
                    f"intents/{place}: 同じキー {key} の種類があります",
                )
        return self

    def kind(self, key: str) -> IntentKind | None:
        """The kind with this key."""
        return next((kind for kind in self.intents if kind.key == key), None)


class ApproachSettingsRead(ApproachSettings):
    """The workspace's configuration of approach scores; what was never set has its default."""

    model_config = ConfigDict(json_schema_extra=all_there)


CONFIGURATION: Final = Configuration("approach", ApproachSettings)
