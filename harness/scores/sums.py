"""Rows of probabilities that sum to 1: as they are, or once what rounding took from them is given back."""

from __future__ import annotations

import numpy as np

from harness.metrics.validity import SUM_TOLERANCE
from harness.scores.raw import Raw

_DECIMALS = (2, 3, 4)
_SAMPLE = 100
"""Rows that show of most tables that they are not rounded."""
_EXACT = 1e-9
"""What float64 may add to the sum of decimals."""


def unrounded(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """(N, K) rows scaled to sum to 1 where nothing but rounding keeps them from it, and a note that says so.

    A number that was rounded to d decimals is off by half of 10^-d at most, and the sum of K of them by K times that.

    >>> unrounded(np.array([[0.33, 0.33, 0.33]]))
    (array([[0.33333333, 0.33333333, 0.33333333]]), ('probabilities are rounded to 2 decimals: ...
    """
    decimals = next((each for each in _DECIMALS if _are_rounded(values[:_SAMPLE], each)), None)
    if decimals is None or not _are_rounded(values, decimals) or (values < 0).any():
        return values, ()
    exact = np.round(values.astype(np.float64), decimals)
    sums = exact.sum(axis=1, keepdims=True)
    off = np.abs(sums - 1).max()
    if off <= _EXACT or off > values.shape[1] * 0.5 * 10**-decimals + _EXACT:
        return values, ()
    return exact / sums, (f"probabilities are rounded to {decimals} decimals: rows were scaled to sum to 1",)


def no_probabilities(values: np.ndarray) -> np.ndarray:
    """(N,) whether a row of (N, K) numbers is negative somewhere, or does not sum to 1."""
    wrong: np.ndarray = (values < 0).any(axis=1) | _off(values)
    return wrong


def refuse_others(raw: Raw, columns: tuple[str, ...], values: np.ndarray) -> None:
    """Raise for rows that are no probabilities; (N, K).

    Raises:
        PredictionsError: A number that is negative, or a row that does not sum to 1.
    """
    column = columns[0] if len(columns) == 1 else ""
    negative = (values < 0).any(axis=1)
    if negative.any():
        raise raw.error(
            f"probabilities are negative: the first is {values[values < 0][0]:.6g}",
            column=column, rows=np.flatnonzero(negative), expected="numbers from 0 to 1",
            remedy="give probabilities, after the softmax, of all classes; logits are read with --values logits",
        )  # fmt: skip
    off = _off(values)
    if off.any():
        rows = np.flatnonzero(off)
        raise raw.error(
            f"probabilities do not sum to 1: the first such row sums to {values[rows[0]].sum(dtype=np.float64):.6g}",
            column=column, rows=rows, expected=f"rows that sum to 1 within {SUM_TOLERANCE:g}",
            remedy="give probabilities, after the softmax, of all classes; logits are read with --values logits",
        )  # fmt: skip


def _are_rounded(values: np.ndarray, decimals: int) -> bool:
    # Compared in the values' own precision, in which a decimal has one nearest number.
    return bool((np.round(values.astype(np.float64), decimals).astype(values.dtype) == values).all())


def _off(values: np.ndarray) -> np.ndarray:
    off: np.ndarray = np.abs(values.sum(axis=1, dtype=np.float64) - 1) > SUM_TOLERANCE
    return off
