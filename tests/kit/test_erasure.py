"""Erasing a person: what stands in the columns afterwards, and which rows are about whom."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from api.kit.erasure import erased_value
from api.v1 import tables

PERSONAL = [column for table in tables() for column in table.c if column.info.get("personal") is True]


@pytest.mark.parametrize("column", PERSONAL, ids=str)
def test_every_personal_column_can_be_erased(column: sa.Column[object]) -> None:
    erased_value(column)


@pytest.mark.parametrize(
    ("column", "erased"),
    [
        (sa.Column("name", sa.Text, nullable=False), "(erased)"),
        (sa.Column("notes", sa.Text, nullable=False), ""),
        (sa.Column("tags", ARRAY(sa.Text), nullable=False), []),
        (sa.Column("custom", JSONB, nullable=False), {}),
    ],
)
def test_required_columns_say_nothing(column: sa.Column[object], erased: object) -> None:
    value = erased_value(column)
    assert isinstance(value, sa.BindParameter)
    assert value.value == erased


def test_nullable_columns_become_null() -> None:
    assert isinstance(erased_value(sa.Column("name", sa.Text)), sa.Null)


def test_a_required_number_cannot_be_personal() -> None:
    with pytest.raises(TypeError, match="no erased value"):
        erased_value(sa.Column("shoe_size", sa.Integer, nullable=False))
