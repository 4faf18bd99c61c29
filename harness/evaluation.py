"""Predictions -> metrics with intervals. Pure: arrays in, records out, no model in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness import metrics
from harness.errors import UsageError
from harness.records import ClassMetrics, Metric, ReliabilityBin
from harness.statistics import Interval, Scalar, Undefined


@dataclass(frozen=True)
class Measured:
    """The metrics of one evaluation, as `records.Evaluation` holds them."""

    metrics: Mapping[str, Metric]
    per_class: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows: gold label; columns: predicted class."""
    reliability: tuple[ReliabilityBin, ...]


def evaluate(
    probabilities: np.ndarray,
    gold: np.ndarray,
    classes: Sequence[str],
    *,
    ordinal: bool,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Measured:
    """Every metric of one classifier on one review set.

    Args:
        probabilities: (N, K) float32, rows that sum to 1.
        gold: (N,) integers, the index of the labelled class.
        classes: K names, from worst to best where they are ordinal.
        ordinal: Whether the order of the classes means something.
        confidence: Level of the intervals, between 0 and 1.
        resamples: Of the bootstrap.
        seed: Of the bootstrap.

    Raises:
        NothingMeasured: There is no example.
        PredictionsError: The arrays cannot be scored; the rows are named.
        UsageError: A confidence that is no level.
    """
    metrics.check(probabilities, gold)
    _check_request(probabilities.shape[1], classes, confidence)
    predicted = metrics.predicted_classes(probabilities)
    confusion = metrics.confusion_counts(gold, predicted, len(classes))
    right = predicted == gold
    bins = metrics.binned(metrics.confidences(probabilities), right)
    scalars = {
        **metrics.label_metrics(confusion, ordinal=ordinal, confidence=confidence, resamples=resamples, seed=seed),
        **metrics.loss_metrics(probabilities, gold, wrong=int((~right).sum()), confidence=confidence),
        **metrics.calibration_metrics(bins),
    }
    return Measured(
        metrics={name: as_metric(scalar) for name, scalar in scalars.items()},
        per_class=tuple(
            _class_record(name, one)
            for name, one in zip(classes, metrics.class_metrics(confusion, confidence=confidence), strict=True)
        ),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        reliability=tuple(_bin_record(one) for one in metrics.reliability(bins, confidence=confidence)),
    )


def as_metric(scalar: Scalar) -> Metric:
    """A scalar of `harness.metrics` as the record that is stored."""
    if isinstance(scalar, Undefined):
        return Metric(value=None, reason=scalar.reason)
    bounds = scalar.bounds
    if isinstance(bounds, Interval):
        return Metric(value=scalar.value, low=bounds.low, high=bounds.high, method=bounds.method)
    return Metric(value=scalar.value, interval_reason=bounds.reason)


def _check_request(columns: int, classes: Sequence[str], confidence: float) -> None:
    if columns != len(classes):
        raise UsageError(
            f"{columns} columns of probabilities and {len(classes)} classes",
            expected="one column for each class",
            remedy="name the classes of the probabilities, in order",
        )
    if not 0 < confidence < 1:
        raise UsageError(
            f"confidence cannot be {confidence!r}", expected="a number between 0 and 1", remedy="0.95 is customary"
        )


def _class_record(name: str, one: metrics.OneClass) -> ClassMetrics:
    return ClassMetrics(
        name=name,
        support=one.support,
        predicted=one.predicted,
        precision=as_metric(one.precision),
        recall=as_metric(one.recall),
        f1=as_metric(one.f1),
    )


def _bin_record(one: metrics.Reliability) -> ReliabilityBin:
    return ReliabilityBin(
        low=one.low,
        high=one.high,
        count=one.count,
        mean_confidence=one.mean_confidence,
        accuracy=as_metric(one.accuracy),
    )
