"""Losses of the probabilities themselves: one value an example, so that two classifiers can be paired."""

from __future__ import annotations

import math

import numpy as np

from harness.metrics.arrays import Gold, PerExample, Probabilities
from harness.metrics.evidence import wrong_lacking
from harness.statistics import Estimate, NoInterval, Scalar, normal_mean

SMALLEST = float(np.finfo(np.float32).smallest_normal)
"""1.18e-38: what a probability of 0 counts as in the negative log-likelihood, which is 87.3 then."""

_ROWS_AT_ONCE = 65_536


def brier_losses(probabilities: Probabilities, gold: Gold) -> PerExample:
    """Squared distance from the gold label: 0 is certain and right, 2 certain and wrong.

    The mean is the Brier score (Brier 1950, Monthly Weather Review 78), summed over all classes; of
    two classes that is twice the score of the positive one.

    >>> brier_losses(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 0]))
    array([0. , 0.5])
    """
    losses = np.empty(len(gold))
    # In pieces, so that the float64 copy stays small beside the probabilities.
    for start in range(0, len(gold), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        distance = probabilities[rows].astype(np.float64)
        distance[np.arange(len(distance)), gold[rows]] -= 1
        losses[rows] = np.square(distance).sum(axis=1)
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


def loss_metrics(probabilities: Probabilities, gold: Gold, *, wrong: int, confidence: float) -> dict[str, Scalar]:
    """The mean losses by name, of at least one example, `wrong` of them predicted wrong."""
    lacking = wrong_lacking(wrong)
    return {
        "negative_log_likelihood": _mean(
            log_losses(probabilities, gold), confidence, math.inf, _impossible(probabilities, gold) or lacking
        ),
        "brier_score": _mean(brier_losses(probabilities, gold), confidence, 2.0, lacking),
    }


def _impossible(probabilities: Probabilities, gold: Gold) -> NoInterval | None:
    """Gold labels with a probability of 0, said aloud: the log loss is infinite, and was cut."""
    cut = int((_of_gold(probabilities, gold) < SMALLEST).sum())
    if not cut:
        return None
    examples = "1 example gives" if cut == 1 else f"{cut:,} examples give"
    return NoInterval(
        f"{examples} the gold label a probability of 0, whose loss is infinite; it counts as {SMALLEST:.3g}"
    )


def _of_gold(probabilities: Probabilities, gold: Gold) -> PerExample:
    likelihood: PerExample = probabilities[np.arange(len(gold)), gold].astype(np.float64)
    return likelihood


def _mean(losses: PerExample, confidence: float, most: float, lacking: NoInterval | None) -> Estimate:
    mean = float(losses.mean())
    normal = normal_mean(mean, float(losses.std()), len(losses), confidence, least=0.0, most=most)
    return Estimate(mean, lacking or normal)
