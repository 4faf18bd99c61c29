"""Intervals in closed form: proportions and means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from harness.statistics.estimates import Bounds, Interval, NoInterval


def two_sided(confidence: float) -> float:
    """The quantile of the standard normal distribution that leaves (1 - confidence) / 2 above it.

    >>> round(two_sided(0.95), 4)
    1.96
    """
    # From the standard library: scipy.stats takes most of a second to import, for this one number.
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def wilson(successes: int, total: int, confidence: float) -> Interval:
    """The score interval of a proportion (Wilson 1927, JASA 22), which holds at 0 and at 1 too.

    `total` is at least 1. Examples are independent; the interval knows of no clusters.

    >>> round(wilson(0, 10, 0.95).high, 4)
    0.2775
    """
    # statsmodels has this as proportion_confint(method="wilson"); importing it takes a second, in every
    # command that shows an accuracy. The tests hold this formula against it.
    low, high = wilson_ends(successes / total, float(total), two_sided(confidence))
    return Interval(low, high, "Wilson")


def wilson_ends(share: float, size: float, z: float) -> tuple[float, float]:
    """The ends of that interval, for a number of examples that need not be whole, and a normal quantile."""
    shrunk = 1 + z * z / size
    middle = (share + z * z / (2 * size)) / shrunk
    reach = z / shrunk * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    # Rounding must not move the ends that are exact.
    low = 0.0 if share == 0 else max(0.0, middle - reach)
    high = 1.0 if share == 1 else min(1.0, middle + reach)
    return low, high


def mean_of_proportions(successes: Sequence[int], totals: Sequence[int], confidence: float) -> Interval:
    """The interval of the unweighted mean of independent proportions (Price & Bonett 2004, CSDA 45).

    It is the normal interval after a little of success and of failure is added to each, so that it has
    a width where all succeed. One proportion alone gives the interval of Agresti and Coull.

    >>> round(mean_of_proportions([10, 10], [10, 10], 0.95).low, 4)
    0.8102
    """
    z = two_sided(confidence)
    added = z * z / (2 * len(totals))
    sizes = [total + 2 * added for total in totals]
    shares = [(right + added) / size for right, size in zip(successes, sizes, strict=True)]
    mean = math.fsum(shares) / len(shares)
    variance = math.fsum(share * (1 - share) / size for share, size in zip(shares, sizes, strict=True))
    reach = z * math.sqrt(variance) / len(shares)
    return Interval(max(0.0, mean - reach), min(1.0, mean + reach), "Price-Bonett")


def normal_mean(
    mean: float, deviation: float, examples: int, confidence: float, *, least: float = -math.inf, most: float = math.inf
) -> Bounds:
    """The normal interval of the mean of independent values, cut at what a mean can be.

    Args:
        mean: Of the values.
        deviation: Root of the mean squared distance from the mean (numpy's std, ddof=0).
        examples: How many values.
        confidence: Level, between 0 and 1.
        least: The smallest mean that is possible.
        most: The largest mean that is possible.
    """
    if examples < 2 or deviation == 0:
        return NoInterval("every example has the same value, which says nothing of the spread")
    # N - 1 makes the variance unbiased (Bessel's correction).
    reach = two_sided(confidence) * deviation / math.sqrt(examples - 1)
    return Interval(max(least, mean - reach), min(most, mean + reach), "normal")
