"""The server scenario: the highest rate within the bound, with batching and without, or why there is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.records import ScenarioRecord
from harness.timing.scenarios import draws, run, search, server
from harness.timing.scenarios.search import highest

from .fakes import FakeClassifier, FakeClock, constant, rules, texts

REVIEWS = texts(*[4] * 120)


def measured(
    service: Callable[[np.ndarray], float], *, batching: bool = False, token_budget: int = 64, **changed: float
) -> ScenarioRecord:
    clock = FakeClock()
    fake = FakeClassifier(clock, service, token_budget=token_budget)
    return run("server", fake, REVIEWS, rules(**changed), ids=("c", "r"), batching=batching, clock=clock).record


def p99_alone(rate: float, service: float, seed: int = 3) -> float:
    """p99 at a rate of a server whose answers take so long, from the arrivals alone."""
    scheduled = draws.arrivals(draws.gaps(seed), rate, 40.0, 100)
    walk = np.concatenate([[0.0], np.cumsum(service - np.diff(scheduled))])
    latencies = walk - np.minimum.accumulate(walk) + service
    return float(np.quantile(latencies, 0.99, method="inverted_cdf"))


class TestSearch:
    @given(st.floats(0.02, 50.0), st.floats(0.1, 10.0))
    def test_ends_within_5_percent_below_the_threshold(self, threshold: float, start: float) -> None:
        tried: list[float] = []

        found = highest(lambda rate: tried.append(rate) or ("met" if rate <= threshold else "lost"), start, 1000.0)

        if threshold < start / 64:
            assert found is None
        else:
            assert found in tried and found <= threshold < found * search.PRECISION
        assert tried[0] == start and len(tried) < 20

    def test_gives_up_at_once_where_there_is_no_hope(self) -> None:
        tried: list[float] = []

        assert highest(lambda rate: tried.append(rate) or "hopeless", 8.0, 100.0) is None
        assert tried == [8.0]

    def test_gives_up_where_the_queue_cannot_be_the_reason(self) -> None:
        tried: list[float] = []

        assert highest(lambda rate: tried.append(rate) or "lost", 64.0, 100.0) is None
        assert tried == [64, 32, 16, 8, 4, 2, 1]

    def test_tries_no_rate_above_the_most(self) -> None:
        tried: list[float] = []

        assert highest(lambda rate: tried.append(rate) or "met", 8.0, 30.0) == 30.0
        assert tried == [8, 16, 30]


class TestTheHighestRate:
    @pytest.mark.parametrize("service", [0.01, 0.02])
    def test_is_within_5_percent_of_the_threshold(self, service: float) -> None:
        record = measured(constant(service), min_seconds=40.0)

        met = {rate: p99_alone(rate, service) <= 0.1 for rate in np.geomspace(0.2, 1.3, 200) / service}
        # With the same arrivals on a faster clock p99 rises but for a few steps back, as more queries come within 40 s.
        first_lost, last_met = min(rate for rate in met if not met[rate]), max(rate for rate in met if met[rate])
        assert last_met < 1.1 * first_lost
        assert first_lost / search.PRECISION / 1.01 <= record.rate <= last_met * 1.01

    def test_is_that_of_the_best_trial_and_so_are_the_figures(self) -> None:
        record = measured(constant(0.01))

        best = max((trial for trial in record.trials if trial.met), key=lambda trial: trial.rate)
        assert record.rate == best.rate
        assert (record.queries, record.latency["p99"], record.mean_batch) == (best.queries, best.p99, 1.0)
        assert record.reviews_per_s == pytest.approx(record.queries / record.seconds)
        assert record.tokens_per_s == pytest.approx(4 * record.reviews_per_s)
        assert record.bound_seconds == 0.1 and record.latency["p99"].value <= 0.1
        lost = min(trial.rate for trial in record.trials if not trial.met)
        assert lost / record.rate <= search.PRECISION

    def test_search_begins_at_the_rate_of_one_review_after_another(self) -> None:
        record = measured(constant(0.02))

        assert record.trials[0].rate == pytest.approx(50.0)
        # At that rate the queue grows, so half of it is next.
        assert record.trials[1].rate == pytest.approx(25.0)

    def test_trials_that_are_lost_stop_early_and_say_so(self) -> None:
        record = measured(constant(0.02), bound_seconds=0.03)

        lost = [trial for trial in record.trials if not trial.met]
        assert all(trial.p99.value is None for trial in lost)
        assert all(trial.p99.reason.startswith(f"stopped after {trial.queries} of ") for trial in lost)
        assert all(trial.p99.value <= 0.03 for trial in record.trials if trial.met)

    def test_is_raised_by_batching_where_a_pass_takes_the_same_whatever_it_holds(self) -> None:
        alone = measured(constant(0.02))
        together = measured(constant(0.02), batching=True, token_budget=64)

        # 16 reviews of 4 tokens fill the budget, so that up to 800 a second could be answered.
        # Over two seconds, a queue that grows by 5 % stays within the bound of 0.1 s.
        assert 5 * alone.rate < together.rate < 800 * 1.05
        assert together.mean_batch > 5 and alone.mean_batch == 1

    def test_is_not_raised_by_batching_where_every_token_costs_the_same(self) -> None:
        def by_token(lengths: np.ndarray) -> float:
            return 0.0025 * float(lengths.sum())

        alone, together = measured(by_token), measured(by_token, batching=True, token_budget=8)

        assert together.rate < 1.15 * alone.rate


class TestNoRate:
    def test_where_a_review_alone_takes_too_long(self) -> None:
        record = measured(constant(0.15))

        assert (record.rate, record.reviews_per_s, record.tokens_per_s) == (None, None, None)
        assert len(record.trials) == 1 and not record.trials[0].met
        assert record.unmet[0] == "no rate keeps p99 within the bound of 100 ms: a review alone takes 150 ms (median)"
        assert record.latency["p99"].value is None

    def test_where_some_reviews_alone_take_too_long(self) -> None:
        times = iter([0.01, 0.01, 0.01, 0.01, 0.3] * 1000)
        record = measured(lambda lengths: next(times))

        assert record.reviews_per_s is None
        assert record.unmet[0] == (
            "no rate keeps p99 within the bound of 100 ms: more than 1 % of the reviews take longer alone"
        )

    def test_where_a_queue_is_enough_to_lose_it_says_down_to_which_rate(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(search, "HALVINGS", 2)
        # Every answer takes 60 ms, so that one that waits for more than 40 ms is over the bound.
        record = measured(constant(0.06), bound_seconds=0.061)

        assert record.reviews_per_s is None
        assert [trial.rate for trial in record.trials] == pytest.approx([1 / 0.06, 1 / 0.12, 1 / 0.24])
        assert record.unmet[0] == "no rate down to 4.167 reviews/s keeps p99 within the bound of 61 ms"


class TestAnEndlessRate:
    def test_ends_where_a_trial_would_need_too_many_queries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(server, "MOST_QUERIES", 1000)
        record = measured(constant(0.0015))

        assert record.rate == 500.0
        assert record.unmet == ("the bound was not lost at 500 reviews/s yet, the highest rate that was tried",)


class TestShortTrials:
    def test_say_by_how_much_the_rate_may_be_too_high(self) -> None:
        short, long = measured(constant(0.02), min_seconds=1.0), measured(constant(0.02), min_seconds=2.0)

        assert short.unmet[-1] == (
            "a queue that grows over 1 s may stay within the bound of 100 ms: the rate may be 10% too high; "
            "a longer --min-duration tells"
        )
        assert not any("grows" in line for line in long.unmet)


class TestAGivenRate:
    def test_is_the_only_trial(self) -> None:
        record = measured(constant(0.01), rate=40.0)

        assert [trial.rate for trial in record.trials] == [40.0] == [record.rate]
        assert record.trials[0].met
        assert record.reviews_per_s == pytest.approx(40, rel=0.3)
        assert record.seconds >= 2 and record.queries >= 100

    def test_that_is_too_high_is_measured_to_the_end(self) -> None:
        record = measured(constant(0.01), rate=110.0, min_seconds=10.0)

        assert record.latency["p99"].value > 0.1
        assert (record.reviews_per_s, record.rate) == (None, 110.0)
        p99 = record.latency["p99"].value * 1000
        assert record.unmet[0] == (f"p99 at 110 reviews/s is not within the bound of 100 ms: it is {p99:,.0f} ms")

    def test_that_is_far_too_high_is_stopped(self) -> None:
        record = measured(constant(0.01), rate=1000.0)

        assert record.seconds == pytest.approx(4, rel=0.05)
        assert record.queries < 450
        assert record.unmet[0].startswith(
            f"p99 at 1,000 reviews/s is not within the bound of 100 ms: stopped after {record.queries:,} of "
        )
        assert {metric.value for metric in record.latency.values()} == {None}


class TestTheIntervalOfP99:
    def test_that_is_missing_is_a_reason_for_distrust(self) -> None:
        record = measured(constant(0.01), rate=10.0)

        reason = record.latency["p99"].interval_reason
        assert "do not reach beyond the quantile: 368 would" in reason
        assert record.unmet == (f"p99 at 10 reviews/s has no interval: {reason}; a longer --min-duration gives one",)

    def test_that_holds_the_bound_is_too(self) -> None:
        clear = measured(constant(0.01), rate=30.0, min_seconds=60.0)
        p99 = clear.latency["p99"]
        assert clear.unmet == () and p99.low < p99.value < p99.high

        near = measured(constant(0.01), rate=30.0, min_seconds=60.0, bound_seconds=p99.value)

        assert near.trials[0].met
        assert near.unmet == (
            f"p99 at 30 reviews/s may lie on either side of the bound of {p99.value * 1000:.3g} ms: its interval is "
            f"{p99.low * 1000:.3g} ms to {p99.high * 1000:.3g} ms; a longer --min-duration narrows it",
        )
