"""SmoothECE against the kernel sum that defines it, where errors are large and where they are tiny."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.metrics.ranking import FineBins, Ranking
from harness.metrics.smooth import smooth_calibration_error

Drawn = tuple[np.ndarray, np.ndarray]


def kernel_error(confidence: np.ndarray, right: np.ndarray, width: float) -> float:
    """The definition: ∫ |r(t)| dt over [0, 1], r being the sum of reflected Gaussians around each confidence.

    Reflections are images of a confidence beyond 0 and 1; t is dense where any kernel has its weight.
    """
    places, of = np.unique(confidence, return_inverse=True)
    residuals = np.bincount(of, weights=right - confidence) / len(right)
    around = [np.clip(place + width * np.linspace(-9, 9, 721), 0, 1) for place in places]
    t = np.unique(np.concatenate([np.linspace(0, 1, 2001), *around]))
    middle, total = (t[1:] + t[:-1]) / 2, np.zeros(len(t) - 1)
    for place, residual in zip(places, residuals, strict=True):
        for image in [sign * place + 2 * turn for turn in range(-4, 5) for sign in (1, -1)]:
            if -9 * width < image < 1 + 9 * width:
                total += residual * np.exp(-0.5 * np.square((middle - image) / width))
    return float(np.abs(total) @ np.diff(t) / (width * np.sqrt(2 * np.pi)))


@cache
def error_of_case(name: str) -> float:
    return error_of(*CASES[name])


def error_of(confidence: np.ndarray, right: np.ndarray) -> float:
    return smooth_calibration_error(Ranking.of(confidence, right))


@st.composite
def judged(draw: st.DrawFn) -> Drawn:
    """Confidences, some of them equal, very near each other or at the ends; and whether each prediction is right."""
    examples = draw(st.integers(1, 12))
    near = st.sampled_from([0.0, 1.0, 0.5, 0.5 + 1e-4, 0.5 + 1e-3, 1 - 1e-3, 1 - 1e-4])
    confidence = draw(hnp.arrays(np.float64, examples, elements=st.floats(0, 1) | near))
    return confidence, draw(hnp.arrays(np.bool_, examples))


def drawn_from(levels: list[float], rates: list[float], each: int) -> Drawn:
    """As many examples at each level of confidence, right at the given rate."""
    confidence = np.repeat(levels, each)
    return confidence, np.concatenate([np.arange(each) < round(rate * each) for rate in rates])


def exponential(mean: float, harm: float, examples: int, seed: int) -> Drawn:
    """Confidences near 1, and right somewhat less often than they say."""
    generator = np.random.default_rng(seed)
    confidence = 1 - generator.exponential(mean, examples).clip(0, 0.9)
    return confidence, generator.random(examples) < confidence - harm


CASES = {
    "uniform": (np.linspace(0.2, 1, 200), np.arange(200) % 3 > 0),
    "saturated": exponential(0.003, 0.002, 300, seed=1),
    "saturated, and nearly always right": exponential(1e-4, 0.0, 300, seed=2),
    "two that nearly cancel": drawn_from([0.5, 0.5001], [1, 0], 1),
    "two that all but cancel": drawn_from([0.50007, 0.500071], [1, 0], 1),
    "a tiny error of many": drawn_from([0.5, 0.50001, 0.7, 0.70002], [0.501, 0.499, 0.701, 0.699], 10_000),
    "as small as a cell": drawn_from([1 - 1e-6, 1 - 5e-6, 1 - 1e-4], [1, 0.99999, 0.9999], 100_000),
}


class TestSmoothCalibrationError:
    @given(judged())
    @settings(max_examples=60)
    def test_equals_the_kernel_sum_of_its_own_width(self, drawn: Drawn) -> None:
        """That sum falls as the width grows, so that the value is no farther from the true one than they differ."""
        error = error_of(*drawn)

        assert kernel_error(*drawn, max(error, 1e-6)) == pytest.approx(error, abs=1e-5)

    @pytest.mark.parametrize("name", CASES)
    def test_is_right_to_four_digits(self, name: str) -> None:
        """Or to 5e-8, where the width of the smoothing is that of a cell."""
        error = error_of_case(name)

        assert kernel_error(*CASES[name], error) == pytest.approx(error, rel=2e-4, abs=5e-8)

    def test_the_cases_reach_from_large_to_tiny(self) -> None:
        errors = [error_of_case(name) for name in CASES]

        assert max(errors) > 0.1
        assert min(errors) < 1e-5

    def test_meta(self) -> None:
        """The comparison tells a value from one that is 1 in 1,000 off."""
        error = 1.001 * error_of_case("saturated")

        assert kernel_error(*CASES["saturated"], error) != pytest.approx(error, rel=2e-4, abs=5e-8)

    @given(st.floats(0, 1), st.booleans())
    def test_of_one_example_is_its_gap(self, confidence: float, right: bool) -> None:
        assert error_of(np.array([confidence]), np.array([right])) == pytest.approx(abs(right - confidence), abs=1e-9)

    @pytest.mark.parametrize(("right", "error"), [(True, 0.0), (False, 1.0)])
    def test_of_certainty_is_all_or_nothing(self, right: bool, error: float) -> None:
        assert error_of(np.ones(7), np.full(7, right)) == error

    def test_where_every_level_is_right_as_often_as_it_says_there_is_none(self) -> None:
        assert error_of(*drawn_from([0.25, 0.5, 0.75], [0.25, 0.5, 0.75], 8)) == 0.0

    @given(hnp.arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1)))
    def test_where_all_are_right_is_the_mean_gap(self, confidence: np.ndarray) -> None:
        """Nothing cancels, however wide the kernel is."""
        error = error_of(confidence, np.ones(len(confidence), dtype=bool))

        assert error == pytest.approx(1 - confidence.mean(), abs=1e-9)

    @given(judged())
    @settings(max_examples=40)
    def test_lies_between_the_gap_of_the_whole_and_the_gaps_of_every_level(self, drawn: Drawn) -> None:
        confidence, right = drawn
        _, of = np.unique(confidence, return_inverse=True)
        by_level = np.abs(np.bincount(of, weights=right - confidence)).sum() / len(right)

        assert abs(right.mean() - confidence.mean()) - 1e-9 <= error_of(*drawn) <= by_level + 1e-9

    def test_of_a_million_examples_is_near_that_of_their_fine_bins(self) -> None:
        confidence = 1 - np.random.default_rng(3).beta(0.5, 4, 1_000_000)
        right = np.random.default_rng(4).random(1_000_000) < confidence**1.2

        exact = error_of(confidence, right)
        rough = smooth_calibration_error(FineBins.of(confidence, right).ranking())

        assert 0.01 < exact < 0.03
        assert abs(exact - rough) < 0.8 / 2**16 / exact
