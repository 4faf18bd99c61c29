"""The Parquet file of a scenario: every query, with when it was scheduled, begun and answered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import RunError
from harness.runs.tables import write_table

if TYPE_CHECKING:
    import numpy as np

COLUMNS = ("review", "scheduled", "started", "answered", "tokens", "batch_size")


@dataclass(frozen=True)
class LatencyTable:
    """The queries of one scenario, as `write_latencies` took them, in the order of their arrivals."""

    review: np.ndarray
    """(Q,) int64, position of the review in its set, from 0."""
    scheduled: np.ndarray
    """(Q,) float64, seconds from the first arrival to this one."""
    started: np.ndarray
    """(Q,) float64, seconds from the first arrival until its work began."""
    answered: np.ndarray
    """(Q,) float64, seconds from the first arrival to the answer; less `scheduled` it is the latency."""
    tokens: np.ndarray
    """(Q,) int32, without padding."""
    batch_size: np.ndarray
    """(Q,) int32, reviews in its forward pass."""


def write_latencies(
    path: Path,
    review: np.ndarray,
    scheduled: np.ndarray,
    started: np.ndarray,
    answered: np.ndarray,
    tokens: np.ndarray,
    batch_size: np.ndarray,
) -> None:
    """Write the queries of one scenario, whole or not at all.

    Args:
        path: The Parquet file; its folder is made.
        review: (Q,) int, positions in the set.
        scheduled: (Q,) float64 seconds.
        started: (Q,) float64 seconds.
        answered: (Q,) float64 seconds.
        tokens: (Q,) int.
        batch_size: (Q,) int.

    Raises:
        RunError: The file cannot be written.
    """
    import pyarrow as pa

    seconds, counts = pa.float64(), pa.int32()
    columns = {
        "review": pa.array(review, pa.int64()),
        "scheduled": pa.array(scheduled, seconds),
        "started": pa.array(started, seconds),
        "answered": pa.array(answered, seconds),
        "tokens": pa.array(tokens, counts),
        "batch_size": pa.array(batch_size, counts),
    }
    write_table(path, pa.table(columns))


def read_latencies(path: Path) -> LatencyTable:
    """The queries that `write_latencies` wrote.

    Raises:
        RunError: There is no such file, or it does not hold queries.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    remedy = "make the run again, or restore the file"
    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except FileNotFoundError:
        raise RunError("the run has no such latencies file", where=str(path), remedy=remedy) from None
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise RunError(f"the latencies cannot be read: {reason}", where=str(path), remedy=remedy) from None
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise RunError(
            f"the latencies have no column {', '.join(missing)}",
            where=str(path),
            expected=", ".join(COLUMNS),
            remedy=remedy,
        )
    return LatencyTable(**{name: table[name].to_numpy() for name in COLUMNS})
