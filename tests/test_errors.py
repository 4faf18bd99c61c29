"""Errors are for a person: what, where, expected, remedy; and they survive a process boundary."""

from __future__ import annotations

import pickle

import pytest

from harness import errors
from harness.errors import HarnessError, LabelError, NothingMeasured, first_rows


class TestHarnessError:
    def test_prints_the_message_and_a_line_for_each_part(self) -> None:
        error = LabelError(
            "label '6 stars' fits no class of the classifier",
            where="reviews.csv, row 1204, column 'stars'",
            expected="1 star, 2 stars",
            remedy="correct the row",
        )

        assert str(error) == (
            "label '6 stars' fits no class of the classifier\n"
            "  where     reviews.csv, row 1204, column 'stars'\n"
            "  expected  1 star, 2 stars\n"
            "  remedy    correct the row"
        )

    def test_leaves_out_the_parts_that_were_not_given(self) -> None:
        assert str(HarnessError("no")) == "no"

    def test_indents_a_part_of_several_lines(self) -> None:
        assert str(HarnessError("no", remedy="one\ntwo")) == "no\n  remedy    one\n            two"

    def test_comes_back_whole_from_a_pickle(self) -> None:
        """xdist sends errors from workers to the controller as pickles."""
        error = pickle.loads(pickle.dumps(LabelError("bad", where="a.csv", remedy="mend it")))

        assert isinstance(error, LabelError)
        assert str(error) == "bad\n  where     a.csv\n  remedy    mend it"

    def test_nothing_measured_has_an_exit_code_of_its_own(self) -> None:
        assert (NothingMeasured("empty").exit_code, LabelError("bad").exit_code) == (3, 2)

    def test_the_tree_at_the_top_of_the_module_names_every_error(self) -> None:
        named = {
            name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, HarnessError)
        }

        assert errors.__doc__ is not None
        assert {name for name in named if name not in errors.__doc__} == set()


class TestFirstRows:
    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            ([7], "row 7 (1 in all)"),
            ([3, 8], "rows 3, 8 (2 in all)"),
            (list(range(1, 1235)), "rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, … (1,234 in all)"),
        ],
    )
    def test_lists_ten_and_the_total(self, rows: list[int], said: str) -> None:
        assert first_rows(rows) == said
