"""Differences that are told as values alone, since no interval of them is known to hold."""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics.bins import binned, binned_classes
from harness.metrics.calibration import calibration_metrics
from harness.metrics.difference import Difference, identical, undefined, without_interval
from harness.metrics.paired_scores import IDENTICAL, Side, Sides
from harness.metrics.ranking import Ranking
from harness.metrics.selective import selective_metrics
from harness.statistics import Estimate, Scalar
from harness.statistics.moments import Moments

BIASED = "either estimate is biased upward, by an amount of its own, so that no interval of the difference holds"

CALIBRATED = "how two such estimates vary together near perfect calibration is not known, and so no interval that holds"

CUT = "the two accept other examples, and no interval that takes both cuts into account is known to hold"


def value_differences(of: Sides) -> dict[str, Difference]:
    """Calibration errors and accuracies at a coverage, by name."""
    candidate, baseline = _values(of.candidate, of.confidence), _values(of.baseline, of.confidence)
    return {name: _difference(name, scalar, baseline[name], of.same) for name, scalar in candidate.items()}


def _values(side: Side, confidence: float) -> Mapping[str, Scalar]:
    top = Ranking.of(side.confidence, side.right)
    gap = Moments.of(side.confidence - side.right)
    classes = binned_classes(side.probabilities, side.gold)
    return {
        **calibration_metrics(binned(side.confidence, side.right), classes, top, gap, confidence=confidence),
        **selective_metrics(top, confidence=confidence),
    }


def _difference(name: str, candidate: Scalar, baseline: Scalar, same: bool) -> Difference:
    if not isinstance(candidate, Estimate) or not isinstance(baseline, Estimate):
        return undefined(candidate, baseline)
    if same:
        return identical(candidate.value, IDENTICAL)
    reason = CUT if name.startswith("accuracy_at_") else CALIBRATED if name.startswith("debiased_") else BIASED
    return without_interval(candidate.value, baseline.value, reason)
