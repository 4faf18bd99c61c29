"""The confusion matrix for a terminal: counts with the share of the row, or the largest confusions as a list."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.report.layout import plain_table
from harness.report.numbers import count, percent
from harness.report.public import printable

MOST_CLASSES = 15
"""A larger matrix is unreadable on any screen."""
MOST_PAIRS = 10
GAP = 2
"""Characters between two columns."""
LEAST_NAME = 12
MOST_HEAD_LINES = 3


@dataclass(frozen=True)
class ConfusionTable:
    """Counts of labels (rows) and predictions (columns), laid out for the width at hand.

    The count and the share of the row stand side by side in a cell, else one above the other.
    Classes whose names do not fit over a column are numbered. Where the matrix does not fit at
    all, the largest confusions are listed.
    """

    counts: Sequence[Sequence[int]]
    classes: Sequence[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        yield self.fitted(options.max_width)

    def fitted(self, width: int) -> RenderableType:
        """The table for so many characters."""
        names = [printable(name) for name in self.classes]
        # The names take a quarter of the width at most, unless they would be cut to pieces.
        first = min(max(map(cell_len, names)), max(LEAST_NAME, width // 4))
        total = max(len("all"), *(len(count(sum(row))) for row in self.counts))
        room = (width - first - total - GAP * (len(names) + 1)) // len(names)
        for separator in (" ", "\n"):
            cells = [[_cell(number, sum(row), separator) for number in row] for row in self.counts]
            widest = max(len(line) for row in cells for cell in row for line in cell.split("\n"))
            if widest <= room and len(names) <= MOST_CLASSES:
                return self._matrix(names, cells, first, room)
        return largest(self.counts, names)

    def _matrix(self, names: Sequence[str], cells: Sequence[Sequence[str]], first: int, room: int) -> Table:
        heads = list(names)
        if not all(_fits(name, room) for name in names):
            # In brackets, so that the number of a class is not read as part of its name.
            heads = [f"({place})" for place in range(1, len(names) + 1)]
            names = [f"{head} {name}" for head, name in zip(heads, names, strict=True)]
        table = plain_table("")
        table.columns[0].max_width = first
        for head in heads:
            table.add_column(Text(head), justify="right", overflow="fold", max_width=room)
        table.add_column("all", justify="right", no_wrap=True)
        for gold, row in enumerate(cells):
            shown = [Text(cell, "bold" if gold == place else "") for place, cell in enumerate(row)]
            table.add_row(Text(names[gold]), *shown, count(sum(self.counts[gold])))
        return table


def largest(counts: Sequence[Sequence[int]], names: Sequence[str]) -> RenderableType:
    """The most common confusions, the largest first.

    Args:
        counts: Rows: labels; columns: predictions.
        names: Of the classes, without control characters.
    """
    found = [
        (number, gold, predicted)
        for gold, row in enumerate(counts)
        for predicted, number in enumerate(row)
        if number and gold != predicted
    ]
    if not found:
        return Text(f"{len(names)} classes; none is taken for another")
    table = plain_table("label", "predicted", "reviews", "of the label", left=2)
    for number, gold, predicted in sorted(found, key=lambda item: -item[0])[:MOST_PAIRS]:
        share = percent(number / sum(counts[gold]))
        table.add_row(Text(names[gold]), Text(names[predicted]), count(number), share)
    more = f" ({MOST_PAIRS} of {count(len(found))})" if len(found) > MOST_PAIRS else ""
    return Group(Text(f"{len(names)} classes; the most common confusions{more}:"), table)


def _cell(number: int, support: int, separator: str) -> str:
    if not number:
        return "·"
    share = percent(number / support, 0)
    return f"{count(number)}{separator}{share:>5}" if separator == " " else f"{count(number)}{separator}{share}"


def _fits(name: str, room: int) -> bool:
    lines = textwrap.wrap(name, room, break_long_words=False, break_on_hyphens=False)
    return len(lines) <= MOST_HEAD_LINES and all(cell_len(line) <= room for line in lines)
