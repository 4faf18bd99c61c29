"""Moments merge, and are those of numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.statistics.moments import Moments

samples = hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e6, 1e6))


def as_numpy_has_them(values: np.ndarray) -> tuple[int, object, object]:
    """Within rounding, which is that of the values and not of how far apart they are."""
    size = float(np.abs(values).max())
    squares = float(np.square(values - values.mean()).sum())
    return (
        len(values),
        pytest.approx(values.mean(), rel=1e-9, abs=1e-12 * size),
        pytest.approx(squares, rel=1e-9, abs=1e-12 * size**2),
    )


class TestOf:
    @given(samples)
    def test_are_those_of_numpy(self, values: np.ndarray) -> None:
        of = Moments.of(values)

        assert (of.count, of.mean, of.squares) == as_numpy_has_them(values)
        assert of.deviation == pytest.approx(values.std(), rel=1e-9, abs=1e-6 * float(np.abs(values).max()))

    def test_of_nothing_are_0(self) -> None:
        assert Moments.of(np.zeros(0)) == Moments(0, 0.0, 0.0)
        assert Moments.of(np.zeros(0)).deviation == 0

    @given(st.floats(-1e6, 1e6), st.integers(1, 1000), st.integers(1, 1000))
    def test_equal_values_have_no_spread_at_all(self, value: float, first: int, second: int) -> None:
        """Rounding would leave one, and an interval around it that means nothing."""
        merged = Moments.of(np.full(first, value)) + Moments.of(np.full(second, value))

        assert merged == Moments(first + second, value, 0.0)

    def test_float32_is_summed_in_float64(self) -> None:
        values = np.random.default_rng(0).random(100_000).astype(np.float32)

        of, exact = Moments.of(values), values.astype(np.float64)

        assert of.mean == pytest.approx(exact.mean(), rel=1e-13)
        assert of.squares == pytest.approx(np.square(exact - exact.mean()).sum(), rel=1e-12)

    def test_a_small_spread_far_from_0_is_kept(self) -> None:
        """A sum of squares would lose it."""
        assert Moments.of(1e9 + np.array([0.0, 1.0, 2.0])).squares == 2.0


class TestAdd:
    @given(st.lists(samples, min_size=1, max_size=6), st.randoms(use_true_random=False))
    def test_any_order_and_grouping_gives_those_of_all_values(self, parts: list[np.ndarray], random) -> None:  # type: ignore[no-untyped-def]
        left = [Moments.of(values) for values in parts]
        while len(left) > 1:
            random.shuffle(left)
            left.append(left.pop() + left.pop())

        assert (left[0].count, left[0].mean, left[0].squares) == as_numpy_has_them(np.concatenate(parts))

    @given(samples)
    def test_nothing_changes_nothing(self, values: np.ndarray) -> None:
        of, nothing = Moments.of(values), Moments(0, 0.0, 0.0)

        assert nothing + nothing == nothing
        assert of + nothing == of
        assert (nothing + of).squares == of.squares
        assert (nothing + of).mean == pytest.approx(of.mean)
