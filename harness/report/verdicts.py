"""Verdicts of a gate for a terminal: each with its sentence, and a fail with the reviews that it lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from harness.records import Outcome, Verdict
from harness.report import numbers
from harness.report.layout import plain_table
from harness.report.public import printable

STYLES: dict[Outcome, str] = {"pass": "green", "fail": "bold red", "inconclusive": "yellow", "error": "bold red"}
MEANINGS: dict[Outcome, str] = {"error": "measured nothing"}
"""Where the word alone would not say it."""


def show(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print every verdict, the flips and worst slices of those that failed, and what they come to."""
    for verdict in verdicts:
        for part in one(verdict):
            console.print(part)
    console.print(Text(counted(verdicts), style="bold"))


def one(verdict: Verdict) -> Iterator[RenderableType]:
    """A verdict: its word, the rule, what it judged and why."""
    of = f"  {printable(verdict.classifier)}" if verdict.classifier else ""
    of += f" on {printable(verdict.review_set)}" if verdict.review_set else ""
    against = f" against {printable(verdict.baseline)}" if verdict.baseline and verdict.difference else ""
    yield Text.assemble(
        (word(verdict), STYLES[verdict.outcome]), "  ", (verdict.rule, "bold"), (f"{of}{against}", "dim")
    )
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row("   ", Text(printable(verdict.sentence)))
    if verdict.reason:
        grid.add_row("", Text(f"why the rule is there: {printable(verdict.reason)}", style="dim"))
    yield grid
    if verdict.outcome == "fail":
        yield from _evidence(verdict)


def word(verdict: Verdict) -> str:
    """The outcome as it is printed; one that measured nothing says so."""
    return MEANINGS.get(verdict.outcome, verdict.outcome)


def counted(verdicts: Sequence[Verdict]) -> str:
    """
    >>> counted([])
    'no verdict'
    """
    outcomes = [verdict.outcome for verdict in verdicts]
    order: tuple[Outcome, ...] = ("fail", "error", "inconclusive", "pass")
    found = [
        f"{outcomes.count(each)} {'measured nothing' if each == 'error' else each}"
        for each in order
        if each in outcomes
    ]
    return " · ".join(found) or "no verdict"


def write(verdicts: Sequence[Verdict], file: TextIO) -> None:
    """Write one row a verdict as CSV."""
    import csv

    rows = csv.writer(file)
    rows.writerow(["rule", "classifier", "review_set", "baseline", "outcome", "difference", "low", "high", "sentence"])
    for each in verdicts:
        bounds = (each.difference.value, each.difference.low, each.difference.high) if each.difference else ("", "", "")
        names = [each.rule, each.classifier, each.review_set, each.baseline or "", each.outcome]
        rows.writerow([*names, *("" if bound is None else bound for bound in bounds), each.sentence])


def _evidence(verdict: Verdict) -> Iterator[RenderableType]:
    if verdict.worst_slices:
        table = plain_table("worst slices", "reviews", "difference", "interval")
        for part in verdict.worst_slices:
            value, interval = "–", "–"
            if part.difference.value is not None:
                value = numbers.difference(verdict.subject, part.difference.value)
                interval = numbers.difference_interval(verdict.subject, part.difference) or "–"
            name = Text(printable(f"{part.column}={part.value}"))
            table.add_row(name, numbers.count(part.reviews), value, interval)
        yield table
    if verdict.flips:
        table = plain_table("lost review", "label", "candidate", "baseline")
        for flip in verdict.flips:
            shown = f"{flip.id}: {flip.text}" if flip.text else flip.id
            cells = (shown[:200], flip.gold, _sure(flip.candidate, flip.candidate_probability))
            table.add_row(
                *(Text(printable(cell)) for cell in (*cells, _sure(flip.baseline, flip.baseline_probability)))
            )
        table.columns[0].no_wrap = False
        yield table


def _sure(name: str, probability: float) -> str:
    return f"{name} ({numbers.percent(probability, 0)})"
