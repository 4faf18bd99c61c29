"""The bootstrap of counts.

A statistic that is a function of a table of counts needs no examples to be resampled: drawing N
examples with replacement and counting them is one multinomial draw over the occupied cells. Its
cost does not grow with N, only with the cells, and it is the same bootstrap.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from harness.statistics.arrays import Counts, LeftOut, Replicates, ResampledCounts
from harness.statistics.design import Changes
from harness.statistics.estimates import Bounds, Interval, NoInterval
from harness.statistics.intervals import two_sided

CELLS_AT_ONCE = 4_000_000
"""Numbers in one piece of resampled counts: 32 MB."""


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
    piece = max(1, CELLS_AT_ONCE // len(counts))
    for start in range(0, resamples, piece):
        drawn: ResampledCounts = generator.multinomial(total, shares, size=min(piece, resamples - start))
        yield drawn


def bca_interval(
    value: float, replicates: Replicates, without_one: LeftOut, counts: Counts, confidence: float, method: str
) -> Bounds:
    """The bias-corrected and accelerated interval of a bootstrapped statistic (Efron 1987, JASA 82).

    Plain percentiles miss a skewed statistic more often than they say: of a quadratic kappa of 0.98
    from 1,000 examples, simulated, 9 % and not 5 %; these miss 6 %.

    A table in which the statistic is undefined counts as the worst one for both ends, so that
    leaving it out cannot make the interval narrower.

    Args:
        value: The statistic of the observed table.
        replicates: (resamples,) float64, the statistic in each table drawn anew; NaN where undefined.
        without_one: (cells,) float64, the statistic of the observed table less one example of the cell.
        counts: (cells,) int64, the observed table.
        confidence: Level, between 0 and 1.
        method: Text of the interval.
    """
    influence = np.average(without_one, weights=counts) - without_one
    tail = (1 - confidence) / 2
    return bca_ends(value, replicates, influence, counts, two_sided(confidence), tail, method, "example")


def bca_ends(
    value: float,
    replicates: Replicates,
    influence: Changes,
    times: Counts,
    z: float,
    tail: float,
    method: str,
    noun: str,
) -> Bounds:
    """The interval whose ends lie at `z` normal deviations on both sides, bias-corrected and accelerated.

    Args:
        value: The statistic of the observed table.
        replicates: (resamples,) float64, the statistic in each table drawn anew; NaN where undefined.
        influence: (units,) float64, what a unit contributes: the mean of those left out, less the one without it.
        times: (units,) int64, how many units contribute the same.
        z: Normal deviations.
        tail: Share of the resamples beyond each of them.
        method: Text of the interval.
        noun: What is left out.
    """
    needed = math.ceil(1 / tail - 1e-9)
    if len(replicates) < needed:
        return NoInterval(f"{len(replicates):,} resamples do not reach the tails of the interval: {needed:,} would")
    defined = replicates[~np.isnan(replicates)]
    undefined = len(replicates) - len(defined)
    if not len(defined) or np.isnan(influence).any():
        return NoInterval(f"undefined when one {noun} is left out")
    if np.ptp(defined) == 0:
        return NoInterval("the same in every resample, which says nothing of the spread")
    below = float((defined < value).mean() + (defined == value).mean() / 2)
    if not 0 < below < 1:
        return NoInterval("every resample lies on one side of the value")
    ends = _ends(below, _acceleration(influence, times), z)
    # Observed replicates at both ends: interpolating between -inf and a number has no meaning.
    ordered = np.sort(defined)
    low = math.floor(ends[0] * (len(replicates) - 1)) - undefined
    high = math.ceil(ends[1] * (len(replicates) - 1))
    if low < 0 or high >= len(defined):
        return NoInterval(f"undefined in {undefined:,} of {len(replicates):,} resamples")
    return Interval(float(ordered[low]), float(ordered[high]), method)


def counts_method(resamples: int, seed: int) -> str:
    """The text of an interval from resampled confusion counts."""
    return f"BCa bootstrap of the confusion counts, {resamples:,} resamples, seed {seed}"


def _acceleration(influence: Changes, times: Counts) -> float:
    """A sixth of the skewness of what one unit contributes, by the jackknife; at most 1/6 in size."""
    spread = float(times @ np.square(influence))
    return float(times @ influence**3) / (6 * spread**1.5) if spread > 0 else 0.0


def _ends(below: float, acceleration: float, z: float) -> tuple[float, float]:
    """The two shares of the replicates at which the interval ends, given the share below the value."""
    bias = NormalDist().inv_cdf(below)
    return _end(bias, acceleration, -z), _end(bias, acceleration, z)


def _end(bias: float, acceleration: float, z: float) -> float:
    # Beyond the pole of the correction lies no replicate: the last one is the end.
    slack = 1 - acceleration * (bias + z)
    return NormalDist().cdf(bias + (bias + z) / slack) if slack > 0 else float(z > 0)
