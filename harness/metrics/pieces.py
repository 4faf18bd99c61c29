"""Long arrays piece by piece, so that a copy in float64 stays small beside them."""

from __future__ import annotations

from collections.abc import Iterator

ROWS_AT_ONCE = 65_536

CELLS_AT_ONCE = 2_097_152
"""Probabilities in one piece: 16 MB in float64."""


def pieces(examples: int, classes: int) -> Iterator[slice]:
    """Rows that are worked on at once, in their order: 65,536, or fewer where there are many classes.

    >>> [(rows.start, rows.stop) for rows in pieces(100_000, classes=5)]
    [(0, 65536), (65536, 100000)]
    """
    rows = max(1, min(ROWS_AT_ONCE, CELLS_AT_ONCE // classes))
    for start in range(0, examples, rows):
        yield slice(start, min(start + rows, examples))
