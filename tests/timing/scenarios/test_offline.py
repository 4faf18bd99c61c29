"""Offline: whole passes through the set, in windows, and throughput alone."""

from __future__ import annotations

import numpy as np
import pytest

from harness.records import ScenarioRecord
from harness.timing.scenarios import offline, run

from .fakes import FakeClassifier, FakeClock, constant, rules, texts


def measured(reviews: list[str], **changed: float) -> tuple[ScenarioRecord, FakeClassifier]:
    fake = FakeClassifier(FakeClock(), constant(0.25), token_budget=20)
    outcome = run("offline", fake, reviews, rules(**changed), ids=("c", "r"), clock=fake.clock)
    assert outcome.queries is None
    return outcome.record, fake


class TestOffline:
    def test_counts_reviews_and_tokens_by_the_seconds(self):
        # Ten reviews of 10 tokens, two in a pass: 1.25 s each time through the set.
        record, _ = measured(texts(*[10] * 10), min_seconds=5.0, min_queries=1)

        assert (record.queries, record.seconds) == (40, pytest.approx(5.0))
        assert record.reviews_per_s == pytest.approx(8.0)
        assert record.tokens_per_s == pytest.approx(80.0)
        assert record.mean_batch == pytest.approx(2.0)

    def test_has_no_latency_and_no_file_of_it(self):
        record, _ = measured(texts(*[10] * 10))

        assert (record.latency, record.latencies, record.trials) == ({}, "", ())
        assert (record.rate, record.bound_seconds) == (None, None)
        assert record.unmet == ()

    def test_goes_through_the_whole_set_until_there_are_enough_queries(self):
        record, _ = measured(texts(*[10] * 30), min_seconds=0.001, min_queries=70)

        assert record.queries == 90

    def test_goes_through_the_whole_set_even_where_less_would_do(self):
        record, _ = measured(texts(*[10] * 30), min_seconds=0.001, min_queries=1)

        assert record.queries == 30

    def test_takes_the_reviews_in_windows_in_their_order(self, monkeypatch):
        monkeypatch.setattr(offline, "WINDOW", 4)
        reviews = texts(2, 9, 3, 4, 5, 5)
        _, fake = measured(reviews, min_seconds=0.001, min_queries=12)

        assert fake.tokenized[-12:] == reviews * 2
        # A batch holds reviews of like length of one window, the longest first.
        assert [lengths.tolist() for lengths in fake.passes[-6:]] == [[9, 4], [3, 2], [5, 5]] * 2

    def test_counts_the_passes_of_uneven_batches(self):
        record, fake = measured(texts(*range(1, 11)), min_seconds=0.001, min_queries=10)

        warmed = 10  # nine lengths, one batch
        assert record.mean_batch == pytest.approx(10 / (len(fake.passes) - warmed))
        assert np.concatenate(fake.passes[warmed:]).sum() == 55
