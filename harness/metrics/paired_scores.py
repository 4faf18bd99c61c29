"""Differences between metrics of the probabilities themselves, from what each example contributes to either side."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.metrics.arrays import Gold, PerExample, Probabilities, Right
from harness.metrics.classification import NOT_ORDINAL
from harness.metrics.decision import TWO_CLASSES, confidences, in_top, predicted_classes
from harness.metrics.difference import (
    PAIRED,
    Difference,
    identical,
    of_shares,
    of_spread,
    undefined,
    without_interval,
)
from harness.metrics.discrimination import without_area
from harness.metrics.evidence import area_lacking, few_examples_lacking, right_lacking, wrong_lacking
from harness.metrics.influence import Contributions, area_influence, excess_influence, risk_coverage_influence
from harness.metrics.losses import LOSSES, impossible_examples, impossible_lacking
from harness.metrics.spread import spread_of
from harness.statistics import NoInterval, Undefined
from harness.statistics.design import Design, clusters_lacking

IDENTICAL = "the probabilities are identical"


@dataclass(frozen=True)
class Side:
    """One of the two that are compared."""

    probabilities: Probabilities
    gold: Gold
    confidence: PerExample
    """(N,) float64, top probabilities."""
    right: Right
    """(N,) bool, whether the prediction is the gold label."""

    @classmethod
    def of(cls, probabilities: Probabilities, gold: Gold) -> Side:
        """Of (N, K) probabilities and (N,) gold labels, valid."""
        right = predicted_classes(probabilities) == gold
        return cls(probabilities, gold, confidences(probabilities), right)

    @property
    def hits(self) -> int:
        """Examples that are predicted right."""
        return int(np.count_nonzero(self.right))


@dataclass(frozen=True)
class Sides:
    """Candidate and baseline."""

    candidate: Side
    baseline: Side
    design: Design
    """How the examples were drawn."""
    confidence: float
    """Level of the intervals, between 0 and 1."""
    same: bool
    """Whether all probabilities are equal."""

    @classmethod
    def of(
        cls, candidate: Probabilities, baseline: Probabilities, gold: Gold, design: Design, confidence: float
    ) -> Sides:
        """Of two times (N, K) probabilities, and (N,) gold labels."""
        same = np.array_equal(candidate, baseline)
        return cls(Side.of(candidate, gold), Side.of(baseline, gold), design, confidence, same)

    @property
    def wrong_lacking(self) -> NoInterval | None:
        """The reason against an interval where one of the two has few wrong predictions."""
        return wrong_lacking(len(self.candidate.right) - max(self.candidate.hits, self.baseline.hits))

    def paired(
        self, of: Callable[[Side], Contributions], *, most: float, lacking: NoInterval | None, method: str
    ) -> Difference:
        """Of a metric to which each example contributes, and whose difference is not larger than `most`."""
        return self.difference(of(self.candidate), of(self.baseline), most=most, lacking=lacking, method=method)

    def difference(
        self,
        candidate: Contributions,
        baseline: Contributions,
        *,
        most: float,
        lacking: NoInterval | None,
        method: str,
    ) -> Difference:
        """The same, from what the examples contribute."""
        if self.same:
            return identical(candidate.value, IDENTICAL)
        lacking = clusters_lacking(self.design) or lacking
        if lacking:
            return without_interval(candidate.value, baseline.value, lacking.reason)
        spread = spread_of(candidate.of_example - baseline.of_example, self.design, method)
        return of_spread(candidate.value, baseline.value, spread, self.confidence, most)


def score_differences(of: Sides, *, ordinal: bool) -> dict[str, Difference]:
    """By name, of at least one example.

    The share of labels among the two most probable classes gets Tango's interval, where the examples are in no
    clusters; the rest Student's t of its paired contributions: losses of the examples (means), or their
    influences (areas).

    Args:
        of: What is compared.
        ordinal: Whether the order of the classes means something.
    """
    return {
        "top_2_accuracy": _top_2(of),
        **_losses(of, ordinal),
        "confidence_gap": of.paired(
            _gap, most=2.0, lacking=few_examples_lacking(len(of.candidate.gold)), method=PAIRED
        ),
        "area_under_roc": _area_under_roc(of),
        **_risk_coverage(of),
    }


def _top_2(of: Sides) -> Difference:
    if of.candidate.probabilities.shape[1] == 2:
        return undefined(Undefined(TWO_CLASSES), Undefined(TWO_CLASSES))
    candidate, baseline = (in_top(side.probabilities, side.gold, 2) for side in (of.candidate, of.baseline))
    return of_shares(candidate, baseline, of.design, of.confidence)


def _losses(of: Sides, ordinal: bool) -> dict[str, Difference]:
    most = {
        "negative_log_likelihood": math.inf,
        "brier_score": 2.0,
        "ranked_probability_score": of.candidate.probabilities.shape[1] - 1.0,
    }
    lacking: dict[str, NoInterval | None] = dict.fromkeys(most, of.wrong_lacking)
    lacking["negative_log_likelihood"] = _impossible(of) or of.wrong_lacking
    differences = {
        name: of.paired(_mean_of(name), most=most[name], lacking=lacking[name], method=PAIRED) for name in LOSSES
    }
    unordered = Undefined(NOT_ORDINAL)
    return differences if ordinal else differences | {"ranked_probability_score": undefined(unordered, unordered)}


def _impossible(of: Sides) -> NoInterval | None:
    """The reason against an interval of losses that are infinite in truth."""
    cut = max(impossible_examples(side.probabilities, side.gold) for side in (of.candidate, of.baseline))
    return impossible_lacking(cut)


def _mean_of(name: str) -> Callable[[Side], Contributions]:
    return lambda side: _mean(LOSSES[name](side.probabilities, side.gold))


def _gap(side: Side) -> Contributions:
    return _mean(side.confidence - side.right)


def _mean(values: PerExample) -> Contributions:
    return Contributions(float(values.mean()), values)


def _area_under_roc(of: Sides) -> Difference:
    support = np.bincount(of.candidate.gold, minlength=of.candidate.probabilities.shape[1])
    missing = int((support == 0).sum())
    if missing:
        reason = Undefined(without_area(missing, len(support)))
        return undefined(reason, reason)
    areas = [area_influence(side.probabilities, side.gold) for side in (of.candidate, of.baseline)]
    fewest = int(min(support.min(), len(of.candidate.gold) - support.max()))
    lacking = area_lacking(areas[0].value, "rarest class", fewest) or area_lacking(
        areas[1].value, "rarest class", fewest
    )
    return of.difference(*areas, most=1.0, lacking=lacking, method="DeLong's paired influences")


def _risk_coverage(of: Sides) -> dict[str, Difference]:
    sides = of.candidate, of.baseline
    lacking = of.wrong_lacking or right_lacking(min(side.hits for side in sides))
    areas = [risk_coverage_influence(side.confidence, side.right) for side in sides]
    excess = [excess_influence(area, side.right) for area, side in zip(areas, sides, strict=True)]
    method = "paired influences"
    return {
        "area_under_risk_coverage": of.difference(*areas, most=1.0, lacking=lacking, method=method),
        "excess_area_under_risk_coverage": of.difference(*excess, most=1.0, lacking=lacking, method=method),
    }
