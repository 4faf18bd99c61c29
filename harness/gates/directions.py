"""What a drop of a metric is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.metrics.scales import SCALES

if TYPE_CHECKING:
    from harness.statistics import Interval

OF_CLASSES = (
    "accuracy", "balanced_accuracy", "macro_f1", "micro_f1", "weighted_f1", "off_by_one_accuracy",
    "mean_absolute_error", "cohen_kappa", "quadratic_weighted_kappa", "matthews_correlation",
)  # fmt: skip
"""Metrics of the predicted classes alone, which cannot differ where those are identical."""


@dataclass(frozen=True)
class Turned:
    """A difference with the ends of its interval, so that more is better."""

    value: float
    low: float
    high: float


def turned(subject: str, value: float, bounds: Interval) -> Turned:
    """Of candidate less baseline: where lower is better, a rise is a drop."""
    if lower_is_better(subject):
        return Turned(-value, -bounds.high, -bounds.low)
    return Turned(value, bounds.low, bounds.high)


def lower_is_better(subject: str) -> bool:
    """
    >>> lower_is_better("brier_score"), lower_is_better("accuracy")
    (True, False)
    """
    return SCALES[subject].better == "lower"
