"""The gold labels of a score file: which column, and which texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import NothingMeasured, PredictionsError, UsageError
from harness.options import nearest
from harness.reviews.vocabulary import spelled
from harness.scores.names import GOLD
from harness.scores.npz import PICKLE
from harness.scores.numbers import is_list_of_numbers
from harness.scores.raw import Raw

_USUAL = "gold, y_true, true_label, actual, y_test, label, labels, y, target, targets, stars or rating"

_NAMELESS = re.compile(r"arr_\d+")
"""What np.savez calls arrays that it is given without names."""


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of N rows, by the different texts among them."""

    texts: tuple[str, ...]
    """Without spaces around them; a whole number without a fraction."""
    codes: np.ndarray
    """(N,) int64, indices into `texts`."""

    def counts(self) -> Mapping[str, int]:
        """Text -> rows that have it."""
        found = np.bincount(self.codes, minlength=len(self.texts)).tolist()
        return dict(zip(self.texts, found, strict=True))

    def places(self, text: str) -> np.ndarray:
        """(n,) rows of a label, counted from 0."""
        return np.flatnonzero(self.codes == self.texts.index(text))


def gold_column(raw: Raw, given: str | None) -> tuple[str, tuple[str, ...]]:
    """The column of the gold labels, and a note where another one could have been meant.

    Raises:
        UsageError: The column that was named is not there.
        PredictionsError: No column has a usual name, or two have one that is as good.
    """
    if given is not None:
        return _named(raw, given), ()
    ranks = [[name for name in raw.columns if spelled(name) in rank] for rank in GOLD]
    found = _single(raw, next((names for names in ranks if names), []))
    if not found:
        raise _none(raw)
    if len(found) > 1:
        raise raw.error(
            f"{len(found)} {raw.word}s could hold the gold labels: {raw.listed(found)}",
            expected="one of them",
            remedy="name it with --label-column",
        )
    others = [name for names in ranks for name in names if name != found[0] and not _is_list(raw, name)]
    note = f"the gold labels are in {found[0]!r}, not in {raw.listed(others)}"
    return found[0], (note,) if others else ()


def _single(raw: Raw, names: list[str]) -> list[str]:
    """Those of one value a row, where there is one."""
    return [name for name in names if not _is_list(raw, name)] or names


def _is_list(raw: Raw, name: str) -> bool:
    return bool(pa.types.is_nested(raw.columns[name].type))


def _named(raw: Raw, given: str) -> str:
    if given in raw.columns:
        return given
    if given in raw.left_out:
        raise _unfit(raw, given)
    same = [name for name in raw.columns if spelled(name) == spelled(given)]
    if len(same) == 1 and spelled(given):
        return same[0]
    raise UsageError(
        f"there is no {raw.word} {given!r} for the gold labels",
        where=str(raw.path),
        expected=f"one of {raw.listed()}",
        remedy=f"{nearest(given, raw.columns)}correct --label-column",
    )


def _none(raw: Raw) -> PredictionsError:
    unfit = next((name for rank in GOLD for name in raw.left_out if spelled(name) in rank), None)
    if unfit is not None:
        return _unfit(raw, unfit)
    unnamed = [*raw.columns, *raw.left_out]
    nameless = len(unnamed) > 1 and all(_NAMELESS.fullmatch(name) for name in unnamed)
    return raw.error(
        f"no {raw.word} has a usual name of gold labels",
        expected="\n".join([_USUAL, f"the file has {raw.listed() or f'no {raw.word}'}", *raw.reasons()]),
        remedy="save them with their names: np.savez(file, probabilities=P, gold=y)"
        if nameless and raw.word == "array"
        else "name it with --label-column",
    )


def _unfit(raw: Raw, name: str) -> PredictionsError:
    """Gold labels that are there, in a form that is not read."""
    objects = raw.left_out[name] == PICKLE
    return raw.error(
        f"{name!r} is {raw.left_out[name]}",
        expected="one label for each row, as text or as whole numbers",
        remedy=f"save it as text: {name}.astype(str)" if objects else "save the gold labels as an array of one axis",
    )


def coded(raw: Raw, name: str) -> Labels:
    """The labels in a column, of any type that has texts.

    Raises:
        PredictionsError: The column holds several values a row, or a row has no label.
        NothingMeasured: There is no row.
    """
    column = raw.columns[name]
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    if pa.types.is_nested(column.type):
        _refuse_one_hot(raw, name)
        raise raw.error(
            "a gold label is one value, but here each row holds several",
            column=name, expected="the name or the number of a class in each row", remedy="name another --label-column",
        )  # fmt: skip
    if not len(column):
        raise NothingMeasured(
            "there is no row to score", where=str(raw.path), remedy="give at least one row with its gold label"
        )
    missing = pc.is_null(column, nan_is_null=True).to_numpy(zero_copy_only=False)
    if missing.any():
        raise _missing(raw, name, missing)
    encoded = column.combine_chunks().dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    texts = [_text(value) for value in encoded.dictionary.to_pylist()]
    if "" in texts:
        raise _missing(raw, name, np.isin(codes, [code for code, text in enumerate(texts) if not text]))
    different = tuple(dict.fromkeys(texts))
    code_of = {text: code for code, text in enumerate(different)}
    return Labels(different, np.array([code_of[text] for text in texts], np.int64)[codes])


def _refuse_one_hot(raw: Raw, name: str) -> None:
    """Raise where each row is a single 1 among 0."""
    column = raw.columns[name]
    if not is_list_of_numbers(column.type):
        return
    lengths = set(pc.list_value_length(column).to_pylist())
    values = pc.list_flatten(column).to_numpy(zero_copy_only=False)
    width = lengths.pop()
    if lengths or not width or not np.isin(values, (0, 1)).all():
        return
    if (values.reshape(-1, width) == 1).sum(axis=1).tolist() == [1] * len(column):
        raise raw.error(
            f"the gold labels are one-hot: each row holds a single 1 among {width} numbers", column=name,
            expected="the name or the number of a class in each row",
            remedy=f"give its argmax: {name}.argmax(axis=1)" if raw.word == "array" else "give its argmax",
        )  # fmt: skip


def _missing(raw: Raw, name: str, missing: np.ndarray) -> PredictionsError:
    return raw.error(
        "rows have no gold label", column=name, rows=np.flatnonzero(missing),
        expected="a label in every row", remedy="fill the labels in, or leave the rows out",
    )  # fmt: skip


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
