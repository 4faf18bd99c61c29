"""A run as tables for a terminal of 80 columns; nothing is said by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.records import Evaluation, ReliabilityBin, Run, Timing
from harness.report import charts, numbers, rounds, words
from harness.report.numbers import count, counted, percent
from harness.report.public import printable

WIDEST_MATRIX = 8
MOST_PAIRS = 10
MOST_BANDS = 6
"""Columns of the reliability table: the three surest bins as they are, those below in three groups."""
COMPARED = ("accuracy", "off_by_one_accuracy", "mean_absolute_error", "macro_f1", "expected_calibration_error")
SHORT = {
    "accuracy": "accuracy",
    "off_by_one_accuracy": "off by one",
    "mean_absolute_error": "MAE",
    "macro_f1": "macro-F1",
    "expected_calibration_error": "ECE",
}
BAR = 30


def tables(run: Run, console: Console) -> None:
    """Print everything that a person wants of a finished run."""
    if run.status != "finished":
        console.print(warning(f"this run was {run.status}; the same command goes on from there"))
    if len(run.evaluations) > 1:
        console.print(Text(f"{len(run.evaluations)} evaluations", style="bold"))
        console.print(comparison(run))
    for one in run.evaluations:
        console.print(evaluation(run, one))
    if run.timings:
        console.print(heading("Rounds of the stages"))
        console.print(timings(run))
    for note in run.notes:
        console.print(Text(f"note: {printable(note)}", style="dim"))


def summary(run: Run, console: Console) -> None:
    """Print one short table of the evaluations, and one of the timings: the end of a pytest session."""
    for one in run.evaluations:
        for text in one.label_match.warnings:
            console.print(warning(f"{printable(one.id)}: {printable(text)}"))
    if run.evaluations:
        console.print(comparison(run))
    for one in run.evaluations:
        if one.timing_reason:
            console.print(Text(f"{one.id}: {one.timing_reason}", style="dim"))
    if run.timings:
        console.print(Text("\nmedian of a batch"))
        console.print(medians(run))


def places(folder: Path, console: Console) -> None:
    """Print where the run folder and its page are, each on a line that can be copied whole."""
    here = Path.cwd()
    folder = folder.relative_to(here) if folder.is_relative_to(here) else folder
    page = folder / "report.html"
    console.print(Text(f"run   {folder}"), soft_wrap=True)
    if page.exists():
        console.print(Text(f"page  {page}"), soft_wrap=True)


def heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def warning(text: str) -> Text:
    """A line that stands out without colour too."""
    return Text.assemble((" WARNING ", "bold reverse yellow"), " ", text)


def plain_table(*columns: str, left: int = 1) -> Table:
    """A table of text columns (the first `left`) and right-aligned numbers, with one rule under its head."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for place, name in enumerate(columns):
        is_text = place < left
        table.add_column(name, justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text)
    return table


def comparison(run: Run) -> RenderableType:
    """The evaluations of a run, one row each; the interval under the accuracy is its own."""
    shown = [name for name in COMPARED if any(_value(one, name) is not None for one in run.evaluations)]
    if "mean_absolute_error" in shown:
        # 80 columns hold one of the two; where the classes have an order, the distance says more.
        shown.remove("macro_f1")
    table = plain_table("classifier", "reviews", *(SHORT[name] for name in shown), "reviews/s")
    for one in run.evaluations:
        cells = [f"{printable(one.classifier)}\non {printable(one.review_set)}", count(one.counts.evaluated)]
        cells += [_with_interval(one, name) if name == "accuracy" else _cell(one, name) for name in shown]
        cells.append(numbers.digits(one.reviews_per_s) if one.reviews_per_s is not None else "–")
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _value(one: Evaluation, name: str) -> float | None:
    return one.metrics[name].value if name in one.metrics else None


def _cell(one: Evaluation, name: str) -> str:
    return numbers.value(name, one.metrics[name]) if _value(one, name) is not None else "–"


def _with_interval(one: Evaluation, name: str) -> str:
    interval = numbers.interval(name, one.metrics[name]) if name in one.metrics else ""
    return f"{_cell(one, name)}\n{interval}" if interval else _cell(one, name)


def evaluation(run: Run, one: Evaluation) -> RenderableType:
    """One evaluation, from its headline to its notes."""
    classifier = next(each for each in run.classifiers if each.id == one.classifier)
    title = f"{printable(classifier.name)} on {printable(one.review_set)}"
    facts = f"{counted(one.counts.evaluated, 'review')}, {printable(classifier.device)}, {classifier.dtype}"
    parts: list[RenderableType] = [Text.assemble((f"\n{title}", "bold"), f": {facts}")]
    parts += [warning(printable(text)) for text in one.label_match.warnings]
    parts.append(Text(f"labels: {printable(one.label_match.how)}", style="dim"))
    parts += [Text(), metrics(one), Text(), sentences(one)]
    parts += [heading("Confusion: rows are labels, columns predictions"), confusion(one)]
    parts += [heading("Classes"), classes(one)]
    parts += [heading("Reliability: how sure it says it is, and how often it is right"), reliability(one.reliability)]
    parts += [heading("Time"), time(one)]
    parts += [heading("Counts"), *_counts(run, one)]
    return Group(*parts)


def metrics(one: Evaluation) -> RenderableType:
    """Every metric that is defined, with its interval; the reasons of the others below."""
    table = plain_table("metric", "value", "interval", "better")
    table.columns[-1].justify = "left"
    unit = numbers.plural(numbers.step_noun(one.label_match.classes)) if one.label_match.ordinal else ""
    undefined: dict[str, list[str]] = {}
    for name, metric in one.metrics.items():
        known = numbers.quantity(name)
        if metric.value is None:
            undefined.setdefault(printable(metric.reason or ""), []).append(known.label)
            continue
        interval = numbers.interval(name, metric) or "–"
        table.add_row(known.label, numbers.value(name, metric, unit), interval, known.better)
    reasons = (f"not defined, since {reason}: {', '.join(names)}" for reason, names in undefined.items())
    return Group(table, *(Text(text, style="dim") for text in reasons))


def sentences(one: Evaluation) -> RenderableType:
    """What to look at next, each sentence with a hanging indent."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    for found in words.findings(one):
        grid.add_row("•", Text(printable(found.sentence)))
    return grid


def confusion(one: Evaluation) -> RenderableType:
    """Counts with the share of the row; the largest confusions where the matrix is too wide."""
    names = [printable(name) for name in one.label_match.classes]
    if len(names) > WIDEST_MATRIX:
        return _largest(one, names)
    table = plain_table("", *names, "all")
    # What 80 columns leave for a cell beside the names and the sum of the row.
    room = (80 - 9 - max(len(name) for name in names)) // len(names) - 2
    for gold, row in enumerate(one.confusion):
        cells = [_share(number, sum(row), room, right=gold == place) for place, number in enumerate(row)]
        table.add_row(Text(names[gold]), *cells, count(sum(row)))
    for column in table.columns[1:-1]:
        column.no_wrap = False
    return table


def _share(number: int, support: int, room: int, *, right: bool) -> Text:
    share = percent(number / support, 0) if number else "·"
    text = f"{count(number)} {share:>5}" if number else "·"
    if len(text) > room:
        text = share
    return Text(text, style="bold" if right else "", justify="right", no_wrap=True)


def _largest(one: Evaluation, names: Sequence[str]) -> RenderableType:
    table = plain_table("label", "predicted", "reviews", "of the label", left=2)
    found = [
        (number, gold, predicted)
        for gold, row in enumerate(one.confusion)
        for predicted, number in enumerate(row)
        if number and gold != predicted
    ]
    for number, gold, predicted in sorted(found, key=lambda item: -item[0])[:MOST_PAIRS]:
        share = percent(number / sum(one.confusion[gold]))
        table.add_row(Text(names[gold]), Text(names[predicted]), count(number), share)
    return Group(Text(f"{len(names)} classes; the most common confusions:"), table)


def classes(one: Evaluation) -> RenderableType:
    """Precision, recall and F1 of each class."""
    table = plain_table("class", "reviews", "predicted", "recall", "precision", "F1", "F1 interval")
    for each in one.per_class:
        cells = [numbers.value("accuracy", each.recall), numbers.value("accuracy", each.precision)]
        cells += [numbers.value("macro_f1", each.f1), numbers.interval("macro_f1", each.f1) or "–"]
        table.add_row(Text(printable(each.name)), count(each.support), count(each.predicted), *cells)
    return table


def reliability(bins: Sequence[ReliabilityBin]) -> RenderableType:
    """Confidence and accuracy side by side, in bins that are put together where there are too many."""
    bands = [_pooled(group) for group in _grouped([one for one in bins if one.count])]
    table = plain_table("confidence", *(f"{low:.2f}–{high:.2f}" for low, high, *_ in bands))
    table.add_row("says", *(percent(says) for *_, says, _ in bands))
    table.add_row("is right", *(percent(right) for *_, right in bands))
    table.add_row("reviews", *(count(reviews) for _, _, reviews, _, _ in bands))
    return table


def _grouped(filled: Sequence[ReliabilityBin]) -> list[Sequence[ReliabilityBin]]:
    if len(filled) <= MOST_BANDS:
        return [[one] for one in filled]
    surest = MOST_BANDS // 2
    below = len(filled) - surest
    edges = [round(below * part / (MOST_BANDS - surest)) for part in range(MOST_BANDS - surest + 1)]
    groups = [filled[start:end] for start, end in pairwise(edges)]
    return [*groups, *([one] for one in filled[-surest:])]


def _pooled(group: Sequence[ReliabilityBin]) -> tuple[float, float, int, float, float]:
    """Low edge, high edge, reviews, mean confidence and accuracy."""
    reviews = sum(one.count for one in group)
    says = sum(one.count * (one.mean_confidence or 0.0) for one in group) / reviews
    right = sum(one.count * (one.accuracy.value or 0.0) for one in group) / reviews
    return group[0].low, group[-1].high, reviews, says, right


def time(one: Evaluation) -> RenderableType:
    """The share of each stage, with a bar; or why there is none."""
    stages = one.stage_seconds
    if stages is None:
        return Text(f"not timed: {printable(one.timing_reason or 'no reason is recorded')}")
    spent = {name: getattr(stages, name) for name in charts.STAGES}
    total = sum(spent.values()) or 1.0
    table = plain_table("stage", "time", "share")
    table.add_column("", justify="left", no_wrap=True)
    for name, seconds in spent.items():
        table.add_row(name, numbers.seconds(seconds), percent(seconds / total), "█" * round(BAR * seconds / total))
    lines = [f"wall clock {numbers.seconds(stages.wall)}"]
    if one.reviews_per_s is not None:
        lines.append(numbers.rate(one.reviews_per_s))
    if one.tokens_per_s is not None:
        lines.append(numbers.rate(one.tokens_per_s, "tokens"))
    if one.padding_share is not None:
        lines.append(f"{percent(one.padding_share)} padding")
    parts: list[RenderableType] = [table, Text(" · ".join(lines))]
    if one.timing_reason:
        parts.append(Text(printable(one.timing_reason), style="dim"))
    return Group(*parts)


def _counts(run: Run, one: Evaluation) -> list[RenderableType]:
    counts = one.counts
    parts = [f"{count(counts.read)} read", f"{count(counts.evaluated)} evaluated", f"{count(counts.cut)} cut"]
    parts.append(f"{count(counts.repeated_texts)} repeated texts")
    if counts.middle_predictions:
        parts.append(f"{count(counts.middle_predictions)} predicted a class without a label")
    lines = [Text(" · ".join(parts))]
    if counts.skipped:
        reasons = "; ".join(f"{count(number)} {printable(reason)}" for reason, number in counts.skipped_reasons.items())
        lines.append(Text(f"{count(counts.skipped)} left out: {reasons}", style="bold"))
    if one.cached:
        lines.append(Text("predictions reused from an earlier run with the same content"))
    review_set = next((each for each in run.review_sets if each.id == one.review_set), None)
    notes = (*(review_set.notes if review_set else ()), *one.notes)
    return [*lines, *(Text(f"note: {printable(note)}", style="dim") for note in notes)]


def timings(run: Run) -> RenderableType:
    """Median and spread of each stage × batch × length, a table for each classifier."""
    parts: list[RenderableType] = []
    names = dict.fromkeys(timing.classifier for timing in run.timings)
    for name in names:
        if len(names) > 1:
            parts.append(Text(("\n" if parts else "") + printable(name), style="bold"))
        table = plain_table("stage", "batch", "length", "median", "a review", "spread", "rounds")
        for timing in run.timings:
            if timing.classifier == name and timing.seconds:
                table.add_row(*_timing(timing))
        parts.append(table)
    return Group(*parts)


def _timing(timing: Timing) -> list[str]:
    found = rounds.of(timing)
    return [
        timing.stage,
        count(timing.batch_size),
        count(timing.seq_len),
        numbers.seconds(found.median),
        numbers.seconds(found.median / timing.batch_size),
        percent(found.spread),
        count(len(timing.seconds)),
    ]


def medians(run: Run) -> RenderableType:
    """The median of each stage at each batch size and length, one row a size."""
    found: dict[tuple[str, int, int], dict[str, str]] = {}
    for timing in run.timings:
        if timing.seconds:
            row = found.setdefault((timing.classifier, timing.batch_size, timing.seq_len), {})
            row[timing.stage] = numbers.seconds(rounds.of(timing).median)
    stages = list(dict.fromkeys(timing.stage for timing in run.timings if timing.seconds))
    table = plain_table("classifier", "batch", "length", *stages)
    for (name, batch, length), row in found.items():
        table.add_row(Text(printable(name)), count(batch), count(length), *(row.get(stage, "–") for stage in stages))
    return table
