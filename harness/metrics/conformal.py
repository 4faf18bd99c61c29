"""Sets of classes that hold the gold label as often as wanted, whatever the classifier: split conformal.

The least ambiguous classifier of Sadinle, Lei & Wasserman (2019, JASA 114): the score of an example is
1 - the probability of its gold label, and a set holds every class whose own score is no higher than the
quantile of one half. The other half judges. Everywhere a class is in the set where its probability, as
float32, is the threshold or more: one comparison, so that rounding costs no coverage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float, Int

from harness.metrics.arrays import Gold, Probabilities
from harness.metrics.pieces import pieces
from harness.metrics.ranking import FINE_BINS, Ranking, of_bins
from harness.metrics.selective import lowest_probability, rows_from
from harness.statistics import Bounds, Estimate, NoInterval, Scalar, Undefined, normal_mean, wilson

# int64: classes in the set of each example
SetSizes = Int[np.ndarray, " examples"]

# whether each example is in something: in the half that judges, or in the coverage
Taken = Bool[np.ndarray, " examples"]

COVERAGE = 0.9

NAMES = (
    "conformal_threshold",
    "conformal_coverage",
    "conformal_set_size",
    "conformal_empty_share",
    "conformal_single_share",
)

CHOSEN = NoInterval("it is chosen on one half of the examples, not estimated")
NOBODY_JUDGES = Undefined("the half that judges has no example")
CLASS_BY_CLASS = "the probabilities are counted class by class, and not which of them are in one set"

FEWEST_UNUSUAL = 30
"""Sets that are not of the most common size, for the interval of the mean: few of them are not normal."""


def conformal_threshold(gold: Ranking, coverage: float = COVERAGE) -> float | Undefined:
    """The probability from which on a class is in the set, from the gold label's probabilities in one half.

    With n of them it is the one with the ⌈(n + 1) · coverage⌉-th smallest score: a new example is equally
    likely to fall before, between or behind them. From fine bins it is the lower edge, which covers more.
    Where ⌈(n + 1) · coverage⌉ > n no probability is low enough, so that every class would be in every set.

    >>> conformal_threshold(Ranking.of(np.arange(1, 20) / 32, np.ones(19, dtype=bool)))
    0.0625
    """
    examples = int(gold.count.sum())
    # As a fraction: 0.9 in binary is a little more, and would round 9 up to 10.
    wanted = Fraction(str(coverage))
    place = math.ceil((examples + 1) * wanted)
    if place > examples:
        needed = math.ceil(wanted / (1 - wanted))
        return Undefined(f"calibrating examples: {examples:,}, and a coverage of {100 * coverage:g} % needs {needed:,}")
    row = int(np.searchsorted(np.cumsum(gold.count), examples + 1 - place))
    return float(np.float32(lowest_probability(gold)[row]))


def split_conformal(
    probabilities: Probabilities, gold: Gold, judging: Taken, *, confidence: float, coverage: float = COVERAGE
) -> dict[str, Scalar]:
    """The scalars by name, from all examples: the threshold of one half, and what it gives on the other.

    Args:
        probabilities: (N, K) float32 or float64.
        gold: (N,) integers.
        judging: (N,) bool, which examples judge; the others calibrate.
        confidence: Level of the intervals.
        coverage: Wanted share of sets that hold the gold label.
    """
    of_gold = probabilities[np.arange(len(gold)), gold]
    calibrating = of_gold[~judging].astype(np.float64)
    threshold = conformal_threshold(Ranking.of(calibrating, np.ones(len(calibrating), dtype=bool)), coverage)
    if isinstance(threshold, Undefined):
        return dict.fromkeys(NAMES, threshold)
    judged = conformal_metrics(
        set_sizes(probabilities, threshold)[judging], _taken(of_gold[judging], threshold), confidence=confidence
    )
    return {"conformal_threshold": Estimate(threshold, CHOSEN), **judged}


def merged_conformal(
    calibrating: Ranking,
    judging: Ranking,
    classes: Sequence[Ranking],
    top: Ranking,
    *,
    confidence: float,
    coverage: float = COVERAGE,
) -> dict[str, Scalar]:
    """The same from rankings, which may come from fine bins that were merged across shards.

    Args:
        calibrating: One half by the probability of the gold label.
        judging: The other half by the probability of the gold label.
        classes: By the probability of each class, all K of them: of the other half, or of all examples.
        top: The other half by the highest probability: a set is empty where that is too low.
        confidence: Level of the intervals.
        coverage: Wanted share of sets that hold the gold label.
    """
    threshold = conformal_threshold(calibrating, coverage)
    if isinstance(threshold, Undefined):
        return dict.fromkeys(NAMES, threshold)
    examples = int(judging.count.sum())
    # The lower edge of the bin that the exact threshold lies in.
    reason = CHOSEN.reason + ("" if calibrating.exact else of_bins(1 / FINE_BINS))
    chosen: dict[str, Scalar] = {"conformal_threshold": Estimate(threshold, NoInterval(reason))}
    if not examples:
        return {**dict.fromkeys(NAMES, NOBODY_JUDGES), **chosen}
    taken = sum(_count_from(one, threshold) for one in classes)
    return {
        **chosen,
        "conformal_coverage": _share(_count_from(judging, threshold), examples, confidence),
        "conformal_set_size": Estimate(taken / int(classes[0].count.sum()), NoInterval(CLASS_BY_CLASS)),
        "conformal_empty_share": _share(examples - _count_from(top, threshold), examples, confidence),
        "conformal_single_share": Undefined(CLASS_BY_CLASS),
    }


def set_sizes(probabilities: Probabilities, threshold: float) -> SetSizes:
    """How many classes are in the set of each example, (N,) int64.

    >>> set_sizes(np.array([[0.75, 0.25], [0.5, 0.5]], dtype=np.float32), 0.5)
    array([1, 2])
    """
    sizes = np.empty(len(probabilities), dtype=np.int64)
    for rows in pieces(*probabilities.shape):
        sizes[rows] = np.count_nonzero(_taken(probabilities[rows], threshold), axis=1)
    return sizes


def conformal_metrics(sizes: SetSizes, covered: Taken, *, confidence: float) -> dict[str, Scalar]:
    """What the sets of the judging half are like; the intervals are for the threshold that was chosen.

    Args:
        sizes: (n,) int64, classes in each set.
        covered: (n,) bool, whether the gold label is one of them.
        confidence: Level of the intervals.
    """
    examples = len(sizes)
    if not examples:
        return dict.fromkeys(NAMES[1:], NOBODY_JUDGES)
    return {
        "conformal_coverage": _share(int(covered.sum()), examples, confidence),
        "conformal_set_size": Estimate(float(sizes.mean()), _bounds(sizes, confidence)),
        "conformal_empty_share": _share(int((sizes == 0).sum()), examples, confidence),
        "conformal_single_share": _share(int((sizes == 1).sum()), examples, confidence),
    }


def _taken(probability: Float[np.ndarray, "*axes"], threshold: float) -> Bool[np.ndarray, "*axes"]:
    taken: Bool[np.ndarray, "*axes"] = probability.astype(np.float32, copy=False) >= np.float32(threshold)
    return taken


def _count_from(ranking: Ranking, threshold: float) -> int:
    return int(ranking.count[rows_from(ranking, threshold)].sum())


def _share(number: int, total: int, confidence: float) -> Estimate:
    return Estimate(number / total, wilson(number, total, confidence))


def _bounds(sizes: SetSizes, confidence: float) -> Bounds:
    unusual = len(sizes) - int(np.bincount(sizes).max())
    if unusual < FEWEST_UNUSUAL:
        return NoInterval(f"{unusual} sets are not of the most common size, and the interval needs {FEWEST_UNUSUAL}")
    return normal_mean(float(sizes.mean()), float(sizes.std()), len(sizes), confidence, least=0.0)
