"""The figures of predictions: metrics, classes, calibration, thresholds and slices."""

from __future__ import annotations

from typing import Literal

from harness.records.base import Metric, Record, Share


class ClassMetrics(Record):
    """One class against the rest."""

    name: str
    support: int
    predicted: int
    precision: Metric
    recall: Metric
    f1: Metric
    area_under_roc: Metric | None = None
    """Of the class against the rest."""


class ReliabilityBin(Record):
    """One bin of confidence, (low, high]. Empty bins have null means."""

    low: Share
    high: Share
    count: int
    mean_confidence: float | None
    accuracy: Metric
    expected_low: Share | None = None
    """Consistency band: where the accuracy would lie if the classifier were calibrated."""
    expected_high: Share | None = None


class Calibrated(Record):
    """The same figures after temperature scaling, each review at a temperature fitted on other reviews."""

    temperatures: tuple[float, ...]
    """One for each fold."""
    metrics: dict[str, Metric]
    reliability: tuple[ReliabilityBin, ...]


class Threshold(Record):
    """A confidence that was chosen on one half of the reviews to give an accuracy, and judged on the other half."""

    wanted: Share
    """The accuracy that was asked for."""
    threshold: float | None
    """Reviews with this confidence or more are accepted; null where none gives the accuracy."""
    accuracy: Metric
    coverage: Metric
    """Share of the reviews that are accepted."""


class Selective(Record):
    """What is gained when the least confident reviews are left to a person."""

    coverage: tuple[float, ...]
    """Shares of the reviews that are accepted, for the curve."""
    risk: tuple[float, ...]
    """Share of wrong predictions among them."""
    threshold: tuple[float, ...]
    """Least confidence that is accepted."""
    thresholds: tuple[Threshold, ...]


class Slice(Record):
    """The reviews that have one value of a column."""

    value: str
    reviews: int
    metrics: dict[str, Metric]
    """Intervals are corrected for the number of slices of the column."""


class SliceColumn(Record):
    """A column that cuts the reviews into slices."""

    name: str
    values: int
    """Distinct values; with too many of them there are no slices."""
    level: Share
    """Of the intervals: 1 - (1 - confidence) / slices (Bonferroni)."""
    slices: tuple[Slice, ...]


class Figures(Record):
    """What predictions are worth: everything that is computed from probabilities and gold labels alone."""

    metrics: dict[str, Metric]
    per_class: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows: gold label; columns: predicted class."""
    reliability: tuple[ReliabilityBin, ...]
    calibrated: Calibrated | None = None
    calibrated_reason: str | None = None
    """Why there are no calibrated figures."""
    selective: Selective | None = None
    slices: tuple[SliceColumn, ...] = ()
    sampling: str = "independent"
    """How the examples were drawn, as the intervals take it."""


class Score(Figures):
    """The figures of a file of predictions: what `harness score --format json` prints."""

    source: str
    """File name, without its folder."""
    classes: tuple[str, ...]
    ordinal: bool
    counts: dict[Literal["evaluated"], int]
    notes: tuple[str, ...] = ()
    """What was assumed in reading the file."""
