"""CSV and TSV: delimiter, header and columns, and no row taken apart wrongly without a word."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable

from harness.errors import ReviewSetError
from harness.reviews import faults
from harness.reviews.csv_rows import Parsed, best_reading, long_fields, refuse_lost_rows
from harness.reviews.encodings import Content, has_stray
from harness.reviews.faults import Faults
from harness.reviews.options import ReviewOptions
from harness.reviews.raw import RawTable
from harness.reviews.sniffing import NAMES, Dialect, excel_separator, label_like, looks_like_a_review, sniff

_SNIFFED_LINES = 1000


def read(content: Content, kind: str, options: ReviewOptions, location: str) -> RawTable:
    """Take a CSV or TSV file apart.

    Args:
        content: The file as text.
        kind: `csv` or `tsv`, by its name: decides a tie between delimiters only.
        options: Delimiter, header, and what becomes of bad rows.
        location: The file, for errors.

    Raises:
        ReviewSetError: No row below the header, or a stray quote that takes whole rows with it.
    """
    with long_fields():
        head = list(itertools.islice(content.lines(), _SNIFFED_LINES))
        _refuse_json(head, location)
        separator = excel_separator(head[0]) if head else None
        skipped = 1 if separator else 0
        dialect, notes = _dialect(head[skipped:], kind, options, separator)
        parsed, how = best_reading(content, dialect, skipped, no_header=options.no_header)
        notes += how
        refuse_lost_rows(parsed, content, dialect, location)
    if not parsed.header or (parsed.misquoted and parsed.misquoted[0][0] < parsed.header_line):
        raise _without_header(parsed, location)
    notes += _fit_header(parsed)
    names, name_notes = _names(parsed, options)
    found = _faults(parsed, content, dialect)
    if not parsed.rows and not len(found):
        raise ReviewSetError(
            "the file has a header and no review",
            where=location,
            expected="a row for each review",
            remedy="fetch or write the file again, or add --no-header if the only line is a review",
        )
    return RawTable(
        columns=dict(zip(names, parsed.columns, strict=True)),
        rows=parsed.rows,
        faults=found,
        notes=(*notes, *name_notes),
        by_number=True,
        hint=_hint(parsed, options),
    )


def _refuse_json(head: list[str], location: str) -> None:
    """Raise where the first line is a JSON object or begins an array of them."""
    first = head[0].strip() if head else ""
    try:
        is_json = first.startswith("[{") or (first.startswith("{") and isinstance(json.loads(first), dict))
    except ValueError:
        return
    if is_json:
        ending = ".json" if first.startswith("[") else ".jsonl"
        raise ReviewSetError(
            "the file is JSON, though its name says otherwise", where=location, remedy=f"give it the ending {ending}"
        )


def _without_header(parsed: Parsed, location: str) -> ReviewSetError:
    """The error for a file whose first row cannot be taken apart, or that has no row at all."""
    if parsed.misquoted or parsed.unclosed:
        error = _faults(parsed, None, Dialect(",")).error(location)
        return ReviewSetError(error.message, where=error.where, expected=error.expected, remedy="correct the first row")
    return ReviewSetError("the file is empty", where=location, remedy="fetch or write the file again")


def _dialect(head: list[str], kind: str, options: ReviewOptions, separator: str | None) -> tuple[Dialect, list[str]]:
    usual = "\t" if kind == "tsv" else ","
    given = options.delimiter or separator
    sniffed = sniff(head, whole=len(head) < _SNIFFED_LINES - 1, first=given or usual)
    if given:
        if sniffed.delimiter != given:
            sniffed = Dialect(given)
        return sniffed, [f"separated by {NAMES.get(given, repr(given))}, as its first line says"] if separator else []
    notes = [] if sniffed.delimiter == usual else [f"separated by {NAMES[sniffed.delimiter]}"]
    return sniffed, notes


def _fit_header(parsed: Parsed) -> list[str]:
    """Repair a header that is one name short in one of the two ways that programs leave it so."""
    width = len(parsed.header)
    if parsed.rows or not parsed.ragged or any(len(row) != width + 1 for _, row in parsed.ragged):
        return []
    columns = [list(values) for values in zip(*(row for _, row in parsed.ragged), strict=True)]
    if not any(columns[-1]):
        parsed.columns, note = columns[:-1], "a delimiter ends each row: the empty last column is left out"
    elif columns[0] == [str(number) for number in range(1, len(columns[0]) + 1)]:
        parsed.columns, parsed.header = columns, ["", *parsed.header]
        note = "the first column has no name and numbers the rows, as R writes them"
    else:
        return []
    parsed.rows = [line for line, _ in parsed.ragged]
    parsed.ragged = []
    return [note]


def _names(parsed: Parsed, options: ReviewOptions) -> tuple[list[str], list[str]]:
    """A name for each column: as in the header, or its number from 1."""
    if options.no_header:
        return [str(place) for place in range(1, len(parsed.header) + 1)], []
    names = [name.strip() for name in parsed.header]
    notes = []
    # A last column without name and values is what a delimiter at the end of the lines leaves.
    while len(names) > 1 and not names[-1] and not any(parsed.columns[-1]):
        del names[-1], parsed.columns[-1]
    nameless = [place for place, name in enumerate(names) if not name]
    if nameless:
        notes.append("columns without a name are called by number: " + ", ".join(str(p + 1) for p in nameless))
    names = [name or str(place + 1) for place, name in enumerate(names)]
    counts = Counter(names)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        notes.append("columns of one name are told apart by number: " + ", ".join(map(repr, repeated)))
    return [f"{name} ({place + 1})" if counts[name] > 1 else name for place, name in enumerate(names)], notes


def _faults(parsed: Parsed, content: Content | None, dialect: Dialect) -> Faults:
    """What could not be taken apart; rows with unreadable characters are moved here too."""
    found = Faults()
    width = len(parsed.header)
    if parsed.ragged:
        line, cells = parsed.ragged[0]
        delimiter = NAMES.get(dialect.delimiter, repr(dialect.delimiter))
        detail = f"{len(cells)} instead of {width} in row {line}, separated by {delimiter}"
        found.add(faults.RAGGED, [line for line, _ in parsed.ragged], detail=detail)
    found.add(faults.QUOTE, [first for first, _ in parsed.misquoted], detail=_extent(parsed.misquoted))
    if parsed.unclosed:
        found.add(faults.UNCLOSED, [parsed.unclosed[0]], detail=_extent([parsed.unclosed]))
    if content is not None and content.stray:
        _take_out(parsed, found, faults.BYTES, has_stray)
    if content is not None and b"\0" in content.data:
        _take_out(parsed, found, faults.NUL, lambda cell: "\0" in cell)
    return found


def _extent(regions: list[tuple[int, int]]) -> str:
    first, last = regions[0] if regions else (0, 0)
    return f"from line {first} to line {last}" if last > first else ""


def _take_out(parsed: Parsed, found: Faults, fault: faults.Fault, is_bad: Callable[[str], bool]) -> None:
    bad = {place for column in parsed.columns for place, cell in enumerate(column) if is_bad(cell)}
    if bad:
        found.add(fault, [parsed.rows[place] for place in sorted(bad)])
        parsed.columns = [[cell for place, cell in enumerate(column) if place not in bad] for column in parsed.columns]
        parsed.rows = [row for place, row in enumerate(parsed.rows) if place not in bad]


def _hint(parsed: Parsed, options: ReviewOptions) -> str:
    """What to do where no column fits, read off the first rows. Only said: nothing is read by it."""
    if options.no_header:
        return f"name the columns by their numbers, such as{_by_look(parsed)}"
    if not looks_like_a_review(parsed.header):
        return ""
    return f"the first row looks like a review: if the file has no header, add --no-header{_by_look(parsed)}"


def _by_look(parsed: Parsed) -> str:
    """The options that would name the longest column as the text, and the only one with few short labels."""
    shown = [[name, *column[:1000]] for name, column in zip(parsed.header, parsed.columns, strict=False)]
    sizes = [sum(map(len, cells)) for cells in shown]
    text = sizes.index(max(sizes))
    labels = [
        place
        for place, cells in enumerate(shown)
        if place != text and all(map(label_like, cells)) and len(set(cells)) <= min(20, len(cells))
    ]
    return f" --text-column {text + 1}" + (f" --label-column {labels[0] + 1}" if len(labels) == 1 else "")
