"""What cannot be scored is refused, and the rows are named."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import NothingMeasured, PredictionsError
from harness.metrics import SUM_TOLERANCE, check

GOOD = np.array([[0.5, 0.5], [0.2, 0.8], [1.0, 0.0]], dtype=np.float32)
GOLD = np.array([0, 1, 1])


def refused(probabilities: np.ndarray, gold: np.ndarray = GOLD) -> str:
    with pytest.raises(PredictionsError) as caught:
        check(probabilities, gold)
    return str(caught.value)


def with_row(row: list[float]) -> np.ndarray:
    changed = GOOD.copy()
    changed[1] = row
    return changed


class TestCheck:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_rows_that_sum_to_1_pass(self, dtype: type) -> None:
        check(GOOD.astype(dtype), GOLD)

    def test_rows_within_the_tolerance_pass(self) -> None:
        check(with_row([0.5 + 0.9 * SUM_TOLERANCE, 0.5]), GOLD)

    def test_an_unsigned_gold_label_passes(self) -> None:
        check(GOOD, GOLD.astype(np.uint8))

    def test_a_thousand_classes_pass(self) -> None:
        check(np.full((3, 1000), 1e-3, dtype=np.float32), np.array([0, 999, 5]))

    def test_no_rows_measure_nothing(self) -> None:
        with pytest.raises(NothingMeasured, match="no examples, so that no metric is defined"):
            check(np.empty((0, 5), dtype=np.float32), np.empty(0, dtype=int))

    @pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
    def test_what_is_not_finite_is_named(self, wrong: float) -> None:
        assert refused(with_row([wrong, 0.5])) == (
            "probabilities are not finite\n"
            "  where     row 1 (1 in all), counted from 0\n"
            "  expected  numbers from 0 to 1\n"
            "  remedy    look at what made these rows"
        )

    def test_a_negative_probability_is_named(self) -> None:
        assert refused(with_row([-0.1, 1.1])).startswith(
            "probabilities are negative\n  where     row 1 (1 in all), counted from 0\n"
        )

    def test_a_row_that_does_not_sum_to_1_is_named_with_the_tolerance(self) -> None:
        assert refused(with_row([0.5, 0.502])) == (
            "probabilities do not sum to 1\n"
            "  where     row 1 (1 in all), counted from 0\n"
            "  expected  rows that sum to 1 within 0.001\n"
            "  remedy    give probabilities, after the softmax, of all classes"
        )

    def test_of_many_rows_ten_are_named_and_all_counted(self) -> None:
        message = refused(np.zeros((12, 2), dtype=np.float32), np.zeros(12, dtype=int))

        assert "rows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … (12 in all), counted from 0" in message

    @pytest.mark.parametrize("label", [-1, 2])
    def test_a_gold_label_that_is_no_class_is_named(self, label: int) -> None:
        assert refused(GOOD, np.array([0, 1, label])) == (
            "gold labels are no class\n"
            "  where     row 2 (1 in all), counted from 0\n"
            "  expected  integers from 0 to 1\n"
            "  remedy    give the index of the class"
        )

    def test_two_lengths_are_told(self) -> None:
        assert "3 rows of probabilities and 2 gold labels" in refused(GOOD, GOLD[:2])

    @pytest.mark.parametrize("probabilities", [np.ones(3), np.ones((3, 1)), np.ones((3, 2), dtype=int)])
    def test_another_shape_or_kind_of_probabilities_is_told(self, probabilities: np.ndarray) -> None:
        message = refused(probabilities)

        assert message.startswith("probabilities are no table of numbers\n")
        assert f"an array of shape {probabilities.shape} and dtype {probabilities.dtype}" in message

    @pytest.mark.parametrize("gold", [np.zeros((3, 1), dtype=int), np.zeros(3), np.array([True, False, True])])
    def test_another_shape_or_kind_of_gold_labels_is_told(self, gold: np.ndarray) -> None:
        assert refused(GOOD, gold).startswith("gold labels are no list of integers\n")
