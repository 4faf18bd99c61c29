"""The delimiter of a file, read off its first rows by how alike they come apart."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader as _Reader  # no name of it exists while running

CANDIDATES = (",", ";", "\t", "|")
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes", " ": "spaces"}
_SEP = re.compile('^"?sep=(.)"?\\s*$', re.IGNORECASE)
_LABEL_WORD = re.compile(r"^\s*([-+]?\d+([.,]\d+)?|pos|neg|positive|negative|neutral|true|false)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How the columns of a row stand apart."""

    delimiter: str
    space_after: bool = False
    """A space follows the delimiter, before an opening quote."""
    quoted: bool = True
    """Double quotes enclose fields; otherwise they are part of the texts."""


def excel_separator(first_line: str) -> str | None:
    """The delimiter that Excel's own first line `sep=;` names."""
    found = _SEP.match(first_line)
    return found[1] if found else None


def sniff(lines: Sequence[str], *, whole: bool, first: str) -> Dialect:
    """The dialect under which most rows have as many columns as the first.

    Args:
        lines: The first lines with their ends.
        whole: Whether they are all there are; else the last row may be cut and does not count.
        first: The candidate that wins a tie.
    """
    order = [first, *(each for each in CANDIDATES if each != first)]
    best = max(order, key=lambda delimiter: _agreement(lines, Dialect(delimiter), whole=whole))
    plain, spaced = Dialect(best), Dialect(best, space_after=True)
    if _padded(lines, plain) or _agreement(lines, spaced, whole=whole) > _agreement(lines, plain, whole=whole):
        return spaced
    return plain


def _padded(lines: Sequence[str], dialect: Dialect) -> bool:
    """Whether the header is written `text, label`, with a space after the delimiter, and quotes follow such spaces."""
    try:
        header = next(reader_of(lines, dialect), [])
    except csv.Error:
        return False
    after = re.compile(rf'{re.escape(dialect.delimiter)} +"')
    return any(cell.startswith(" ") for cell in header[1:]) and any(after.search(line) for line in lines)


def _agreement(lines: Iterable[str], dialect: Dialect, *, whole: bool) -> tuple[float, int]:
    """Share of the rows with the first row's number of columns (0 where that is one), and this number."""
    counts: list[int] = []
    reader = reader_of(lines, dialect)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            counts.append(0)
            continue
        if any(cell.strip() for cell in row):
            counts.append(len(row))
    if not whole and len(counts) > 1:
        counts.pop()
    if not counts or counts[0] < 2:
        return 0.0, 1
    return sum(count == counts[0] for count in counts) / len(counts), counts[0]


def reader_of(lines: Iterable[str], dialect: Dialect) -> _Reader:
    """Python's own reader, strict: it counts lines as an editor does and finds quotes that do not fit."""
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        skipinitialspace=dialect.space_after,
        quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE,
        strict=True,
    )


def looks_like_a_review(cells: Sequence[str]) -> bool:
    """Whether a first row is hardly a header: it has a sentence, a number or a label word.

    >>> looks_like_a_review(["Great value, and it works well so far", "5"])
    True
    >>> looks_like_a_review(["Name of the hotel", "Comment", "Stars given"])
    False
    """
    return any(len(cell) > 60 or len(cell.split()) > 7 or _LABEL_WORD.match(cell) for cell in cells)


def label_like(cell: str) -> bool:
    """Whether a cell could be a label: a number or a word such as `positive`."""
    return bool(_LABEL_WORD.match(cell))
