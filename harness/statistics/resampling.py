"""The bootstrap of counts.

A statistic that is a function of a table of counts needs no examples to be resampled: drawing N
examples with replacement and counting them is one multinomial draw over the occupied cells. Its
cost does not grow with N, only with the cells, and it is the same bootstrap.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from harness.statistics.arrays import Counts, Replicates, ResampledCounts
from harness.statistics.estimates import Bounds, Interval, NoInterval

_CELLS_AT_ONCE = 4_000_000


def resampled_counts(counts: Counts, resamples: int, seed: int) -> Iterator[ResampledCounts]:
    """Tables drawn from `counts` with replacement, each with the same total, in bounded pieces.

    Empty cells may be left out beforehand: they stay empty in every table. The tables depend on
    the counts and the seed alone, not on the size of the pieces.

    Args:
        counts: (cells,) int64, with a positive sum.
        resamples: Tables in all.
        seed: Of numpy's default generator.

    Yields:
        (tables, cells) int64; the pieces together have `resamples` rows.
    """
    generator = np.random.default_rng(seed)
    total = int(counts.sum())
    shares = counts / total
    piece = max(1, _CELLS_AT_ONCE // len(counts))
    for start in range(0, resamples, piece):
        drawn: ResampledCounts = generator.multinomial(total, shares, size=min(piece, resamples - start))
        yield drawn


def percentile_interval(replicates: Replicates, confidence: float, method: str) -> Bounds:
    """The percentile interval of a bootstrapped statistic (Efron 1979, Annals of Statistics 7).

    A table in which the statistic is undefined counts as the worst one for both ends, so that
    leaving it out cannot make the interval narrower.

    Args:
        replicates: (resamples,) float64, NaN where undefined.
        confidence: Level, between 0 and 1.
        method: Text of the interval.
    """
    tail = (1 - confidence) / 2
    needed = math.ceil(1 / tail - 1e-9)
    if len(replicates) < needed:
        return NoInterval(
            f"{len(replicates):,} resamples do not reach the tails of a {confidence:.4g} interval: {needed:,} would"
        )
    undefined = np.isnan(replicates)
    # An observed replicate at each end: interpolating between -inf and a number has no meaning.
    low = float(np.quantile(np.where(undefined, -np.inf, replicates), tail, method="lower"))
    high = float(np.quantile(np.where(undefined, np.inf, replicates), 1 - tail, method="higher"))
    if math.isinf(low) or math.isinf(high):
        return NoInterval(f"undefined in {int(undefined.sum()):,} of {len(replicates):,} resamples")
    if low == high:
        return NoInterval("the same in every resample, which says nothing of the spread")
    return Interval(low, high, method)


def counts_method(resamples: int, seed: int) -> str:
    """The text of an interval from resampled confusion counts."""
    return f"bootstrap of the confusion counts, {resamples:,} resamples, seed {seed}"
