"""The arithmetic of answers: NPS, CSAT and CES with what they are worth as evidence.

A figure is an exact fraction in points of 100 until it is shown, and None, never 0, where nobody answered.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

Z_95: Final = 1.959963984540054
SUFFICIENT: Final = 30
"""From this many answers on, the interval can be relied on."""
_PROMOTER: Final = 9
_DETRACTOR: Final = 6


class SurveyKind(StrEnum):
    """What a survey measures."""

    nps = "nps"
    csat = "csat"
    ces = "ces"


class Stand(StrEnum):
    """Which side an answer is on."""

    positive = "positive"
    neutral = "neutral"
    negative = "negative"


def scale_of(kind: SurveyKind, scale_max: int) -> range:
    """The scores that can be given: 0–10 for NPS, else from 1 on."""
    return range(0 if kind is SurveyKind.nps else 1, scale_max + 1)


def stand(kind: SurveyKind, scale_max: int, score: int) -> Stand:
    """Promoter, passive, detractor; top two boxes; agreeing, in the middle, disagreeing."""
    middle = Fraction(scale_max + 1, 2)
    match kind:
        case SurveyKind.nps:
            positive, negative = score >= _PROMOTER, score <= _DETRACTOR
        case SurveyKind.csat:
            positive, negative = score >= scale_max - 1, score < middle
        case SurveyKind.ces:
            positive, negative = score > middle, score < middle
    return Stand.positive if positive else Stand.negative if negative else Stand.neutral


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of one kind, counted by scale and score."""

    kind: SurveyKind
    counts: Mapping[tuple[int, int], int]

    @classmethod
    def of(cls, kind: SurveyKind, counted: Iterable[tuple[int, int, int]]) -> "Answers":
        """From ``(upper end of the scale, score, how many)``; the same score may come several times."""
        counts: Counter[tuple[int, int]] = Counter()
        for scale_max, score, count in counted:
            counts[scale_max, score] += count
        return cls(kind, counts)

    @property
    def n(self) -> int:
        """How many answers there are."""
        return sum(self.counts.values())

    def on(self, side: Stand) -> int:
        """How many are on a side."""
        return sum(n for (scale_max, score), n in self.counts.items() if stand(self.kind, scale_max, score) is side)

    @property
    def score(self) -> Fraction | None:
        """NPS from −100 to 100, CSAT and CES as the positive share in percent."""
        if not self.n:
            return None
        against = self.on(Stand.negative) if self.kind is SurveyKind.nps else 0
        return Fraction(100 * (self.on(Stand.positive) - against), self.n)

    @property
    def mean(self) -> Fraction | None:
        """The average score; None where scales differ."""
        if not self.n or len({scale_max for scale_max, _ in self.counts}) > 1:
            return None
        return Fraction(sum(score * n for (_, score), n in self.counts.items()), self.n)

    @property
    def standard_error(self) -> float | None:
        """In points, as of a random sample: √((p + d − (p − d)²) ÷ n), with d = 0 for shares."""
        if not self.n:
            return None
        p = Fraction(self.on(Stand.positive), self.n)
        d = Fraction(self.on(Stand.negative), self.n) if self.kind is SurveyKind.nps else Fraction(0)
        return 100 * math.sqrt((p + d - (p - d) ** 2) / self.n)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval in points: score ± 1.96 standard errors for NPS, Wilson's for shares."""
        score, error = self.score, self.standard_error
        if score is None or error is None:
            return None
        if self.kind is SurveyKind.nps:
            return max(-100.0, float(score) - Z_95 * error), min(100.0, float(score) + Z_95 * error)
        return wilson(self.on(Stand.positive), self.n)

    @property
    def sufficient(self) -> bool:
        """Whether there are enough answers to rely on the interval."""
        return self.n >= SUFFICIENT

    def distribution(self) -> Mapping[int, int]:
        """How many gave each score, ascending."""
        found: Counter[int] = Counter()
        for (_, score), n in self.counts.items():
            found[score] += n
        return dict(sorted(found.items()))


def wilson(positive: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, in percent; it holds for small samples and at the ends too."""
    share, z2 = positive / n, Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, 100 * (centre - reach)), min(100.0, 100 * (centre + reach))
