"""Every metric of one set of predictions, by name: from a tally of counts and sums, and from rankings."""

from __future__ import annotations

from harness.metrics.bins import BinnedConfidence
from harness.metrics.calibration import calibration_metrics
from harness.metrics.classification import label_metrics
from harness.metrics.conformal import merged_conformal, split_conformal
from harness.metrics.confusion import margins
from harness.metrics.decision import top_2_metric
from harness.metrics.decomposition import decomposition_metrics
from harness.metrics.discrimination import area_metrics
from harness.metrics.losses import loss_metrics
from harness.metrics.ranking import Ranking
from harness.metrics.rankings import ExactRankings, FineRankings
from harness.metrics.selective import selective_metrics
from harness.metrics.tally import Tally
from harness.statistics import Scalar
from harness.statistics.drawn import DrawnTables


def overall(
    tally: Tally,
    rankings: ExactRankings | FineRankings,
    *,
    ordinal: bool,
    confidence: float,
    resamples: int,
    seed: int,
    drawn: DrawnTables | None = None,
) -> dict[str, Scalar]:
    """The scalars of at least one example; the temperature alone is not among them, which needs passes of its own.

    Args:
        tally: Of all examples.
        rankings: Of the same.
        ordinal: Whether the order of the classes means something.
        confidence: Level of the intervals, between 0 and 1.
        resamples: Of the bootstrap.
        seed: Of the same.
        drawn: Confusion counts drawn under another design than that of independent examples. The intervals
            that are not bootstrapped still take the examples as independent.
    """
    top = rankings.confidence()
    return {
        **label_metrics(
            tally.confusion, ordinal=ordinal, confidence=confidence, resamples=resamples, seed=seed, drawn=drawn
        ),
        "top_2_accuracy": top_2_metric(tally.top_2, tally.total, tally.classes, confidence),
        **_areas(rankings, confidence),
        **probability_metrics(tally, top, ordinal=ordinal, confidence=confidence),
        **selective_metrics(top, confidence=confidence),
        **_conformal(tally, rankings, confidence),
    }


def probability_metrics(tally: Tally, top: Ranking, *, ordinal: bool, confidence: float) -> dict[str, Scalar]:
    """The scalars that a temperature changes: losses with their parts, and calibration.

    Args:
        tally: Of all examples.
        top: The same by confidence.
        ordinal: Whether the order of the classes means something.
        confidence: Level of the intervals, between 0 and 1.
    """
    wrong = margins(tally.confusion).wrong
    means = {name: moments.mean for name, moments in tally.losses.items()}
    bins: BinnedConfidence = tally.bins
    return {
        **loss_metrics(tally.losses, impossible=tally.impossible, wrong=wrong, ordinal=ordinal, confidence=confidence),
        **decomposition_metrics(tally.groups, means),
        **calibration_metrics(bins, tally.by_class, top, tally.gap, confidence=confidence),
    }


def _areas(rankings: ExactRankings | FineRankings, confidence: float) -> dict[str, Scalar]:
    if isinstance(rankings, ExactRankings):
        return area_metrics(rankings.classes(), confidence, probabilities=rankings.probabilities, gold=rankings.gold)
    return area_metrics(rankings.classes(), confidence)


def _conformal(tally: Tally, rankings: ExactRankings | FineRankings, confidence: float) -> dict[str, Scalar]:
    if isinstance(rankings, ExactRankings):
        return split_conformal(rankings.probabilities, rankings.gold, rankings.judging, confidence=confidence)
    calibrating, judging = (bins.ranking() for bins in tally.gold_fine)
    return merged_conformal(calibrating, judging, rankings.classes(), rankings.halves()[1], confidence=confidence)
