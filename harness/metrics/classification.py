"""Metrics of predicted classes: accuracy and its kin, each a function of the confusion matrix.

Every one of them gets the full list of classes: a class that a slice lacks is still a class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from harness.metrics.arrays import Confusion, Statistic
from harness.metrics.confusion import Margins, margins, resampled_margins
from harness.statistics import (
    FEWEST,
    Bounds,
    Estimate,
    NoInterval,
    Scalar,
    Undefined,
    counts_method,
    normal_mean,
    percentile_interval,
    too_few,
    wilson,
)


def macro_f1(of: Margins) -> Statistic:
    """The mean of F1 over all classes.

    A class that neither occurs nor is predicted has an F1 of 0, as scikit-learn has it with the full
    list of labels and zero_division=0.
    """
    either = of.gold + of.predicted
    f1 = np.divide(2.0 * of.right, either, out=np.zeros(either.shape), where=either > 0)
    mean: Statistic = np.asarray(f1.mean(axis=-1))
    return mean


def balanced_accuracy(of: Margins) -> Statistic:
    """The mean of recall over the classes that occur, as scikit-learn has it."""
    recall = np.divide(of.right, of.gold, out=np.zeros(of.gold.shape), where=of.gold > 0)
    mean: Statistic = np.asarray(recall.sum(axis=-1) / (of.gold > 0).sum(axis=-1))
    return mean


def quadratic_weighted_kappa(of: Margins) -> Statistic:
    """Agreement beyond chance, where a disagreement costs its squared distance (Cohen 1968, Psych. Bulletin 70).

    NaN where gold labels and predictions are all of one and the same class: chance would agree too.
    """
    # Scores are centred, which changes no distance and keeps the difference below from cancelling.
    score = np.arange(of.gold.shape[-1]) - (of.gold.shape[-1] - 1) / 2
    squares = (of.gold + of.predicted) @ np.square(score)
    by_chance = squares - 2 * (of.gold @ score) * (of.predicted @ score) / of.total
    one_class = np.minimum(of.gold, of.predicted).max(axis=-1) == of.total
    return _ratio(by_chance - of.squared, by_chance, undefined=one_class)


def matthews_correlation(of: Margins) -> Statistic:
    """The correlation of predicted and gold classes (Gorodkin 2004, Comput. Biol. Chem. 28), from -1 to 1.

    NaN where all gold labels, or all predictions, are of one class.
    """
    total = float(of.total)
    right = of.right.sum(axis=-1)
    gold, predicted = of.gold.astype(np.float64), of.predicted.astype(np.float64)
    covariance = right * total - (gold * predicted).sum(axis=-1)
    spread = (total**2 - np.square(gold).sum(axis=-1)) * (total**2 - np.square(predicted).sum(axis=-1))
    one_class = np.maximum(of.gold, of.predicted).max(axis=-1) == of.total
    return _ratio(covariance, np.sqrt(spread), undefined=one_class)


def _ratio(above: Statistic, below: Statistic, *, undefined: Statistic) -> Statistic:
    ratio: Statistic = np.divide(above, below, out=np.full(np.shape(below), np.nan), where=~undefined)
    return ratio


@dataclass(frozen=True)
class FromMargins:
    """A metric whose interval comes from resampled confusion counts."""

    compute: Callable[[Margins], Statistic]
    undefined: str = ""
    """The reason where it is NaN."""
    ordinal: bool = False
    """Needs classes that have an order."""


FROM_MARGINS: Mapping[str, FromMargins] = {
    "balanced_accuracy": FromMargins(balanced_accuracy),
    "macro_f1": FromMargins(macro_f1),
    "quadratic_weighted_kappa": FromMargins(
        quadratic_weighted_kappa,
        "gold labels and predictions are all of one class, so that chance would agree as well",
        ordinal=True,
    ),
    "matthews_correlation": FromMargins(
        matthews_correlation, "all gold labels or all predictions are of one class, which correlates with nothing"
    ),
}

NOT_ORDINAL = "the classes have no order"


def label_metrics(
    confusion: Confusion, *, ordinal: bool, confidence: float, resamples: int, seed: int
) -> dict[str, Scalar]:
    """Every metric of predicted classes by name, from a confusion matrix with at least one example."""
    distance = np.abs(np.subtract.outer(np.arange(len(confusion)), np.arange(len(confusion))))
    return {
        "accuracy": _share(confusion[distance == 0].sum(), confusion, confidence),
        "off_by_one_accuracy": _off_by_one(confusion, distance <= 1, ordinal, confidence),
        "mean_absolute_error": _absolute_error(confusion, distance, confidence) if ordinal else Undefined(NOT_ORDINAL),
        **_resampled(confusion, ordinal, confidence, resamples, seed),
    }
