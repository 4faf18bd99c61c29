"""Predictions -> figures with intervals. Pure: arrays in, records out, no model in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness import metrics
from harness.errors import UsageError
from harness.metrics import selective
from harness.metrics.confusion import drawn_confusion
from harness.metrics.designed import (
    designed,
    designed_areas,
    designed_classes,
    designed_reliability,
    designed_thresholds,
)
from harness.metrics.discrimination import class_areas
from harness.metrics.overall import overall, probability_metrics
from harness.metrics.rankings import ExactRankings
from harness.metrics.tally import Tally
from harness.metrics.temperature import CrossFitted, cross_fitted, log_probabilities, temperature_metric
from harness.metrics.thresholds import thresholds
from harness.records import (
    Calibrated,
    ClassMetrics,
    Figures,
    Metric,
    ReliabilityBin,
    Selective,
    Slice,
    SliceColumn,
    Threshold,
)
from harness.slicing import Column
from harness.statistics import Interval, Scalar, Undefined
from harness.statistics.design import Design
from harness.statistics.drawn import DrawnTables


def evaluate(
    probabilities: np.ndarray,
    gold: np.ndarray,
    classes: Sequence[str],
    *,
    ordinal: bool,
    logits: np.ndarray | None = None,
    design: Design | None = None,
    slices: Sequence[Column] = (),
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Figures:
    """Every figure of one classifier on one review set.

    Args:
        probabilities: (N, K) float32, rows that sum to 1.
        gold: (N,) integers, the index of the labelled class.
        classes: K names, from worst to best where they are ordinal.
        ordinal: Whether the order of the classes means something.
        logits: (N, K) whose softmax the probabilities are, for the temperature; None takes the logarithms
            of the probabilities, which give the same.
        design: How the examples were drawn; None: independently.
        slices: Columns that cut the examples into slices.
        confidence: Level of the intervals, between 0 and 1.
        resamples: Of the bootstrap.
        seed: Of the bootstrap, and of the folds and halves.

    Raises:
        NothingMeasured: There is no example.
        PredictionsError: The arrays cannot be scored; the rows are named.
        UsageError: A confidence that is no level.
    """
    metrics.check(probabilities, gold)
    _check_request(probabilities.shape[1], classes, confidence)
    asked = _Request(ordinal, confidence, resamples, seed)
    design = design or Design.independent()
    if logits is None:
        logits = log_probabilities(probabilities)
    tally, rankings = _counted(probabilities, gold, design, seed)
    figures = _metrics(tally, rankings, logits, design, asked)
    scaled = cross_fitted(logits, gold, seed=seed, unit=design.clusters)
    return Figures(
        metrics=_records(figures),
        per_class=_classes(tally, rankings, classes, design, confidence),
        confusion=tuple(tuple(row) for row in tally.confusion.tolist()),
        reliability=_reliability(tally, rankings, design, confidence),
        calibrated=None if isinstance(scaled, Undefined) else _calibrated(scaled, gold, design, asked),
        calibrated_reason=scaled.reason if isinstance(scaled, Undefined) else None,
        selective=_selective(rankings, design, confidence),
        slices=tuple(_column(each, probabilities, gold, logits, design, asked) for each in slices),
        sampling=str(design),
    )


def as_metric(scalar: Scalar) -> Metric:
    """A scalar of `harness.metrics` as the record that is stored."""
    if isinstance(scalar, Undefined):
        return Metric(value=None, reason=scalar.reason)
    bounds = scalar.bounds
    if isinstance(bounds, Interval):
        return Metric(value=scalar.value, low=bounds.low, high=bounds.high, method=bounds.method)
    return Metric(value=scalar.value, interval_reason=bounds.reason)


@dataclass(frozen=True)
class _Request:
    """What is asked of every part of an evaluation alike."""

    ordinal: bool
    confidence: float
    resamples: int
    seed: int


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


def _counted(probabilities: np.ndarray, gold: np.ndarray, design: Design, seed: int) -> tuple[Tally, ExactRankings]:
    tally = Tally(probabilities.shape[1], fine=False, seed=seed)
    tally.add(probabilities, gold, first=0)
    return tally, ExactRankings(probabilities, gold, seed, design.clusters)


def _metrics(
    tally: Tally, rankings: ExactRankings, logits: np.ndarray, design: Design, asked: _Request
) -> dict[str, Scalar]:
    """Every metric of these examples, its interval as their design has it."""
    found = overall(
        tally,
        rankings,
        ordinal=asked.ordinal,
        confidence=asked.confidence,
        resamples=asked.resamples,
        seed=asked.seed,
        drawn=_drawn(rankings, design),
    )
    found["temperature"] = temperature_metric(logits, rankings.gold, confidence=asked.confidence)
    return designed(found, rankings.probabilities, rankings.gold, design, confidence=asked.confidence)


def _drawn(rankings: ExactRankings, design: Design) -> DrawnTables | None:
    """Confusion counts under the design; None where the examples are independent."""
    if design.kind == "independent":
        return None
    probabilities = rankings.probabilities
    predicted = metrics.predicted_classes(probabilities)
    return drawn_confusion(design, rankings.gold, predicted, probabilities.shape[1])


def _records(scalars: Mapping[str, Scalar]) -> dict[str, Metric]:
    return {name: as_metric(scalar) for name, scalar in scalars.items()}


def _calibrated(scaled: CrossFitted, gold: np.ndarray, design: Design, asked: _Request) -> Calibrated:
    """What a temperature changes, at temperatures that were fitted on other examples."""
    tally, rankings = _counted(scaled.probabilities, gold, design, asked.seed)
    found = probability_metrics(tally, rankings.confidence(), ordinal=asked.ordinal, confidence=asked.confidence)
    return Calibrated(
        temperatures=tuple(scaled.temperatures.tolist()),
        metrics=_records(designed(found, scaled.probabilities, gold, design, confidence=asked.confidence)),
        reliability=_reliability(tally, rankings, design, asked.confidence),
    )


def _classes(
    tally: Tally, rankings: ExactRankings, classes: Sequence[str], design: Design, confidence: float
) -> tuple[ClassMetrics, ...]:
    areas = designed_areas(class_areas(rankings.classes(), confidence), design)
    found = designed_classes(
        metrics.class_metrics(tally.confusion, confidence=confidence),
        rankings.probabilities,
        rankings.gold,
        design,
        confidence=confidence,
    )
    return tuple(
        ClassMetrics(
            name=name,
            support=one.support,
            predicted=one.predicted,
            precision=as_metric(one.precision),
            recall=as_metric(one.recall),
            f1=as_metric(one.f1),
            area_under_roc=as_metric(area),
        )
        for name, one, area in zip(classes, found, areas, strict=True)
    )


def _reliability(
    tally: Tally, rankings: ExactRankings, design: Design, confidence: float
) -> tuple[ReliabilityBin, ...]:
    table = designed_reliability(
        metrics.reliability(tally.bins, confidence=confidence),
        rankings.probabilities,
        rankings.gold,
        design,
        confidence=confidence,
    )
    return tuple(
        ReliabilityBin(
            low=one.low,
            high=one.high,
            count=one.count,
            mean_confidence=one.mean_confidence,
            accuracy=as_metric(one.accuracy),
            expected_low=one.expected_low,
            expected_high=one.expected_high,
        )
        for one in table
    )


def _selective(rankings: ExactRankings, design: Design, confidence: float) -> Selective:
    curve = selective.curve_points(selective.risk_coverage(rankings.confidence()))
    chosen = designed_thresholds(
        thresholds(*rankings.halves(), confidence=confidence),
        rankings.probabilities,
        rankings.gold,
        rankings.judging,
        design,
        confidence=confidence,
    )
    return Selective(
        coverage=tuple(curve.coverage.tolist()),
        risk=tuple(curve.risk.tolist()),
        threshold=tuple(curve.threshold.tolist()),
        thresholds=tuple(
            Threshold(
                wanted=each.wanted,
                threshold=each.threshold,
                accuracy=as_metric(each.accuracy),
                coverage=as_metric(each.coverage),
            )
            for each in chosen
        ),
    )


def _column(
    column: Column,
    probabilities: np.ndarray,
    gold: np.ndarray,
    logits: np.ndarray,
    design: Design,
    asked: _Request,
) -> SliceColumn:
    level = 1 - (1 - asked.confidence) / max(1, len(column.parts))
    corrected = replace(asked, confidence=level)
    slices = []
    for part in column.parts:
        drawn = design.of_rows(part.rows)
        tally, rankings = _counted(probabilities[part.rows], gold[part.rows], drawn, asked.seed)
        found = _metrics(tally, rankings, logits[part.rows], drawn, corrected)
        slices.append(Slice(value=part.value, reviews=len(part.rows), metrics=_records(found)))
    return SliceColumn(name=column.name, values=column.values, level=level, slices=tuple(slices))
