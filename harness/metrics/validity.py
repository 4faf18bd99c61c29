"""What probabilities and gold labels must be before anything is computed from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import NothingMeasured, PredictionsError, first_rows

SUM_TOLERANCE = 1e-3
"""How far the sum of a row may be from 1: wide enough for probabilities that were stored as float16."""


# The arrays come from outside, so that their shapes are told to a person here and not to a type checker.
def check(probabilities: np.ndarray, gold: np.ndarray, *, first: int = 0) -> None:
    """Nothing, if the arrays can be scored: (N, K) floats, K ≥ 2, and (N,) integers in 0 … K - 1.

    `first` is the index of their first row, where they are a part of more.

    Raises:
        NothingMeasured: There is no row.
        PredictionsError: Another shape or kind; a value that is NaN or negative; a row that does not
            sum to 1 within `SUM_TOLERANCE`; a gold label that is no class. Rows are named, counted from 0.
    """
    _check_shapes(probabilities, gold)
    if not len(gold):
        raise NothingMeasured("no examples, so that no metric is defined", remedy="evaluate at least one review")
    sums = probabilities.sum(axis=1, dtype=np.float64)
    classes = probabilities.shape[1]
    # An infinite value makes its sum infinite or NaN.
    _refuse(first, ~np.isfinite(sums), "probabilities are not finite", "numbers from 0 to 1")
    _refuse(first, (probabilities < 0).any(axis=1), "probabilities are negative", "numbers from 0 to 1")
    _refuse(
        first,
        np.abs(sums - 1) > SUM_TOLERANCE,
        "probabilities do not sum to 1",
        f"rows that sum to 1 within {SUM_TOLERANCE:g}",
        "give probabilities, after the softmax, of all classes",
    )
    _refuse(
        first,
        (gold < 0) | (gold >= classes),
        "gold labels are no class",
        f"integers from 0 to {classes - 1}",
        "give the index of the class",
    )


def _check_shapes(probabilities: np.ndarray, gold: np.ndarray) -> None:
    if probabilities.ndim != 2 or probabilities.shape[1] < 2 or probabilities.dtype.kind != "f":
        raise PredictionsError(
            "probabilities are no table of numbers",
            where=f"an array of shape {probabilities.shape} and dtype {probabilities.dtype}",
            expected="(examples, classes) floats, with two classes or more",
            remedy="give one row an example and one column a class",
        )
    if gold.ndim != 1 or gold.dtype.kind not in "iu":
        raise PredictionsError(
            "gold labels are no list of integers",
            where=f"an array of shape {gold.shape} and dtype {gold.dtype}",
            expected="(examples,) integers",
            remedy="give the index of the class for each example",
        )
    if len(gold) != len(probabilities):
        raise PredictionsError(
            f"{len(probabilities):,} rows of probabilities and {len(gold):,} gold labels",
            expected="one gold label for each row",
            remedy="take both from the same examples, in the same order",
        )


def _refuse(
    first: int, wrong: ArrayLike, message: str, expected: str, remedy: str = "look at what made these rows"
) -> None:
    rows: Sequence[int] = (np.flatnonzero(wrong) + first).tolist()
    if rows:
        raise PredictionsError(message, where=f"{first_rows(rows)}, counted from 0", expected=expected, remedy=remedy)
