"""A run as tables for a terminal of 80 columns; nothing is said by colour alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.records import Evaluation, Run
from harness.report import charts, figures, machine, memory, numbers, scenarios, slices, timings, words
from harness.report.bars import Bar
from harness.report.confusion_table import ConfusionTable
from harness.report.figures import SHORT
from harness.report.layout import heading, plain_table, warning
from harness.report.numbers import count, counted, percent
from harness.report.public import printable

COMPARED = ("accuracy", "off_by_one_accuracy", "mean_absolute_error", "macro_f1", "expected_calibration_error")
BAR = 30
FEW_CLASSES = 5
"""Up to so many, the confusion matrix stands at the end of a session too."""


def tables(run: Run, console: Console, *, full: bool = False) -> None:
    """Print what a person wants of a finished run; `full`: every metric that was computed."""
    if run.status != "finished":
        console.print(warning(f"this run was {run.status}; the same command goes on from there"))
    if len(run.evaluations) > 1:
        console.print(Text(f"{len(run.evaluations)} evaluations", style="bold"))
        console.print(comparison(run))
    for one in run.evaluations:
        console.print(evaluation(run, one, full=full))
    if run.timings:
        console.print(heading("Rounds of the stages"))
        console.print(Group(*timings.whole(run, full=full)))
    if run.scenarios:
        console.print(heading("Scenarios"))
        console.print(Group(*scenarios.tables(run, trials=True)))
    if run.timings or run.scenarios:
        console.print(heading("Machine"))
        console.print(machine.table(run))
    if taken := memory.of(run):
        console.print(heading("Memory"))
        console.print(Group(*memory.tables(taken)))
    for note in run.notes:
        console.print(Text(f"note: {printable(note)}", style="dim"))


def summary(run: Run, console: Console, *, confusion: bool = True) -> None:
    """Print one short table of the evaluations, of the timings and of the scenarios: the end of a pytest session.

    A single evaluation has its confusion matrix too, where that is small, and whether it is as sure as it is right;
    unless `confusion` is off, where what else is told would make the end of a session long.
    """
    for one in run.evaluations:
        for text in one.label_match.warnings:
            console.print(warning(f"{printable(one.id)}: {printable(text)}"))
    if run.evaluations:
        console.print(comparison(run))
    if confusion and len(run.evaluations) == 1:
        console.print(Group(*_short(run.evaluations[0])))
    for one in run.evaluations:
        if one.timing_reason:
            console.print(Text(f"{one.id}: {one.timing_reason}", style="dim"))
    if run.timings:
        console.print(Group(Text(), *timings.short(run)))
    if run.scenarios:
        console.print(Group(Text(), *scenarios.tables(run)))
    for note in run.notes:
        console.print(Text(f"note: {printable(note)}", style="dim"))


def _short(one: Evaluation) -> Iterator[RenderableType]:
    names = one.label_match.classes
    if len(names) <= FEW_CLASSES:
        yield heading(figures.CONFUSION)
        yield ConfusionTable(one.confusion, names)
    if found := words.calibration(one):
        yield Text(f"\n{printable(found.sentence)}")


def places(folder: Path, console: Console) -> None:
    """Print where the run folder and its page are, each on a line that can be copied whole."""
    here = Path.cwd()
    folder = folder.relative_to(here) if folder.is_relative_to(here) else folder
    page = folder / "report.html"
    console.print(Text(f"run   {folder}"), soft_wrap=True)
    if page.exists():
        console.print(Text(f"page  {page}"), soft_wrap=True)


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


def evaluation(run: Run, one: Evaluation, *, full: bool = False) -> RenderableType:
    """One evaluation, from its headline to its notes."""
    classifier = next(each for each in run.classifiers if each.id == one.classifier)
    title = f"{printable(classifier.name)} on {printable(one.review_set)}"
    facts = f"{counted(one.counts.evaluated, 'review')}, {printable(classifier.device)}, {classifier.dtype}"
    parts: list[RenderableType] = [Text.assemble((f"\n{title}", "bold"), f": {facts}")]
    parts += [warning(printable(text)) for text in one.label_match.warnings]
    parts.append(Text(f"labels: {printable(one.label_match.how)}", style="dim"))
    names = one.label_match.classes
    unit = figures.step(names, one.label_match.ordinal)
    parts += [Text(), figures.metrics(one, unit, full=full), Text(), sentences(one)]
    parts += figures.tables(one, names, full=full, sliced="slice_by" in run.settings)
    parts += [heading("Time"), time(one)]
    parts += [heading("Counts"), *_counts(run, one)]
    return Group(*parts)


def sentences(one: Evaluation) -> RenderableType:
    """What to look at next, each sentence with a hanging indent."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    for found in words.findings(one, [each for each in slices.columns(one) if each.slices]):
        grid.add_row("•", Text(printable(found.sentence)))
    return grid


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
        table.add_row(name, numbers.seconds(seconds), percent(seconds / total), Bar(seconds / total, BAR))
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
