"""Texts as Arrow columns, laid out by hand: `pyarrow.array` would import pandas first, and is slower."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

MOST_BYTES = 2**30
"""Bytes of text in one piece of a column; its offsets are 32-bit."""


def string_column(values: Sequence[str]) -> pa.ChunkedArray:
    """A column of texts without nulls, in several pieces where they are more than 1 GiB."""
    return pa.chunked_array(list(_pieces([value.encode() for value in values])), pa.string())


def _pieces(encoded: list[bytes]) -> Iterator[pa.Array]:
    ends = np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)))
    start = 0
    while start < len(encoded):
        before = int(ends[start - 1]) if start else 0
        # A text beyond the limit is a piece of its own.
        stop = max(int(np.searchsorted(ends, before + MOST_BYTES, side="right")), start + 1)
        offsets = np.concatenate([[0], ends[start:stop] - before]).astype(np.int32)
        data = pa.py_buffer(b"".join(encoded[start:stop]))
        yield pa.Array.from_buffers(pa.string(), stop - start, [None, pa.py_buffer(offsets), data])
        start = stop


def integer_column(values: Sequence[int]) -> pa.ChunkedArray:
    """A column of int64 without nulls."""
    numbers = np.fromiter(values, np.int64, len(values))
    return pa.chunked_array([pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])])


def fingerprint(*columns: pa.ChunkedArray) -> str:
    """SHA-256 of columns of texts: for each the number of texts, their lengths in bytes, and their bytes.

    The lengths keep ("ab", "c") and ("a", "bc") apart; how a column is cut into pieces does not matter.

    >>> a, b = string_column(["ab", "c"]), string_column(["a", "bc"])
    >>> fingerprint(a) == fingerprint(a), fingerprint(a) == fingerprint(b), fingerprint(a, b) == fingerprint(b, a)
    (True, False, False)
    """
    digest = hashlib.sha256()
    for column in columns:
        digest.update(len(column).to_bytes(8, "little"))
        for chunk in column.chunks:
            digest.update(np.diff(_offsets(chunk)).astype("<i8").tobytes())
        for chunk in column.chunks:
            offsets = _offsets(chunk)
            digest.update(memoryview(chunk.buffers()[2])[int(offsets[0]) : int(offsets[-1])])
    return digest.hexdigest()


def _offsets(chunk: pa.StringArray) -> np.ndarray:
    """Where each text begins, and where the last one ends: (N + 1,) int32."""
    return np.frombuffer(chunk.buffers()[1], np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
