"""Intervals in closed form: proportions and means."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from harness.statistics.arrays import Sample
from harness.statistics.estimates import Bounds, Interval, NoInterval

FEWEST = 20
"""Examples below which neither the normal nor the bootstrap interval is given: simulated, both hold less than they say."""


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

    >>> wilson(0, 10, 0.95)
    Interval(low=0.0, high=0.27753279986288626, method='Wilson')
    """
    # statsmodels has this as proportion_confint(method="wilson"); importing it takes a second, in every
    # command that shows an accuracy. The tests hold this formula against it.
    z = two_sided(confidence)
    share = successes / total
    shrunk = 1 + z * z / total
    middle = (share + z * z / (2 * total)) / shrunk
    reach = z / shrunk * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    # Rounding must not move the ends that are exact.
    low = 0.0 if successes == 0 else max(0.0, middle - reach)
    high = 1.0 if successes == total else min(1.0, middle + reach)
    return Interval(low, high, "Wilson")


def normal_mean(values: Sample, confidence: float, *, least: float = -math.inf, most: float = math.inf) -> Bounds:
    """The normal interval of the mean of independent values, cut at what a mean can be.

    Args:
        values: (N,) float64.
        confidence: Level, between 0 and 1.
        least: The smallest mean that is possible.
        most: The largest mean that is possible.
    """
    if len(values) < FEWEST:
        return too_few(len(values))
    deviation = float(np.std(values, ddof=1))
    if deviation == 0:
        return NoInterval("every example has the same value, which says nothing of the spread")
    mean = float(np.mean(values))
    reach = two_sided(confidence) * deviation / math.sqrt(len(values))
    return Interval(max(least, mean - reach), min(most, mean + reach), "normal")


def too_few(examples: int) -> NoInterval:
    """The one wording for a sample that is too small for large-sample intervals."""
    return NoInterval(f"{examples} example{'s' if examples != 1 else ''}: fewer than {FEWEST} give no interval that holds")
