"""Whether confidence is earned: reliability by bins of confidence, and the expected calibration error.

There are 15 bins (Guo et al. 2017, ICML), with edges k/15. Each is (low, high], so that a confidence
on an edge belongs to the bin below it; 0 belongs to the first bin, and 1 to the last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.metrics.arrays import BinCounts, BinSums, PerExample, Right
from harness.statistics import Estimate, NoInterval, Scalar, Undefined, wilson

BINS = 15

NO_INTERVAL = "the estimate is biased upward, so that its bootstrap interval misses the truth"


@dataclass(frozen=True)
class BinnedConfidence:
    """Sums by bin of confidence: all that binned calibration is a function of."""

    count: BinCounts
    confidence: BinSums
    """Sum of the top probabilities, float64."""
    right: BinCounts
    """Examples predicted right."""

    @property
    def edges(self) -> BinSums:
        """Upper edges, (bins,) float64; the last is 1."""
        edges: BinSums = np.arange(1, len(self.count) + 1) / len(self.count)
        return edges


def binned(confidence: PerExample, right: Right, bins: int = BINS) -> BinnedConfidence:
    """Examples by equal-width bins of confidence.

    Args:
        confidence: (N,) float64, top probabilities.
        right: (N,) bool, whether the prediction is the gold label.
        bins: How many.
    """
    inner = np.arange(1, bins) / bins
    of = np.searchsorted(inner, confidence, side="left")
    return BinnedConfidence(
        count=np.bincount(of, minlength=bins),
        confidence=np.bincount(of, weights=confidence, minlength=bins),
        right=np.bincount(of[right], minlength=bins),
    )


def expected_calibration_error(of: BinnedConfidence) -> float:
    """The mean distance of confidence from accuracy, bin by bin, weighted by count (Naeini et al. 2015, AAAI).

    >>> expected_calibration_error(binned(np.array([0.75, 0.75]), np.array([True, False])))
    0.25
    """
    return float(np.abs(of.confidence - of.right).sum() / of.count.sum())


def calibration_metrics(of: BinnedConfidence) -> dict[str, Scalar]:
    """The scalars of calibration by name, of at least one example."""
    return {"expected_calibration_error": Estimate(expected_calibration_error(of), NoInterval(NO_INTERVAL))}


@dataclass(frozen=True)
class Reliability:
    """One bin, (low, high]: its examples, and how often they are right."""

    low: float
    high: float
    count: int
    mean_confidence: float | None
    accuracy: Scalar


def reliability(of: BinnedConfidence, *, confidence: float) -> tuple[Reliability, ...]:
    """The reliability table, with the Wilson interval of each bin's accuracy; empty bins are undefined."""
    lows = np.concatenate([[0.0], of.edges[:-1]])
    return tuple(
        Reliability(float(low), float(high), int(count), *_of_bin(int(count), float(total), int(right), confidence))
        for low, high, count, total, right in zip(lows, of.edges, of.count, of.confidence, of.right, strict=True)
    )


def _of_bin(count: int, total: float, right: int, confidence: float) -> tuple[float | None, Scalar]:
    if count == 0:
        return None, Undefined("no example has a confidence in this bin")
    return total / count, Estimate(right / count, wilson(right, count, confidence))
