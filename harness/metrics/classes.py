"""One class against the rest: precision, recall and F1."""

from __future__ import annotations

from dataclasses import dataclass

from harness.metrics.arrays import Confusion
from harness.metrics.confusion import margins
from harness.statistics import Estimate, Interval, Scalar, Undefined, wilson


@dataclass(frozen=True)
class OneClass:
    """Examples labelled so (`support`), predicted so, and the shares of them that are both."""

    support: int
    predicted: int
    precision: Scalar
    recall: Scalar
    f1: Scalar


def class_metrics(confusion: Confusion, *, confidence: float) -> tuple[OneClass, ...]:
    """Every class in order, from the confusion matrix."""
    of = margins(confusion)
    return tuple(
        OneClass(
            support=gold,
            predicted=predicted,
            precision=_share(right, predicted, confidence, "the class is never predicted"),
            recall=_share(right, gold, confidence, "no example has this gold label"),
            f1=f1(right, gold, predicted, confidence),
        )
        for right, gold, predicted in zip(of.right.tolist(), of.gold.tolist(), of.predicted.tolist(), strict=True)
    )


def f1(right: int, gold: int, predicted: int, confidence: float) -> Scalar:
    """The harmonic mean of precision and recall; undefined where the class neither occurs nor is predicted.

    Of the examples that are labelled or predicted as the class, the share that is both is a proportion J,
    and F1 = 2J / (1 + J) rises with it: so the Wilson interval of J carries over, and holds for few
    examples, where a bootstrap does not.
    """
    either = gold + predicted - right
    if either == 0:
        return Undefined("the class neither occurs nor is predicted")
    both = wilson(right, either, confidence)
    low, high = 2 * both.low / (1 + both.low), 2 * both.high / (1 + both.high)
    return Estimate(2 * right / (gold + predicted), Interval(low, high, "Wilson of the Jaccard index"))


def _share(right: int, total: int, confidence: float, undefined: str) -> Scalar:
    return Estimate(right / total, wilson(right, total, confidence)) if total else Undefined(undefined)
