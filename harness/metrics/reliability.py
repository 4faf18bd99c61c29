"""The reliability table: how often each bin of confidence is right, and how often it would be if calibrated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.metrics.arrays import RankCounts
from harness.metrics.bins import BinnedConfidence
from harness.statistics import Estimate, Scalar, Undefined, wilson


@dataclass(frozen=True)
class Reliability:
    """One bin, (low, high]: its examples, and how often they are right."""

    low: float
    high: float
    count: int
    mean_confidence: float | None
    """None where the bin is empty."""
    accuracy: Scalar
    expected_low: float | None
    """Consistency band: where the accuracy would lie if the classifier were calibrated; None in an empty bin."""
    expected_high: float | None


def reliability(of: BinnedConfidence, *, confidence: float) -> tuple[Reliability, ...]:
    """The reliability table, with the Wilson interval of each bin's accuracy and its consistency band.

    The band (Bröcker & Smith 2007, Weather and Forecasting 22) is that of a binomial count with the bin's
    mean confidence: that the confidences of a bin differ can only make the count vary less.

    Args:
        of: Examples by bin of confidence.
        confidence: Level of the intervals and of the band, each bin by itself.
    """
    lows = np.concatenate([[0.0], of.edges[:-1]])
    rows = zip(
        lows.tolist(), of.edges.tolist(), of.count.tolist(), of.confidence.tolist(), of.right.tolist(), strict=True
    )
    return tuple(_bin(*row, confidence) for row in rows)


def _bin(low: float, high: float, count: int, total: float, right: int, confidence: float) -> Reliability:
    if count == 0:
        reason = Undefined("no example has a confidence in this bin")
        return Reliability(low, high, 0, None, reason, None, None)
    mean = min(total / count, 1.0)
    band = consistency_band(mean, count, confidence)
    return Reliability(low, high, count, mean, Estimate(right / count, wilson(right, count, confidence)), *band)


def consistency_band(share: float, count: int, confidence: float) -> tuple[float, float]:
    """The central range of hits ÷ count, where each of `count` examples is a hit with the chance `share`.

    At most (1 - confidence) / 2 lies below it, and as much above.

    >>> consistency_band(0.5, 10, 0.95)
    (0.2, 0.8)
    """
    from scipy.special import bdtr

    tail = (1 - confidence) / 2
    hits: RankCounts = np.arange(count + 1) if count <= 10_000 else _around(share, count)
    below = bdtr(hits, count, share)
    low = int(np.searchsorted(below, tail, side="right"))
    high = min(int(np.searchsorted(below, 1 - tail, side="left")), len(hits) - 1)
    return int(hits[low]) / count, int(hits[high]) / count


def _around(share: float, count: int) -> RankCounts:
    """Hits within ten deviations of what is expected: beyond them lies nothing that counts."""
    reach = 10 * np.sqrt(count * share * (1 - share)) + 10
    hits: RankCounts = np.arange(max(0, int(count * share - reach)), min(count, int(count * share + reach)) + 1)
    return hits
