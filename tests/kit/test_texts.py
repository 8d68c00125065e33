"""What texts of bodies may hold."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from api.kit.schemas import ExternalId, Line, Name, Tag, Text


@pytest.mark.parametrize("kind", [Name, Line, ExternalId, Tag])
def test_a_name_stays_on_its_line(kind: Any) -> None:
    texts = TypeAdapter(kind)
    assert texts.validate_python(" 株式会社\r\nさくら\u2028物流\tあ ") == "株式会社 さくら 物流 あ"
    assert texts.validate_python("カ\u3099") == "ガ"
    for turning in ("\u202e", "\u2066", "\u202a"):
        with pytest.raises(ValidationError, match="direction"):
            texts.validate_python(f"Acme {turning}cod.exe")
    # Marks, not orders: names in Hebrew and Arabic hold them.
    assert texts.validate_python("א\u200fב") == "א\u200fב"


def test_a_text_keeps_its_lines() -> None:
    assert TypeAdapter(Text).validate_python("一行目\n二行目\t終わり") == "一行目\n二行目\t終わり"
    with pytest.raises(ValidationError, match="Control"):
        TypeAdapter(Text).validate_python("一行目\x00")
