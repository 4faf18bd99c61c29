from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.prediction.windows import ahead, windows


class TestWindows:
    @given(st.integers(0, 500), st.integers(1, 100))
    def test_every_review_is_in_exactly_one_window(self, reviews: int, size: int) -> None:
        """In order, without gaps, none larger than the size, none empty."""
        found = windows(reviews, size)

        assert [place for window in found for place in range(window.start, window.stop)] == list(range(reviews))
        assert all(0 < len(window) <= size for window in found)

    def test_the_first_is_an_eighth(self) -> None:
        """The device waits for the tokens of 1,024 reviews, not of 8,192."""
        assert [len(window) for window in windows(20_000)] == [1024, 8192, 8192, 2592]


class TestAhead:
    def test_results_come_with_their_items_in_order(self) -> None:
        """The thread changes nothing that can be seen."""
        assert list(ahead([3, 1, 2], lambda item: item * 10)) == [(3, 30), (1, 10), (2, 20)]

    def test_the_next_item_is_worked_on_while_the_caller_has_this_one(self) -> None:
        """The second result is ready before the first is given back."""
        done = {item: threading.Event() for item in (1, 2, 3)}
        found = ahead([1, 2, 3], lambda item: done[item].set())

        next(found)

        assert done[2].wait(timeout=60)
        found.close()

    def test_it_never_runs_further_ahead_than_one(self) -> None:
        """Memory holds two windows, however slow forward is."""
        started: list[int] = []
        found = ahead(range(10), started.append)

        for item, _ in found:
            assert max(started) <= item + 1

    def test_an_error_is_raised_at_its_item(self) -> None:
        """What was done before it is not lost."""
        found = ahead([1, 0], lambda item: 1 // item)

        assert next(found) == (1, 1)
        with pytest.raises(ZeroDivisionError):
            next(found)

    def test_nothing_in_gives_nothing_out(self) -> None:
        """An empty list starts no work."""
        assert list(ahead([], lambda item: item)) == []
