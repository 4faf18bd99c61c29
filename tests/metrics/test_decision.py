"""The prediction is the most probable class, confidence is its probability, and a label may come close."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import top_k_accuracy_score
from support.labelled import probable

from harness.metrics import confidences, predicted_classes
from harness.metrics.decision import top_2_metric, top_hits
from harness.statistics import Estimate, Undefined, wilson

PROBABILITIES = np.array([[0.25, 0.5, 0.25], [0.4, 0.2, 0.4], [0.2, 0.4, 0.4]], dtype=np.float32)


class TestPredictedClasses:
    def test_a_tie_goes_to_the_lowest_index(self) -> None:
        assert predicted_classes(PROBABILITIES).tolist() == [1, 0, 1]


class TestConfidences:
    def test_is_the_top_probability_in_float64(self) -> None:
        confidence = confidences(PROBABILITIES)

        assert confidence.dtype == np.float64
        assert confidence.tolist() == [0.5, float(np.float32(0.4)), float(np.float32(0.4))]


class TestTopHits:
    @given(probable(), st.integers(1, 7))
    @settings(deadline=None)
    def test_are_the_first_of_a_full_sort_the_lowest_index_on_a_tie(
        self, drawn: tuple[np.ndarray, np.ndarray], k: int
    ) -> None:
        probabilities, gold = drawn
        order = np.argsort(-probabilities, axis=1, kind="stable")

        assert top_hits(probabilities, gold, k) == (order[:, :k] == gold[:, None]).any(axis=1).sum()

    @given(probable())
    @settings(deadline=None)
    def test_with_one_they_are_the_right_predictions(self, drawn: tuple[np.ndarray, np.ndarray]) -> None:
        probabilities, gold = drawn

        assert top_hits(probabilities, gold, 1) == (predicted_classes(probabilities) == gold).sum()

    @pytest.mark.parametrize("classes", [3, 5, 1000])
    def test_without_ties_they_are_those_of_scikit_learn(self, classes: int) -> None:
        """On a tie scikit-learn takes the highest index first, against its own argmax."""
        generator = np.random.default_rng(classes)
        probabilities = generator.dirichlet(np.ones(classes), size=200)
        gold = generator.integers(0, classes, 200)

        expected = top_k_accuracy_score(gold, probabilities, k=2, labels=range(classes), normalize=False)

        assert top_hits(probabilities, gold) == expected

    def test_pieces_add_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        gold = np.array([0, 1, 2])
        whole = top_hits(PROBABILITIES, gold)

        monkeypatch.setattr("harness.metrics.pieces.ROWS_AT_ONCE", 2)

        assert top_hits(PROBABILITIES, gold) == whole == 2

    def test_one_example_whose_classes_are_all_tied(self) -> None:
        tied = np.full((1, 4), 0.25, dtype=np.float32)

        assert [top_hits(tied, np.array([label])) for label in range(4)] == [1, 1, 0, 0]


class TestTop2Metric:
    def test_is_a_share_with_a_wilson_interval(self) -> None:
        assert top_2_metric(45, 50, 3, 0.9) == Estimate(0.9, wilson(45, 50, 0.9))

    def test_with_two_classes_it_says_nothing(self) -> None:
        assert top_2_metric(50, 50, 2, 0.95) == Undefined(
            "with two classes the label is always among the two most probable"
        )
