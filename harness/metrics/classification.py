"""Metrics of predicted classes: accuracy and its kin, each a function of the confusion matrix.

Every one of them gets the full list of classes: a class that a slice lacks is still a class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from harness.metrics.arrays import Cells, Confusion, Statistic
from harness.metrics.confusion import Margins, OccupiedCells, margins
from harness.metrics.evidence import examples_lacking, of_a_class_lacking, wrong_lacking
from harness.statistics import (
    Estimate,
    NoInterval,
    Scalar,
    Undefined,
    bca_interval,
    counts_method,
    mean_of_proportions,
    normal_mean,
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


def quadratic_weighted_kappa(of: Margins) -> Statistic:
    """Agreement beyond chance, where a disagreement costs its squared distance (Cohen 1968, Psych. Bulletin 70).

    NaN where gold labels and predictions are all of one and the same class: chance would agree too.
    """
    # Scores are centred, which changes no distance and keeps the difference below from cancelling.
    score = np.arange(of.gold.shape[-1]) - (of.gold.shape[-1] - 1) / 2
    squares = (of.gold + of.predicted) @ np.square(score)
    by_chance = squares - 2 * (of.gold @ score) * (of.predicted @ score) / of.total
    one_class = np.minimum(of.gold, of.predicted).max(axis=-1) == of.total
    return _ratio(by_chance - of.squared, by_chance, one_class)


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
    return _ratio(covariance, np.sqrt(spread), one_class)


def _ratio(above: ArrayLike, below: ArrayLike, undefined: ArrayLike) -> Statistic:
    # One table gives numpy scalars, many give arrays: both are arrays from here on.
    ratio: Statistic = np.divide(above, below, out=np.full(np.shape(below), np.nan), where=~np.asarray(undefined))
    return ratio


@dataclass(frozen=True)
class FromMargins:
    """A metric whose interval comes from resampled confusion counts."""

    compute: Callable[[Margins], Statistic]
    lacking: Callable[[Margins], NoInterval | None]
    """The reason against an interval, beside that of too few examples."""
    undefined: str = ""
    """The reason where it is NaN."""
    ordinal: bool = False
    """Needs classes that have an order."""


FROM_MARGINS: Mapping[str, FromMargins] = {
    "macro_f1": FromMargins(macro_f1, of_a_class_lacking),
    "quadratic_weighted_kappa": FromMargins(
        quadratic_weighted_kappa,
        lambda of: wrong_lacking(of.wrong),
        "gold labels and predictions are all of one class, so that chance would agree as well",
        ordinal=True,
    ),
    "matthews_correlation": FromMargins(
        matthews_correlation,
        examples_lacking,
        "all gold labels or all predictions are of one class, which correlates with nothing",
    ),
}

NOT_ORDINAL = "the classes have no order"
TWO_CLASSES = "with two classes no prediction is off by more than one"


def label_metrics(
    confusion: Confusion, *, ordinal: bool, confidence: float, resamples: int, seed: int
) -> dict[str, Scalar]:
    """Every metric of predicted classes by name, from a confusion matrix with at least one example."""
    distance = np.abs(np.subtract.outer(np.arange(len(confusion)), np.arange(len(confusion))))
    return {
        "accuracy": _share(confusion, distance == 0, confidence),
        "balanced_accuracy": balanced_accuracy(confusion, confidence),
        "off_by_one_accuracy": _off_by_one(confusion, distance <= 1, confidence) if ordinal else Undefined(NOT_ORDINAL),
        "mean_absolute_error": _mean(confusion, distance, confidence) if ordinal else Undefined(NOT_ORDINAL),
        **_from_margins(confusion, ordinal, confidence, resamples, seed),
    }


def balanced_accuracy(confusion: Confusion, confidence: float) -> Estimate:
    """The mean of recall over the classes that occur, as scikit-learn has it."""
    of = margins(confusion)
    occurs = of.gold > 0
    bounds = mean_of_proportions(of.right[occurs].tolist(), of.gold[occurs].tolist(), confidence)
    return Estimate(float((of.right[occurs] / of.gold[occurs]).mean()), of_a_class_lacking(of) or bounds)


def _share(confusion: Confusion, cells: Cells, confidence: float) -> Scalar:
    """The share of the examples that lie in these cells."""
    inside, total = int(confusion[cells].sum()), int(confusion.sum())
    return Estimate(inside / total, wilson(inside, total, confidence))


def _off_by_one(confusion: Confusion, near: Cells, confidence: float) -> Scalar:
    return Undefined(TWO_CLASSES) if near.all() else _share(confusion, near, confidence)


def _mean(confusion: Confusion, cost: Confusion, confidence: float) -> Scalar:
    """The mean cost of an example, where each cell has one, and the diagonal none."""
    total = int(confusion.sum())
    mean = int((confusion * cost).sum()) / total
    deviation = float(np.sqrt((confusion * np.square(cost - mean)).sum() / total))
    normal = normal_mean(mean, deviation, total, confidence, least=0.0, most=float(cost.max()))
    return Estimate(mean, wrong_lacking(margins(confusion).wrong) or normal)


def _from_margins(
    confusion: Confusion, ordinal: bool, confidence: float, resamples: int, seed: int
) -> dict[str, Scalar]:
    """Every metric of `FROM_MARGINS`, all of them on the same resampled tables."""
    cells = OccupiedCells.of(confusion)
    observed = cells.margins(cells.count)
    scalars = {name: _without_bootstrap(metric, observed, ordinal) for name, metric in FROM_MARGINS.items()}
    wanted = {name: FROM_MARGINS[name] for name, scalar in scalars.items() if scalar is None}
    if wanted:
        method = counts_method(resamples, seed)
        replicates = _statistics(wanted, cells.resampled(resamples, seed))
        without_one = _statistics(wanted, cells.without_one())
        for name, metric in wanted.items():
            value = float(metric.compute(observed))
            bounds = bca_interval(value, replicates[name], without_one[name], cells.count, confidence, method)
            scalars[name] = Estimate(value, bounds)
    return {name: scalar for name, scalar in scalars.items() if scalar is not None}


def _without_bootstrap(metric: FromMargins, observed: Margins, ordinal: bool) -> Scalar | None:
    """What needs no resampling to be told: that it is undefined, or too little is there for an interval."""
    if metric.ordinal and not ordinal:
        return Undefined(NOT_ORDINAL)
    value = float(metric.compute(observed))
    if np.isnan(value):
        return Undefined(metric.undefined)
    lacking = examples_lacking(observed) or metric.lacking(observed)
    return Estimate(value, lacking) if lacking else None


def _statistics(wanted: Mapping[str, FromMargins], pieces: Iterable[Margins]) -> dict[str, Statistic]:
    """Each metric in each table of all the pieces, which are gone through once."""
    parts = [{name: metric.compute(piece) for name, metric in wanted.items()} for piece in pieces]
    return {name: np.concatenate([part[name] for part in parts]) for name in wanted}
