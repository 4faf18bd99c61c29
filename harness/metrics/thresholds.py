"""Which confidence to ask for, so that what is accepted is as accurate as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.metrics.ranking import Ranking
from harness.metrics.selective import lowest_probability, rows_from
from harness.statistics import Estimate, Scalar, Undefined, wilson

WANTED = (0.80, 0.90, 0.95, 0.99)


@dataclass(frozen=True)
class Threshold:
    """The lowest confidence to accept for a wanted accuracy, and what it gives on examples that did not choose it."""

    wanted: float
    threshold: float | None
    """Confidences of this and above, as float32, are accepted; None where no threshold reaches the accuracy."""
    accuracy: Scalar
    """Of the accepted ones in the half that judges."""
    coverage: Scalar
    """Their share of that half."""


def thresholds(
    choosing: Ranking, judging: Ranking, wanted: Sequence[float] = WANTED, *, confidence: float
) -> tuple[Threshold, ...]:
    """For each wanted accuracy, the threshold that accepts the most of one half, judged on the other.

    The half that chose would flatter its own choice; the Wilson intervals are of the half that did not.
    """
    return tuple(_threshold(choosing, judging, accuracy, confidence) for accuracy in wanted)


def _threshold(choosing: Ranking, judging: Ranking, wanted: float, confidence: float) -> Threshold:
    right, accepted = np.cumsum(choosing.hits[::-1]), np.cumsum(choosing.count[::-1])
    reaching = np.flatnonzero(right / accepted >= wanted)
    if not len(reaching):
        reason = Undefined(f"no threshold reaches an accuracy of {100 * wanted:g} % in the half that chooses it")
        return Threshold(wanted, None, reason, reason)
    lowest = float(np.float32(lowest_probability(choosing)[::-1][reaching[-1]]))
    taken = rows_from(judging, lowest)
    count, hits, total = int(judging.count[taken].sum()), int(judging.hits[taken].sum()), int(judging.count.sum())
    empty = Undefined("the half that judges has no example" if not total else "it accepts no example of the other half")
    return Threshold(
        wanted,
        lowest,
        accuracy=Estimate(hits / count, wilson(hits, count, confidence)) if count else empty,
        coverage=Estimate(count / total, wilson(count, total, confidence)) if total else empty,
    )
