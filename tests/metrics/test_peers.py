"""Beside packages that measure the same: where definitions agree, so do the figures, to 1e-6.

Where a peer defines something else, the test says what, and compares where the two meet.
"""

from __future__ import annotations

import calibration as peer
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mapie.classification import SplitConformalClassifier
from model_diagnostics.scoring import LogLoss, SquaredError, decompose
from sklearn.base import BaseEstimator, ClassifierMixin

from harness.metrics.bins import BinnedConfidence, binned, grouped
from harness.metrics.calibration import equal_mass_calibration_error, expected_calibration_error
from harness.metrics.conformal import conformal_threshold, set_sizes
from harness.metrics.decision import confidences, predicted_classes
from harness.metrics.decomposition import brier_decomposition, log_decomposition
from harness.metrics.losses import brier_losses, log_losses
from harness.metrics.ranking import Ranking
from harness.metrics.squared import debiased_squared_error

EDGES = [*(np.arange(1, 15) / 15).tolist(), 1.0]


def confident(examples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Confidences and whether each prediction is right, of an over-confident classifier."""
    generator = np.random.default_rng(seed)
    confidence = generator.uniform(0.2, 1, examples)
    return confidence, generator.random(examples) < confidence**1.5


def by_peer(confidence: np.ndarray, right: np.ndarray) -> list[list[tuple[float, int]]]:
    """The same bins: the package puts a value on an edge into the bin below, too."""
    return peer.bin(list(zip(confidence.tolist(), right.astype(int).tolist(), strict=True)), EDGES)


def of(confidence: np.ndarray, right: np.ndarray) -> BinnedConfidence:
    return binned(confidence, right)


class TestUncertaintyCalibration:
    """Kumar, Liang & Ma's own package."""

    @settings(max_examples=25, deadline=None)
    @given(st.integers(2, 3000), st.integers(0, 1000))
    def test_binned_errors_agree(self, examples: int, seed: int) -> None:
        drawn = confident(examples, seed)
        bins, theirs = of(*drawn), by_peer(*drawn)
        gaps = (bins.confidence - bins.right) / np.maximum(bins.count, 1)
        root_mean_square = np.sqrt(bins.count / examples @ np.square(gaps))

        assert expected_calibration_error(bins) == pytest.approx(peer.plugin_ce(theirs, power=1), abs=1e-6)
        assert root_mean_square == pytest.approx(peer.plugin_ce(theirs, power=2), abs=1e-6)

    @settings(max_examples=25, deadline=None)
    @given(st.integers(60, 3000), st.integers(0, 1000))
    def test_debiased_squared_error_agrees(self, examples: int, seed: int) -> None:
        """Where each bin has two examples: a bin of one counts as 0 there, and here by its own confidence."""
        drawn = confident(examples, seed)
        bins = of(*drawn)
        assume(1 not in bins.count)

        assert debiased_squared_error(bins) == pytest.approx(peer.unbiased_square_ce(by_peer(*drawn)), abs=1e-6)

    @settings(max_examples=25, deadline=None)
    @given(st.integers(2, 200), st.integers(0, 1000))
    def test_equal_mass_bins_agree(self, in_a_bin: int, seed: int) -> None:
        """Without ties, and with a number of examples that 15 divides: else it does not split any example."""
        confidence, right = confident(15 * in_a_bin, seed)
        bins = peer.get_equal_bins(confidence.tolist(), 15)
        theirs = peer.bin(list(zip(confidence.tolist(), right.astype(int).tolist(), strict=True)), bins)

        ours = equal_mass_calibration_error(Ranking.of(confidence, right))

        assert ours == pytest.approx(peer.plugin_ce(theirs, power=1), abs=1e-6)


class TestModelDiagnostics:
    """It recalibrates by isotonic regression (CORP: Dimitriadis, Gneiting & Jordan 2021), and we by bins.

    The two meet where forecasts take few values whose frequencies rise: there isotonic regression gives
    the frequency of each value, which is what a bin that holds one value gives.
    """

    LEVELS = np.array([0.55, 0.63, 0.71, 0.78, 0.86, 0.97])

    def forecasts(self) -> tuple[np.ndarray, np.ndarray]:
        """The positive one of two classes is always predicted, with a frequency that rises with its probability."""
        counts, hits = np.array([40, 50, 60, 50, 40, 30]), np.array([18, 27, 37, 35, 32, 29])
        gold = np.concatenate([np.arange(n) < k for n, k in zip(counts, hits, strict=True)]).astype(np.int64)
        return np.repeat(self.LEVELS, counts), gold

    @pytest.mark.parametrize(
        ("score", "losses", "parts", "scale"),
        [
            (SquaredError(), brier_losses, brier_decomposition, 2.0),
            (LogLoss(), log_losses, log_decomposition, 1.0),
        ],
        ids=["brier", "log"],
    )
    def test_parts_agree(self, score: object, losses: object, parts: object, scale: float) -> None:
        """Their Brier score is of the positive class alone: half of the one over both classes."""
        positive, gold = self.forecasts()
        probabilities = np.column_stack([1 - positive, positive])
        groups = grouped(probabilities, gold, predicted_classes(probabilities), confidences(probabilities))
        ours = parts(groups, float(losses(probabilities, gold).mean()))

        theirs = decompose(gold, positive, scoring_function=score)

        assert ours.calibration == pytest.approx(scale * theirs["miscalibration"][0], abs=1e-6)
        assert ours.resolution == pytest.approx(scale * theirs["discrimination"][0], abs=1e-6)
        assert ours.uncertainty == pytest.approx(scale * theirs["uncertainty"][0], abs=1e-6)
        assert ours.within_groups == pytest.approx(0, abs=1e-6)


class Fixed(ClassifierMixin, BaseEstimator):
    """A classifier whose probabilities are its input."""

    def __init__(self, classes: int = 5) -> None:
        self.classes = classes
        self.classes_ = np.arange(classes)
        self.is_fitted_ = True

    def fit(self, x: np.ndarray, y: np.ndarray) -> Fixed:
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        return x

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x.argmax(axis=1))


class TestMapie:
    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize("coverage", [0.8, 0.9, 0.95])
    def test_sets_of_the_least_ambiguous_classifier_agree(self, seed: int, coverage: float) -> None:
        generator = np.random.default_rng(seed)
        rows = generator.dirichlet(np.full(5, 0.6), size=400).astype(np.float32).astype(np.float64)
        gold = np.array([generator.choice(5, p=row / row.sum()) for row in rows])
        calibrating, judging = rows[:200], rows[200:]
        theirs = SplitConformalClassifier(
            Fixed(), confidence_level=coverage, conformity_score="lac", prefit=True
        ).conformalize(calibrating, gold[:200])
        _, sets = theirs.predict_set(judging)

        of_gold = calibrating[np.arange(200), gold[:200]]
        threshold = conformal_threshold(Ranking.of(of_gold, np.ones(200, dtype=bool)), coverage)

        assert isinstance(threshold, float)
        assert set_sizes(judging, threshold).tolist() == sets[:, :, 0].sum(axis=1).tolist()
