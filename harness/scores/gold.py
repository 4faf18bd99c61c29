"""The gold labels of a score file: which column, and which texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.errors import NothingMeasured, PredictionsError, UsageError
from harness.options import nearest
from harness.reviews.vocabulary import spelled
from harness.scores.names import GOLD
from harness.scores.raw import Raw

_USUAL = "gold, label, labels, y_true, y, target, targets or stars"


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
    found = next((names for names in ranks if names), [])
    if not found:
        raise _none(raw)
    if len(found) > 1:
        raise raw.error(
            f"{len(found)} {raw.word}s could hold the gold labels: {raw.listed(found)}",
            expected="one of them",
            remedy="name it with --label-column",
        )
    others = [name for names in ranks for name in names if name != found[0]]
    note = f"the gold labels are in {found[0]!r}, not in {raw.listed(others)}"
    return found[0], (note,) if others else ()


def _named(raw: Raw, given: str) -> str:
    if given in raw.columns:
        return given
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
    left_out = [f"left out: {reason}" for reason in raw.left_out]
    return raw.error(
        f"no {raw.word} has a usual name of gold labels",
        expected="\n".join([_USUAL, f"the file has {raw.listed() or f'no {raw.word}'}", *left_out]),
        remedy="name it with --label-column",
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
