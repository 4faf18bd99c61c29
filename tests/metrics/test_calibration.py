"""Calibration errors: those of the definitions, by bins of one width and of one count."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.labelled import probable

from harness.metrics import binned, calibration_metrics, confidences, expected_calibration_error, predicted_classes
from harness.metrics.bins import binned_classes
from harness.metrics.calibration import bin_gaps, classwise_calibration_error, equal_mass_calibration_error
from harness.metrics.ranking import FineBins, Ranking
from harness.statistics import Estimate, Interval, Moments, NoInterval, Scalar

Drawn = tuple[np.ndarray, np.ndarray]

BIASED = NoInterval("the estimate is biased upward, so that its bootstrap interval misses the truth")


def gaps(confidence: np.ndarray, right: np.ndarray, bins: int) -> list[tuple[float, float]]:
    """The definition, bin by bin: (low, high], 0 in the first and 1 in the last. Share and gap of those filled."""
    edges = [-1.0, *np.arange(1, bins) / bins, 2.0]
    found = []
    for low, high in pairwise(edges):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            found.append((inside.mean(), confidence[inside].mean() - right[inside].mean()))
    return found


def slow_error(confidence: np.ndarray, right: np.ndarray, bins: int) -> float:
    return sum(share * abs(gap) for share, gap in gaps(confidence, right, bins))


def slow_equal_mass(confidence: np.ndarray, right: np.ndarray, bins: int) -> float:
    """Each example counts `bins` times, so that N of them fill each bin; ties share what is right among them."""
    evened = np.array([right[confidence == value].mean() for value in confidence])
    order = np.argsort(confidence, kind="stable")
    gap = np.repeat((confidence - evened)[order], bins).reshape(bins, len(confidence))
    return float(np.abs(gap.mean(axis=1)).mean())


@st.composite
def judged(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """Confidences, many of them on an edge; whether each prediction is right; the number of bins."""
    bins = draw(st.integers(1, 20))
    examples = draw(st.integers(1, 60))
    on_edges = st.integers(0, bins).map(lambda edge: edge / bins)
    confidence = draw(hnp.arrays(np.float64, examples, elements=st.floats(0, 1) | on_edges))
    return confidence, draw(hnp.arrays(np.bool_, examples)), bins


def metrics_of(probabilities: np.ndarray, gold: np.ndarray, level: float = 0.95) -> dict[str, Scalar]:
    confidence, right = confidences(probabilities), predicted_classes(probabilities) == gold
    return calibration_metrics(
        binned(confidence, right),
        binned_classes(probabilities, gold),
        Ranking.of(confidence, right),
        Moments.of(confidence - right),
        confidence=level,
    )


def values_of(found: dict[str, Scalar]) -> dict[str, float]:
    return {name: scalar.value for name, scalar in found.items() if isinstance(scalar, Estimate)}


class TestBinGaps:
    @given(judged())
    def test_are_those_of_the_definition(self, drawn: tuple[np.ndarray, np.ndarray, int]) -> None:
        of = binned(*drawn)

        assert bin_gaps(of)[of.count > 0] == pytest.approx([gap for _, gap in gaps(*drawn)], abs=1e-12)

    def test_an_empty_bin_has_none(self) -> None:
        assert bin_gaps(binned(np.array([0.75]), np.array([False]), bins=3)).tolist() == [0.0, 0.0, 0.75]


class TestExpectedCalibrationError:
    @given(judged())
    def test_is_that_of_the_definition(self, drawn: tuple[np.ndarray, np.ndarray, int]) -> None:
        assert expected_calibration_error(binned(*drawn)) == pytest.approx(slow_error(*drawn), abs=1e-12)

    def test_certain_and_right_is_calibrated(self) -> None:
        assert expected_calibration_error(binned(np.ones(5), np.ones(5, dtype=bool))) == 0.0

    def test_certain_and_wrong_is_as_far_as_can_be(self) -> None:
        assert expected_calibration_error(binned(np.ones(5), np.zeros(5, dtype=bool))) == 1.0


class TestEqualMassCalibrationError:
    @given(judged())
    def test_is_that_of_the_definition(self, drawn: tuple[np.ndarray, np.ndarray, int]) -> None:
        """Also where a cut goes through an example, or through examples of one confidence."""
        confidence, right, bins = drawn

        error = equal_mass_calibration_error(Ranking.of(confidence, right), bins)

        assert error == pytest.approx(slow_equal_mass(confidence, right, bins), abs=1e-12)

    @given(judged(), st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_the_examples(
        self, drawn: tuple[np.ndarray, np.ndarray, int], random: object
    ) -> None:
        confidence, right, bins = drawn
        order = np.arange(len(right))
        random.shuffle(order)  # type: ignore[attr-defined]

        shuffled = equal_mass_calibration_error(Ranking.of(confidence[order], right[order]), bins)

        assert shuffled == equal_mass_calibration_error(Ranking.of(confidence, right), bins)

    def test_finds_what_bins_of_one_width_hide(self) -> None:
        """All confidences lie in the last bin, where half of them is too low by as much as the others are too high."""
        confidence = np.repeat([0.95, 0.97], 100)
        right = np.concatenate([np.arange(100) < 96, np.arange(100) < 96])

        assert expected_calibration_error(binned(confidence, right)) == pytest.approx(0, abs=1e-12)
        assert equal_mass_calibration_error(Ranking.of(confidence, right), bins=2) == pytest.approx(0.01)

    @pytest.mark.parametrize("fine", [64, 1024, 2**16])
    @pytest.mark.parametrize("seed", range(5))
    def test_from_fine_bins_is_off_by_no_more_than_the_bound(self, fine: int, seed: int) -> None:
        """The hits of a fine bin are the ones with the lower confidences, which is the worst order."""
        generator = np.random.default_rng(seed)
        confidence = np.sort(1 - generator.exponential(0.1, 4000).clip(0, 0.8))
        right = (confidence * fine) % 1 < 0.5
        rough = FineBins.of(confidence, right, fine).ranking()
        cuts = np.arange(1, 15) * 4000 / 15
        split = rough.count[np.searchsorted(np.cumsum(rough.count), cuts)]

        off = abs(equal_mass_calibration_error(rough) - equal_mass_calibration_error(Ranking.of(confidence, right)))

        # The confidences themselves differ within a fine bin.
        assert off <= split.sum() / 8000 * (1 + 1 / fine) + 1e-12


class TestClasswiseCalibrationError:
    @given(probable())
    def test_is_the_mean_over_classes_of_the_error_of_each(self, drawn: Drawn) -> None:
        probabilities, gold = drawn
        slow = [slow_error(column, gold == place, 15) for place, column in enumerate(probabilities.T)]

        error = classwise_calibration_error(binned_classes(probabilities, gold))

        assert error == pytest.approx(np.mean(slow), abs=1e-12)

    def test_sees_a_class_that_confidence_does_not_show(self) -> None:
        """Of the top class all is well; the other two are mistaken for each other."""
        probabilities = np.tile([0.6, 0.4, 0.0], (10, 1))
        gold = np.array([0] * 6 + [2] * 4)

        assert values_of(metrics_of(probabilities, gold))["expected_calibration_error"] == pytest.approx(0)
        of = binned_classes(probabilities, gold)
        assert classwise_calibration_error(of) == pytest.approx((0 + 0.4 + 0.4) / 3)


class TestCalibrationMetrics:
    PROBABILITIES = np.random.default_rng(0).dirichlet([2, 1, 1], size=200)
    GOLD = np.random.default_rng(1).integers(0, 3, size=200)

    def test_come_in_a_fixed_order(self) -> None:
        assert list(metrics_of(self.PROBABILITIES, self.GOLD)) == [
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
        ]

    @given(probable())
    def test_are_functions_of_the_gaps(self, drawn: Drawn) -> None:
        probabilities, gold = drawn
        confidence, right = confidences(probabilities), predicted_classes(probabilities) == gold
        slow = gaps(confidence, right, 15)

        found = values_of(metrics_of(probabilities, gold))

        expected = {
            "expected_calibration_error": sum(share * abs(gap) for share, gap in slow),
            "maximum_calibration_error": max(abs(gap) for _, gap in slow),
            "root_mean_square_calibration_error": np.sqrt(sum(share * gap**2 for share, gap in slow)),
            "overconfidence": sum(share * max(gap, 0) for share, gap in slow),
            "underconfidence": sum(share * max(-gap, 0) for share, gap in slow),
            "confidence_gap": confidence.mean() - right.mean(),
        }
        assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)

    @given(probable())
    def test_stand_in_the_relations_that_they_must(self, drawn: Drawn) -> None:
        found = values_of(metrics_of(*drawn))

        error, rounding = found["expected_calibration_error"], 1e-12
        assert found["overconfidence"] + found["underconfidence"] == pytest.approx(error, abs=rounding)
        assert found["overconfidence"] - found["underconfidence"] == pytest.approx(
            found["confidence_gap"], abs=rounding
        )
        assert abs(found["confidence_gap"]) <= error + rounding
        assert error <= found["root_mean_square_calibration_error"] + rounding
        assert found["root_mean_square_calibration_error"] <= found["maximum_calibration_error"] + rounding
        assert found["debiased_calibration_error"] <= found["root_mean_square_calibration_error"] + rounding

    def test_what_is_biased_has_no_interval_and_says_why(self) -> None:
        found = metrics_of(self.PROBABILITIES, self.GOLD)

        bounds = {name: scalar.bounds for name, scalar in found.items() if isinstance(scalar, Estimate)}
        assert len(bounds) == 10
        assert isinstance(bounds.pop("debiased_calibration_error"), Interval)
        assert isinstance(bounds.pop("confidence_gap"), Interval)
        assert set(bounds.values()) == {BIASED}

    def test_the_reason_is_true(self) -> None:
        """A calibrated classifier has an error of 0, and a percentile bootstrap of its estimate excludes that."""
        generator = np.random.default_rng(0)
        confidence = generator.uniform(0.3, 1, size=500)
        right = generator.random(500) < confidence

        rows = generator.integers(0, 500, size=(500, 500))
        resampled = [expected_calibration_error(binned(confidence[row], right[row])) for row in rows]

        assert np.quantile(resampled, 0.025) > 0.01

    def test_the_confidence_gap_has_the_normal_interval_of_a_mean(self) -> None:
        right = predicted_classes(self.PROBABILITIES) == self.GOLD
        gap = confidences(self.PROBABILITIES) - right
        reach = 1.959964 * gap.std(ddof=1) / np.sqrt(200)

        found = metrics_of(self.PROBABILITIES, self.GOLD)["confidence_gap"]

        assert isinstance(found, Estimate) and isinstance(found.bounds, Interval)
        assert found.value == pytest.approx(gap.mean())
        assert (found.bounds.low, found.bounds.high) == pytest.approx((gap.mean() - reach, gap.mean() + reach))
        assert found.bounds.method == "normal"

    def test_a_gap_cannot_be_beyond_1(self) -> None:
        """Certain, and wrong in all but one of 20."""
        probabilities = np.tile([1.0, 0.0], (20, 1))

        found = metrics_of(probabilities, np.array([0] + [1] * 19), level=0.999)["confidence_gap"]

        assert isinstance(found, Estimate) and isinstance(found.bounds, Interval)
        assert found.bounds.high == 1.0

    def test_few_examples_leave_the_interval_of_the_gap_out(self) -> None:
        found = metrics_of(self.PROBABILITIES[:19], self.GOLD[:19])["confidence_gap"]

        assert isinstance(found, Estimate)
        assert found.bounds == NoInterval("19 examples, and the interval needs 20")

    @pytest.mark.parametrize(("gold", "error"), [(0, 0.25), (1, 0.75)])
    def test_of_one_example_every_error_is_its_own(self, gold: int, error: float) -> None:
        """But for the debiased one, which one example leaves nothing of, and for the sign of the gap."""
        found = values_of(metrics_of(np.array([[0.75, 0.25]]), np.array([gold])))

        over = gold == 1
        assert found.pop("debiased_calibration_error") == pytest.approx(np.sqrt(max(0, error**2 - 0.1875)))
        assert found.pop("confidence_gap") == (error if over else -error)
        assert found.pop("underconfidence" if over else "overconfidence") == 0
        # The classwise error is the same for two classes, since each is what the other is not.
        assert list(found.values()) == pytest.approx([error] * 7)
