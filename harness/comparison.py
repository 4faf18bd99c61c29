"""Two classifiers' predictions of the same examples -> their paired differences. Arrays in, records out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.evaluation import as_metric
from harness.metrics import paired
from harness.metrics.difference import Difference as Measured
from harness.metrics.paired_slices import compare_slices
from harness.records import Comparison, Difference, Flips, SliceDifference
from harness.slicing import Column
from harness.statistics.design import Design


def compare(
    candidate: np.ndarray,
    baseline: np.ndarray,
    gold: np.ndarray,
    *,
    names: tuple[str, str],
    ordinal: bool,
    design: Design | None = None,
    slices: Sequence[Column] = (),
    named: Sequence[str] = (),
    notes: Sequence[str] = (),
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Every difference, candidate less baseline.

    Args:
        candidate: (N, K) float32 or float64, probabilities.
        baseline: (N, K), of the same examples in the same order.
        gold: (N,) integers.
        names: What the two are called.
        ordinal: Whether the order of the classes means something.
        design: How the examples were drawn; None: independently.
        slices: Columns that cut the examples into slices.
        named: Which of these columns were named beforehand.
        notes: What was assumed of the files, to be kept with the result.
        confidence: Level of the intervals, between 0 and 1.
        resamples: Of the bootstrap and of the permutation.
        seed: Of the same.

    Raises:
        NothingMeasured: There is no example.
        PredictionsError: Arrays that cannot be scored or do not fit each other.
    """
    design = design or Design.independent()
    found = paired.compare(
        candidate,
        baseline,
        gold,
        ordinal=ordinal,
        confidence=confidence,
        resamples=resamples,
        seed=seed,
        design=design,
    )
    return Comparison(
        candidate=names[0],
        baseline=names[1],
        reviews=found.reviews,
        identical=found.identical,
        flips=Flips(
            gained=found.gained,
            lost=found.lost,
            both_right=found.both_right,
            both_wrong=found.both_wrong_same,
            changed_wrong=found.changed_wrong,
        ),
        differences={name: _difference(each) for name, each in found.differences.items()},
        detectable_difference=found.detectable,
        slices=_slices(candidate, baseline, gold, slices, named, confidence, design),
        sampling=str(design),
        notes=tuple(notes),
    )


def _difference(each: Measured) -> Difference:
    return Difference(
        candidate=each.candidate,
        baseline=each.baseline,
        difference=as_metric(each.value),
        p_value=each.p_value,
        test=each.test,
        reason=each.reason or None,
    )


def _slices(
    candidate: np.ndarray,
    baseline: np.ndarray,
    gold: np.ndarray,
    columns: Sequence[Column],
    named: Sequence[str],
    confidence: float,
    design: Design,
) -> tuple[SliceDifference, ...]:
    parts = {f"{place} {column.name}": column for place, column in enumerate(columns)}
    masks, where = {}, {}
    for key, column in parts.items():
        for part in column.parts:
            name = f"{key}={part.value}"
            masks[name] = np.isin(np.arange(len(gold)), part.rows)
            where[name] = (column.name, part.value)
    beforehand = [name for name, (column, _) in where.items() if column in named]
    return tuple(
        SliceDifference(
            column=where[one.name][0],
            value=where[one.name][1],
            reviews=one.reviews,
            difference=as_metric(one.accuracy.value),
            p_value=one.accuracy.p_value,
            adjusted_p_value=one.adjusted,
            correction=one.correction,
            warning=one.warning,
        )
        for one in compare_slices(candidate, baseline, gold, masks, beforehand, confidence, design)
    )
