"""Parquet files, and the Arrow tables of the datasets library."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from harness.errors import ReviewSetError
from harness.reviews.raw import RawTable


def read_parquet(data: bytes, location: str) -> RawTable:
    """Take a Parquet file apart. Rows are numbered from 1.

    Raises:
        ReviewSetError: A file that is cut short or damaged, or text that is no UTF-8.
    """
    if not data.endswith(b"PAR1"):
        raise ReviewSetError(
            "the Parquet file is cut short: it does not end with PAR1",
            where=location, expected="Parquet, whole", remedy="fetch or copy the file again",
        )  # fmt: skip
    try:
        # Not read_table: that would add columns from folder names such as language=de.
        table = pq.ParquetFile(pa.BufferReader(data)).read()
        table.validate(full=True)
        _ = table.column_names  # damaged names are found out only when they are asked for
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise ReviewSetError(
            f"the Parquet file is damaged: {reason}",
            where=location, expected="Parquet, whole", remedy="fetch or write the file again",
        ) from None  # fmt: skip
    return of_table(table, _class_names(table.schema))


def of_table(table: pa.Table, class_names: Mapping[str, Sequence[str]]) -> RawTable:
    """An Arrow table with plain columns: dictionaries decoded, text that was stored as bytes made text."""
    columns: dict[str, pa.ChunkedArray] = {}
    for place, name in enumerate(table.column_names):
        columns[name if name not in columns else f"{name} ({place + 1})"] = plain(table.column(place))
    return RawTable(columns, range(1, table.num_rows + 1), class_names=class_names)


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Categories decoded, and text that was stored as bytes made text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        try:
            # Spark writes text so; what is no UTF-8 stays bytes and is refused where it is needed.
            return column.cast(pa.large_string())
        except pa.ArrowInvalid:
            return column
    return column


def _class_names(schema: pa.Schema) -> dict[str, list[str]]:
    """Names of the classes, where the datasets library wrote the file and left them in its metadata."""
    try:
        features: dict[str, Any] = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {
            name: [str(each) for each in feature["names"]]
            for name, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, TypeError, ValueError):
        return {}
