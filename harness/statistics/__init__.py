"""Intervals and resampling, from arrays alone."""

from harness.statistics.estimates import Bounds, Estimate, Interval, NoInterval, Scalar, Undefined
from harness.statistics.intervals import mean_of_proportions, normal_mean, two_sided, wilson
from harness.statistics.resampling import bca_interval, counts_method, resampled_counts

__all__ = [
    "Bounds",
    "Estimate",
    "Interval",
    "NoInterval",
    "Scalar",
    "Undefined",
    "bca_interval",
    "counts_method",
    "mean_of_proportions",
    "normal_mean",
    "resampled_counts",
    "two_sided",
    "wilson",
]
