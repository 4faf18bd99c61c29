"""The parts of a score add up to it, and are those of the textbooks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import rel_entr
from scipy.stats import entropy
from support.labelled import probable

from harness.metrics.bins import Groups, grouped
from harness.metrics.decision import confidences, predicted_classes
from harness.metrics.decomposition import (
    NO_INTERVAL,
    Decomposition,
    brier_decomposition,
    decomposition_metrics,
    log_decomposition,
)
from harness.metrics.losses import SMALLEST, brier_losses, log_losses
from harness.statistics import Estimate, NoInterval

Drawn = tuple[np.ndarray, np.ndarray]


def groups_of(probabilities: np.ndarray, gold: np.ndarray) -> Groups:
    return grouped(probabilities, gold, predicted_classes(probabilities), confidences(probabilities))


def both(probabilities: np.ndarray, gold: np.ndarray) -> tuple[Decomposition, Decomposition]:
    groups = groups_of(probabilities, gold)
    return (
        brier_decomposition(groups, float(brier_losses(probabilities, gold).mean())),
        log_decomposition(groups, float(log_losses(probabilities, gold).mean())),
    )


def members(probabilities: np.ndarray) -> list[np.ndarray]:
    """Which examples share predicted class and bin of confidence, group by group."""
    top, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    edges = [-1.0, *np.arange(1, 15) / 15, 2.0]
    return [
        inside
        for place in range(probabilities.shape[1])
        for low, high in pairwise(edges)
        if (inside := (top == place) & (confidence > low) & (confidence <= high)).any()
    ]


class TestDecompositions:
    @given(probable())
    @settings(max_examples=40)
    def test_three_parts_make_up_the_score_of_the_group_means(self, drawn: Drawn) -> None:
        """What is left is what changes when every prediction is replaced by the mean of its group."""
        probabilities, gold = drawn
        replaced = probabilities.copy()
        for inside in members(probabilities):
            replaced[inside] = probabilities[inside].mean(axis=0)

        for found, losses in zip(both(probabilities, gold), (brier_losses, log_losses), strict=True):
            of_means = losses(replaced, gold).mean()
            assert found.calibration - found.resolution + found.uncertainty == pytest.approx(of_means, abs=1e-9)
            assert found.within_groups == pytest.approx(losses(probabilities, gold).mean() - of_means, abs=1e-9)

    @given(probable())
    @settings(max_examples=40)
    def test_no_part_but_the_last_is_negative(self, drawn: Drawn) -> None:
        """Also where rows sum to 1 only as float32 has it."""
        probabilities, gold = drawn

        for kind in (np.float64, np.float32):
            for found in both(probabilities.astype(kind), gold):
                assert min(found.calibration, found.resolution, found.uncertainty) >= 0

    @given(hnp.arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(2, 4)), elements=st.integers(0, 6)))
    @settings(max_examples=40)
    def test_predictions_that_come_true_as_often_as_they_say_are_calibrated(self, counts: np.ndarray) -> None:
        counts[counts.sum(axis=1) == 0] = 1
        sizes = counts.sum(axis=1)
        probabilities = np.repeat(counts / sizes[:, None], sizes, axis=0)
        gold = np.concatenate([np.repeat(np.arange(len(row)), row) for row in counts])

        for found in both(probabilities, gold):
            assert found.calibration == pytest.approx(0, abs=1e-12)

    @given(probable())
    @settings(max_examples=40)
    def test_one_prediction_for_all_resolves_nothing(self, drawn: Drawn) -> None:
        probabilities, gold = drawn

        for found in both(np.tile(probabilities[:1], (len(gold), 1)), gold):
            assert found.resolution == 0
            assert found.within_groups == pytest.approx(0, abs=1e-9)

    @given(hnp.arrays(np.int64, st.integers(1, 30), elements=st.integers(0, 3)))
    @settings(max_examples=40)
    def test_certain_and_right_predictions_resolve_all_that_is_uncertain(self, gold: np.ndarray) -> None:
        for found in both(np.eye(4)[gold], gold):
            assert found.calibration == 0
            assert found.resolution == pytest.approx(found.uncertainty, abs=1e-12)

    @given(probable())
    @settings(max_examples=40)
    def test_parts_do_not_depend_on_the_shards(self, drawn: Drawn) -> None:
        probabilities, gold = drawn
        merged = groups_of(probabilities[::2], gold[::2]) + groups_of(probabilities[1::2], gold[1::2])

        found, whole = brier_decomposition(merged, 1.0), brier_decomposition(groups_of(probabilities, gold), 1.0)

        assert vars(found) == pytest.approx(vars(whole), abs=1e-12)


class TestBrierDecomposition:
    @given(probable(most_classes=2))
    @settings(max_examples=40)
    def test_is_twice_the_textbook_one_of_two_classes(self, drawn: Drawn) -> None:
        """Murphy's three terms of the probability of one event, and the two that Stephenson et al. add."""
        probabilities, gold = drawn
        forecast, event = probabilities[:, 1], gold == 1
        base = event.mean()
        calibration = resolution = variance = covariance = 0.0
        for inside in members(probabilities):
            weight, mean, rate = inside.mean(), forecast[inside].mean(), event[inside].mean()
            calibration += weight * (mean - rate) ** 2
            resolution += weight * (rate - base) ** 2
            variance += weight * ((forecast[inside] - mean) ** 2).mean()
            covariance += weight * ((forecast[inside] - mean) * (event[inside] - rate)).mean()

        found, _ = both(probabilities, gold)

        assert found.calibration == pytest.approx(2 * calibration, abs=1e-12)
        assert found.resolution == pytest.approx(2 * resolution, abs=1e-12)
        assert found.uncertainty == pytest.approx(2 * base * (1 - base), abs=1e-12)
        assert found.within_groups == pytest.approx(2 * (variance - 2 * covariance), abs=1e-12)


class TestLogDecomposition:
    @given(probable())
    @settings(max_examples=40)
    def test_is_made_of_relative_entropies(self, drawn: Drawn) -> None:
        """scipy's, group by group."""
        probabilities, gold = drawn
        labels = np.eye(probabilities.shape[1])[gold]
        calibration = resolution = 0.0
        for inside in members(probabilities):
            mean, shares = probabilities[inside].mean(axis=0), labels[inside].mean(axis=0)
            calibration += inside.mean() * rel_entr(shares, np.maximum(mean, SMALLEST)).sum()
            resolution += inside.mean() * rel_entr(shares, labels.mean(axis=0)).sum()

        _, found = both(probabilities, gold)

        assert found.calibration == pytest.approx(calibration, abs=1e-9)
        assert found.resolution == pytest.approx(resolution, abs=1e-9)
        assert found.uncertainty == pytest.approx(entropy(labels.mean(axis=0)), abs=1e-12)

    def test_a_group_that_holds_its_labels_impossible_costs_what_the_score_does(self) -> None:
        probabilities, gold = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0, 0])

        _, found = both(probabilities, gold)

        assert found.calibration == pytest.approx(-np.log(SMALLEST) / 2)
        assert (found.resolution, found.uncertainty, found.within_groups) == (0, 0, 0)


class TestDecompositionMetrics:
    def test_every_part_has_its_name_and_why_no_interval_holds(self) -> None:
        probabilities, gold = np.array([[0.2, 0.8], [0.9, 0.1], [0.6, 0.4]]), np.array([1, 0, 1])
        brier, log = both(probabilities, gold)

        found = decomposition_metrics(
            groups_of(probabilities, gold),
            {
                "brier_score": brier_losses(probabilities, gold).mean(),
                "negative_log_likelihood": log_losses(probabilities, gold).mean(),
            },
        )

        assert found == {
            f"{name}_{part}": Estimate(value, NoInterval(NO_INTERVAL[part]))
            for name, parts in (("brier", brier), ("negative_log_likelihood", log))
            for part, value in vars(parts).items()
        }
        assert list(found)[:4] == ["brier_calibration", "brier_resolution", "brier_uncertainty", "brier_within_groups"]

    @pytest.mark.parametrize("part", ["calibration", "resolution"])
    def test_chance_adds_to_calibration_and_to_resolution(self, part: str) -> None:
        """That is why no bootstrap interval of them holds: calibrated predictions that tell nothing of the label."""
        generator = np.random.default_rng(0)
        values = []
        for _ in range(200):
            shares = generator.uniform(0, 1, 60)
            probabilities = np.column_stack([1 - shares, shares])
            gold = (generator.random(60) < (shares if part == "calibration" else 0.5)).astype(int)
            values.append(getattr(both(probabilities, gold)[0], part))

        assert np.mean(values) > 4 * np.std(values) / np.sqrt(200) + 0.05
