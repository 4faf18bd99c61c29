"""Areas under the ROC curve are those of scikit-learn, and their intervals those of DeLong."""

from __future__ import annotations

import math
import warnings
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import roc_auc_score
from support.labelled import probable

from harness.metrics.discrimination import area_error, area_metrics, area_under_roc, class_areas
from harness.metrics.ranking import FineBins, Ranking
from harness.statistics import Estimate, Interval, NoInterval, Scalar, Undefined

Drawn = tuple[np.ndarray, np.ndarray]


@st.composite
def scored(draw: st.DrawFn) -> Drawn:
    """Probabilities with ties among them, and whether each example is of the class; both occur."""
    examples = draw(st.integers(2, 40))
    values = draw(hnp.arrays(np.int64, examples, elements=st.integers(0, 12)))
    event = draw(hnp.arrays(np.bool_, examples))
    event[:2] = [True, False]
    return values / 12, event


def rankings_of(probabilities: np.ndarray, gold: np.ndarray) -> list[Ranking]:
    return [Ranking.of(probabilities[:, name], gold == name) for name in range(probabilities.shape[1])]


def simulated(examples: int, signal: float, generator: np.random.Generator) -> Drawn:
    """Four classes, not equally common, told apart by a classifier of some `signal`."""
    gold = generator.choice(4, examples, p=[0.15, 0.2, 0.25, 0.4])
    logits = generator.normal(size=(examples, 4))
    logits[np.arange(examples), gold] += signal
    weights = np.exp(logits)
    return weights / weights.sum(axis=1, keepdims=True), gold


def worth(of_class: float, rest: float) -> float:
    """Of one pair."""
    return 1.0 if of_class > rest else 0.5 if of_class == rest else 0.0


def slow_area(probability: np.ndarray, event: np.ndarray) -> float:
    """The definition: pair by pair."""
    return float(np.mean([worth(x, y) for x in probability[event] for y in probability[~event]]))


def slow_deviation(probability: np.ndarray, event: np.ndarray) -> float:
    """DeLong, DeLong & Clarke-Pearson, equations 4 to 6, as they are printed."""
    inside, outside = probability[event], probability[~event]
    m, n, area = len(inside), len(outside), slow_area(probability, event)
    v10 = [sum(worth(x, y) for y in outside) / n for x in inside]
    v01 = [sum(worth(x, y) for x in inside) / m for y in outside]
    s10 = sum((v - area) ** 2 for v in v10) / (m - 1)
    s01 = sum((v - area) ** 2 for v in v01) / (n - 1)
    return math.sqrt(s10 / m + s01 / n)


def on_logit_scale(area: float, deviation: float) -> tuple[float, float]:
    reach = 1.959963984540054 * deviation / (area * (1 - area))
    logit = math.log(area / (1 - area))
    return 1 / (1 + math.exp(reach - logit)), 1 / (1 + math.exp(-reach - logit))


def area(scalar: Scalar) -> float:
    assert isinstance(scalar, Estimate), scalar
    return scalar.value


def interval(scalar: Scalar) -> Interval:
    assert isinstance(scalar, Estimate)
    assert isinstance(scalar.bounds, Interval), scalar
    return scalar.bounds


def no_interval(scalar: Scalar) -> str:
    assert isinstance(scalar, Estimate)
    assert isinstance(scalar.bounds, NoInterval), scalar
    return scalar.bounds.reason


class TestAreaUnderRoc:
    @given(scored())
    def test_is_the_share_of_pairs_in_order_ties_half(self, drawn: Drawn) -> None:
        assert area_under_roc(Ranking.of(*drawn)) == pytest.approx(slow_area(*drawn), abs=1e-12)

    @given(scored())
    def test_is_that_of_scikit_learn(self, drawn: Drawn) -> None:
        probability, event = drawn

        assert area_under_roc(Ranking.of(probability, event)) == pytest.approx(roc_auc_score(event, probability))

    @pytest.mark.parametrize(
        ("event", "reason"),
        [
            ([False, False], "no example has this gold label"),
            ([True, True], "every example has this gold label"),
            ([True], "every example has this gold label"),
            ([], "no example has this gold label"),
        ],
    )
    def test_without_a_pair_it_is_undefined(self, event: list[bool], reason: str) -> None:
        ranking = Ranking.of(np.linspace(0, 1, len(event)), np.array(event, dtype=bool))

        assert area_under_roc(ranking) == Undefined(reason)
        assert class_areas([ranking], 0.95) == (Undefined(reason),)
        assert area_error(ranking) == 0.0


class TestAreaError:
    @given(scored(), st.integers(1, 10))
    def test_bounds_what_the_bins_change(self, drawn: Drawn, bins: int) -> None:
        counted = FineBins.of(*drawn, bins).ranking()

        found = area_under_roc(counted)

        assert isinstance(found, float)
        assert abs(found - slow_area(*drawn)) <= area_error(counted) + 1e-12

    def test_is_half_of_the_pairs_that_share_a_bin(self) -> None:
        """In one bin all pairs do, and the area is known to a half."""
        probability, event = np.array([0.1, 0.2, 0.3]), np.array([True, False, True])

        assert area_error(FineBins.of(probability, event, bins=1).ranking()) == 0.5
        assert area_error(FineBins.of(probability, event, bins=4).ranking()) == 0.25

    def test_is_0_where_the_ranking_is_exact(self) -> None:
        assert area_error(Ranking.of(np.full(4, 0.5), np.array([True, False, True, False]))) == 0.0


class TestClassAreas:
    @given(scored())
    @settings(max_examples=60)
    def test_have_the_interval_of_the_double_sum_over_pairs(self, drawn: Drawn) -> None:
        """Six copies of each example, for that many to be there at all."""
        probability, event = np.tile(drawn[0], 6), np.tile(drawn[1], 6)
        (found,) = class_areas([Ranking.of(probability, event)], 0.95)
        expected = slow_area(probability, event)

        assert isinstance(found, Estimate)
        assert found.value == pytest.approx(expected)
        if isinstance(found.bounds, Interval):
            ends = on_logit_scale(expected, slow_deviation(probability, event))
            assert (found.bounds.low, found.bounds.high) == pytest.approx(ends)
            assert found.bounds.method == "DeLong"
            assert 0 < found.bounds.low < expected < found.bounds.high < 1

    def test_more_confidence_is_wider(self) -> None:
        rankings = rankings_of(*simulated(300, 1.0, np.random.default_rng(0)))

        for wide, narrow in zip(class_areas(rankings, 0.99), class_areas(rankings, 0.8), strict=True):
            assert interval(wide).low < interval(narrow).low < interval(narrow).high < interval(wide).high

    @pytest.mark.parametrize(("side", "examples"), [("class", (9, 50)), ("rest", (50, 9))])
    def test_of_nine_examples_have_none(self, side: str, examples: tuple[int, int]) -> None:
        """Nine are too few for any area, and ten for one that is not 0.5."""
        probability = np.concatenate([np.linspace(0.2, 0.8, number) for number in examples])
        event = np.repeat([True, False], examples)

        (found,) = class_areas([Ranking.of(probability, event)], 0.95)

        assert no_interval(found) == f"the {side} has 9 examples, and the interval of such an area needs 10"

    @pytest.mark.parametrize(("value", "end"), [(0.9, 1), (0.1, 0)])
    def test_of_perfect_order_have_none(self, value: float, end: int) -> None:
        probability, event = np.repeat([value, 0.5], 100), np.repeat([True, False], 100)

        (found,) = class_areas([Ranking.of(probability, event)], 0.95)

        assert area(found) == end
        assert no_interval(found) == f"an area of exactly {end} says nothing of the spread"

    def test_of_nearly_perfect_order_need_more_examples(self) -> None:
        probability, event = np.repeat([0.9, 0.5, 0.4], [97, 103, 100]), np.repeat([True, False], [100, 200])

        (found,) = class_areas([Ranking.of(probability, event)], 0.95)

        assert area(found) == pytest.approx(0.9925)
        assert no_interval(found) == "the class has 100 examples, and the interval of such an area needs 667"

    def test_of_one_probability_for_all_have_none(self) -> None:
        """Certain of nothing, and all tied: half of the pairs."""
        (found,) = class_areas([Ranking.of(np.full(60, 0.2), np.arange(60) < 20)], 0.95)

        assert area(found) == 0.5
        assert no_interval(found) == "all examples are tied, which says nothing of the spread"

    @pytest.mark.parametrize("saturated", [False, True])
    def test_probabilities_of_exactly_0_and_1_are_ranks_like_any(self, saturated: bool) -> None:
        generator = np.random.default_rng(5)
        event = np.arange(200) < 80
        probability = np.clip(generator.normal(0.5 + 0.3 * event, 0.4), 0, 1) if saturated else generator.random(200)

        (found,) = class_areas([Ranking.of(probability, event)], 0.95)

        ends = on_logit_scale(slow_area(probability, event), slow_deviation(probability, event))
        assert (interval(found).low, interval(found).high) == pytest.approx(ends)

    def test_from_fine_bins_say_how_far_they_may_be_off(self) -> None:
        probability, event = np.linspace(0, 1, 200), np.arange(200) % 3 == 0
        bins = FineBins.of(probability, event, bins=50)

        (coarse,) = class_areas([bins.ranking()], 0.95)
        (fine,) = class_areas([FineBins.of(probability, event).ranking()], 0.95)

        assert area_error(bins.ranking()) == pytest.approx(0.00937, abs=1e-5)
        assert interval(coarse).method == "DeLong; counted in fine bins, off by at most 0.01"
        assert interval(fine).method == "DeLong", "no pair shares a bin"

    def test_the_bound_is_rounded_upwards_and_never_to_0(self) -> None:
        event = np.arange(20_000) % 2 == 0
        probability = np.arange(20_000) / 20_000
        probability[1] = probability[0]

        (found,) = class_areas([FineBins.of(probability, event).ranking()], 0.95)

        assert interval(found).method == "DeLong; counted in fine bins, off by at most 0.000001"

    @pytest.mark.parametrize(("of_class", "truth"), [(40, 0.7), (200, 0.95)])
    def test_intervals_hold_the_truth_as_often_as_they_say(self, of_class: int, truth: float) -> None:
        """Of two normal laws, the rest ten times as many."""
        apart = math.sqrt(2) * NormalDist().inv_cdf(truth)
        event = np.arange(of_class * 11) < of_class
        samples = np.random.default_rng(3).normal(size=(1000, len(event))) + apart * event

        found = class_areas([Ranking.of(1 / (1 + np.exp(-sample)), event) for sample in samples], 0.95)

        inside = sum(interval(one).low <= truth <= interval(one).high for one in found)
        assert 0.93 < inside / 1000 < 0.97


class TestAreaMetrics:
    @given(probable())
    def test_is_the_macro_mean_of_scikit_learn_where_all_classes_occur(self, drawn: Drawn) -> None:
        """Where one does not, scikit-learn warns and answers NaN, and we name how many."""
        probabilities, gold = drawn
        classes = probabilities.shape[1]
        found = area_metrics(rankings_of(probabilities, gold), 0.95)["area_under_roc"]
        missing = classes - len(set(gold.tolist()))
        # Of two classes it takes the probability of the second alone.
        scores = probabilities if classes > 2 else probabilities[:, 1]

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UndefinedMetricWarning)
            expected = roc_auc_score(gold, scores, multi_class="ovr", average="macro", labels=range(classes))

        if missing:
            assert isinstance(found, Undefined)
            assert math.isnan(expected)
        else:
            assert area(found) == pytest.approx(expected)

    @pytest.mark.parametrize(
        ("labels", "reason"),
        [
            ([0, 1, 1, 3, 4], "1 of 5 classes has no example, so that it has no area"),
            ([0, 1, 1], "3 of 5 classes have no example, so that they have no area"),
            ([2], "4 of 5 classes have no example, so that they have no area"),
        ],
    )
    def test_is_undefined_where_a_class_is_missing(self, labels: list[int], reason: str) -> None:
        """The mean over the others would be another metric from slice to slice."""
        gold = np.array(labels)
        probabilities = np.random.default_rng(0).dirichlet(np.ones(5), size=len(gold))
        rankings = rankings_of(probabilities, gold)

        assert area_metrics(rankings, 0.95) == {"area_under_roc": Undefined(reason)}
        assert area_metrics(rankings, 0.95, probabilities=probabilities, gold=gold) == area_metrics(rankings, 0.95)

    def test_a_class_that_is_never_predicted_has_an_area(self) -> None:
        probabilities, gold = simulated(400, 1.0, np.random.default_rng(2))
        probabilities[:, 0] *= 1e-6
        probabilities /= probabilities.sum(axis=1, keepdims=True)

        found = class_areas(rankings_of(probabilities, gold), 0.95)

        assert not (probabilities.argmax(axis=1) == 0).any()
        assert area(found[0]) == pytest.approx(slow_area(probabilities[:, 0], gold == 0))

    @pytest.mark.parametrize("given_arrays", [True, False])
    def test_of_two_classes_it_is_either_area_with_its_interval(self, given_arrays: bool) -> None:
        """Each pair of one is a pair of the other, turned around."""
        generator = np.random.default_rng(1)
        gold = generator.integers(0, 2, 150)
        positive = np.rint(np.clip(generator.normal(0.4 + 0.2 * gold, 0.2), 0, 1) * 64) / 64
        probabilities = np.column_stack([1 - positive, positive])
        rankings = rankings_of(probabilities, gold)
        arrays = {"probabilities": probabilities, "gold": gold} if given_arrays else {}

        mean = area_metrics(rankings, 0.95, **arrays)["area_under_roc"]

        for one in class_areas(rankings, 0.95):
            assert area(mean) == pytest.approx(area(one))
            assert interval(mean).low == pytest.approx(interval(one).low)
            assert interval(mean).high == pytest.approx(interval(one).high)

    def test_its_deviation_is_that_of_the_jackknife(self) -> None:
        """Leaving out each example in turn knows nothing of components; it agrees to the order of 1 / N."""
        probabilities, gold = simulated(300, 1.0, np.random.default_rng(4))

        def mean_area(keep: np.ndarray) -> float:
            return area(area_metrics(rankings_of(probabilities[keep], gold[keep]), 0.95)["area_under_roc"])

        left_out = np.array([mean_area(np.arange(300) != row) for row in range(300)])
        deviation = math.sqrt(299 / 300 * np.square(left_out - left_out.mean()).sum())

        found = area_metrics(rankings_of(probabilities, gold), 0.95, probabilities=probabilities, gold=gold)

        ends = interval(found["area_under_roc"])
        low, high = on_logit_scale(area(found["area_under_roc"]), deviation)
        assert ends.method == "DeLong, of the mean over the classes"
        assert ends.high - ends.low == pytest.approx(high - low, rel=0.02)

    def test_without_the_arrays_the_interval_is_wider_and_says_so(self) -> None:
        probabilities, gold = simulated(300, 1.0, np.random.default_rng(4))
        rankings = rankings_of(probabilities, gold)

        with_arrays = area_metrics(rankings, 0.95, probabilities=probabilities, gold=gold)["area_under_roc"]
        without = area_metrics(rankings, 0.95)["area_under_roc"]

        mean = np.mean([slow_area(probabilities[:, name], gold == name) for name in range(4)])
        deviation = np.mean([slow_deviation(probabilities[:, name], gold == name) for name in range(4)])
        assert area(without) == area(with_arrays) == pytest.approx(mean)
        ends = (interval(without).low, interval(without).high)
        assert ends == pytest.approx(on_logit_scale(mean, deviation))
        assert interval(without).method == "DeLong, with the mean of the classes' deviations, the most it can be"
        assert ends[0] < interval(with_arrays).low < interval(with_arrays).high < ends[1]

    @pytest.mark.parametrize("bins", [40, 2**16])
    def test_rankings_from_fine_bins_go_with_the_arrays_too(self, bins: int) -> None:
        """As if each probability were its bin."""
        probabilities, gold = simulated(300, 1.0, np.random.default_rng(7))
        counted = [FineBins.of(probabilities[:, name], gold == name, bins).ranking() for name in range(4)]
        binned = np.floor(probabilities * bins) / bins

        found = area_metrics(counted, 0.95, probabilities=probabilities, gold=gold)["area_under_roc"]

        expected = area_metrics(rankings_of(binned, gold), 0.95, probabilities=binned, gold=gold)["area_under_roc"]
        error = np.mean([area_error(ranking) for ranking in counted])
        assert area(found) == pytest.approx(area(expected))
        assert interval(found).low == pytest.approx(interval(expected).low)
        assert interval(found).high == pytest.approx(interval(expected).high)
        start, bound = interval(found).method.rsplit(" ", 1)
        assert start == "DeLong, of the mean over the classes; counted in fine bins, off by at most"
        assert error <= float(bound) <= 2 * error + 1e-6

    def test_a_rare_class_leaves_it_without_an_interval(self) -> None:
        generator = np.random.default_rng(8)
        gold = np.repeat([0, 1, 2], [12, 200, 200])
        probabilities = generator.dirichlet(np.ones(3), size=412)
        probabilities[np.arange(412), gold] += 0.3
        probabilities /= probabilities.sum(axis=1, keepdims=True)

        found = area_metrics(rankings_of(probabilities, gold), 0.95)["area_under_roc"]

        needed = math.ceil(5 / (1 - area(found)))
        assert needed > 12
        assert no_interval(found) == (
            f"the rarest class has 12 examples, and the interval of such an area needs {needed}"
        )

    @pytest.mark.parametrize(("classes", "of_each"), [(1000, 1), (200, 13)])
    def test_many_classes_are_no_special_case(self, classes: int, of_each: int) -> None:
        gold = np.repeat(np.arange(classes), of_each)
        probabilities = np.random.default_rng(9).random((len(gold), classes), dtype=np.float32)
        probabilities[np.arange(len(gold)), gold] += 0.05

        found = area_metrics(rankings_of(probabilities, gold), 0.95, probabilities=probabilities, gold=gold)

        # Of uniform laws that lie 0.05 apart.
        assert area(found["area_under_roc"]) == pytest.approx(0.5 + 0.05 - 0.05**2 / 2, abs=0.03)
        if of_each == 1:
            assert no_interval(found["area_under_roc"]).startswith("the rarest class has 1 example, and")
        else:
            assert interval(found["area_under_roc"]).low < area(found["area_under_roc"])

    def test_intervals_hold_the_truth_as_often_as_they_say(self) -> None:
        """The ones without the arrays hold it nearly always."""
        generator = np.random.default_rng(6)
        endless, labels = simulated(1_000_000, 1.0, generator)
        truth = area(area_metrics(rankings_of(endless, labels), 0.95)["area_under_roc"])

        inside = wide = 0
        for _ in range(400):
            probabilities, gold = simulated(400, 1.0, generator)
            rankings = rankings_of(probabilities, gold)
            found = interval(area_metrics(rankings, 0.95, probabilities=probabilities, gold=gold)["area_under_roc"])
            without = interval(area_metrics(rankings, 0.95)["area_under_roc"])
            inside += found.low <= truth <= found.high
            wide += without.low <= truth <= without.high

        assert 0.93 < inside / 400 < 0.975
        assert wide / 400 > 0.985
