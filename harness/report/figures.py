"""The figures of predictions as terminal tables: metrics, confusion, classes, calibration, thresholds, slices."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.text import Text

from harness.records import Figures, Metric, Score, SliceColumn
from harness.report import numbers, reliability_table
from harness.report.confusion_table import ConfusionTable
from harness.report.layout import heading, plain_table
from harness.report.numbers import count, counted, percent
from harness.report.public import printable
from harness.report.quantities import grouped, quantity

CONFUSION = "Confusion: rows are labels, columns predictions; shares are of the row"
SHORT = {
    "accuracy": "accuracy",
    "off_by_one_accuracy": "off by one",
    "mean_absolute_error": "MAE",
    "macro_f1": "macro-F1",
    "expected_calibration_error": "ECE",
}
SLICED = ("accuracy", "macro_f1", "mean_absolute_error", "expected_calibration_error")
"""Metrics of a slice that are shown; its record has all."""
ESSENTIAL = (
    "accuracy", "balanced_accuracy", "macro_f1", "off_by_one_accuracy", "mean_absolute_error", "mean_signed_error",
    "quadratic_weighted_kappa", "matthews_correlation", "area_under_roc", "negative_log_likelihood", "brier_score",
    "expected_calibration_error", "debiased_calibration_error", "confidence_gap", "temperature",
    "accuracy_at_90_coverage",
)  # fmt: skip
"""What is shown of an evaluation unless every metric is asked for."""


def score(one: Score, console: Console) -> None:
    """Print every figure of a file of predictions."""
    facts = f"{counted(one.counts['evaluated'], 'example')}, {count(len(one.classes))} classes"
    console.print(Text.assemble((f"\n{printable(one.source)}", "bold"), f": {facts}"))
    for note in one.notes:
        console.print(Text(f"note: {printable(note)}", style="dim"))
    console.print(Group(Text(), metrics(one, step(one.classes, one.ordinal), full=True)))
    console.print(Group(*tables(one, one.classes, full=True)))


def tables(one: Figures, names: Sequence[str], *, full: bool, sliced: bool = False) -> list[RenderableType]:
    """The tables beside the metrics; `sliced`: those of the slices too, `full`: every one."""
    parts: list[RenderableType] = [heading(CONFUSION), ConfusionTable(one.confusion, names)]
    parts += [heading("Classes"), classes(one)]
    parts += [heading("Reliability: how sure it says it is, and how often it is right")]
    parts.append(reliability_table.table(one.reliability))
    if full:
        parts += [heading("Calibration, before and after temperature scaling"), calibrated(one)]
    if full and one.selective is not None:
        parts += [heading("Thresholds of confidence: chosen on one half, judged on the other"), thresholds(one)]
    for column in one.slices if full or sliced else ():
        if column.slices:
            parts += [heading(f"Slices by {printable(column.name)}"), slices(column)]
    return parts


def step(names: Sequence[str], ordinal: bool) -> str:
    """What distances between the classes are counted in; empty where these have no order."""
    return numbers.plural(numbers.step_noun(names)) if ordinal else ""


def metrics(one: Figures, unit: str, *, full: bool = False) -> RenderableType:
    """The metrics that are defined, with their intervals; the reasons of the others below.

    Every one of them by group where `full`, else the essential ones.
    """
    chosen = list(one.metrics) if full else [name for name in ESSENTIAL if name in one.metrics]
    table = plain_table("metric", "value", "interval", "better")
    table.columns[-1].justify = "left"
    reasons: dict[str, list[str]] = {}
    groups = grouped(chosen)
    for title, names in groups.items():
        if full:
            table.add_row(Text(title, style="bold"), "", "", "")
        for name in names:
            known, metric = quantity(name), one.metrics[name]
            if metric.value is None:
                reasons.setdefault(f"not defined, since {printable(metric.reason or '')}", []).append(known.label)
                continue
            interval = numbers.interval(name, metric) or "–"
            if metric.interval_reason:
                reasons.setdefault(f"no interval, since {printable(metric.interval_reason)}", []).append(known.label)
            table.add_row(known.label, numbers.value(name, metric, unit), interval, known.better)
    notes = [f"{reason}: {', '.join(names)}" for reason, names in reasons.items()]
    notes += drawn(one.sampling, any(one.metrics[name].low is not None for name in chosen))
    if not full:
        notes.append("every metric: harness show --full, or the page")
    return Group(table, *(Text(text, style="dim") for text in notes))


def drawn(sampling: str, intervals: bool) -> list[str]:
    """What the intervals, if there are any, take the examples for where that is not as many independent ones."""
    return [f"the intervals are those of {printable(sampling)}"] if intervals and sampling != "independent" else []


def calibrated(one: Figures) -> RenderableType:
    """Each figure as the classifier gives its probabilities, and at a temperature fitted on other reviews."""
    if one.calibrated is None:
        return Text(f"not scaled: {printable(one.calibrated_reason or 'this run did not')}")
    table = plain_table("metric", "before", "after", "interval after")
    for name, after in one.calibrated.metrics.items():
        before = one.metrics.get(name)
        if _defined(before) or _defined(after):
            cells = [numbers.value(name, before) if before else "–", numbers.value(name, after)]
            table.add_row(quantity(name).label, *cells, numbers.interval(name, after) or "–")
    folds = one.calibrated.temperatures
    spread = f"temperature {min(folds):.3f} to {max(folds):.3f} in {len(folds)} folds, each applied to the others only"
    return Group(table, Text(spread, style="dim"))


def thresholds(one: Figures) -> RenderableType:
    """What share of the examples can be accepted for a wanted accuracy."""
    assert one.selective is not None
    table = plain_table("wanted accuracy", "accept from", "accuracy", "interval", "accepted")
    reasons = []
    for each in one.selective.thresholds:
        if each.threshold is None:
            reasons.append(f"{percent(each.wanted, 0)}: {printable(each.accuracy.reason or '')}")
            continue
        cells = [numbers.score(each.threshold), numbers.value("accuracy", each.accuracy)]
        cells += [numbers.interval("accuracy", each.accuracy) or "–", numbers.value("accuracy", each.coverage)]
        table.add_row(percent(each.wanted, 0), *cells)
    return Group(table, *(Text(reason, style="dim") for reason in reasons))


def slices(column: SliceColumn) -> RenderableType:
    """Some metrics of each slice; the record has all."""
    shown = [name for name in SLICED if any(_defined(one.metrics.get(name)) for one in column.slices)]
    table = plain_table(printable(column.name), "reviews", "accuracy", "interval", *(SHORT[n] for n in shown[1:]))
    for one in column.slices:
        cells = [
            numbers.value("accuracy", one.metrics["accuracy"]),
            numbers.interval("accuracy", one.metrics["accuracy"]),
        ]
        cells += [numbers.value(name, one.metrics[name]) for name in shown[1:]]
        table.add_row(Text(printable(one.value)), count(one.reviews), *(cell or "–" for cell in cells))
    level = f"intervals hold for all {len(column.slices)} slices together ({percent(column.level)} each)"
    return Group(table, Text(level, style="dim"))


def _defined(metric: Metric | None) -> bool:
    return metric is not None and metric.value is not None


def classes(one: Figures) -> RenderableType:
    """Precision, recall and F1 of each class."""
    table = plain_table("class", "reviews", "predicted", "recall", "precision", "F1", "F1 interval")
    for each in one.per_class:
        cells = [numbers.value("accuracy", each.recall), numbers.value("accuracy", each.precision)]
        cells += [numbers.value("macro_f1", each.f1), numbers.interval("macro_f1", each.f1) or "–"]
        table.add_row(Text(printable(each.name)), count(each.support), count(each.predicted), *cells)
    return table
