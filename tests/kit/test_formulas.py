"""A text that looks like a formula is kept from being one, and comes back."""

import pytest

from api.kit.formulas import as_it_was, harmless


@pytest.mark.parametrize("text", ["=1+1", "+81-3", "-5", "@sum", "\tx", "\rx"])
def test_formulas_are_disarmed_and_come_back(text: str) -> None:
    assert harmless(text) == "'" + text
    assert as_it_was(harmless(text)) == text


@pytest.mark.parametrize("text", ["", "a=1", "'quoted'", "株式会社", "'"])
def test_other_texts_stay(text: str) -> None:
    assert harmless(text) == as_it_was(text) == text
