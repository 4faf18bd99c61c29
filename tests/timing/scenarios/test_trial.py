"""The server scenario at one rate: the queue is exact, whatever the classifier takes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.timing.scenarios import draws
from harness.timing.scenarios.trial import Load, Served, serve
from harness.timing.scenarios.waiting import Alone, Together, fitting

from .fakes import FakeClassifier, FakeClock, constant, rules, scene, texts

REVIEWS = texts(*range(1, 31))


def load(rate: float, min_queries: int, *, seed: int = 3, reviews: int = 30) -> Load:
    scheduled = draws.arrivals(draws.gaps(seed), rate, 0.001, min_queries)
    return Load(rate, scheduled, draws.reviews(reviews, seed).first(len(scheduled)))


def served(
    fake: FakeClassifier, planned: Load, *, together: bool = False, bound: float = 1e9, patience: float = 0.0
) -> Served:
    at = scene(fake, REVIEWS, rules(bound_seconds=bound))
    worker = (Together if together else Alone)(at, planned.review)
    return serve(at, planned, worker, patience=patience)


def waits_by_lindley(scheduled: np.ndarray, service: np.ndarray) -> np.ndarray:
    """(Q,) seconds before each answer begins: what is left of the one before it (Lindley 1952, the slow definition)."""
    waits = np.zeros(len(scheduled))
    for place in range(1, len(scheduled)):
        free = scheduled[place - 1] + waits[place - 1] + service[place - 1]
        waits[place] = max(0.0, free - scheduled[place])
    return waits


class TestAlone:
    @given(st.floats(1.0, 300.0), st.integers(0, 50))
    @settings(max_examples=12)
    def test_each_query_waits_for_what_is_left_of_those_before_it(self, rate: float, seed: int) -> None:
        fake = FakeClassifier(FakeClock(), lambda lengths: 0.001 * float(lengths[0]))
        planned = load(rate, 200, seed=seed)

        queries = served(fake, planned).queries

        work = 0.001 * queries.tokens
        expected = waits_by_lindley(planned.scheduled, work) + work
        np.testing.assert_allclose(queries.latencies, expected, atol=1e-9)
        assert (queries.started >= queries.scheduled).all()

    @pytest.mark.parametrize("utilisation", [0.3, 0.6])
    def test_the_mean_wait_is_that_of_pollaczek_and_khinchine(self, utilisation: float) -> None:
        # M/D/1: ρ s ÷ (2 (1 - ρ)), for service of s seconds (Pollaczek 1930, Khinchine 1932).
        fake = FakeClassifier(FakeClock(), constant(0.01))

        queries = served(fake, load(utilisation / 0.01, 12_000)).queries

        expected = utilisation * 0.01 / (2 * (1 - utilisation))
        waits = queries.started - queries.scheduled
        # The standard error, by means of 40 blocks of neighbours, since waits depend on each other.
        error = waits.reshape(40, -1).mean(axis=1).std(ddof=1) / np.sqrt(40)
        assert waits.mean() == pytest.approx(expected, abs=4 * error)
        assert error < 0.1 * expected

    def test_a_slow_answer_counts_for_all_that_arrive_meanwhile(self) -> None:
        """Ten queries a second apart by 0.01 s; the first takes a second, the others no time."""
        times = iter([1.0] + [0.0] * 9)
        fake = FakeClassifier(FakeClock(), lambda lengths: next(times))
        planned = Load(100.0, np.arange(10) * 0.01, np.zeros(10, np.int64))

        queries = served(fake, planned).queries

        np.testing.assert_allclose(queries.latencies, 1.0 - np.arange(10) * 0.01)

    def test_tokenization_is_part_of_the_latency(self) -> None:
        fake = FakeClassifier(FakeClock(), constant(0.01), tokenizing=0.002)
        planned = Load(1.0, np.array([0.0, 1.0]), np.zeros(2, np.int64))

        np.testing.assert_allclose(served(fake, planned).queries.latencies, 0.012)


class TestTogether:
    def test_those_that_wait_are_answered_in_one_pass_the_oldest_first(self) -> None:
        fake = FakeClassifier(FakeClock(), constant(1.0), token_budget=20)
        # Lengths 2, 5, 4, 9, 1: the first comes alone; then 5, 4 and 9 wait, and 9 would make it 27 tokens.
        planned = Load(9.0, np.array([0.0, 0.1, 0.2, 0.3, 1.5]), np.array([1, 4, 3, 8, 0]))

        queries = served(fake, planned, together=True).queries

        assert [lengths.tolist() for lengths in fake.passes] == [[2], [5, 4], [9, 1]]
        assert queries.batch_size.tolist() == [1, 2, 2, 2, 2]
        np.testing.assert_allclose(queries.answered, [1, 2, 2, 3, 3])
        assert queries.mean_batch == pytest.approx(5 / 3)

    def test_a_review_longer_than_the_budget_is_answered_alone(self) -> None:
        fake = FakeClassifier(FakeClock(), constant(1.0), token_budget=8)
        planned = Load(9.0, np.array([0.0, 0.1, 0.2]), np.array([0, 29, 0]))

        served(fake, planned, together=True)

        assert [lengths.tolist() for lengths in fake.passes] == [[1], [30], [1]]

    @given(st.integers(0, 100), st.floats(10.0, 5000.0), st.integers(1, 120))
    @settings(max_examples=25)
    def test_every_query_is_tokenized_once_answered_once_in_order_and_within_the_budget(
        self, seed: int, rate: float, token_budget: int
    ) -> None:
        fake = FakeClassifier(FakeClock(), constant(0.01), token_budget=token_budget, tokenizing=0.0001)
        planned = load(rate, 150, seed=seed)

        queries = served(fake, planned, together=True).queries

        assert fake.tokenized == [REVIEWS[place] for place in planned.review]
        assert len(queries) == len(planned)
        assert queries.tokens.tolist() == (planned.review + 1).tolist()
        assert (np.diff(queries.answered) >= 0).all()
        assert all(len(lengths) == 1 or len(lengths) * lengths.max() <= token_budget for lengths in fake.passes)
        # No pass has left out a query that had come and would have fitted.
        ends = np.cumsum([len(lengths) for lengths in fake.passes])
        for end, lengths in zip(ends[:-1], fake.passes, strict=False):
            following = queries.tokens[end]
            waited = queries.scheduled[end] <= queries.started[end - 1]
            assert not waited or (len(lengths) + 1) * max(lengths.max(), following) > token_budget

    def test_one_pass_holds_what_the_classifier_would_plan_as_one(self) -> None:
        lengths = np.array([3, 9, 4, 3, 30], np.int32)

        assert [fitting(lengths, budget) for budget in (1, 3, 18, 26, 27, 36, 149, 150)] == [1, 1, 2, 2, 3, 4, 4, 5]


class TestServed:
    def test_stops_where_the_bound_is_lost_beyond_doubt(self) -> None:
        # The classifier keeps up with 100 a second, and 1,000 come; p99 of 1,000 queries allows 10 over the bound.
        fake = FakeClassifier(FakeClock(), constant(0.01))

        found = served(fake, load(1000.0, 1000), bound=0.1)

        assert (found.met, found.whole) == (False, False)
        # After 0.13 s or so, some 12 are answered, and a dozen have waited for longer than the bound.
        assert len(found.queries) < 50
        assert found.over > found.load.spare == 10
        metric = found.percentiles(0.95)["p99"]
        assert metric.value is None
        assert metric.reason == (
            f"stopped after {len(found.queries)} of 1,000 queries: {found.over} were over the bound of 100 ms by then, "
            "and p99 allows 10"
        )

    def test_does_not_stop_before_its_patience_ends(self) -> None:
        fake = FakeClassifier(FakeClock(), constant(0.01))

        found = served(fake, load(200.0, 1000), bound=0.1, patience=8.0)

        assert found.queries.seconds == pytest.approx(8.0, abs=0.02)
        assert served(fake, load(200.0, 1000), bound=0.1, patience=60.0).whole

    @given(st.integers(0, 30), st.floats(20.0, 99.0))
    @settings(max_examples=10)
    def test_is_met_exactly_where_p99_is_within_the_bound(self, seed: int, rate: float) -> None:
        fake = FakeClassifier(FakeClock(), constant(0.01))
        planned = load(rate, 400, seed=seed)
        whole = served(fake, planned)
        p99 = np.quantile(whole.queries.latencies, 0.99, method="inverted_cdf")

        for bound in (0.5 * p99, 0.99 * p99, p99, 1.01 * p99):
            found = served(FakeClassifier(FakeClock(), constant(0.01)), planned, bound=bound)
            assert found.met == (p99 <= bound)

    def test_hopeless_is_only_what_reviews_alone_take_too_long_for(self) -> None:
        slow = served(FakeClassifier(FakeClock(), constant(0.2)), load(0.5, 100), bound=0.1)
        crowded = served(FakeClassifier(FakeClock(), constant(0.05)), load(100.0, 100), bound=0.1)

        assert not slow.met and slow.hopeless
        assert not crowded.met and not crowded.hopeless

    def test_the_record_of_a_trial(self) -> None:
        found = served(FakeClassifier(FakeClock(), constant(0.01)), load(10.0, 1000), bound=0.1)

        record = found.record(0.95)

        assert (record.rate, record.queries, record.met, record.mean_batch) == (10.0, 1000, True, 1.0)
        assert record.p99 == found.percentiles(0.95)["p99"]
        assert record.p99.method == "order statistics, less for dependence"


class TestArrivals:
    def test_the_last_one_reaches_the_least_duration(self) -> None:
        scheduled = draws.arrivals(draws.gaps(1), 50.0, 10.0, 100)

        assert scheduled[0] == 0 and scheduled[-2] < 10.0 <= scheduled[-1]
        assert (np.diff(scheduled) > 0).all()

    def test_there_are_at_least_so_many(self) -> None:
        assert len(draws.arrivals(draws.gaps(1), 0.5, 1.0, 100)) == 100
        assert len(draws.arrivals(draws.gaps(1), 0.5, 1.0, 1)) >= 2

    def test_come_at_the_rate_and_at_random(self) -> None:
        gaps = np.diff(draws.arrivals(draws.gaps(1), 50.0, 1.0, 20_000))

        # Exponential: mean and standard deviation are both 1 ÷ rate.
        assert gaps.mean() == pytest.approx(0.02, rel=0.03)
        assert gaps.std() == pytest.approx(0.02, rel=0.03)

    def test_are_those_of_another_rate_on_a_faster_clock(self) -> None:
        slow, fast = (draws.arrivals(draws.gaps(1), rate, 0.1, 9000) for rate in (1.0, 8.0))

        np.testing.assert_allclose(slow[:9000], 8 * fast[:9000])

    @given(st.lists(st.integers(1, 12_000), min_size=1, max_size=5))
    @settings(max_examples=10)
    def test_draws_begin_alike_however_many_are_asked_for(self, counts: list[int]) -> None:
        in_steps, at_once = draws.reviews(1410, 7), draws.reviews(1410, 7)
        most = at_once.first(max(counts))

        for count in counts:
            assert in_steps.first(count).tolist() == most[:count].tolist()
        assert most.min() >= 0 and most.max() < 1410
