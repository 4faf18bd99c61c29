"""Two classifiers on the same examples: what changed, and how much of it chance may have done.

Differences are candidate less baseline, always.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.errors import PredictionsError
from harness.metrics.decision import predicted_classes
from harness.metrics.difference import Difference
from harness.metrics.joint import JointCells
from harness.metrics.paired_labels import label_differences
from harness.metrics.paired_scores import Sides, score_differences
from harness.metrics.paired_tables import LabelPairs
from harness.metrics.paired_values import value_differences
from harness.metrics.validity import check
from harness.statistics.design import Design
from harness.statistics.paired import detectable_difference, examples_to_detect


@dataclass(frozen=True)
class Paired:
    """A comparison of candidate and baseline. The five numbers of examples add up to all of them."""

    reviews: int
    gained: int
    """The candidate is right, the baseline wrong."""
    lost: int
    """The baseline is right, the candidate wrong."""
    both_right: int
    both_wrong_same: int
    """Both predict the same wrong class."""
    changed_wrong: int
    """Both are wrong, with different classes."""
    identical: bool
    """Whether both predict the same class of every example."""
    discordance: float
    """Share of the examples that exactly one of the two has right."""
    detectable: float | None
    """The difference of accuracy that as many examples would find in 80 of 100 comparisons, approximately.

    One-sided at 5 %, at this discordance; None where it is 0, which tells nothing of other samples.
    """
    differences: Mapping[str, Difference]
    """By the name of the metric."""

    def examples_needed(self, difference: float) -> int | None:
        """How many examples would find this difference of accuracy in 80 of 100 comparisons, approximately.

        One-sided at 5 %, at this discordance, or at the least that such a difference needs. None for a difference
        of 0, which no number of examples finds, and where the discordance is 0.
        """
        if not difference or not self.discordance:
            return None
        return examples_to_detect(difference, max(self.discordance, abs(difference)))


# The arrays come from outside: `check` tells a person what is wrong with them, and not a type checker.
def compare(
    candidate: np.ndarray,
    baseline: np.ndarray,
    gold: np.ndarray,
    *,
    ordinal: bool,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
    design: Design | None = None,
) -> Paired:
    """Every metric's difference, with the interval and the p value that hold for it, or the reason against them.

    Args:
        candidate: (N, K) float32 or float64, probabilities.
        baseline: (N, K), those of the other classifier for the same examples, in the same order.
        gold: (N,) integers, the index of the labelled class.
        ordinal: Whether the order of the classes means something.
        confidence: Level of the intervals, between 0 and 1.
        resamples: Of the bootstrap, and as many of the swap permutation.
        seed: Of either.
        design: How the examples were drawn; independently of each other if None.

    Raises:
        NothingMeasured: There is no example.
        PredictionsError: The arrays cannot be scored, or are not of the same shape.
    """
    check_pair(candidate, baseline, gold)
    labels = gold, predicted_classes(candidate), predicted_classes(baseline)
    joint = JointCells.of(*labels, candidate.shape[1])
    design = design or Design.independent()
    places = joint.places(*labels) if design.unit is not None else np.zeros(0, dtype=np.int64)
    pairs = LabelPairs(joint, design, places, confidence, resamples, seed)
    sides = Sides.of(candidate, baseline, gold, design, confidence)
    right, was_right = joint.candidate == joint.gold, joint.baseline == joint.gold
    same = joint.candidate == joint.baseline
    gained, lost = joint.examples(right & ~was_right), joint.examples(was_right & ~right)
    discordance = (gained + lost) / joint.total
    return Paired(
        reviews=joint.total,
        gained=gained,
        lost=lost,
        both_right=joint.examples(right & was_right),
        both_wrong_same=joint.examples(same & ~right),
        changed_wrong=joint.examples(~same & ~right & ~was_right),
        identical=joint.identical,
        discordance=discordance,
        detectable=detectable_difference(joint.total, discordance) if discordance else None,
        differences={
            **label_differences(pairs, ordinal=ordinal),
            **value_differences(sides),
            **score_differences(sides, ordinal=ordinal),
        },
    )


def check_pair(candidate: np.ndarray, baseline: np.ndarray, gold: np.ndarray) -> None:
    """Nothing, if both can be scored against the gold labels, and have the same shape.

    Raises:
        NothingMeasured: There is no row.
        PredictionsError: What cannot be scored, named with its side; or another number of classes.
    """
    if candidate.shape != baseline.shape:
        raise PredictionsError(
            "candidate and baseline are not of the same examples and classes",
            where=f"arrays of shapes {candidate.shape} and {baseline.shape}",
            expected="the same number of rows and columns",
            remedy="take both from the same review set, with the same label scheme",
        )
    for side, probabilities in (("candidate", candidate), ("baseline", baseline)):
        try:
            check(probabilities, gold)
        except PredictionsError as error:
            raise PredictionsError(
                error.message,
                where=f"{side}: {error.where}" if error.where else side,
                expected=error.expected,
                remedy=error.remedy,
            ) from None
