"""(N, K) arrays as Parquet columns of lists, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa


def nested(values: np.ndarray) -> pa.ListArray:
    """(N, K) float32 -> a column of N lists of K."""
    import pyarrow as pa

    offsets = np.arange(values.shape[0] + 1, dtype=np.int32) * np.int32(values.shape[1])
    return pa.ListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(values, np.float32).ravel(), pa.float32()))


def unnested(column: pa.ChunkedArray) -> np.ndarray:
    """A column of lists of one length K -> (N, K) float32.

    Raises:
        ValueError: The lists differ in length, or there are none.
    """
    flat = np.concatenate([chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks])
    lengths = np.concatenate([np.diff(chunk.offsets.to_numpy()) for chunk in column.chunks])
    if len(lengths) == 0 or lengths.min() != lengths.max():
        raise ValueError("lists of different lengths")
    values: np.ndarray = flat.astype(np.float32, copy=False).reshape(len(lengths), int(lengths[0]))
    return values
