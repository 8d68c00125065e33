"""The thresholds of each kind of signal, with their defaults. Every field is a column that the kind's select reads."""

from typing import Annotated

from pydantic import Field

from api.kit.schemas import Input, Key

Days = Annotated[int, Field(strict=True, ge=1, le=730)]
Weeks = Annotated[int, Field(strict=True, ge=1, le=26)]
Few = Annotated[int, Field(strict=True, ge=1, le=100)]
Percent = Annotated[float, Field(ge=0, le=100)]
Amount = Annotated[float, Field(ge=0, le=1e12)]


class Nothing(Input):
    """Nothing to set."""


class Recent(Input):
    """How long ago it may have happened."""

    days: Days = 60


class ContactChanged(Recent):
    """A change is told for so many days, or until it was reverted or the goals were confirmed."""


class SingleThreaded(Input):
    """How many people we should know."""

    contacts: Few = Field(default=2, description="Fewer contacts who are still there than this.")
    stakeholders: Few = Field(
        default=2, description="Fewer of them with a part in decisions than this, where parts are known at all."
    )


class Detractor(Input):
    """Which answers to NPS are bad ones."""

    days: Days = 90
    score: Annotated[int, Field(strict=True, ge=0, le=10)] = Field(default=6, description="This score or a lower one.")


class SilentAccount(Input):
    """How long without a meeting, call or mail."""

    days: Days = 60


class UsageDrop(Input):
    """The last finished weeks against as many before, and the usage status."""

    weeks: Weeks = 4
    drop_pct: Percent = Field(default=30, description="A fall by so many percent, or more.")
    critical_drop_pct: Percent = Field(default=60, description="From here on it is critical.")
    minimum: Amount = Field(default=1, description="Lower values before count as none: nothing can drop.")
    metric: Key | None = Field(default=None, description="A metric's key; by default the one with the role `active`.")


class SilentTrouble(Input):
    """Many errors for the use that is made, and no ticket."""

    weeks: Weeks = 4
    times: Annotated[float, Field(ge=1, le=1000)] = Field(
        default=2, description="So many times the median of accounts in the same size band and segment."
    )
    min_errors: Amount = Field(default=10, description="At least so many errors.")
    ticket_days: Days = Field(default=30, description="No ticket was opened in so many days.")
    peers: Annotated[int, Field(strict=True, ge=2, le=1000)] = Field(
        default=5, description="With fewer accounts to compare with, nothing is said."
    )
    metric: Key | None = Field(
        default=None, description="A metric's key; by default all summed-up metrics of which lower is better."
    )


class BandDropped(Input):
    """How far a health score has fallen, and within which time."""

    days: Days = 28
    bands: Few = Field(default=1, description="So many bands below the best one in that time.")


class RedHealth(Input):
    """How old a score may be."""

    days: Days = 28


class EscalatedTickets(Input):
    """How many open tickets hurt badly."""

    tickets: Few = Field(default=1, description="Open tickets that were escalated or are urgent.")


class OverdueRenewal(Input):
    """How long a term is over, undecided."""

    days: Annotated[int, Field(strict=True, ge=0, le=730)] = 0


class GapBlockingRenewal(Input):
    """How near a renewal is."""

    days: Days = Field(default=90, description="The undecided term ends within so many days, or is overdue.")


class StaleRoadmap(Input):
    """How long a roadmap's review is due."""

    days: Annotated[int, Field(strict=True, ge=0, le=730)] = Field(
        default=7, description="So many days after the review that its cadence asks for."
    )


class News(Input):
    """How long news stays open."""

    days: Days = 60
