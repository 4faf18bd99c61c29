"""Verdicts of a gate for a terminal: each with its sentence, and a fail with figures and lost reviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from harness.records import Outcome, Verdict
from harness.records.verdicts import ORDER
from harness.report import gate_words, verdict_figures
from harness.report.layout import plain_table
from harness.report.public import printable

STYLES: dict[Outcome, str] = {"pass": "green", "fail": "bold red", "inconclusive": "yellow", "error": "bold red"}
MEANINGS: dict[Outcome, str] = {"error": "measured nothing"}
"""Where the word alone would not say it."""


def show(verdicts: Sequence[Verdict], console: Console) -> None:
    """Print every verdict, the evidence of those that failed, and what they come to."""
    for verdict in verdicts:
        for part in one(verdict):
            console.print(part)
    console.print(Text(counted(verdicts), style="bold"))


def one(verdict: Verdict) -> Iterator[RenderableType]:
    """A verdict: its word, the rule, what it judged and why."""
    of = judged(verdict)
    yield Text.assemble(
        (word(verdict), STYLES[verdict.outcome]), "  ", (verdict.rule, "bold"), (f"  {of}" if of else "", "dim")
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


def judged(verdict: Verdict) -> str:
    """What was judged, and against what, as a terminal shows it."""
    return gate_words.judged(verdict, printable)


def counted(verdicts: Sequence[Verdict]) -> str:
    """
    >>> counted([])
    'no verdict'
    """
    outcomes = [verdict.outcome for verdict in verdicts]
    found = [f"{outcomes.count(each)} {MEANINGS.get(each, each)}" for each in ORDER if each in outcomes]
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
    if verdict.difference:
        figures = verdict_figures.of(verdict)
        table = plain_table("candidate", "reference", "difference", verdict_figures.level([verdict]), left=0)
        table.add_row(figures.candidate, figures.reference, figures.difference, figures.interval)
        yield table
    if verdict.worst_slices:
        table = plain_table("worst slices", "reviews", "difference", "interval")
        for part in verdict.worst_slices:
            name, *cells = verdict_figures.of_slice(verdict.subject, part)
            table.add_row(Text(printable(name)), *cells)
        yield table
    if verdict.flips:
        table = plain_table("lost review", "label", "candidate", "reference")
        for flip in verdict.flips:
            shown = f"{flip.id}: {flip.text}" if flip.text else flip.id
            table.add_row(*(Text(printable(cell)) for cell in (shown[:200], *verdict_figures.of_flip(flip))))
        table.columns[0].no_wrap = False
        yield table
