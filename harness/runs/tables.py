"""The Parquet files of a run: predictions, the one source of every metric, and the reviews they are about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness import files
from harness.errors import RunError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

COLUMNS = ("id", "gold", "logits", "probabilities", "tokens", "cut")
INTERNAL = ("label", "row")
"""Columns of a review set's table that its file leaves out: gold is with the predictions."""


@dataclass(frozen=True)
class PredictionTable:
    """The predictions of one evaluation, as `write_predictions` took them."""

    ids: list[str]
    gold: np.ndarray
    """(N,) int32, indices into `classes`."""
    logits: np.ndarray
    """(N, K) float32, one column each of `logit_classes`."""
    probabilities: np.ndarray
    """(N, E) float32, one column each of `classes`."""
    tokens: np.ndarray
    """(N,) int32, without padding."""
    cut: np.ndarray
    """(N,) bool."""
    classes: tuple[str, ...]
    """Of the evaluation."""
    logit_classes: tuple[str, ...]
    """Of the classifier."""


def write_predictions(
    path: Path,
    ids: Sequence[str],
    gold: np.ndarray,
    logits: np.ndarray,
    probabilities: np.ndarray,
    tokens: np.ndarray,
    cut: np.ndarray,
    classes: Sequence[str],
    logit_classes: Sequence[str],
) -> None:
    """Write the predictions of one evaluation, whole or not at all.

    Args:
        path: The Parquet file; its folder is made.
        ids: N ids.
        gold: (N,) int, indices into `classes`.
        logits: (N, K) float32.
        probabilities: (N, E) float32.
        tokens: (N,) int.
        cut: (N,) bool.
        classes: E names, of the evaluation.
        logit_classes: K names, of the classifier.

    Raises:
        RunError: The file cannot be written.
    """
    import pyarrow as pa

    from harness.columns import nested

    columns = {
        "id": pa.array(ids, pa.string()),
        "gold": pa.array(gold, pa.int32()),
        "logits": nested(logits),
        "probabilities": nested(probabilities),
        "tokens": pa.array(tokens, pa.int32()),
        "cut": pa.array(cut, pa.bool_()),
    }
    meta = {"classes": _names(classes), "logit_classes": _names(logit_classes)}
    write_table(path, pa.table(columns).replace_schema_metadata(meta))


def read_predictions(path: Path) -> PredictionTable:
    """The predictions that `write_predictions` wrote.

    Raises:
        RunError: There is no such file, or it does not hold predictions.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from harness.columns import unnested

    remedy = "make the run again, or restore the file"
    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
        missing = [name for name in COLUMNS if name not in table.column_names]
        if missing:
            raise RunError(
                f"the predictions have no column {', '.join(missing)}",
                where=str(path),
                expected=", ".join(COLUMNS),
                remedy=remedy,
            )
        meta = table.schema.metadata or {}
        return PredictionTable(
            ids=table["id"].to_pylist(),
            gold=table["gold"].to_numpy().astype(np.int32, copy=False),
            logits=unnested(table["logits"]),
            probabilities=unnested(table["probabilities"]),
            tokens=table["tokens"].to_numpy().astype(np.int32, copy=False),
            cut=table["cut"].to_numpy().astype(np.bool_, copy=False),
            classes=tuple(json.loads(meta[b"classes"])),
            logit_classes=tuple(json.loads(meta[b"logit_classes"])),
        )
    except FileNotFoundError:
        raise RunError("the run has no such predictions file", where=str(path), remedy=remedy) from None
    except KeyError as missing_key:
        name = missing_key.args[0].decode()
        raise RunError(f"the predictions do not name their {name}", where=str(path), remedy=remedy) from None
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise RunError(f"the predictions cannot be read: {reason}", where=str(path), remedy=remedy) from None


def write_reviews(path: Path, table: pa.Table, texts: bool) -> None:
    """Write the reviews that predictions are about: `id`, `text` and the kept columns.

    Args:
        path: The Parquet file; its folder is made.
        table: A review set's table.
        texts: False leaves the texts out.

    Raises:
        RunError: The file cannot be written.
    """
    left_out = {*INTERNAL, *(() if texts else ("text",))}
    write_table(path, table.select([name for name in table.column_names if name not in left_out]))


def read_reviews(path: Path) -> pa.Table:
    """The reviews that `write_reviews` wrote.

    Raises:
        RunError: There is no such file, or it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return file.read()
    except (OSError, pa.ArrowException) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else str(error).partition("\n")[0]
        raise RunError(
            f"the reviews cannot be read: {reason}", where=str(path), remedy="make the run again, or restore the file"
        ) from None


def _names(classes: Sequence[str]) -> str:
    return json.dumps(list(classes), ensure_ascii=False)


def write_table(path: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    try:
        with files.replacing(path) as temporary:
            pq.write_table(table, temporary, compression="zstd")
    except OSError as error:
        raise RunError(
            f"the file cannot be written: {error.strerror or error}",
            where=str(path),
            remedy="make room, or name another folder with --output",
        ) from None
