"""The columns that are neither text, label nor id: kept as texts, numbers, or lists of these, for slices."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from harness.reviews.canonical import text_of
from harness.reviews.strings import string_column

_INT64 = range(-(2**63), 2**63)


def kept_column(values: list[Any] | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray | None:
    """A column as Arrow keeps it; `None` where it holds bytes, such as pictures."""
    return _of_list(values) if isinstance(values, list) else _of_arrow(values)


def _of_list(values: list[Any]) -> pa.Array | pa.ChunkedArray:
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {str}:
        return pa.array(values, pa.string()) if None in values else string_column(values)
    if not kinds:
        return pa.nulls(len(values), pa.string())
    if kinds <= {int} and all(value is None or value in _INT64 for value in values):
        return pa.array(values, pa.int64())
    if kinds <= {int, float} and float in kinds:
        return pa.array([None if value is None else _float(value) for value in values], pa.float64())
    if kinds <= {list}:
        inner = {type(item) for value in values if value for item in value} - {type(None)}
        if inner <= {str}:
            return pa.array(values, pa.list_(pa.string()))
        if inner <= {int, float}:
            numbers = [None if v is None else [None if i is None else _float(i) for i in v] for v in values]
            return pa.array(numbers, pa.list_(pa.float64()))
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number beyond any float
        return float("inf") if value > 0 else float("-inf")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else text_of(value) or ""


def _of_arrow(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    kind = column.type
    types = pa.types
    if types.is_integer(kind) or types.is_floating(kind):
        return column.cast(pa.float32()) if types.is_float16(kind) else column
    if _is_text(kind):
        return column.cast(pa.string())
    if types.is_boolean(kind):
        return pc.if_else(column, "true", "false")
    if types.is_null(kind):
        return column.cast(pa.string())
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = kind.value_type
        if types.is_integer(inner) or types.is_floating(inner):
            return column
        if _is_text(inner):
            return column.cast(pa.list_(pa.string()))
    if _holds_bytes(kind):
        return None
    texts = [None if value is None else _plain_text(value) for value in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _holds_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return True
    return any(_holds_bytes(kind.field(place).type) for place in range(kind.num_fields))


def _plain_text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
