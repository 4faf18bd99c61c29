"""CSV and TSV, by Arrow's reader; Python's own finds the row where Arrow's stops."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from harness.errors import NothingMeasured, PredictionsError
from harness.reviews.csv_rows import long_fields
from harness.reviews.sniffing import NAMES, Dialect, reader_of, sniff
from harness.scores.raw import Raw, refuse_repeated

_SNIFFED_LINES = 100
_BLOCK = 1 << 24
"""Bytes that Arrow takes at once; a row that is longer may be too long for it."""
_FILLED = re.compile(rb"\S")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_REMEDY = "write or save the file again as CSV UTF-8"


def read(path: Path, data: bytes, usual: str) -> Raw:
    """The columns of a CSV or TSV file, all as text; an empty cell is a null.

    Args:
        path: The file, for errors.
        data: Its bytes, unpacked.
        usual: The delimiter that its name promises; another one is found by how the rows come apart.

    Raises:
        PredictionsError: The file is not UTF-8, or a row cannot be taken apart.
        NothingMeasured: There is no header.
    """
    if data.startswith(_WIDE):
        raise PredictionsError("the file is UTF-16", where=str(path), expected="UTF-8", remedy=_REMEDY)
    data = data.removeprefix(codecs.BOM_UTF8)
    with long_fields():
        names, lines, dialect = _header(path, data, usual)
        table = _table(path, data, names, lines, dialect)
    notes = () if dialect.delimiter == usual else (f"separated by {NAMES[dialect.delimiter]}",)

    def number(places: np.ndarray) -> list[int]:
        # Arrow skips empty lines and counts none of them, but an editor shows each.
        numbers: list[int] = []
        # Where a stray quote ends Python's reading, the rows below are counted without empty lines.
        with long_fields(), suppress(csv.Error):
            numbers.extend(line for line, cells in _rows(data, dialect) if cells)
        return [numbers[place + 1] if place + 1 < len(numbers) else int(place) + 2 for place in places]

    columns = {name: table.column(name) for name in names}
    return Raw(
        path,
        columns,
        number=number,
        from_zero=False,
        untyped=True,
        notes=notes,
        decimal_commas=dialect.delimiter != ",",
    )


def _header(path: Path, data: bytes, usual: str) -> tuple[list[str], int, Dialect]:
    """The names of the columns, the lines that they stand on, and how columns stand apart."""
    try:
        head = list(itertools.islice(_lines(data), _SNIFFED_LINES))
        dialect = sniff(head, whole=len(head) < _SNIFFED_LINES, first=usual)
        reader = reader_of(head, dialect)
        cells = next((cells for cells in reader if cells), None)
    except UnicodeDecodeError:
        raise _no_utf8(path, data) from None
    except csv.Error as error:
        raise PredictionsError(f"the header cannot be read: {error}", where=f"{path}, line 1", remedy=_REMEDY) from None
    if cells is None:
        raise NothingMeasured("the file is empty", where=str(path), remedy="write or fetch the file again")
    names = [cell.strip() or f"column {place}" for place, cell in enumerate(cells, start=1)]
    refuse_repeated(names, path)
    return names, reader.line_num, dialect


def _table(path: Path, data: bytes, names: list[str], lines: int, dialect: Dialect) -> pa.Table:
    # A quote that is never closed takes all rows below into one cell, which Arrow does not mind.
    if data.count(b'"') % 2:
        _refuse_rows(path, data, len(names), dialect)
    start = sum(len(line.encode()) for line in itertools.islice(_lines(data), lines))
    if not _FILLED.search(data, start):
        return pa.table({name: pa.array([], pa.string()) for name in names})
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(memoryview(data)[start:]),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid as error:
        _refuse_rows(path, data, len(names), dialect)
        reason = str(error).splitlines()[0]
        raise PredictionsError(
            f"the file cannot be taken apart: {reason}",
            where=str(path),
            remedy="write it without columns of very long texts, or as Parquet",
        ) from None


def _lines(data: bytes) -> Iterator[str]:
    return iter(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""))


def _rows(data: bytes, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line that it begins on; an empty line is a row without cells."""
    reader = reader_of(_lines(data), dialect)
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1


def _refuse_rows(path: Path, data: bytes, width: int, dialect: Dialect) -> None:
    """Raise for the first row that has another number of cells, or that a quote makes unreadable."""
    line, last = 0, 0
    try:
        for line, cells in _rows(data, dialect):
            last = line + sum(cell.count("\n") for cell in cells)
            if cells and len(cells) != width:
                delimiter = NAMES[dialect.delimiter]
                raise PredictionsError(
                    f"line {line} has {len(cells)} cells, separated by {delimiter}, and the header has {width}",
                    where=f"{path}, line {line}",
                    expected=f"{width} cells in every line",
                    remedy="correct the line; a text that holds the delimiter stands in double quotes",
                )
    except UnicodeDecodeError:
        raise _no_utf8(path, data) from None
    except csv.Error as error:
        raise PredictionsError(
            f"a quote in line {last + 1} is in the wrong place, or is never closed: {error}",
            where=f"{path}, line {last + 1}",
            remedy="double each quote within a text, and enclose the text in quotes",
        ) from None


def _no_utf8(path: Path, data: bytes) -> PredictionsError:
    place = _first_bad(data) or 0
    line = data.count(b"\n", 0, place) + 1
    return PredictionsError(
        f"the file is not UTF-8: byte 0x{data[place]:02x} in line {line} is no character of it",
        where=f"{path}, line {line}",
        expected="UTF-8",
        remedy=_REMEDY,
    )


def _first_bad(data: bytes) -> int | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None
