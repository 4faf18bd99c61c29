from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.records import Metric
from harness.report import numbers


class TestPercent:
    @pytest.mark.parametrize(
        ("share", "written"),
        [
            (0, "0 %"),
            (1, "100 %"),
            (0.5, "50.0 %"),
            (0.00049, "<0.1 %"),
            (0.0005, "0.1 %"),
            (0.9994, "99.9 %"),
            (0.9996, ">99.9 %"),
            (-0.0321, "−3.2 %"),
        ],
    )
    def test_has_one_decimal_and_its_sign(self, share, written):
        assert numbers.percent(share) == written

    @given(st.floats(0, 1, exclude_min=True, exclude_max=True), st.integers(0, 2))
    @example(0.005, 0)
    @example(0.995, 0)
    def test_only_nothing_is_zero_and_only_everything_is_a_hundred(self, share, decimals):
        """0.04 % is not written 0.0 %, nor 99.97 % as 100 %."""
        written = numbers.percent(share, decimals)

        assert written not in ("0 %", "0.0 %", "0.00 %", "100 %", "100.0 %", "100.00 %")


class TestSeconds:
    @pytest.mark.parametrize(
        ("duration", "written"),
        [
            (0, "0 s"),
            (0.0009996, "1.00 ms"),
            (0.9996, "1.00 s"),
            (99.96, "100 s"),
            (119.6, "2 min 00 s"),
            (3599.7, "1 h 00 min"),
        ],
    )
    def test_unit_is_that_of_the_rounded_number(self, duration, written):
        assert numbers.seconds(duration) == written

    @given(st.floats(1e-9, 1e6))
    def test_always_has_a_unit_and_never_four_digits_before_it(self, duration):
        written = numbers.seconds(duration)

        assert re.fullmatch(r"[\d.,]{1,5} (ns|µs|ms|s)|\d+ min \d\d s|[\d,]+ h \d\d min", written)
        assert not re.match(r"\d{4}", written)


class TestDigits:
    @given(st.floats(1e-6, 1e9))
    def test_is_within_half_of_its_last_digit(self, number):
        written = float(numbers.digits(number).replace(",", ""))

        assert written == pytest.approx(number, rel=0.005)


class TestSize:
    @pytest.mark.parametrize(("size", "written"), [(999, "999 B"), (999_600, "1.00 MB"), (10**15, "1,000 TB")])
    def test_counts_in_thousands(self, size, written):
        assert numbers.size(size) == written


class TestValue:
    def test_share_score_and_distance_are_written_each_in_its_way(self):
        metric = Metric(value=0.53337, low=0.5, high=0.6, method="Wilson")

        assert numbers.value("accuracy", metric) == "53.3 %"
        assert numbers.value("macro_f1", metric) == "0.533"
        assert numbers.value("mean_absolute_error", metric, "stars") == "0.533 stars"

    def test_undefined_metric_is_a_dash_and_never_zero(self):
        metric = Metric(value=None, reason="no review has this label")

        assert numbers.value("accuracy", metric) == "–"
        assert numbers.interval("accuracy", metric) == ""
        assert numbers.missing(metric) == "no review has this label"

    def test_interval_below_zero_is_not_joined_by_a_dash(self):
        metric = Metric(value=0.01, low=-0.02, high=0.04, method="normal")

        assert numbers.interval("matthews_correlation", metric) == "−0.020 to 0.040"

    def test_metric_that_is_not_in_the_table_is_a_plain_number(self):
        assert numbers.value("mean_reading_time", Metric(value=0.2, interval_reason="none")) == "0.200"


class TestPlain:
    def test_number_is_written_as_the_values_of_its_metric_are(self):
        metric = Metric(value=0.53337, interval_reason="none")

        for name, unit in (("accuracy", ""), ("macro_f1", ""), ("mean_absolute_error", "stars")):
            assert numbers.plain(name, 0.53337, unit) == numbers.value(name, metric, unit)

    def test_share_that_is_nearly_everything_is_not_rounded_to_it(self):
        assert numbers.plain("accuracy", 0.9997) == ">99.9 %"


class TestDifference:
    @pytest.mark.parametrize(
        ("name", "difference", "written"),
        [
            ("accuracy", 0.0123, "+1.2 points"),
            ("accuracy", -0.0123, "−1.2 points"),
            ("accuracy", 0.0, "0.0 points"),
            ("accuracy", -0.0001, "0.0 points"),
            ("accuracy", 1.0, "+100.0 points"),
            ("brier_score", 0.0101, "+0.010"),
            ("brier_score", -0.0101, "−0.010"),
            ("brier_score", 0.0004, "0.000"),
            ("mean_absolute_error", -0.25, "−0.250"),
        ],
    )
    def test_has_its_sign_and_none_where_it_rounds_to_nothing(self, name, difference, written):
        assert numbers.difference(name, difference) == written

    @given(st.floats(-1, 1))
    def test_other_way_round_has_the_other_sign(self, difference):
        signs = str.maketrans("+−", "−+")

        for name in ("accuracy", "brier_score"):
            assert numbers.difference(name, -difference) == numbers.difference(name, difference).translate(signs)


class TestDifferenceInterval:
    def test_both_ends_have_their_signs(self):
        metric = Metric(value=0.01, low=-0.011, high=0.031, method="Tango")

        assert numbers.difference_interval("accuracy", metric) == "−1.1 to +3.1"
        assert numbers.difference_interval("brier_score", metric) == "−0.011 to +0.031"

    @pytest.mark.parametrize(
        "metric", [Metric(value=0.01, interval_reason="biased"), Metric(value=None, reason="no example")]
    )
    def test_is_empty_where_there_is_none(self, metric):
        assert numbers.difference_interval("accuracy", metric) == ""


class TestPValue:
    @pytest.mark.parametrize(
        ("p_value", "written"),
        [(1.0, "1.000"), (0.0312, "0.031"), (0.001, "0.001"), (0.00099, "<0.001"), (0.0, "<0.001")],
    )
    def test_has_three_decimals_and_is_never_zero(self, p_value, written):
        assert numbers.p_value(p_value) == written


class TestStepNoun:
    @pytest.mark.parametrize(
        ("classes", "noun"),
        [
            (["1 star", "2 stars"], "star"),
            (["bad", "good"], "class"),
            (["1", "2"], "class"),
            (["one big step", "two big steps"], "class"),
            ([], "class"),
        ],
    )
    def test_is_the_one_word_that_all_names_share(self, classes, noun):
        assert numbers.step_noun(classes) == noun
