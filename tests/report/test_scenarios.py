from __future__ import annotations

import pytest
from support import sample_run

from harness.records import Metric
from harness.report import scenarios, terminal

from .printing import printed


@pytest.fixture(scope="module")
def run():
    return sample_run.sample(sets=(), timings=False, scenarios=True).run


def server(run, **changes):
    return run.scenarios[3].model_copy(update=changes)


class TestOutcome:
    def test_is_the_highest_rate_within_the_bound(self, run):
        assert scenarios.outcome(server(run), {}) == (
            "p99 stays within 110 ms up to 80.0 reviews/s, with 4.00 reviews in a forward pass on average."
        )

    def test_of_a_bound_that_no_rate_keeps_is_said(self, run):
        lost = server(run, rate=None, reviews_per_s=None)

        assert scenarios.outcome(lost, {}) == "No rate that was tried keeps p99 within 110 ms."

    @pytest.mark.parametrize(("reviews_per_s", "said"), [(40.0, "is within"), (None, "is not within")])
    def test_of_a_rate_that_was_asked_for_is_whether_it_is_kept(self, run, reviews_per_s, said):
        asked = server(run, rate=40.0, reviews_per_s=reviews_per_s, batching=False)

        assert scenarios.outcome(asked, {"arrival_rate": 40.0}) == f"At 40.0 reviews/s, as asked, p99 {said} 110 ms."

    def test_scenario_without_a_bound_has_none(self, run):
        assert scenarios.outcome(run.scenarios[0], {}) == ""


class TestUnmet:
    def test_rules_are_sentences(self, run):
        found = server(run, unmet=("the bound was not lost at 40 reviews/s yet", "p99 at 40 reviews/s has no interval"))

        assert scenarios.unmet(found) == (
            "The bound was not lost at 40 reviews/s yet.", "p99 at 40 reviews/s has no interval.",
        )  # fmt: skip


class TestTables:
    def test_summary_has_a_row_for_each_scenario_with_its_latencies(self, run):
        text = printed(run, terminal.summary)
        rows = [line.split() for line in text.splitlines()]

        assert "builtin (float32) on cpu, shop" in text
        assert ["offline", "147", "5,439", "–", "–", "–"] in rows
        assert ["server,", "batching", "80.0", "2,960", "40.0", "ms", "52.0", "ms", "100", "ms"] in rows
        assert ["38.0–43.2", "ms", "49.4–56.2", "ms", "95.0–108", "ms"] in rows
        assert "• server, alone: p99 at 40 reviews/s may lie on either side of the bound of 110" in text
        assert "every rate" not in text

    def test_show_lists_every_rate_that_was_tried(self, run):
        text = printed(run, terminal.tables)
        rows = [line.split() for line in text[text.index("server, batching: every rate") :].splitlines()]

        assert rows[3] == ["20.0", "1,000", "13.8", "ms", "13.1–14.9", "ms", "1.00", "within"]
        assert rows[7] == ["100", "1,000", "–", "–", "5.00", "over"]

    def test_three_intervals_with_a_unit_at_each_end_fit_80_columns_whole(self, run):
        wide = Metric(value=0.001, low=0.00099, high=0.00102, method="ranks")
        one = run.scenarios[3].model_copy(update={"latency": {"p50": wide, "p90": wide, "p99": wide}})

        text = printed(run.model_copy(update={"scenarios": (one,)}), terminal.summary)

        assert text.count("990 µs–1.02 ms") == 3
        assert max(map(len, text.splitlines())) <= 80

    def test_fits_80_columns(self, run):
        assert max(map(len, printed(run, terminal.tables).splitlines())) <= 80

    def test_random_weights_are_said(self, run):
        random = run.classifiers[0].model_copy(update={"timing_only": True})

        text = printed(run.model_copy(update={"classifiers": (random,)}), terminal.summary)

        assert ", shop\nrandom weights: only its times mean something\n" in text
