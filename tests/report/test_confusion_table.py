from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.confusion_table import MOST_PAIRS, ConfusionTable

from .injections import INJECTIONS
from .printing import coloured, drawn, printed

STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")
COUNTS = ((90, 8, 2, 0, 0), (20, 60, 15, 5, 0), (4, 16, 50, 22, 8), (0, 3, 17, 70, 10), (1, 0, 0, 9, 990))


def random(classes: int, most: int = 100) -> list[list[int]]:
    counts: list[list[int]] = np.random.default_rng(0).integers(1, most, (classes, classes)).tolist()
    return counts


class TestConfusionTable:
    def test_cells_have_their_count_and_their_share_of_the_row_and_empty_ones_a_dot(self):
        assert drawn(ConfusionTable(COUNTS, STARS)) == [
            "           1 star   2 stars   3 stars   4 stars    5 stars    all",
            "─────────────────────────────────────────────────────────────────",
            "1 star   90  90 %   8   8 %   2   2 %         ·          ·    100",
            "2 stars  20  20 %  60  60 %  15  15 %   5   5 %          ·    100",
            "3 stars   4   4 %  16  16 %  50  50 %  22  22 %    8   8 %    100",
            "4 stars         ·   3   3 %  17  17 %  70  70 %   10  10 %    100",
            "5 stars   1  <1 %         ·         ·   9   1 %  990  99 %  1,000",
        ]

    def test_share_stands_below_the_count_where_it_does_not_fit_beside_it(self):
        lines = drawn(ConfusionTable(random(8), [f"class {k}" for k in range(8)]))

        assert lines[0].split() == ["class"] * 8
        assert lines[1].split() == [*map(str, range(8)), "all"]
        assert len(lines[3].split()) == 2 + 8 + 1
        assert lines[4].count("%") == 8

    def test_names_that_do_not_fit_over_a_column_are_numbered(self):
        names = [f"an unreasonably extraordinary class name {k}" for k in range(5)]
        lines = drawn(ConfusionTable(random(5), names))

        assert lines[0].split() == ["(1)", "(2)", "(3)", "(4)", "(5)", "all"]
        assert lines[2].startswith("(1) an ")

    def test_matrix_that_does_not_fit_is_a_list_of_the_largest_confusions(self):
        counts = random(12)
        lines = drawn(ConfusionTable(counts, [f"intent {k}" for k in range(12)]))
        off = np.array(counts) - np.diag(np.diag(counts))
        gold, predicted = divmod(int(off.argmax()), 12)

        assert lines[0] == f"12 classes; the most common confusions (10 of {12 * 11}):"
        assert lines[1].split() == ["label", "predicted", "reviews", "of", "the", "label"]
        assert len(lines) == 3 + MOST_PAIRS
        share = 100 * off.max() / sum(counts[gold])
        assert lines[3].split() == ["intent", str(gold), "intent", str(predicted), str(off.max()), f"{share:.1f}", "%"]

    def test_wider_terminal_has_room_for_the_matrix(self):
        names = [f"intent {k}" for k in range(12)]

        assert drawn(ConfusionTable(random(12), names), width=200)[0].split()[:2] == ["intent", "0"]

    def test_many_classes_without_an_error_say_so(self):
        counts = np.diag([5] * 30).tolist()

        assert drawn(ConfusionTable(counts, [f"intent {k}" for k in range(30)])) == [
            "30 classes; none is taken for another"
        ]

    @given(st.integers(2, 20), st.sampled_from([9, 999, 99_999, 9_999_999]), st.integers(1, 60), st.integers(50, 200))
    def test_fits_its_width_and_reads_the_same_without_colour(self, classes, most, letters, width):
        names = [f"{'word ' * (letters // 5)}{'x' * (letters % 5 + 1)}{k}" for k in range(classes)]
        part = ConfusionTable(random(classes, most), names)
        text = printed(part, lambda part, console: console.print(part), width)

        assert max(map(len, text.splitlines())) <= width
        assert coloured(part, lambda part, console: console.print(part), width) == text

    @pytest.mark.parametrize("name", ["[bold red]x[/]", "[/]", "\x1b[2Jx", *INJECTIONS])
    def test_no_name_moves_the_cursor_or_is_taken_for_markup(self, name):
        lines = drawn(ConfusionTable(((3, 1), (1, 3)), (name, "good")), width=400)
        text = "\n".join(lines)

        assert "\x1b" not in text
        assert len(lines) == 4
        if name.startswith("["):
            assert text.count(name) == 2
