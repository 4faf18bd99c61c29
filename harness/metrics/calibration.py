"""Whether confidence is earned: how far it lies from accuracy, by bins and without.

Of the confidence, which is the highest probability of an example, unless a metric says otherwise.
"""

from __future__ import annotations

import numpy as np

from harness.metrics.arrays import BinSums
from harness.metrics.bins import BINS, BinnedClasses, BinnedConfidence
from harness.metrics.evidence import few_examples_lacking
from harness.metrics.ranking import Ranking, of_bins
from harness.metrics.smooth import smooth_calibration_error, smooth_error_bound
from harness.metrics.squared import debiased_metric
from harness.statistics import Estimate, NoInterval, Scalar, normal_mean
from harness.statistics.moments import Moments

NO_INTERVAL = "the estimate is biased upward, so that its bootstrap interval misses the truth"


def calibration_metrics(
    bins: BinnedConfidence, classes: BinnedClasses, ranking: Ranking, gap: Moments, *, confidence: float
) -> dict[str, Scalar]:
    """The scalars of calibration by name, of at least one example.

    Args:
        bins: Examples by confidence.
        classes: Examples by the probability of each class.
        ranking: Examples by confidence; hits are predicted right.
        gap: Of the confidence less 1 where the prediction is right, less 0 where it is wrong.
        confidence: Level of the intervals, between 0 and 1.
    """
    gaps = bin_gaps(bins)
    shares = bins.count / bins.count.sum()
    biased = {
        "expected_calibration_error": expected_calibration_error(bins),
        "expected_calibration_error_equal_mass": equal_mass_calibration_error(ranking),
        "maximum_calibration_error": float(np.abs(gaps).max()),
        "classwise_calibration_error": classwise_calibration_error(classes),
        "root_mean_square_calibration_error": float(np.sqrt(shares @ np.square(gaps))),
    }
    smooth = smooth_calibration_error(ranking)
    parts = {
        "overconfidence": float(shares @ np.maximum(gaps, 0)),
        "underconfidence": float(shares @ np.maximum(-gaps, 0)),
    }
    mean = normal_mean(gap.mean, gap.deviation, gap.count, confidence, least=-1.0, most=1.0)
    equal_mass = NoInterval(NO_INTERVAL + of_bins(equal_mass_error_bound(ranking)))
    return {
        **_without_interval(biased),
        "expected_calibration_error_equal_mass": Estimate(biased["expected_calibration_error_equal_mass"], equal_mass),
        "debiased_calibration_error": debiased_metric(bins, confidence=confidence),
        "smooth_calibration_error": Estimate(
            smooth, NoInterval(NO_INTERVAL + of_bins(0.0 if ranking.exact else smooth_error_bound(smooth)))
        ),
        **_without_interval(parts),
        "confidence_gap": Estimate(gap.mean, few_examples_lacking(gap.count) or mean),
    }


def bin_gaps(of: BinnedConfidence) -> BinSums:
    """Mean confidence less accuracy in each bin, (bins,) float64: above 0 it is over-confident; 0 in empty bins."""
    gaps: BinSums = (of.confidence - of.right) / np.maximum(of.count, 1)
    return gaps


def expected_calibration_error(of: BinnedConfidence) -> float:
    """The mean distance of confidence from accuracy, bin by bin, weighted by count (Naeini et al. 2015, AAAI).

    >>> from harness.metrics.bins import binned
    >>> expected_calibration_error(binned(np.array([0.75, 0.75]), np.array([True, False])))
    0.25
    """
    return float(np.abs(of.confidence - of.right).sum() / of.count.sum())


def equal_mass_calibration_error(of: Ranking, bins: int = BINS) -> float:
    """The same over bins of equally many examples (Nixon et al. 2019, CVPR workshops).

    The examples are cut in ascending order at k · N / bins. Those with the same confidence have no order:
    where a cut falls among them, each bin gets its share of their number and of their hits, so that the
    result does not depend on how ties are sorted. From fine bins it is so for the examples of one fine bin
    too, see `equal_mass_error_bound`.

    >>> equal_mass_calibration_error(Ranking.of(np.array([0.6, 0.9]), np.array([True, True])), bins=2)
    0.25
    """
    upto = np.concatenate([[0], np.cumsum(of.count)])
    cuts = np.linspace(0, upto[-1], bins + 1)
    gap = np.concatenate([[0.0], np.cumsum(of.total - of.hits)])
    return float(np.abs(np.diff(np.interp(cuts, upto, gap))).sum() / upto[-1])


def equal_mass_error_bound(of: Ranking, bins: int = BINS) -> float:
    """How far that may be from the value of the examples themselves: 0 where the ranking is exact.

    A cut falls into a fine bin of m examples, h of them hits: at most m / 4 hits more or fewer than their share
    lie below it, which moves the gap of the bin on either side. So each cut adds m / (2 · N) at most.
    """
    if of.exact:
        return 0.0
    cut = np.searchsorted(np.cumsum(of.count), np.arange(1, bins) * of.count.sum() / bins)
    return float(of.count[cut].sum() / (2 * of.count.sum()))


def classwise_calibration_error(of: BinnedClasses) -> float:
    """The binned gap of each class's own probability, averaged over the classes (Kull et al. 2019, NeurIPS)."""
    return float(np.abs(of.probability - of.gold).sum() / of.count.sum())


def _without_interval(values: dict[str, float]) -> dict[str, Scalar]:
    return {name: Estimate(value, NoInterval(NO_INTERVAL)) for name, value in values.items()}
