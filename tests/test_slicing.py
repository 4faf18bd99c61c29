"""Kept columns -> slices: which reviews have which value, in an order that a person expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.slicing import MOST_ASKED, MOST_VALUES, Column, by_length, columns_of


def cut(values: Sequence[Any] | pa.ChunkedArray, *, asked: bool = False) -> list[tuple[str, list[int]]]:
    """The one column that holds these values: each value with its rows."""
    (column,) = columns_of(pa.table({"kept": values}), ["kept"], None, ["kept"] if asked else ())
    return parts_of(column)


def parts_of(column: Column) -> list[tuple[str, list[int]]]:
    return [(part.value, part.rows.tolist()) for part in column.parts]


class TestCut:
    def test_each_value_has_its_rows(self) -> None:
        assert cut(["en", "de", "en", "en"]) == [("de", [1]), ("en", [0, 2, 3])]

    def test_a_missing_value_is_a_slice_of_its_own(self) -> None:
        assert cut(["books", None, None]) == [("(none)", [1, 2]), ("books", [0])]

    def test_a_cell_that_a_csv_file_leaves_empty_is_missing_too(self) -> None:
        assert cut(["books", "", None]) == [("(none)", [1, 2]), ("books", [0])]

    def test_numbers_come_by_size_before_words_by_letter(self) -> None:
        assert [value for value, _ in cut([10, 9, 1, -2])] == ["-2", "1", "9", "10"]
        assert [value for value, _ in cut(["b", "10", "a", "9", "1.5"])] == ["1.5", "9", "10", "a", "b"]

    @given(st.permutations(["10", "nan", "9", "NaN", "a", "-1"]))
    def test_the_order_is_the_same_whatever_comes_first(self, values: list[str]) -> None:
        """Also with what Python reads as no number: it is a word here."""
        assert [value for value, _ in cut(values)] == ["-1", "9", "10", "NaN", "a", "nan"]

    def test_a_list_counts_for_each_of_its_values_once(self) -> None:
        """A review may be ironic and misspelt at the same time."""
        values = [["irony", "typo"], ["typo", "typo"], [], None, [None]]

        assert cut(values) == [("(none)", [2, 3, 4]), ("irony", [0]), ("typo", [0, 1])]

    def test_lists_of_a_part_of_a_table_are_counted_from_its_first_row(self) -> None:
        table = pa.table({"kept": pa.chunked_array([[["a"], ["b"]], [["a", "b"], []], [["b"]]])}).slice(1, 3)

        (column,) = columns_of(table, ["kept"], None)

        assert parts_of(column) == [("(none)", [2]), ("a", [1]), ("b", [0, 1])]

    @pytest.mark.parametrize(
        "values",
        [
            [1.5, 2.0, None],
            [True, False, True],
            [{"a": 1}, {"a": 2}, None],
            [[[1]], [[2], [3]], None],
            pa.array(["x", "y", "x"]).dictionary_encode(),
            pa.array([["x"], ["y"], None], pa.large_list(pa.string())),
            pa.array([None, None, None]),
        ],
        ids=["float", "bool", "struct", "lists of lists", "dictionary", "large list", "null"],
    )
    def test_any_type_of_column_has_slices(self, values: Any) -> None:
        found = cut(values, asked=True)

        assert sorted({row for _, rows in found for row in rows}) == [0, 1, 2]

    @given(st.lists(st.sampled_from(["a", "b", "10", "9", None]), min_size=1, max_size=30))
    def test_every_row_is_in_the_one_slice_of_its_value(self, values: list[str | None]) -> None:
        found = dict(cut(pa.array(values, pa.string()), asked=True))

        assert {value: [row for row, each in enumerate(values) if (each or "(none)") == value] for value in found} == (
            found
        )
        assert sum(map(len, found.values())) == len(values)


class TestColumnsOf:
    def test_a_column_with_one_value_says_nothing(self) -> None:
        assert columns_of(pa.table({"language": ["en", "en"]}), ["language"], None) == ()

    def test_a_column_with_too_many_values_is_named_without_slices(self) -> None:
        reviews = pa.table({"product": [f"P{k}" for k in range(MOST_VALUES + 1)]})

        (column,) = columns_of(reviews, ["product"], None)

        assert column == Column("product", MOST_VALUES + 1, ())

    def test_as_many_values_as_are_allowed_are_cut(self) -> None:
        (column,) = columns_of(pa.table({"product": range(MOST_VALUES)}), ["product"], None)

        assert len(column.parts) == column.values == MOST_VALUES

    def test_columns_come_in_their_order_and_the_length_last(self) -> None:
        reviews = pa.table({"b": [1, 2], "text": ["x", "y"], "a": [1, 2]})

        found = columns_of(reviews, ["b", "a"], np.array([3, 300]))

        assert [column.name for column in found] == ["b", "a", "length in tokens"]

    def test_without_the_number_of_tokens_there_is_no_length(self) -> None:
        assert columns_of(pa.table({"a": [1, 2]}), ["a"], None)[-1].name == "a"

    def test_reviews_of_one_length_are_not_cut_by_it(self) -> None:
        assert columns_of(pa.table({"a": [1, 1]}), ["a"], np.array([3, 4])) == ()

    def test_a_kept_column_may_be_called_length(self) -> None:
        """Then it is that column which is meant, asked for or not."""
        reviews = pa.table({"length": ["long", "short"]})

        for asked in ((), ("length",)):
            (column,) = columns_of(reviews, ["length"], np.array([3, 300]), asked)
            assert parts_of(column) == [("long", [0]), ("short", [1])]


class TestAskedColumns:
    REVIEWS = pa.table({"language": ["en", "de"], "domain": ["books", "toys"], "shop": ["a", "a"]})
    KEPT = ("language", "domain", "shop")
    TOKENS = np.array([3, 300])

    def asked(self, *names: str) -> list[str]:
        return [column.name for column in columns_of(self.REVIEWS, self.KEPT, self.TOKENS, names)]

    def test_only_these_are_cut_in_the_order_asked(self) -> None:
        assert self.asked("domain", "language") == ["domain", "language"]

    def test_length_is_the_number_of_tokens(self) -> None:
        assert self.asked("length", "domain") == ["length in tokens", "domain"]

    def test_twice_is_once(self) -> None:
        assert self.asked("domain", "language", "domain") == ["domain", "language"]

    def test_one_value_is_a_slice_if_it_is_asked_for(self) -> None:
        assert self.asked("shop") == ["shop"]

    def test_more_values_are_cut_than_unasked(self) -> None:
        reviews = pa.table({"product": range(MOST_ASKED)})

        (column,) = columns_of(reviews, ["product"], None, ["product"])

        assert len(column.parts) == MOST_ASKED

    def test_too_many_values_are_refused(self) -> None:
        reviews = pa.table({"product": [f"P{k}" for k in range(1201)]})

        with pytest.raises(UsageError) as refused:
            columns_of(reviews, ["product"], None, ["product"])

        assert str(refused.value) == (
            "column 'product' has 1,201 different values, too many for slices\n"
            "  where     option --slice-by product\n"
            "  expected  at most 200 values\n"
            "  remedy    name another column, or put its values into groups in a column of their own"
        )

    def test_an_unknown_column_is_named_with_its_nearest(self) -> None:
        with pytest.raises(UsageError) as refused:
            self.asked("langauge")

        assert str(refused.value) == (
            "there is no column 'langauge' to slice by\n"
            "  where     option --slice-by langauge\n"
            "  expected  language, domain, shop, length\n"
            "  remedy    did you mean 'language'? name a kept column"
        )

    def test_a_length_that_is_not_known_is_refused(self) -> None:
        with pytest.raises(UsageError, match="there is no column 'length' to slice by") as refused:
            columns_of(pa.table({}), (), None, ["length"])

        assert refused.value.expected == "a file with other columns too"

    def test_a_column_of_the_table_that_is_not_kept_is_none(self) -> None:
        """The text is no column to slice by."""
        with pytest.raises(UsageError, match="there is no column 'text' to slice by"):
            columns_of(pa.table({"text": ["x"]}), (), None, ["text"])


class TestByLength:
    def test_bands_hold_their_upper_edge_and_empty_ones_are_left_out(self) -> None:
        column = by_length(np.array([1, 2000, 17, 16, 1024, 1025]))

        assert parts_of(column) == [("1–16", [0, 3]), ("17–32", [2]), ("513–1024", [4]), ("over 1,024", [1, 5])]
        assert column.values == 4


class TestCapitals:
    def test_a_column_is_found_whatever_its_capitals(self) -> None:
        reviews = pa.table({"Language": ["en", "de"]})

        (column,) = columns_of(reviews, ["Language"], None, ["language"])

        assert column.name == "Language"
