"""One evaluation as the page's template needs it: everything computed, nothing to decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.records import ClassifierRecord, Evaluation, Metric, ReliabilityBin, ReviewSetRecord, Run
from harness.report import charts, examples, numbers, slices, words
from harness.report.examples import Example, Joined
from harness.report.figures import step
from harness.report.quantities import quantity
from harness.report.slices import Column

WIDEST_MATRIX = 20
"""Classes up to which the confusion matrix is shown whole."""
MOST_PAIRS = 40
SCALED = (
    "negative_log_likelihood",
    "brier_score",
    "expected_calibration_error",
    "debiased_calibration_error",
    "confidence_gap",
)
"""What is shown first of temperature scaling."""
LONGEST_INTERVAL = 12
"""Characters of an interval that the style sheet's usual column holds."""
HEADLINE = (
    "off_by_one_accuracy",
    "mean_absolute_error",
    "macro_f1",
    "matthews_correlation",
    "expected_calibration_error",
)


@dataclass(frozen=True)
class Figure:
    """A headline number."""

    label: str
    value: str
    interval: str
    meaning: str


@dataclass(frozen=True)
class Cell:
    """One cell of the confusion matrix."""

    gold: str
    predicted: str
    count: int
    share: float
    """Of the reviews with this label."""
    shade: str
    """Class of the style sheet."""
    target: str
    """Fragment that shows its reviews."""


@dataclass(frozen=True)
class Line:
    """One row of the confusion matrix."""

    gold: str
    cells: tuple[Cell, ...]
    support: int


@dataclass(frozen=True)
class Change:
    """A metric before and after temperature scaling."""

    name: str
    before: Metric
    after: Metric


@dataclass(frozen=True)
class SliceTable:
    """A kept column's slices on one axis."""

    column: Column
    whiskers: tuple[Markup, ...]
    axis: tuple[float, float]


@dataclass(frozen=True)
class EvaluationView:
    """What the template of an evaluation shows."""

    name: str
    """`e1`, `e2` …: the prefix of its fragments."""
    record: Evaluation
    classifier: ClassifierRecord
    review_set: ReviewSetRecord
    level: float
    unit: str
    """What distances between classes are counted in; empty where these have no order."""
    accuracy: Metric
    headline: tuple[Figure, ...]
    findings: tuple[words.Finding, ...]
    class_whiskers: tuple[Markup, ...]
    """F1 of each class, on one axis."""
    class_axis: tuple[float, float]
    lines: tuple[Line, ...]
    """Rows of the confusion matrix; none where it is too wide."""
    pairs: tuple[Cell, ...]
    """The largest cells off the diagonal, where the matrix is too wide."""
    reliability: Markup
    bins_without_interval: str
    """How many bins of confidence lack an interval, and why; empty where none does."""
    has_bin_intervals: bool
    has_bands: bool
    """Whether any bin says where the accuracy of a calibrated classifier would lie."""
    changes: tuple[Change, ...]
    """By temperature scaling; none where the run has not scaled."""
    first_changes: tuple[Change, ...]
    risk_coverage: Markup
    """Empty where the run has no curve."""
    slice_tables: tuple[SliceTable, ...]
    unsliced: tuple[Column, ...]
    mistakes: tuple[tuple[Example, Markup], ...]
    mistakes_in_all: int
    has_texts: bool


def view(run: Run, name: str, record: Evaluation, joined: Joined) -> EvaluationView:
    """Everything that the page says of one evaluation."""
    classifier = next(one for one in run.classifiers if one.id == record.classifier)
    review_set = next(one for one in run.review_sets if one.id == record.review_set)
    level = run.confidence
    correct = joined.predicted == joined.gold
    columns = slices.columns(record)
    sliced = [column for column in columns if column.slices]
    cells = confusion_cells(name, record)
    wide = len(cells) > WIDEST_MATRIX
    axis = charts.axis_of([one.f1 for one in record.per_class])
    changed = changes(record)
    return EvaluationView(
        name=name,
        record=record,
        classifier=classifier,
        review_set=review_set,
        level=level,
        unit=unit(record),
        accuracy=record.metrics["accuracy"],
        headline=headline(record),
        findings=words.findings(record, sliced),
        class_whiskers=tuple(charts.whisker_of(one.f1, axis) for one in record.per_class),
        class_axis=axis,
        lines=() if wide else cells,
        pairs=_largest(cells) if wide else (),
        reliability=charts.reliability(record.reliability),
        bins_without_interval=bins_without_interval(record.reliability),
        has_bin_intervals=any(one.count and one.accuracy.low is not None for one in record.reliability),
        has_bands=any(one.expected_low is not None for one in record.reliability),
        changes=changed,
        first_changes=tuple(one for one in changed if one.name in SCALED),
        risk_coverage=charts.risk_coverage(record.selective, record.counts.evaluated) if record.selective else Markup(),
        slice_tables=tuple(_slice_table(column) for column in sliced),
        unsliced=tuple(column for column in columns if not column.slices),
        mistakes=tuple(
            (one, charts.probabilities(one.probabilities, one.gold, one.predicted))
            for one in examples.most_confident_mistakes(joined)
        ),
        mistakes_in_all=int((~correct).sum()),
        has_texts=joined.texts is not None,
    )


def headline(record: Evaluation) -> tuple[Figure, ...]:
    """The numbers beside accuracy on the first screen: those that are defined, and the speed."""
    steps = unit(record)
    shown = [name for name in HEADLINE if _defined(record, name)]
    if "mean_absolute_error" in shown:
        shown = [name for name in shown if name != "matthews_correlation"]
    figures = [
        Figure(
            quantity(name).label,
            numbers.value(name, record.metrics[name], steps if quantity(name).kind == "distance" else ""),
            numbers.interval(name, record.metrics[name]),
            quantity(name).meaning,
        )
        for name in shown
    ]
    if record.reviews_per_s is not None:
        tokens = numbers.rate(record.tokens_per_s, "tokens") if record.tokens_per_s else ""
        figures.append(
            Figure("Speed", numbers.rate(record.reviews_per_s), tokens, "the whole way, tokenize to softmax")
        )
    return tuple(figures)


def unit(record: Evaluation) -> str:
    """What distances between classes are counted in; empty where these have no order."""
    return step(record.label_match.classes, record.label_match.ordinal)


def bins_without_interval(bins: Sequence[ReliabilityBin]) -> str:
    """How many of the bins that hold reviews lack an interval, and why; empty where none does."""
    filled = [one for one in bins if one.count]
    bare = [one for one in filled if one.accuracy.low is None]
    if not bare:
        return ""
    some = "1 bin has no interval" if len(bare) == 1 else f"{len(bare)} bins have no interval"
    claim = "No bin has an interval" if len(bare) == len(filled) else some
    alike = len({one.accuracy.interval_reason for one in bare}) == 1
    reason = max(bare, key=lambda one: one.count).accuracy.interval_reason
    return f"{claim}: {reason}" if alike else f"{claim}; of the largest: {reason}"


def changes(record: Evaluation) -> tuple[Change, ...]:
    """What temperature scaling does to each metric that is defined before or after it."""
    if record.calibrated is None:
        return ()
    both = (Change(name, record.metrics[name], after) for name, after in record.calibrated.metrics.items())
    return tuple(one for one in both if one.before.value is not None or one.after.value is not None)


def column_kind(name: str, metrics: Iterable[Metric]) -> str:
    """Classes of the style sheet for a column of a metric: as wide as its longest interval needs."""
    longest = max((len(numbers.interval(name, metric)) for metric in metrics), default=0)
    return "number" if not longest else "number stat" if longest <= LONGEST_INTERVAL else "number stat wide"


def confusion_cells(name: str, record: Evaluation) -> tuple[Line, ...]:
    """The confusion matrix, each cell with its shade and the fragment that shows its reviews."""
    classes = record.label_match.classes
    lines = []
    for gold, row in enumerate(record.confusion):
        support = sum(row)
        cells = []
        for predicted, count in enumerate(row):
            share = count / support if support else 0.0
            level = max(1, round(10 * share)) if count else 0
            shade = f"{'right' if gold == predicted else 'wrong'}-{level}"
            target = f"{name}-cell-{gold}-{predicted}"
            cells.append(Cell(classes[gold], classes[predicted], count, share, shade, target))
        lines.append(Line(classes[gold], tuple(cells), support))
    return tuple(lines)


def _largest(lines: Sequence[Line]) -> tuple[Cell, ...]:
    off = [cell for line in lines for cell in line.cells if cell.gold != cell.predicted and cell.count]
    return tuple(sorted(off, key=lambda cell: -cell.count)[:MOST_PAIRS])


def _slice_table(column: Column) -> SliceTable:
    # A slice of three reviews would stretch the axis for all.
    telling = [one for one in column.slices if one.reviews >= words.FEW] or column.slices
    span = charts.span_of([charts.ends(one.metric) for one in telling])
    drawn = tuple(charts.whisker(one.accuracy, one.low, one.high, span) for one in column.slices)
    return SliceTable(column, drawn, span)


COMPARED = ("off_by_one_accuracy", "mean_absolute_error", "macro_f1", "expected_calibration_error")


@dataclass(frozen=True)
class Beside:
    """One evaluation as a row beside others."""

    name: str
    record: Evaluation
    whisker: Markup
    """Accuracy, on the axis of all rows."""
    values: tuple[str, ...]
    """In the order of the columns."""


@dataclass(frozen=True)
class SideBySide:
    """Several evaluations side by side."""

    columns: tuple[str, ...]
    """Names of the metrics beside accuracy that any evaluation defines."""
    rows: tuple[Beside, ...]
    axis: tuple[float, float]


def side_by_side(run: Run, names: Mapping[str, str]) -> SideBySide:
    """The evaluations of a run as one table."""
    columns = tuple(name for name in COMPARED if any(_defined(one, name) for one in run.evaluations))
    axis = charts.axis_of([one.metrics["accuracy"] for one in run.evaluations])
    rows = []
    for one in run.evaluations:
        drawn = charts.whisker_of(one.metrics["accuracy"], axis)
        values = tuple(
            numbers.value(name, one.metrics[name], unit(one)) if _defined(one, name) else "–" for name in columns
        )
        rows.append(Beside(names[one.id], one, drawn, values))
    return SideBySide(columns, tuple(rows), axis)


def _defined(record: Evaluation, name: str) -> bool:
    return name in record.metrics and record.metrics[name].value is not None
