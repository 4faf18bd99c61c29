"""The difference of accuracy slice by slice, with everything corrected for how many slices are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.errors import PredictionsError, UsageError
from harness.metrics.arrays import Right
from harness.metrics.decision import predicted_classes
from harness.metrics.difference import Difference, of_shares, undefined
from harness.metrics.paired import check_pair
from harness.statistics import Undefined
from harness.statistics.design import Design
from harness.statistics.multiplicity import benjamini_hochberg, holm

WARNED = 0.05
"""Adjusted p value up to which a slice is warned of: at most this share of the warnings is expected to be false."""

EMPTY = Undefined("no example is in this slice")


@dataclass(frozen=True)
class SliceDifference:
    """Candidate and baseline on the examples of one slice."""

    name: str
    reviews: int
    gained: int
    """The candidate is right, the baseline wrong."""
    lost: int
    """The baseline is right, the candidate wrong."""
    accuracy: Difference
    """Its interval is corrected for the number of slices, its p value is not."""
    adjusted: float | None = None
    """The p value corrected; None where there is none."""
    correction: str = ""
    """What corrected it, and over how many slices."""
    warning: bool = False
    """Whether the candidate is worse, with a corrected p value of 5 % at most."""


def compare_slices(
    candidate: np.ndarray,
    baseline: np.ndarray,
    gold: np.ndarray,
    slices: Mapping[str, np.ndarray],
    named: Sequence[str] = (),
    confidence: float = 0.95,
    design: Design | None = None,
) -> tuple[SliceDifference, ...]:
    """Each slice, in the order given.

    Intervals are those of `compare` for the accuracy, all of them true together with the chance `confidence`
    (Bonferroni over the slices that hold an example). P values are corrected by Holm over the slices that were named
    beforehand, and by Benjamini and Hochberg over the others: so looking at many does not weaken what was asked.

    Args:
        candidate: (N, K) float32 or float64, probabilities.
        baseline: (N, K), those of the other classifier for the same examples, in the same order.
        gold: (N,) integers, the index of the labelled class.
        slices: (N,) bool by name, whether each example is in the slice; it may be in several.
        named: The slices that were named before anything was looked at.
        confidence: Level of all intervals together, between 0 and 1.
        design: How the examples were drawn; independently of each other if None.

    Raises:
        NothingMeasured: There is no example.
        PredictionsError: The arrays cannot be scored, or are not of the same examples.
        UsageError: A slice is named that is not there.
    """
    check_pair(candidate, baseline, gold)
    _check_slices(slices, named, len(gold))
    design = design or Design.independent()
    right, was_right = predicted_classes(candidate) == gold, predicted_classes(baseline) == gold
    filled = sum(bool(inside.any()) for inside in slices.values())
    level = 1 - (1 - confidence) / max(1, filled)
    found = [
        _of_slice(name, right[inside], was_right[inside], design.of_rows(inside), level)
        for name, inside in slices.items()
    ]
    corrected = {
        **_corrected([one for one in found if one.name in named], "Holm"),
        **_corrected([one for one in found if one.name not in named], "Benjamini-Hochberg"),
    }
    return tuple(corrected.get(one.name, one) for one in found)


def _of_slice(name: str, right: Right, was_right: Right, design: Design, level: float) -> SliceDifference:
    gained, lost = (int(np.count_nonzero(only)) for only in (right & ~was_right, was_right & ~right))
    accuracy = of_shares(right, was_right, design, level) if len(right) else undefined(EMPTY, EMPTY)
    return SliceDifference(name, len(right), gained, lost, accuracy)


CORRECTIONS = {"Holm": holm, "Benjamini-Hochberg": benjamini_hochberg}


def _corrected(family: Sequence[SliceDifference], correction: str) -> dict[str, SliceDifference]:
    """Those of a family of slices that have a p value, by name."""
    tested = [one for one in family if one.accuracy.p_value is not None]
    adjusted = CORRECTIONS[correction](np.array([one.accuracy.p_value for one in tested], dtype=np.float64))
    text = f"{correction} over {len(tested)} {'slice' if len(tested) == 1 else 'slices'}"
    return {
        one.name: replace(one, adjusted=p_value, correction=text, warning=_worse(one) and p_value <= WARNED)
        for one, p_value in zip(tested, adjusted.tolist(), strict=True)
    }


def _worse(one: SliceDifference) -> bool:
    return one.lost > one.gained


def _check_slices(slices: Mapping[str, np.ndarray], named: Sequence[str], examples: int) -> None:
    strange = [name for name in named if name not in slices]
    if strange:
        raise UsageError(
            f"there is no slice {strange[0]!r}",
            expected=", ".join(slices) or "no slice at all",
            remedy="name slices that are compared",
        )
    for name, inside in slices.items():
        if inside.shape != (examples,) or inside.dtype != bool:
            raise PredictionsError(
                f"slice {name!r} does not say of each example whether it is in",
                where=f"an array of shape {inside.shape} and dtype {inside.dtype}",
                expected=f"({examples},) bool",
                remedy="give one value an example",
            )
