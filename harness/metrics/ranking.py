"""Examples in the order of a probability: what ranks, thresholds and equal-mass bins are functions of.

Exact from arrays, one row for each distinct probability; or from 2¹⁶ bins of equal width, which merge
across shards in memory that does not grow with the examples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from harness.metrics.arrays import BinOf, PerExample, RankCounts, RankSums, Right
from harness.metrics.bins import sums_by

FINE_BINS = 2**16


@dataclass(frozen=True)
class Ranking:
    """Examples by ascending probability, those with the same one (or in the same fine bin) in one row."""

    count: RankCounts
    """(rows,) int64, at least 1 each."""
    hits: RankCounts
    """(rows,) int64: of them, those in which the event is true: predicted right, or of the class."""
    total: RankSums
    """(rows,) float64: sum of their probabilities."""
    exact: bool
    """Whether all examples of a row have the very same probability."""

    @property
    def probability(self) -> RankSums:
        """(rows,) float64, the mean probability of each row."""
        mean: RankSums = self.total / self.count
        return mean

    @classmethod
    def of(cls, probability: PerExample, event: Right) -> Ranking:
        """Exact, of (N,) probabilities in float32 or float64 and (N,) bool."""
        order = np.argsort(probability, kind="stable")
        values = probability[order]
        first = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])) if len(values) else order
        count = np.diff(np.append(first, len(values)))
        hits = np.add.reduceat(event[order], first, dtype=np.int64) if len(values) else count
        return cls(count, hits, values[first].astype(np.float64) * count, exact=True)


def fine_place(probability: PerExample, bins: int = FINE_BINS) -> BinOf:
    """The fine bin of each probability in float64, (N,) int64."""
    places: BinOf = np.minimum((probability * bins).astype(np.int64), bins - 1)
    return places


@dataclass(frozen=True)
class FineBins:
    """The same from equal-width bins [k, k + 1) / 2¹⁶; a probability of 1 is in the last. They add up."""

    count: RankCounts
    hits: RankCounts
    total: RankSums

    @classmethod
    def of(cls, probability: PerExample, event: Right, bins: int = FINE_BINS) -> FineBins:
        """(bins,) sums of (N,) probabilities in float32 or float64 and (N,) bool."""
        values = probability.astype(np.float64)
        places = fine_place(values, bins)
        return cls(
            count=np.bincount(places, minlength=bins),
            hits=np.bincount(places[event], minlength=bins),
            total=sums_by(places, values, bins),
        )

    def __add__(self, other: FineBins) -> FineBins:
        return FineBins(self.count + other.count, self.hits + other.hits, self.total + other.total)

    def ranking(self) -> Ranking:
        """The bins that hold an example, lowest first."""
        filled = self.count > 0
        return Ranking(self.count[filled], self.hits[filled], self.total[filled], exact=False)


def of_bins(error: float) -> str:
    """What a figure from fine bins says of them, after its method or reason; nothing where it is exact.

    >>> of_bins(0.00021)
    '; counted in fine bins, off by at most 0.0003'
    """
    if not error:
        return ""
    # Rounded upwards to one digit, since it is a bound.
    digits = min(6, max(1, -math.floor(math.log10(error))))
    most = f"{math.ceil(error * 10**digits) / 10**digits:.{digits}f}".rstrip("0")
    return f"; counted in fine bins, off by at most {most}"
