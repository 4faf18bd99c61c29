from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import sample_run

from harness.records import Selective, StageSeconds
from harness.report import charts

from .injections import INJECTIONS

SVG = "{http://www.w3.org/2000/svg}"


def parse(markup: str) -> ElementTree.Element:
    """The drawing as XML: it is well-formed, or this raises."""
    return ElementTree.fromstring(str(markup).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@pytest.fixture(scope="module")
def bins():
    return sample_run.sample(reviews=800).run.evaluations[0].reliability


class TestTag:
    @pytest.mark.parametrize("text", INJECTIONS)
    def test_texts_and_attributes_are_escaped(self, text):
        written = charts.tag("text", text, aria_label=text)

        assert not re.search(r"<(?!/?text)", written)
        assert written.count('"') == 2


class TestWhisker:
    def positions(self, markup):
        root = parse(markup)
        rect, circle = root.find(f"{SVG}rect"), root.find(f"{SVG}circle")
        start = float(rect.get("x"))
        return start, float(circle.get("cx")), start + float(rect.get("width"))

    def test_value_lies_between_the_ends_of_its_interval(self):
        low, value, high = self.positions(charts.whisker(0.5, 0.4, 0.7, (0, 1), width=112))

        assert (low, value, high) == (46, 56, 76)

    def test_what_lies_beyond_the_axis_stands_at_its_end(self):
        assert self.positions(charts.whisker(0.95, 0.1, 0.99, (0.4, 0.6), width=112)) == (6, 106, 106)

    def test_without_an_interval_there_is_a_dot_alone(self):
        assert parse(charts.whisker(0.5, None, None, (0, 1))).find(f"{SVG}rect") is None


class TestSpanOf:
    def test_narrow_intervals_do_not_fill_the_axis(self):
        low, high = charts.span_of([(0.50, 0.51)])

        assert high - low == pytest.approx(0.1)

    def test_holds_every_interval(self):
        assert charts.span_of([(0.1, 0.3), (0.2, 0.9)]) == (0.1, 0.9)


class TestReliability:
    def test_every_bin_that_holds_reviews_is_drawn_twice_with_its_figures(self, bins):
        root = parse(charts.reliability(bins))
        filled = [one for one in bins if one.count]
        hovers = [element.text for element in root.iter(f"{SVG}title")]

        assert len(hovers) == 2 * len(filled)
        assert sum(f"({one.count:,} review" in text for one in filled for text in hovers) >= len(filled)

    def test_point_lies_where_its_confidence_and_accuracy_say(self, bins):
        root = parse(charts.reliability([one for one in bins if one.count >= charts.FEW][-1:]))
        (dot,) = [element for element in root.iter(f"{SVG}circle") if element.get("class") == "dot"]
        last = [one for one in bins if one.count >= charts.FEW][-1]

        share = (
            (float(dot.get("cx")) - charts.LEFT) / charts.PLOT,
            1 - (float(dot.get("cy")) - charts.TOP) / charts.PLOT,
        )
        assert share == pytest.approx((last.mean_confidence, last.accuracy.value), abs=0.001)

    def test_bin_of_a_few_reviews_is_hollow_and_has_no_gap_drawn(self, bins):
        one = next(each for each in bins if each.count)
        root = parse(charts.reliability([one.model_copy(update={"count": charts.FEW - 1})]))
        classes = [element.get("class") for element in root.iter()]

        assert "few" in classes
        assert "gap over" not in classes
        assert "gap under" not in classes

    def test_is_there_without_any_review(self):
        assert parse(charts.reliability([])).get("aria-label").startswith("Reliability diagram")


def selective(*points: tuple[float, float]) -> Selective:
    """A curve through (coverage, risk)."""
    coverage, risk = zip(*points, strict=True)
    return Selective(coverage=coverage, risk=risk, threshold=(0.5,) * len(points), thresholds=())


class TestRiskCoverage:
    LEFT, RIGHT = charts.LEFT, charts.LEFT + charts.CURVE
    TOP, BOTTOM = charts.TOP, charts.TOP + charts.CURVE_HEIGHT

    def points(self, markup) -> list[tuple[float, float]]:
        (line,) = parse(markup).iter(f"{SVG}polyline")
        return [tuple(map(float, point.split(","))) for point in line.get("points").split()]

    def ticks(self, markup) -> list[str]:
        """Of the risk."""
        return [text.text for text in parse(markup).iter(f"{SVG}text") if text.get("text-anchor") == "end"]

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 100_000))
    def test_every_point_lies_within_the_axes(self, risks, reviews):
        curve = selective(*((place / len(risks), risk) for place, risk in enumerate(risks, start=1)))

        drawn = self.points(charts.risk_coverage(curve, reviews))

        assert drawn
        assert all(self.LEFT <= x <= self.RIGHT + 0.05 and self.TOP - 0.05 <= y <= self.BOTTOM + 0.05 for x, y in drawn)

    def test_points_lie_where_coverage_and_risk_say(self):
        drawn = self.points(charts.risk_coverage(selective((0.25, 0.0), (0.5, 0.1), (1.0, 0.5)), 1000))

        width, height = charts.CURVE, charts.CURVE_HEIGHT
        assert drawn == [
            (self.LEFT + width / 4, self.BOTTOM),
            (self.LEFT + width / 2, self.BOTTOM - height / 5),
            (self.RIGHT, self.TOP),
        ]

    def test_curve_of_a_run_has_its_last_point_at_the_accuracy(self):
        record = sample_run.sample(reviews=300).run.evaluations[0]
        root = parse(charts.risk_coverage(record.selective, 300))

        (title,) = (title.text for title in root.iter(f"{SVG}title"))
        assert title == f"100 % accepted: {100 * (1 - record.metrics['accuracy'].value):.1f} % of them wrong"
        assert root.get("aria-label").startswith("Risk–coverage curve")

    def test_the_surest_few_reviews_do_not_stretch_the_axis(self):
        """One review alone is wrong in 0 or 100 % of one."""
        curve = selective((0.001, 1.0), (charts.FEW / 1000, 0.1), (1.0, 0.3))

        assert len(self.points(charts.risk_coverage(curve, 1000))) == 2
        assert self.ticks(charts.risk_coverage(curve, 1000))[-1] == "30 %"

    @pytest.mark.parametrize("reviews", [1, charts.FEW - 1])
    def test_run_of_a_few_reviews_has_one_point_that_can_be_seen(self, reviews):
        markup = charts.risk_coverage(selective((0.5, 0.0), (1.0, 0.4)), reviews)

        (dot,) = parse(markup).iter(f"{SVG}circle")
        assert self.points(markup) == [(float(dot.get("cx")), float(dot.get("cy")))] == [(self.RIGHT, self.TOP)]

    def test_risk_of_nothing_is_a_line_on_the_ground(self):
        markup = charts.risk_coverage(selective((0.5, 0.0), (1.0, 0.0)), 1000)

        assert {y for _, y in self.points(markup)} == {self.BOTTOM}
        assert self.ticks(markup) == ["0 %", "0.5 %", "1.0 %", "1.5 %", "2.0 %"]

    @pytest.mark.parametrize(
        ("risk", "ticks"),
        [
            (0.03, ["0 %", "1 %", "2 %", "3 %"]),
            (0.44, ["0 %", "10 %", "20 %", "30 %", "40 %", "50 %"]),
            (0.5, ["0 %", "10 %", "20 %", "30 %", "40 %", "50 %"]),
            (1.0, ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]),
        ],
    )
    def test_lines_are_those_that_a_reader_counts_in(self, risk, ticks):
        assert self.ticks(charts.risk_coverage(selective((1.0, risk)), 1000)) == ticks


class TestStageBar:
    def test_widths_are_the_shares(self):
        root = parse(charts.stage_bar(StageSeconds(tokenize=1, forward=8, softmax=1, wall=9)))

        widths = {rect.get("class"): rect.get("width") for rect in root.iter(f"{SVG}rect")}
        assert widths == {"stage tokenize": "10.000%", "stage forward": "80.000%", "stage softmax": "10.000%"}
        assert root.get("aria-label") == "Share of the stages: tokenize 10.0 %, forward 80.0 %, softmax 10.0 %"

    def test_no_time_at_all_is_no_error(self):
        root = parse(charts.stage_bar(StageSeconds(tokenize=0, forward=0, softmax=0, wall=0)))

        assert {rect.get("width") for rect in root.iter(f"{SVG}rect")} <= {"0.000%"}


class TestProbabilities:
    def test_prediction_is_marked_as_hit_or_miss_and_the_label_by_a_dot(self):
        def roles(markup):
            return [rect.get("class") for rect in parse(markup).iter(f"{SVG}rect")]

        assert roles(charts.probabilities([0.1, 0.2, 0.7], gold=0, predicted=2)) == ["p other", "p other", "p miss"]
        assert roles(charts.probabilities([0.1, 0.2, 0.7], gold=2, predicted=2)) == ["p other", "p other", "p hit"]
