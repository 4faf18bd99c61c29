from __future__ import annotations

import pytest
from support import sample_run

from harness.records import Metric, ReliabilityBin
from harness.report import reliability_table
from harness.report.reliability_table import LEGEND, bands, table

from .printing import coloured, drawn, printed


def one_bin(
    low: float, count: int, says: float | None, right: float | None, interval: tuple[float, float] | None = None
) -> ReliabilityBin:
    """A bin of a tenth."""
    if right is None:
        accuracy = Metric(value=None, reason="the bin is empty")
    elif interval is None:
        accuracy = Metric(value=right, interval_reason="not here")
    else:
        accuracy = Metric(value=right, low=interval[0], high=interval[1], method="Wilson")
    return ReliabilityBin(low=low, high=round(low + 0.1, 2), count=count, mean_confidence=says, accuracy=accuracy)


OVER = one_bin(0.9, 412, 0.94, 0.88, (0.845, 0.908))
UNDER = one_bin(0.8, 400, 0.83, 0.9, (0.87, 0.93))
WITHIN = one_bin(0.7, 400, 0.76, 0.75, (0.70, 0.79))
EMPTY = one_bin(0.6, 0, None, None)


@pytest.fixture(scope="module")
def bins():
    return sample_run.sample(reviews=600).run.evaluations[0].reliability


class TestTable:
    def test_each_bin_has_a_line_with_its_figures_its_bar_and_which_way_it_errs(self):
        assert drawn(table([EMPTY, WITHIN, UNDER, OVER])) == [
            "confidence  reviews    says  is right",
            "──────────────────────────────────────────────────────────────────────────────",
            "0.70–0.80       400  76.0 %    75.0 %  ▕███████████████│    ▏",
            "0.80–0.90       400  83.0 %    90.0 %  ▕████████████████│█  ▏  under-confident",
            "0.90–1.00       412  94.0 %    88.0 %  ▕█████████████████▋│ ▏  over-confident",
            LEGEND,
        ]

    def test_nothing_is_said_of_few_reviews_or_without_an_interval(self):
        few = OVER.model_copy(update={"count": reliability_table.FEW - 1})
        without = one_bin(0.9, 412, 0.94, 0.2)

        assert [each.verdict for each in bands([few, without])] == ["", ""]

    def test_fits_80_columns_and_reads_the_same_without_colour(self, bins):
        text = printed(table(bins), lambda part, console: console.print(part))

        assert max(map(len, text.splitlines())) <= 80
        assert coloured(table(bins), lambda part, console: console.print(part)) == text


class TestBands:
    def test_bins_without_a_review_are_left_out(self):
        assert [each.low for each in bands([EMPTY, OVER])] == [0.9]

    def test_no_review_is_lost_where_lower_bins_are_put_together(self, bins):
        few = bands(bins, most=4)

        assert len(few) == 4
        assert sum(each.reviews for each in few) == 600
        assert few[-2:] == bands(bins)[-2:]
        assert [each.low for each in few[1:]] == [each.high for each in few[:-1]]

    def test_bins_that_are_put_together_have_the_means_of_their_reviews(self):
        (both,) = bands([one_bin(0.7, 300, 0.72, 0.6), one_bin(0.8, 100, 0.88, 1.0)], most=1)

        assert (both.low, both.high, both.reviews, both.verdict) == (0.7, 0.9, 400, "")
        assert both.says == pytest.approx(0.76)
        assert both.right == pytest.approx(0.7)

    def test_nothing_measured_has_no_band(self):
        assert bands([EMPTY]) == []
