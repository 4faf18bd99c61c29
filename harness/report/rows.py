"""A run as CSV rows for a script: one row for each metric of each evaluation, and for each stage that was timed.

Slices, scenarios and rounds are in its JSON.
"""

from __future__ import annotations

import csv
from typing import TextIO

from harness import rounds
from harness.records import Comparison, Metric, Run, Score

HEADER = ("classifier", "review_set", "metric", "value", "low", "high", "method", "reason")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(run: Run, to: TextIO) -> None:
    """Write the rows, a header first. Numbers have all their digits; what is undefined is empty."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(HEADER)
    for one in run.evaluations:
        names = [text_cell(one.classifier), text_cell(one.review_set)]
        writer.writerow([*names, "reviews", one.counts.evaluated, "", "", "", ""])
        writer.writerow([*names, "reviews_per_s", _number(one.reviews_per_s), "", "", "", one.timing_reason or ""])
        for name, metric in one.metrics.items():
            writer.writerow([*names, name, *_cells(metric)])
    level = rounds.Level.of(run)
    for timing in run.timings:
        if timing.role == "case" and timing.seconds:
            name = f"{timing.stage}_seconds_{timing.batch_size}x{timing.seq_len}"
            names = [text_cell(timing.classifier), text_cell(timing.review_set)]
            writer.writerow([*names, name, *_cells(rounds.of(timing, level).estimate)])


def write_score(record: Score, to: TextIO) -> None:
    """Write the metrics of a file of predictions, a header first."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(HEADER[2:])
    writer.writerow(["examples", record.counts["evaluated"], "", "", "", ""])
    for name, metric in record.metrics.items():
        writer.writerow([name, *_cells(metric)])


def write_comparison(record: Comparison, to: TextIO) -> None:
    """Write the differences of two files of predictions, a header first."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(["metric", "candidate", "baseline", "difference", *HEADER[4:], "p_value", "test"])
    for name, each in record.differences.items():
        sides = [_number(each.candidate), _number(each.baseline)]
        writer.writerow([name, *sides, *_cells(each.difference), _number(each.p_value), each.test])


def _cells(metric: Metric) -> list[str]:
    """Value, low, high, method, reason."""
    bounds = [_number(metric.value), _number(metric.low), _number(metric.high)]
    return [*bounds, metric.method or "", metric.reason or metric.interval_reason or ""]


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def text_cell(text: str) -> str:
    """The text, so that a spreadsheet that opens the file takes it for no formula.

    >>> text_cell("=1+1"), text_cell("builtin")
    ("'=1+1", 'builtin')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
