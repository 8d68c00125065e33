"""What one can do with surveys themselves."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from api.auth.service import workspace_today
from api.kit import write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.surveys.models import Survey
from api.surveys.resource import SURVEYS
from api.surveys.schemas import stored
from api.surveys.scores import SurveyKind

_QUESTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    SurveyKind.nps: {
        "ja": "当社のサービスを同僚や知人に薦める可能性は、どのくらいありますか？",
        "en": "How likely are you to recommend us to a colleague?",
    },
    SurveyKind.csat: {
        "ja": "当社のサービスにどのくらい満足していますか？",
        "en": "How satisfied are you with our service?",
    },
    SurveyKind.ces: {
        "ja": "やりたいことを簡単に済ませることができましたか？",
        "en": "Was it easy to get done what you wanted to do?",
    },
}
_FOLLOW_UP: Final = {"ja": "その点数の理由を教えてください。", "en": "What is the main reason for your score?"}
_NPS_LOW: Final = 6


def completed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a new survey, with what its kind says where they say nothing."""
    kind = SurveyKind(values["kind"])
    scale_max = values.get("scale_max", 10 if kind is SurveyKind.nps else 5)
    return stored(
        {
            "question": _QUESTIONS[kind],
            "follow_up": _FOLLOW_UP,
            "scale_max": scale_max,
            "kpi_eligible": kind is not SurveyKind.nps,
            "low_at_most": _NPS_LOW if kind is SurveyKind.nps else (scale_max - 1) // 2,
            **values,
        }
    )


async def create_survey(tx: Tx, values: Mapping[str, Any]) -> Survey:
    """Add a survey; its schedule begins today unless it says otherwise."""
    return await write.create(tx, SURVEYS, Survey, {"starts_on": await workspace_today(tx), **completed(values)})


async def update_survey(tx: Tx, survey_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a survey; invitations that were made stay as they are."""
    survey = await write.lock(tx, SURVEYS, Survey, survey_id, version=version)
    await write.change(tx, SURVEYS, survey, stored(dict(values)))


async def archive_survey(tx: Tx, survey_id: UUID, version: int) -> None:
    """Take a survey out of lists; nobody is asked any more, and answers stay."""
    await write.archive(tx, SURVEYS, Survey, survey_id, version)


async def restore_survey(tx: Tx, survey_id: UUID) -> None:
    """Bring an archived survey back."""
    await write.restore(tx, SURVEYS, Survey, survey_id)


def check_score(kind: SurveyKind, scale_max: int, score: int) -> None:
    """Refuse a score that is not on the scale."""
    least = 0 if kind is SurveyKind.nps else 1
    if not least <= score <= scale_max:
        raise invalid(
            FieldError(
                "/score", "out_of_range",
                f"From {least} to {scale_max}", f"{least} から {scale_max} で入力してください",
            )
        )  # fmt: skip
