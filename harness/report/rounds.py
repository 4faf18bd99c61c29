"""What the rounds of a timing come to: their median and how far they spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from harness.records import Timing


@dataclass(frozen=True)
class Rounds:
    """Seconds of one batch. `lower` and `upper` are the quartiles; a single round is all three."""

    median: float
    lower: float
    upper: float

    @property
    def spread(self) -> float:
        """The middle half of the rounds, as a share of the median."""
        return (self.upper - self.lower) / self.median if self.median else 0.0


def of(timing: Timing) -> Rounds:
    """
    The rounds of one timing, which has at least one.
    """
    seconds = timing.seconds
    if len(seconds) < 2:
        return Rounds(seconds[0], seconds[0], seconds[0])
    lower, middle, upper = quantiles(seconds, n=4, method="inclusive")
    return Rounds(middle, lower, upper)


def ratios(timing: Timing) -> list[float]:
    """Each round ÷ the median, so that timings of milliseconds and of microseconds share an axis."""
    middle = median(timing.seconds)
    return [each / middle if middle else 1.0 for each in timing.seconds]


def axis(timings: Sequence[Timing], widest: float = 2.0) -> tuple[float, float]:
    """The axis of ratios that the strips of a table share; at most half to twice the median."""
    every = [ratio for timing in timings for ratio in ratios(timing)] or [1.0]
    return max(min([*every, 0.9]), 1 / widest), min(max([*every, 1.1]), widest)
