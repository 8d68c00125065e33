"""How scores, pulses and what they are made of are read."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSON
from sqlmodel import col

from api.health_scores.models import CsmPulse, HealthModel, HealthScore
from api.kit.resources import Resource

COMPONENTS: Final = """
    (SELECT json_agg(json_build_object(
        'key', part.said ->> 'key', 'source', part.said ->> 'source', 'raw', {raws}[part.place],
        'points', {points}[part.place], 'weight', (part.said ->> 'weight')::float8,
        'contribution', {points}[part.place] * (part.said ->> 'weight')::float8 / nullif({usable}, 0),
        'missing', {missing}[part.place]) ORDER BY part.place)
    FROM jsonb_array_elements({definition} -> 'components') WITH ORDINALITY AS part (said, place))
"""
"""What each component said, from the columns of a snapshot or of a statement, and the model's definition."""

SCORES: Final = Resource(
    "health_score",
    HealthScore,
    joins=[
        (
            HealthModel.__table__,  # type: ignore[attr-defined]
            sa.and_(
                col(HealthModel.workspace_id) == col(HealthScore.workspace_id),
                col(HealthModel.id) == col(HealthScore.model_id),
            ),
        )
    ],
    values={
        "components": sa.literal_column(
            COMPONENTS.format(
                raws="health_scores.raws",
                points="health_scores.points",
                missing="health_scores.missing",
                usable="health_scores.usable_weight",
                definition="health_models.definition",
            ),
            JSON(),
        )
    },
    sorts={"as_of": col(HealthScore.as_of)},
    default_sort="-as_of",
)
PULSES: Final = Resource("csm_pulse", CsmPulse, sorts={"day": col(CsmPulse.day)}, default_sort="-day")
