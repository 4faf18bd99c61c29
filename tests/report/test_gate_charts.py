"""What was judged lies where its numbers say, beside its limit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.records import Metric, Verdict
from harness.report import gate_charts

from .test_charts import SVG, parse

WIDTH = gate_charts.WIDTH


def verdict(**changed: object) -> Verdict:
    values = {
        "rule": "accuracy-drop<=0.01", "kind": "max_drop", "subject": "accuracy", "limit": 0.01, "outcome": "fail",
        "sentence": "accuracy fell", "alpha": 0.05,
        "difference": Metric(value=-0.021, low=-0.029, high=-0.013, method="Tango"),
    }  # fmt: skip
    return Verdict.model_validate(values | changed)


def texts(markup) -> list[str]:
    return [element.text for element in parse(markup).iter(f"{SVG}text")]


def reach(markup, kind: str) -> tuple[float, float]:
    """Left and right end of the rectangle of that class."""
    (found,) = [one for one in parse(markup).iter(f"{SVG}rect") if one.get("class").split()[0] == kind]
    return float(found.get("x")), float(found.get("x")) + float(found.get("width"))


class TestVerdict:
    def test_interval_that_fails_lies_on_the_shaded_side(self):
        drawn = gate_charts.verdict(verdict())

        assert reach(drawn, "judged")[1] <= reach(drawn, "beyond")[1]
        assert reach(drawn, "beyond")[0] == 0
        assert texts(drawn) == ["0", "−2.9 to −1.3 points", "limit −1.0 points"]

    def test_where_lower_is_better_a_rise_is_on_the_shaded_side(self):
        difference = Metric(value=0.05, low=0.03, high=0.07, method="paired")
        drawn = gate_charts.verdict(verdict(subject="brier_score", limit=0.01, difference=difference))

        assert reach(drawn, "beyond")[1] == WIDTH
        assert reach(drawn, "judged")[0] >= reach(drawn, "beyond")[0]
        assert texts(drawn)[-2:] == ["+0.030 to +0.070", "limit +0.010"]

    def test_interval_that_is_inconclusive_reaches_over_the_limit(self):
        difference = Metric(value=-0.01, low=-0.02, high=0.0, method="Tango")
        drawn = gate_charts.verdict(verdict(outcome="inconclusive", difference=difference))

        low, high = reach(drawn, "judged")
        assert low < reach(drawn, "beyond")[1] < high

    def test_end_that_rounding_would_make_the_limit_is_written_in_full(self):
        difference = Metric(value=-0.004, low=-0.00996, high=0.002, method="Tango")

        assert "−0.996 to +0.200 points" in texts(gate_charts.verdict(verdict(outcome="pass", difference=difference)))

    def test_floor_is_of_the_candidate_alone(self):
        candidate = Metric(value=0.53, low=0.51, high=0.55, method="Wilson")
        drawn = gate_charts.verdict(
            verdict(kind="floor", limit=0.5, difference=None, candidate=candidate, outcome="pass")
        )

        assert texts(drawn) == ["51.0 to 55.0 %", "at least 50.0 %"]
        assert reach(drawn, "judged")[0] > reach(drawn, "beyond")[1]

    def test_ceiling_without_an_interval_is_a_dot(self):
        candidate = Metric(value=0.2, interval_reason="none holds")
        drawn = gate_charts.verdict(
            verdict(
                kind="ceiling", subject="expected_calibration_error", limit=0.1, difference=None, candidate=candidate
            )
        )

        assert texts(drawn) == ["0.200", "at most 0.100"]
        assert [one.get("class") for one in parse(drawn).iter(f"{SVG}circle")] == ["judged fail"]

    def test_slowdown_is_in_per_cent_of_the_reference(self):
        ratio = Metric(value=1.08, low=1.06, high=1.1, method="bootstrap")
        drawn = gate_charts.verdict(
            verdict(kind="max_slowdown", subject="forward", limit=0.05, difference=ratio, outcome="fail")
        )

        assert texts(drawn) == ["0", "+6.0 to +10.0 %", "limit +5.0 %"]
        assert reach(drawn, "beyond")[1] == WIDTH

    def test_no_worse_has_its_limit_at_no_change(self):
        drawn = gate_charts.verdict(verdict(rule="accuracy-no-worse", kind="no_worse", limit=0.0))

        assert texts(drawn) == ["−2.9 to −1.3 points", "limit 0 points"]

    def test_what_measured_nothing_is_not_drawn(self):
        assert gate_charts.verdict(verdict(outcome="error")) == ""
        assert gate_charts.verdict(verdict(difference=None)) == ""

    @given(
        st.floats(-0.5, 0.5), st.floats(0, 0.4), st.floats(0, 0.4), st.floats(1e-6, 0.99),
        st.sampled_from(["accuracy", "brier_score"]),
    )  # fmt: skip
    def test_everything_lies_within_the_drawing(self, value, down, up, limit, subject):
        difference = Metric(value=value, low=value - down, high=value + up, method="Tango")
        root = parse(gate_charts.verdict(verdict(subject=subject, limit=limit, difference=difference)))

        for rect in root.iter(f"{SVG}rect"):
            assert float(rect.get("x")) >= 0
            assert float(rect.get("x")) + float(rect.get("width")) <= WIDTH + 0.02
        for text in root.iter(f"{SVG}text"):
            half = gate_charts.LETTER * len(text.text) / 2
            assert half - 0.01 <= float(text.get("x")) <= WIDTH - half + 0.01


class TestPlaces:
    @pytest.mark.parametrize(
        ("ends", "limit", "decimals"),
        [([6.0, 10.0], 5.0, 1), ([-2.9, 0.5], -1.0, 1), ([0.12], 0.125, 3), ([-0.996], -1.0, 3), ([1e-9], 0.0, 6)],
    )
    def test_as_few_as_tell_the_ends_from_the_limit(self, ends, limit, decimals):
        assert gate_charts.places(ends, limit, fewest=1) == decimals


class TestMark:
    def test_each_outcome_has_a_shape_of_its_own(self):
        shapes = {str(gate_charts.mark(outcome)) for outcome in ("pass", "fail", "inconclusive", "error")}

        assert len(shapes) == 4


class TestProcessPairs:
    JUDGED = Metric(value=1.08, low=1.05, high=1.11, method="bootstrap")
    MEDIANS = (1.07, 1.08, 1.1, 1.06, 1.09)

    def test_each_process_pair_has_a_dot_in_the_order_of_its_ratio(self):
        root = parse(gate_charts.process_pairs(self.MEDIANS, self.JUDGED, 1.05, "fail"))
        dots = [float(one.get("cx")) for one in root.iter(f"{SVG}circle") if one.get("class") == "process"]

        assert [self.MEDIANS[place] for place in sorted(range(5), key=lambda place: dots[place])] == sorted(
            self.MEDIANS
        )
        assert root.get("aria-label").startswith("Median ratio of each process pair: 1.07 ×, 1.08 ×")

    def test_axis_is_that_of_ratios(self):
        """Twice and half as long are as far from 1."""
        root = parse(gate_charts.process_pairs((0.5, 2.0), Metric(value=1.0, interval_reason="two"), None, None))
        left, right = (float(one.get("cx")) for one in root.iter(f"{SVG}circle") if one.get("class") == "process")
        (one,) = [float(line.get("x1")) for line in root.iter(f"{SVG}line") if line.get("class") == "none"]

        assert one - left == pytest.approx(right - one, abs=0.02)

    def test_limit_and_1_are_told_where_there_is_room(self):
        drawn = gate_charts.process_pairs(self.MEDIANS, self.JUDGED, 1.05, "fail")

        assert "limit 1.05 ×" in texts(drawn)
        assert texts(gate_charts.process_pairs(self.MEDIANS, self.JUDGED, None, None)) == ["1 ×"]

    @given(st.lists(st.floats(0.05, 20), min_size=1, max_size=10), st.floats(1e-3, 1))
    def test_everything_lies_within_the_drawing(self, medians, limit):
        judged = Metric(value=medians[0], low=medians[0] / 1.1, high=medians[0] * 1.1, method="bootstrap")
        root = parse(gate_charts.process_pairs(medians, judged, 1 + limit, "inconclusive"))

        for circle in root.iter(f"{SVG}circle"):
            assert 0 <= float(circle.get("cx")) <= gate_charts.PAIRS_WIDTH
        assert not [one for one in root.iter() if math.isnan(float(one.get("x", "0")))]
