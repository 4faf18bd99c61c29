"""Intervals and resampling, from arrays alone."""

from harness.statistics.estimates import Bounds, Estimate, Interval, NoInterval, Scalar, Undefined
from harness.statistics.intervals import FEWEST, normal_mean, too_few, two_sided, wilson
from harness.statistics.resampling import counts_method, percentile_interval, resampled_counts

__all__ = [
    "FEWEST",
    "Bounds",
    "Estimate",
    "Interval",
    "NoInterval",
    "Scalar",
    "Undefined",
    "counts_method",
    "normal_mean",
    "percentile_interval",
    "resampled_counts",
    "too_few",
    "two_sided",
    "wilson",
]
