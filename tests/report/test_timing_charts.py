from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import sample_run
from support import timed as simulated

from harness import rounds
from harness.report import timing_charts

from .test_charts import SVG, parse


class TestShares:
    def test_widths_are_the_shares(self):
        root = parse(timing_charts.shares([("tokenize", 0.1), ("forward", 0.85), ("rest", 0.05)]))

        assert {rect.get("class"): rect.get("width") for rect in root.iter(f"{SVG}rect")} == {
            "stage tokenize": "10.00%", "stage forward": "85.00%", "stage rest": "5.00%",
        }  # fmt: skip

    @given(st.lists(st.floats(-0.5, 2), min_size=1, max_size=6))
    def test_bar_is_never_wider_than_its_room(self, shares):
        root = parse(timing_charts.shares([("forward", share) for share in shares]))

        assert sum(float(rect.get("width").rstrip("%")) for rect in root.iter(f"{SVG}rect")) <= 100.1


class TestMeter:
    @pytest.mark.parametrize(("share", "width"), [(0.0, "0"), (0.5, "42"), (1.3, "84")])
    def test_is_filled_by_the_share(self, share, width):
        used = next(
            rect for rect in parse(timing_charts.meter(share)).iter(f"{SVG}rect") if rect.get("class") == "used"
        )

        assert used.get("width") == width


class TestStrip:
    def test_every_round_is_a_line_and_outliers_stand_at_the_end(self):
        root = parse(timing_charts.strip([0.95, 1.0, 1.05, 9.0], (0.9, 1.1), width=108))
        (path,) = root.iter(f"{SVG}path")

        assert path.get("d") == "M29 4V18M54 4V18M79 4V18M104 4V18"

    def test_rounds_of_one_pixel_lie_on_one_another(self):
        root = parse(timing_charts.strip([1.0, 1.0, 1.0, 1.1], (0.9, 1.1), width=108))

        assert [path.get("d") for path in root.iter(f"{SVG}path")] == ["M54 4V18M104 4V18", "M54 4V18", "M54 4V18"]

    def test_hundreds_of_rounds_are_a_few_kilobytes(self):
        timing = simulated.cell(("a",), rounds=1000)[2]
        middle = rounds.median_of(timing)

        assert len(timing_charts.strip([each / middle for each in timing.seconds], (0.5, 2.0))) < 5000


class TestRatio:
    def rows(self, **options):
        (cell,) = rounds.cells(simulated.cell(**options))
        return rounds.comparisons(cell)

    def test_whisker_dot_and_floor_stand_on_a_logarithmic_axis(self):
        row = self.rows(slower={"b": {"forward": 1.5}})[2]
        root = parse(timing_charts.ratio(row, (0.25, 4.0), width=112))

        def x(number):
            return pytest.approx(6 + 100 * (math.log(number / 0.25) / math.log(16)), abs=0.01)

        (dot,) = root.iter(f"{SVG}circle")
        (band,) = root.iter(f"{SVG}rect")
        assert float(dot.get("cx")) == x(row.ratio.value)
        assert dot.get("class") == "ratio differs"
        assert float(band.get("x")) == x(1 / row.floor.reach)
        assert float(band.get("x")) + float(band.get("width")) == x(row.floor.reach)

    def test_axis_holds_every_interval_and_1(self):
        rows = self.rows(slower={"b": {"forward": 1.5}})
        low, high = timing_charts.ratio_span(rows)

        assert low < 1 < high
        assert all(low <= row.ratio.low and row.ratio.high <= high for row in rows)

    def test_comparison_without_interval_and_floor_is_a_dot(self):
        root = parse(timing_charts.ratio(self.rows(in_turn=False)[0], (0.5, 2.0)))

        assert [each.tag.removeprefix(SVG) for each in root] == ["line", "line", "circle"]


class TestTrials:
    def test_dots_stand_below_the_bound_where_it_is_met_and_stopped_trials_at_the_top(self):
        root = parse(timing_charts.trials(sample_run.sample(sets=(), timings=False, scenarios=True).run.scenarios[2]))
        (bound,) = (line for line in root.iter(f"{SVG}line") if line.get("class") == "bound")
        dots = list(root.iter(f"{SVG}circle"))

        assert len(dots) == 4
        assert all(float(dot.get("cy")) > float(bound.get("y1")) for dot in dots)
        assert [path.get("class") for path in root.iter(f"{SVG}path")] == ["trial over"]
        assert "bound 110 ms" in [text.text for text in root.iter(f"{SVG}text")]

    @given(st.lists(st.tuples(st.floats(0.1, 1e5), st.floats(1e-5, 100)), min_size=1, max_size=5))
    def test_everything_lies_within_the_plot(self, pairs):
        one = sample_run.served(
            {"classifier": "a", "review_set": "s", "device": "cpu", "threads": 1, "min_seconds": 1.0, "seed": 0,
             "dtype": "float32", "min_queries": 1, "seconds": 1.0}, batching=True, best=10.0,
        )  # fmt: skip
        trials = tuple(
            one.trials[0].model_copy(update={"rate": rate, "p99": sample_run.percentiles(p99)["p99"]})
            for rate, p99 in pairs
        )

        root = parse(timing_charts.trials(one.model_copy(update={"trials": trials})))

        left, right = timing_charts.LEFT, timing_charts.LEFT + timing_charts.WIDTH
        top, bottom = timing_charts.TOP, timing_charts.TOP + timing_charts.HEIGHT
        for dot in root.iter(f"{SVG}circle"):
            assert left <= float(dot.get("cx")) <= right
            assert top <= float(dot.get("cy")) <= bottom
        for text in root.iter(f"{SVG}text"):
            assert not re.search("nan|inf", text.text)
