"""What is neither label nor number: the ids, and the columns that are kept for slices."""

from __future__ import annotations

from collections.abc import Container

import pyarrow as pa

from harness.reviews.vocabulary import spelled
from harness.scores.names import IDS
from harness.scores.numbers import is_list_of_numbers
from harness.scores.raw import Raw


def rest(raw: Raw, used: Container[str], rows: int) -> tuple[list[str] | None, pa.Table | None, tuple[str, ...]]:
    """The ids, the kept columns, and a note of what is neither.

    Args:
        raw: The file.
        used: Columns that are kept no more.
        rows: N; arrays of another length belong to something else.
    """
    left_out = [f"{name!r}, {reason}" for name, reason in raw.left_out.items()]
    kept: dict[str, pa.ChunkedArray] = {}
    ids = None
    for name, column in raw.columns.items():
        if name in used:
            continue
        if len(column) != rows:
            left_out.append(f"{name!r}, {len(column):,} values for {rows:,} rows")
        elif is_list_of_numbers(column.type):
            left_out.append(f"{name!r}, lists of numbers")
        elif ids is None and spelled(name) in IDS and _is_simple(column):
            ids = column.cast(pa.string()).to_pylist()
        else:
            kept[name] = column
    notes = (f"left out: {'; '.join(left_out)}",) if left_out else ()
    return ids, pa.table(kept) if kept else None, notes


def _is_simple(column: pa.ChunkedArray) -> bool:
    kind = column.type
    return not column.null_count and (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)
    )
