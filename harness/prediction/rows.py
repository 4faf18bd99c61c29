"""Predictions by position in the review set, as they lie in shards and in the cache.

A Parquet file of rows carries a stamp (what the rows belong to) and a digest of its own content,
so that a torn, damaged or foreign file is told from a good one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from harness import files
from harness.columns import nested, unnested


class DamagedError(Exception):
    """A file of rows that is torn, damaged or of another shape; says what was found."""


@dataclass(frozen=True)
class Rows:
    """Predictions of some reviews: positions (N,) int64, logits (N, K) float32, tokens (N,) int32, cut (N,) bool."""

    positions: np.ndarray
    logits: np.ndarray
    tokens: np.ndarray
    cut: np.ndarray

    def __len__(self) -> int:
        return len(self.positions)

    def digest(self) -> str:
        """SHA-256 of the content."""
        content = hashlib.sha256(repr(self.logits.shape).encode())
        for column in (self.positions, self.logits, self.tokens, self.cut):
            content.update(np.ascontiguousarray(column).tobytes())
        return content.hexdigest()


@dataclass(frozen=True)
class Finished:
    """The predictions of a whole set, with what the record says of their batches."""

    rows: Rows
    """In the set's order: position i is row i."""
    token_budget: int
    padding_share: float | None
    batching_difference: float | None
    batching_tolerance: float | None


def write(path: Path, rows: Rows, stamp: Mapping[str, object]) -> None:
    """Write rows to a Parquet file, whole or not at all.

    Args:
        path: The file.
        rows: At least one row.
        stamp: What the rows belong to, as JSON values; `read` gives it back.

    Raises:
        OSError: The folder cannot be written.
    """
    columns = {
        "position": pa.array(rows.positions, pa.int64()),
        "logits": nested(rows.logits),
        "tokens": pa.array(rows.tokens, pa.int32()),
        "cut": pa.array(rows.cut, pa.bool_()),
    }
    meta = {"harness.stamp": json.dumps(stamp), "harness.digest": rows.digest()}
    table = pa.table(columns).replace_schema_metadata(meta)
    with files.replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def read(path: Path) -> tuple[Rows, dict[str, object]]:
    """Rows and stamp of a file that `write` wrote.

    Raises:
        DamagedError: The file is not whole, or its content is not what was written.
        FileNotFoundError: There is no such file.
    """
    try:
        # ParquetFile, not read_table: a folder named `a=b` would become a column there.
        with pq.ParquetFile(path) as file:
            table = file.read()
        meta = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
        rows = Rows(
            positions=table["position"].to_numpy().astype(np.int64, casting="same_kind"),
            logits=unnested(table["logits"]),
            tokens=table["tokens"].to_numpy().astype(np.int32, casting="same_kind"),
            cut=table["cut"].to_numpy().astype(np.bool_, casting="same_kind"),
        )
        whole = rows.digest() == meta["harness.digest"]
        stamp = json.loads(meta["harness.stamp"])
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError) as error:
        reason = str(error).partition("\n")[0].replace(str(path), path.name)
        raise DamagedError(reason or type(error).__name__) from None
    if not whole:
        raise DamagedError("its content is not what was written")
    return rows, stamp
