"""An influence is what one example more of its kind adds, and its spread that of the metric."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from support.labelled import probable

from harness.metrics import confidences, predicted_classes
from harness.metrics.discrimination import area_under_roc
from harness.metrics.influence import Contributions, area_influence, excess_influence, risk_coverage_influence
from harness.metrics.ranking import Ranking
from harness.metrics.selective import area_under_risk_coverage, excess_area_under_risk_coverage

Metric = Callable[[np.ndarray, np.ndarray], Contributions]


def of_roc(probabilities: np.ndarray, gold: np.ndarray) -> Contributions:
    return area_influence(probabilities, gold)


def of_risk(probabilities: np.ndarray, gold: np.ndarray) -> Contributions:
    return risk_coverage_influence(confidences(probabilities), predicted_classes(probabilities) == gold)


def of_excess(probabilities: np.ndarray, gold: np.ndarray) -> Contributions:
    return excess_influence(of_risk(probabilities, gold), predicted_classes(probabilities) == gold)


def sample() -> tuple[np.ndarray, np.ndarray]:
    """Sixty examples of three classes, with ties."""
    generator = np.random.default_rng(3)
    gold = np.arange(60) % 3
    weights = generator.integers(1, 5, (60, 3)) + 2 * (np.arange(3) == gold[:, None])
    return weights / weights.sum(axis=1, keepdims=True), gold


class TestValue:
    def test_is_the_mean_area_of_the_classes(self) -> None:
        probabilities, gold = sample()

        areas = [area_under_roc(Ranking.of(probabilities[:, name], gold == name)) for name in range(3)]

        assert of_roc(probabilities, gold).value == pytest.approx(np.mean(areas), abs=1e-12)

    @given(probable())
    def test_is_the_area_under_the_risk_coverage_curve(self, drawn: tuple[np.ndarray, np.ndarray]) -> None:
        probabilities, gold = drawn
        ranking = Ranking.of(confidences(probabilities), predicted_classes(probabilities) == gold)

        assert of_risk(*drawn).value == pytest.approx(area_under_risk_coverage(ranking), abs=1e-12)
        assert of_excess(*drawn).value == pytest.approx(excess_area_under_risk_coverage(ranking), abs=1e-12)


class TestInfluence:
    @pytest.mark.parametrize("metric", [of_roc, of_risk, of_excess])
    def test_is_how_much_one_example_more_moves_the_metric(self, metric: Metric) -> None:
        """The slow definition, in a sample that is large: 400 copies of each example, and one more of one of them."""
        probabilities, gold = sample()
        many = np.tile(np.arange(60), 400)
        whole, influence = metric(probabilities[many], gold[many]).value, metric(probabilities, gold).of_example

        for example in (0, 7, 20, 41):
            more = np.append(many, example)
            moved = (metric(probabilities[more], gold[more]).value - whole) * len(more)
            # One of a thousand: what is left are terms of second order, and places within a tie.
            assert influence[example] == pytest.approx(moved, abs=0.01), example

    @pytest.mark.parametrize("metric", [of_roc, of_risk, of_excess])
    def test_has_a_mean_of_0(self, metric: Metric) -> None:
        assert metric(*sample()).of_example.mean() == pytest.approx(0, abs=1e-12)

    @pytest.mark.parametrize("metric", [of_roc, of_risk, of_excess])
    def test_spreads_as_the_metric_does_over_resampled_examples(self, metric: Metric) -> None:
        generator = np.random.default_rng(0)
        probabilities, gold = (np.tile(each, (5, 1)[: each.ndim]) for each in sample())
        rows = (generator.integers(0, 300, 300) for _ in range(400))
        plain = [metric(probabilities[row], gold[row]).value for row in rows]

        error = metric(probabilities, gold).of_example.std() / 300**0.5

        assert error == pytest.approx(np.std(plain), rel=0.15)
