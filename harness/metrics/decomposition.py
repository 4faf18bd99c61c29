"""What a score is made of: calibration, resolution, uncertainty, and what lies within the groups.

    score = calibration - resolution + uncertainty + within groups

Examples are grouped by predicted class and bin of confidence. Each group has a mean prediction and the
shares of its gold labels. Calibration is the distance between the two: 0 where predictions come true as often
as they say. Resolution is the distance of those shares from the shares over all examples: what grouping so
tells of the gold label. Uncertainty is the score of predicting the overall shares every time. These three
make up the score of the group means, and the last part is what the single predictions change about it
(Stephenson, Coelho & Jolliffe 2008, Weather and Forecasting 23), so that the sum is exact.

The Brier score has this partition from Murphy (1973, J. Appl. Meteorology 12), the logarithmic score from
Weijs, van Nooijen & van de Giesen (2010, Monthly Weather Review 138), and every proper score from Bröcker
(2009, Quarterly Journal of the Royal Meteorological Society 135).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from harness.metrics.arrays import BinSums, ClassBinSums
from harness.metrics.bins import Groups
from harness.metrics.losses import SMALLEST
from harness.statistics import Estimate, NoInterval, Scalar

BIASED = "the estimate is biased upward, so that its bootstrap interval misses the truth"

NO_INTERVAL = {
    "calibration": BIASED,
    "resolution": BIASED,
    "uncertainty": "it is a figure of the gold labels alone, not of the classifier",
    "within_groups": "it is what the other parts leave, so that their bias is in it",
}
"""Why a part has none. The shares of a finite sample stray by chance, which adds to both distances (Ferro &
Fricker 2012, Quarterly Journal of the Royal Meteorological Society 138)."""

# What is lost by predicting a row of the second where that row of the first is true
Divergence = Callable[[ClassBinSums, ClassBinSums], BinSums]


@dataclass(frozen=True)
class Decomposition:
    """The parts of one score, all in its own unit; only `within_groups` can be negative."""

    calibration: float
    resolution: float
    uncertainty: float
    within_groups: float


def brier_decomposition(groups: Groups, mean: float) -> Decomposition:
    """Of a mean Brier score, summed over all classes.

    >>> groups = Groups(np.array([7]), np.array([[1.0, 1.0]]), np.array([[2, 0]]))
    >>> brier_decomposition(groups, mean=0.5)
    Decomposition(calibration=0.5, resolution=0.0, uncertainty=0.0, within_groups=0.0)
    """
    return _decomposition(groups, mean, _squares, lambda overall: float(overall @ (1 - overall)))


def log_decomposition(groups: Groups, mean: float) -> Decomposition:
    """Of a mean negative log-likelihood, in nats; the mean prediction of a group counts as `SMALLEST` at least.

    >>> groups = Groups(np.array([7]), np.array([[1.0, 1.0]]), np.array([[1, 1]]))
    >>> round(log_decomposition(groups, mean=1.0).uncertainty, 4)
    0.6931
    """
    return _decomposition(groups, mean, _relative_entropy, _entropy)


def decomposition_metrics(groups: Groups, means: Mapping[str, float]) -> dict[str, Scalar]:
    """The parts by name.

    Args:
        groups: Of at least one example.
        means: `brier_score` and `negative_log_likelihood` of the same examples.
    """
    parts = {
        "brier": brier_decomposition(groups, means["brier_score"]),
        "negative_log_likelihood": log_decomposition(groups, means["negative_log_likelihood"]),
    }
    return {
        f"{name}_{part.name}": Estimate(getattr(found, part.name), NoInterval(NO_INTERVAL[part.name]))
        for name, found in parts.items()
        for part in fields(found)
    }


def _decomposition(
    groups: Groups, mean: float, divergence: Divergence, entropy: Callable[[BinSums], float]
) -> Decomposition:
    count = groups.count
    weights = count / count.sum()
    # To a sum of 1, which rows keep only within rounding: else a calibration could fall below 0.
    predicted = groups.probability / groups.probability.sum(axis=1, keepdims=True)
    labelled = groups.gold / count[:, None]
    overall = groups.gold.sum(axis=0) / count.sum()
    calibration = float(weights @ divergence(labelled, predicted))
    resolution = float(weights @ divergence(labelled, np.broadcast_to(overall, labelled.shape)))
    uncertainty = entropy(overall)
    return Decomposition(calibration, resolution, uncertainty, mean - (calibration - resolution + uncertainty))


def _squares(true: ClassBinSums, predicted: ClassBinSums) -> BinSums:
    squares: BinSums = np.square(true - predicted).sum(axis=1)
    return squares


def _relative_entropy(true: ClassBinSums, predicted: ClassBinSums) -> BinSums:
    """Of Kullback and Leibler (1951, Annals of Mathematical Statistics 22), in nats."""
    ratio = np.divide(true, np.maximum(predicted, SMALLEST), out=np.ones(true.shape), where=true > 0)
    # Rounding must not leave less than the 0 of equal distributions.
    entropy: BinSums = np.maximum((true * np.log(ratio)).sum(axis=1), 0.0)
    return entropy


def _entropy(shares: BinSums) -> float:
    present = shares[shares > 0]
    return abs(float(present @ np.log(present)))
