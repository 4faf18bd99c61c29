"""What a batch of a larger set must be before it is counted in."""

from __future__ import annotations

import numpy as np

from harness.errors import PredictionsError
from harness.metrics.pieces import pieces
from harness.metrics.validity import check


# The arrays come from outside, so that their shapes are told to a person here and not to a type checker.
def check_batch(probabilities: np.ndarray, gold: np.ndarray, first: int, classes: int) -> None:
    """Nothing, if a batch can be scored by `check`, or has no example.

    Args:
        probabilities: (n, K) floats.
        gold: (n,) integers.
        first: Index of the batch's first example in the whole set.
        classes: K.

    Raises:
        PredictionsError: As `check` does, rows named by their index in the whole set; or another number of
            classes.
    """
    kinds = probabilities.dtype.kind == "f" and gold.dtype.kind in "iu" and gold.ndim == 1
    if not kinds or probabilities.shape != (len(gold), classes):
        check(probabilities, gold)
        raise PredictionsError(
            f"probabilities of {probabilities.shape[1]} classes in a tally of {classes}",
            expected="a column for each class of the tally",
            remedy="tally each classifier by itself",
        )
    for rows in pieces(*probabilities.shape):
        check(probabilities[rows], gold[rows], first=first + rows.start)
