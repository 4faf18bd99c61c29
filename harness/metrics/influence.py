"""What each example contributes to a metric of order, so that two classifiers can be paired as in a mean loss.

The contribution is the influence of the example: by how much N times the metric would change with one example more
like it. The variance of the metric is that of the mean influence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.metrics.arrays import BinOf, Gold, PerExample, Probabilities, RankCounts, RankSums, Right


@dataclass(frozen=True)
class Contributions:
    """A metric, and what each example contributes to it."""

    value: float
    of_example: PerExample
    """(N,) float64: the variance of the metric is that of their mean."""


def area_influence(probabilities: Probabilities, gold: Gold) -> Contributions:
    """Of the unweighted mean over all classes of the area under the ROC curve of each against the rest.

    DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44, from midranks (Sun & Xu 2014, IEEE Signal Process.
    Lett. 21). Every class needs an example, and another class one too.

    Args:
        probabilities: (N, K) float32 or float64.
        gold: (N,) integers.
    """
    examples, classes = probabilities.shape
    influence, mean = np.zeros(examples), 0.0
    for name in range(classes):
        inside = gold == name
        of_class = int(inside.sum())
        of_row, count, hits = _rows(probabilities[:, name], inside)
        others = count - hits
        below = (np.cumsum(others) - others / 2) / (examples - of_class)
        above = (of_class - np.cumsum(hits) + hits / 2) / of_class
        # Not a matrix product, which would wake all threads of the linear algebra library for one sum.
        area = float((hits * below).sum()) / of_class
        # Each side by its share of the examples, so that the sum over both is a mean over all.
        scaled = np.where(
            inside,
            (below - area)[of_row] * (examples / of_class),
            (above - area)[of_row] * (examples / (examples - of_class)),
        )
        influence += scaled
        mean += area
    return Contributions(mean / classes, influence / classes)


def risk_coverage_influence(confidence: PerExample, right: Right) -> Contributions:
    """Of the area under the risk-coverage curve: the mean risk of the n most confident, over n = 1 … N.

    Examples with the same confidence are in no order, and stand for the mean of all orders. A wrong one at place n
    weighs 1/n + … + 1/N in N times the area; one more example of any kind thins out the risks behind it.

    Args:
        confidence: (N,) float64, top probabilities.
        right: (N,) bool, whether the prediction is the gold label.
    """
    of_row, count, hits = _rows(-confidence, right)
    upto = np.cumsum(count)
    step, rest = _harmonic(upto, count)
    risk = (count - hits) / count
    # The mean weight of a row's places.
    weight = rest + 1 - (upto - count) * step / count
    thinned = risk * step
    of_right = risk * (rest - weight) - (thinned.sum() - np.cumsum(thinned))
    influence = of_right[of_row] + np.where(right, 0.0, weight[of_row])
    return Contributions(float(((count - hits) * weight).sum()) / len(right), influence - influence.mean())


def excess_influence(area: Contributions, right: Right) -> Contributions:
    """Of the same area less what it would be at this accuracy if every wrong prediction came last."""
    from scipy.special import digamma

    examples, hits = len(right), int(right.sum())
    # What one wrong prediction more adds to N times the best area: 1/n over the places of the wrong ones.
    slope = float(digamma(examples + 1.0) - digamma(hits + 1.0))
    best = (examples - hits - hits * slope) / examples
    of_example = area.of_example - slope * (hits / examples - right)
    return Contributions(max(0.0, area.value - best), of_example)


def _harmonic(upto: RankCounts, count: RankCounts) -> tuple[RankSums, RankSums]:
    """Sums of 1/n over the places of each row, and over those behind it."""
    from scipy.special import digamma

    harmonic = digamma(upto + 1.0)
    # A row of one exactly: rounding would add up over a million of them.
    step = np.where(count == 1, 1 / upto, harmonic - digamma(upto - count + 1.0))
    return step, harmonic[-1] - harmonic


def _rows(values: PerExample, event: Right) -> tuple[BinOf, RankCounts, RankCounts]:
    """For each example the row of its value, lowest first; of each row its examples, and those of the event."""
    order = np.argsort(values)
    ordered = values[order]
    row = np.empty(len(values), dtype=np.int64)
    row[order] = np.cumsum(np.concatenate([[False], ordered[1:] != ordered[:-1]]))
    rows = int(row[order[-1]]) + 1
    return row, np.bincount(row, minlength=rows), np.bincount(row[event], minlength=rows)
