"""Parquet files: those of a run, and any other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from harness.errors import PredictionsError
from harness.reviews.arrow_tables import plain
from harness.scores.raw import Raw, refuse_repeated


def read(path: Path) -> Raw:
    """The columns of a Parquet file, and the classes that a run's file names.

    Raises:
        PredictionsError: The file is no Parquet file, or is damaged.
    """
    try:
        # Not read_table: that would add columns from folder names such as language=de.
        with pq.ParquetFile(path) as file:
            table = file.read()
        table.validate(full=True)
        names = table.column_names  # damaged names are found out only when they are asked for
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise PredictionsError(
            f"the file is no Parquet file, or is damaged: {str(error).splitlines()[0]}",
            where=str(path),
            remedy="write or fetch it again",
        ) from None
    refuse_repeated(names, path)
    meta = table.schema.metadata or {}
    classes, logit_classes = _names(meta, b"classes"), _names(meta, b"logit_classes")
    return Raw(
        path,
        {name: plain(table.column(name)) for name in names},
        classes=classes,
        logit_classes=logit_classes,
        # Both are written by `harness.runs` alone, together with gold labels that are indices.
        indices="gold" if classes and logit_classes else "",
    )


def _names(meta: Mapping[bytes, bytes], key: bytes) -> tuple[str, ...] | None:
    """A list of names in the metadata; None where another program keeps something else there."""
    try:
        found = json.loads(meta[key])
    except (KeyError, ValueError):
        return None
    is_list = isinstance(found, list) and found and all(isinstance(name, str) for name in found)
    return tuple(found) if is_list else None
