"""How well the probability of a class tells its examples from the rest: the area under the ROC curve.

That area is the share of the pairs of one example of the class and one of the rest in which the former has
the higher probability; ties count one half. It is a function of ranks, and so of the `Ranking` of each class.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.metrics.arrays import Gold, PerExample, Probabilities, RankCounts, RankSums, Right
from harness.metrics.evidence import area_lacking
from harness.metrics.ranking import Ranking, of_bins
from harness.statistics import Bounds, Estimate, Interval, NoInterval, Scalar, Undefined, two_sided

NONE_OF_THE_CLASS = "no example has this gold label"
ALL_OF_THE_CLASS = "every example has this gold label"


def area_under_roc(ranking: Ranking) -> float | Undefined:
    """Of one class against the rest, from 0 to 1; 0.5 is chance. The hits are the examples of the class.

    >>> area_under_roc(Ranking.of(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, True, False, True])))
    0.875
    """
    return _undefined(ranking) or _Placed.of(ranking).area


def area_error(ranking: Ranking) -> float:
    """How far the area may be from that of the probabilities themselves: 0 if the ranking is exact.

    A pair that shares a fine bin counts one half, and may be worth none or one: so at most half of
    these pairs, as a share of all. 0 where there is no pair.
    """
    of_class, rest = _sides(ranking)
    if ranking.exact or not of_class or not rest:
        return 0.0
    return float(ranking.hits @ (ranking.count - ranking.hits)) / 2 / (of_class * rest)


def class_areas(rankings: Sequence[Ranking], confidence: float) -> tuple[Scalar, ...]:
    """The area of each class against the rest, with the interval of DeLong et al. on the logit scale."""
    return tuple(_class_area(ranking, confidence) for ranking in rankings)


def area_metrics(
    rankings: Sequence[Ranking],
    confidence: float,
    *,
    probabilities: Probabilities | None = None,
    gold: Gold | None = None,
) -> dict[str, Scalar]:
    """The unweighted mean of the areas of all classes, by name: undefined if one of them is.

    Args:
        rankings: One for each class, of the same examples.
        confidence: Level of the interval, between 0 and 1.
        probabilities: (N, K), what the rankings were made of. The classes share their examples, so that
            their areas vary together: these arrays tell how much. Without them the deviation of the
            mean is taken as the mean of the deviations, which it cannot exceed.
        gold: (N,), the same.
    """
    missing = sum(not ranking.hits.any() for ranking in rankings)
    if missing:
        return {"area_under_roc": Undefined(without_area(missing, len(rankings)))}
    influence: PerExample = np.zeros(0 if gold is None else len(gold))
    areas, deviations, rarest = [], [], math.inf
    for name, ranking in enumerate(rankings):
        placed = _Placed.of(ranking)
        areas.append(placed.area)
        deviations.append(placed.deviation)
        rarest = min(rarest, placed.of_class)
        if probabilities is not None and gold is not None:
            _add_influence(influence, placed, ranking, probabilities[:, name], gold == name)
    mean = math.fsum(areas) / len(areas)
    if probabilities is None or gold is None:
        deviation = math.fsum(deviations) / len(deviations)
        method = "DeLong, with the mean of the classes' deviations, the most it can be"
    else:
        deviation = math.sqrt(float(influence @ influence)) / len(areas)
        method = "DeLong, of the mean over the classes"
    error = math.fsum(area_error(ranking) for ranking in rankings) / len(rankings)
    lacking = area_lacking(mean, "rarest class", int(rarest))
    bounds = lacking or _on_logit_scale(mean, deviation, confidence, method + of_bins(error))
    return {"area_under_roc": Estimate(mean, bounds)}


@dataclass(frozen=True)
class _Placed:
    """Each row's place among the other side: what DeLong et al. call the structural components."""

    area: float
    of_class: int
    rest: int
    above_rest: RankSums
    """For an example of the class in this row, the share of the rest that is below it, ties half."""
    below_class: RankSums
    """For an example of the rest in this row, the share of the class that is above it, ties half."""
    deviation: float
    """Standard error of the area."""

    @classmethod
    def of(cls, ranking: Ranking) -> _Placed:
        """DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44; of at least one example on either side.

        Their double sum over pairs is a difference of midranks (Sun & Xu 2014, IEEE Signal Process. Lett. 21),
        which cumulative counts give.
        """
        of_class, rest = _sides(ranking)
        others = ranking.count - ranking.hits
        # Twice the numbers, so that halves stay integers, and the area is exact.
        below = 2 * np.cumsum(others) - others
        above = 2 * of_class - (2 * np.cumsum(ranking.hits) - ranking.hits)
        area = int(ranking.hits @ below) / (2 * of_class * rest)
        above_rest, below_class = below / (2 * rest), above / (2 * of_class)
        variance = _variance_of_mean(above_rest, ranking.hits, area) + _variance_of_mean(below_class, others, area)
        return cls(area, of_class, rest, above_rest, below_class, math.sqrt(variance))


def _undefined(ranking: Ranking) -> Undefined | None:
    of_class, rest = _sides(ranking)
    if not of_class:
        return Undefined(NONE_OF_THE_CLASS)
    return None if rest else Undefined(ALL_OF_THE_CLASS)


def _sides(ranking: Ranking) -> tuple[int, int]:
    of_class = int(ranking.hits.sum())
    return of_class, int(ranking.count.sum()) - of_class


def _class_area(ranking: Ranking, confidence: float) -> Scalar:
    undefined = _undefined(ranking)
    if undefined:
        return undefined
    placed = _Placed.of(ranking)
    side, fewest = ("class", placed.of_class) if placed.of_class <= placed.rest else ("rest", placed.rest)
    lacking = area_lacking(placed.area, side, fewest)
    method = "DeLong" + of_bins(area_error(ranking))
    return Estimate(placed.area, lacking or _on_logit_scale(placed.area, placed.deviation, confidence, method))


def _on_logit_scale(area: float, deviation: float, confidence: float, method: str) -> Bounds:
    """Symmetric on the logit scale, where it stays within 0 and 1 and holds near them too."""
    if deviation == 0:
        return NoInterval("all examples are tied, which says nothing of the spread")
    middle = math.log(area / (1 - area))
    reach = two_sided(confidence) * deviation / (area * (1 - area))
    return Interval(_logistic(middle - reach), _logistic(middle + reach), method)


def _logistic(value: float) -> float:
    # Of the two forms each overflows on one side.
    return 1 / (1 + math.exp(-value)) if value > 0 else math.exp(value) / (1 + math.exp(value))


def without_area(missing: int, classes: int) -> str:
    """The reason where so many of the classes have no example, so that there is no mean over all of them."""
    rest = "has no example, so that it has" if missing == 1 else "have no example, so that they have"
    return f"{missing} of {classes} classes {rest} no area"


def _add_influence(
    influence: PerExample, placed: _Placed, ranking: Ranking, probability: PerExample, of_class: Right
) -> None:
    """What each example adds to the area of one class: their squares sum to the variance of the area."""
    order = np.argsort(probability)
    rows = np.repeat(np.arange(len(ranking.count)), ranking.count)
    # Bessel's correction on either side, as in the area of one class.
    inside = (placed.above_rest - placed.area) / math.sqrt(_pairs(placed.of_class))
    outside = (placed.below_class - placed.area) / math.sqrt(_pairs(placed.rest))
    influence[order] += np.where(of_class[order], inside[rows], outside[rows])


def _variance_of_mean(values: RankSums, weights: RankCounts, mean: float) -> float:
    return float(weights @ np.square(values - mean)) / _pairs(int(weights.sum()))


def _pairs(total: int) -> int:
    # One example has no spread, and no interval is given of it.
    return total * max(1, total - 1)
