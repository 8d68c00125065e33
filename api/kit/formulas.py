"""Texts in files that spreadsheets open: one that looks like a formula is kept from being one, and comes back."""

from typing import Final

_BEGINNINGS: Final = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """``text`` with a ``'`` before it where a spreadsheet would take it for a formula."""
    return "'" + text if text.startswith(_BEGINNINGS) else text


def as_it_was(text: str) -> str:
    """The text that :func:`harmless` was given."""
    return text[1:] if text.startswith("'") and text[1:2] in _BEGINNINGS else text
