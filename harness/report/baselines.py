"""Baselines as tables for a terminal of 80 columns, and as CSV rows."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.errors import HarnessError
from harness.records import Metric
from harness.records.baselines import BaselineEvaluation, BaselineRecord
from harness.report import numbers
from harness.report.figures import SHORT
from harness.report.layout import plain_table, warning
from harness.report.numbers import count
from harness.report.public import printable
from harness.report.rows import HEADER, text_cell

SHOWN = ("accuracy", "macro_f1", "expected_calibration_error")
SHORTENED = 12
"""Digits of a digest that are shown."""


def listing(found: Mapping[str, BaselineRecord | HarnessError], console: Console) -> None:
    """Print one row for each evaluation of each baseline; what cannot be read is said below, with what to do."""
    table = plain_table("baseline", "promoted", "classifier", "reviews", SHORT["accuracy"], left=3)
    for name, one in found.items():
        if isinstance(one, HarnessError):
            continue
        for place, each in enumerate(one.evaluations):
            first = (name, one.promoted[:10]) if place == 0 else ("", "")
            accuracy = _with_interval("accuracy", each.metrics)
            table.add_row(*map(Text, (*first, _subject(each), count(each.reviews), accuracy)))
    if table.row_count:
        console.print(table)
    for name, one in found.items():
        if isinstance(one, HarnessError):
            console.print(warning(f"{name}: {printable(one.message)}"))
            console.print(Text(printable(one.remedy), style="dim"))


def show(one: BaselineRecord, console: Console) -> None:
    """Print a baseline: where it comes from and why, its figures, and what it was made with."""
    moment = datetime.fromisoformat(one.promoted)
    title = Text.assemble((f"\nbaseline {printable(one.name)}", "bold"), f": run {printable(one.run)}")
    console.print(title, soft_wrap=True)
    console.print(_facts(promoted=f"{moment:%Y-%m-%d %H:%M} UTC", reason=one.reason or "none was given"))
    for sentence in one.overruled:
        console.print(warning(f"--force overruled: {printable(sentence)}"))
    table = plain_table("classifier", "reviews", *(SHORT[name] for name in SHOWN))
    for each in one.evaluations:
        figures = [_with_interval(name, each.metrics) for name in SHOWN]
        table.add_row(*map(Text, (_subject(each), count(each.reviews), *figures)))
    console.print(Group(Text(), table, Text()))
    console.print(Group(*(_made_of(one, each) for each in one.evaluations)))
    packages = ", ".join(f"{name} {version}" for name, version in one.packages.items())
    console.print(_facts(**{"made with": f"harness {one.harness}, Python {one.python}, {packages}"}))


def write(one: BaselineRecord, to: TextIO) -> None:
    """Write a row for each metric of each evaluation, a header first, as `rows.write` does for a run."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(HEADER)
    for each in one.evaluations:
        names = [text_cell(each.classifier), text_cell(each.review_set)]
        writer.writerow([*names, "reviews", each.reviews, "", "", "", ""])
        for name, metric in each.metrics.items():
            bounds = ["" if number is None else repr(number) for number in (metric.value, metric.low, metric.high)]
            reason = metric.reason or metric.interval_reason or ""
            writer.writerow([*names, name, *bounds, metric.method or "", reason])


def _subject(each: BaselineEvaluation) -> str:
    return f"{printable(each.classifier)}\non {printable(each.review_set)}"


def _with_interval(name: str, metrics: Mapping[str, Metric]) -> str:
    """Value, and its interval on a second line; a dash where the metric is undefined or was not computed."""
    if name not in metrics:
        return "–"
    interval = numbers.interval(name, metrics[name])
    return numbers.value(name, metrics[name]) + (f"\n{interval}" if interval else "")


def _made_of(one: BaselineRecord, each: BaselineEvaluation) -> RenderableType:
    """Both sides of an evaluation by content."""
    classifier = next(side for side in one.classifiers if side.id == each.classifier)
    reviews = next(side for side in one.review_sets if side.id == each.review_set)
    weights = f"weights {classifier.weights_sha256[:SHORTENED]}…"
    return _facts(
        **{
            "classifier": f"{printable(classifier.name)}, {classifier.device}, {classifier.dtype}, {weights}",
            "review set": f"{printable(reviews.name)}, fingerprint {reviews.fingerprint[:SHORTENED]}…",
            "classes": ", ".join(each.classes),
        }
    )


def _facts(**facts: str) -> RenderableType:
    """Names and what they are, with a hanging indent."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=10, no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, fact in facts.items():
        grid.add_row(name, Text(printable(fact)))
    return grid
