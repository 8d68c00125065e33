"""Texts in files that spreadsheets open: one that looks like a formula is kept from being one, and comes back."""

import re
from typing import Final

# Marks that the text itself brings are doubled along, so that taking one away gives back what was there.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")


def harmless(text: str) -> str:
    """``text`` with a ``'`` before it where a spreadsheet would take it for a formula."""
    return "'" + text if _FORMULA.match(text) else text


def as_it_was(text: str) -> str:
    """The text that :func:`harmless` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
