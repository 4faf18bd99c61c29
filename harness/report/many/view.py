"""Several evaluations as the template of their page needs them: everything computed, nothing to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.report import charts, comparison_rows, comparison_words, environments, numbers
from harness.report.comparison_view import ComparisonView
from harness.report.many import history, pareto, words
from harness.report.many.entries import Entry, Group, Pair
from harness.report.many.pareto import Point
from harness.report.quantities import quantity
from harness.report.view import unit
from harness.report.words import Finding

COLUMNS = (
    "macro_f1", "off_by_one_accuracy", "mean_absolute_error", "quadratic_weighted_kappa", "negative_log_likelihood",
    "brier_score", "expected_calibration_error",
)  # fmt: skip
"""Metrics beside accuracy, where any evaluation defines them."""


@dataclass(frozen=True)
class Cell:
    """A figure of the table, with what it is sorted by."""

    text: str
    beside: str
    """Its interval; empty where it has none."""
    key: float | None
    """None stands last, whichever way the column is sorted."""
    best: bool


@dataclass(frozen=True)
class Row:
    """One evaluation."""

    entry: Entry
    whisker: Markup
    cells: tuple[Cell, ...]
    gate: str
    """What the rules of its run came to; empty where there were none."""


@dataclass(frozen=True)
class PairRow:
    """Two evaluations."""

    pair: Pair
    drawn: Markup
    difference: str
    interval: str
    p: str
    corrected: str
    worse: bool
    better: bool


@dataclass(frozen=True)
class GroupView:
    """Evaluations on the same reviews."""

    name: str
    """`s1`, `s2` …: the prefix of its fragments."""
    group: Group
    findings: tuple[Finding, ...]
    gated: bool
    """Any run was judged by rules."""
    columns: tuple[str, ...]
    """Headings of the cells."""
    rows: tuple[Row, ...]
    axis: tuple[float, float]
    pareto: Markup
    """Empty where fewer than two have a speed."""
    unmeasured: tuple[str, ...]
    """Letters of those without a speed, where there is a chart."""
    machines: bool
    """Speeds are of different machines."""
    pairs: tuple[PairRow, ...]
    pair_axis: tuple[float, float]
    differing: tuple[tuple[str, tuple[str, ...]], ...]
    """What is not the same in all, and its value in each, in the order of the rows."""
    history: Markup
    """Empty but on a page of the runs of a folder."""
    compared: ComparisonView | None
    """Of the only pair: what flipped, and every difference."""


def view(
    name: str, group: Group, gates: Sequence[str], compared: ComparisonView | None = None, *, over_time: bool = False
) -> GroupView:
    """Everything that the page says of one group.

    Args:
        name: The prefix of its fragments.
        group: Evaluations on the same reviews.
        gates: What the gate said of the run of each entry, in their order.
        compared: Of the only pair.
        over_time: Whether the runs are drawn as a history.
    """
    entries = group.entries
    names = tuple(each for each in COLUMNS if any(_value(entry, each) is not None for entry in entries))
    accuracies = [entry.evaluation.metrics["accuracy"] for entry in entries]
    axis = charts.axis_of(accuracies)
    timed = [entry for entry in entries if entry.evaluation.reviews_per_s]
    points = [_point(entry) for entry in timed if _value(entry, "accuracy") is not None]
    drawn = len(points) > 1
    changes = [pair.comparison.differences["accuracy"].difference for pair in group.pairs]
    pair_axis = charts.axis_of(changes, least=0.02, holding=(0.0,))
    return GroupView(
        name=name,
        group=group,
        findings=words.findings(group, points),
        gated=any(gates),
        columns=("Accuracy", *(quantity(each).label for each in names), "Reviews/s"),
        rows=tuple(
            Row(entry, charts.whisker_of(accuracy, axis), _cells(entry, entries, names), gate)
            for entry, accuracy, gate in zip(entries, accuracies, gates, strict=True)
        ),
        axis=axis,
        pareto=pareto.chart(points) if drawn else Markup(),
        unmeasured=tuple(entry.letter for entry in entries if entry not in timed) if drawn else (),
        machines=len({_machine(entry) for entry in timed}) > 1,
        pairs=tuple(_pair(each, pair_axis) for each in group.pairs),
        pair_axis=pair_axis,
        differing=_differing(entries),
        history=_history(entries) if over_time else Markup(),
        compared=compared,
    )


def _history(entries: Sequence[Entry]) -> Markup:
    lines = history.series(entries)
    return history.chart(lines, len(entries), [each.entries[-1].letter for each in lines])


def _cells(entry: Entry, entries: Sequence[Entry], names: Sequence[str]) -> tuple[Cell, ...]:
    metrics = tuple(_cell(entry, entries, each) for each in ("accuracy", *names))
    speed = entry.evaluation.reviews_per_s
    fastest = max((each.evaluation.reviews_per_s or 0.0 for each in entries), default=0.0)
    if speed is None:
        return (*metrics, Cell("not timed", "", None, best=False))
    return (*metrics, Cell(numbers.digits(speed), "", speed, best=len(entries) > 1 and speed == fastest))


def _cell(entry: Entry, entries: Sequence[Entry], name: str) -> Cell:
    metric = entry.evaluation.metrics.get(name)
    if metric is None or metric.value is None:
        return Cell("–", "", None, best=False)
    better = quantity(name).better
    known = [value for each in entries if (value := _value(each, name)) is not None]
    top = max(known) if better == "higher" else min(known)
    distance = unit(entry.evaluation) if quantity(name).kind == "distance" else ""
    shown = numbers.value(name, metric, distance)
    # One that all share is no distinction.
    best = bool(better) and metric.value == top and any(value != top for value in known)
    return Cell(shown, numbers.interval(name, metric), metric.value, best)


def _value(entry: Entry, name: str) -> float | None:
    metric = entry.evaluation.metrics.get(name)
    return None if metric is None else metric.value


def _point(entry: Entry) -> Point:
    metric = entry.evaluation.metrics["accuracy"]
    classifier = entry.classifier
    return Point(
        letter=entry.letter,
        name=f"{environments.of_evaluation(entry.run, entry.evaluation).classifier} in {classifier.dtype}",
        reviews_per_s=entry.evaluation.reviews_per_s or 0.0,
        accuracy=metric.value or 0.0,
        low=metric.low,
        high=metric.high,
    )


def _machine(entry: Entry) -> tuple[str, int, str]:
    return entry.run.environment.processor, entry.run.environment.threads, entry.classifier.device_name


def _pair(pair: Pair, axis: tuple[float, float]) -> PairRow:
    found = pair.comparison.differences["accuracy"]
    way = comparison_words.moved(found.difference)
    return PairRow(
        pair,
        *comparison_rows.change("accuracy", found.difference, axis),
        p=numbers.p_value(found.p_value),
        corrected=numbers.p_value(pair.adjusted_p_value),
        worse=way < 0,
        better=way > 0,
    )


def _differing(entries: Sequence[Entry]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What surrounds the evaluations, where it is not the same in all."""
    settings = [environments.of_evaluation(entry.run, entry.evaluation) for entry in entries]
    columns = [environments.facts(each, settings[0]) for each in settings]
    found: dict[str, list[str]] = {}
    for place, facts in enumerate(columns):
        for fact in facts:
            found.setdefault(fact.name, [environments.UNKNOWN] * len(entries))[place] = fact.candidate
    return tuple((name, tuple(values)) for name, values in found.items() if len(set(values)) > 1)
