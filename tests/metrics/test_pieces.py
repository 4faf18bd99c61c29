"""Pieces are all of the rows, once each, and bounded."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.pieces import CELLS_AT_ONCE, ROWS_AT_ONCE, pieces


class TestPieces:
    @given(st.integers(0, 200_000), st.sampled_from([2, 5, 50, 1_000, 100_000]))
    @settings(max_examples=40)
    def test_cover_every_row_once_in_their_order(self, examples: int, classes: int) -> None:
        found = list(pieces(examples, classes))

        assert [rows.start for rows in found] == [0, *(rows.stop for rows in found)][: len(found)]
        assert sum(rows.stop - rows.start for rows in found) == examples

    @given(st.integers(1, 200_000), st.integers(2, 10_000))
    @settings(max_examples=40)
    def test_hold_a_bounded_number_of_rows_and_cells(self, examples: int, classes: int) -> None:
        most = max(rows.stop - rows.start for rows in pieces(examples, classes))

        assert most <= ROWS_AT_ONCE
        assert most * classes <= CELLS_AT_ONCE

    def test_of_no_rows_there_are_none(self) -> None:
        assert list(pieces(0, 5)) == []
