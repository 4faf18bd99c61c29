"""Intervals of examples that were not drawn independently: by clusters, or by strata of a fixed size.

The intervals of `overall` take examples as independent. Here each is replaced by one that knows the
design, or by the reason why there is none; values stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from harness.metrics.arrays import Gold, PerExample, Predicted, Probabilities, Right
from harness.metrics.bins import bin_of
from harness.metrics.classes import OneClass
from harness.metrics.classification import FROM_MARGINS
from harness.metrics.decision import confidences, in_top, predicted_classes
from harness.metrics.losses import LOSSES
from harness.metrics.reliability import Reliability
from harness.metrics.thresholds import Threshold
from harness.statistics import Bounds, Estimate, Interval, NoInterval, Scalar
from harness.statistics.design import Design, mean_interval, proportion_interval

DRAWN = tuple(FROM_MARGINS)
"""Metrics whose interval comes from tables that were drawn under the design in the first place."""


def designed(
    scalars: Mapping[str, Scalar], probabilities: Probabilities, gold: Gold, design: Design, *, confidence: float
) -> dict[str, Scalar]:
    """The scalars by name, with intervals under the design; those of an independent one are as they were.

    Args:
        scalars: As `overall` gives them, those of `DRAWN` from tables of the design.
        probabilities: (N, K) float32 or float64, what they are of.
        gold: (N,) integers.
        design: Of the same examples.
        confidence: Level, between 0 and 1.
    """
    if design.kind == "independent":
        return dict(scalars)
    known = _Examples(probabilities, gold)
    return {
        name: scalar if name in DRAWN else _replaced(name, scalar, known, design, confidence)
        for name, scalar in scalars.items()
    }


def designed_classes(
    classes: Sequence[OneClass], probabilities: Probabilities, gold: Gold, design: Design, *, confidence: float
) -> tuple[OneClass, ...]:
    """The classes in their order, with intervals under the design."""
    if design.kind == "independent":
        return tuple(classes)
    predicted = predicted_classes(probabilities)
    return tuple(
        _designed_class(one, gold == place, predicted == place, design, confidence) for place, one in enumerate(classes)
    )


def designed_areas(areas: Sequence[Scalar], design: Design) -> tuple[Scalar, ...]:
    """The areas of the classes, without an interval where the design is not independent."""
    if design.kind == "independent":
        return tuple(areas)
    return tuple(_with_bounds(area, unknown_to(design)) for area in areas)


def designed_reliability(
    table: Sequence[Reliability], probabilities: Probabilities, gold: Gold, design: Design, *, confidence: float
) -> tuple[Reliability, ...]:
    """The reliability table, with intervals under the design and without the band, which is of independent examples."""
    if design.kind == "independent":
        return tuple(table)
    place = bin_of(confidences(probabilities), len(table))
    right = predicted_classes(probabilities) == gold
    return tuple(
        replace(
            one,
            accuracy=_share(one.accuracy, place == number, right, design, confidence),
            expected_low=None,
            expected_high=None,
        )
        for number, one in enumerate(table)
    )


def designed_thresholds(
    chosen: Sequence[Threshold],
    probabilities: Probabilities,
    gold: Gold,
    judging: Right,
    design: Design,
    *,
    confidence: float,
) -> tuple[Threshold, ...]:
    """The thresholds with intervals under the design; `judging` (N,) bool is the half that judges them."""
    if design.kind == "independent":
        return tuple(chosen)
    top = confidences(probabilities).astype(np.float32)
    right = predicted_classes(probabilities) == gold
    found = []
    for one in chosen:
        accepted: Right = top >= np.float32(math.inf if one.threshold is None else one.threshold)
        accuracy = _share(one.accuracy, judging & accepted, right, design, confidence)
        found.append(
            replace(one, accuracy=accuracy, coverage=_share(one.coverage, judging, accepted, design, confidence))
        )
    return tuple(found)


def unknown_to(design: Design) -> NoInterval:
    """The reason where no interval of a metric takes the design into account."""
    return NoInterval(f"the examples come in {design}, and no interval of this metric takes that into account")


class _Examples:
    """Values of single examples whose mean is a metric."""

    def __init__(self, probabilities: Probabilities, gold: Gold) -> None:
        self._probabilities = probabilities
        self._gold = gold
        self._predicted: Predicted = predicted_classes(probabilities)

    def hits(self, name: str) -> Right | None:
        """(N,) bool; None where the metric is no share of the examples."""
        if name in ("accuracy", "micro_f1"):
            right: Right = self._predicted == self._gold
            return right
        if name == "off_by_one_accuracy":
            near: Right = np.abs(self._predicted - self._gold) <= 1
            return near
        return in_top(self._probabilities, self._gold, 2) if name == "top_2_accuracy" else None

    def values(self, name: str) -> PerExample | None:
        """(N,) float64; None where the metric is no mean over the examples."""
        if name in LOSSES:
            losses: PerExample = LOSSES[name](self._probabilities, self._gold)
            return losses
        if name in ("mean_absolute_error", "mean_signed_error"):
            apart = (self._predicted - self._gold).astype(np.float64)
            errors: PerExample = np.abs(apart) if name == "mean_absolute_error" else apart
            return errors
        if name == "confidence_gap":
            gap: PerExample = confidences(self._probabilities) - (self._predicted == self._gold)
            return gap
        return None

    def ends(self, name: str) -> tuple[float, float]:
        """What such a mean is at least and at most."""
        furthest = float(self._probabilities.shape[1] - 1)
        return {
            "negative_log_likelihood": (0.0, math.inf),
            "brier_score": (0.0, 2.0),
            "ranked_probability_score": (0.0, furthest),
            "mean_absolute_error": (0.0, furthest),
            "mean_signed_error": (-furthest, furthest),
            "confidence_gap": (-1.0, 1.0),
        }[name]


def _replaced(name: str, scalar: Scalar, known: _Examples, design: Design, confidence: float) -> Scalar:
    if not isinstance(scalar, Estimate) or not isinstance(scalar.bounds, Interval):
        return scalar
    bounds: Bounds = unknown_to(design)
    if (hits := known.hits(name)) is not None:
        bounds = proportion_interval(design, hits, confidence)
    elif (values := known.values(name)) is not None:
        least, most = known.ends(name)
        bounds = mean_interval(design, values, confidence, least=least, most=most)
    return Estimate(scalar.value, bounds)


def _with_bounds(scalar: Scalar, bounds: Bounds) -> Scalar:
    """With other bounds, if it has an interval at all."""
    if isinstance(scalar, Estimate) and isinstance(scalar.bounds, Interval):
        return Estimate(scalar.value, bounds)
    return scalar


def _share(scalar: Scalar, among: Right, hits: Right, design: Design, confidence: float) -> Scalar:
    """The share of hits among some of the examples, with the interval under the design; what is undefined stays so."""
    if not isinstance(scalar, Estimate):
        return scalar
    return Estimate(scalar.value, proportion_interval(design.of_rows(among), hits[among], confidence))


def _designed_class(one: OneClass, labelled: Right, predicted: Right, design: Design, confidence: float) -> OneClass:
    both = _share(one.f1, labelled | predicted, labelled & predicted, design, confidence)
    if isinstance(both, Estimate) and isinstance(both.bounds, Interval):
        low, high = (2 * end / (1 + end) for end in (both.bounds.low, both.bounds.high))
        both = Estimate(both.value, Interval(low, high, f"{both.bounds.method}, of the Jaccard index"))
    return replace(
        one,
        precision=_share(one.precision, predicted, labelled, design, confidence),
        recall=_share(one.recall, labelled, predicted, design, confidence),
        f1=both,
    )
