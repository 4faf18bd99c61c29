"""Conformal sets hold the gold label as often as wanted, whatever the classifier, and ties and rounding included."""

from __future__ import annotations

import math

import jaxtyping
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.metrics.conformal import (
    conformal_metrics,
    conformal_threshold,
    merged_conformal,
    set_sizes,
    split_conformal,
)
from harness.metrics.ranking import FineBins, Ranking
from harness.statistics import Estimate, Interval, NoInterval, Scalar, Undefined, wilson

NAMES = [
    "conformal_threshold",
    "conformal_coverage",
    "conformal_set_size",
    "conformal_empty_share",
    "conformal_single_share",
]


def ranked(probability: np.ndarray) -> Ranking:
    return Ranking.of(probability, np.ones(len(probability), dtype=bool))


def binned(probability: np.ndarray) -> Ranking:
    return FineBins.of(probability, np.ones(len(probability), dtype=bool)).ranking()


def value(scalar: Scalar) -> float:
    assert isinstance(scalar, Estimate), scalar
    return scalar.value


def drawn_from(examples: int, generator: np.random.Generator, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities in float32 of a classifier that is too sure of itself, and gold labels."""
    gold = generator.integers(0, classes, examples)
    logits = generator.normal(scale=2, size=(examples, classes))
    logits[np.arange(examples), gold] += 3
    weights = np.exp(2 * (logits - logits.max(axis=1, keepdims=True)))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), gold


@st.composite
def probable(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities in float32 with ties and zeros among them, gold labels, and the half that judges."""
    classes, examples = draw(st.integers(2, 4)), draw(st.integers(30, 80))
    weights = draw(hnp.arrays(np.int64, (examples, classes), elements=st.integers(0, 6)))
    weights[weights.sum(axis=1) == 0] = 1
    gold = draw(hnp.arrays(np.int64, examples, elements=st.integers(0, classes - 1)))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), gold, np.arange(examples) % 2 == 1


class TestConformalThreshold:
    @given(
        hnp.arrays(np.float32, st.integers(20, 200), elements=st.integers(0, 30).map(lambda n: n / 30)),
        st.sampled_from([0.5, 0.8, 0.9, 0.95]),
    )
    @settings(max_examples=30)
    def test_is_that_of_the_definition(self, probability: np.ndarray, coverage: float) -> None:
        """The ⌈(n + 1) · coverage⌉-th smallest of the scores, here with whole percents."""
        place = -(-(len(probability) + 1) * round(100 * coverage) // 100)

        found = conformal_threshold(ranked(probability), coverage)

        # Sorted by 1 - p, whose own rounding is not wanted here.
        assert found == sorted(probability.tolist(), reverse=True)[place - 1]

    @pytest.mark.parametrize(
        ("coverage", "quantile", "sizes"), [(0.8, 0.82608696, 95), (0.9, 0.9047619, 109), (0.95, 0.94736842, 116)]
    )
    def test_is_that_of_mapie(self, coverage: float, quantile: float, sizes: int) -> None:
        """1 - q and the sets of MAPIE 1.6.0: SplitConformalClassifier(conformity_score="lac", prefit=True).

        It is no dependency of the tests, since the rule is one line; its figures are written down here.
        """
        numbers = np.arange(40)
        weights = np.column_stack([numbers * 7 % 20 + 1, numbers * 11 % 17 + 1, numbers * 13 % 19 + 1])
        probabilities = weights / weights.sum(axis=1, keepdims=True)

        threshold = conformal_threshold(ranked(probabilities[numbers, numbers % 3]), coverage)

        assert isinstance(threshold, float)
        assert 1 - threshold == pytest.approx(quantile, abs=1e-7)
        assert set_sizes(probabilities, threshold).sum() == sizes

    def test_9_examples_are_enough_for_90_percent(self) -> None:
        """(9 + 1) · 0.9 is 9, though 0.9 in binary is not quite that."""
        assert conformal_threshold(ranked(np.arange(1, 10) / 16)) == 1 / 16

    def test_8_examples_are_too_few_for_90_percent(self) -> None:
        assert conformal_threshold(ranked(np.arange(1, 9) / 16)) == Undefined(
            "calibrating examples: 8, and a coverage of 90 % needs 9"
        )

    def test_no_example_is_too_few(self) -> None:
        assert conformal_threshold(ranked(np.zeros(0))) == Undefined(
            "calibrating examples: 0, and a coverage of 90 % needs 9"
        )

    @given(hnp.arrays(np.float32, st.integers(20, 100), elements=st.floats(0, 1, width=32)))
    @settings(max_examples=30)
    def test_of_fine_bins_is_a_bin_lower_at_most_and_never_higher(self, probability: np.ndarray) -> None:
        exact, fine = conformal_threshold(ranked(probability)), conformal_threshold(binned(probability))

        assert isinstance(exact, float) and isinstance(fine, float)
        assert 0 <= exact - fine <= 2**-16

    def test_float64_probabilities_lose_no_coverage_by_rounding(self) -> None:
        """The threshold is rounded as the probabilities are that it is compared with."""
        probability = np.random.default_rng(0).random(1000)

        threshold = conformal_threshold(ranked(probability))

        assert isinstance(threshold, float)
        assert set_sizes(probability[:, None], threshold).sum() == math.ceil(1001 * 0.9)


class TestSetSizes:
    @given(probable(), st.floats(0, 1, width=32))
    @settings(max_examples=30)
    def test_count_the_classes_from_the_threshold_on(
        self, drawn: tuple[np.ndarray, np.ndarray, np.ndarray], threshold: float
    ) -> None:
        slow = [sum(float(one) >= threshold for one in row) for row in drawn[0]]

        assert set_sizes(drawn[0], threshold).tolist() == slow

    def test_a_probability_of_the_threshold_is_inside(self) -> None:
        third = np.float32(1 / 3)

        assert set_sizes(np.array([[third, 1 - third]]), float(third)).tolist() == [2]


class TestSplitConformal:
    @given(probable(), st.sampled_from([0.5, 0.8, 0.9]))
    @settings(max_examples=30)
    def test_is_that_of_the_definition(self, drawn: tuple[np.ndarray, np.ndarray, np.ndarray], coverage: float) -> None:
        probabilities, gold, judging = drawn
        calibrating = sorted(probabilities[np.arange(len(gold)), gold][~judging].tolist(), reverse=True)
        place = -(-(len(calibrating) + 1) * round(100 * coverage) // 100)
        sets = [{k for k, one in enumerate(row) if one >= calibrating[place - 1]} for row in probabilities[judging]]
        held = [label in one for one, label in zip(sets, gold[judging].tolist(), strict=True)]

        found = split_conformal(probabilities, gold, judging, confidence=0.95, coverage=coverage)

        assert list(found) == NAMES
        assert found["conformal_threshold"] == Estimate(
            calibrating[place - 1], NoInterval("it is chosen on one half of the examples, not estimated")
        )
        assert found["conformal_coverage"] == Estimate(np.mean(held), wilson(sum(held), len(held), 0.95))
        assert value(found["conformal_set_size"]) == pytest.approx(np.mean([len(one) for one in sets]))
        assert value(found["conformal_empty_share"]) == np.mean([len(one) == 0 for one in sets])
        assert value(found["conformal_single_share"]) == np.mean([len(one) == 1 for one in sets])

    @pytest.mark.parametrize("decimals", [8, 1])
    def test_covers_as_often_as_wanted_over_random_splits(self, decimals: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """From 1 - α on, and at most 1 / (n + 1) above it where there are no ties; with ties only above it."""
        monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
        generator = np.random.default_rng(1)
        coverages = []
        for _ in range(1_000):
            probabilities, gold = drawn_from(100, generator)
            judging = generator.permutation(100) < 50
            found = split_conformal(probabilities.round(decimals), gold, judging, confidence=0.95)
            coverages.append(value(found["conformal_coverage"]))

        error = np.std(coverages) / math.sqrt(len(coverages))
        assert np.mean(coverages) >= 0.9 - 3 * error
        if decimals == 8:
            assert np.mean(coverages) <= 0.9 + 1 / 51 + 3 * error

    def test_too_few_examples_leave_all_undefined(self) -> None:
        probabilities, gold = drawn_from(10, np.random.default_rng(2))

        found = split_conformal(probabilities, gold, np.arange(10) >= 5, confidence=0.95)

        assert found == dict.fromkeys(NAMES, Undefined("calibrating examples: 5, and a coverage of 90 % needs 9"))

    def test_nobody_to_judge_leaves_the_threshold_alone(self) -> None:
        probabilities, gold = drawn_from(10, np.random.default_rng(3))

        found = split_conformal(probabilities, gold, np.zeros(10, dtype=bool), confidence=0.95)

        assert isinstance(found.pop("conformal_threshold"), Estimate)
        assert found == dict.fromkeys(NAMES[1:], Undefined("the half that judges has no example"))


class TestConformalMetrics:
    def test_the_mean_size_has_a_normal_interval(self) -> None:
        sizes = np.random.default_rng(4).integers(0, 4, 200)

        size = conformal_metrics(sizes, sizes > 1, confidence=0.95)["conformal_set_size"]

        assert isinstance(size, Estimate) and isinstance(size.bounds, Interval)
        reach = 1.959964 * sizes.std(ddof=1) / math.sqrt(200)
        assert (size.bounds.low, size.bounds.high) == pytest.approx((sizes.mean() - reach, sizes.mean() + reach))

    def test_sets_that_are_nearly_all_of_one_size_leave_it_out(self) -> None:
        sizes = np.repeat([1, 2, 0], [171, 19, 10])

        size = conformal_metrics(sizes, sizes > 0, confidence=0.95)["conformal_set_size"]

        assert size == Estimate(
            209 / 200, NoInterval("29 sets are not of the most common size, and the interval needs 30")
        )

    def test_the_interval_of_the_mean_size_holds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
        generator = np.random.default_rng(5)
        inside = 0
        for _ in range(1_000):
            sizes = generator.choice([0, 1, 2, 3], size=400, p=[0.04, 0.85, 0.08, 0.03])
            size = conformal_metrics(sizes, sizes > 0, confidence=0.95)["conformal_set_size"]
            assert isinstance(size, Estimate) and isinstance(size.bounds, Interval)
            inside += size.bounds.low <= 1.10 <= size.bounds.high

        assert 0.93 <= inside / 1_000 <= 0.97


class TestMergedConformal:
    @staticmethod
    def merged(probabilities: np.ndarray, gold: np.ndarray, judging: np.ndarray, *, fine: bool) -> dict[str, Scalar]:
        ranking = binned if fine else ranked
        of_gold = probabilities[np.arange(len(gold)), gold]
        return merged_conformal(
            ranking(of_gold[~judging]),
            ranking(of_gold[judging]),
            [ranking(column) for column in probabilities[judging].T],
            ranking(probabilities[judging].max(axis=1)),
            confidence=0.95,
        )

    @given(probable())
    @settings(max_examples=30)
    def test_exact_rankings_give_what_the_arrays_give(self, drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
        arrays, merged = split_conformal(*drawn, confidence=0.95), self.merged(*drawn, fine=False)

        assert list(merged) == NAMES
        for name in ("conformal_threshold", "conformal_coverage", "conformal_empty_share"):
            assert merged[name] == arrays[name]
        reason = "the probabilities are counted class by class, and not which of them are in one set"
        size = merged["conformal_set_size"]
        assert isinstance(size, Estimate)
        assert size.value == pytest.approx(value(arrays["conformal_set_size"]))
        assert size.bounds == NoInterval(reason)
        assert merged["conformal_single_share"] == Undefined(reason)

    def test_fine_bins_give_nearly_the_same_and_cover_no_less(self) -> None:
        probabilities, gold = drawn_from(20_000, np.random.default_rng(6))
        judging = np.arange(20_000) % 2 == 1

        exact, fine = (self.merged(probabilities, gold, judging, fine=fine) for fine in (False, True))

        for name in ("conformal_coverage", "conformal_set_size"):
            assert 0 <= value(fine[name]) - value(exact[name]) < 1e-3
        assert 0 <= value(exact["conformal_threshold"]) - value(fine["conformal_threshold"]) <= 2**-16

    def test_too_few_examples_leave_all_undefined(self) -> None:
        few = ranked(np.array([0.5]))

        assert merged_conformal(few, few, [few, few], few, confidence=0.95) == dict.fromkeys(
            NAMES, Undefined("calibrating examples: 1, and a coverage of 90 % needs 9")
        )

    def test_nobody_to_judge_leaves_the_threshold_alone(self) -> None:
        nobody = ranked(np.zeros(0))

        found = merged_conformal(ranked(np.arange(9) / 16), nobody, [nobody] * 2, nobody, confidence=0.95)

        assert value(found.pop("conformal_threshold")) == 0.0
        assert found == dict.fromkeys(NAMES[1:], Undefined("the half that judges has no example"))
