"""Temperature scaling: the fit is the minimum, its interval holds, and nothing is scored on what it was fitted on."""

from __future__ import annotations

import math

import jaxtyping
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from harness.metrics import temperature
from harness.metrics.halves import fold_of
from harness.metrics.losses import SMALLEST
from harness.metrics.temperature import (
    CrossFitted,
    cross_fitted,
    fit_temperature,
    log_probabilities,
    temperature_metric,
)
from harness.statistics import Estimate, Interval, NoInterval, Undefined

Drawn = tuple[np.ndarray, np.ndarray]


def log_loss(logits: np.ndarray, gold: np.ndarray, inverse: float) -> float:
    """The definition: mean negative log-likelihood at an inverse temperature."""
    return float(-log_softmax(inverse * logits.astype(float), axis=1)[np.arange(len(gold)), gold].mean())


def scores(logits: np.ndarray, gold: np.ndarray, inverse: float) -> np.ndarray:
    """Its derivative by the inverse temperature, example by example: the mean logit less that of the gold label."""
    logits = logits.astype(float)
    expected = (softmax(inverse * logits, axis=1) * logits).sum(axis=1)
    return np.asarray(expected - logits[np.arange(len(gold)), gold])


@st.composite
def scored(draw: st.DrawFn, fewest: int = 10) -> Drawn:
    """Gold labels, and logits with ties among them that are mostly a little higher for these."""
    classes, examples = draw(st.integers(2, 5)), draw(st.integers(fewest, 40))
    gold = draw(hnp.arrays(np.int64, examples, elements=st.integers(0, classes - 1)))
    logits = draw(hnp.arrays(np.int64, (examples, classes), elements=st.integers(-30, 30))) / 4
    logits[np.arange(examples), gold] += draw(st.sampled_from([1.0, 3.0]))
    return logits, gold


def calibrated(examples: int, generator: np.random.Generator, *, classes: int = 5, reach: float = 2.0) -> Drawn:
    """Logits whose softmax is the very distribution that the gold labels are drawn from."""
    logits = generator.normal(scale=reach, size=(examples, classes))
    upto = softmax(logits, axis=1).cumsum(axis=1)
    return logits, (upto[:, :-1] < generator.random((examples, 1))).sum(axis=1)


class TestFitTemperature:
    @given(scored())
    @settings(max_examples=25)
    def test_is_where_the_gradient_is_0_and_scipy_finds_the_minimum(self, drawn: Drawn) -> None:
        fitted = fit_temperature(*drawn)
        assume(not isinstance(fitted, Undefined))
        assert isinstance(fitted, float)

        found = minimize_scalar(lambda log: log_loss(*drawn, math.exp(-log)), bounds=(-7, 12), method="bounded")

        assert abs(scores(*drawn, 1 / fitted).mean()) < 1e-9
        assert log_loss(*drawn, 1 / fitted) <= found.fun + 1e-12

    def test_is_the_one_of_scipy(self) -> None:
        logits, gold = calibrated(2_000, np.random.default_rng(0))

        found = minimize_scalar(lambda log: log_loss(logits, gold, math.exp(-log)), options={"xtol": 1e-9})

        assert fit_temperature(logits, gold) == pytest.approx(math.exp(found.x), rel=1e-6)

    def test_two_classes_have_a_closed_form(self) -> None:
        """Right in 3 of 4 with the same odds of 9 : 1 each time: T makes these odds 3 : 1."""
        logits = np.log(np.array([[0.9, 0.1]] * 4))

        assert fit_temperature(logits, np.array([0, 0, 0, 1])) == pytest.approx(math.log(9) / math.log(3), rel=1e-12)

    @given(scored(), st.floats(1e-4, 1e4))
    @settings(max_examples=25)
    def test_logits_times_a_number_give_the_temperature_times_it(self, drawn: Drawn, times: float) -> None:
        fitted = fit_temperature(*drawn)
        assume(not isinstance(fitted, Undefined))

        assert fit_temperature(drawn[0] * times, drawn[1]) == pytest.approx(fitted * times, rel=1e-8)

    @pytest.mark.parametrize("start", [1e-6, 0.3, 1e6])
    def test_does_not_depend_on_where_it_starts(self, start: float) -> None:
        logits, gold = calibrated(500, np.random.default_rng(1))

        assert fit_temperature(logits, gold, start=start) == pytest.approx(fit_temperature(logits, gold), rel=1e-12)

    def test_does_not_depend_on_the_pieces(self, monkeypatch: pytest.MonkeyPatch) -> None:
        logits, gold = calibrated(500, np.random.default_rng(2))
        whole = fit_temperature(logits, gold)
        monkeypatch.setattr(temperature, "CELLS_AT_ONCE", 35)

        assert fit_temperature(logits, gold) == pytest.approx(whole, rel=1e-12)

    def test_a_thousand_classes_and_huge_logits_are_no_special_case(self) -> None:
        logits, gold = calibrated(300, np.random.default_rng(3), classes=1000)
        logits = (1e4 * logits).astype(np.float32)

        fitted = fit_temperature(logits, gold)

        assert isinstance(fitted, float)
        assert 0.8e4 < fitted < 1.2e4

    def test_no_mistake_is_undefined(self) -> None:
        assert fit_temperature(np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0, 1])) == Undefined(
            "no class has a higher logit than the gold label: the lower the temperature, the better"
        )

    def test_logits_that_are_all_the_same_are_undefined(self) -> None:
        found = fit_temperature(np.full((4, 3), 0.1), np.array([0, 1, 2, 0]))

        assert found == Undefined(
            "no class has a higher logit than the gold label: the lower the temperature, the better"
        )

    @pytest.mark.parametrize("gold", [[1, 0], [0, 0]])
    def test_no_better_than_chance_is_undefined(self, gold: list[int]) -> None:
        """Of the second, half is right: whatever the sums round to, the best inverse temperature is 0."""
        assert fit_temperature(np.array([[0.3, 0.1], [0.1, 0.3]]), np.array(gold)) == Undefined(
            "gold labels have no higher logits than other classes: the higher the temperature, the better"
        )

    def test_no_example_is_undefined(self) -> None:
        assert fit_temperature(np.zeros((0, 2)), np.zeros(0, dtype=int)) == Undefined(
            "there is no example to fit it on"
        )


class TestTemperatureMetric:
    def test_has_the_sandwich_interval_of_its_logarithm(self) -> None:
        logits, gold = calibrated(400, np.random.default_rng(4))

        found = temperature_metric(logits, gold, confidence=0.95)

        assert isinstance(found, Estimate) and isinstance(found.bounds, Interval)
        inverse, small = 1 / found.value, 1e-5
        bread = (
            (scores(logits, gold, inverse + small).mean() - scores(logits, gold, inverse - small).mean()) / 2 / small
        )
        error = scores(logits, gold, inverse).std(ddof=1) / math.sqrt(400) / bread / inverse
        assert found.bounds.low == pytest.approx(found.value * math.exp(-1.959964 * error), rel=1e-6)
        assert found.bounds.high == pytest.approx(found.value * math.exp(1.959964 * error), rel=1e-6)
        assert found.bounds.method == "normal on the logarithm, sandwich variance"

    def test_few_wrong_predictions_leave_it_out(self) -> None:
        found = temperature_metric(*calibrated(40, np.random.default_rng(5), reach=4), confidence=0.95)

        assert isinstance(found, Estimate)
        assert found.bounds == NoInterval("8 wrong predictions, and the interval needs 30")

    def test_logits_that_say_little_leave_it_out(self) -> None:
        found = temperature_metric(*calibrated(200, np.random.default_rng(6), reach=0.15), confidence=0.95)

        assert isinstance(found, Estimate)
        assert found.bounds == NoInterval(
            "the logits tell too little of the gold labels for the temperature to be known"
        )

    def test_undefined_stays_undefined(self) -> None:
        assert isinstance(temperature_metric(np.eye(3), np.arange(3), confidence=0.95), Undefined)

    @pytest.mark.parametrize("noise", [0.0, 0.1])
    def test_the_interval_holds(self, noise: float, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of probabilities that are right at one temperature, and of ones that are at none: some labels are noise."""
        monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
        generator = np.random.default_rng(7)

        def drawn(examples: int) -> Drawn:
            logits, gold = calibrated(examples, generator)
            gold = np.where(generator.random(examples) < noise, generator.integers(0, 5, examples), gold)
            return 2.5 * logits, gold

        truth = fit_temperature(*drawn(400_000))
        assert isinstance(truth, float)
        inside = 0
        for _ in range(600):
            found = temperature_metric(*drawn(200), confidence=0.95)
            assert isinstance(found, Estimate) and isinstance(found.bounds, Interval)
            inside += found.bounds.low <= truth <= found.bounds.high

        assert 0.93 <= inside / 600 <= 0.97


class TestCrossFitted:
    def test_overconfident_logits_get_their_temperature_and_likelihood_back(self) -> None:
        """Guo et al. 2017: a temperature alone repairs logits that are all too large by one factor."""
        logits, gold = calibrated(20_000, np.random.default_rng(8))
        best = log_loss(logits, gold, 1.0)

        found = cross_fitted((2.5 * logits).astype(np.float32), gold, seed=0)

        assert isinstance(found, CrossFitted)
        assert found.temperatures == pytest.approx(np.full(5, 2.5), rel=0.05)
        assert log_loss(logits, gold, 2.5) > best + 0.1
        assert -np.log(found.probabilities[np.arange(20_000), gold]).mean() == pytest.approx(best, abs=1e-3)

    def test_each_fold_has_the_temperature_of_the_others(self) -> None:
        logits, gold = calibrated(300, np.random.default_rng(9))

        found = cross_fitted(logits, gold, seed=3, folds=4)

        assert isinstance(found, CrossFitted)
        fold = fold_of(np.arange(300), 4, 3)
        for place, fitted in enumerate(found.temperatures):
            kept = fold != place
            assert fitted == pytest.approx(fit_temperature(logits[kept], gold[kept]), rel=1e-10)
        expected = softmax(logits / found.temperatures[fold][:, None], axis=1)
        assert found.probabilities.dtype == np.float32
        assert found.probabilities == pytest.approx(expected, rel=1e-6)

    def test_the_label_of_an_example_does_not_touch_its_own_probabilities(self) -> None:
        logits, gold = calibrated(60, np.random.default_rng(10))
        before = cross_fitted(logits, gold, seed=0)
        assert isinstance(before, CrossFitted)

        for example in range(60):
            changed = gold.copy()
            changed[example] = (gold[example] + 1) % 5
            after = cross_fitted(logits, changed, seed=0)
            assert isinstance(after, CrossFitted)
            assert after.probabilities[example] == pytest.approx(before.probabilities[example], abs=1e-6)
            assert after.probabilities != pytest.approx(before.probabilities, abs=1e-6)

    @given(scored(fewest=25), st.integers(0, 5))
    @settings(max_examples=25)
    def test_predictions_are_those_of_the_logits(self, drawn: Drawn, seed: int) -> None:
        found = cross_fitted(*drawn, seed=seed)
        assume(isinstance(found, CrossFitted))
        assert isinstance(found, CrossFitted)

        assert found.probabilities.argmax(axis=1).tolist() == drawn[0].argmax(axis=1).tolist()
        assert found.probabilities.sum(axis=1, dtype=float) == pytest.approx(np.ones(len(drawn[0])), abs=1e-6)

    def test_logits_that_float32_cannot_tell_apart_predict_the_same(self) -> None:
        logits, gold = calibrated(100, np.random.default_rng(11))
        logits[0] = [1.0, 1.0 + 1e-12, 0.0, 0.0, 0.0]

        found = cross_fitted(logits, gold, seed=0)

        assert isinstance(found, CrossFitted)
        assert found.probabilities[0].argmax() == 1

    def test_a_guess_changes_nothing(self) -> None:
        logits, gold = calibrated(300, np.random.default_rng(12))

        plain, guessed = cross_fitted(logits, gold, seed=0), cross_fitted(logits, gold, seed=0, start=7.0)

        assert isinstance(plain, CrossFitted) and isinstance(guessed, CrossFitted)
        assert guessed.temperatures == pytest.approx(plain.temperatures, rel=1e-10)

    def test_a_fold_without_a_fit_leaves_it_undefined(self) -> None:
        """One mistake alone: the fold that holds it is to be fitted on examples without any."""
        gold = np.zeros(50, dtype=int)
        gold[20] = 1
        fold = fold_of(np.arange(50), 5, 0)[20]

        assert cross_fitted(np.tile([1.0, 0.0], (50, 1)), gold, seed=0) == Undefined(
            f"without fold {fold + 1} of 5: no class has a higher logit than the gold label: "
            "the lower the temperature, the better"
        )

    def test_undefined_on_all_examples_is_undefined(self) -> None:
        assert cross_fitted(np.eye(3), np.arange(3), seed=0) == fit_temperature(np.eye(3), np.arange(3))


class TestLogProbabilities:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_a_probability_of_0_counts_as_the_smallest(self, dtype: type) -> None:
        logits = log_probabilities(np.array([[0.0, 1.0]], dtype=dtype))

        assert logits.dtype == dtype
        assert logits[0] == pytest.approx([math.log(SMALLEST), 0.0])

    def test_give_the_temperature_of_the_logits(self) -> None:
        logits, gold = calibrated(1_000, np.random.default_rng(13), reach=3)
        probabilities = softmax(logits, axis=1)
        fitted = fit_temperature(logits, gold)

        assert fit_temperature(log_probabilities(probabilities), gold) == pytest.approx(fitted, rel=1e-9)
        single = fit_temperature(log_probabilities(probabilities.astype(np.float32)), gold)
        assert single == pytest.approx(fitted, rel=1e-5)
