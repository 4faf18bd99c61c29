"""Intervals, resampling, paired tests and multiplicity, from arrays alone."""

from harness.statistics.design import Design, mean_interval, proportion_interval
from harness.statistics.estimates import Bounds, Estimate, Interval, NoInterval, Scalar, Undefined
from harness.statistics.intervals import mean_of_proportions, normal_mean, two_sided, wilson
from harness.statistics.moments import Moments
from harness.statistics.multiplicity import benjamini_hochberg, holm
from harness.statistics.paired import detectable_difference, examples_to_detect, mcnemar_mid_p, tango_interval
from harness.statistics.permutation import permutation_p_value, swapped_counts
from harness.statistics.resampling import bca_interval, counts_method, resampled_counts
from harness.statistics.rounds import fewest_rounds, median_interval, ratio_interval, rest_interval

__all__ = [
    "Bounds",
    "Design",
    "Estimate",
    "Interval",
    "Moments",
    "NoInterval",
    "Scalar",
    "Undefined",
    "bca_interval",
    "benjamini_hochberg",
    "counts_method",
    "detectable_difference",
    "examples_to_detect",
    "fewest_rounds",
    "holm",
    "mcnemar_mid_p",
    "mean_interval",
    "mean_of_proportions",
    "median_interval",
    "normal_mean",
    "permutation_p_value",
    "proportion_interval",
    "ratio_interval",
    "resampled_counts",
    "rest_interval",
    "swapped_counts",
    "tango_interval",
    "two_sided",
    "wilson",
]
