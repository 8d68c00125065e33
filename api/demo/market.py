"""The shape of what is invented: companies, people and the words of one country."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Company:
    """A customer; ``parent`` is the key of the group's company above it."""

    key: str
    name: str
    legal_name: str
    kana: str | None
    industry: str
    employees: int
    parent: str | None


@dataclass(frozen=True, slots=True)
class PersonName:
    """A part of a person's name: as written, as read (kana), and in Latin letters."""

    written: str
    read: str
    latin: str


@dataclass(frozen=True, slots=True)
class Market:
    """Everything that differs between the demo's workspaces.

    Attributes:
        country: ISO 3166 code of most customers.
        colleagues: Further people of the workspace, as CSMs.
        family_names: Of contacts.
        given_names: Of contacts.
        family_first: Whether the family name comes first.
        positions: Department and title, by stakeholder role.
        tags: Of accounts.
        reasons: Texts: why a phase changed, or a primary contact.
        stakes: What contacts personally gain or risk.
        settings: The account settings, in the API's shape.
        fields: The custom fields to declare.
        segments: Name, description and filter.
        products: In the API's shape.
        overrides: The definition of success of a product for a segment: product key, segment name, texts.
        views: Name, query and whether everyone sees it.
    """

    country: str
    companies: Sequence[Company]
    colleagues: Sequence[str]
    family_names: Sequence[PersonName]
    given_names: Sequence[PersonName]
    family_first: bool
    positions: Mapping[str, Sequence[tuple[str, str]]]
    tags: Sequence[str]
    reasons: Mapping[str, Sequence[str]]
    stakes: Sequence[str]
    settings: Mapping[str, Any]
    fields: Sequence[Mapping[str, Any]]
    segments: Sequence[tuple[str, str, Mapping[str, Any]]]
    products: Sequence[Mapping[str, Any]]
    overrides: Sequence[tuple[str, str, str, str]]
    views: Sequence[tuple[str, Mapping[str, Any], bool]]

    def options(self, key: str) -> Sequence[str]:
        """The options of a custom field."""
        return next(field["options"] for field in self.fields if field["key"] == key)


def names(table: str) -> Sequence[PersonName]:
    """The names of a table of ``written read latin`` separated by commas."""
    return [PersonName(*entry.split()) for entry in table.split(",")]
