"""Losses of the probabilities themselves: one value an example, so that two classifiers can be paired."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from harness.metrics.arrays import Gold, PerExample, Probabilities
from harness.metrics.evidence import wrong_lacking
from harness.metrics.pieces import pieces
from harness.statistics import Estimate, NoInterval, Scalar, Undefined, normal_mean
from harness.statistics.moments import Moments

SMALLEST = float(np.finfo(np.float32).smallest_normal)
"""1.18e-38: what a probability of 0 counts as in the negative log-likelihood, which is 87.3 then."""


def brier_losses(probabilities: Probabilities, gold: Gold) -> PerExample:
    """Squared distance from the gold label: 0 is certain and right, 2 certain and wrong.

    The mean is the Brier score (Brier 1950, Monthly Weather Review 78), summed over all classes; of
    two classes that is twice the score of the positive one.

    >>> brier_losses(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 0]))
    array([0. , 0.5])
    """
    losses = np.empty(len(gold))
    for rows in pieces(*probabilities.shape):
        distance = probabilities[rows].astype(np.float64)
        distance[np.arange(len(distance)), gold[rows]] -= 1
        losses[rows] = _squared(distance)
    return losses


def log_losses(probabilities: Probabilities, gold: Gold) -> PerExample:
    """Minus the natural logarithm of the gold label's probability, which counts as `SMALLEST` at least.

    >>> log_losses(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 0])).round(4)
    array([0.    , 0.6931])
    """
    # Rounding may leave 1.0000001, whose loss is not negative.
    likelihood = np.clip(_of_gold(probabilities, gold), SMALLEST, 1)
    losses: PerExample = np.abs(np.log(likelihood))
    return losses


def ranked_losses(probabilities: Probabilities, gold: Gold) -> PerExample:
    """The ranked probability score, for classes whose order means something: it counts how far off one was.

    It is the squared difference of the cumulative probabilities, of the prediction and of the gold
    label, summed over the K - 1 thresholds between neighbouring classes (Epstein 1969, J. Appl.
    Meteorology 8; as this sum Murphy 1971, J. Appl. Meteorology 10). It is not divided by K - 1: a
    certain prediction costs its distance from the gold label in classes, so that the mean generalises
    the mean absolute error. Of two classes it is half the Brier score.

    >>> ranked_losses(np.array([[1.0, 0.0, 0.0], [0.5, 0.0, 0.5]]), np.array([2, 2]))
    array([2. , 0.5])
    """
    losses = np.empty(len(gold))
    thresholds = np.arange(probabilities.shape[1] - 1)
    for rows in pieces(*probabilities.shape):
        below = np.cumsum(probabilities[rows, :-1], axis=1, dtype=np.float64)
        below -= gold[rows, None] <= thresholds
        losses[rows] = _squared(below)
    return losses


LOSSES: Mapping[str, Callable[[Probabilities, Gold], PerExample]] = {
    "negative_log_likelihood": log_losses,
    "brier_score": brier_losses,
    "ranked_probability_score": ranked_losses,
}
"""Each loss by the name of its mean."""


def impossible_examples(probabilities: Probabilities, gold: Gold) -> int:
    """Examples whose gold label has a probability of 0: the log loss is infinite, and was cut."""
    return int((_of_gold(probabilities, gold) < SMALLEST).sum())


def loss_metrics(
    moments: Mapping[str, Moments], *, impossible: int, wrong: int, ordinal: bool, confidence: float
) -> dict[str, Scalar]:
    """The mean losses by name, each with the normal interval of a mean.

    Args:
        moments: Of each of `LOSSES`, over at least one example.
        impossible: Examples whose gold label has a probability of 0 (`impossible_examples`).
        wrong: Examples that are predicted wrong.
        ordinal: Whether the order of the classes means something.
        confidence: Level of the intervals, between 0 and 1.
    """
    lacking = wrong_lacking(wrong)
    likelihood, brier, ranked = (moments[name] for name in LOSSES)
    return {
        "negative_log_likelihood": _mean(likelihood, confidence, math.inf, impossible_lacking(impossible) or lacking),
        "brier_score": _mean(brier, confidence, 2.0, lacking),
        "ranked_probability_score": (
            # It is K - 1 at most, which the moments do not know.
            _mean(ranked, confidence, math.inf, lacking) if ordinal else Undefined("the classes have no order")
        ),
    }


def impossible_lacking(impossible: int) -> NoInterval | None:
    """The reason against an interval of losses that are infinite in truth."""
    if not impossible:
        return None
    examples = "1 example gives" if impossible == 1 else f"{impossible:,} examples give"
    return NoInterval(
        f"{examples} the gold label a probability of 0, whose loss is infinite; it counts as {SMALLEST:.3g} "
        "(logits, or probabilities with more digits, would tell)"
    )


def _of_gold(probabilities: Probabilities, gold: Gold) -> PerExample:
    likelihood: PerExample = probabilities[np.arange(len(gold)), gold].astype(np.float64)
    return likelihood


def _squared(distance: np.ndarray) -> PerExample:
    squares: PerExample = np.einsum("ec,ec->e", distance, distance)
    return squares


def _mean(losses: Moments, confidence: float, most: float, lacking: NoInterval | None) -> Estimate:
    normal = normal_mean(losses.mean, losses.deviation, losses.count, confidence, least=0.0, most=most)
    return Estimate(losses.mean, lacking or normal)
