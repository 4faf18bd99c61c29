"""The numbers in columns as arrays; what is no number is named with its row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import PredictionsError
from harness.scores.raw import Raw

_SHOWN = 40
"""Characters of a cell that are shown."""
_WITH_COMMA = r"^[+-]?(\d+|\d*,\d+)([eE][+-]?\d+)?$"
"""A number as German and French spreadsheets write it; a point beside commas could stand for thousands."""


def numbers_of(raw: Raw, columns: tuple[str, ...]) -> np.ndarray:
    """(N, K) numbers of one column of lists or of K columns; (N,) of one column of numbers.

    float32 stays, float16 becomes float32, and everything else float64.

    Raises:
        PredictionsError: A value that is missing, no number, or not finite; lists of different lengths.
    """
    if len(columns) == 1:
        (name,) = columns
        is_list = pa.types.is_nested(raw.columns[name].type)
        return _lists(raw, name) if is_list else _plain(raw, name)
    first = _plain(raw, columns[0])
    table = np.empty((len(first), len(columns)), first.dtype)
    for place, name in enumerate(columns):
        values = first if place == 0 else _plain(raw, name)
        if values.dtype.itemsize > table.dtype.itemsize:
            table = table.astype(values.dtype)
        table[:, place] = values
    return table


def has_decimal_commas(raw: Raw, columns: tuple[str, ...]) -> bool:
    """Whether numbers that could be read were written with decimal commas."""
    return raw.decimal_commas and any(pc.any(pc.match_substring(raw.columns[name], ",")).as_py() for name in columns)


def is_number(kind: pa.DataType) -> bool:
    """Whether a type is of whole numbers, floats or decimals."""
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def is_list_of_numbers(kind: pa.DataType) -> bool:
    """Whether a type is of lists of whole numbers, floats or decimals."""
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return is_list and is_number(kind.value_type)


def _plain(raw: Raw, name: str) -> np.ndarray:
    column = raw.columns[name]
    _refuse_missing(raw, name, column)
    values = _floats(_parsed(raw, name, column))
    _refuse_infinite(raw, name, np.isfinite(values))
    return values


def _parsed(raw: Raw, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts as float64; numbers as they are."""
    kind = column.type
    if is_number(kind):
        return column
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise _other(raw, name, str(kind))
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        column = pc.utf8_trim_whitespace(column)
    if raw.decimal_commas and pc.all(pc.match_substring_regex(column, _WITH_COMMA)).as_py():
        column = pc.replace_substring(column, ",", ".")
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        raise _no_number(raw, name, column.to_pylist()) from None


def _lists(raw: Raw, name: str) -> np.ndarray:
    column = raw.columns[name]
    kind = column.type
    if not is_list_of_numbers(kind):
        raise _other(raw, name, str(kind))
    _refuse_missing(raw, name, column)
    lengths = pc.list_value_length(column).to_numpy()
    if not len(lengths):
        return np.empty((0, 0))
    usual = int(np.bincount(lengths).argmax())
    wrong = (lengths != usual) | (lengths == 0)
    if wrong.any():
        raise raw.error(
            "lists have another length than the others" if usual else "lists are empty",
            column=name, rows=np.flatnonzero(wrong),
            expected=f"{usual} numbers in every row" if usual else "a number for each class in every row",
            remedy="look at what made these rows",
        )  # fmt: skip
    flat = pc.list_flatten(column)
    missing = flat.is_null().to_numpy().reshape(-1, usual)
    if missing.any():
        raise _empty(raw, name, missing.any(axis=1))
    values = _floats(flat).reshape(-1, usual)
    _refuse_infinite(raw, name, np.isfinite(values).all(axis=1))
    return values if usual > 1 else values[:, 0]


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    elif not pa.types.is_floating(column.type):
        # Not safe: a whole number beyond 2^53 may be rounded.
        column = column.cast(pa.float64(), safe=False)
    values: np.ndarray = column.to_numpy()
    return values


def _refuse_missing(raw: Raw, name: str, column: pa.ChunkedArray) -> None:
    if column.null_count:
        raise _empty(raw, name, column.is_null().to_numpy())


def _empty(raw: Raw, name: str, missing: np.ndarray) -> PredictionsError:
    return raw.error(
        "numbers are missing", column=name, rows=np.flatnonzero(missing),
        expected="a number for each class in every row", remedy="fill them in, or leave the rows out",
    )  # fmt: skip


def _refuse_infinite(raw: Raw, name: str, finite: np.ndarray) -> None:
    if not finite.all():
        raise raw.error(
            "numbers are NaN or infinite", column=name, rows=np.flatnonzero(~finite),
            expected="finite numbers", remedy="look at what made these rows",
        )  # fmt: skip


def _other(raw: Raw, name: str, kind: str) -> PredictionsError:
    return raw.error(
        f"the {raw.word} holds {kind}", column=name,
        expected="numbers, or lists of numbers of one length", remedy="write one number, or one list of them, a row",
    )  # fmt: skip


def _no_number(raw: Raw, name: str, texts: list[str]) -> PredictionsError:
    places = [place for place, text in enumerate(texts) if not _is_float(text)]
    text = texts[places[0]]
    remedy = "correct the cells, or leave the rows out"
    if text.startswith(("[", "(")):
        remedy = f"write one {raw.word} for each class, p_<class> or logit_<class>"
    elif _is_float(text.replace(",", ".")):
        remedy = "write decimals with a point"
    return raw.error(
        f"{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'!r} is no number", column=name, rows=np.array(places),
        expected="numbers such as 0.25 or 2.5e-05", remedy=remedy,
    )  # fmt: skip


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
