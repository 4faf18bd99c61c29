"""Single-stream: the next query is issued when the last is answered, and its latency is the work alone."""

from __future__ import annotations

import numpy as np
import pytest

from harness.records import Metric
from harness.timing.scenarios import Outcome, draws, run

from .fakes import FakeClassifier, FakeClock, rules, texts

REVIEWS = texts(*range(1, 101))


def measured(**changed: float) -> tuple[Outcome, FakeClassifier]:
    """A token takes a millisecond."""
    clock = FakeClock()
    fake = FakeClassifier(clock, lambda lengths: 0.001 * float(lengths.sum()), token_budget=1000)
    return run("single-stream", fake, REVIEWS, rules(**changed), ids=("c", "r"), clock=clock), fake


class TestSingleStream:
    def test_latency_is_the_work_of_the_review(self):
        outcome, _ = measured()

        np.testing.assert_allclose(outcome.queries.latencies, 0.001 * outcome.queries.tokens)
        assert outcome.queries.batch_size.tolist() == [1] * len(outcome.queries)
        assert outcome.record.mean_batch == 1

    def test_draws_reviews_with_replacement_by_the_seed(self):
        outcome, fake = measured(seed=5)

        expected = draws.reviews(100, 5).first(len(outcome.queries))
        assert outcome.queries.review.tolist() == expected.tolist()
        assert fake.tokenized[-len(outcome.queries) :] == [REVIEWS[place] for place in expected]
        assert len(set(expected.tolist())) < len(expected)

    def test_another_seed_is_another_order(self):
        assert measured(seed=5)[0].queries.review[:20].tolist() != measured(seed=6)[0].queries.review[:20].tolist()

    def test_lasts_until_both_minimums_are_met(self):
        long, _ = measured(min_seconds=8.0, min_queries=1)
        many, _ = measured(min_seconds=0.001, min_queries=500)

        assert 8.0 <= long.record.seconds < 8.1
        assert many.record.queries == 500
        assert long.record.unmet == many.record.unmet == ()

    def test_counts_reviews_and_tokens_by_the_seconds(self):
        record = measured()[0].record

        assert record.reviews_per_s == pytest.approx(record.queries / record.seconds)
        assert record.tokens_per_s == pytest.approx(1000)

    def test_percentiles_are_observed_latencies_with_their_intervals(self):
        outcome, _ = measured(min_queries=5000)
        latency = outcome.record.latency

        assert [round(latency[name].value, 3) for name in ("p50", "p90", "p99")] == pytest.approx(
            [0.05, 0.09, 0.099], abs=0.0021
        )
        for metric in latency.values():
            assert metric.low <= metric.value <= metric.high
            assert metric.value in outcome.queries.latencies

    def test_of_too_few_queries_p99_says_how_many_would_do(self):
        latency = measured(min_seconds=0.001, min_queries=100)[0].record.latency

        assert latency["p99"].value is not None
        assert latency["p99"].interval_reason.endswith("do not reach beyond the quantile: 368 would")
        assert isinstance(latency["p50"], Metric) and latency["p50"].low is not None
