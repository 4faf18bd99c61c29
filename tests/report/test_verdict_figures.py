"""The figures of a verdict, as tables show them."""

from __future__ import annotations

from support.gated import FLIP, NOTHING, PASSED, SLICE, verdict

from harness.records import Metric
from harness.report import verdict_figures
from harness.report.verdict_figures import VerdictFigures


class TestOf:
    def test_a_drop_has_both_sides_and_the_interval_of_their_difference(self):
        assert verdict_figures.of(verdict()) == VerdictFigures("46.2 %", "48.3 %", "−2.1 points", "−2.9 to −1.3")

    def test_a_floor_has_the_interval_of_the_candidate(self):
        assert verdict_figures.of(PASSED) == VerdictFigures("46.2 % (44.0–48.4 %)", "–", "–", "–")

    def test_times_are_compared_by_their_ratio(self):
        seconds = {
            name: Metric(value=value, interval_reason="pairs")
            for name, value in (("candidate", 0.0123), ("reference", 0.0112))
        }
        ratio = Metric(value=1.098, low=1.08, high=1.12, method="pairs")
        found = verdict_figures.of(verdict(kind="max_slowdown", subject="forward", difference=ratio, **seconds))

        assert found == VerdictFigures("12.3 ms", "11.2 ms", "1.10 ×", "1.08–1.12")

    def test_what_measured_nothing_has_none(self):
        assert verdict_figures.of(NOTHING) == VerdictFigures("–", "–", "–", "–")

    def test_a_difference_without_an_interval_has_its_value(self):
        found = verdict_figures.of(verdict(difference=Metric(value=-0.021, interval_reason="too few")))

        assert (found.difference, found.interval) == ("−2.1 points", "–")


class TestLevel:
    def test_is_that_of_both_sides_together(self):
        assert verdict_figures.level([verdict(), PASSED]) == "90 % interval"

    def test_levels_that_differ_are_not_named(self):
        assert verdict_figures.level([verdict(), verdict(alpha=0.01)]) == "interval"


class TestParts:
    def test_a_slice_has_its_name_and_its_difference(self):
        assert verdict_figures.of_slice("accuracy", SLICE) == ("language=de", "120", "−2.1 points", "−2.9 to −1.3")

    def test_a_slice_without_a_difference_has_dashes(self):
        without = SLICE.model_copy(update={"difference": Metric(value=None, reason="one class alone")})

        assert verdict_figures.of_slice("accuracy", without)[2:] == ("–", "–")

    def test_a_flip_has_its_label_and_what_either_says(self):
        assert verdict_figures.of_flip(FLIP) == ("5 stars", "1 star (81 %)", "5 stars (60 %)")
