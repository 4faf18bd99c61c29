"""One timing: its median, how far its rounds spread, and whether to believe it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.records import Metric, Timing
from harness.rounds.doubts import Doubt, doubts_of, remarks_of
from harness.rounds.level import Level, recorded
from harness.statistics import median_interval


@dataclass(frozen=True)
class Rounds:
    """Seconds of one call. A single round is its own median and quartiles."""

    count: int
    estimate: Metric
    """The median with its interval, or the reason why there is none."""
    lower: float
    """Quartile."""
    upper: float
    """Quartile."""
    doubts: tuple[Doubt, ...]
    """Reasons to call the timing noisy."""
    remarks: tuple[str, ...]
    """Worth a word, and no doubt."""

    @property
    def median(self) -> float:
        assert self.estimate.value is not None
        return self.estimate.value

    @property
    def low(self) -> float | None:
        """Of the interval of the median."""
        return self.estimate.low

    @property
    def high(self) -> float | None:
        return self.estimate.high

    @property
    def spread(self) -> float | None:
        """The middle half of the rounds, as a share of the median; None where the median is 0."""
        return (self.upper - self.lower) / self.median if self.median else None

    @property
    def noisy(self) -> bool:
        return bool(self.doubts)


def of(timing: Timing, level: Level | None = None) -> Rounds:
    """What the rounds of one timing, which has at least one, come to.

    Args:
        timing: Of any role.
        level: How its interval is made; by default 95 %, of 2,000 resamples.
    """
    level = level or Level()
    seconds = np.asarray(timing.seconds)
    estimate = median_interval(
        seconds, confidence=level.confidence, resamples=level.resamples, generator=level.generator
    )
    lower, upper = np.quantile(seconds, [0.25, 0.75])
    return Rounds(
        count=len(seconds),
        estimate=recorded(estimate),
        lower=float(lower),
        upper=float(upper),
        doubts=doubts_of(seconds, estimate, level.confidence),
        remarks=remarks_of(seconds),
    )


def median_of(timing: Timing) -> float:
    """Seconds of one call: the median of the rounds alone, of which there is at least one."""
    return float(np.median(timing.seconds))
