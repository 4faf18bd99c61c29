"""Kept columns -> slices: which reviews have which value. Places alone; the metrics are computed elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from harness.errors import UsageError
from harness.names import alike
from harness.options import nearest

if TYPE_CHECKING:
    import pyarrow as pa

MOST_VALUES = 20
"""Of a column that is sliced unasked."""
MOST_ASKED = 200
"""Of a column that `--slice-by` names."""
NO_VALUE = "(none)"
LENGTH = "length"
LENGTH_NAME = "length in tokens"
_LENGTHS = (16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True)
class Part:
    """The reviews that have one value; where a column holds lists, a review may be in several."""

    value: str
    rows: np.ndarray
    """(n,) int64, ascending, n at least 1."""


@dataclass(frozen=True)
class Column:
    """One column, and the parts that it cuts the reviews into."""

    name: str
    values: int
    """Distinct values."""
    parts: tuple[Part, ...]
    """None where there are too many values."""


def columns_of(
    reviews: pa.Table, kept: Sequence[str], tokens: np.ndarray | None, asked: Sequence[str] = ()
) -> tuple[Column, ...]:
    """The columns that cut the reviews into slices, the length last.

    Args:
        reviews: (N) rows.
        kept: Names of the kept columns.
        tokens: (N,) integers, how many the classifier read; None where that is not known.
        asked: Columns to slice by, and no others; `length` is the number of tokens. None: every kept
            column with at least two values, and the length.

    Raises:
        UsageError: A column that was asked for is not there, or has too many values.
    """
    names = tuple(dict.fromkeys(asked)) or (*kept, *((LENGTH,) if tokens is not None and LENGTH not in kept else ()))
    found = []
    for name in names:
        meant = alike(name, kept)
        if meant is not None:
            column = _column(meant, reviews[meant], MOST_ASKED if asked else MOST_VALUES)
            if asked and not column.parts:
                raise _too_many(column)
        elif name == LENGTH and tokens is not None:
            column = by_length(tokens)
        else:
            raise _unknown(name, kept, tokens is not None)
        if asked or column.values > 1:
            found.append(column)
    return tuple(found)


def by_length(tokens: np.ndarray) -> Column:
    """Slices by the number of tokens that the classifier read, (N,) integers, in bands that double."""
    bands = [f"1–{_LENGTHS[0]}", *(f"{low + 1}–{high}" for low, high in pairwise(_LENGTHS))]
    names = [*bands, f"over {_LENGTHS[-1]:,}"]
    codes = np.searchsorted(_LENGTHS, tokens)
    parts = _parts(np.arange(len(tokens)), codes, names)
    return Column(LENGTH_NAME, len(parts), parts)


def _column(name: str, cells: pa.ChunkedArray, most: int) -> Column:
    rows, codes, values = _coded(cells)
    if len(values) > most:
        return Column(name, len(values), ())
    order = sorted(range(len(values)), key=lambda code: _natural(values[code]))
    rank = np.argsort(order)
    return Column(name, len(values), _parts(rows, rank[codes], [values[code] for code in order]))


def _parts(rows: np.ndarray, codes: np.ndarray, names: Iterable[str]) -> tuple[Part, ...]:
    found = ((name, rows[codes == place]) for place, name in enumerate(names))
    return tuple(Part(name, np.sort(of_value)) for name, of_value in found if len(of_value))


def _coded(cells: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Row and code of each value, and the values. A cell that is a list counts for each of its values once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = cells.combine_chunks()
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        coded = _named(column).dictionary_encode()
        return np.arange(len(column)), coded.indices.to_numpy(zero_copy_only=False), coded.dictionary.to_pylist()
    empty = np.flatnonzero(pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False) == 0)
    texts = _named(pc.list_flatten(column))
    rows = np.concatenate([pc.list_parent_indices(column).to_numpy(zero_copy_only=False), empty])
    coded = pa.concat_arrays([texts, pa.array([NO_VALUE] * len(empty), pa.string())]).dictionary_encode()
    once = np.unique(np.column_stack([rows, coded.indices.to_numpy(zero_copy_only=False)]), axis=0)
    return once[:, 0], once[:, 1], coded.dictionary.to_pylist()


def _named(values: pa.Array) -> pa.Array:
    """As texts; a cell that a CSV file leaves empty has no value either."""
    import pyarrow.compute as pc

    texts = pc.fill_null(_texts(values), NO_VALUE)
    return pc.if_else(pc.equal(texts, ""), NO_VALUE, texts)


def _texts(values: pa.Array) -> pa.Array:
    import pyarrow as pa

    try:
        return values.cast(pa.string())
    except pa.ArrowException:  # lists of lists, structs
        return pa.array([None if each is None else str(each) for each in values.to_pylist()], pa.string())


def _natural(value: str) -> tuple[bool, float, str]:
    """Numbers by size before words by letter, so that 10 comes after 9."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    # The word nan is read as a number that is neither above nor below any other.
    return (True, 0.0, value) if math.isnan(number) else (False, number, value)


def _too_many(column: Column) -> UsageError:
    return UsageError(
        f"column {column.name!r} has {column.values:,} different values, too many for slices",
        where=f"option --slice-by {column.name}",
        expected=f"at most {MOST_ASKED} values",
        remedy="name another column, or put its values into groups in a column of their own",
    )


def _unknown(name: str, kept: Sequence[str], lengths: bool) -> UsageError:
    known = [*kept, *((LENGTH,) if lengths else ())]
    return UsageError(
        f"there is no column {name!r} to slice by",
        where=f"option --slice-by {name}",
        expected=", ".join(known) or "a file with other columns too",
        remedy=f"{nearest(name, known)}name a kept column",
    )
