"""Whether scores would have told who leaves: statistics over the cases of a backtest. No database.

A case is an account on the last day of a week: the score that was computable from what was known then, and whether
the outcome came within the horizon. The same account is many cases, so every interval is a bootstrap **by account**:
whole accounts are drawn, with all their cases (drawing cases would make unrelated scores look significant).

Scores are held as tenths of a point, so a histogram of 1,001 places says all that ranks need.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from api.health_scores.definition import Band

UNSCORED: Final = -1
PLACES: Final = 1001
DRAWS: Final = 500
LEAST_EVENTS: Final = 20
MOST_BELOW_ACTIVE: Final = 0.02
CONFIDENCE: Final = 0.95

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases as columns of equal length: ``tenths`` is the score × 10 or ``UNSCORED``; ``event`` whether it came."""

    account: npt.NDArray[np.int32]
    tenths: npt.NDArray[np.int16]
    event: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.account)

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Cases":
        """The cases where ``chosen`` is true."""
        return Cases(self.account[chosen], self.tenths[chosen], self.event[chosen])

    @property
    def scored(self) -> "Cases":
        """The cases that have a score."""
        return self.only(self.tenths != UNSCORED)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the bounds of its 95 % interval; None where too little is known to say."""

    value: float | None
    low: float | None = None
    high: float | None = None


def auc(cases: Cases) -> float | None:
    """ROC AUC: how likely an event's case ranks worse than another's, ties ½; None without both kinds."""
    events, others = _histograms(cases, None)
    return _auc(events, others)


def auc_interval(cases: Cases, seed: int) -> Interval:
    """ROC AUC with a bootstrap by account."""
    value = auc(cases)
    if value is None:
        return Interval(None)
    drawn = [each for each in (_auc(*pair) for pair in _draws(cases, seed)) if each is not None]
    if len(drawn) < DRAWS // 2:
        return Interval(value)
    edge = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [edge, 1 - edge])
    return Interval(value, float(low), float(high))


def top_decile_lift(cases: Cases) -> float | None:
    """The rate of events in the worst-scored tenth over that of all; ties at the edge count in proportion."""
    events, others = _histograms(cases, None)
    everyone = events + others
    total, happened = everyone.sum(), events.sum()
    if not total or not happened:
        return None
    wanted = total / 10
    before = np.cumsum(everyone) - everyone
    taken = np.clip(wanted - before, 0, everyone)
    share = np.divide(taken, everyone, out=np.zeros(PLACES), where=everyone > 0)
    return float((events * share).sum() / wanted / (happened / total))


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that belong together: how many, how many events, the mean score."""

    name: str
    cases: int
    events: int
    rate: float | None
    mean_score: float | None


def by_band(cases: Cases, bands: list[Band]) -> list[Group]:
    """The cases of each band, from the worst."""
    # The first tenth of a point that live scores have in the band.
    edges = [next(tenth for tenth in range(PLACES) if tenth / 10 >= band.min) for band in bands] + [PLACES]
    return [
        _group(band.key, cases.only((cases.tenths >= low) & (cases.tenths < high)))
        for band, (low, high) in zip(bands, pairwise(edges), strict=True)
    ]


def calibration(cases: Cases) -> list[Group]:
    """The cases by tens of points."""
    return [
        _group(f"{low}-{low + 10}", cases.only((cases.tenths >= low * 10) & (cases.tenths < top)))
        for low in range(0, 100, 10)
        for top in [PLACES if low == 90 else low * 10 + 100]
    ]


def monotonic(groups: list[Group]) -> bool:
    """Whether the rate of events never rises from a band to the next better one; empty bands say nothing."""
    rates = [group.rate for group in groups if group.rate is not None]
    return all(left >= right for left, right in pairwise(rates))


@dataclass(frozen=True, slots=True)
class Red:
    """How well the worst band names those who leave."""

    precision: float | None
    recall: float | None


def red(groups: list[Group]) -> Red:
    """Precision and recall of the worst band."""
    worst, happened = groups[0], sum(group.events for group in groups)
    return Red(worst.rate, worst.events / happened if happened else None)


def figures(cases: Cases, bands: list[Band], seed: int) -> dict[str, Any]:
    """What a report says of some cases."""
    scored = cases.scored
    groups = by_band(scored, bands)
    interval = auc_interval(scored, seed)
    worst = red(groups)
    happened = int(scored.event.sum())
    return {
        "cases": len(scored),
        "unscored": len(cases) - len(scored),
        "accounts": len(np.unique(scored.account)),
        "events": happened,
        "accounts_with_events": len(np.unique(scored.account[scored.event])),
        "base_rate": happened / len(scored) if len(scored) else None,
        "auc": interval.value,
        "auc_low": interval.low,
        "auc_high": interval.high,
        "top_decile_lift": top_decile_lift(scored),
        "red_precision": worst.precision,
        "red_recall": worst.recall,
        "bands_monotonic": monotonic(groups),
        "bands": [_told(group) for group in groups],
        "calibration": [_told(group) for group in calibration(scored)],
    }


def failures(own: dict[str, Any], same: dict[str, Any] | None, active: dict[str, Any] | None) -> list[str]:
    """Which criteria for activation a report does not meet; empty when it passes.

    ``same`` and ``active`` are the figures of the model and of the active one on the cases that both have scored.
    """
    failed = []
    if own["accounts_with_events"] < LEAST_EVENTS:
        failed.append("too_few_events")
    if own["auc_low"] is None or own["auc_low"] <= 0.5:
        failed.append("auc_not_above_half")
    if not own["bands_monotonic"]:
        failed.append("bands_not_monotonic")
    rival = None if active is None else active["auc"]
    mine = None if same is None else same["auc"]
    if rival is not None and (mine is None or mine < rival - MOST_BELOW_ACTIVE):
        failed.append("below_active_model")
    return failed


def _group(name: str, cases: Cases) -> Group:
    count, happened = len(cases), int(cases.event.sum())
    if not count:
        return Group(name, 0, 0, None, None)
    return Group(name, count, happened, happened / count, round(float(cases.tenths.mean()) / 10, 1))


def _told(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "cases": group.cases,
        "events": group.events,
        "rate": group.rate,
        "mean_score": group.mean_score,
    }


def _histograms(cases: Cases, weights: Floats | None) -> tuple[Floats, Floats]:
    """How many cases with and without the event there are at each tenth of a point."""
    events = np.bincount(cases.tenths[cases.event], None if weights is None else weights[cases.event], PLACES)
    others = np.bincount(cases.tenths[~cases.event], None if weights is None else weights[~cases.event], PLACES)
    return events.astype(np.float64), others.astype(np.float64)


def _auc(events: Floats, others: Floats) -> float | None:
    pairs = events.sum() * others.sum()
    if not pairs:
        return None
    better = others.sum() - np.cumsum(others)
    return float((events * (better + others / 2)).sum() / pairs)


def _draws(cases: Cases, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """The histograms of samples of accounts, drawn with replacement."""
    accounts, place = np.unique(cases.account, return_inverse=True)
    # Cases of an account with one score and outcome weigh together: most accounts keep their score for weeks.
    key = (place.astype(np.int64) * PLACES + cases.tenths) * 2 + cases.event
    distinct, counts = np.unique(key, return_counts=True)
    event = (distinct % 2).astype(bool)
    tenths = distinct // 2 % PLACES
    owner = distinct // 2 // PLACES
    sides = [(owner[side], tenths[side], counts[side].astype(np.float64)) for side in (event, ~event)]
    random = np.random.default_rng(seed)
    for _ in range(DRAWS):
        drawn = np.bincount(random.integers(0, len(accounts), len(accounts)), minlength=len(accounts))
        one, two = (np.bincount(t, drawn[o] * c, PLACES).astype(np.float64) for o, t, c in sides)
        yield one, two
