"""The collector stands still while something is timed, and never stays so."""

from __future__ import annotations

import gc

import pytest

from harness.collector import uncollected


class TestUncollected:
    def test_the_collector_stands_still_within_and_goes_on_after(self):
        with uncollected():
            assert not gc.isenabled()
        assert gc.isenabled()

    def test_it_goes_on_after_an_error_too(self):
        with pytest.raises(ValueError, match="the stage failed"), uncollected():
            raise ValueError("the stage failed")
        assert gc.isenabled()

    def test_a_collector_that_the_caller_switched_off_stays_off(self):
        gc.disable()
        try:
            with uncollected():
                pass
            assert not gc.isenabled()
        finally:
            gc.enable()

    def test_what_was_left_over_is_collected_before_where_asked(self):
        before = gc.get_stats()[2]["collections"]
        with uncollected(clean=True):
            assert gc.get_stats()[2]["collections"] > before
