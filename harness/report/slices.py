"""Accuracy by a kept column: which reviews a classifier does better or worse on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.statistics import wilson

if TYPE_CHECKING:
    import pyarrow as pa

MOST_VALUES = 20
NO_VALUE = "(none)"
LENGTH = "length in tokens"
_LENGTHS = (16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True)
class Slice:
    """The reviews that have one value of a column; where a column holds lists, a review may be in several."""

    value: str
    reviews: int
    correct: int
    low: float
    high: float
    """Wilson interval, its level corrected for the number of slices of the column (Bonferroni)."""

    @property
    def accuracy(self) -> float:
        return self.correct / self.reviews


@dataclass(frozen=True)
class Column:
    """One kept column, and the slices that it cuts the reviews into."""

    name: str
    slices: tuple[Slice, ...]
    values: int
    """Distinct values. More than `MOST_VALUES`: no slices."""


def by_column(
    codes: np.ndarray[Any, Any], correct: np.ndarray[Any, Any], names: Iterable[str], confidence: float
) -> tuple[Slice, ...]:
    """The slices of one column, in the order of `names`.

    Args:
        codes: (N,) integers, which of `names` each review has.
        correct: (N,) bool.
        names: The column's values.
        confidence: Level of all the slices' intervals together, between 0 and 1.
    """
    names = tuple(names)
    reviews = np.bincount(codes, minlength=len(names))
    hits = np.bincount(codes[correct], minlength=len(names))
    level = 1 - (1 - confidence) / max(1, int(np.count_nonzero(reviews)))
    found = []
    for name, n, k in zip(names, reviews.tolist(), hits.tolist(), strict=True):
        if n:
            bounds = wilson(k, n, level)
            found.append(Slice(name, n, k, bounds.low, bounds.high))
    return tuple(found)


def of_kept_columns(
    reviews: pa.Table, columns: Iterable[str], correct: np.ndarray[Any, Any], confidence: float = 0.95
) -> tuple[Column, ...]:
    """One `Column` for each kept column that is there and does not have the same value everywhere.

    Args:
        reviews: (N) rows, one for each prediction, in their order.
        columns: Names of the kept columns.
        correct: (N,) bool.
    """
    return tuple(
        found
        for name in columns
        if name in reviews.column_names and (found := _column(name, reviews[name], correct, confidence)).values > 1
    )


def _column(name: str, cells: pa.ChunkedArray, correct: np.ndarray[Any, Any], confidence: float) -> Column:
    rows, codes, values = _coded(cells)
    if len(values) > MOST_VALUES or len(values) == 1:
        return Column(name, (), len(values))
    order = sorted(range(len(values)), key=lambda code: _natural(values[code]))
    rank = np.argsort(order)
    found = by_column(rank[codes], correct[rows], [values[code] for code in order], confidence)
    return Column(name, found, len(values))


def _coded(cells: pa.ChunkedArray) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], list[str]]:
    """Row and code of each value, and the values. A cell that is a list counts for each of its values once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = cells.combine_chunks()
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        coded = pc.fill_null(_texts(column), NO_VALUE).dictionary_encode()
        return np.arange(len(column)), coded.indices.to_numpy(zero_copy_only=False), coded.dictionary.to_pylist()
    empty = np.flatnonzero(pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False) == 0)
    texts = pc.fill_null(_texts(pc.list_flatten(column)), NO_VALUE)
    rows = np.concatenate([pc.list_parent_indices(column).to_numpy(zero_copy_only=False), empty])
    coded = pa.concat_arrays([texts, pa.array([NO_VALUE] * len(empty), pa.string())]).dictionary_encode()
    once = np.unique(np.column_stack([rows, coded.indices.to_numpy(zero_copy_only=False)]), axis=0)
    return once[:, 0], once[:, 1], coded.dictionary.to_pylist()


def _texts(values: pa.Array) -> pa.Array:
    import pyarrow as pa

    try:
        return values.cast(pa.string())
    except pa.ArrowException:  # lists of lists, structs
        return pa.array([None if each is None else str(each) for each in values.to_pylist()], pa.string())


def _natural(value: str) -> tuple[bool, float, str]:
    """Numbers by size before words by letter, so that 10 comes after 9."""
    try:
        return (False, float(value), value)
    except ValueError:
        return (True, 0.0, value)


def by_length(tokens: np.ndarray[Any, Any], correct: np.ndarray[Any, Any], confidence: float = 0.95) -> Column:
    """Slices by the number of tokens that the classifier read, in bands that double.

    Args:
        tokens: (N,) integers.
        correct: (N,) bool.
    """
    bands = [f"1–{_LENGTHS[0]}", *(f"{low + 1}–{high}" for low, high in pairwise(_LENGTHS))]
    names = [*bands, f"over {_LENGTHS[-1]:,}"]
    found = by_column(np.searchsorted(_LENGTHS, tokens), correct, names, confidence)
    return Column(LENGTH, found, len(found))
