"""Every metric by its name: from arrays, or from counts that were merged across shards in any order."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn
from support.labelled import probable

from harness.metrics.confusion import drawn_confusion
from harness.metrics.discrimination import area_error
from harness.metrics.overall import overall, probability_metrics
from harness.metrics.ranking import Ranking
from harness.metrics.rankings import ExactRankings, FineRankings
from harness.metrics.selective import area_error_bound
from harness.metrics.tally import Tally
from harness.statistics import Design, Estimate, Interval, Scalar, Undefined

Drawn = tuple[np.ndarray, np.ndarray]
Compute = Callable[[Drawn], dict[str, Scalar]]

RANKED = (
    "area_under_roc",
    "expected_calibration_error_equal_mass",
    "smooth_calibration_error",
    "area_under_risk_coverage",
    "excess_area_under_risk_coverage",
    "accuracy_at_80_coverage",
    "accuracy_at_90_coverage",
    "accuracy_at_95_coverage",
)
CONFORMAL = (
    "conformal_threshold",
    "conformal_coverage",
    "conformal_set_size",
    "conformal_empty_share",
    "conformal_single_share",
)
OF_PROBABILITIES = (
    "negative_log_likelihood",
    "brier_score",
    "ranked_probability_score",
    *(
        f"{score}_{part}"
        for score in ("brier", "negative_log_likelihood")
        for part in ("calibration", "resolution", "uncertainty", "within_groups")
    ),
    "expected_calibration_error",
    "expected_calibration_error_equal_mass",
    "maximum_calibration_error",
    "classwise_calibration_error",
    "root_mean_square_calibration_error",
    "debiased_calibration_error",
    "smooth_calibration_error",
    "overconfidence",
    "underconfidence",
    "confidence_gap",
)


def tallied(drawn: Drawn, *, fine: bool, cuts: tuple[int, ...] = ()) -> Tally:
    """Of all examples, or of the merged shards between the cuts, the last shard first."""
    probabilities, gold = drawn
    shards = []
    for start, stop in pairwise((0, *cuts, len(gold))):
        shards.append(Tally(probabilities.shape[1], fine=fine))
        shards[-1].add(probabilities[start:stop], gold[start:stop], start)
    merged = shards.pop()
    while shards:
        merged = merged + shards.pop()
    return merged


def exact(drawn: Drawn, *, ordinal: bool = True) -> dict[str, Scalar]:
    return computed(tallied(drawn, fine=False), ExactRankings(*drawn, seed=0), ordinal)


def fine(drawn: Drawn, *cuts: int, ordinal: bool = True) -> dict[str, Scalar]:
    tally = tallied(drawn, fine=True, cuts=cuts)
    return computed(tally, FineRankings(tally), ordinal)


def computed(tally: Tally, rankings: ExactRankings | FineRankings, ordinal: bool) -> dict[str, Scalar]:
    return overall(tally, rankings, ordinal=ordinal, confidence=0.95, resamples=60, seed=0)


def value(scalar: Scalar) -> float:
    assert isinstance(scalar, Estimate), scalar
    return scalar.value


def assert_close(found: Scalar, expected: Scalar, name: str) -> None:
    """Value and ends of the interval to a billionth, texts to the letter."""
    if isinstance(expected, Undefined):
        assert found == expected, name
        return
    assert value(found) == pytest.approx(expected.value, rel=1e-9, abs=1e-9), name
    if isinstance(expected.bounds, Interval):
        assert isinstance(found.bounds, Interval), name
        ends, others = ((of.low, of.high) for of in (found.bounds, expected.bounds))
        assert ends == pytest.approx(others, rel=1e-7, abs=1e-9), name
        assert found.bounds.method == expected.bounds.method, name
    else:
        assert found.bounds == expected.bounds, name


def random_set(examples: int, classes: int = 5, seed: int = 0) -> Drawn:
    """Of a classifier that is too sure of itself."""
    generator = np.random.default_rng(seed)
    gold = generator.integers(0, classes, examples)
    logits = 1.5 * generator.normal(size=(examples, classes))
    logits[np.arange(examples), gold] += 2
    weights = np.exp(logits)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), gold


class TestNames:
    @pytest.mark.parametrize("ordinal", [True, False])
    def test_are_the_same_from_arrays_and_from_counts(self, ordinal: bool) -> None:
        drawn = random_set(200)

        assert list(exact(drawn, ordinal=ordinal)) == list(fine(drawn, ordinal=ordinal)) == list(exact(drawn))

    def test_none_is_given_twice(self) -> None:
        """A name of two groups would overwrite the first of them in silence."""
        drawn = random_set(200)
        rankings = ExactRankings(*drawn, seed=0)
        found = list(exact(drawn))

        of_probabilities = probability_metrics(
            tallied(drawn, fine=False), rankings.confidence(), ordinal=True, confidence=0.95
        )

        assert tuple(of_probabilities) == OF_PROBABILITIES
        assert len(found) == 44
        assert found[13:34] == list(OF_PROBABILITIES)
        assert found[34:] == [*RANKED[3:], *CONFORMAL]

    @pytest.mark.parametrize("ordinal", [True, False])
    def test_what_needs_an_order_is_undefined_without_one(self, ordinal: bool) -> None:
        found = exact(random_set(200), ordinal=ordinal)

        undefined = [name for name, scalar in found.items() if isinstance(scalar, Undefined)]

        assert undefined == (
            []
            if ordinal
            else [
                "off_by_one_accuracy",
                "mean_absolute_error",
                "mean_signed_error",
                "quadratic_weighted_kappa",
                "ranked_probability_score",
            ]
        )


class TestValues:
    """Each name holds the metric that it names; how right that is has tests of its own."""

    def test_are_those_of_scikit_learn(self) -> None:
        probabilities, gold = random_set(1000)
        predicted, found = probabilities.argmax(axis=1), exact((probabilities, gold))
        doubles = probabilities.astype(np.float64)

        expected = {
            "accuracy": sklearn.accuracy_score(gold, predicted),
            "balanced_accuracy": sklearn.balanced_accuracy_score(gold, predicted),
            "macro_f1": sklearn.f1_score(gold, predicted, average="macro"),
            "micro_f1": sklearn.f1_score(gold, predicted, average="micro"),
            "weighted_f1": sklearn.f1_score(gold, predicted, average="weighted"),
            "mean_absolute_error": sklearn.mean_absolute_error(gold, predicted),
            "mean_signed_error": (predicted - gold).mean(),
            "off_by_one_accuracy": (abs(predicted - gold) <= 1).mean(),
            "top_2_accuracy": sklearn.top_k_accuracy_score(gold, probabilities, k=2),
            "cohen_kappa": sklearn.cohen_kappa_score(gold, predicted),
            "quadratic_weighted_kappa": sklearn.cohen_kappa_score(gold, predicted, weights="quadratic"),
            "matthews_correlation": sklearn.matthews_corrcoef(gold, predicted),
            "negative_log_likelihood": -np.log(doubles[np.arange(1000), gold]).mean(),
            "brier_score": ((doubles - np.eye(5)[gold]) ** 2).sum(axis=1).mean(),
            "confidence_gap": doubles.max(axis=1).mean() - (predicted == gold).mean(),
            "area_under_roc": np.mean([sklearn.roc_auc_score(gold == k, probabilities[:, k]) for k in range(5)]),
        }

        assert {name: value(found[name]) for name in expected} == pytest.approx(expected, rel=1e-9)

    @pytest.mark.parametrize("score", ["brier", "negative_log_likelihood"])
    def test_the_parts_of_a_score_add_up_to_it(self, score: str) -> None:
        found = exact(random_set(1000))
        parts = ("calibration", "resolution", "uncertainty", "within_groups")
        calibration, resolution, uncertainty, within = (value(found[f"{score}_{part}"]) for part in parts)
        whole = {"brier": "brier_score"}.get(score, score)

        assert calibration - resolution + uncertainty + within == pytest.approx(value(found[whole]))

    def test_the_bootstrap_takes_the_design(self) -> None:
        """Then macro-F1 is bootstrapped by clusters, and accuracy left to be replaced elsewhere."""
        drawn = random_set(400)
        design = Design.of("clustered", np.arange(400) // 4, "product")
        predicted = drawn[0].argmax(axis=1)

        found = overall(
            tallied(drawn, fine=False), ExactRankings(*drawn, seed=0), ordinal=True, confidence=0.95, resamples=60,
            seed=0, drawn=drawn_confusion(design, drawn[1], predicted, 5),
        )  # fmt: skip

        assert isinstance(found["macro_f1"], Estimate) and isinstance(found["macro_f1"].bounds, Interval)
        assert "100 clusters by product" in found["macro_f1"].bounds.method
        assert found["accuracy"] == exact(drawn)["accuracy"]


class TestFine:
    @given(probable())
    @settings(max_examples=25)
    def test_what_needs_no_order_is_the_same_to_the_last_digit(self, drawn: Drawn) -> None:
        of_arrays, of_counts = exact(drawn), fine(drawn)

        for name in of_arrays.keys() - {*RANKED, *CONFORMAL}:
            assert of_counts[name] == of_arrays[name], name

    @given(probable())
    @settings(max_examples=25)
    def test_where_no_two_probabilities_share_a_bin_the_ranked_figures_are_the_same(self, drawn: Drawn) -> None:
        """Those drawn here are equal, or more than a bin apart."""
        of_arrays, of_counts = exact(drawn), fine(drawn)

        for name in RANKED:
            found, expected = of_counts[name], of_arrays[name]
            if isinstance(expected, Undefined):
                assert found == expected, name
            else:
                assert value(found) == pytest.approx(expected.value, abs=1e-9), name

    @pytest.mark.parametrize("classes", [2, 5])
    def test_where_many_share_one_they_are_within_the_bound(self, classes: int) -> None:
        """Of confident predictions, which all lie in the last 3,300 bins."""
        drawn = crowded(20_000, classes)
        tally = tallied(drawn, fine=True)
        rankings = FineRankings(tally)
        of_arrays, of_counts = exact(drawn), computed(tally, rankings, True)
        top = rankings.confidence()

        def apart(name: str) -> float:
            return abs(value(of_counts[name]) - value(of_arrays[name]))

        bound = sum(area_error(ranking) for ranking in rankings.classes()) / classes
        assert 0 < bound < 0.01
        assert apart("area_under_roc") <= bound
        assert 0 < area_error_bound(top) < 0.01
        for name in ("area_under_risk_coverage", "excess_area_under_risk_coverage"):
            assert apart(name) <= area_error_bound(top), name
        assert apart("expected_calibration_error_equal_mass") <= in_cut_rows(top) < 0.01
        assert apart("smooth_calibration_error") < 1e-4
        for percent in (80, 90, 95):
            assert apart(f"accuracy_at_{percent}_coverage") <= largest_row(top) / (percent / 100)

    def test_the_bound_of_an_area_is_printed(self) -> None:
        drawn = crowded(20_000, 5)
        tally = tallied(drawn, fine=True)
        rankings = FineRankings(tally)

        found = computed(tally, rankings, True)["area_under_roc"]

        assert isinstance(found, Estimate) and isinstance(found.bounds, Interval)
        text, printed = found.bounds.method.rsplit(" ", 1)
        assert text.endswith("counted in fine bins, off by at most")
        assert 0 <= float(printed) - sum(area_error(ranking) for ranking in rankings.classes()) / 5 < 0.001

    def test_conformal_sets_are_a_bin_wider_at_most(self) -> None:
        drawn = random_set(20_000)
        of_arrays, of_counts = exact(drawn), fine(drawn)

        assert 0 <= value(of_arrays["conformal_threshold"]) - value(of_counts["conformal_threshold"]) <= 2**-16
        assert 0 <= value(of_counts["conformal_coverage"]) - value(of_arrays["conformal_coverage"]) < 1e-3
        # Of all examples, and not of the half that judges alone.
        assert value(of_counts["conformal_set_size"]) == pytest.approx(value(of_arrays["conformal_set_size"]), abs=0.02)
        assert isinstance(of_counts["conformal_single_share"], Undefined)

    @pytest.mark.parametrize(
        "name",
        [
            "expected_calibration_error_equal_mass",
            "smooth_calibration_error",
            "area_under_risk_coverage",
            "excess_area_under_risk_coverage",
            "conformal_threshold",
        ],
    )
    def test_so_is_that_of_whatever_else_needs_an_order(self, name: str) -> None:
        drawn = crowded(20_000, 5)
        tally = tallied(drawn, fine=True)

        found = computed(tally, FineRankings(tally), True)[name]

        assert isinstance(found, Estimate)
        text = found.bounds.method if isinstance(found.bounds, Interval) else found.bounds.reason
        printed = float(text.partition("; counted in fine bins, off by at most ")[2])
        assert abs(found.value - value(exact(drawn)[name])) <= printed <= 0.01


class TestMerged:
    @given(probable(), st.lists(st.integers(0, 40), max_size=4))
    @settings(max_examples=25)
    def test_shards_give_what_one_pass_gives(self, drawn: Drawn, cuts: list[int]) -> None:
        whole = fine(drawn)
        merged = fine(drawn, *sorted(min(cut, len(drawn[1])) for cut in cuts))

        assert list(merged) == list(whole)
        for name, scalar in whole.items():
            assert_close(merged[name], scalar, name)

    def test_of_many_examples_too(self) -> None:
        drawn = random_set(5_000)

        whole, merged = fine(drawn), fine(drawn, 17, 1_200, 4_999)
        for name, scalar in whole.items():
            assert_close(merged[name], scalar, name)


class TestEdges:
    """No warning, and no NaN: a value or its reason."""

    @pytest.mark.parametrize("of", [exact, fine])
    def test_one_example(self, of: Compute) -> None:
        found = of((np.array([[0.25, 0.75]], dtype=np.float32), np.array([1])))

        assert value(found["accuracy"]) == 1.0
        assert value(found["brier_score"]) == 0.125
        assert isinstance(found["area_under_roc"], Undefined)
        assert isinstance(found["conformal_coverage"], Undefined)

    @pytest.mark.parametrize("of", [exact, fine])
    @pytest.mark.parametrize("right", [True, False])
    def test_certain_and_always_right_or_always_wrong(self, of: Compute, right: bool) -> None:
        gold = np.arange(60) % 3
        probabilities = np.eye(3, dtype=np.float32)[gold if right else (gold + 1) % 3]

        found = of((probabilities, gold))

        assert value(found["accuracy"]) == float(right)
        assert value(found["expected_calibration_error"]) == 1.0 - right
        assert value(found["smooth_calibration_error"]) == pytest.approx(1.0 - right)
        assert value(found["area_under_risk_coverage"]) == pytest.approx(1.0 - right)
        for name, scalar in found.items():
            assert isinstance(scalar, Undefined) or math.isfinite(scalar.value), name


def crowded(examples: int, classes: int) -> Drawn:
    """Confidences between 0.95 and 1, earned, about six to a fine bin."""
    generator = np.random.default_rng(1)
    gold = generator.integers(0, classes, examples)
    confidence = generator.uniform(0.95, 1, examples)
    predicted = np.where(generator.random(examples) < confidence, gold, (gold + 1) % classes)
    probabilities = np.repeat((1 - confidence)[:, None] / (classes - 1), classes, axis=1)
    probabilities[np.arange(examples), predicted] = confidence
    return probabilities.astype(np.float32), gold


def in_cut_rows(top: Ranking) -> float:
    """How far the equal-mass error may be off: each cut may give what is in its row to either side."""
    upto = np.cumsum(top.count)
    cuts = np.searchsorted(upto, np.linspace(0, upto[-1], 16)[1:-1])
    return float(2 * top.count[cuts].sum() / upto[-1])


def largest_row(top: Ranking) -> float:
    return float(top.count.max() / top.count.sum())
