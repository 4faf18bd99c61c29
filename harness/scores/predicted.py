"""Columns of what a model chose: its probabilities say it already, so they are compared and left out."""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from harness.labels.scheme import canonical
from harness.reviews.vocabulary import spelled
from harness.scores.classes import Fit
from harness.scores.gold import Labels, coded
from harness.scores.names import PREDICTED
from harness.scores.raw import Raw


def predicted(
    raw: Raw, used: Container[str], labels: Labels, fitted: Fit, probabilities: np.ndarray
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the columns, and a note of each: how often it is not the most probable class, where that can be told.

    Args:
        raw: The file.
        used: Columns that are known to be something else.
        labels: The gold labels as they are written.
        fitted: Which of them is which class.
        probabilities: (N, K), in the order of the classes.
    """
    rows = len(fitted.gold)
    names = [name for name, column in raw.columns.items() if name not in used and len(column) == rows]
    names = [name for name in names if spelled(name) in PREDICTED and not pa.types.is_nested(raw.columns[name].type)]
    firsts = np.unique(labels.codes, return_index=True)
    # Written as the gold labels are, or by the names of the classes.
    ways = [
        {canonical(labels.texts[code]): int(fitted.gold[place]) for code, place in zip(*firsts, strict=True)},
        {canonical(name): place for place, name in enumerate(fitted.classes)},
    ]
    return tuple(names), tuple(_note(raw, name, ways, probabilities) for name in names)


def _note(raw: Raw, name: str, ways: list[dict[str, int]], probabilities: np.ndarray) -> str:
    chosen = _classes_of(raw, name, ways)
    if chosen is None:
        return f"left out: {name!r}, by its name what was predicted"
    differing = int((chosen != probabilities.argmax(axis=1)).sum())
    return f"left out: {name!r}, which is not the most probable class in {differing:,} of {len(chosen):,} rows"


def _classes_of(raw: Raw, name: str, ways: list[dict[str, int]]) -> np.ndarray | None:
    """(N,) indices of classes; None where a row has none, or another text."""
    if pc.any(pc.is_null(raw.columns[name], nan_is_null=True)).as_py():
        return None
    found = coded(raw, name)
    texts = [canonical(text) for text in found.texts]
    way: Mapping[str, int] | None = next((way for way in ways if all(text in way for text in texts)), None)
    if way is None:
        return None
    places: np.ndarray = np.array([way[text] for text in texts], np.int64)[found.codes]
    return places
