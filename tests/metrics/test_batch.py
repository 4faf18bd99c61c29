"""A batch is refused by the place that its rows have in the whole set."""

from __future__ import annotations

import numpy as np
import pytest

from harness.errors import PredictionsError
from harness.metrics.batch import check_batch

FIRST = 1_000_000


def batch(examples: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.dirichlet([1, 1, 1], size=examples).astype(np.float32), generator.integers(0, 3, size=examples)


class TestCheckBatch:
    def test_what_can_be_scored_passes(self) -> None:
        check_batch(*batch(70_000), FIRST, 3)

    def test_no_example_passes(self) -> None:
        """A shard may be empty; that nothing was measured is said of the whole set."""
        check_batch(*batch(0), FIRST, 3)

    @pytest.mark.parametrize("row", [0, 3, 65_535, 65_536, 69_999])
    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (np.nan, "probabilities are not finite"),
            (np.inf, "probabilities are not finite"),
            (-0.5, "probabilities are negative"),
            (1.5, "probabilities do not sum to 1"),
        ],
    )
    def test_a_row_is_named_by_its_index_in_the_whole_set(self, row: int, value: float, message: str) -> None:
        probabilities, gold = batch(70_000)
        probabilities[row, 0] = value

        with pytest.raises(PredictionsError) as refused:
            check_batch(probabilities, gold, FIRST, 3)

        assert refused.value.message == message
        assert refused.value.where == f"row {FIRST + row} (1 in all), counted from 0"
        assert refused.value.expected
        assert refused.value.remedy

    def test_several_rows_are_named_together(self) -> None:
        probabilities, gold = batch(100)
        probabilities[[90, 70], 0] = np.nan

        with pytest.raises(PredictionsError, match="probabilities are not finite") as refused:
            check_batch(probabilities, gold, FIRST, 3)

        assert refused.value.where == f"rows {FIRST + 70}, {FIRST + 90} (2 in all), counted from 0"

    def test_another_number_of_classes_is_refused(self) -> None:
        with pytest.raises(PredictionsError, match="probabilities of 3 classes in a tally of 5") as refused:
            check_batch(*batch(4), FIRST, 5)

        assert refused.value.expected == "a column for each class of the tally"

    @pytest.mark.parametrize(
        ("probabilities", "gold", "message"),
        [
            (np.full((2, 3), 1), np.zeros(2, dtype=int), "probabilities are no table of numbers"),
            (np.full(2, 0.5), np.zeros(2, dtype=int), "probabilities are no table of numbers"),
            (np.full((2, 3), 0.5), np.zeros(2), "gold labels are no list of integers"),
            (np.full((2, 3), 0.5), np.zeros((2, 1), dtype=int), "gold labels are no list of integers"),
            (np.full((2, 3), 0.5), np.zeros(3, dtype=int), "2 rows of probabilities and 3 gold labels"),
            (np.full((0, 3), 0.5), np.zeros(3, dtype=int), "0 rows of probabilities and 3 gold labels"),
        ],
    )
    def test_arrays_of_another_shape_are_told_as_such(
        self, probabilities: np.ndarray, gold: np.ndarray, message: str
    ) -> None:
        with pytest.raises(PredictionsError, match=message):
            check_batch(probabilities, gold, FIRST, 3)
