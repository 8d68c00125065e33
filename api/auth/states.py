"""A record's state, told from its dates."""

import sqlalchemy as sa

from api.kit.resources import Value


def state_of(*states: tuple[sa.ColumnElement[bool], str], otherwise: str) -> Value:
    """The first state whose condition holds."""
    named = [(holds, sa.literal_column(f"'{name}'", sa.Text())) for holds, name in states]
    return sa.case(*named, else_=sa.literal_column(f"'{otherwise}'", sa.Text()))
