"""Metrics of predicted classes: accuracy and its kin, each a function of the confusion matrix.

Every one of them gets the full list of classes: a class that a slice lacks is still a class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike

from harness.metrics.arrays import Cells, Confusion, Statistic
from harness.metrics.confusion import Margins, Tables, absolute_errors, margins, signed_errors
from harness.metrics.evidence import beside_the_commonest_lacking, examples_lacking, of_a_class_lacking, wrong_lacking
from harness.statistics import (
    Estimate,
    NoInterval,
    Scalar,
    Undefined,
    mean_of_proportions,
    normal_mean,
    wilson,
)
from harness.statistics.drawn import DrawnTables
from harness.statistics.moments import Moments


def macro_f1(of: Margins) -> Statistic:
    """The mean of F1 over all classes.

    A class that neither occurs nor is predicted has an F1 of 0, as scikit-learn has it with the full
    list of labels and zero_division=0.
    """
    mean: Statistic = np.asarray(_f1(of).mean(axis=-1))
    return mean


def weighted_f1(of: Margins) -> Statistic:
    """The mean of F1 over the classes, each weighted by its gold labels: a common class decides it."""
    mean: Statistic = np.asarray((_f1(of) * of.gold).sum(axis=-1) / of.total)
    return mean


def _f1(of: Margins) -> Float[np.ndarray, "*tables classes"]:
    either = of.gold + of.predicted
    f1: np.ndarray = np.divide(2.0 * of.right, either, out=np.zeros(either.shape), where=either > 0)
    return f1


def cohen_kappa(of: Margins) -> Statistic:
    """Agreement beyond chance, where every mistake costs the same (Cohen 1960, Educ. Psychol. Meas. 20).

    NaN where gold labels and predictions are all of one and the same class: chance would agree too.
    """
    total = of.total * 1.0
    by_chance = (of.gold.astype(np.float64) * of.predicted).sum(axis=-1)
    return _ratio(of.right.sum(axis=-1) * total - by_chance, total**2 - by_chance, _one_class(of))


def quadratic_weighted_kappa(of: Margins) -> Statistic:
    """Agreement beyond chance, where a disagreement costs its squared distance (Cohen 1968, Psych. Bulletin 70).

    NaN where gold labels and predictions are all of one and the same class: chance would agree too.
    """
    # Scores are centred, which changes no distance and keeps the difference below from cancelling.
    score = np.arange(of.gold.shape[-1]) - (of.gold.shape[-1] - 1) / 2
    squares = (of.gold + of.predicted) @ np.square(score)
    by_chance = squares - 2 * (of.gold @ score) * (of.predicted @ score) / of.total
    return _ratio(by_chance - of.squared, by_chance, _one_class(of))


def _one_class(of: Margins) -> Bool[np.ndarray, "*tables"]:
    """Whether gold labels and predictions are all of one and the same class."""
    return np.asarray(np.minimum(of.gold, of.predicted).max(axis=-1) == of.total)


def matthews_correlation(of: Margins) -> Statistic:
    """The correlation of predicted and gold classes (Gorodkin 2004, Comput. Biol. Chem. 28), from -1 to 1.

    NaN where all gold labels, or all predictions, are of one class.
    """
    total = of.total * 1.0
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


CHANCE_AGREES = "gold labels and predictions are all of one class, so that chance would agree as well"

FROM_MARGINS: Mapping[str, FromMargins] = {
    "macro_f1": FromMargins(macro_f1, of_a_class_lacking),
    "weighted_f1": FromMargins(weighted_f1, examples_lacking),
    "cohen_kappa": FromMargins(cohen_kappa, beside_the_commonest_lacking, CHANCE_AGREES),
    "quadratic_weighted_kappa": FromMargins(
        quadratic_weighted_kappa, lambda of: wrong_lacking(of.wrong), CHANCE_AGREES, ordinal=True
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
    confusion: Confusion,
    *,
    ordinal: bool,
    confidence: float,
    resamples: int,
    seed: int,
    drawn: DrawnTables | None = None,
) -> dict[str, Scalar]:
    """Every metric of predicted classes by name, from a confusion matrix with at least one example.

    Args:
        confusion: (K, K) int64.
        ordinal: Whether the order of the classes means something.
        confidence: Level of the intervals, between 0 and 1.
        resamples: Of the bootstrap of independent examples.
        seed: Of the same.
        drawn: Tables of another design, in the place of that bootstrap. The intervals that are not
            bootstrapped still take the examples as independent.
    """
    distance = np.abs(np.subtract.outer(np.arange(len(confusion)), np.arange(len(confusion))))
    most = float(len(confusion) - 1)
    tables = Tables.of(confusion, resamples, seed) if drawn is None else Tables.drawn(confusion, drawn, resamples, seed)
    bootstrapped = _from_margins(confusion, ordinal, confidence, tables)
    right = _share(confusion, distance == 0, confidence)
    unordered = None if ordinal else Undefined(NOT_ORDINAL)
    return {
        "accuracy": right,
        "balanced_accuracy": balanced_accuracy(confusion, confidence),
        "macro_f1": bootstrapped["macro_f1"],
        # With one label an example, each mistake is missing in one class and too much in another.
        "micro_f1": right,
        "weighted_f1": bootstrapped["weighted_f1"],
        "off_by_one_accuracy": unordered or _off_by_one(confusion, distance <= 1, confidence),
        "mean_absolute_error": unordered or _mean(absolute_errors(confusion), confusion, confidence, 0.0, most),
        "mean_signed_error": unordered or _mean(signed_errors(confusion), confusion, confidence, -most, most),
        "cohen_kappa": bootstrapped["cohen_kappa"],
        "quadratic_weighted_kappa": bootstrapped["quadratic_weighted_kappa"],
        "matthews_correlation": bootstrapped["matthews_correlation"],
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


def _mean(errors: Moments, confusion: Confusion, confidence: float, least: float, most: float) -> Scalar:
    """Of the distances in classes, that lie between `least` and `most`."""
    normal = normal_mean(errors.mean, errors.deviation, errors.count, confidence, least=least, most=most)
    return Estimate(errors.mean, wrong_lacking(margins(confusion).wrong) or normal)


def _from_margins(confusion: Confusion, ordinal: bool, confidence: float, tables: Tables) -> dict[str, Scalar]:
    """Every metric of `FROM_MARGINS`, all of them on the same resampled tables."""
    observed = margins(confusion)
    scalars = {name: _without_bootstrap(metric, observed, ordinal) for name, metric in FROM_MARGINS.items()}
    wanted = {name: FROM_MARGINS[name] for name, scalar in scalars.items() if scalar is None}
    if wanted and not tables.lacking:
        replicates = _statistics(wanted, tables.resampled)
        without_one = _statistics(wanted, tables.without_one)
    for name, metric in wanted.items():
        value = float(metric.compute(observed))
        bounds = tables.lacking or tables.interval(value, replicates[name], without_one[name], confidence)
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
