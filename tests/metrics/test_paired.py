"""A comparison is of the same examples: each difference is that of the metrics, with an interval that holds or none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import jaxtyping
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from sklearn import metrics as sklearn

from harness.errors import NothingMeasured, PredictionsError
from harness.metrics import binned, confidences, confusion_counts, label_metrics, predicted_classes
from harness.metrics.bins import binned_classes
from harness.metrics.calibration import calibration_metrics, expected_calibration_error
from harness.metrics.decision import top_hits
from harness.metrics.difference import Difference
from harness.metrics.discrimination import area_metrics
from harness.metrics.joint import JointCells
from harness.metrics.losses import LOSSES
from harness.metrics.paired import Paired, compare
from harness.metrics.paired_labels import label_differences
from harness.metrics.paired_tables import FROM_TABLES, LabelPairs
from harness.metrics.ranking import Ranking
from harness.metrics.selective import selective_metrics
from harness.statistics import Bounds, Estimate, Interval, NoInterval, Scalar, Undefined
from harness.statistics.design import Design, mean_interval
from harness.statistics.moments import Moments
from harness.statistics.paired import mcnemar_mid_p, tango_interval

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]

BOOTSTRAP = "t, bootstrap standard error of the joint counts, 2,000 resamples, seed 0"
SWAPS = "swap permutation, 2,000 resamples, seed 0"


def softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def drawn(examples: int, generator: np.random.Generator, worse: float = 0.0, classes: int = 4) -> Arrays:
    """Candidate, baseline and gold labels; the two may change places if the candidate is not worse."""
    gold = generator.integers(0, classes, examples)
    known = 1.5 * (np.arange(classes) == gold[:, None]) + generator.normal(size=(examples, classes))
    candidate, baseline = (known + 0.5 * generator.normal(size=(examples, classes)) for _ in range(2))
    return softmax(candidate - worse * 2.0 * (np.arange(classes) == gold[:, None])), softmax(baseline), gold


def certain(predicted: list[int], classes: int) -> np.ndarray:
    return np.eye(classes)[predicted] * 0.9 + 0.1 / classes


@st.composite
def twice_probable(draw: st.DrawFn) -> Arrays:
    """Zeros and ties among the probabilities; some classes may be missing."""
    classes, examples = draw(st.integers(2, 5)), draw(st.integers(1, 30))
    integers = hnp.arrays(np.int64, (examples, classes), elements=st.integers(0, 6))
    sides = []
    for _ in range(2):
        weights = draw(integers)
        weights[weights.sum(axis=1) == 0] = 1
        sides.append(weights / weights.sum(axis=1, keepdims=True))
    return sides[0], sides[1], draw(hnp.arrays(np.int64, examples, elements=st.integers(0, classes - 1)))


def of_one(probabilities: np.ndarray, gold: np.ndarray, *, ordinal: bool = True) -> dict[str, Scalar]:
    """Each metric of one side, as it is computed when nothing is compared."""
    predicted, classes = predicted_classes(probabilities), probabilities.shape[1]
    right, top = predicted == gold, confidences(probabilities)
    rankings = [Ranking.of(np.ascontiguousarray(probabilities[:, name]), gold == name) for name in range(classes)]
    by_confidence = Ranking.of(top, right)
    means = {name: float(losses(probabilities, gold).mean()) for name, losses in LOSSES.items()}
    means["top_2_accuracy"] = top_hits(probabilities, gold) / len(gold)
    return {
        **label_metrics(
            confusion_counts(gold, predicted, classes), ordinal=ordinal, confidence=0.95, resamples=40, seed=0
        ),
        **{name: Estimate(mean, NoInterval("")) for name, mean in means.items()},
        **area_metrics(rankings, 0.95),
        **selective_metrics(by_confidence, confidence=0.95),
        **calibration_metrics(
            binned(top, right),
            binned_classes(probabilities, gold),
            by_confidence,
            Moments.of(top - right),
            confidence=0.95,
        ),
    }


VALUES_ALONE = (
    "expected_calibration_error", "expected_calibration_error_equal_mass", "maximum_calibration_error",
    "classwise_calibration_error", "root_mean_square_calibration_error", "debiased_calibration_error",
    "smooth_calibration_error", "overconfidence", "underconfidence", "accuracy_at_80_coverage",
    "accuracy_at_90_coverage", "accuracy_at_95_coverage",
)  # fmt: skip
"""What no interval of a difference is known for."""


def bounded(found: Paired) -> dict[str, Difference]:
    """The others."""
    return {name: difference for name, difference in found.differences.items() if name not in VALUES_ALONE}


def bounds(difference: Difference) -> Interval:
    assert isinstance(difference.value, Estimate)
    assert isinstance(difference.value.bounds, Interval), difference
    return difference.value.bounds


def reason(difference: Difference) -> str:
    found: Bounds | Undefined = difference.value.bounds if isinstance(difference.value, Estimate) else difference.value
    assert isinstance(found, NoInterval | Undefined), difference
    return found.reason


def value(difference: Difference) -> float:
    assert isinstance(difference.value, Estimate)
    return difference.value.value


class TestValues:
    @given(twice_probable())
    @settings(max_examples=25)
    def test_each_difference_is_that_of_the_two_metrics(self, arrays: Arrays) -> None:
        candidate, baseline, gold = arrays

        found = compare(candidate, baseline, gold, ordinal=True, resamples=1).differences

        now, before = of_one(candidate, gold), of_one(baseline, gold)
        for name, difference in found.items():
            if name == "top_2_accuracy" and candidate.shape[1] == 2:
                assert isinstance(difference.value, Undefined)
                continue
            sides = now[name], before[name]
            if not all(isinstance(side, Estimate) for side in sides):
                assert isinstance(difference.value, Undefined), name
                continue
            of_candidate, of_baseline = (side.value for side in sides)  # type: ignore[union-attr]
            assert difference.candidate == pytest.approx(of_candidate, abs=1e-9), name
            assert difference.baseline == pytest.approx(of_baseline, abs=1e-9), name
            assert value(difference) == pytest.approx(of_candidate - of_baseline, abs=1e-9), name

    def test_no_metric_of_the_two_sides_is_left_out(self) -> None:
        candidate, baseline, gold = drawn(40, np.random.default_rng(0))

        assert {*compare(candidate, baseline, gold, ordinal=True, resamples=1).differences} >= {
            *of_one(candidate, gold)
        }

    @given(twice_probable())
    @settings(max_examples=12)
    def test_with_the_sides_exchanged_everything_changes_its_sign(self, arrays: Arrays) -> None:
        candidate, baseline, gold = arrays

        there = compare(candidate, baseline, gold, ordinal=True, resamples=1)
        back = compare(baseline, candidate, gold, ordinal=True, resamples=1)

        assert (there.gained, there.lost) == (back.lost, back.gained)
        for name, difference in there.differences.items():
            other = back.differences[name]
            assert (difference.candidate, difference.baseline) == (other.baseline, other.candidate), name
            if isinstance(difference.value, Estimate):
                assert value(difference) == pytest.approx(-value(other), abs=1e-12), name
            if "permutation" not in difference.test and difference.p_value is not None:
                assert difference.p_value == pytest.approx(other.p_value), name

    def test_intervals_are_mirrored_too(self) -> None:
        candidate, baseline, gold = drawn(400, np.random.default_rng(1), worse=0.2)

        there = bounded(compare(candidate, baseline, gold, ordinal=True))
        back = bounded(compare(baseline, candidate, gold, ordinal=True))

        for name, difference in there.items():
            width = bounds(difference).high - bounds(difference).low
            # Other tables are drawn, since the cells stand in another order.
            near = 0.06 * width if difference.test == SWAPS else 1e-9
            assert bounds(difference).low == pytest.approx(-bounds(back[name]).high, abs=near), name


class TestFlips:
    def test_each_example_is_counted_once(self) -> None:
        gold = [0, 0, 0, 1, 1, 2, 2, 2]
        candidate, baseline = [0, 0, 1, 1, 2, 0, 1, 2], [0, 1, 0, 1, 2, 1, 0, 0]

        found = compare(certain(candidate, 3), certain(baseline, 3), np.array(gold), ordinal=True)

        counts = found.both_right, found.gained, found.lost, found.both_wrong_same, found.changed_wrong
        assert counts == (2, 2, 1, 1, 2)
        assert sum(counts) == found.reviews
        assert found.discordance == 3 / 8
        assert not found.identical


class TestAccuracy:
    def test_has_the_interval_of_tango_and_the_mid_p_value_of_mcnemar(self) -> None:
        candidate, baseline, gold = drawn(500, np.random.default_rng(2))

        found = compare(candidate, baseline, gold, ordinal=True, confidence=0.9)

        accuracy = found.differences["accuracy"]
        assert bounds(accuracy) == tango_interval(found.gained, found.lost, 500, 0.9)
        assert accuracy.p_value == mcnemar_mid_p(found.gained, found.lost)
        assert accuracy.test == "mid-p McNemar"
        assert found.differences["micro_f1"] == accuracy

    def test_says_what_it_could_have_seen(self) -> None:
        candidate, baseline, gold = drawn(500, np.random.default_rng(2))

        found = compare(candidate, baseline, gold, ordinal=True)

        assert found.detectable == pytest.approx(2.4865 * math.sqrt(found.discordance / 500), rel=1e-4)
        assert found.examples_needed(-0.01) == pytest.approx(6.1826 * found.discordance / 0.01**2, rel=1e-3)
        assert found.examples_needed(0.0) is None

    def test_a_difference_needs_as_many_discordant_examples(self) -> None:
        found = replace(compare(*drawn(50, np.random.default_rng(2)), ordinal=True), discordance=0.01)

        assert found.examples_needed(0.5) == math.ceil(6.1826 * 0.5 / 0.25)


class TestUndefined:
    def test_without_an_order_what_needs_one_says_so(self) -> None:
        found = compare(*drawn(60, np.random.default_rng(3)), ordinal=False).differences

        unordered = {name for name, difference in found.items() if isinstance(difference.value, Undefined)}
        assert unordered == {
            "off_by_one_accuracy", "mean_absolute_error", "mean_signed_error", "quadratic_weighted_kappa",
            "ranked_probability_score",
        }  # fmt: skip
        assert {reason(found[name]) for name in unordered} == {"the classes have no order"}
        assert found["mean_absolute_error"].p_value is None

    def test_with_two_classes_what_needs_three_says_so(self) -> None:
        found = compare(*drawn(60, np.random.default_rng(3), classes=2), ordinal=True).differences

        assert reason(found["off_by_one_accuracy"]) == "with two classes no prediction is off by more than one"
        assert reason(found["top_2_accuracy"]) == "with two classes the label is always among the two most probable"

    def test_a_constant_side_alone_is_named(self) -> None:
        gold = np.arange(40) % 2

        found = compare(certain([0] * 40, 2), certain(gold.tolist(), 2), gold, ordinal=True)

        correlation = found.differences["matthews_correlation"]
        assert (correlation.candidate, correlation.baseline, correlation.p_value) == (None, 1.0, None)
        assert reason(correlation) == correlation.reason
        assert correlation.reason.startswith("candidate: all gold labels or all predictions are of one class")

    def test_without_an_example_of_each_class_there_is_no_area(self) -> None:
        candidate, baseline, _ = drawn(60, np.random.default_rng(3))

        found = compare(candidate, baseline, np.arange(60) % 2, ordinal=True)

        assert reason(found.differences["area_under_roc"]) == (
            "2 of 4 classes have no example, so that they have no area"
        )


class TestIdentical:
    def test_classes_have_a_difference_of_exactly_0(self) -> None:
        candidate, _, gold = drawn(400, np.random.default_rng(4))

        found = compare(candidate, softmax(2 * np.log(candidate)), gold, ordinal=True)

        assert found.identical
        assert (found.gained, found.lost, found.detectable, found.examples_needed(0.01)) == (0, 0, None, None)
        for name in (*FROM_TABLES, "mean_absolute_error", "mean_signed_error"):
            difference = found.differences[name]
            assert value(difference) == 0, name
            assert reason(difference) == "the predicted classes are identical"
            assert (difference.p_value, difference.test) == (1.0, "the predicted classes are identical")
        assert bounds(found.differences["accuracy"]).high == pytest.approx(0.0095, abs=2e-4)
        assert bounds(found.differences["brier_score"]).method == "t, paired differences"

    def test_probabilities_have_a_difference_of_exactly_0(self) -> None:
        candidate, _, gold = drawn(400, np.random.default_rng(4))

        found = compare(candidate, candidate.copy(), gold, ordinal=True).differences

        for name in (*LOSSES, "confidence_gap", "area_under_roc", "area_under_risk_coverage"):
            assert value(found[name]) == 0, name
            assert reason(found[name]) == "the probabilities are identical"
            assert found[name].p_value == 1.0


class TestEvidence:
    def test_few_changes_show_no_spread(self) -> None:
        gold = np.arange(400) % 4
        baseline = np.where(np.arange(400) < 100, (gold + 1) % 4, gold)
        candidate = np.where(np.arange(400) < 4, gold, baseline)

        found = compare(certain(candidate.tolist(), 4), certain(baseline.tolist(), 4), gold, ordinal=True).differences

        for name in ("macro_f1", "matthews_correlation", "mean_absolute_error"):
            assert reason(found[name]) == "the two differ on 4 examples, and the interval needs 5"
        for name in ("balanced_accuracy", "quadratic_weighted_kappa"):
            assert reason(found[name]) == "the two differ on 4 examples, and the interval needs 30"
        assert found["macro_f1"].p_value == pytest.approx(1 / 8, abs=0.03), "a swap needs no spread: 2 of 16 ways"
        assert found["mean_absolute_error"].p_value is None
        assert found["mean_absolute_error"].reason == reason(found["mean_absolute_error"])

    def test_either_side_may_lack_what_its_own_interval_needs(self) -> None:
        gold = np.arange(400) % 4
        candidate = np.where(np.arange(400) < 40, (gold + 1) % 4, gold)

        found = compare(certain(candidate.tolist(), 4), certain(gold.tolist(), 4), gold, ordinal=True).differences

        for name in ("quadratic_weighted_kappa", "negative_log_likelihood", "area_under_risk_coverage"):
            assert reason(found[name]) == "0 wrong predictions, and the interval needs 30"

    def test_few_right_predictions_are_few_too(self) -> None:
        candidate, baseline, gold = drawn(100, np.random.default_rng(5))
        wrong = (predicted_classes(candidate) + 1) % 4

        found = compare(candidate, baseline, np.where(np.arange(100) < 20, gold, wrong), ordinal=True).differences

        assert "right prediction" in reason(found["area_under_risk_coverage"])

    def test_a_label_without_any_probability_is_told(self) -> None:
        candidate, baseline, gold = drawn(400, np.random.default_rng(6))
        candidate[0] = np.eye(4)[(gold[0] + 1) % 4]

        found = compare(candidate, baseline, gold, ordinal=True).differences["negative_log_likelihood"]

        assert reason(found).startswith("1 example gives the gold label a probability of 0, whose loss is infinite")

    def test_few_resamples_show_no_spread(self) -> None:
        found = compare(*drawn(400, np.random.default_rng(6)), ordinal=True, resamples=99).differences["macro_f1"]

        assert reason(found) == "resamples: 99, and the standard error needs 100"

    def test_one_example_has_values_and_no_more(self) -> None:
        found = compare(certain([1], 3), certain([0], 3), np.array([1]), ordinal=True)

        assert (found.gained, found.reviews) == (1, 1)
        assert bounds(found.differences["accuracy"]).low < 0.2
        for name, difference in found.differences.items():
            if name not in ("accuracy", "micro_f1", "off_by_one_accuracy", "top_2_accuracy"):
                assert reason(difference), name

    def test_many_classes_are_no_special_case(self) -> None:
        generator = np.random.default_rng(7)
        gold = np.arange(4000) % 300
        sides = [np.where(generator.random(4000) < 0.8, gold, generator.integers(0, 300, 4000)) for _ in range(2)]

        found = compare(
            certain(sides[0].tolist(), 300), certain(sides[1].tolist(), 300), gold, ordinal=True, resamples=100
        )

        assert all(isinstance(bounds(found.differences[name]), Interval) for name in FROM_TABLES)


class TestLosses:
    @pytest.mark.parametrize("name", [*LOSSES, "confidence_gap"])
    def test_are_compared_as_the_paired_t_test_compares_them(self, name: str) -> None:
        candidate, baseline, gold = drawn(300, np.random.default_rng(8), worse=0.1)
        sides = [
            LOSSES[name](side, gold) if name in LOSSES else confidences(side) - (predicted_classes(side) == gold)
            for side in (candidate, baseline)
        ]

        found = compare(candidate, baseline, gold, ordinal=True).differences[name]

        expected = stats.ttest_rel(*sides)
        interval = expected.confidence_interval(0.95)
        assert found.p_value == pytest.approx(expected.pvalue)
        assert (bounds(found).low, bounds(found).high) == pytest.approx((interval.low, interval.high))


class TestValuesAlone:
    def test_have_neither_an_interval_nor_a_test_and_say_why(self) -> None:
        found = compare(*drawn(400, np.random.default_rng(8)), ordinal=True).differences

        assert {name for name, difference in found.items() if difference.p_value is None} == {*VALUES_ALONE}
        for name in VALUES_ALONE:
            assert found[name].reason == reason(found[name])
        assert found["expected_calibration_error"].reason == (
            "either estimate is biased upward, by an amount of its own, so that no interval of the difference holds"
        )
        assert found["debiased_calibration_error"].reason.startswith("how two such estimates vary together")
        assert found["accuracy_at_90_coverage"].reason.startswith("the two accept other examples")

    def test_the_bootstrap_of_a_biased_estimate_would_miss(self) -> None:
        """Why there is none: of a sharp and a blunt classifier, both calibrated, in truth nothing differs.

        The bias of either is of another size, so that percentiles of the resampled difference lie beside 0: in a
        third of the sets, where it should be in a twentieth.
        """
        generator = np.random.default_rng(0)

        def difference(side: np.ndarray, other: np.ndarray, right: np.ndarray, was: np.ndarray) -> float:
            errors = (expected_calibration_error(binned(*each)) for each in ((side, right), (other, was)))
            return next(errors) - next(errors)

        missed = 0
        for _ in range(24):
            sharp, blunt = generator.choice([0.55, 0.97], 300), generator.uniform(0.4, 0.8, 300)
            right, was = generator.random(300) < sharp, generator.random(300) < blunt
            rows = (generator.integers(0, 300, 300) for _ in range(100))
            drawn_anew = [difference(sharp[row], blunt[row], right[row], was[row]) for row in rows]
            low, high = np.quantile(drawn_anew, [0.025, 0.975])
            missed += not low <= 0 <= high

        assert missed >= 5


class TestResampledTables:
    @pytest.mark.parametrize("name", ["macro_f1", "cohen_kappa", "balanced_accuracy"])
    def test_are_distributed_as_the_plain_bootstrap_of_examples(self, name: str) -> None:
        """The slow definition: draw pairs with replacement, and ask scikit-learn for both sides each time."""
        candidate, baseline, gold = drawn(200, np.random.default_rng(9), worse=0.2)
        sides = predicted_classes(candidate), predicted_classes(baseline)
        generator = np.random.default_rng(1)
        slow = {
            "macro_f1": lambda gold, predicted: sklearn.f1_score(gold, predicted, labels=range(4), average="macro"),
            "cohen_kappa": sklearn.cohen_kappa_score,
            "balanced_accuracy": sklearn.balanced_accuracy_score,
        }[name]
        rows = [generator.integers(0, 200, 200) for _ in range(200)]
        plain = np.array([slow(gold[row], sides[0][row]) - slow(gold[row], sides[1][row]) for row in rows])

        tables = JointCells.of(gold, *sides, 4).resampled(20_000, seed=0)
        compute = FROM_TABLES[name].compute
        counted = np.concatenate([compute(now) - compute(before) for now, before in tables])

        assert plain.mean() == pytest.approx(counted.mean(), abs=4 * counted.std() / math.sqrt(200))
        for quantile in (0.025, 0.25, 0.75, 0.975):
            inside = (counted < np.quantile(plain, quantile)).mean()
            assert inside == pytest.approx(quantile, abs=4 * math.sqrt(quantile * (1 - quantile) / 200))

    def test_the_interval_names_its_method_and_the_test_its_own(self) -> None:
        found = compare(*drawn(400, np.random.default_rng(9)), ordinal=True).differences

        for name in FROM_TABLES:
            assert (bounds(found[name]).method, found[name].test) == (BOOTSTRAP, SWAPS)

    def test_the_seed_decides(self) -> None:
        arrays = drawn(400, np.random.default_rng(9))

        def low(seed: int) -> float:
            return bounds(compare(*arrays, ordinal=True, seed=seed, resamples=200).differences["macro_f1"]).low

        assert low(1) == low(1)
        assert low(1) != low(2)


class TestSwaps:
    @pytest.mark.parametrize("name", ["macro_f1", "matthews_correlation", "quadratic_weighted_kappa"])
    def test_agree_with_all_ways_to_swap_the_examples(self, name: str) -> None:
        """The slow definition: of the 2⁸ ways to swap eight changed examples, the share that differs as much."""
        gold = np.arange(30) % 3
        baseline = np.where(np.arange(30) % 5 == 0, (gold + 1) % 3, gold)
        candidate = np.where(np.arange(30) < 8, (baseline + 1 + np.arange(30) % 2) % 3, baseline)
        compute = FROM_TABLES[name].compute

        def difference(now: np.ndarray, before: np.ndarray) -> float:
            of_now, of_before = JointCells.of(gold, now, before, 3).observed()
            return float(compute(of_now) - compute(of_before))

        size = abs(difference(candidate, baseline)) - 1e-12
        coins = [np.append(np.array(coin), np.zeros(22, dtype=bool)) for coin in product([False, True], repeat=8)]
        ways = [difference(np.where(coin, baseline, candidate), np.where(coin, candidate, baseline)) for coin in coins]
        exact = np.mean(np.abs(ways) >= size)

        found = compare(certain(candidate.tolist(), 3), certain(baseline.tolist(), 3), gold, ordinal=True)

        assert found.differences[name].p_value == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 2000))


class TestDesigns:
    CLUSTERED = "cluster-robust, 100 clusters by product"

    def clusters(self) -> Design:
        return Design.of("clustered", np.arange(400) // 4, "product")

    def test_in_clusters_every_interval_knows_of_them(self) -> None:
        found = bounded(compare(*drawn(400, np.random.default_rng(10)), ordinal=True, design=self.clusters()))

        for name, difference in found.items():
            assert bounds(difference).method.endswith(self.CLUSTERED), name
            assert difference.test == "paired t, cluster-robust"

    def test_means_have_the_interval_of_a_mean_in_clusters(self) -> None:
        candidate, baseline, gold = drawn(400, np.random.default_rng(10))
        design = self.clusters()

        found = compare(candidate, baseline, gold, ordinal=True, design=design).differences

        losses = LOSSES["brier_score"](candidate, gold) - LOSSES["brier_score"](baseline, gold)
        right = (predicted_classes(candidate) == gold) * 1.0 - (predicted_classes(baseline) == gold)
        for name, values in (("brier_score", losses), ("accuracy", right)):
            expected = mean_interval(design, values, 0.95)
            assert isinstance(expected, Interval)
            assert (bounds(found[name]).low, bounds(found[name]).high) == pytest.approx(
                (expected.low, expected.high), rel=0.02
            )

    def test_an_example_that_stands_there_twice_counts_once(self) -> None:
        """Pairs of the same example, each a cluster, say what one of each says."""
        once = drawn(400, np.random.default_rng(11))
        twice = [np.repeat(each, 2, axis=0) for each in once]

        alone = bounded(compare(*once, ordinal=True, resamples=8000))
        doubled = bounded(compare(*twice, ordinal=True, design=Design.of("clustered", np.repeat(np.arange(400), 2))))
        naive = bounded(compare(*twice, ordinal=True))

        for name, difference in alone.items():
            width, double, wrong = (
                bounds(each).high - bounds(each).low for each in (difference, doubled[name], naive[name])
            )
            # Influences are of first order, Tango is no t, and a bootstrap has its noise.
            assert double == pytest.approx(width, rel=0.05), name
            assert wrong < 0.8 * width, name

    def test_few_clusters_give_none(self) -> None:
        design = Design.of("clustered", np.arange(400) % 19)

        found = bounded(compare(*drawn(400, np.random.default_rng(10)), ordinal=True, design=design))

        reasons = {reason(difference) for difference in found.values()}
        assert reasons == {"19 clusters, and the interval needs 20"}
        assert {difference.p_value for difference in found.values()} == {None}

    def test_one_cluster_gives_none(self) -> None:
        design = Design.of("clustered", np.zeros(400, dtype=np.int64))

        found = bounded(compare(*drawn(400, np.random.default_rng(10)), ordinal=True, design=design))

        assert {reason(difference) for difference in found.values()} == {"1 cluster, and the interval needs 20"}

    def test_in_strata_shares_keep_tango_and_the_rest_loses_what_differs_between_them(self) -> None:
        candidate, baseline, gold = drawn(400, np.random.default_rng(12))
        # One class is hard for the candidate alone: what differs between the strata is not by chance.
        candidate = np.where((gold == 0)[:, None], softmax(np.log(candidate) * -0.5), candidate)

        plain = compare(candidate, baseline, gold, ordinal=True).differences
        found = compare(
            candidate, baseline, gold, ordinal=True, design=Design.of("stratified", gold, "label")
        ).differences

        assert found["accuracy"] == plain["accuracy"]
        for name in ("macro_f1", "brier_score"):
            width = bounds(plain[name]).high - bounds(plain[name]).low
            assert bounds(found[name]).high - bounds(found[name]).low < 0.95 * width
            assert bounds(found[name]).method.endswith("stratified, 4 strata by label")
        assert found["macro_f1"].test == SWAPS

    def test_an_independent_design_is_no_design(self) -> None:
        arrays = drawn(100, np.random.default_rng(12))

        assert compare(*arrays, ordinal=True, design=Design.independent()) == compare(*arrays, ordinal=True)


class TestRefused:
    def test_other_shapes(self) -> None:
        candidate, baseline, gold = drawn(20, np.random.default_rng(0))

        with pytest.raises(PredictionsError) as refused:
            compare(candidate, baseline[:19], gold, ordinal=True)

        assert str(refused.value) == (
            "candidate and baseline are not of the same examples and classes\n"
            "  where     arrays of shapes (20, 4) and (19, 4)\n"
            "  expected  the same number of rows and columns\n"
            "  remedy    take both from the same review set, with the same label scheme"
        )

    def test_the_side_that_cannot_be_scored_is_named(self) -> None:
        candidate, baseline, gold = drawn(20, np.random.default_rng(0))
        baseline[3, 0] = np.nan

        with pytest.raises(PredictionsError) as refused:
            compare(candidate, baseline, gold, ordinal=True)

        assert (refused.value.message, refused.value.where) == (
            "probabilities are not finite",
            "baseline: row 3 (1 in all), counted from 0",
        )

    def test_no_example(self) -> None:
        with pytest.raises(NothingMeasured):
            compare(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, dtype=np.int64), ordinal=True)


@pytest.fixture
def _shapes_unchecked() -> Iterator[None]:
    """The other tests check the shapes; hundreds of sets here would spend most of their time on it."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.mark.usefixtures("_shapes_unchecked")
class TestLongRun:
    """Simulated; the seeds are fixed, so that chance has had its say."""

    SETS = 100
    TESTED = ("accuracy", "macro_f1", "brier_score", "area_under_roc", "area_under_risk_coverage")

    def found(self, worse: float, sets: int) -> Counter[str]:
        generator = np.random.default_rng(13)
        significant: Counter[str] = Counter()
        for _ in range(sets):
            differences = compare(*drawn(400, generator, worse), ordinal=True, resamples=200).differences
            p_values = {name: differences[name].p_value for name in self.TESTED}
            assert None not in p_values.values()
            significant.update(name for name, p_value in p_values.items() if p_value is not None and p_value <= 0.05)
        return significant

    def test_of_equals_five_in_a_hundred_are_found_to_differ(self) -> None:
        found = self.found(worse=0.0, sets=80)

        assert all(abs(found[name] - 4) <= 3 * math.sqrt(80 * 0.05 * 0.95) for name in self.TESTED), found

    def test_what_differs_is_found(self) -> None:
        """The accuracy drops by 6 points, of which so many examples find one-sided 5.8 in 80 of 100 sets."""
        found = self.found(worse=0.12, sets=50)

        assert all(found[name] >= 25 for name in self.TESTED), found

    @pytest.mark.parametrize(("examples", "fresh"), [(300, 1.0), (1000, 0.1)])
    def test_intervals_of_label_metrics_hold(self, examples: int, fresh: float) -> None:
        """The candidate predicts anew in a share of the examples, and better there; the band is three deviations."""
        shares, truth = self.population(fresh)
        generator = np.random.default_rng(14)
        inside: Counter[str] = Counter()
        for seed in range(self.SETS):
            table = generator.multinomial(examples, shares.ravel())
            of = LabelPairs(self.cells(table), Design.independent(), np.zeros(0, dtype=np.int64), 0.95, 150, seed)
            for name, difference in label_differences(of, ordinal=True).items():
                interval = bounds(difference)
                inside[name] += interval.low <= truth[name] <= interval.high

        assert all(inside[name] >= 89 for name in truth), inside

    def population(self, fresh: float) -> tuple[np.ndarray, dict[str, float]]:
        """Shares of the joint table of five classes, and what an endless sample gives."""
        classes = np.arange(5)
        apart = np.abs(np.subtract.outer(classes, classes))
        wrong = np.where(apart == 1, 4.0, 1.0) * (apart > 0)
        wrong /= wrong.sum(axis=1, keepdims=True)
        before, anew = (right * np.eye(5) + (1 - right) * wrong for right in (0.6, 0.75))
        shares = 0.2 * before[:, None, :] * (fresh * anew[:, :, None] + (1 - fresh) * np.eye(5)[None, :, :])
        endless = self.cells(np.rint(shares * 1e9).astype(np.int64).ravel())
        of = LabelPairs(endless, Design.independent(), np.zeros(0, dtype=np.int64), 0.95, 1, 0)
        return shares, {name: value(each) for name, each in label_differences(of, ordinal=True).items()}

    def cells(self, table: np.ndarray) -> JointCells:
        filled = np.flatnonzero(table)
        gold, candidate, baseline = np.unravel_index(filled, (5, 5, 5))
        return JointCells(gold, candidate, baseline, table[filled], 5)


class TestPlainValues:
    def test_a_comparison_is_frozen(self) -> None:
        found = compare(*drawn(30, np.random.default_rng(0)), ordinal=True, resamples=1)

        assert isinstance(found, Paired)
        with pytest.raises(AttributeError):
            found.gained = 3  # type: ignore[misc]
