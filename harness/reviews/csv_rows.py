"""The rows of a CSV or TSV file, by Python's own strict reader, each with the line it begins on."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.errors import ReviewSetError
from harness.reviews.encodings import Content
from harness.reviews.sniffing import Dialect, label_like, reader_of

_LONGEST_FIELD = 2**31 - 1
_BLOCK = 1 << 16
_BARE_CR = re.compile(rb"\r(?!\x00?\n)")
_CR = "\ud80d"
"""Stands for a carriage return while the reader is at work: half a surrogate pair, which no text holds."""


@dataclass
class Parsed:
    """Rows of one reading, in blocks of columns so that a million rows need no million lists."""

    header: list[str]
    columns: list[list[str]]
    header_line: int = 0
    rows: list[int] = field(default_factory=list)
    ragged: list[tuple[int, list[str]]] = field(default_factory=list)
    """Line and cells of the rows with another number of columns."""
    misquoted: list[tuple[int, int]] = field(default_factory=list)
    """First and last line of what a quote in the wrong place made unreadable."""
    unclosed: tuple[int, int] | None = None
    """First and last line of a quoted field that the file ends in."""
    several_lines: bool = False
    """Some row stands on more than one line."""


@contextmanager
def long_fields() -> Iterator[None]:
    """Lift the limit of 131,072 characters a field; it belongs to the process, so it is put back."""
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def best_reading(content: Content, dialect: Dialect, skipped: int, *, no_header: bool) -> tuple[Parsed, list[str]]:
    """The file by the usual rules; where that leaves bad rows, by two others that leave none."""
    usual = _parse(_Lines(content, skipped), dialect, no_header=no_header)
    if dialect.delimiter == "\t" and dialect.quoted and (usual.several_lines or usual.misquoted or usual.unclosed):
        # Tab-separated values by their IANA definition know no quotes. Where each line alone has
        # all columns, that is how they were written.
        other = _parse(_Lines(content, skipped), Dialect("\t", quoted=False), no_header=no_header)
        if not other.ragged:
            return other, ["double quotes are part of the texts"]
    if (usual.ragged or usual.misquoted) and b"\n" in content.data and _BARE_CR.search(content.data):
        # Python's writer, and pandas with it, leaves a lone CR unquoted where rows end with LF.
        other = _parse(_LinesWithCr(content, skipped), dialect, no_header=no_header)
        if not (other.ragged or other.misquoted):
            other.columns = [[cell.replace(_CR, "\r") for cell in column] for column in other.columns]
            other.header = [name.replace(_CR, " ") for name in other.header]
            return other, ["carriage returns within a line are part of the texts"]
    return usual, []


class _Lines:
    """Lines as the reader gets them, and their numbers as an editor shows them."""

    def __init__(self, content: Content, skipped: int) -> None:
        self._content = content
        self._skipped = skipped

    def __iter__(self) -> Iterator[str]:
        return itertools.islice(self._content.lines(), self._skipped, None)

    def number(self, place: int) -> int:
        """The editor's number of the line that the reader counts as `place`, from 1."""
        return place + self._skipped


class _LinesWithCr(_Lines):
    """Lines that end with LF or CRLF alone; a CR within one is hidden from the reader, and counted."""

    def __iter__(self) -> Iterator[str]:
        self._hidden = [0]
        for line in self._content.lines(end="\n"):
            body = line.removesuffix("\n").removesuffix("\r")
            self._hidden.append(self._hidden[-1] + body.count("\r"))
            if len(self._hidden) > self._skipped + 1:
                yield body.replace("\r", _CR) + line[len(body) :]

    def number(self, place: int) -> int:
        return place + self._skipped + self._hidden[place + self._skipped - 1]


def _parse(lines: _Lines, dialect: Dialect, *, no_header: bool) -> Parsed:
    """Every row of the file, with the line it begins on."""
    reader = reader_of(lines, dialect)
    parsed = Parsed([], [])
    block: list[list[str]] = []
    width = last = 0
    while True:
        try:
            for row in reader:
                begin, last = last + 1, reader.line_num
                if len(row) == width and width > 0:
                    block.append(row)
                    parsed.rows.append(lines.number(begin))
                    if len(block) == _BLOCK:
                        _move(block, parsed)
                elif not row or (len(row) == 1 and row[0].isspace()):
                    continue  # an empty line
                elif width == 0:
                    width, parsed.header, parsed.header_line = len(row), row, lines.number(begin)
                    parsed.columns = [[] for _ in row]
                    if no_header:
                        block.append(row)
                        parsed.rows.append(lines.number(begin))
                else:
                    parsed.ragged.append((lines.number(begin), row))
                if last > begin:
                    parsed.several_lines = True
            break
        except csv.Error as error:
            begin, last = last + 1, reader.line_num
            region = (lines.number(begin), lines.number(last))
            if "unexpected end of data" in str(error):
                parsed.unclosed = region
            else:
                parsed.misquoted.append(region)
    _move(block, parsed)
    return parsed


def _move(block: list[list[str]], parsed: Parsed) -> None:
    for column, values in zip(parsed.columns, zip(*block, strict=True), strict=bool(block)):
        column.extend(values)
    block.clear()


def refuse_lost_rows(parsed: Parsed, content: Content, dialect: Dialect, location: str) -> None:
    """Refuse a stray quote that has swallowed whole rows: skipped as one row, they would be dropped uncounted."""
    for first, last in [*parsed.misquoted, *([parsed.unclosed] if parsed.unclosed else [])]:
        whole = sum(_is_row(line, dialect, len(parsed.header)) for line in _lines_between(content, first, last))
        if whole > 1:
            raise ReviewSetError(
                f"a quote that opens in row {first} reaches to row {last} and takes {whole} whole rows with it",
                where=f"{location}, row {first}",
                expected="a closing quote in the row that opens it",
                remedy=f'close the quote in row {first}, or write "" where it is part of the text',
            )


def _lines_between(content: Content, first: int, last: int) -> Iterator[str]:
    """The lines after the first, up to the last."""
    return itertools.islice(content.lines(), first, last)


def _is_row(line: str, dialect: Dialect, width: int) -> bool:
    try:
        rows = list(reader_of([line], dialect))
    except csv.Error:
        return False
    return len(rows) == 1 and len(rows[0]) == width and width > 1 and any(label_like(cell) for cell in rows[0])
