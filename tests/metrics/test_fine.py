"""Rows of fine bins, filled batch by batch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.metrics.fine import FEWEST_BINS, MOST_CLASSES, FineTable, bins_of_a_class
from harness.metrics.ranking import FINE_BINS, FineBins


class TestBinsOfAClass:
    @pytest.mark.parametrize("classes", [2, 5, MOST_CLASSES])
    def test_few_classes_get_all(self, classes: int) -> None:
        assert bins_of_a_class(classes) == FINE_BINS

    @given(st.integers(2, 25_600))
    @settings(max_examples=40)
    def test_is_the_largest_power_of_two_that_keeps_the_bins_of_all_classes_in_bounds(self, classes: int) -> None:
        bins = bins_of_a_class(classes)

        assert bins & (bins - 1) == 0
        assert bins * classes <= FINE_BINS * MOST_CLASSES
        assert bins == FINE_BINS or 2 * bins * classes > FINE_BINS * MOST_CLASSES

    def test_very_many_classes_get_the_fewest(self) -> None:
        assert bins_of_a_class(1_000_000) == FEWEST_BINS


class TestFineTable:
    @given(
        hnp.arrays(np.float64, 30, elements=st.floats(0, 1) | st.sampled_from([0.0, 0.25, 0.5, 1.0])),
        hnp.arrays(np.bool_, 30),
        hnp.arrays(np.int64, 30, elements=st.integers(0, 2)),
        st.integers(0, 30),
    )
    @settings(max_examples=40)
    def test_each_row_is_as_if_filled_by_itself(
        self, probability: np.ndarray, event: np.ndarray, row: np.ndarray, cut: int
    ) -> None:
        table, rest = FineTable.empty(3, 64), FineTable.empty(3, 64)
        table.count_in(row[:cut], probability[:cut], event[:cut])
        rest.count_in(row[cut:], probability[cut:], event[cut:])

        found = (table + rest).rows()

        assert len(found) == 3
        for number, bins in enumerate(found):
            alone = FineBins.of(probability[row == number], event[row == number], 64)
            assert bins.count.tolist() == alone.count.tolist()
            assert bins.hits.tolist() == alone.hits.tolist()
            assert bins.total == pytest.approx(alone.total, rel=1e-12)

    def test_without_rows_there_is_nothing(self) -> None:
        assert FineTable.empty(0).rows() == ()
