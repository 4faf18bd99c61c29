from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from harness.report import slices
from harness.statistics import wilson


class TestOfKeptColumns:
    def test_each_value_has_its_reviews_and_its_accuracy(self):
        reviews = pa.table({"language": ["en", "de", "en", "en"]})

        (column,) = slices.of_kept_columns(reviews, ["language"], np.array([True, False, True, False]))

        assert [(one.value, one.reviews, one.correct) for one in column.slices] == [("de", 1, 0), ("en", 3, 2)]
        assert column.slices[1].accuracy == pytest.approx(2 / 3)

    def test_intervals_are_corrected_for_the_number_of_slices(self):
        reviews = pa.table({"language": ["en"] * 60 + ["de"] * 40})
        correct = np.arange(100) % 2 == 0

        (column,) = slices.of_kept_columns(reviews, ["language"], correct, confidence=0.95)

        bounds = wilson(20, 40, 0.975)
        assert (column.slices[0].low, column.slices[0].high) == (bounds.low, bounds.high)

    def test_missing_value_is_a_slice_of_its_own(self):
        reviews = pa.table({"domain": ["books", None, None]})

        (column,) = slices.of_kept_columns(reviews, ["domain"], np.array([True, True, False]))

        assert [(one.value, one.reviews) for one in column.slices] == [("(none)", 2), ("books", 1)]

    def test_numbers_come_in_their_order(self):
        reviews = pa.table({"month": [10, 9, 1]})

        (column,) = slices.of_kept_columns(reviews, ["month"], np.array([True, True, True]))

        assert [one.value for one in column.slices] == ["1", "9", "10"]

    def test_list_counts_for_each_of_its_values_once(self):
        """A review may be ironic and misspelt at the same time."""
        reviews = pa.table({"phenomena": [["irony", "typo"], ["typo", "typo"], [], None]})

        (column,) = slices.of_kept_columns(reviews, ["phenomena"], np.array([True, False, True, False]))

        assert [(one.value, one.reviews, one.correct) for one in column.slices] == [
            ("(none)", 2, 1),
            ("irony", 1, 1),
            ("typo", 2, 1),
        ]

    @pytest.mark.parametrize("values", [[1.5, 2.0, None], [True, False, True], [{"a": 1}, {"a": 2}, None]])
    def test_any_type_of_column_has_slices(self, values):
        (column,) = slices.of_kept_columns(pa.table({"kept": values}), ["kept"], np.array([True, False, True]))

        assert sum(one.reviews for one in column.slices) == 3

    def test_column_with_too_many_values_is_named_without_slices(self):
        reviews = pa.table({"product": [f"P{k}" for k in range(21)]})

        (column,) = slices.of_kept_columns(reviews, ["product"], np.ones(21, dtype=bool))

        assert (column.name, column.values, column.slices) == ("product", 21, ())

    def test_column_with_one_value_says_nothing(self):
        reviews = pa.table({"language": ["en", "en"]})

        assert slices.of_kept_columns(reviews, ["language", "absent"], np.array([True, False])) == ()


class TestByLength:
    def test_bands_hold_their_upper_edge_and_empty_ones_are_left_out(self):
        column = slices.by_length(np.array([1, 16, 17, 2000]), np.array([True, False, True, True]))

        assert [(one.value, one.reviews) for one in column.slices] == [("1–16", 2), ("17–32", 1), ("over 1,024", 1)]
