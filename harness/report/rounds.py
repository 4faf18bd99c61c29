"""The rounds of a timing as a strip shows them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from harness.records import Timing


def ratios(timing: Timing) -> list[float]:
    """Each round ÷ the median, so that timings of milliseconds and of microseconds share an axis."""
    middle = median(timing.seconds)
    return [each / middle if middle else 1.0 for each in timing.seconds]


def axis(timings: Sequence[Timing], widest: float = 2.0) -> tuple[float, float]:
    """The axis of ratios that the strips of a table share; at most half to twice the median."""
    every = [ratio for timing in timings for ratio in ratios(timing)] or [1.0]
    return max(min([*every, 0.9]), 1 / widest), min(max([*every, 1.1]), widest)
